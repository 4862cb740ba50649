from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.cae_base.tools import format_date

from ..engine import desk
from .cae_coaching_alert import CAUSES

COACH = "cae_base.group_coach"
REASONS = [
    *CAUSES,
    ("legal", "Legal limit passed"),
    ("report", "Report to finish"),
    ("action", "Late actions"),
    ("document", "Missing documents"),
    ("contract", "Contract to check"),
]
#: What changes the state of somebody; time does as well.
DEPENDS = (
    *("stage", "cape_limit_date", "membership_deadline", "member_date"),
    *("interview_state", "interview_deadline", "interview_missing"),
    *("alert_ids.state", "alert_ids.urgency", "alert_ids.entrepreneur_id"),
    *("interview_ids.state", "interview_ids.date_start"),
    *("interview_ids.report_state", "interview_ids.held_start"),
    *("coaching_action_ids.state", "coaching_action_ids.date_deadline"),
    *("document_ids.state", "document_ids.date_expiry", "document_ids.type_id"),
)
#: What is stored of the first reason; its sentence is made of it.
REASON = (
    *("coaching_state", "coaching_reason", "coaching_day", "coaching_count"),
    "coaching_alert_id",
)
#: Fields of the person that the nightly run reads, in one query.
STORED = (
    *("company_id", "stage", *REASON),
    *("interview_state", "interview_deadline", "interview_missing"),
    *("cape_limit_date", "membership_deadline", "member_date"),
)


