from odoo import api, fields, models

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.cae_owned import OWNED

from ..engine import surplus as engine
from .cae_member_document import document_frame

OWNED["cae.surplus.line"] = {"amount": 0.0}


class CaeSurplusLine(models.Model):
    """What a person gets of the surplus, and from what it is reckoned."""

    _name = "cae.surplus.line"
    _description = "Part of the Surplus"
    _inherit = ["cae.owned", "cae.printed"]
    _order = "kind desc, partner_id"
    _report_template = "cae_governance.surplus_line_document"

    surplus_id = fields.Many2one(
        "cae.surplus", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="surplus_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(related="surplus_id.state")
    date_end = fields.Date(related="surplus_id.date_end", store=True)
    partner_id = fields.Many2one(
        "res.partner", string="Person", required=True, ondelete="restrict", index=True
    )
    kind = fields.Selection(
        [("work", "Part of work"), ("interest", "Interest on shares")],
        required=True,
        default="work",
    )
    pay = fields.Monetary(string="Gross Pay", help="Gross of the year.")
    time = fields.Float(
        digits=(10, 2), help="Days under contract, hours: the same for all."
    )
    seniority = fields.Float(
        digits=(4, 2), default=1.0, help="Coefficient of the statutes, 1 to 2."
    )
    present = fields.Boolean(
        string="Takes Part",
        default=True,
        help="Three months in the year, or six months of seniority, unless the "
        "statutes say otherwise.",
    )
    capital = fields.Monetary(
        string="Paid Capital", help="At the end of the year, for the interest."
    )
    amount = fields.Monetary(readonly=True, copy=False)

    _person_uniq = models.UniqueIndex(
        "(surplus_id, kind, partner_id)", "This person is listed already."
    )
    _positive = models.Constraint(
        'CHECK(pay >= 0 AND "time" >= 0 AND capital >= 0)',
        "What a share is reckoned from is not below zero.",
    )

    @api.depends("partner_id", "surplus_id")
    def _compute_display_name(self):
        for line in self:
            name = line.partner_id.name or ""
            line.display_name = f"{name} {line.date_end or ''}".strip()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.surplus_id._check_state("draft")
        return lines

    def write(self, vals):
        self.surplus_id._check_state("draft")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self.surplus_id._check_state("draft")

    def _worker(self):
        """This line as the engine reads it."""
        return engine.Worker(
            self.id,
            pay=decimal(self.pay),
            time=decimal(self.time),
            seniority=decimal(self.seniority),
            present=self.present,
        )

    def _file_name(self):
        return self.env._(
            "Surplus %(year)s %(name)s", year=self.date_end, name=self.partner_id.name
        )

    def _prepare_document_values(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return {
            **super()._prepare_document_values(),
            **document_frame(self),
            "kinds": kinds,
            "surplus": self.surplus_id,
        }
