import base64

from odoo import api, fields, models
from odoo.exceptions import UserError


class CaePersonalData(models.TransientModel):
    """Exports or erases what coaching keeps of a person, for the person (RGPD)."""

    _name = "cae.personal.data"
    _description = "Rights of the Person"

    entrepreneur_id = fields.Many2one("cae.entrepreneur", readonly=True)
    candidate_id = fields.Many2one("cae.candidate", readonly=True)
    file_format = fields.Selection(
        [("pdf", "PDF"), ("xlsx", "Excel (XLSX)"), ("json", "JSON")], default="pdf"
    )
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)
    reason = fields.Char(help="Request of the person, with its date. Kept in the log.")
    kept = fields.Text(compute="_compute_kept", string="What Stays")

    @api.depends("entrepreneur_id")
    def _compute_kept(self):
        for wizard in self:
            person = wizard.entrepreneur_id
            wizard.kept = person._kept_words() if person else False

    def action_export(self) -> dict:
        """Make the file to give to the person."""
        self.ensure_one()
        owner = self.entrepreneur_id or self.candidate_id
        name, content = owner._personal_file(self.file_format)
        self.write({"file": base64.b64encode(content), "file_name": name})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_erase(self) -> dict:
        """Erase; what the law keeps stays.

        :raises UserError: ``CAE-ERASURE-REASON``
        """
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(
                self.env._("CAE-ERASURE-REASON: note the request of the person.")
            )
        if self.entrepreneur_id:
            self.entrepreneur_id._erase("request", self.reason)
        else:
            self.candidate_id._erase_candidates("request", self.reason)
        return {"type": "ir.actions.act_window_close"}


class CaePersonalPurge(models.TransientModel):
    """Lists what is past its retention; erases it when confirmed."""

    _name = "cae.personal.purge"
    _description = "Purge by Retention"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    entrepreneur_ids = fields.Many2many(
        "cae.entrepreneur", string="Social Files", compute="_compute_due"
    )
    candidate_ids = fields.Many2many(
        "cae.candidate", string="Candidates", compute="_compute_due"
    )

    session_ids = fields.Many2many(
        "cae.workshop.session", string="Scans of Sheets", compute="_compute_due"
    )
    # sudo (of related fields): the head of coaching is told the terms, in words.
    social_months = fields.Integer(related="company_id.cae_social_retention_months")
    candidate_months = fields.Integer(
        related="company_id.cae_candidate_retention_months"
    )
    evidence_years = fields.Integer(related="company_id.cae_evidence_years")

    @api.depends("company_id")
    def _compute_due(self):
        erasures = self.env["cae.erasure"]
        for wizard in self:
            wizard.entrepreneur_ids = erasures._due_people(wizard.company_id)
            wizard.candidate_ids = erasures._due_candidates(wizard.company_id)
            wizard.session_ids = erasures._due_scans(wizard.company_id).sudo(False)

    def action_purge(self) -> dict:
        """Erase what the list shows."""
        self.ensure_one()
        self.env["cae.entrepreneur"]._check_personal_right()
        self.env["cae.erasure"]._purge(self.company_id, self.env._("Purge confirmed"))
        return {"type": "ir.actions.act_window_close"}
