"""What is refused, and what is said: checks, explanations, amounts in French."""

import json
import string
from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from cae_base_engine import contribution as engine
from cae_base_engine import contribution_checks, contribution_words, money
from cae_base_engine.contribution import (
    Bracket,
    Exemption,
    MonthFigures,
    Override,
    Rule,
)

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))
STD10 = Rule(key="STD10", label="Contribution", rate=D(10))
FIXED = Rule(key="FIXED", basis="fixed", amount=D(16))
TIERS = (
    Bracket(D(40000), D(11)),
    Bracket(D(80000), D(10)),
    Bracket(None, D(9)),
)

# The French of fr.po, by key, so that the sentences are read as they will be seen.
FRENCH = {
    "period": "de {first} à {last}",
    "base_invoiced": "Chiffre d’affaires facturé, {period} : {base}.",
    "base_collected": "Chiffre d’affaires encaissé, {period} : {base}.",
    "base_gross_margin": (
        "Marge brute, {period} : {invoiced} facturés moins {purchases} d’achats,"
        " soit {base}."
    ),
    "base_value_added": "Valeur ajoutée, {period} : {base}.",
    "internal": "À quoi s’ajoutent les ventes et achats entre activités : {base}.",
    "losses": "Moins les créances perdues et escomptes accordés : {base}.",
    "rate": "{rate} de {base} : {amount}.",
    "bracket_first": "{rate} de {base}, la part jusqu’à {upper} : {amount}.",
    "bracket_middle": "{rate} de {base}, la part de {lower} à {upper} : {amount}.",
    "bracket_last": "{rate} de {base}, la part au-delà de {lower} : {amount}.",
    "bracket_whole": (
        "Avec {reached} depuis le début de l’exercice, le taux est de {rate} :"
        " {rate} de {base}, soit {amount}."
    ),
    "override_rate": "Taux propre ({reason}) : {rate} de {base} : {amount}.",
    "internal_rate": "Ventes entre activités : {rate} de {base} : {amount}.",
    "fixed": "{unit} par mois pendant {units} mois : {amount}.",
    "override_amount": (
        "Montant propre ({reason}) : {unit} par mois pendant {units} mois : {amount}."
    ),
    "not_negative": "La contribution n’est jamais négative : {amount} ajoutés.",
    "floor_month": "Minimum de {bound} pour ces mois : {amount} ajoutés.",
    "floor_month_alone": "Minimum de {bound} pour le mois : {amount} ajoutés.",
    "floor_year": (
        "Minimum de {bound} depuis le début de l’exercice : {amount} ajoutés."
    ),
    "ceiling_month": "Maximum de {bound} pour ces mois : {amount}.",
    "ceiling_month_alone": "Maximum de {bound} pour le mois : {amount}.",
    "ceiling_year": "Maximum de {bound} pour l’exercice : {amount}.",
    "earlier": "Mois précédents, depuis le début de l’exercice : {amount}.",
    "exempt": "Exonération ({reason}) : {months}.",
    "free": "Premiers mois de l’activité, gratuits : {months}.",
    "not_in_force": "Règle pas en vigueur : {months}.",
    "contract": "Règle sans objet pour le contrat {contract} : {months}.",
    "not_open": "Activité pas encore ouverte : {months}.",
    "due": "Dû depuis le début de l’exercice : {due}.",
    "already": "Déjà prélevé : {already}.",
    "charge": "Prélevé pour {month} : {amount}.",
}


def year(*invoiced, **common):
    return [
        MonthFigures(date(2026, month, 1), D(str(value)), **common)
        for month, value in enumerate(invoiced, 1)
    ]


def translate(template):
    key = next(k for k, source in engine.TEMPLATES.items() if source == template)
    return FRENCH[key]


def said(rule, figures, charged=None, **kwargs):
    """The French sentences of the last month, with plain spaces."""
    one = engine.charges(rule, figures, charged, **kwargs)[-1]
    sentences = engine.render(one.explanation, translate)
    return [text.replace("\u202f", " ").replace("\xa0", " ") for text in sentences]


