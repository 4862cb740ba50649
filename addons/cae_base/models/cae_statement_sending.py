from odoo import api, fields, models
from odoo.exceptions import UserError

from .cae_published import COMPUTING

#: What is said of a statement: what is left to do comes first.
STATES = ("to_send", "outgoing", "sent", "portal")


class CaeStatementSending(models.Model):
    """Proof that a statement was sent to a person without portal access (R.7331-5).

    One per version and person: nobody gets the same version twice.
    """

    _name = "cae.statement.sending"
    _description = "Sending of a Statement"
    _order = "statement_id desc, entrepreneur_id"

    statement_id = fields.Many2one(
        "cae.statement", required=True, readonly=True, ondelete="cascade", index=True
    )
    activity_id = fields.Many2one(
        related="statement_id.activity_id", store=True, index=True
    )
    company_id = fields.Many2one(
        related="statement_id.company_id", store=True, index=True
    )
    month = fields.Date(related="statement_id.month", store=True)
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur", required=True, readonly=True, ondelete="restrict"
    )
    email = fields.Char(string="Address", readonly=True)
    mail_id = fields.Many2one(
        "mail.mail",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_system",
    )
    message_id = fields.Char(
        string="Message-ID", readonly=True, help="Identifier of the e-mail."
    )
    state = fields.Selection(
        [
            ("no_address", "No address"),
            ("outgoing", "Outgoing"),
            ("sent", "Sent"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="outgoing",
    )
    date_sent = fields.Datetime(string="Sent on", readonly=True)
    error = fields.Char(readonly=True)

    _person_uniq = models.UniqueIndex(
        "(statement_id, entrepreneur_id)", "This version was already sent."
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_sending()
        return super().create(vals_list)

    def write(self, vals):
        self.check_access("write")
        self._check_sending()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_proof(self):
        if any(sending.state in ("sent", "outgoing") for sending in self):
            self._check_sending()

    @api.model
    def _check_sending(self):
        """:raises UserError: ``CAE-STATEMENT-SENDING``"""
        if self.env.context.get("cae_computing") is not COMPUTING:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-SENDING: sendings are proofs, written by the "
                    "sending itself."
                )
            )

    @api.model
    def _send(self, statements):
        """Send versions to their holders without portal, who have not got them yet.

        Who had no address, or whose e-mail failed, is tried again.

        :return: the sendings now on their way
        """
        wanted = statements._recipients_without_portal()
        # sudo: the proof is written by the sending alone; the right to send was
        # checked by its caller.
        sendings = self.sudo().with_context(cae_computing=COMPUTING)
        known = sendings.search([("statement_id", "in", statements.ids)])
        pairs = {(s.statement_id.id, s.entrepreneur_id.id) for s in known}
        created = sendings.create(
            [
                {
                    "statement_id": statement.id,
                    "entrepreneur_id": person.id,
                    "state": "no_address",
                }
                for statement, people in wanted.items()
                for person in people
                if (statement.id, person.id) not in pairs
            ]
        )
        again = known.filtered(
            lambda s: (
                s.state in ("no_address", "failed")
                and s.entrepreneur_id in wanted[s.statement_id]
            )
        )
        return (created | again)._queue()

    def _queue(self):
        """Put the e-mails of these sendings in Odoo's queue."""
        # sudo: the address of a person and the template, for who may send: see _send.
        for sending in self:
            sending.email = sending.entrepreneur_id.sudo().partner_id.email_formatted
        ready = self.filtered("email")
        (self - ready).write({"state": "no_address"})
        ready.statement_id._keep_pdfs()
        template = self.env.ref("cae_base.cae_statement_mail_template").sudo()
        mails = template.send_mail_batch(ready.ids) if ready else ()
        for sending, mail in zip(ready, mails, strict=True):
            sending._note_queued(mail)
        return ready

    def _note_queued(self, mail):
        statement = self.statement_id
        mail.attachment_ids = [fields.Command.link(statement.pdf_id.id)]
        # The message shows in the log of its statement.
        mail.mail_message_id.write({"model": statement._name, "res_id": statement.id})
        self.write(
            {
                "state": "outgoing",
                "mail_id": mail.id,
                "message_id": mail.message_id,
                "error": False,
            }
        )

    def _outcome(self):
        """What became of the e-mail."""
        mail = self.mail_id
        if mail.state == "sent":
            now = fields.Datetime.now()
            return {"state": "sent", "date_sent": now, "error": False}
        if mail.state in ("exception", "cancel"):
            return {"state": "failed", "error": mail.failure_reason or mail.state}
        return {"state": "outgoing"}

    def action_retry(self) -> bool:
        """Send again what failed, or had no address.

        :raises UserError: ``CAE-STATEMENT-SENT`` when it was sent
        """
        self.statement_id.check_access("write")
        if any(sending.state in ("sent", "outgoing") for sending in self):
            raise UserError(
                self.env._("CAE-STATEMENT-SENT: this version was already sent.")
            )
        # sudo: see _send.
        self.sudo().with_context(cae_computing=COMPUTING)._queue()
        return True


class MailMail(models.Model):
    _inherit = "mail.mail"

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            # sudo: the proof of a sending, kept whoever runs Odoo's queue.
            sendings = self.env["cae.statement.sending"].sudo()
            found = sendings.search([("mail_id", "in", self.ids)])
            for sending in found.with_context(cae_computing=COMPUTING):
                sending.write(sending._outcome())
        return result


class CaeStatement(models.Model):
    _inherit = "cae.statement"

    sending_ids = fields.One2many(
        "cae.statement.sending",
        "statement_id",
        string="Sendings",
        readonly=True,
        groups="cae_base.group_user",
    )
    sending_state = fields.Selection(
        [
            ("portal", "Portal"),
            ("to_send", "To send"),
            ("outgoing", "Outgoing"),
            ("sent", "Sent"),
        ],
        string="Sending",
        compute="_compute_sending_state",
        groups="cae_base.group_user",
        help="Portal: everybody who holds the activity reads it there.",
    )

    @api.depends("published", "sending_ids.state")
    @api.depends_context("uid")
    def _compute_sending_state(self):
        published = self.filtered("published")
        unsent = {statement for statement, _person in published._unsent()}
        for statement in self:
            statement.sending_state = False
            if statement in published:
                states = {*statement.sending_ids.mapped("state"), "portal"}
                if statement in unsent:
                    states.add("to_send")
                statement.sending_state = next(s for s in STATES if s in states)

    def _recipients_without_portal(self):
        """``{statement: entrepreneurs}``: holders at its end without portal access."""
        people = self.env["cae.entrepreneur"]
        result = {}
        for (company, kind, month), group in self.grouped(
            lambda s: (s.company_id, s.kind, s.month)
        ).items():
            span = self._span(company, kind, month)
            holders = group.activity_id._statement_holders(span)
            for statement in group:
                result[statement] = people.browse(holders[statement.activity_id.id])
        everybody = people.union(*result.values())
        # sudo: whether somebody has portal access; users are not shown.
        portal = everybody.sudo().filtered("user_id.active").ids
        return {
            statement: held.filtered(lambda p: p.id not in portal)
            for statement, held in result.items()
        }

    def _unsent(self):
        """``[(statement, person)]``: who should have got these and has not."""
        current = self.filtered(lambda s: s.published and s.current)
        sendings = self.env["cae.statement.sending"].search(
            [
                ("statement_id", "in", current.ids),
                ("state", "in", ("outgoing", "sent")),
            ]
        )
        done = {(s.statement_id, s.entrepreneur_id) for s in sendings}
        return [
            (statement, person)
            for statement, people in current._recipients_without_portal().items()
            for person in people
            if (statement, person) not in done
        ]
