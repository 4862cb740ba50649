import hashlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.misc import hmac

from odoo.addons.cae_base.models.ir_attachment import FREEZING

from ..engine import calendar, notice


class CaeMeetingNotice(models.Model):
    """Proof that a member was called to a meeting: how, when, with what document.

    Written by the sending alone; never edited nor deleted.
    """

    _name = "cae.meeting.notice"
    _description = "Notice of a Meeting"
    _order = "meeting_id desc, id"
    _rec_name = "elector_id"

    meeting_id = fields.Many2one(
        "cae.meeting", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, index=True
    )
    elector_id = fields.Many2one(
        "cae.meeting.elector",
        string="Member",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    version = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="A corrected agenda is a new version.",
    )
    channel = fields.Selection(
        [("email", "E-mail"), ("post", "Letter")], required=True, readonly=True
    )
    state = fields.Selection(
        [
            ("to_post", "Letter to send"),
            ("posted", "Letter sent"),
            ("outgoing", "Outgoing"),
            ("sent", "Sent"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    email = fields.Char(string="Address", readonly=True)
    mail_id = fields.Many2one(
        "mail.mail",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_system",
    )
    message_id = fields.Char(string="Message-ID", readonly=True)
    date_sent = fields.Datetime(string="Sent on", readonly=True)
    post_number = fields.Char(
        string="Registered Letter", readonly=True, help="Number of the letter."
    )
    document_hash = fields.Char(
        string="Hash of the Notice", readonly=True, help="SHA-256 of the PDF sent."
    )
    late_days = fields.Integer(
        string="Days Late", readonly=True, help="Against the legal delay; 0 is in time."
    )
    error = fields.Char(readonly=True)

    _elector_uniq = models.UniqueIndex(
        "(meeting_id, elector_id, version)", "This notice was already sent."
    )

    def action_posted(self) -> bool:
        """These letters were posted today.

        :raises UserError: ``CAE-NOTICE-STATE``
        """
        self.meeting_id.check_access("write")
        if any(each.state not in ("to_post", "failed") for each in self):
            raise UserError(self.env._("CAE-NOTICE-STATE: it was sent already."))
        for each in self:
            today = each.company_id._cae_today()
            # sudo: proofs are written by the steps of the sending alone.
            each.sudo().write(
                {
                    "channel": "post",
                    "state": "posted",
                    "date_sent": fields.Datetime.now(),
                    "late_days": each.meeting_id._late_days(today),
                }
            )
        return True

    def action_letters(self) -> dict:
        """The letters of these notices in one PDF."""
        keys = ",".join(map(str, self.ids))
        proof = self._letters_proof()
        return {
            "type": "ir.actions.act_url",
            "url": f"/cae/meeting/letters?notices={keys}&proof={proof}",
            "target": "new",
        }

    def _letters_proof(self):
        """What only the button of this user knows of these letters."""
        # sudo: the secret of the database signs; nobody reads it.
        env = self.env(su=True)
        return hmac(env, "cae-meeting-letters", (self.env.uid, sorted(self.ids)))

    def _outcome(self):
        """What became of the e-mail."""
        mail = self.mail_id
        if mail.state == "sent":
            now = fields.Datetime.now()
            late = self.meeting_id._late_days(self.company_id._cae_today())
            return {
                "state": "sent",
                "date_sent": now,
                "late_days": late,
                "error": False,
            }
        if mail.state in ("exception", "cancel"):
            return {"state": "failed", "error": mail.failure_reason or mail.state}
        return {"state": "outgoing"}

    def _link(self):
        """Personal link of the member, new: the one before is void."""
        token = self.elector_id._new_token()
        return f"{self.meeting_id.get_base_url()}/cae/m/{token}"


class MailMail(models.Model):
    _inherit = "mail.mail"

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            # sudo: the proof of a sending, kept whoever runs Odoo's queue.
            notices = self.env["cae.meeting.notice"].sudo()
            for each in notices.search([("mail_id", "in", self.ids)]):
                each.write(each._outcome())
        return result


class CaeMeeting(models.Model):
    _inherit = "cae.meeting"

    notice_state = fields.Selection(
        [("none", "Not sent"), ("partly", "Partly sent"), ("sent", "All sent")],
        string="Notices",
        compute="_compute_notice_state",
        compute_sudo=True,
    )
    notice_version = fields.Integer(compute="_compute_notice_state", compute_sudo=True)

    @api.depends("notice_ids.state", "notice_ids.version")
    def _compute_notice_state(self):
        for meeting in self:
            version = max(meeting.notice_ids.mapped("version"), default=0)
            last = meeting.notice_ids.filtered(lambda n: n.version == version)  # noqa: B023
            left = last.filtered(lambda n: n.state not in ("sent", "posted"))
            meeting.notice_version = version
            meeting.notice_state = "none" if not last else "partly" if left else "sent"

    def _late_days(self, sent):
        """Days that are missing when the notice leaves on ``sent``."""
        return notice.late_by(sent, self._day(), self._notice_days())

    def action_convene(self) -> bool:
        """Freeze the voters and send the notices.

        Members who agreed in time get an e-mail with the agenda, the draft
        resolutions, a proxy form and a file for their calendar; the others a letter to
        post (R.223-20).

        :raises UserError: ``CAE-MEETING-STATE``, ``CAE-MEETING-AGENDA`` without
            resolutions, ``CAE-MEETING-NOTICE`` when the legal delay is not kept and no
            reason is given, ``CAE-MEETING-SECOND``
        """
        for meeting in self:
            meeting.check_access("write")
            meeting._check_state("draft")
            meeting._check_convocation()
            meeting._take_turn()
            meeting._freeze()
            if not meeting.elector_ids:
                raise UserError(
                    self.env._("CAE-MEETING-EMPTY: the register has no member.")
                )
            meeting._cae_own().write(
                {"state": "convened", "date_convened": fields.Datetime.now()}
            )
            meeting._send_notices()
        return True

    def _check_convocation(self):
        if not self.resolution_ids:
            raise UserError(self.env._("CAE-MEETING-AGENDA: the agenda is empty."))
        late = self._late_days(self.company_id._cae_today())
        if self.date <= fields.Datetime.now() or (
            late and not (self.late_reason or "").strip()
        ):
            raise UserError(
                self.env._(
                    "CAE-MEETING-NOTICE: the notice must leave %(days)s days before "
                    "the meeting, the day of sending not counted: by %(last)s. Choose "
                    "a later day, or write why the notice is late.",
                    days=self._notice_days(),
                    last=self.last_notice_day,
                )
            )
        self._check_second_call()

    def _check_second_call(self):
        first, months = self.first_meeting_id, self.rule_set_id.second_call_months
        if first and months:
            limit = fields.Date.add(first._day(), months=months)
            if self._day() > limit:
                raise UserError(
                    self.env._(
                        "CAE-MEETING-SECOND: the second meeting is held by %(day)s, "
                        "%(months)s months after the first.",
                        day=limit,
                        months=months,
                    )
                )

    def action_send_again(self) -> bool:
        """Send the corrected agenda to everybody.

        :raises UserError: ``CAE-MEETING-STATE``
        """
        for meeting in self:
            meeting.check_access("write")
            meeting._check_state("convened")
            meeting._send_notices()
            meeting._cae_own().write({"agenda_outdated": False})
        return True

    def _send_notices(self):
        """Notices of a new version for all voters."""
        version = self.notice_version + 1
        day = self._day() - timedelta(days=self.rule_set_id.consent_days)
        members = self.elector_ids.member_id
        # A consent taken back until the meeting counts no more, even if it is recent.
        by_mail = members._accept_e_notice(day) & members._accept_e_notice(
            self.company_id._cae_today()
        )
        # sudo: proofs are written by the sending alone.
        notices = self.env["cae.meeting.notice"].sudo()
        notices = notices.create(
            [
                self._prepare_notice_vals(
                    elector, version, elector.member_id in by_mail
                )
                for elector in self.elector_ids
            ]
        )
        self._queue_mails(notices.filtered(lambda n: n.channel == "email"))
        return notices

    def _prepare_notice_vals(self, elector, version, by_mail):
        # sudo: the address of a member, for who may convene.
        email = elector.member_id.sudo().partner_id.email_formatted
        by_mail = bool(by_mail and email)
        return {
            "meeting_id": self.id,
            "elector_id": elector.id,
            "version": version,
            "channel": "email" if by_mail else "post",
            "state": "outgoing" if by_mail else "to_post",
            "email": email if by_mail else False,
        }

    def _queue_mails(self, notices):
        """``notices`` are sudo. One PDF and one calendar file for all."""
        if not notices:
            return
        content = self._notice_pdf()
        files = self._notice_files(content)
        digest = hashlib.sha256(content).hexdigest()
        # sudo: mail templates render for their editors alone; this text is ours and
        # the secretary may convene.
        template = self.env.ref(
            "cae_governance.cae_meeting_notice_mail_template"
        ).sudo()
        mails = template.send_mail_batch(notices.ids)
        for each, mail in zip(notices, mails, strict=True):
            mail.attachment_ids = [Command.set((files | self.document_ids).ids)]
            each.write(
                {
                    "mail_id": mail.id,
                    "message_id": mail.message_id,
                    "document_hash": digest,
                }
            )

    def _notice_files(self, content):
        name = self.env._("notice")
        # sudo: kept with the meeting as what was sent.
        files = self.env["ir.attachment"].sudo().with_context(cae_freezing=FREEZING)
        return files.create(
            [
                {
                    "name": f"{name}-{self._day()}-{self.notice_version + 1}.{kind}",
                    "raw": data,
                    "mimetype": mimetype,
                    "res_model": self._name,
                    "res_id": self.id,
                    "cae_frozen": True,
                }
                for kind, data, mimetype in (
                    ("pdf", content, "application/pdf"),
                    ("ics", self._calendar_file(), "text/calendar"),
                )
            ]
        )

    def _calendar_file(self):
        event = calendar.Event(
            uid=f"cae-meeting-{self.id}@{self.company_id.id}",
            sequence=self.notice_version,
            start=self.date,
            end=self.date + timedelta(hours=self.duration or 1),
            title=self.name,
            place=self.place or "",
            url=self.remote_url or "",
            stamp=fields.Datetime.now(),
        )
        return calendar.ics(event).encode()