# -- explanations -------------------------------------------------------------------
def test_brackets_in_words():
    rule = Rule(key="r", brackets=TIERS, floor_year=D(2160))
    assert said(rule, year(50000, "45000.50")) == [
        "Chiffre d’affaires facturé, de 01/2026 à 02/2026 : 95 000,50 €.",
        "11 % de 40 000,00 €, la part jusqu’à 40 000,00 € : 4 400,00 €.",
        "10 % de 40 000,00 €, la part de 40 000,00 € à 80 000,00 € : 4 000,00 €.",
        "9 % de 15 000,50 €, la part au-delà de 80 000,00 € : 1 350,05 €.",
        "Dû depuis le début de l’exercice : 9 750,05 €.",
        "Déjà prélevé : 5 400,00 €.",
        "Prélevé pour 02/2026 : 4 350,05 €.",
    ]


def test_floor_in_words():
    rule = Rule(key="r", brackets=TIERS, floor_year=D(2160))
    assert said(rule, year(1000)) == [
        "Chiffre d’affaires facturé, 01/2026 : 1 000,00 €.",
        "11 % de 1 000,00 €, la part jusqu’à 40 000,00 € : 110,00 €.",
        "Minimum de 180,00 € depuis le début de l’exercice : 70,00 € ajoutés.",
        "Dû depuis le début de l’exercice : 180,00 €.",
        "Prélevé pour 01/2026 : 180,00 €.",
    ]


def test_month_alone_in_words():
    rule = Rule(
        key="r",
        basis="gross_margin",
        mode="month",
        rate=D("13.5"),
        floor_month=D(40),
        ceiling_month=D(500),
        ceiling_year=D(520),
    )
    assert said(rule, year(100, 4000, purchases=D(50))) == [
        "Marge brute, 02/2026 : 4 000,00 € facturés moins 50,00 € d’achats,"
        " soit 3 950,00 €.",
        "13,5 % de 3 950,00 € : 533,25 €.",
        "Maximum de 500,00 € pour le mois : -33,25 €.",
        "Mois précédents, depuis le début de l’exercice : 40,00 €.",
        "Maximum de 520,00 € pour l’exercice : -20,00 €.",
        "Dû depuis le début de l’exercice : 520,00 €.",
        "Déjà prélevé : 40,00 €.",
        "Prélevé pour 02/2026 : 480,00 €.",
    ]


def test_credit_in_words():
    assert said(STD10, year(1000, -1500)) == [
        "Chiffre d’affaires facturé, de 01/2026 à 02/2026 : -500,00 €.",
        "10 % de -500,00 € : -50,00 €.",
        "La contribution n’est jamais négative : 50,00 € ajoutés.",
        "Dû depuis le début de l’exercice : 0,00 €.",
        "Déjà prélevé : 100,00 €.",
        "Prélevé pour 02/2026 : -100,00 €.",
    ]


def test_fixed_exempt_and_override_in_words():
    free = Exemption(reason="RSA", date_to=date(2026, 1, 31))
    own = Override(reason="bâtiment", amount=D(25), date_from=MARCH)
    assert said(FIXED, year(0, 0, 0), exemptions=[free], overrides=[own]) == [
        "Exonération (RSA) : 01/2026.",
        "16,00 € par mois pendant 1 mois : 16,00 €.",
        "Montant propre (bâtiment) : 25,00 € par mois pendant 1 mois : 25,00 €.",
        "Dû depuis le début de l’exercice : 41,00 €.",
        "Déjà prélevé : 16,00 €.",
        "Prélevé pour 03/2026 : 25,00 €.",
    ]


def test_prorata_in_words():
    rule = replace(FIXED, prorata="day")
    sentences = said(rule, year(0, opened=date(2026, 1, 15)))
    # 17 of 31 days
    assert sentences[0] == "16,00 € par mois pendant 0,548 mois : 8,77 €."


def test_internal_sales_in_words():
    figures = [MonthFigures(JANUARY, D(1000), internal_sold=D(200))]
    assert said(STD10, figures)[:3] == [
        "Chiffre d’affaires facturé, 01/2026 : 1 000,00 €.",
        "À quoi s’ajoutent les ventes et achats entre activités : 200,00 €.",
        "10 % de 1 200,00 € : 120,00 €.",
    ]
    own = replace(STD10, internal_rate=D(3))
    assert said(own, figures)[1:3] == [
        "10 % de 1 000,00 € : 100,00 €.",
        "Ventes entre activités : 3 % de 200,00 € : 6,00 €.",
    ]


def test_losses_and_free_months_in_words():
    figures = [MonthFigures(JANUARY, D(1000), losses=D(200))]
    assert said(STD10, figures)[1:3] == [
        "Moins les créances perdues et escomptes accordés : 200,00 €.",
        "10 % de 800,00 € : 80,00 €.",
    ]
    free = replace(STD10, free_months=1)
    figures = [MonthFigures(JANUARY, D(1000), opened=JANUARY)]
    assert said(free, figures)[0] == (
        "Premiers mois de l’activité, gratuits : 01/2026."
    )