class CaeEntrepreneur(models.Model):
    """Who needs the coach first, and why in one line.

    The state is stored, so that lists of any length are searched and grouped by it. It
    follows alerts, interviews, actions and documents at once; what only time changes
    is computed again with the nightly run of the alerts.
    """

    _inherit = "cae.entrepreneur"

    interview_ids = fields.Many2many(
        "cae.interview",
        "cae_interview_entrepreneur_rel",
        "cae_entrepreneur_id",
        "cae_interview_id",
        string="Interviews",
        readonly=True,
        copy=False,
        groups=COACH,
    )
    coaching_action_ids = fields.One2many(
        "cae.coaching.action", "entrepreneur_id", groups=COACH
    )
    workshop_attendance_ids = fields.One2many(
        "cae.workshop.attendance",
        "entrepreneur_id",
        string="Half-days",
        readonly=True,
        groups=COACH,
    )
    coaching_state = fields.Selection(
        [
            (desk.TROUBLE, "In trouble"),
            (desk.SOON, "Due soon"),
            (desk.WELL, "Well"),
        ],
        string="Urgency of the Support",
        compute="_compute_coaching_state",
        store=True,
        index=True,
        group_expand=True,
        groups=COACH,
        help="In trouble: money goes wrong, a legal limit or the interviews are late. "
        "Due soon: a deadline draws near, something waits. Empty for who left.",
    )
    coaching_reason = fields.Selection(
        REASONS,
        string="First Reason",
        compute="_compute_coaching_state",
        store=True,
        groups=COACH,
    )
    coaching_day = fields.Date(
        string="Day of the Reason",
        compute="_compute_coaching_state",
        store=True,
        groups=COACH,
        help="Its deadline, or since when.",
    )
    coaching_count = fields.Integer(
        string="Number of the Reason",
        compute="_compute_coaching_state",
        store=True,
        aggregator=None,
        groups=COACH,
        help="How many interviews, actions, reports or documents.",
    )
    coaching_alert_id = fields.Many2one(
        "cae.coaching.alert",
        string="Alert that Counts",
        compute="_compute_coaching_state",
        store=True,
        index="btree_not_null",
        groups=COACH,
    )
    coaching_why = fields.Char(
        string="Why",
        compute="_compute_coaching_why",
        groups=COACH,
        help="The first reason, in one line.",
    )
    coaching_as_of = fields.Datetime(
        string="As of",
        compute="_compute_coaching_as_of",
        groups=COACH,
        help="When the alerts were last looked for.",
    )

    @api.depends(*DEPENDS)
    def _compute_coaching_state(self):
        found = self._coaching_reasons(fields.Date.context_today(self))
        for person in self:
            person.update(found._values(person))

    @api.depends(*REASON, "coaching_alert_id.facts")
    @api.depends_context("uid", "lang")
    def _compute_coaching_why(self):
        # Read together, worded one by one.
        alerts = self.coaching_alert_id._filtered_access("read")
        alerts.fetch(["cause", "facts", "company_id"])
        for person in self:
            person.coaching_why = person._coaching_words(alerts)

    def _compute_coaching_as_of(self):
        for person in self:
            # sudo: when a run took place, of a company that is the person's.
            person.coaching_as_of = person.sudo().company_id.cae_alerts_on

    # ------------------------------------------------------------------
    # Reasons
    # ------------------------------------------------------------------

    def _coaching_reasons(self, day):
        """Reasons of each of these people on ``day``.

        A fixed number of queries, whatever the number of people.
        """
        found = _Found()
        present = self.filtered(lambda p: p.stage not in ("left", False))
        origin = present._origin
        if origin:
            origin._reasons_of_alerts(found)
            origin._reasons_of_duty(found, day)
            origin._reasons_of_limits(found, day)
            origin._reasons_of_work(found, day)
            origin._reasons_of_documents(found)
        return found

    def _reasons_of_alerts(self, found):
        rows = self.env["cae.coaching.alert"].search_fetch(
            [
                ("entrepreneur_id", "in", self.ids),
                ("state", "=", "open"),
                # The duty itself is looked at: it knows what is planned.
                ("cause", "!=", "interview"),
            ],
            ["entrepreneur_id", "cause", "urgency", "deadline", "date_open"],
        )
        for alert in rows:
            state = desk.of_alert(alert.cause, int(alert.urgency))
            day = alert.deadline or alert.date_open
            found._add(
                alert.entrepreneur_id.id,
                desk.Reason(alert.cause, state, day, alert=alert.id),
            )

    def _reasons_of_duty(self, found, day):
        pressing = self.filtered(lambda p: p.interview_state in ("soon", "late"))
        if not pressing:
            return
        rows = self.env["cae.interview"]._read_group(
            [
                ("entrepreneur_ids", "in", pressing.ids),
                ("state", "=", "planned"),
                ("date_start", ">=", fields.Datetime.now()),
            ],
            ["entrepreneur_ids"],
            ["date_start:min"],
        )
        planned = {person.id: start.date() for person, start in rows}
        for person in pressing:
            end = person.interview_deadline or None
            state = desk.of_duty(
                person.interview_state, end, planned.get(person.id), day
            )
            if state != desk.WELL:
                count = person.interview_missing
                found._add(person.id, desk.Reason("interview", state, end, count))

    def _reasons_of_limits(self, found, day):
        past = self._cape_late_domain(day) | self._membership_late_domain(day)
        for person in self.filtered_domain(past):
            limit = person.cape_limit_date
            if person.stage == "cesa":
                limit = person.membership_deadline
            found._add(person.id, desk.Reason("legal", desk.TROUBLE, limit or None))
        warned = self.search(
            [("id", "in", self.ids), ("contract_ids.has_warning", "=", True)]
        )
        for person in warned:
            found._add(person.id, desk.Reason("contract", desk.SOON))

    def _reasons_of_work(self, found, day):
        """Actions that are late, reports that are not written or signed."""
        Action = self.env["cae.coaching.action"]
        rows = Action._read_group(
            Domain("entrepreneur_id", "in", self.ids) & Action._late_domain(),
            ["entrepreneur_id"],
            ["date_deadline:min", "__count"],
        )
        for person, first, count in rows:
            found._add(person.id, desk.Reason("action", desk.SOON, first, count))
        rows = self.env["cae.interview"]._read_group(
            [
                ("entrepreneur_ids", "in", self.ids),
                ("state", "=", "held"),
                ("report_state", "!=", "signed"),
                ("held_start", "<", day - timedelta(days=desk.REPORT_DAYS)),
            ],
            ["entrepreneur_ids"],
            ["held_start:min", "__count"],
        )
        for person, first, count in rows:
            found._add(person.id, desk.Reason("report", desk.SOON, first.date(), count))

    def _reasons_of_documents(self, found):
        for person in self.filtered("has_missing_document"):
            count = person.missing_document_count
            found._add(person.id, desk.Reason("document", desk.SOON, count=count))

    # ------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------

    def _coaching_words(self, alerts):
        """The first reason in one line, with the facts of ``alerts`` only."""
        kind, alert = self.coaching_reason, self.coaching_alert_id
        if alert in alerts:
            return alert.why
        words = not alert and getattr(self, f"_coaching_words_{kind}", None)
        if not words:
            names = self._fields["coaching_reason"]._description_selection(self.env)
            return dict(names).get(kind, False)
        day = self.coaching_day or None
        return words(desk.Reason(kind, self.coaching_state, day, self.coaching_count))

    def _coaching_words_interview(self, reason):
        day = format_date(self.env, reason.day) if reason.day else ""
        if reason.day and reason.day < fields.Date.context_today(self):
            return self.env._(
                "%(count)s interview(s) of the year late since %(day)s (R.7331-3)",
                count=reason.count,
                day=day,
            )
        if reason.count == 1:
            return self.env._(
                "Interview no. %(number)s of the year to sign by %(day)s (R.7331-3)",
                number=self.interview_done + 1,
                day=day,
            )
        return self.env._(
            "%(count)s interviews of the year to sign by %(day)s (R.7331-3)",
            count=reason.count,
            day=day,
        )

    def _coaching_words_legal(self, _reason):
        return (self.warning or "").split("\n")[0]

    def _coaching_words_contract(self, _reason):
        return (self.warning or "").split("\n")[0]

    def _coaching_words_action(self, reason):
        return self.env._(
            "%(count)s late action(s), since %(day)s",
            count=reason.count,
            day=format_date(self.env, reason.day),
        )

    def _coaching_words_report(self, reason):
        return self.env._(
            "%(count)s report(s) to write or to sign, since %(day)s",
            count=reason.count,
            day=format_date(self.env, reason.day),
        )

    def _coaching_words_document(self, _reason):
        return self.env._(
            "Missing: %(names)s",
            names=", ".join(self.missing_document_ids.mapped("name")),
        )

    # ------------------------------------------------------------------
    # Time passes
    # ------------------------------------------------------------------

    @api.model
    def _refresh_coaching_state(self, company):
        """Store the states of a company that the passing of time has changed."""
        people = self.with_context(active_test=False).search_fetch(
            [
                ("company_id", "=", company.id),
                "|",
                ("stage", "not in", ("left", False)),
                ("coaching_state", "!=", False),
            ],
            STORED,
        )
        found = people._coaching_reasons(fields.Date.context_today(self))
        changed = people.filtered(lambda p: p._coaching_stored() != found._values(p))
        changed._cae_compute_again("coaching_state")

    def _coaching_stored(self):
        values = {name: self[name] for name in REASON}
        return {**values, "coaching_alert_id": self.coaching_alert_id.id}

    def action_open_tasks(self) -> dict:
        """What is to do for these people."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_coaching.cae_coaching_task_action"
        )
        return {
            **action,
            "domain": [("entrepreneur_id", "in", self.ids)],
            "context": {},
        }


class _Found(defaultdict):
    """Reasons by id of the person."""

    def __init__(self):
        super().__init__(list)

    def _add(self, person, reason):
        self[person].append(reason)

    def _first(self, person):
        return desk.worst(self.get(person._origin.id, ()))

    def _values(self, person):
        """Values of the stored fields of a person."""
        if person.stage in ("left", False):
            return dict.fromkeys(REASON, False)
        first = self._first(person) or desk.Reason(False, desk.WELL)
        return {
            "coaching_state": first.state,
            "coaching_reason": first.kind,
            "coaching_day": first.day or False,
            "coaching_count": first.count,
            "coaching_alert_id": first.alert or False,
        }


class CaeCoachingAlert(models.Model):
    _inherit = "cae.coaching.alert"

    @api.model
    def _refresh(self, company):
        result = super()._refresh(company)
        # sudo: the state of everybody, and the moment of the run on the company.
        self.env["cae.entrepreneur"].sudo()._refresh_coaching_state(company)
        company.sudo().cae_alerts_on = fields.Datetime.now()
        return result


class ResCompany(models.Model):
    _inherit = "res.company"

    cae_alerts_on = fields.Datetime(
        string="Alerts Looked For on", readonly=True, copy=False
    )
