from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

ALERT = "cae_coaching.mail_activity_type_aid"
#: Days before the end on which the coach is told.
WARNING_DAYS = 60


class CaeSocialAid(models.Model):
    """An aid or a permit with its end: what lapses unseen costs the person rights."""

    _name = "cae.social.aid"
    _description = "Aid or Permit"
    _inherit = ["cae.alert"]
    _order = "date_end, id"

    file_id = fields.Many2one(
        "cae.social.file", required=True, ondelete="cascade", index=True
    )
    entrepreneur_id = fields.Many2one(related="file_id.entrepreneur_id", store=True)
    company_id = fields.Many2one(related="file_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("are", "Unemployment Benefit (ARE)"),
            ("ass", "Solidarity Benefit (ASS)"),
            ("rsa", "Active Solidarity Income (RSA)"),
            ("acre", "Exemption at the Start (ACRE)"),
            ("arce", "Capital of the Unemployment Benefit (ARCE)"),
            ("loan", "Honour Loan, Microcredit"),
            ("permit", "Residence Permit"),
            ("work", "Authorisation to Work"),
            ("local", "Local or Regional Aid"),
            ("other", "Other"),
        ],
        required=True,
        help="Read by: coaches of the person. Kept as the social file. Disability is "
        "not an aid of this list: it has a field of its own, with its own right.",
    )
    name = fields.Char(
        string="Details", help="Body, reference. No number of social security (NIR)."
    )
    date_start = fields.Date(string="First Day")
    date_end = fields.Date(
        string="Last Day",
        index="btree_not_null",
        help="Last day of the right; the coach is told two months before.",
    )
    is_over = fields.Boolean(
        string="Over", compute="_compute_is_over", search="_search_is_over"
    )

    _dates_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "CAE-AID-DATES: an aid ends after it begins.",
    )

    @api.depends("date_end")
    def _compute_is_over(self):
        today = fields.Date.context_today(self)
        for aid in self:
            aid.is_over = bool(aid.date_end and aid.date_end < today)

    def _search_is_over(self, operator, value):
        if operator != "in":
            return NotImplemented
        past = Domain("date_end", "<", fields.Date.context_today(self))
        options = {bool(item) for item in value}
        if options == {True, False}:
            return Domain.TRUE
        return past if True in options else ~past

    @api.depends("kind", "entrepreneur_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for aid in self:
            words = (kinds.get(aid.kind), aid.entrepreneur_id.name)
            aid.display_name = " – ".join(word for word in words if word)

    @api.model_create_multi
    def create(self, vals_list):
        aids = super().create(vals_list)
        aids._refresh_alerts()
        return aids

    def write(self, vals):
        result = super().write(vals)
        if {"date_end", "kind"} & set(vals):
            self._refresh_alerts()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_refreshes_alerts(self):
        (self.file_id.aid_ids - self)._sync_alerts()

    def _refresh_alerts(self):
        # sudo: an alert of a colleague closes with what renews the aid.
        self.sudo().file_id.aid_ids._sync_alerts()

    def _sync_alerts(self):
        """Tell of what ends and has no later one of its kind; close the rest."""
        today = fields.Date.context_today(self)
        soon = today + timedelta(days=WARNING_DAYS)
        forever = fields.Date.to_date("9999-12-31")
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        wanted = {}
        for group in self.grouped(lambda aid: (aid.file_id, aid.kind)).values():
            last = group.sorted(lambda aid: (aid.date_end or forever, aid.id))[-1:]
            person, end = last.entrepreneur_id, last.date_end
            # What ended long ago is history, not an alert.
            near = end and today - timedelta(days=WARNING_DAYS) <= end <= soon
            if near and person.active and person.stage != "left":
                wanted[last] = (end, kinds[last.kind], person._coach_to_tell())
        return self._alert(ALERT, wanted, self)

    @api.model
    def _cron_alerts(self):
        self.search([("file_id", "!=", False)])._sync_alerts()