def test_whole_bracket_and_own_rate_in_words():
    rule = Rule(key="r", brackets=TIERS, bracket_mode="whole")
    own = Override(reason="associée", rate=D(8), date_from=FEBRUARY)
    assert said(rule, year(50000, 1000), overrides=[own])[1:3] == [
        "Avec 50 000,00 € depuis le début de l’exercice, le taux est de 10 % :"
        " 10 % de 50 000,00 €, soit 5 000,00 €.",
        "Taux propre (associée) : 8 % de 1 000,00 € : 80,00 €.",
    ]


def test_months_kept_out_in_words():
    rule = replace(
        STD10, date_from=FEBRUARY, contracts=frozenset({"cesa"}), floor_month=D(5)
    )
    figures = year(100, 100, 100, 100)
    figures[1] = replace(figures[1], contract="cape")
    figures[2] = replace(figures[2], opened=date(2026, 4, 1))
    assert said(rule, figures)[:4] == [
        "Règle pas en vigueur : 01/2026.",
        "Règle sans objet pour le contrat CAPE : 02/2026.",
        "Activité pas encore ouverte : 03/2026.",
        "Chiffre d’affaires facturé, 04/2026 : 100,00 €.",
    ]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (replace(STD10, floor_month=D(50)), "Minimum de 50,00 € pour ces mois"),
        (replace(STD10, ceiling_month=D(5)), "Maximum de 5,00 € pour ces mois"),
        (
            replace(STD10, mode="month", floor_month=D(50)),
            "Minimum de 50,00 € pour le mois",
        ),
        (replace(STD10, basis="collected"), "Chiffre d’affaires encaissé, 01/2026"),
        (replace(STD10, basis="value_added"), "Valeur ajoutée, 01/2026"),
    ],
)
def test_other_sentences(rule, sentence):
    assert any(text.startswith(sentence) for text in said(rule, year(100)))


def test_steps_shown_to_the_cent_add_up():
    """Slices of 33.335 and 33.335 are shown as 33.34 and 33.33: 66.67 due."""
    scale = (Bracket(D("333.35"), D(10)), Bracket(None, D(10)))
    due = engine.due(Rule(key="r", brackets=scale), year("666.70"))
    assert [str(step.amount) for step in due.steps] == ["0.00", "33.34", "33.33"]
    assert due.amount == D("66.67")


def test_stored_form():
    one = engine.charges(STD10, [MonthFigures(JANUARY, D("1234.50"))])[0]
    stored = one.explanation.as_dict()
    assert json.loads(json.dumps(stored)) == stored
    assert stored == {
        "rule": "STD10",
        "label": "Contribution",
        "mode": "to_date",
        "month": "2026-01",
        "steps": [
            {
                "key": "base_invoiced",
                "amount": "0.00",
                "first": "2026-01",
                "last": "2026-01",
                "base": "1234.50",
                "invoiced": "1234.50",
            },
            {"key": "rate", "amount": "123.45", "rate": "10", "base": "1234.50"},
        ],
        "due": "123.45",
        "already": "0.00",
        "amount": "123.45",
    }
    assert engine.render(stored) == engine.render(one.explanation)


def test_own_formats():
    one = engine.charges(STD10, year(1000))[0]
    formats = engine.Formats(
        money=lambda value: f"EUR {value}", month=lambda month: f"{month:%B %Y}"
    )
    assert engine.render(one.explanation, formats=formats)[0] == (
        "Turnover invoiced, January 2026: EUR 1000.00."
    )


def placeholders(template):
    return {name for _text, name, _spec, _conv in string.Formatter().parse(template)}


def test_every_sentence_has_its_french():
    assert FRENCH.keys() == engine.TEMPLATES.keys()
    for key, template in engine.TEMPLATES.items():
        assert placeholders(FRENCH[key]) == placeholders(template), key


def test_every_value_of_a_sentence_has_a_format():
    known = contribution_words.MONEY_VALUES | contribution_words.MONTH_VALUES
    known |= {"rate", "units", "months", "reason", "contract", "period", None}
    for template in engine.TEMPLATES.values():
        assert placeholders(template) <= known


# -- checks -------------------------------------------------------------------------
def refusals(*rules):
    return [(problem.code, problem.message()) for problem in engine.problems(rules)]


