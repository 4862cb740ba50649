from odoo import fields, models
from odoo.exceptions import AccessError

from ..engine.key_figures import ONE_DAY, Choice, Period


class DigestDigest(models.Model):
    """Key figures in the periodic digest of Odoo."""

    _inherit = "digest.digest"

    kpi_cae_people = fields.Boolean("Active entrepreneurs")
    kpi_cae_people_value = fields.Integer(
        string="Number of active entrepreneurs",
        compute="_compute_kpi_cae_people_value",
    )
    kpi_cae_entries = fields.Boolean("Entries of entrepreneurs")
    kpi_cae_entries_value = fields.Integer(
        string="Number of entries", compute="_compute_kpi_cae_entries_value"
    )
    kpi_cae_turnover = fields.Boolean("Turnover of the activities")
    kpi_cae_turnover_value = fields.Monetary(
        string="Turnover invoiced", compute="_compute_kpi_cae_turnover_value"
    )

    # One method for each: Odoo forgets them one by one between two periods.

    def _compute_kpi_cae_people_value(self):
        self._cae_kpi("kpi_cae_people_value", "entrepreneurs_actifs")

    def _compute_kpi_cae_entries_value(self):
        self._cae_kpi("kpi_cae_entries_value", "entrees")

    def _compute_kpi_cae_turnover_value(self):
        self._cae_kpi("kpi_cae_turnover_value", "ca_ht_facture")

    def _cae_kpi(self, name, key):
        # Odoo leaves out of the digest what raises an access error.
        if not self.env.user.has_group("cae_base.group_accountant"):
            raise AccessError(self.env._("Key figures are for accountants."))
        start, end, _companies = self._get_kpi_compute_parameters()
        today = fields.Date.context_today(self)
        first, end = (fields.Date.to_date(day or today) for day in (start, end))
        # As in Odoo, the end belongs to the next period: no day counts twice.
        period = Period(first, max(first, end - ONE_DAY))
        for digest in self:
            company = digest.company_id or self.env.company
            figures = self.env["cae.key.figures"].with_company(company)
            digest[name] = figures._compute([key], [period], Choice())[key][0]

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("cae_base.menu_cae_root").id
        action = f"cae_base.cae_cockpit_action?menu_id={menu}"
        mine = ("kpi_cae_people", "kpi_cae_entries", "kpi_cae_turnover")
        actions = super()._compute_kpis_actions(company, user)
        return {**actions, **dict.fromkeys(mine, action)}
