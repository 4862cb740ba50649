"""Close the months of the demo as its team would, and leave one to work in."""

from datetime import date

from . import env as inside
from .acting import ACCOUNTANT, acting
from .demo_pay import decide_pay

#: The month that is left open, and days of what happened in it.
OPEN_MONTH = "2026-11"
BILLED, PAID = date(2026, 11, 6), date(2026, 11, 12)


class Closing:
    """Close one month: pay approved and posted, statements published, lock."""

    def __init__(self, month: str):
        self.month = month

    def __call__(self, env) -> bool:
        approved = decide_pay(env, self.month) if "cae.pay.line" in env else 0
        periods = acting(env, "cae.period", ACCOUNTANT)
        result = periods.month_run(month=self.month, steps=["pay", "statements"])
        inside.say(
            f". {approved} pay approved,"
            f" {result['statements']['published']} statements published"
        )
        if result["done"]:
            publish_again(env, self.month)
            periods.lock(month=self.month)
        return result["done"]


def publish_again(env, month: str) -> None:
    """Statements whose accounts changed since: the true payslips came later."""
    statements = acting(env, "cae.statement", ACCOUNTANT).search(
        [
            *(("month", "=", f"{month}-01"), ("kind", "=", "month")),
            *(("published", "=", True), ("current", "=", True)),
        ]
    )
    changed = statements.filtered("outdated")
    if changed:
        changed.action_publish_again("Bulletins de paie reçus")


def open_month(env) -> bool:
    """A month under way: two sales, two drafts, and bank lines to match."""
    acting(env, "cae.period", ACCOUNTANT).month_run(OPEN_MONTH, ["contributions"])
    sales = open_documents(env, "out_invoice")
    copies = [sale.copy({"invoice_date": BILLED, "date": BILLED}) for sale in sales[:4]]
    for invoice in copies[:2]:
        invoice.action_post()
    rows = bank_rows(env, sales, open_documents(env, "in_invoice"))
    result = acting(env, "cae.exchange", ACCOUNTANT).load("bank_lines", rows)
    if result["errors"]:
        raise SystemExit(f"the bank lines were refused: {result['errors'][:5]}")
    inside.say(f". {len(copies)} invoices, {result['created']} bank lines")
    return True


def open_documents(env, kind: str):
    """Documents of the last months that nothing was paid of, the latest first."""
    return env["account.move"].search(
        [
            ("move_type", "=", kind),
            ("state", "=", "posted"),
            ("payment_state", "=", "not_paid"),
            ("invoice_date", "<", BILLED),
        ],
        order="invoice_date desc, name desc",
        limit=8,
    )


def bank_rows(env, sales, bills) -> list[dict]:
    """What the bank says: clear payments, one without reference, a part, fees."""
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    exact, second, named, partly = sales[4:8]
    lines = (
        (f"VIR {exact.partner_id.name} {exact.name}", exact.amount_residual, exact),
        (f"VIR {second.partner_id.name} {second.name}", second.amount_residual, second),
        (f"VIR SEPA {named.partner_id.name}", named.amount_residual, named),
        (f"ACOMPTE {partly.name}", round(partly.amount_residual / 2, 2), partly),
        (f"PRLV {bills[0].partner_id.name}", -bills[0].amount_residual, bills[0]),
        ("COTISATION TENUE DE COMPTE", -14.90, None),
    )
    return [
        {
            "journal": journal.code,
            "date": PAID.isoformat(),
            "libelle": label,
            "montant": amount,
            "reference": "",
            "partenaire": document.partner_id.name if document else "",
            "cle": f"DEMO-{number}",
        }
        for number, (label, amount, document) in enumerate(lines, 1)
    ]
