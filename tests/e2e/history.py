"""Two years of books on plain Odoo: what a cooperative has before it installs us."""

from contract import Client

PLAN = "Entrepreneurs"


class History:
    """Makes them over XML-RPC, as the people of a cooperative did on their screens."""

    def __init__(self, server):
        self.client = Client(server)
        self.company = 1
        self.accounts = {}

    def call(self, model, method, *ids, **named):
        return self.client.call(model, method, list(ids) or None, **named)

    def create(self, model, **vals):
        return self.client.create(model, vals)

    def find(self, model, *domain):
        return self.client.search(model, list(domain), limit=1)[0]

    def build(self):
        """Everything; the ids that a test asks for are kept."""
        groups = [
            *("account.group_account_manager", "hr.group_hr_manager"),
            *("analytic.group_analytic_accounting", "account.group_account_user"),
        ]
        links = [[4, self.client.ref(group)] for group in groups]
        admin = self.client.ref("base.user_admin")
        self.call("res.users", "write", admin, vals={"group_ids": links})
        self._people()
        self._documents()
        self._entries()
        self.call(
            "res.company", "write", self.company,
            vals={"fiscalyear_lock_date": "2025-12-31"},
        )  # fmt: skip
        return self

    def _people(self):
        self.plan = self.create("account.analytic.plan", name=PLAN)
        other = self.create("account.analytic.plan", name="Sites")
        self.site = self.create(
            "account.analytic.account", name="Nantes", plan_id=other
        )
        self.employees = {}
        for code, name, wage in (("ADA", "Ada Lace", 450), ("BOB", "Bob Stone", 300)):
            self.accounts[code] = self.create(
                "account.analytic.account", name=name, code=code, plan_id=self.plan
            )
            self.employees[code] = self.create(
                "hr.employee", name=name, company_id=self.company,
                date_version="2024-01-01", contract_date_start="2024-01-01", wage=wage,
            )  # fmt: skip
        self.accounts["OLD"] = self.create(
            "account.analytic.account", name="Gone", code="OLD", plan_id=self.plan
        )
        self.customer = self.create("res.partner", name="Customer", is_company=True)
        self.supplier = self.create("res.partner", name="Supplier", is_company=True)

    def document(self, code, amount, day, kind="out_invoice", pay=None, paid_on=None):
        """A posted document on a former account and a site, paid in part or not."""
        tax = self.find(
            "account.tax",
            ("type_tax_use", "=", "sale" if kind == "out_invoice" else "purchase"),
            ("amount", "=", 20), ("tax_exigibility", "=", "on_payment"),
        )  # fmt: skip
        line = {
            "name": "Work",
            "quantity": 1,
            "price_unit": amount,
            "tax_ids": [[6, 0, [tax]]],
            "analytic_distribution": {f"{self.accounts[code]},{self.site}": 100},
        }
        move = self.create(
            "account.move", move_type=kind, invoice_date=day, date=day,
            partner_id=self.customer if kind == "out_invoice" else self.supplier,
            invoice_line_ids=[[0, 0, line]],
        )  # fmt: skip
        self.call("account.move", "action_post", move)
        if pay:
            self.pay(move, pay, paid_on or day)
        return move

    def pay(self, move, amount, day):
        context = {"active_model": "account.move", "active_ids": [move]}
        wizard = self.client.call(
            "account.payment.register", "create",
            vals_list=[{"amount": amount, "payment_date": day}], context=context,
        )[0]  # fmt: skip
        self.call("account.payment.register", "action_create_payments", wizard)

    def _documents(self):
        self.settled = self.document("ADA", 100, "2025-06-03", pay=120)
        self.document("OLD", 50, "2024-03-01", pay=60)
        self.partly = self.document("ADA", 1000, "2025-12-10", pay=480)
        self.late = self.document(
            "BOB", 200, "2025-12-20", pay=240, paid_on="2026-01-15"
        )
        self.bill = self.document("BOB", 40, "2025-12-22", kind="in_invoice")
        self.new = self.document(
            "ADA", 300, "2026-01-12", pay=360, paid_on="2026-02-02"
        )
        self.open = self.document("BOB", 500, "2026-02-10")

    def _entries(self):
        journal = self.find("account.journal", ("type", "=", "general"))
        half = {str(self.accounts["ADA"]): 50, str(self.accounts["BOB"]): 50}
        lines = [("641", 600, half), ("645", 150, half), ("421", -600, False)]
        items = [
            [0, 0, {
                "account_id": self.find("account.account", ("code", "=like", f"{p}%")),
                "balance": balance,
                "analytic_distribution": tags,
            }]
            for p, balance, tags in [*lines, ("431", -150, False)]
        ]  # fmt: skip
        move = self.create(
            "account.move", date="2026-01-31", journal_id=journal, ref="Pay",
            line_ids=items,
        )  # fmt: skip
        self.call("account.move", "action_post", move)
        bank = self.find("account.journal", ("type", "=", "bank"))
        income = self.find("account.account", ("code", "=like", "758%"))
        # A year is not locked while its bank lines wait.
        known = {"counterpart_account_id": income}
        for day, amount, vals in (("2025-11-03", 75, known), ("2026-01-20", -9, {})):
            self.create(
                "account.bank.statement.line", journal_id=bank, date=day,
                payment_ref="VIR", amount=amount, **vals,
            )  # fmt: skip
