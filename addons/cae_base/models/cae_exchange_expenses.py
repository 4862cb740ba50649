from odoo import fields, models
from odoo.fields import Command

from ..engine.money import decimal
from .cae_exchange import Plan
from .cae_exchange_documents import PURCHASE_TAXES

MODES = {"own": "own_account", "company": "company_account"}
#: Accounts that no cost goes to, as on the expense's own form.
NO_COST = ("asset_receivable", "liability_payable", "asset_cash")
POSTED = ("posted", "in_payment", "paid")


class CaeExchange(models.AbstractModel):
    """Expenses of entrepreneurs: approved by whoever loads them, and posted."""

    # One file per kind of dataset: together they are too long to be read.
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "cae.exchange"

    def _plan_expenses(self, parsed, late):
        self.env["res.company"]._cae_check_configured()
        records = {
            "activite": self._activities(parsed),
            "entrepreneur": self._check_people(parsed),
            "compte": self._check_costs(parsed),
            "taux_tva": self._taxes(parsed, lambda nature: PURCHASE_TAXES),
        }
        self._check_holders(parsed, records)
        stored = self._stored_expenses([key[0] for key in parsed.keys])
        plans = []
        for document in self._sound(parsed):
            expense = stored.get(document.key[0])
            plan = Plan(document, "unchanged", expense)
            if expense:
                self._compare_expense(plan, records, parsed)
            else:
                plan.outcome = "created"
                plan.vals = self._prepare_expense_vals(document.values, records)
            plans.append(plan)
        return self._dated(plans, parsed, late, self._journal("purchase"))

    def _check_people(self, parsed):
        codes = self._codes(parsed, "entrepreneur")
        found = self._by_code("cae.entrepreneur", codes)
        self._report_unknown(
            parsed, "entrepreneur", found, "CAE-LOAD-ENTREPRENEUR", "entrepreneur"
        )
        return found

    def _check_costs(self, parsed):
        accounts = self._find_accounts(self._codes(parsed, "compte"))
        self._check_accounts(parsed, accounts)
        for document in self._sound(parsed):
            code = document.values["compte"]
            if accounts[code].account_type in NO_COST:
                parsed.add(
                    "CAE-LOAD-ACCOUNT", document.row, "compte", "account_expense",
                    value=code,
                )  # fmt: skip
        return accounts

    def _check_holders(self, parsed, records):
        """Report people who do not hold the activity on the day of the expense."""
        for document in self._sound(parsed):
            v = document.values
            held = records["activite"][v["activite"]].share_ids._held_on(v["date"])
            if records["entrepreneur"][v["entrepreneur"]] not in held.entrepreneur_id:
                parsed.add(
                    "CAE-LOAD-ENTREPRENEUR", document.row, "entrepreneur", "holder",
                    value=v["entrepreneur"], activity=v["activite"], day=v["date"],
                )  # fmt: skip

    def _stored_expenses(self, numbers):
        expenses = self.env["hr.expense"].search(
            [
                ("cae_reference", "in", numbers),
                ("company_id", "=", self.env.company.id),
                ("state", "!=", "refused"),
            ]
        )
        return {expense.cae_reference: expense for expense in expenses}

    def _expense_links(self, values, records):
        """Records that the row names, by the field of the expense that holds them."""
        return {
            "cae_activity_id": records["activite"][values["activite"]],
            "account_id": records["compte"][values["compte"]],
            "tax_ids": records["taux_tva"]["frais", values["taux_tva"]],
        }

    def _compare_expense(self, plan, records, parsed):
        """Report a stored expense whose content is not that of the file."""
        expense, v = plan.record, plan.document.values
        links = self._expense_links(v, records)
        person = records["entrepreneur"][v["entrepreneur"]]
        same = {
            "date": expense.cae_load_date == v["date"],
            "activite": expense.cae_activity_id == links["cae_activity_id"],
            "entrepreneur": expense.employee_id == person.employee_id,
            "libelle": expense.name == v["libelle"],
            "compte": expense.account_id == links["account_id"],
            "montant_ttc": decimal(expense.total_amount) == v["montant_ttc"],
            "taux_tva": expense.tax_ids == links["tax_ids"],
            "mode": expense.payment_mode == MODES[v["mode"]],
        }
        for column, equal in same.items():
            if not equal:
                return self._report_stored(plan, parsed, column)
        if expense.state not in POSTED:
            parsed.add(
                "CAE-LOAD-CONFLICT", plan.document.row, "numero", "not_posted",
                key=plan.document.key[0],
            )  # fmt: skip
        return None

    def _prepare_expense_vals(self, values, records):
        """Values of an approved expense; ``date`` is the day of its entry.

        The expense keeps its own date in ``cae_load_date``.
        """
        links = self._expense_links(values, records)
        category = self.env.ref(
            "hr_expense.product_product_no_cost", raise_if_not_found=False
        )
        account = links["cae_activity_id"].analytic_account_id
        return {
            "name": values["libelle"],
            "date": values["date"],
            "company_id": self.env.company.id,
            "product_id": category.id if category else False,
            "account_id": links["account_id"].id,
            "tax_ids": [Command.set(links["tax_ids"].ids)],
            "total_amount_currency": float(values["montant_ttc"]),
            "payment_mode": MODES[values["mode"]],
            "analytic_distribution": {str(account.id): 100},
            "approval_state": "approved",
            "approval_date": fields.Datetime.now(),
            "cae_reference": values["numero"],
            "cae_load_date": values["date"],
        }

    def _write_expenses(self, plans):
        codes = [plan.document.values["entrepreneur"] for plan in plans]
        people = self._by_code("cae.entrepreneur", codes)
        self.env["cae.entrepreneur"].union(*people.values())._ensure_employees()
        expenses = (
            self.env["hr.expense"]
            ._cae_own()
            .create(
                [
                    {
                        **plan.vals,
                        "date": plan.document.values["date"],
                        "employee_id": people[code].employee_id.id,
                    }
                    for plan, code in zip(plans, codes, strict=True)
                ]
            )
        )
        expenses = expenses.with_env(self.env)
        expenses._check_can_approve()
        expenses.manager_id = self.env.user
        days = {e: p.vals["date"] for e, p in zip(expenses, plans, strict=True)}
        expenses._cae_post_dated(days, self._journal("purchase"))
