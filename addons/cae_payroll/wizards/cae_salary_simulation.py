from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

#: Inputs of ``cae.salary.simulator.simulate`` kept under the same names.
INPUTS = (
    "contract",
    "executive",
    "headcount",
    "at_rate",
    "mobility_rate",
    "health_total",
    "health_employer_share",
    "rounding",
)


class CaeSalarySimulation(models.TransientModel):
    """A form around the salary simulator, with its result at once."""

    _name = "cae.salary.simulation"
    _description = "Salary Simulation"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        help="Takes over the contract of the person on that day.",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    known = fields.Selection(
        [
            ("gross", "Gross"),
            ("cost", "Cost"),
            ("net", "Net before tax"),
            ("net_taxable", "Taxable net"),
        ],
        required=True,
        default="cost",
    )
    amount = fields.Monetary(default=3000.0)
    contract = fields.Selection(
        [("cesa", "CESA"), ("employee", "Ordinary contract"), ("cape", "CAPE")],
        required=True,
        default="cesa",
    )
    hours = fields.Float(default=151.67, digits=(6, 2), help="Paid in the month.")
    executive = fields.Boolean()
    headcount = fields.Integer(
        default=lambda self: self.env.company._cae_headcount_on(
            fields.Date.context_today(self)
        )
    )
    at_rate = fields.Float(
        string="Work Accidents (%)",
        digits=(6, 3),
        default=lambda self: self.env.company.cae_at_rate,
    )
    mobility_rate = fields.Float(
        string="Mobility (%)",
        digits=(6, 3),
        default=lambda self: self.env.company.cae_mobility_rate,
    )
    health_total = fields.Monetary(
        string="Health Premium",
        default=lambda self: self.env.company.cae_health_total,
    )
    health_employer_share = fields.Float(
        string="Employer's Share (%)",
        digits=(6, 3),
        default=lambda self: self.env.company.cae_health_employer_share,
    )
    rounding = fields.Selection(
        [("none", "On the total"), ("line", "Line by line")],
        required=True,
        default="none",
    )
    error = fields.Char(compute="_compute_result")
    exact = fields.Boolean(compute="_compute_result")
    gross = fields.Monetary(compute="_compute_result")
    cost = fields.Monetary(compute="_compute_result")
    net_before_tax = fields.Monetary(compute="_compute_result")
    net_taxable = fields.Monetary(compute="_compute_result")
    net_social = fields.Monetary(compute="_compute_result")
    employer_contributions = fields.Monetary(compute="_compute_result")
    employee_contributions = fields.Monetary(compute="_compute_result")
    general_reduction = fields.Monetary(compute="_compute_result")
    coefficient = fields.Float(compute="_compute_result", digits=(6, 4))
    equivalent_hours = fields.Float(compute="_compute_result", digits=(6, 2))
    detail_html = fields.Html(
        string="Computation", compute="_compute_result", sanitize=False
    )

    @api.depends("company_id", "date", "known", "amount", "hours", *INPUTS)
    @api.depends_context("lang")
    def _compute_result(self):
        simulator = self.env["cae.salary.simulator"]
        for form in self:
            form.update(form._empty_result())
            try:
                result = simulator.with_company(form.company_id)._result(form._values())
            except UserError as error:
                form.error = str(error)
                continue
            form.update(simulator._plain(result))
            form.detail_html = simulator._detail_html(simulator._detail(result), form)

    @api.depends_context("lang")
    def _compute_display_name(self):
        for form in self:
            form.display_name = self.env._("Salary Simulator")

    def _empty_result(self):
        names = [n for n, f in self._fields.items() if f.compute == "_compute_result"]
        return dict.fromkeys(names, False)

    def _values(self):
        """Arguments of ``simulate``."""
        values = {name: self[name] for name in INPUTS}
        if self.contract == "employee":
            values["hours"] = self.hours
        return {**values, "date": self.date, self.known: self.amount}

    @api.onchange("entrepreneur_id", "date")
    def _onchange_entrepreneur_id(self):
        contracts = self.entrepreneur_id.contract_ids
        contract = contracts._in_force(self.date or fields.Date.today())._latest()
        if not contract:
            return
        day = self.date or fields.Date.today()
        step = contract._step_at(day)
        for name, value in step._pay_situation(self.company_id, day).items():
            if name in INPUTS or (name == "hours" and value):
                self[name] = float(value) if isinstance(value, Decimal) else value
