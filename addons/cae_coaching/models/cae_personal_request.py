"""What the person asks of the cooperative on personal data; the office answers."""

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.engine.texts import one_line

ACTIVITY = "cae_coaching.mail_activity_type_personal"
#: Characters of what the person adds.
LONGEST = 500


class CaeEntrepreneur(models.Model):
    _inherit = "cae.entrepreneur"

    def _personal_requests(self):
        """Activities of the office that are open, of what the person asked."""
        # sudo: activities are the office's; the person is told that one is open.
        return self.sudo().activity_ids.filtered(
            lambda a: a.activity_type_id == self.env.ref(ACTIVITY)
        )

    def _ask_personal(self, kind, said=""):
        """Give the office what the person asks: ``erasure`` or ``copy`` of all.

        Due within a month (RGPD art. 12.3). Asked again while it is open, nothing
        more is made.

        :raises UserError: ``CAE-PERSONAL-RIGHT``, ``CAE-PERSONAL-ASKED``
        """
        self.ensure_one()
        # sudo: whose file it is.
        if self.sudo().user_id != self.env.user:
            raise UserError(
                self.env._("CAE-PERSONAL-RIGHT: people ask for themselves.")
            )
        if self._personal_requests():
            raise UserError(
                self.env._(
                    "CAE-PERSONAL-ASKED: your request is with the cooperative already."
                )
            )
        # sudo: the person has no right on activities nor messages of the file.
        here = self.sudo().with_context(lang=self._office_lang())
        words = here._personal_request_words(kind)
        note = Markup("<p>%s</p>") % words
        if one_line(said, LONGEST):
            note += Markup("<blockquote>%s</blockquote>") % one_line(said, LONGEST)
        here._message_log(body=note)
        here.activity_schedule(
            ACTIVITY,
            fields.Date.context_today(self) + relativedelta(months=1),
            summary=words,
            note=note,
            user_id=here._personal_office().id,
        )

    def _personal_request_words(self, kind):
        if kind == "erasure":
            return self.env._("The person asks for the erasure of personal data")
        return self.env._(
            "The person asks for a full copy, with the notes of the coaches"
        )

    def _office_lang(self):
        # sudo: the language of who answers, whoever asks.
        return self.sudo()._personal_office().lang

    def _personal_office(self):
        """Who answers: the office if it may, else a head of coaching."""
        company = self.company_id
        group = self.env.ref("cae_coaching.group_coaching_manager")
        heads = group.all_user_ids.filtered(
            lambda u: u.active and not u.share and company in u.company_ids
        )
        office = company.cae_newcomer_user_id
        return office if office in heads else heads.sorted("id")[:1]

    def _erase(self, operation, reason):
        log = super()._erase(operation, reason)
        # sudo: the request is answered, whoever had it.
        self._personal_requests().action_feedback()
        return log
