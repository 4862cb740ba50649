"""The life of pay in the demo: requests, two activities, a settlement, payslips."""

from datetime import date, timedelta

from odoo.fields import Command

from . import env as inside
from .acting import ACCOUNTANT, PAYROLL, acting

#: Who shares an activity from a day on, besides an own one: (activity, day, shares).
JOINED = ("A0005", date(2026, 5, 1), {"E0006": 70, "E0027": 30})
SETTLED, SETTLED_YEAR, PAID_IN = "A0032", date(2025, 12, 31), date(2026, 6, 1)
MEETING = date(2026, 6, 18)
#: What the books before 2026 say of the settled activity, and its way back from the
#: result brought forward: account, debit, credit.
RESULT = (
    *(("706", 0, 22800), ("604", 2150, 0), ("622", 1800, 0), ("625", 3260.40, 0)),
    *(("616", 1660, 0), ("641", 9900, 0), ("645", 2229.60, 0), ("512", 1800, 0)),
)
BACK = (("110", 1800, 0), ("512", 0, 1800))
SAVING = "Je laisse le reste sur l’activité jusqu’au solde de 2025."
#: Login, person, month, what is asked for, amount, note.
REQUESTS = (
    ("ines", "E0001", "2026-03", "net", 700, "Salon du 20 mars : je garde une réserve"),
    ("ines", "E0001", "2026-06", "net", 900, ""),
    ("ines", "E0001", "2026-11", "net", 1100, "Un peu plus avant les fêtes"),
    ("nadia", "E0027", "2026-07", "net", 1000, "Je ferme en août, je préfère lisser"),
    ("nadia", "E0027", "2026-11", "max", 0, ""),
    (PAYROLL, "E0025", "2026-08", "net", 2500, "Demande reçue par courriel le 24/08"),
    *((PAYROLL, "E0048", f"2026-0{m}", "gross", 300, SAVING) for m in range(1, 7)),
)
#: Whose turnover varies, and what they aim at, month after month.
SMOOTHED, TARGET = (
    "E0009",
    {
        "date_from": "2026-04-01",
        "kind": "net",
        "amount": 650,
        "floor": 800,
        "note": "Chantiers irréguliers : le même net chaque mois",
    },
)
#: Who has a job of some hours a month beside the CESA, by an ordinary contract.
HIRED, JOB = (
    "E0025",
    {
        "kind": "employee",
        "date_start": "2026-09-01",
        "month_hours": 26,
        "fixed_part": 338,
        "payroll_key": "2",
    },
)
#: Person, month, and an element of its pay.
ELEMENTS = (
    (
        "E0025",
        "2026-05",
        {
            "kind": "sick",
            "date_from": "2026-05-11",
            "date_to": "2026-05-15",
            "days": 5,
            "note": "Arrêt reçu le 12/05",
        },
    ),
    (
        "E0013",
        "2026-09",
        {
            "kind": "garnishment",
            "amount": 85,
            "note": "Saisie notifiée le 31/08, reste 340 €",
        },
    ),
)
#: The day of the transfers: the figures to compare with end before it.
TRANSFERRED = date(2026, 11, 2)
#: Month: who is not paid, and why.
REFUSED = {
    "2026-01": ("E0029", "Congé sans solde en janvier : la saison ouvre en mars")
}
#: Month whose true payslips came, and what they cost more than the estimate.
PAYSLIPS, GAPS = "2026-10", {"0001": 2.40, "0013": -1.15, "0048": 18.60}
TEMPLATE = {"code": "brisants", "name": "Silae, dossier Les Brisants"}


def is_late(env) -> bool:
    """Whether there is no pay, or it is over: an older demo has closed its months."""
    if "cae.pay.line" not in env:
        return True
    closed = env["cae.period"].search_count(
        [("date", "=", PAID_IN), ("state", "=", "locked")]
    )
    if closed:
        inside.say(". left out: the months are closed; --reset builds it anew")
    return bool(closed)


def prepare_pay(env) -> bool:
    """What people ask for, who works for two activities, the year before."""
    if is_late(env):
        return True
    people = env["cae.entrepreneur"].search([])
    for person in people:
        person.matricule = person.code.removeprefix("E")
    join_activity(env)
    template = env.ref("cae_payroll.cae_payroll_template_silae")
    template.copy({**TEMPLATE, "company_id": env.company.id})
    rows = [
        {"activite": SETTLED, "date": day, "compte": account, "debit": d, "credit": c}
        for day, entry in ((SETTLED_YEAR, RESULT), (date(2026, 1, 2), BACK))
        for account, d, c in entry
    ]
    result = env["cae.exchange"].load("opening", rows)
    if result["errors"]:
        raise SystemExit(f"the year before was refused: {result['errors'][:5]}")
    ids = {person.code: person.id for person in people}
    for login, code, month, kind, amount, note in REQUESTS:
        acting(env, "cae.pay.request", login).create(
            {
                "entrepreneur_id": ids[code],
                "month": f"{month}-01",
                "kind": kind,
                "amount": amount,
                "note": note,
            }
        )
    smooth_and_withhold(env, ids)
    hire(env, ids[HIRED])
    open_bank_accounts(people)
    inside.say(f". {len(REQUESTS)} pay requests")
    return True


def smooth_and_withhold(env, ids: dict[str, int]) -> None:
    """A target over the months, and elements of pay."""
    target = {**TARGET, "entrepreneur_id": ids[SMOOTHED]}
    acting(env, "cae.pay.target", PAYROLL).create(target)
    acting(env, "cae.pay.element", PAYROLL).create(
        [
            {**values, "entrepreneur_id": ids[code], "month": f"{month}-01"}
            for code, month, values in ELEMENTS
        ]
    )