SCALE = Rule(key="r", brackets=TIERS)


@pytest.mark.parametrize(
    ("rule", "code", "message"),
    [
        (
            replace(STD10, basis="turnover"),
            "CAE-SCHEME-CHOICE",
            "Rule STD10: “turnover” is not a known basis.",
        ),
        (
            replace(STD10, mode="yearly"),
            "CAE-SCHEME-CHOICE",
            "Rule STD10: “yearly” is not a known mode.",
        ),
        (
            replace(STD10, rate=None),
            "CAE-SCHEME-RATE",
            "Rule STD10: give a rate or brackets.",
        ),
        (
            replace(STD10, brackets=TIERS),
            "CAE-SCHEME-RATE",
            "Rule STD10: give a rate or brackets, not both.",
        ),
        (
            replace(FIXED, rate=D(10)),
            "CAE-SCHEME-RATE",
            "Rule FIXED: a fixed amount takes neither rate nor brackets.",
        ),
        (
            replace(STD10, rate=D(-1)),
            "CAE-SCHEME-RATE",
            "Rule STD10: the rate -1 is not between 0 and 100.",
        ),
        (
            replace(STD10, internal_rate=D(101)),
            "CAE-SCHEME-RATE",
            "Rule STD10: the rate 101 is not between 0 and 100.",
        ),
        (
            replace(SCALE, brackets=TIERS[:2]),
            "CAE-SCHEME-BRACKETS",
            "Rule r: the last bracket must have no upper limit.",
        ),
        (
            replace(SCALE, brackets=(TIERS[2], TIERS[2])),
            "CAE-SCHEME-BRACKETS",
            "Rule r: only the last bracket has no upper limit.",
        ),
        (
            replace(SCALE, brackets=(TIERS[1], TIERS[0], TIERS[2])),
            "CAE-SCHEME-BRACKETS",
            "Rule r: the brackets overlap: 40000 comes after 80000.",
        ),
        (
            replace(SCALE, brackets=(Bracket(D(0), D(5)), TIERS[2])),
            "CAE-SCHEME-BRACKETS",
            "Rule r: the brackets overlap: 0 comes after 0.",
        ),
        (
            replace(FIXED, amount=None),
            "CAE-SCHEME-AMOUNT",
            "Rule FIXED: give the fixed amount per month.",
        ),
        (
            replace(STD10, amount=D(16)),
            "CAE-SCHEME-AMOUNT",
            "Rule STD10: a fixed amount needs the basis “fixed”.",
        ),
        (
            replace(STD10, floor_month=D(-1)),
            "CAE-SCHEME-BOUNDS",
            "Rule STD10: floor_month is negative.",
        ),
        (
            replace(STD10, floor_contracts=(("cape", D(-1)),)),
            "CAE-SCHEME-BOUNDS",
            "Rule STD10: floor_contracts is negative.",
        ),
        (
            replace(STD10, floor_month=D(100), ceiling_year=D(1199)),
            "CAE-SCHEME-BOUNDS",
            "Rule STD10: the floor of 1200 a year is above the ceiling of 1199.",
        ),
        (
            replace(STD10, floor_year=D(1201), ceiling_month=D(100)),
            "CAE-SCHEME-BOUNDS",
            "Rule STD10: the floor of 1201 a year is above the ceiling of 1200.",
        ),
        (
            replace(STD10, date_from=MARCH, date_to=JANUARY),
            "CAE-SCHEME-DATES",
            "Rule STD10: it ends before it begins.",
        ),
    ],
)
def test_refused_rule(rule, code, message):
    assert (code, message) in refusals(rule)
    with pytest.raises(engine.ContributionError, match=f"^{code}: "):
        engine.check_rules([rule])


def test_two_rules_of_one_key():
    assert refusals(STD10, STD10) == [
        ("CAE-SCHEME-RULES", "Two rules have the same key STD10.")
    ]


def test_all_that_is_wrong_is_told():
    wrong = replace(STD10, rate=D(-1), floor_month=D(-2), mode="x")
    assert [code for code, _message in refusals(wrong)] == [
        "CAE-SCHEME-CHOICE",
        "CAE-SCHEME-RATE",
        "CAE-SCHEME-BOUNDS",
    ]


def test_right_rules_pass():
    bounded = replace(
        STD10, key="b", floor_month=D(100), ceiling_year=D(1200), ceiling_month=D(100)
    )
    engine.check_rules([STD10, FIXED, SCALE, bounded])


