"""What is due on a pay: the contributions of the general scheme, line by line.

The table says *on what* and *when* each contribution is due; its rates and its French
label are rows of ``cae.payroll.rate`` named by ``employer`` and ``employee``.
Groups are those of the clarified payslip (arrêté of 25/02/2016), in its order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Group(str, Enum):
    HEALTH = "health"
    ACCIDENT = "accident"
    PENSION = "pension"
    FAMILY = "family"
    UNEMPLOYMENT = "unemployment"
    OTHER = "other"
    CSG_DEDUCTIBLE = "csg_deductible"
    CSG_TAXABLE = "csg_taxable"
    RELIEF = "relief"


class Base(str, Enum):
    """What a rate applies to; P is the ceiling ``pmss``, by months of the year."""

    TOTAL = "total"
    UP_TO_P = "up_to_p"
    P_TO_8P = "p_to_8p"
    UP_TO_4P = "up_to_4p"
    CET = "cet"  # up to 8P, and only when the gross is above P
    ACCIDENT = "accident"  # total; a flat base for a CAPE without pay
    HEALTH = "health"  # the complementary health premium
    PROVIDENT = "provident"  # the fixed amount of the provident scheme
    PROTECTION = "protection"  # what the employer pays for health and provident cover
    CSG = "csg"  # gross less an abatement up to 4P, plus PROTECTION
    # Total, and only when the pay exceeds the limit of a reduced rate:
    ABOVE_SICKNESS = "above_sickness"
    ABOVE_FAMILY = "above_family"


@dataclass(frozen=True, slots=True)
class Contribution:
    """One line of the payslip.

    :param employer: code of the employer's rate, empty when the employer owes none
    :param employee: code of the employee's rate, likewise
    :param executive: due for executives only
    :param local: due in Alsace-Moselle only
    :param reaches: due from the headcount this parameter gives
    :param below: due under the headcount this parameter gives
    :param given: due while the data give this parameter
    :param reduced: the general reduction covers it
    :param cape: due on the pay of a CAPE
    :param taxed: its amount is added back to the taxable net: the ``employee``'s
        (not deductible) or the ``employer``'s (a benefit)
    """

    code: str
    group: Group
    base: Base
    employer: str = ""
    employee: str = ""
    executive: bool = False
    local: bool = False
    reaches: str = ""
    below: str = ""
    given: str = ""
    reduced: bool = False
    cape: bool = False
    taxed: str = ""

    @property
    def labelled_by(self) -> str:
        return self.employer or self.employee


_C, _G, _B = Contribution, Group, Base

CONTRIBUTIONS: tuple[Contribution, ...] = (
    _C("SS_MALADIE", _G.HEALTH, _B.TOTAL, "ss_maladie_er", reduced=True, cape=True),
    _C(
        "SS_MALADIE_PLUS",
        _G.HEALTH,
        _B.ABOVE_SICKNESS,
        "ss_maladie_more_er",
        given="sickness_limit",
        cape=True,
    ),
    _C("SS_MALADIE_AM", _G.HEALTH, _B.TOTAL, "", "ss_maladie_am_ee", local=True),
    _C(
        "PREV_CADRE",
        _G.HEALTH,
        _B.UP_TO_P,
        "prev_cadre_er",
        executive=True,
        taxed="employer",
    ),
    _C("PREVOYANCE", _G.HEALTH, _B.UP_TO_P, "provident_er", "provident_ee"),
    _C(
        "PREVOYANCE_FORFAIT",
        _G.HEALTH,
        _B.PROVIDENT,
        "provident_fixed_er",
        "provident_fixed_ee",
    ),
    _C("MUTUELLE", _G.HEALTH, _B.HEALTH, "health_er", "health_ee", taxed="employer"),
    _C("SS_ATMP", _G.ACCIDENT, _B.ACCIDENT, "ss_atmp_er", reduced=True, cape=True),
    _C(
        "SS_VIEIL_PLAF",
        _G.PENSION,
        _B.UP_TO_P,
        "ss_vieil_plaf_er",
        "ss_vieil_plaf_ee",
        reduced=True,
        cape=True,
    ),
    _C(
        "SS_VIEIL_DEPL",
        _G.PENSION,
        _B.TOTAL,
        "ss_vieil_depl_er",
        "ss_vieil_depl_ee",
        reduced=True,
        cape=True,
    ),
    _C("AA_T1", _G.PENSION, _B.UP_TO_P, "aa_t1_er", "aa_t1_ee", reduced=True),
    _C("CEG_T1", _G.PENSION, _B.UP_TO_P, "ceg_t1_er", "ceg_t1_ee", reduced=True),
    _C("AA_T2", _G.PENSION, _B.P_TO_8P, "aa_t2_er", "aa_t2_ee"),
    _C("CEG_T2", _G.PENSION, _B.P_TO_8P, "ceg_t2_er", "ceg_t2_ee"),
    _C("CET", _G.PENSION, _B.CET, "cet_er", "cet_ee"),
    _C("SS_FAMILLE", _G.FAMILY, _B.TOTAL, "ss_famille_er", reduced=True, cape=True),
    _C(
        "SS_FAMILLE_PLUS",
        _G.FAMILY,
        _B.ABOVE_FAMILY,
        "ss_famille_more_er",
        given="family_limit",
        cape=True,
    ),
    _C("CHOMAGE", _G.UNEMPLOYMENT, _B.UP_TO_4P, "chomage_er", reduced=True, cape=True),
    _C("AGS", _G.UNEMPLOYMENT, _B.UP_TO_4P, "ags_er"),
    _C("APEC", _G.UNEMPLOYMENT, _B.UP_TO_4P, "apec_er", "apec_ee", executive=True),
    _C("FNAL", _G.OTHER, _B.UP_TO_P, "fnal_lt50", below="headcount_fnal", reduced=True),
    _C("FNAL", _G.OTHER, _B.TOTAL, "fnal_ge50", reaches="headcount_fnal", reduced=True),
    _C("SS_CSA", _G.OTHER, _B.TOTAL, "ss_csa_er", reduced=True),
    _C("CFP", _G.OTHER, _B.TOTAL, "cfp_lt11", below="headcount_cfp"),
    _C("CFP", _G.OTHER, _B.TOTAL, "cfp_ge11", reaches="headcount_cfp"),
    _C("TA", _G.OTHER, _B.TOTAL, "ta_er"),
    _C("CSA_APP", _G.OTHER, _B.TOTAL, "csa_app_0_er", reaches="headcount_csa_app"),
    _C("DIALOGUE", _G.OTHER, _B.TOTAL, "dialogue_er"),
    _C("PEEC", _G.OTHER, _B.TOTAL, "peec_er", reaches="headcount_peec"),
    _C("VM", _G.OTHER, _B.TOTAL, "mobility_er", reaches="headcount_mobility"),
    _C(
        "FORFAIT_SOC",
        _G.OTHER,
        _B.PROTECTION,
        "forfait_social_er",
        reaches="headcount_forfait_social",
    ),
    _C("CSG_DED", _G.CSG_DEDUCTIBLE, _B.CSG, employee="csg_deductible_ee", cape=True),
    _C(
        "CSG_TAX",
        _G.CSG_TAXABLE,
        _B.CSG,
        employee="csg_taxable_ee",
        cape=True,
        taxed="employee",
    ),
    _C(
        "CRDS",
        _G.CSG_TAXABLE,
        _B.CSG,
        employee="crds_ee",
        cape=True,
        taxed="employee",
    ),
)
