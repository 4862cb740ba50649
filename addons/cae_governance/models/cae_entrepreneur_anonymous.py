from dateutil.relativedelta import relativedelta

from odoo import models

from odoo.addons.cae_base.models.cae_entrepreneur_anonymous import Part, wipe
from odoo.addons.cae_base.tools import format_date


class CaeEntrepreneur(models.Model):
    """The register keeps its rows; minutes and attendance sheets are as signed."""

    _inherit = "cae.entrepreneur"

    def _anonymity_members(self):
        return self.env["cae.member"].search([("partner_id", "=", self.partner_id.id)])

    def _anonymity_obstacles(self):
        found = super()._anonymity_obstacles()
        members = self._anonymity_members()
        if members.filtered(lambda m: m.state in ("candidate", "admitted", "member")):
            found.append(self.env._("The person is a member, or applies to be one."))
        if any(member.share_count for member in members):
            found.append(self.env._("The person holds shares."))
        asked = members.redemption_ids
        if asked.filtered(lambda r: r.state == "requested"):
            found.append(self.env._("A redemption of shares waits."))
        last = max(filter(None, members.mapped("date_left")), default=False)
        until = last and last + relativedelta(years=self.company_id.cae_person_years)
        if until and until >= self.env.company._cae_today():
            found.append(
                self.env._(
                    "Former members answer for five years (Code de commerce L.231-6); "
                    "this one is kept until %s.",
                    format_date(self.env, until),
                )
            )
        return found

    def _anonymity_parts(self):
        members = self._anonymity_members()
        electors = self.env["cae.meeting.elector"].search(
            [("partner_id", "=", self.partner_id.id)]
        )
        notices = self.env["cae.meeting.notice"].search(
            [("elector_id", "in", electors.ids), ("email", "!=", False)]
        )
        return [
            Part(
                self.env._("words of the application"),
                members,
                wipe("application_note"),
            ),
            Part(
                self.env._("personal links to meetings"), electors, wipe("token_hash")
            ),
            Part(
                self.env._("addresses of notices"),
                notices,
                wipe("email", "post_number"),
            ),
            *super()._anonymity_parts(),
        ]

    def _anonymity_threads(self):
        return [*super()._anonymity_threads(), self._anonymity_members()]

    def _anonymity_kept(self):
        kept = super()._anonymity_kept()
        if self._anonymity_members():
            kept.append(
                self.env._(
                    "Movements of shares, and minutes and attendance sheets as they "
                    "were signed: records of the cooperative itself. The register "
                    "names “%s”.",
                    self._anonymous_name(),
                )
            )
        return kept
