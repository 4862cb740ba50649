from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.cae_base.engine import people


class CaeCandidateConversion(models.TransientModel):
    """What a conversion still has to know: the dates of the CAPE and the activity."""

    _name = "cae.candidate.conversion"
    _description = "Conversion to Entrepreneur"

    candidate_id = fields.Many2one("cae.candidate", required=True, readonly=True)
    company_id = fields.Many2one(related="candidate_id.company_id")
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Known as",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('company_id', '=', company_id)]",
        help="An entrepreneur with the same e-mail address: the CAPE is added to them "
        "instead of making the person twice.",
    )
    date_start = fields.Date(
        string="CAPE From",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Proposed from the diagnosis.",
    )
    date_end = fields.Date(
        string="CAPE Until",
        compute="_compute_date_end",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Twelve months at most, renewable twice (C. com. L.127-1 s.).",
    )
    coach_id = fields.Many2one(
        "res.users",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    team_id = fields.Many2one(
        "cae.team",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        precompute=True,
    )
    make_activity = fields.Boolean(string="Open the Activity", default=True)
    trade_name = fields.Char(
        compute="_compute_proposal", store=True, readonly=False, precompute=True
    )
    scheme_id = fields.Many2one(
        "cae.contribution.scheme",
        string="Contribution Scheme",
        domain="[('company_id', 'in', [company_id, False])]",
    )

    @api.constrains("candidate_id")
    def _check_candidate(self):
        # What is proposed is read past the rules: of candidates of one's own.
        # Constraints run as superuser.
        self.candidate_id.sudo(False).check_access("read")

    @api.depends("candidate_id")
    def _compute_proposal(self):
        for wizard in self:
            candidate = wizard.candidate_id
            starts = candidate.diagnosis_ids.filtered("date_start")
            wizard.date_start = starts[:1].date_start or fields.Date.context_today(self)
            wizard.coach_id = candidate.coach_id
            wizard.team_id = candidate.team_id
            wizard.trade_name = candidate.trade_name or candidate.wished_activity
            wizard.entrepreneur_id = wizard._known_person()

    def _known_person(self):
        mail = self.candidate_id.email_normalized
        person = self.env["cae.entrepreneur"].with_context(active_test=False)
        if not mail:
            return person
        return person.search(
            Domain("partner_id.email_normalized", "=", mail)
            & Domain("company_id", "=", self.candidate_id.company_id.id),
            limit=1,
        )

    @api.depends("date_start")
    def _compute_date_end(self):
        for wizard in self:
            start = wizard.date_start
            wizard.date_end = start and people.cape_term(start)

    def action_convert(self) -> dict:
        """Make the entrepreneur, the CAPE and the activity; show the person."""
        self.ensure_one()
        self.candidate_id._convert(self._prepare_values())
        return self.candidate_id.action_open_entrepreneur()

    def _prepare_values(self):
        """:raises UserError: ``CAE-CANDIDATE-CAPE``, ``CAE-CANDIDATE-ACTIVITY``"""
        if not self.date_start <= self.date_end <= people.cape_term(self.date_start):
            raise UserError(
                self.env._("CAE-CANDIDATE-CAPE: a CAPE lasts twelve months at most.")
            )
        if self.make_activity and not (self.trade_name or "").strip():
            raise UserError(
                self.env._(
                    "CAE-CANDIDATE-ACTIVITY: name the activity, or leave it for later."
                )
            )
        return {
            "entrepreneur": self.entrepreneur_id,
            "date_start": self.date_start,
            "date_end": self.date_end,
            "coach": self.coach_id,
            "team": self.team_id,
            "trade_name": self.make_activity and self.trade_name.strip(),
            "scheme": self.scheme_id,
        }
