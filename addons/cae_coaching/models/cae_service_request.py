from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from odoo.addons.cae_base.engine.statement import digest
from odoo.addons.cae_base.engine.texts import cleaned, one_line
from odoo.addons.cae_base.models.cae_owned import OWNED
from odoo.addons.cae_base.tools import flag_domain

from .cae_skill_assessment import _number

#: Buttons and the portal move a request.
OWNED["cae.service.request"] = {
    "state": "new",
    "origin": "team",
    "date_answer": False,
    "answered_by_id": False,
    "cae_declared_key": False,
}
STATES = [
    ("new", "New"),
    ("doing", "In hand"),
    ("waiting", "Waits for the person"),
    ("done", "Answered"),
    ("refused", "Refused"),
    ("withdrawn", "Withdrawn"),
]
OPEN = ("new", "doing", "waiting")
LONGEST = 4000


class CaeServiceRequest(models.Model):
    """What an entrepreneur asks of the shared services."""

    _name = "cae.service.request"
    _description = "Request to the Shared Services"
    _inherit = ["cae.owned", "cae.sent.once", "cae.commented", "mail.activity.mixin"]
    _order = "open desc, date_deadline, id"
    _check_company_auto = True

    name = fields.Char(string="Subject", required=True, tracking=True)
    description = fields.Text()
    service_id = fields.Many2one(
        "cae.service",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    kind = fields.Selection(related="service_id.kind", store=True)
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="service_id.company_id", store=True, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Assigned to",
        index=True,
        tracking=True,
        compute="_compute_user_id",
        store=True,
        readonly=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    origin = fields.Selection(
        [("portal", "Asked in the portal"), ("team", "Written by the team")],
        required=True,
        readonly=True,
        default="team",
        copy=False,
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="new",
        index=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    open = fields.Boolean(compute="_compute_open", store=True)
    date_request = fields.Date(
        string="Asked on", required=True, default=fields.Date.context_today
    )
    date_deadline = fields.Date(
        string="To Answer by",
        compute="_compute_date_deadline",
        store=True,
        readonly=False,
        precompute=True,
    )
    late = fields.Boolean(compute="_compute_late", search="_search_late")
    answer = fields.Text(
        groups="cae_base.group_user",
        help="The person reads it once the request is answered.",
    )
    answer_shown = fields.Text(
        string="Answer Given", compute="_compute_answer_shown", compute_sudo=True
    )
    date_answer = fields.Date(string="Answered on", readonly=True, copy=False)
    answered_by_id = fields.Many2one(
        "res.users", string="Answered by", readonly=True, copy=False
    )
    time_ids = fields.One2many(
        "cae.service.time", "request_id", groups="cae_base.group_user"
    )
    hours = fields.Float(
        string="Time Spent",
        compute="_compute_hours",
        store=True,
        groups="cae_base.group_user",
    )

    @api.depends("service_id")
    def _compute_user_id(self):
        people = self.service_id._least_busy()
        for request in self:
            if request.user_id not in request.service_id.user_ids:
                request.user_id = people.get(request.service_id.id, False)

    @api.depends("state")
    def _compute_open(self):
        for request in self:
            request.open = request.state in OPEN

    @api.depends("service_id", "date_request")
    def _compute_date_deadline(self):
        for request in self:
            day, delay = request.date_request, request.service_id.delay_days
            request.date_deadline = day and day + relativedelta(days=delay)

    @api.depends("time_ids.hours")
    def _compute_hours(self):
        for request in self:
            request.hours = sum(request.time_ids.mapped("hours"))

    @api.depends("answer", "open")
    def _compute_answer_shown(self):
        # As superuser: the answer itself is the team's until it is given.
        for request in self:
            request.answer_shown = not request.open and request.answer

    def _comments_shown(self):
        """Words exchanged, without the answer, which the page shows by itself."""
        given = {request.id: (request.answer_shown or "").split() for request in self}
        return {
            key: messages.filtered(
                lambda message, key=key: (
                    html2plaintext(message.body).split() != given[key]
                )
            )
            for key, messages in self._comments().items()
        }

    @api.depends("state", "date_deadline")
    def _compute_late(self):
        late = self.filtered_domain(self._late_domain())
        for request in self:
            request.late = request in late

    def _search_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return flag_domain(self._late_domain(), value)

    @api.model
    def _late_domain(self):
        today = fields.Date.context_today(self)
        return Domain("open", "=", True) & Domain("date_deadline", "<", today)

    def write(self, vals):
        before = {request: request.user_id for request in self}
        result = super().write(vals)
        if "user_id" in vals or "service_id" in vals:
            for request, user in before.items():
                if request.user_id and request.user_id != user:
                    request.activity_reschedule(
                        ["mail.mail_activity_data_todo"], new_user_id=request.user_id.id
                    )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_answered(self):
        if self._cae_owning():
            return
        if any(request.state == "done" or request.time_ids for request in self):
            raise UserError(
                self.env._(
                    "CAE-SERVICE-KEPT: a request that was answered or on which time "
                    "was spent is kept."
                )
            )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def action_take(self) -> bool:
        """In hand, of the connected user when it is nobody's yet."""
        self._step("doing", {"new", "waiting"})
        self.filtered(lambda r: not r.user_id).write({"user_id": self.env.uid})
        return True

    def action_wait(self) -> bool:
        """It waits for the person."""
        return self._step("waiting", {"new", "doing"})

    def action_answer(self) -> bool:
        """Answered: the person reads the answer.

        :raises UserError: ``CAE-SERVICE-ANSWER``, ``CAE-SERVICE-STATE``
        """
        return self._finish("done")

    def action_refuse(self) -> bool:
        """Refused, with the reason as answer.

        :raises UserError: ``CAE-SERVICE-ANSWER``, ``CAE-SERVICE-STATE``
        """
        return self._finish("refused")

    def action_reopen(self) -> bool:
        """In hand again."""
        return self._step(
            "doing",
            {"done", "refused", "withdrawn"},
            date_answer=False,
            answered_by_id=False,
        )

    def _finish(self, state):
        if any(not (request.answer or "").strip() for request in self):
            raise UserError(
                self.env._("CAE-SERVICE-ANSWER: write the answer for the person.")
            )
        today = fields.Date.context_today(self)
        self._step(state, set(OPEN), date_answer=today, answered_by_id=self.env.uid)
        # What it reminds of is done; what people planned by themselves stays.
        self.activity_unlink(["mail.mail_activity_data_todo"])
        for request in self:
            request._tell_person()
        return True

    def _step(self, state, before, **values):
        self.check_access("write")
        if any(request.state not in before for request in self):
            raise UserError(
                self.env._("CAE-SERVICE-STATE: this request is not at that step.")
            )
        self._cae_own().write({"state": state, **values})
        return True

    def _tell_person(self):
        # sudo: whom to tell; who answers may not read the person's file.
        user = self.sudo().entrepreneur_id.user_id
        self.message_post(
            body=self.answer,
            partner_ids=user.partner_id.ids,
            subtype_xmlid="mail.mt_comment",
        )

    # ------------------------------------------------------------------
    # Portal
    # ------------------------------------------------------------------

    @api.model
    def action_ask_mine(
        self, service, subject: str, text: str = "", key: str = ""
    ) -> int:
        """The connected person asks for a service.

        :param service: id of a service of the catalogue
        :param key: a name of the form; sent twice, it makes one request
        :return: id of the request
        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-SERVICE-UNKNOWN``, ``CAE-SERVICE-SUBJECT``
        """
        person = self.env["cae.entrepreneur"].search(
            [("user_id", "=", self.env.uid)], limit=1
        )
        if not person:
            raise AccessError(self.env._("CAE-ACCESS: this is for entrepreneurs."))
        found = self.env["cae.service"].search(
            [
                ("id", "=", _number(service)),
                ("company_id", "=", person.company_id.id),
                ("requestable", "=", True),
            ]
        )
        if not found:
            raise UserError(self.env._("CAE-SERVICE-UNKNOWN: choose a service."))
        subject = one_line(subject, 200)
        if not subject:
            raise UserError(self.env._("CAE-SERVICE-SUBJECT: say what it is about."))
        return self._ask_once(
            one_line(key, 64),
            {
                "name": subject,
                "description": cleaned(text, LONGEST),
                "service_id": found.id,
                "entrepreneur_id": person.id,
                "origin": "portal",
            },
        )

    @api.model
    def _ask_once(self, form, vals):
        """The id of the request; the one that is there when the form was sent before.

        A form that the browser's button shows again asks anew, with other words.
        """
        # sudo: the person reads requests and makes one by this way alone.
        requests = self.sudo()._cae_own()
        # With the words, and whose they are: nobody finds another's.
        key = form and digest([form, vals])
        known = requests._cae_sent(key) if key else requests.browse()
        if known:
            return known.id
        request = requests._cae_create_once({**vals, "cae_declared_key": key or False})
        request._remind()
        return request.id

    def action_say_mine(self, text: str) -> bool:
        """A word of the person on their request; one that waited is in hand again.

        :raises AccessError: ``CAE-ACCESS``
        """
        requests = self._own_requests()
        if requests._say(cleaned(text, LONGEST)):
            requests.filtered(lambda r: r.state == "waiting")._step(
                "doing", {"waiting"}
            )
        return True

    def action_withdraw_mine(self) -> bool:
        """The person needs it no more, or asked by mistake.

        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-SERVICE-STATE``
        """
        requests = self._own_requests()
        requests._step("withdrawn", set(OPEN))
        requests.activity_unlink(["mail.mail_activity_data_todo"])
        return True

    def _own_requests(self):
        """These requests (sudo), all of them the connected person's.

        :raises AccessError: ``CAE-ACCESS``
        """
        # sudo: whose requests these are; nothing else is read before the check.
        requests = self.sudo()
        if any(r.entrepreneur_id.user_id != self.env.user for r in requests):
            raise AccessError(self.env._("CAE-ACCESS: this request is not yours."))
        return requests

    def _remind(self):
        """One Odoo activity of whoever is assigned."""
        for request in self.filtered("user_id"):
            request.activity_schedule(
                "mail.mail_activity_data_todo",
                request.date_deadline,
                summary=request.name,
                user_id=request.user_id.id,
            )
