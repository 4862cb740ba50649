import json
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from odoo.addons.cae_base.tools import format_date

#: Inputs of ``cae.salary.simulator.forecast`` kept under the same names.
INPUTS = (
    "turnover",
    "charges",
    "delay",
    "reserve",
    "fixed_part",
    "wish",
    "wish_amount",
)
#: What an activity or a person says by themselves.
USUAL = ("turnover", "charges", "reserve", "fixed_part")
SUMS = ("turnover", "collected", "contribution", "charges", "gross", "cost", "net")


class CaeSalaryForecast(models.TransientModel):
    """Twelve months ahead on screen: what if the turnover, the reserve… were others?"""

    _name = "cae.salary.forecast"
    _description = "Twelve Months Ahead"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    activity_id = fields.Many2one(
        "cae.activity", help="As a whole; nobody's pay is read."
    )
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        groups="cae_base.group_payroll",
        help="With their shares of their activities, their contract and what was paid "
        "in the year.",
    )
    subject = fields.Selection(
        [("figures", "Figures"), ("activity", "Activity"), ("person", "Person")],
        compute="_compute_subject",
        help="Technical: whose months, whether or not the user may see the person.",
    )
    month = fields.Date(
        string="First Month",
        required=True,
        default=lambda self: self.env["cae.salary.simulator"]._first_month({}),
    )
    available = fields.Monetary(
        string="Available at the Start", help="Of figures without an activity."
    )
    turnover = fields.Monetary(
        string="Turnover per Month",
        help="Excluding VAT. Proposed: the average of the last twelve months.",
    )
    charges = fields.Monetary(
        string="Charges per Month",
        help="Without contribution and pay. Proposed: the average of the last twelve "
        "months.",
    )
    by_rate = fields.Boolean(
        string="Contribution by a Rate",
        help="Else as the rules of the activity say.",
    )
    contribution_rate = fields.Float(
        string="Contribution (% of the Turnover)", digits=(6, 3), default=10.0
    )
    delay = fields.Integer(
        string="Customers Pay after (Months)",
        default=1,
        help="Open invoices are paid when they are due, late ones in the first month.",
    )
    reserve = fields.Monetary(
        default=lambda self: self.env.company.cae_pay_reserve,
        help="What an advance leaves.",
    )
    fixed_part = fields.Monetary(help="Gross, due every month.")
    wish = fields.Selection(
        [
            ("none", "The fixed part only"),
            ("max", "All that is possible"),
            ("gross", "A gross advance"),
            ("net", "A net pay"),
            ("own", "As the monthly run does"),
        ],
        required=True,
        default="max",
        help="As the monthly run does: the person's request of the month, else their "
        "target with its floor, else the policy of the company.",
    )
    wish_amount = fields.Monetary(string="Wish per Month")
    contract = fields.Selection(
        [("cesa", "CESA"), ("employee", "Ordinary contract")],
        required=True,
        default="cesa",
    )
    error = fields.Char(compute="_compute_result")
    rows_html = fields.Html(string="Months", compute="_compute_result", sanitize=False)
    graph = fields.Text(compute="_compute_result")
    net = fields.Monetary(
        string="Net before Tax, Twelve Months", compute="_compute_result"
    )
    cost = fields.Monetary(string="Cost of the Pay", compute="_compute_result")
    lowest = fields.Monetary(
        string="Lowest Treasury",
        compute="_compute_result",
        help="Of what is available at the end of the months.",
    )
    treasury = fields.Monetary(string="Treasury at the End", compute="_compute_result")

    @api.depends("activity_id", "entrepreneur_id")
    @api.depends_context("uid")
    def _compute_subject(self):
        for form in self:
            form.subject = next(iter(form._subject()), "figures")

    @api.depends(
        *("company_id", "activity_id", "entrepreneur_id", "month", "available"),
        *("by_rate", "contribution_rate", "contract", *INPUTS),
    )
    @api.depends_context("lang", "uid")
    def _compute_result(self):
        simulator = self.env["cae.salary.simulator"]
        for form in self:
            form.update(form._empty_result())
            try:
                rows = simulator.with_company(form.company_id).forecast(form._values())
            except UserError as error:
                form.error = str(error)
                continue
            form.net = sum(row["net"] for row in rows)
            form.cost = sum(row["cost"] for row in rows)
            form.lowest = min(row["treasury"] for row in rows)
            form.treasury = rows[-1]["treasury"]
            form.rows_html = form._render_rows(rows)
            form.graph = form._graph(rows)

    @api.depends_context("lang")
    def _compute_display_name(self):
        for form in self:
            form.display_name = self.env._("Twelve Months Ahead")

    def _empty_result(self):
        names = [n for n, f in self._fields.items() if f.compute == "_compute_result"]
        return dict.fromkeys(names, False)

    def _subject(self):
        """Whose months, as ``forecast`` takes it."""
        if self._person():
            return {"person": self._person().code}
        return {"activity": self.activity_id.code} if self.activity_id else {}

    def _person(self):
        """The person, for who may choose one."""
        if not self.env.user.has_group("cae_base.group_payroll"):
            return self.env["cae.entrepreneur"]
        return self.entrepreneur_id

    def _values(self):
        """Arguments of ``forecast``."""
        subject = self._subject()
        values = {name: self[name] for name in INPUTS}
        if self.by_rate or not subject:
            values["contribution_rate"] = self.contribution_rate
        if not subject:
            values["available"] = self.available
        if not self._person():
            values["contract"] = self.contract
        return {**subject, **values, "month": f"{self.month or date.today():%Y-%m}"}

    @api.onchange("activity_id")
    def _onchange_activity_id(self):
        if self.activity_id:
            if self._person():
                self.entrepreneur_id = False
                self.wish = "max"
            self._take_usual()

    @api.onchange("entrepreneur_id")
    def _onchange_entrepreneur_id(self):
        if self._person():
            self.activity_id = False
            self.wish = "own"
            self._take_usual()

    def _take_usual(self):
        """Start from what the activity or the person says."""
        simulator = self.env["cae.salary.simulator"].with_company(self.company_id)
        month = f"{self.month or date.today():%Y-%m}"
        outlook = simulator._outlook({**self._subject(), "month": month})
        usual = {name: getattr(outlook, name) for name in USUAL}
        usual["turnover"] = usual["turnover"][0]
        self.update({name: float(amount) for name, amount in usual.items()})

    # ------------------------------------------------------------------
    # Output
    # ------------------------------------------------------------------

    def _render_rows(self, rows):
        flags = self.env["cae.pay.line"]._flag_labels()
        values = {
            "rows": rows,
            "sums": {name: sum(row[name] for row in rows) for name in SUMS},
            "number": lambda value: formatLang(self.env, value, digits=2),
            "month_name": self._month_name,
            "words": lambda row: ", ".join(flags.get(f, f) for f in row["flags"]),
            "reserve": self.reserve,
        }
        return self.env["ir.qweb"]._render("cae_payroll.pay_forecast", values)

    def _graph(self, rows):
        """Series of the graph: net as bars, turnover and treasury as lines."""
        titles = {
            "net": self.env._("Net before tax"),
            "turnover": self.env._("Turnover"),
            "treasury": self.env._("Treasury"),
        }
        return json.dumps(
            [
                {
                    "title": title,
                    "values": [
                        {
                            "label": self._month_name(row["month"], "LLL yy"),
                            "value": row[name],
                        }
                        for row in rows
                    ],
                }
                for name, title in titles.items()
            ]
        )

    def _month_name(self, month, pattern="LLLL yyyy"):
        first = date.fromisoformat(f"{month}-01")
        return format_date(self.env, first, date_format=pattern).capitalize()
