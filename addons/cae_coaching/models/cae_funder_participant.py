from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.cae_base import uploads
from odoo.addons.cae_base.models.cae_owned import OWN

from .cae_person_document import FILE

#: Folder of the evidence file, and field, of what is kept for a person.
PARTICIPANT_FILES = {
    "proofs": "proof",
    "questionnaires/entry": "entry_file",
    "questionnaires/exit": "exit_file",
}


class CaeFunderParticipant(models.Model):
    """Somebody whose hours a funder pays, with the questionnaires that it asks."""

    _name = "cae.funder.participant"
    _description = "Person on a Funding Line"
    _inherit = ["mail.thread"]
    _order = "line_id, date_start, id"
    _rec_name = "entrepreneur_id"
    _check_company_auto = True

    line_id = fields.Many2one(
        "cae.funder.line", required=True, index=True, ondelete="restrict"
    )
    programme_id = fields.Many2one(related="line_id.programme_id", store=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    coach_id = fields.Many2one(related="entrepreneur_id.coach_id")
    date_start = fields.Date(
        string="Entry",
        compute="_compute_date_start",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    date_end = fields.Date(string="Exit", tracking=True)
    exception_reason = fields.Char(
        tracking=True, help="Why somebody who does not fit the line is on it."
    )
    proof = fields.Binary(
        string="Proof of Eligibility", attachment=True, help="As the funder asks it."
    )
    proof_name = fields.Char()
    entry_questionnaire = fields.Date(help="Day on which the person filled it in.")
    entry_file = fields.Binary(
        string="Entry Questionnaire (File)",
        attachment=True,
        help="As filled in and signed; it goes into the evidence file.",
    )
    entry_file_name = fields.Char()
    exit_questionnaire = fields.Date(help="Day on which the person filled it in.")
    exit_file = fields.Binary(
        string="Exit Questionnaire (File)",
        attachment=True,
        help="As filled in and signed; it goes into the evidence file.",
    )
    exit_file_name = fields.Char()
    exit_result = fields.Selection(
        [
            ("continues", "Continues in the cooperative"),
            ("business", "Own business outside"),
            ("job", "Job"),
            ("training", "Training"),
            ("seeker", "Looks for a job"),
            ("other", "Other"),
            ("unknown", "Not known"),
        ],
        string="Situation at Exit",
        tracking=True,
    )
    missing = fields.Char(
        compute="_compute_missing", help="Proofs that are still missing."
    )
    hours = fields.Float(compute="_compute_hours")

    _once = models.UniqueIndex(
        "(line_id, entrepreneur_id)",
        "CAE-FUNDER-TWICE: this person is on this line already.",
    )
    _dates_order = models.Constraint(
        "CHECK(date_end >= date_start)",
        "CAE-FUNDER-DATES: an exit is after the entry.",
    )

    @api.depends("line_id", "entrepreneur_id")
    def _compute_date_start(self):
        for one in self:
            if not one.date_start:
                days = (one.line_id.date_start, one.entrepreneur_id.date_entry)
                one.date_start = max(filter(None, days), default=False)

    @api.depends("entry_questionnaire", "exit_questionnaire", "date_end", "proof")
    @api.depends_context("lang")
    def _compute_missing(self):
        labels = {
            name: self._fields[name]._description_string(self.env)
            for name in ("proof", "entry_questionnaire", "exit_questionnaire")
        }
        gone = self._gone()
        for one in self:
            lacks = [
                labels[name]
                for name in labels
                if not one[name] and (name != "exit_questionnaire" or one in gone)
            ]
            one.missing = ", ".join(lacks)

    def _gone(self):
        """Who has left the line by today; an exit ahead is none yet."""
        today = fields.Date.context_today(self)
        return self.filtered(lambda one: one.date_end and one.date_end <= today)

    def _compute_hours(self):
        rows = self.env["cae.funded.hour"]._read_group(
            [("line_id", "in", self.line_id.ids)],
            ["line_id", "entrepreneur_id"],
            ["hours:sum"],
        )
        found = {(line, person): hours for line, person, hours in rows}
        for one in self:
            one.hours = found.get((one.line_id, one.entrepreneur_id), 0)

    @api.constrains("line_id", "entrepreneur_id", "exception_reason")
    def _check_eligible(self):
        for line, ones in self.grouped("line_id").items():
            line._check_open()
            people = ones.filtered(lambda one: not one.exception_reason)
            people = people.entrepreneur_id
            # sudo: whether they fit, by what the line asks and not by who asks.
            fit = people.sudo().search([("id", "in", people.ids), *line._eligibility()])
            others = people - fit.sudo(False)
            if others:
                raise ValidationError(
                    self.env._(
                        "CAE-FUNDER-ELIGIBLE: %(name)s does not fit %(line)s. Write "
                        "the reason of the exception if the funder agreed.",
                        name=others[0].name,
                        line=line.name,
                    )
                )

    @api.constrains("line_id", "date_start", "date_end")
    def _check_inside(self):
        for one in self:
            line = one.line_id
            last = one.date_end or one.date_start
            if not line.date_start <= one.date_start <= line.date_end or (
                last > line.date_end
            ):
                raise ValidationError(
                    self.env._(
                        "CAE-FUNDER-DATES: the dates of %(name)s are outside the line.",
                        name=one.entrepreneur_id.name,
                    )
                )

    def write(self, vals):
        if vals.keys() & {"line_id", "entrepreneur_id", "date_start", "date_end"}:
            # Who was on what was handed over, and when, stays.
            self.line_id._check_open()
        return super().write(vals)

    @api.constrains(*PARTICIPANT_FILES.values())
    def _check_files(self):
        """:raises UserError: ``CAE-DOCUMENT-FILE``"""
        for one in self.with_context(bin_size=False):
            for name in PARTICIPANT_FILES.values():
                if one[name]:
                    uploads.checked_base64(self.env, one[name], FILE)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        if self.env.context.get("cae_own") is not OWN:
            self.line_id._check_open()
