from odoo import api, fields, models

from odoo.addons.cae_base.tools import format_date


class CaeExitInterview(models.Model):
    """What a person who leaves says of the time in the cooperative, and does next."""

    _name = "cae.exit.interview"
    _description = "Exit Interview"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="entrepreneur_id.company_id", store=True, index=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    user_id = fields.Many2one(
        "res.users",
        string="Interviewer",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    date_exit = fields.Date(related="entrepreneur_id.date_exit", store=True)
    exit_reason_id = fields.Many2one(
        related="entrepreneur_id.exit_reason_id", store=True
    )
    situation_id = fields.Many2one(
        "cae.social.situation", string="New Situation", tracking=True
    )
    continues = fields.Selection(
        [
            ("own", "In an Own Business"),
            ("other", "In Another Cooperative or as an Employee"),
            ("stopped", "No Longer"),
        ],
        string="The Activity Goes on",
    )
    helpful = fields.Text(string="What Helped")
    missing = fields.Text(string="What Was Missing")
    learned = fields.Text(string="What the Person Takes Along")
    money = fields.Text(
        string="Accounts to Settle", help="Customers, stock, equipment."
    )
    recommend = fields.Selection(
        [(str(mark), str(mark)) for mark in range(11)],
        string="Would Recommend (0–10)",
    )
    contact_later = fields.Boolean(
        string="May Be Asked Again",
        help="The person agrees to be asked in some years what became of the activity.",
    )

    _person_date_uniq = models.UniqueIndex(
        "(entrepreneur_id, date)", "There is an exit interview on this day already."
    )

    @api.depends("entrepreneur_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for interview in self:
            day = interview.date and format_date(self.env, interview.date)
            words = (interview.entrepreneur_id.name, day)
            interview.display_name = ", ".join(word for word in words if word)