def hire(env, person: int) -> None:
    """Two contracts of one person, which the payroll software tells apart by keys."""
    contracts = env["cae.contract"]
    own = [("entrepreneur_id", "=", person), ("parent_id", "=", False)]
    contracts.search(own).payroll_key = "1"
    contracts.create({**JOB, "entrepreneur_id": person})


def open_bank_accounts(people) -> None:
    """A made-up account for everybody, checked by the office."""
    people.env["res.partner.bank"].create(
        [
            {
                "partner_id": person.partner_id.id,
                "acc_number": made_up_iban(int(person.matricule)),
                "allow_out_payment": True,
            }
            for person in people
        ]
    )


def made_up_iban(number: int) -> str:
    """An IBAN of a bank that does not exist, with right check digits (ISO 13616)."""
    account = f"{'99999':5}{'00001':5}{number:011}"
    account += f"{97 - int(account + '00') % 97:02}"
    # F, R are 15 and 27; the key of the country comes last.
    return f"FR{98 - int(account + '152700') % 97:02}{account}"


def transfer_pay(env) -> bool:
    """Pay what was posted, by one transfer list."""
    if "cae.pay.line" not in env:
        return True
    lines = acting(env, "cae.pay.line", PAYROLL).search([("state", "=", "posted")])
    # sudo: an older demo has no accounts, and who has one is no matter of rights here.
    lines = lines.filtered(lambda line: line.sudo().entrepreneur_id.partner_id.bank_ids)
    wizard = acting(env, "cae.pay.transfer", PAYROLL).create(
        {"line_ids": [Command.set(lines.ids)], "date": TRANSFERRED}
    )
    wizard.action_pay()
    inside.say(f". {len(wizard.payment_ids)} transfers")
    return True


def join_activity(env) -> None:
    """Somebody who shares an activity takes a part of another one."""
    code, day, shares = JOINED
    activity = env["cae.activity"].search([("code", "=", code)])
    people = env["cae.entrepreneur"].search([("code", "in", list(shares))])
    ended = {"date_end": day - timedelta(days=1)}
    # Both at once: the shares of every day add up.
    activity.share_ids = [
        *(Command.update(share.id, ended) for share in activity.share_ids),
        *[
            Command.create(
                {
                    "entrepreneur_id": person.id,
                    "share": shares[person.code],
                    "date_start": day,
                }
            )
            for person in people
        ],
    ]


def find_year(env):
    """The year before, made when it is not there."""
    years = acting(env, "cae.year", ACCOUNTANT)
    year = years.search([("date_to", "=", SETTLED_YEAR)])
    return year or years.create({"date_to": SETTLED_YEAR})


def settle(env) -> bool:
    """The variable part of the year before, paid within a month of the meeting."""
    if is_late(env):
        return True
    year = find_year(env)
    # A meeting that approved the accounts has said so itself.
    year.accounts_meeting_date = year.accounts_meeting_date or MEETING
    acting(env, "cae.year", PAYROLL).browse(year.id).action_settle()
    settlements = acting(env, "cae.settlement", PAYROLL).search(
        [("year_id", "=", year.id)]
    )
    settlements.write({"month": PAID_IN})
    settlements.action_approve()
    due = settlements.filtered("due")
    inside.say(f". {len(settlements)} settlements, due to {len(due)}")
    return True


def decide_pay(env, month: str) -> int:
    """Approve the pay that waits: fixed parts are wages, and due, but for a leave."""
    lines = acting(env, "cae.pay.line", PAYROLL).search(
        [("month", "=", f"{month}-01"), ("state", "=", "draft")]
    )
    code, reason = REFUSED.get(month, ("", ""))
    refused = lines.filtered(lambda line: line.entrepreneur_id.code == code)
    if refused:
        refused.action_refuse(reason)
    approved = lines - refused
    approved.action_approve()
    if month == PAYSLIPS:
        approved.action_post()
        exchange_payslips(env, month)
    return len(approved)


def exchange_payslips(env, month: str) -> None:
    """Elements to the payroll software; its journal comes back."""
    exchange = acting(env, "cae.payroll.exchange", PAYROLL)
    sent = exchange.export_elements(month, TEMPLATE["code"])
    result = exchange.load_payroll_journal(month, journal(env, month))
    if result["errors"]:
        raise SystemExit(f"the payroll journal was refused: {result['errors'][:5]}")
    inside.say(f". {sent['rows']} elements sent, {result['created']} payslips back")


def journal(env, month: str) -> list[dict]:
    """The payroll journal of a month: the estimates but for a few contributions.

    It has no rows of those who are not paid (CAPE).
    """
    lines = env["cae.pay.line"].search(
        [("month", "=", f"{month}-01"), ("state", "=", "posted"), ("gross", "!=", 0)]
    )
    return [row for line in lines for row in person_rows(env, line)]


def person_rows(env, line) -> list[dict]:
    """What the payroll software booked for a person."""
    matricule = line.entrepreneur_id.matricule
    cents = {}
    for share in line.share_ids:
        for key, amount in share.entry.items():
            account = line.accounts[key]
            cents[account] = cents.get(account, 0) + amount
    gap = round(100 * GAPS.get(matricule, 0))
    for key, sign in (("charge_social", 1), ("debt_social", -1)):
        cents[line.accounts[key]] = cents.get(line.accounts[key], 0) + sign * gap
    accounts = env["account.account"].browse(cents)
    return [
        {
            "date": line.month,
            "matricule": matricule,
            "compte": account.code,
            "libelle": line.display_name,
            "debit": max(cents[account.id], 0) / 100,
            "credit": max(-cents[account.id], 0) / 100,
        }
        for account in accounts
    ]