@pytest.mark.parametrize(
    ("rule", "term", "message"),
    [
        (STD10, Exemption(reason=" "), "needs a reason"),
        (STD10, Override(reason="", rate=D(1)), "needs a reason"),
        (
            STD10,
            Exemption(reason="RSA", date_from=MARCH, date_to=JANUARY),
            "“RSA” ends before it begins",
        ),
        (STD10, Override(reason="x"), "overrides neither"),
        (STD10, Override(reason="x", rate=D(-1)), "-1 is negative"),
        (STD10, Override(reason="x", rate=D(200)), "200 is negative, or a rate"),
        (STD10, Override(reason="x", amount=D(5)), "rule STD10 is of another kind"),
        (FIXED, Override(reason="x", rate=D(5)), "rule FIXED is of another kind"),
    ],
)
def test_refused_terms(rule, term, message):
    name = "exemptions" if isinstance(term, Exemption) else "overrides"
    with pytest.raises(engine.ContributionError, match=message) as error:
        engine.check_terms(rule, **{name: [term]})
    assert error.value.code == "CAE-SCHEME-TERMS"


def test_overrides_that_overlap():
    one = Override(reason="one", rate=D(5), date_to=FEBRUARY)
    two = Override(reason="two", rate=D(6), date_from=FEBRUARY)
    with pytest.raises(engine.ContributionError, match="“one” and “two” overlap"):
        engine.check_terms(STD10, overrides=[two, one])
    engine.check_terms(STD10, overrides=[one, replace(two, date_from=MARCH)])


def test_right_terms_pass():
    rsa = Exemption(reason="RSA", date_from=JANUARY, date_to=FEBRUARY)
    engine.check_terms(STD10, [rsa, rsa], [Override(reason="x", floor=D(0))])


def test_messages_can_be_translated():
    problem = next(engine.problems([replace(STD10, rate=None)]))
    french = {problem.template: "Règle {rule} : donnez un taux ou des tranches."}
    assert problem.message(french.get) == (
        "Règle STD10 : donnez un taux ou des tranches."
    )
    assert str(problem) == "CAE-SCHEME-RATE: Rule STD10: give a rate or brackets."


def test_codes_are_stable():
    assert {code for code, _template in contribution_checks.REFUSALS.values()} == {
        f"CAE-SCHEME-{name}"
        for name in ("RULES", "CHOICE", "RATE", "BRACKETS", "AMOUNT", "BOUNDS")
    } | {"CAE-SCHEME-DATES", "CAE-SCHEME-TERMS"}


# -- money --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (D("0.005"), "0.01"),
        (D("-0.005"), "-0.01"),
        (D("0.00499999999999999999"), "0.00"),
        (D("-0.001"), "0.00"),
        (F(1, 3), "0.33"),
        (F(1, 200), "0.01"),
        (7, "7.00"),
        (D("123456789012.345"), "123456789012.35"),
    ],
)
def test_cents(value, expected):
    assert str(money.cents(value)) == expected


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.1, 2, "0.10"),
        (1.005, 2, "1.01"),  # stored 1.00499999999999989…: it stands for 1.005
        (13.5, 4, "13.5000"),
        ("12.345", 2, "12.35"),
        (D("2.675"), 2, "2.68"),
        (1e-7, 2, "0.00"),
    ],
)
def test_decimal_of_a_stored_number(value, digits, expected):
    assert str(money.decimal(value, digits)) == expected


def test_french_amounts():
    assert money.french(D("1234567.5")) == "1\u202f234\u202f567,50\xa0€"
    assert money.french(D("-0.004"), unit="") == "0,00"
    assert money.french_rate(D("13.50")) == "13,5\xa0%"
    assert money.plain(D("40000")) == "40000"
    assert money.plain(F(17, 31), 4) == "0.5484"


def test_gaps():
    def spans(*periods):
        return list(
            engine.gaps([Exemption(reason="r", **period) for period in periods])
        )

    march = {"date_from": date(2026, 3, 1), "date_to": date(2026, 3, 31)}
    assert spans() == [(None, None)]
    assert spans(march) == [(None, date(2026, 2, 28)), (date(2026, 4, 1), None)]
    april = {"date_from": date(2026, 4, 1)}
    assert spans(april, march) == [(None, date(2026, 2, 28))]
    assert spans({"date_to": date(2026, 3, 31)}) == [(date(2026, 4, 1), None)]
    assert spans({}) == []
