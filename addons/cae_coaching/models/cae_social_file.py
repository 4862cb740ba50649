from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

ALERT = "cae_coaching.mail_activity_type_social"
DISABILITY = "cae_coaching.group_social_disability"
WARNING_DAYS = 60


class CaeSocialFile(models.Model):
    """What coaching and funders need of a person's situation, and nothing else.

    Minimisation (RGPD art. 5, 1 c): no number of social security, no diagnosis, no
    family history. Each field's help says who reads it and how long it is kept; the
    retention begins with the exit and is a setting of the company.
    """

    _name = "cae.social.file"
    _description = "Social File"
    _inherit = ["cae.alert"]
    _order = "entrepreneur_id"
    _rec_name = "entrepreneur_id"

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="entrepreneur_id.company_id", store=True, index=True
    )
    coach_id = fields.Many2one(related="entrepreneur_id.coach_id", store=True)
    stage = fields.Selection(related="entrepreneur_id.stage", store=True)
    status_ids = fields.One2many("cae.social.status", "file_id", string="Statuses")
    aid_ids = fields.One2many("cae.social.aid", "file_id", string="Aids and Permits")
    entry_situation_id = fields.Many2one(
        "cae.social.situation",
        string="Situation at Entry",
        compute="_compute_situations",
        store=True,
        help="The last status on the day of entry, else the first one after it. Read "
        "by: coaches of the person. Kept as the social file.",
    )
    situation_id = fields.Many2one(
        "cae.social.situation",
        string="Situation Now",
        compute="_compute_situations",
        store=True,
        help="The last status noted until today, refreshed every day. Read by: coaches "
        "of the person. Kept as the social file.",
    )
    education = fields.Selection(
        [
            ("none", "Without Diploma"),
            ("3", "Level 3 (CAP, BEP)"),
            ("4", "Level 4 (Baccalauréat)"),
            ("5", "Level 5 (BTS, DUT)"),
            ("6", "Level 6 (Licence, BUT)"),
            ("7", "Level 7 (Master)"),
            ("8", "Level 8 (Doctorate)"),
        ],
        help="Why: indicators of funders (ESF). Read by: coaches of the person. Kept "
        "as the social file.",
    )
    housing_zone = fields.Selection(
        [
            ("qpv", "Priority District (QPV)"),
            ("frr", "Rural Revitalisation Zone (FRR, formerly ZRR)"),
            ("none", "None of Them"),
        ],
        help="Why: indicators and programmes of funders. Read by: coaches of the "
        "person. Kept as the social file.",
    )
    dependants = fields.Integer(
        string="Dependent Children",
        help="Why: rights to aids. Read by: coaches of the person. Kept as the social "
        "file.",
    )
    outside_job = fields.Boolean(
        string="Job Outside",
        help="Why: a CAPE is not for full-time employees (C. com. L.127-1), and hours "
        "add up. Read by: coaches of the person. Kept as the social file.",
    )
    outside_employer = fields.Char(help="Read by: coaches of the person.")
    outside_contract = fields.Selection(
        [("cdi", "Permanent"), ("cdd", "Fixed-Term"), ("other", "Other")],
        string="Contract Outside",
        help="Read by: coaches of the person.",
    )
    outside_hours = fields.Float(
        string="Hours a Week Outside", help="Read by: coaches of the person."
    )
    emergency_name = fields.Char(
        string="Emergency Contact",
        help="Why: accidents at work. Read by: coaches of the person. Erased with the "
        "exit.",
    )
    emergency_phone = fields.Char(help="As the emergency contact.")
    disability_end = fields.Date(
        string="Disability Recognised Until",
        groups=DISABILITY,
        help="The end of the recognition (RQTH, AAH) and nothing else: no cause, no "
        "rate. Why: the duty to employ and adapted aids. Read by: users with the "
        "right on disability alone. Kept as the social file.",
    )
    date_consent = fields.Date(
        string="Person Informed on",
        help="Day on which the person was told what is kept, why, how long, and of the "
        "rights (RGPD art. 13).",
    )
    objectives = fields.Text(
        help="What the person wants to reach. Read by: coaches of the person."
    )
    # By the rights on activities: see mail_activity_rule_social.
    activity_ids = fields.One2many(bypass_search_access=False)
    retention_date = fields.Date(
        string="Kept Until",
        compute="_compute_retention_date",
        store=True,
        help="Exit plus the months of the company's setting; then the purge lists it.",
    )

    _person_uniq = models.UniqueIndex(
        "(entrepreneur_id)", "CAE-SOCIAL-FILE: this person has a social file already."
    )
    _dependants_positive = models.Constraint(
        "CHECK(dependants >= 0 AND dependants < 30)",
        "CAE-SOCIAL-VALUE: a number of children between 0 and 29.",
    )
    _hours_range = models.Constraint(
        "CHECK(outside_hours >= 0 AND outside_hours <= 100)",
        "CAE-SOCIAL-VALUE: hours a week between 0 and 100.",
    )

    @api.depends(
        "status_ids.date", "status_ids.situation_id", "entrepreneur_id.date_entry"
    )
    def _compute_situations(self):
        today = fields.Date.context_today(self)
        for file in self:
            statuses = file.status_ids.filtered("date").sorted("date")
            entry = file.entrepreneur_id.date_entry or today
            before = statuses.filtered(lambda s, e=entry: s.date <= e)
            now = statuses.filtered(lambda s, d=today: s.date <= d)
            file.entry_situation_id = (before[-1:] or statuses[:1]).situation_id
            file.situation_id = now[-1:].situation_id

    def _situation_at(self, day):
        """The last status noted by ``day``, else the first one after it."""
        statuses = self.status_ids.sorted("date")
        before = statuses.filtered(lambda s: s.date <= day)
        return (before[-1:] or statuses[:1]).situation_id

    @api.depends("entrepreneur_id.date_exit", "company_id.cae_social_retention_months")
    def _compute_retention_date(self):
        for file in self:
            left = file.entrepreneur_id.date_exit
            months = file.company_id.cae_social_retention_months
            file.retention_date = left and left + relativedelta(months=months)

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files._sync_alerts()
        return files

    def write(self, vals):
        result = super().write(vals)
        if "disability_end" in vals:
            self._sync_alerts()
        return result

    def _sync_alerts(self):
        """Tell who may know of it that a recognition ends; the words say nothing."""
        today = fields.Date.context_today(self)
        soon = today + timedelta(days=WARNING_DAYS)
        wanted = {}
        # sudo: the product looks at the date; only users with the right are told.
        for file in self.sudo():
            person, end = file.entrepreneur_id, file.disability_end
            user = person._coach_to_tell()
            if (
                end
                and today - timedelta(days=WARNING_DAYS) <= end <= soon
                and user
                and user.has_group(DISABILITY)
                and person.stage != "left"
            ):
                summary = self.env._("A date of the social file")
                wanted[file] = (end, summary, user)
        # sudo: alerts of all these files are set right, whoever changed one.
        return self._alert(ALERT, wanted, self.sudo())

    @api.model
    def _cron_refresh(self):
        """Daily: situations that have come, alerts, emergency contacts, purge."""
        today = fields.Date.context_today(self)
        started = self.search([("status_ids.date", "=", today)])
        started._cae_compute_again("situation_id")
        self.search([("entrepreneur_id", "!=", False)])._sync_alerts()
        gone = Domain("entrepreneur_id.date_exit", "<", today)
        self.search(gone & Domain("emergency_name", "!=", False)).write(
            {"emergency_name": False, "emergency_phone": False}
        )
        self.env["cae.erasure"]._purge_automatically()


class CaeEntrepreneur(models.Model):
    _inherit = "cae.entrepreneur"

    social_file_ids = fields.One2many(
        "cae.social.file", "entrepreneur_id", groups="cae_base.group_coach"
    )

    def action_social_file(self) -> dict:
        """The social file of a person; a first one is proposed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Social File"),
            "res_model": "cae.social.file",
            "view_mode": "form",
            "res_id": self.social_file_ids.id,
            "context": {"default_entrepreneur_id": self.id},
        }
