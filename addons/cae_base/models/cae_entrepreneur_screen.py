from odoo import api, fields, models

#: Bank accounts are for those who pay; a coach does not need them.
BANK = "cae_base.group_payroll,cae_base.group_manager"


class CaeEntrepreneur(models.Model):
    """What only the screens of entrepreneurs need."""

    _inherit = "cae.entrepreneur"
    # Coaches read people and write notes on them.
    _mail_post_access = "read"

    bank_ids = fields.One2many(groups=BANK)
    avatar_128 = fields.Image(related="partner_id.avatar_128")
    next_deadline = fields.Date(
        compute="_compute_next_deadline",
        help="The first of the legal limits ahead: end of the CAPE, membership.",
    )
    held_names = fields.Char(
        string="Activities Held",
        compute="_compute_held_names",
        help="Activities that the person holds today.",
    )

    @api.onchange("contract_ids")
    def _onchange_contract_ids(self):
        """Nobody enters after the first contract: the entry proposed is today."""
        days = [self.date_entry, *self.contract_ids.mapped("date_start")]
        self.date_entry = min(filter(None, days), default=False)

    @api.depends("share_ids.activity_id.name")
    def _compute_held_names(self):
        today = fields.Date.context_today(self)
        # All at once: filtered records no longer know those of other people.
        self.share_ids.activity_id.mapped("name")
        for person in self:
            held = person.share_ids._held_on(today).activity_id
            person.held_names = ", ".join(held.mapped("name"))

    @api.depends("stage", "cape_limit_date", "membership_deadline", "member_date")
    def _compute_next_deadline(self):
        for person in self:
            deadlines = [
                person.stage == "cape" and person.cape_limit_date,
                person.stage == "cesa"
                and not person.member_date
                and person.membership_deadline,
            ]
            person.next_deadline = min(filter(None, deadlines), default=False)

    @api.model
    def _cron_refresh(self):
        result = super()._cron_refresh()
        self.env["cae.activity.share"]._refresh_accounts_open()
        return result
