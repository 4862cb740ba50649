import base64
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.cae_base import uploads

FILE = "CAE-DOCUMENT-FILE"
ALERT = "cae_coaching.mail_activity_type_document"


class CaePersonDocument(models.Model):
    """A paper that a candidate or an entrepreneur handed in."""

    _name = "cae.person.document"
    _description = "Document of a Person"
    _inherit = ["cae.alert"]
    _order = "date_received desc, id desc"
    _check_company_auto = True

    type_id = fields.Many2one(
        "cae.document.type", required=True, ondelete="restrict", index=True
    )
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        ondelete="cascade",
        index="btree_not_null",
        check_company=True,
    )
    candidate_id = fields.Many2one(
        "cae.candidate",
        ondelete="cascade",
        index="btree_not_null",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, index=True
    )
    coach_id = fields.Many2one(
        "res.users",
        compute="_compute_coach",
        store=True,
        help="Follows the person, or else the candidate.",
    )
    team_id = fields.Many2one("cae.team", compute="_compute_coach", store=True)
    state = fields.Selection(
        [
            ("received", "To Check"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
        ],
        required=True,
        default="accepted",
        tracking=True,
        index=True,
        help="What the person uploads is to be checked; what the team enters is "
        "accepted.",
    )
    refusal = fields.Char(
        string="Why Refused", help="Told to the person on the portal."
    )
    date_received = fields.Date(
        string="Received On", required=True, default=fields.Date.context_today
    )
    date_expiry = fields.Date(
        string="Expires on",
        compute="_compute_date_expiry",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        index="btree_not_null",
        help="Last day on which it is good; proposed from the type.",
    )
    is_expired = fields.Boolean(
        string="Expired", compute="_compute_is_expired", search="_search_is_expired"
    )
    file = fields.Binary(attachment=True)
    file_name = fields.Char()
    note = fields.Char(
        groups="cae_base.group_coach", help="For the team; the person does not see it."
    )

    _one_person = models.Constraint(
        "CHECK(entrepreneur_id IS NOT NULL OR candidate_id IS NOT NULL)",
        "CAE-DOCUMENT-PERSON: a document belongs to a candidate or an entrepreneur.",
    )

    @api.depends("entrepreneur_id.company_id", "candidate_id.company_id")
    def _compute_company_id(self):
        for document in self:
            owner = document.entrepreneur_id or document.candidate_id
            document.company_id = owner.company_id

    @api.depends(
        "entrepreneur_id.coach_id",
        "entrepreneur_id.team_id",
        "candidate_id.coach_id",
        "candidate_id.team_id",
    )
    def _compute_coach(self):
        # Stored, as rules of rights look at it: with joins they read all documents.
        for document in self:
            owner = document.entrepreneur_id or document.candidate_id
            document.coach_id = owner.coach_id
            document.team_id = owner.team_id

    @api.depends("type_id", "date_received")
    def _compute_date_expiry(self):
        for document in self:
            months = document.type_id.validity_months
            received = document.date_received
            document.date_expiry = (
                received + relativedelta(months=months, days=-1)
                if months and received
                else False
            )

    @api.depends("date_expiry")
    def _compute_is_expired(self):
        today = fields.Date.context_today(self)
        for document in self:
            document.is_expired = bool(
                document.date_expiry and document.date_expiry < today
            )

    def _search_is_expired(self, operator, value):
        if operator != "in":
            return NotImplemented
        past = Domain("date_expiry", "<", fields.Date.context_today(self))
        options = {bool(item) for item in value}
        if options == {True, False}:
            return Domain.TRUE
        return past if True in options else ~past

    @api.depends("type_id", "entrepreneur_id", "candidate_id")
    def _compute_display_name(self):
        for document in self:
            owner = document.entrepreneur_id.name or document.candidate_id.name
            words = (document.type_id.name, owner)
            document.display_name = " – ".join(word for word in words if word)

    @api.constrains("date_received", "date_expiry")
    def _check_dates(self):
        for document in self:
            end = document.date_expiry
            if end and end < document.date_received:
                raise ValidationError(
                    self.env._(
                        "CAE-DOCUMENT-DATES: %(name)s expires before it was received.",
                        name=document.display_name,
                    )
                )

    @api.constrains("file")
    def _check_file(self):
        for document in self.with_context(bin_size=False):
            if document.file:
                uploads.checked_base64(self.env, document.file, FILE)

    @api.constrains("type_id", "company_id")
    def _check_type_company(self):
        for document in self:
            company = document.type_id.company_id
            if company and company != document.company_id:
                raise ValidationError(
                    self.env._(
                        "CAE-DOCUMENT-TYPE: %(type)s is a document of another company.",
                        type=document.type_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents._refresh_alerts()
        return documents

    def write(self, vals):
        result = super().write(vals)
        if {"state", "date_expiry", "type_id", "date_received"} & set(vals):
            self._refresh_alerts()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_refreshes_alerts(self):
        # A renewal that is deleted makes its predecessor the last one again.
        (self._siblings() - self)._sync_alerts()

    def action_accept(self) -> bool:
        """The paper is what was asked."""
        self.write({"state": "accepted", "refusal": False})
        return True

    def action_refuse(self) -> bool:
        """The paper is not what was asked; say why in the field beside.

        :raises UserError: ``CAE-DOCUMENT-REASON``
        """
        for document in self:
            if not document.refusal:
                raise UserError(
                    self.env._(
                        "CAE-DOCUMENT-REASON: say why %(name)s is refused: the person "
                        "reads it on the portal.",
                        name=document.display_name,
                    )
                )
        self.state = "refused"
        return True

    # ------------------------------------------------------------------
    # Alerts
    # ------------------------------------------------------------------

    def _siblings(self):
        """Documents of the same people and types: a newer one replaces an older one."""
        return self.search(
            [
                ("type_id", "in", self.type_id.ids),
                ("entrepreneur_id", "in", self.entrepreneur_id.ids),
            ]
        )

    def _refresh_alerts(self):
        if self.entrepreneur_id:
            # sudo: an alert of a colleague closes with the document that renews it.
            self.sudo()._siblings()._sync_alerts()

    def _sync_alerts(self):
        """Tell coaches of what expires and is not renewed; close what is."""
        today = fields.Date.context_today(self)
        wanted = {}
        for document in self._last_ones():
            person, end = document.entrepreneur_id, document.date_expiry
            near = end and end <= today + timedelta(days=document.type_id.warning_days)
            if near and person.active and person.stage != "left":
                wanted[document] = (end, document.type_id.name, person._coach_to_tell())
        return self._alert(ALERT, wanted, self)

    def _last_ones(self):
        """Of each person and type the accepted document that is good the longest."""
        forever = fields.Date.to_date("9999-12-31")
        accepted = self.filtered(lambda d: d.state == "accepted" and d.entrepreneur_id)
        groups = accepted.grouped(lambda d: (d.entrepreneur_id, d.type_id))
        return self.browse().union(
            *(
                group.sorted(lambda d: (d.date_expiry or forever, d.id))[-1:]
                for group in groups.values()
            )
        )

    @api.model
    def _cron_alerts(self):
        """Daily: documents, aids and permits that expire."""
        self.search([("entrepreneur_id", "!=", False)])._sync_alerts()
        self.env["cae.social.aid"]._cron_alerts()

    # ------------------------------------------------------------------
    # Portal
    # ------------------------------------------------------------------

    def _content(self):
        """Bytes of the file."""
        self.ensure_one()
        file = self.with_context(bin_size=False).file
        return base64.b64decode(file) if file else b""

    @api.model
    def _hand_in(self, person, kind, name, content):
        """A file that a person uploads; it waits for a check.

        It replaces what the person handed in and nobody checked yet: a wrong file.

        :param content: bytes
        :raises UserError: ``CAE-DOCUMENT-FILE``, ``CAE-DOCUMENT-ASKED``
        """
        person.check_access("read")
        if kind not in person._asked_types().filtered("portal"):
            raise UserError(
                self.env._("CAE-DOCUMENT-ASKED: this document is not asked of you.")
            )
        extension = uploads.checked(self.env, content, FILE)
        # sudo: people write nothing in their files but what they are asked to hand in.
        documents = self.sudo()
        wrong = [("entrepreneur_id", "=", person.id), ("type_id", "=", kind.id)]
        waiting = documents.search([*wrong, ("state", "=", "received")])
        waiting.filtered(lambda d: d.create_uid == self.env.user).unlink()
        return documents.create(
            {
                "entrepreneur_id": person.id,
                "type_id": kind.id,
                "state": "received",
                "file": base64.b64encode(uploads.without_place(content)),
                "file_name": uploads.file_name(name) or f"document.{extension}",
            }
        )
