from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import formatLang

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.tools import format_date

from ..engine import shares
from ..models.cae_member_document import document_frame


class CaeShareRegister(models.TransientModel):
    """The register of members and shares as it was on a day."""

    _name = "cae.share.register"
    _description = "Register of Members"
    _inherit = ["cae.printed"]
    _report_template = "cae_governance.share_register_document"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Date(string="On", required=True, default=fields.Date.context_today)

    def action_open(self) -> dict:
        """Members of that day, with what they held."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_governance.cae_member_action_register"
        )
        day = format_date(self.env, self.date)
        action["name"] = self.env._("Register of members on %s", day)
        action["domain"] = list(
            fields.Domain("company_id", "=", self.company_id.id)
            & self.env["cae.member"]._register_domain(self.date)
        )
        action["context"] = {
            "register_date": fields.Date.to_string(self.date),
            "active_test": False,
            "create": False,
        }
        return action

    # ------------------------------------------------------------------
    # Document
    # ------------------------------------------------------------------

    def _file_name(self):
        return self.env._("Register of members %s", self.date)

    def _prepare_document_values(self):
        members = (
            self.env["cae.member"]
            .with_context(active_test=False, register_date=self.date)
            .search(
                Domain("company_id", "=", self.company_id.id)
                & self.env["cae.member"]._register_domain(self.date)
            )
        )
        members.fetch(["code", "name", "kind", "date_member", "date_left"])
        kinds = dict(members._fields["kind"]._description_selection(self.env))
        colleges = members._college_on(self.date)
        current = members.filtered_domain(members._members_domain(self.date))
        return {
            **super()._prepare_document_values(),
            **document_frame(self),
            "members": members,
            "current": current,
            "kinds": kinds,
            "colleges": colleges,
            "totals": self._totals(members, current),
        }

    def _percent(self, part):
        return formatLang(self.env, float(part), digits=2)

    def _totals(self, members, current):
        amounts = [(m.kind == "employed", decimal(m.share_amount)) for m in members]
        votes = [(m.kind == "employed", decimal(1)) for m in current]
        return {
            "count": sum(members.mapped("share_count")),
            "amount": float(sum(a for _employed, a in amounts)),
            "paid": sum(members.mapped("share_paid")),
            "capital_part": self._percent(shares.employed_part(amounts)),
            "votes_part": self._percent(shares.employed_part(votes)),
        }
