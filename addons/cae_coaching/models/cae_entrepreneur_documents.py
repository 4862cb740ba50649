from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from .cae_document_type import STAGES


class CaeEntrepreneur(models.Model):
    """Documents that a person still has to hand in."""

    _inherit = "cae.entrepreneur"

    document_ids = fields.One2many(
        "cae.person.document",
        "entrepreneur_id",
        groups="cae_base.group_coach,cae_base.group_entrepreneur",
    )
    missing_document_ids = fields.Many2many(
        "cae.document.type",
        string="Missing Documents",
        compute="_compute_missing_documents",
        groups="cae_base.group_coach,cae_base.group_entrepreneur",
        help="Mandatory in the stage reached, without an accepted document in force.",
    )
    missing_document_count = fields.Integer(
        string="Documents Missing",
        compute="_compute_missing_document_count",
        groups="cae_base.group_coach,cae_base.group_entrepreneur",
    )
    has_missing_document = fields.Boolean(
        string="Documents Are Missing",
        compute="_compute_missing_document_count",
        search="_search_has_missing_document",
        groups="cae_base.group_coach,cae_base.group_entrepreneur",
    )

    @api.depends(
        "stage",
        "document_ids.state",
        "document_ids.date_expiry",
        "document_ids.type_id",
    )
    def _compute_missing_documents(self):
        for person, missing in self._missing_types().items():
            person.missing_document_ids = missing

    @api.depends(
        "stage",
        "document_ids.state",
        "document_ids.date_expiry",
        "document_ids.type_id",
    )
    def _compute_missing_document_count(self):
        # Apart: a list has the number, and a relation of each row takes its time.
        for person, missing in self._missing_types().items():
            person.missing_document_count = len(missing)
            person.has_missing_document = bool(missing)

    def _missing_types(self):
        """``{person: types of documents that are missing}``, in two queries."""
        types, held, asked = self._mandatory_types(), self._held_types(), {}
        result = {}
        for person in self:
            key = person.stage, person.company_id
            if key not in asked:
                asked[key] = types._for_stage(person.stage).filtered(
                    lambda t, c=person.company_id: t.company_id in (t.company_id[:0], c)
                )
            result[person] = asked[key] - held.get(person._origin.id, types[:0])
        return result

    def _search_has_missing_document(self, operator, value):
        if operator != "in":
            return NotImplemented
        missing = Domain.FALSE
        for kind in self._mandatory_types():
            stages = [stage for stage in STAGES if kind[f"for_{stage}"]]
            asked = Domain("stage", "in", stages)
            if kind.company_id:
                asked &= Domain("company_id", "=", kind.company_id.id)
            held = Domain("type_id", "=", kind.id) & self._good_domain()
            missing |= asked & ~Domain("document_ids", "any", held)
        options = {bool(item) for item in value}
        if options == {True, False}:
            return Domain.TRUE
        return missing if True in options else ~missing

    @api.model
    def _mandatory_types(self):
        # sudo: what is asked of people is no secret, and a rule about companies is
        # applied where the types are used.
        return self.env["cae.document.type"].sudo().search([("mandatory", "=", True)])

    @api.model
    def _good_domain(self):
        """Documents that are accepted and in force today."""
        today = fields.Date.context_today(self)
        return Domain("state", "=", "accepted") & (
            Domain("date_expiry", "=", False) | Domain("date_expiry", ">=", today)
        )

    def _held_types(self):
        """``{entrepreneur id: types}`` with a document in force, in one query."""
        rows = self.env["cae.person.document"]._read_group(
            Domain("entrepreneur_id", "in", self.ids) & self._good_domain(),
            ["entrepreneur_id"],
            ["type_id:recordset"],
        )
        # sudo: compared with the mandatory types, whoever may read these.
        return {person.id: types.sudo() for person, types in rows}

    def _asked_types(self):
        """Types of documents asked of a person in the stage reached."""
        self.ensure_one()
        types = self.env["cae.document.type"].search(
            [("company_id", "in", [self.company_id.id, False])]
        )
        return types._for_stage(self.stage)

    def _coach_to_tell(self):
        """The user who is told of what concerns a person; nobody without a coach."""
        self.ensure_one()
        coach = self.coach_id
        if coach.active and not coach.share and coach:
            return coach
        return self.team_id.user_ids.filtered("active")[:1]

    def action_documents(self) -> dict:
        """Documents of these people; an empty list names those that are missing."""
        action = self._open_of("cae.person.document", self.env._("Documents"))
        names = ", ".join(self.missing_document_ids.mapped("name"))
        if not names:
            return action
        missing = self.env._("Missing: %(names)s", names=names)
        words = Markup('<p class="o_view_nocontent_smiling_face">%s</p>')
        return {**action, "help": words % missing}
