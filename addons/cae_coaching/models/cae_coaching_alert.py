from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import formatLang

from odoo.addons.cae_base.tools import flag_domain, format_date

from ..engine import alerts as engine

CAUSES = [
    ("treasury", "Treasury"),
    ("no_invoice", "No invoice"),
    ("margin", "Margin"),
    ("unpaid", "Unpaid customers"),
    ("cape", "End of the CAPE"),
    ("trial", "End of the trial"),
    ("membership", "Membership"),
    ("interview", "Support interviews"),
]
URGENCIES = [("0", "To watch"), ("1", "To act on"), ("2", "Urgent")]
#: Days that a coach has to look at an alert without a legal deadline, by urgency.
DAYS_TO_LOOK = {"0": 14, "1": 7, "2": 1}
#: A rest of an alert is of so many days at most.
LONGEST_REST = 366
XMLID = "cae_coaching.mail_activity_data_alert"
#: What the terms of a person are read from, at once for all.
TERMS = (
    *("member_date", "membership_deadline", "stage"),
    *("interview_missing", "interview_deadline"),
)


class CaeCoachingAlert(models.Model):
    """Why a coach should look at somebody: one per cause until it is solved.

    The nightly run (:meth:`_refresh`) opens, words and closes alerts; people only let
    them rest. Nobody but the run writes on one.
    """

    _name = "cae.coaching.alert"
    _description = "Alert"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "urgency desc, deadline, id"
    _rec_name = "cause"
    _check_company_auto = True
    _mail_post_access = "read"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        help="For an activity, the person who holds most of it.",
    )
    activity_id = fields.Many2one(
        "cae.activity",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    coach_id = fields.Many2one(
        related="entrepreneur_id.coach_id", store=True, index="btree_not_null"
    )
    team_id = fields.Many2one(related="entrepreneur_id.team_id", store=True)
    coach_user_ids = fields.Many2many(
        "res.users",
        "cae_coaching_alert_reader_rel",
        string="Users Who Read It",
        compute="_compute_coach_user_ids",
        store=True,
        groups="cae_coaching.group_coaching_manager",
    )
    cause = fields.Selection(CAUSES, required=True, readonly=True, index=True)
    urgency = fields.Selection(
        URGENCIES, required=True, readonly=True, group_expand=True
    )
    state = fields.Selection(
        [("open", "Open"), ("resting", "Resting"), ("closed", "Solved")],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    deadline = fields.Date(readonly=True, help="Legal deadline.")
    facts = fields.Json(readonly=True)
    why = fields.Char(compute="_compute_why", help="The cause with its figures.")
    date_open = fields.Date(string="Since", required=True, readonly=True)
    date_closed = fields.Date(
        string="Solved on",
        readonly=True,
        help="The night on which the cause was no longer found.",
    )
    rest_until = fields.Date(string="Rests Until", readonly=True)
    rest_reason = fields.Char(string="Why It Rests", readonly=True)
    rest_user_id = fields.Many2one("res.users", string="Put to Rest by", readonly=True)
    mine = fields.Boolean(
        string="Of My People", compute="_compute_mine", search="_search_mine"
    )

    # The order of the list: the first ones are found without sorting all.
    _list_index = models.Index("(company_id, urgency DESC, deadline, id)")
    # The run and two people at once: one alert for a cause, whatever happens.
    _activity_uniq = models.UniqueIndex(
        "(activity_id, cause) WHERE activity_id IS NOT NULL AND state != 'closed'",
        "CAE-ALERT-TWICE: this alert is open already.",
    )
    _person_uniq = models.UniqueIndex(
        "(entrepreneur_id, cause) WHERE activity_id IS NULL AND state != 'closed'",
        "CAE-ALERT-TWICE: this alert is open already.",
    )

    @api.depends(
        "entrepreneur_id.coach_id",
        "entrepreneur_id.team_id.user_ids",
        "activity_id.coach_user_ids",
    )
    def _compute_coach_user_ids(self):
        # Rules of rights look at stored users: the database finds those of a coach
        # by an index, whatever the number of alerts. Written together: one by one each
        # would be a query.
        for users, alerts in self.grouped(lambda a: a._readers()).items():
            alerts.coach_user_ids = users

    def _readers(self):
        person = self.entrepreneur_id
        readers = person.coach_id | person.team_id.user_ids
        return readers | self.activity_id.coach_user_ids

    @api.depends("cause", "facts", "deadline")
    @api.depends_context("lang")
    def _compute_why(self):
        for alert in self:
            words = getattr(alert, f"_why_{alert.cause}", None)
            alert.why = words(alert.facts or {}) if words else False

    @api.depends("entrepreneur_id", "activity_id", "cause")
    @api.depends_context("lang")
    def _compute_display_name(self):
        causes = dict(self._fields["cause"]._description_selection(self.env))
        for alert in self:
            # sudo: the name alone, of a person or activity that is on the alert.
            of = alert.sudo().activity_id or alert.sudo().entrepreneur_id
            alert.display_name = f"{of.name} – {causes.get(alert.cause, '')}"

    @api.depends("coach_id", "team_id")
    @api.depends_context("uid")
    def _compute_mine(self):
        mine = self.filtered_domain(self._mine_domain())
        for alert in self:
            alert.mine = alert in mine

    def _search_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        return flag_domain(self._mine_domain(), value)

    @api.model
    def _mine_domain(self):
        return Domain("coach_id", "=", self.env.uid) | Domain(
            "team_id.user_ids", "=", self.env.uid
        )

    # ------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------

    def _why_treasury(self, facts):
        amount = self._amount
        if facts.get("kind") == "fall":
            return self.env._(
                "Available money fell by %(percent)s %%: %(before)s, now %(now)s",
                percent=facts["percent"],
                before=amount(facts["before"]),
                now=amount(facts["available"]),
            )
        return self.env._(
            "Available money: %(now)s, for a limit of %(limit)s",
            now=amount(facts.get("available")),
            limit=amount(facts.get("limit")),
        )

    def _why_no_invoice(self, facts):
        if facts.get("ever"):
            return self.env._("No invoice for %(count)s months", count=facts["months"])
        return self.env._(
            "No invoice at all: open for %(count)s months", count=facts.get("months")
        )

    def _why_margin(self, facts):
        return self.env._(
            "Gross margin of %(percent)s %% (limit %(limit)s %%): %(margin)s",
            percent=facts.get("percent"),
            limit=facts.get("limit"),
            margin=self._amount(facts.get("margin")),
        )

    def _why_unpaid(self, facts):
        if facts.get("count") == 1:
            return self.env._(
                "%(amount)s that a customer does not pay, %(days)s days late",
                amount=self._amount(facts.get("amount")),
                days=facts.get("days"),
            )
        return self.env._(
            "%(amount)s that customers do not pay: %(count)s documents, "
            "%(days)s days late at most",
            amount=self._amount(facts.get("amount")),
            count=facts.get("count"),
            days=facts.get("days"),
        )

    def _why_cape(self, facts):
        if self._days_left() < 0:
            return self.env._(
                "The CAPE ended on %(day)s and nothing follows",
                day=self._day(self.deadline),
            )
        end = self._day(self.deadline)
        if facts.get("renewable"):
            return self.env._(
                "The CAPE ends on %(end)s; it can be renewed until %(day)s",
                end=end,
                day=self._day(facts["renewable"]),
            )
        return self.env._("The CAPE ends on %(end)s and cannot be renewed", end=end)

    def _why_trial(self, _facts):
        return self.env._("The trial ends on %(day)s", day=self._day(self.deadline))

    def _why_membership(self, _facts):
        if self._days_left() < 0:
            return self.env._(
                "Should be a member since %(day)s (L.7331-3)",
                day=self._day(self.deadline),
            )
        return self.env._(
            "To be a member by %(day)s (L.7331-3)", day=self._day(self.deadline)
        )

    def _why_interview(self, facts):
        if self._days_left() < 0:
            return self.env._(
                "%(count)s interview(s) of the year late since %(day)s (R.7331-3)",
                count=facts.get("missing"),
                day=self._day(self.deadline),
            )
        if facts.get("missing") == 1:
            return self.env._(
                "A support interview to sign by %(day)s (R.7331-3)",
                day=self._day(self.deadline),
            )
        return self.env._(
            "%(count)s support interviews to sign by %(day)s (R.7331-3)",
            count=facts.get("missing"),
            day=self._day(self.deadline),
        )

    def _amount(self, text):
        return formatLang(self.env, float(text or 0), currency_obj=self.currency_id)

    def _day(self, value):
        return format_date(self.env, fields.Date.to_date(value))

    def _days_left(self):
        if not self.deadline:
            return 0
        return (self.deadline - fields.Date.context_today(self)).days

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_rest(self, until, reason: str) -> bool:
        """Let these alerts rest: the coach knows, and has a reason to wait.

        An alert that becomes more urgent wakes at once.

        :param until: day on which it wakes if its cause is still there
        :raises UserError: ``CAE-ALERT-REASON``, ``CAE-ALERT-REST``,
            ``CAE-ALERT-STATE``
        """
        self.check_access("read")
        day = self._parse_rest(until)
        reason = reason.strip()[:500] if isinstance(reason, str) else ""
        if not reason:
            raise UserError(self.env._("CAE-ALERT-REASON: say why it can wait."))
        self._check_not_closed()
        # sudo: nobody writes on alerts; who reads one may let it rest.
        alerts = self.sudo()
        alerts.write(
            {
                "state": "resting",
                "rest_until": day,
                "rest_reason": reason,
                "rest_user_id": self.env.uid,
            }
        )
        alerts._drop_activities()
        return True

    def action_wake(self) -> bool:
        """These alerts rest no longer.

        :raises UserError: ``CAE-ALERT-STATE``
        """
        self.check_access("read")
        self._check_not_closed()
        # sudo: as in action_rest.
        self.filtered(lambda a: a.state == "resting").sudo()._wake()
        return True

    def action_ask_rest(self) -> dict:
        """Ask until when, and why."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Let Rest"),
            "res_model": "cae.coaching.alert.rest",
            "view_mode": "form",
            "target": "new",
            "context": {"default_alert_ids": [fields.Command.set(self.ids)]},
        }

    def action_open_subject(self) -> dict:
        """The activity, or the person."""
        self.ensure_one()
        record = self.activity_id or self.entrepreneur_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
        }

    def _parse_rest(self, until):
        today = fields.Date.context_today(self)
        try:
            day = fields.Date.to_date(until)
        except (TypeError, ValueError):
            day = None
        if not day or not 0 < (day - today).days <= LONGEST_REST:
            raise UserError(
                self.env._(
                    "CAE-ALERT-REST: an alert rests until a day of the next twelve "
                    "months."
                )
            )
        return day

    def _check_not_closed(self):
        if any(alert.state == "closed" for alert in self):
            raise UserError(self.env._("CAE-ALERT-STATE: this alert is solved."))

    # ------------------------------------------------------------------
    # The nightly run
    # ------------------------------------------------------------------

    @api.model
    def _cron_refresh(self):
        for company in self.env["res.company"].search(
            [("cae_shared_account_id", "!=", False)]
        ):
            self.with_company(company)._refresh(company)

    @api.model
    def action_refresh(self) -> bool:
        """Look for alerts now, in the current company.

        :raises AccessError: ``CAE-ACCESS``
        """
        self._check_head()
        # sudo: the run looks at everybody and writes alerts, which nobody may.
        self.sudo()._refresh(self.env.company)
        return True

    @api.model
    def _check_head(self):
        if not self.env.user.has_group("cae_coaching.group_coaching_manager"):
            raise AccessError(
                self.env._("CAE-ACCESS: the head of coaching looks for alerts.")
            )

    @api.model
    def _refresh(self, company):
        """Open, word, raise and close the alerts of a company.

        A fixed number of queries, whatever the number of people.
        """
        day = fields.Date.context_today(self)
        known = self._known(company)
        found = self._found(company, day, known)
        facts = {key: engine.Known(*a._rest()) for key, a in known.items()}
        findings = {key: finding for key, (finding, _person) in found.items()}
        plan = engine.plan(facts, findings, day)
        self._close([known[key] for key in plan.closed], day)
        for key in (*plan.same, *plan.raised, *plan.wake):
            known[key]._word(*found[key])
        self.browse().union(*(known[key] for key in plan.wake))._wake()
        raised = self.browse().union(*(known[key] for key in plan.raised))
        raised.filtered(lambda a: not a.activity_ids)._tell()
        self._open(company, {key: found[key] for key in plan.opened}, day)
        self.search([("company_id", "=", company.id), ("state", "=", "open")])._follow()

    @api.model
    def _known(self, company):
        """``{key: alert}`` of those that are not closed."""
        alerts = self.search_fetch(
            [("company_id", "=", company.id), ("state", "!=", "closed")]
        )
        return {alert._key(): alert for alert in alerts}

    def _key(self):
        of = self.activity_id or self.entrepreneur_id
        return (of._name, of.id, self.cause)

    def _rest(self):
        return int(self.urgency), self.rest_until or None

    @api.model
    def _found(self, company, day, known):
        """``{key: (finding, person id)}``"""
        limits = company._cae_alert_limits()
        causes = {}
        for model, record_id, cause in known:
            causes.setdefault((model, record_id), set()).add(cause)
        result = {}
        for activity, person, money in self._money(company, day):
            open_causes = causes.get((activity._name, activity.id), ())
            for finding in engine.of_activity(money, limits, day, open_causes):
                result[activity._name, activity.id, finding.cause] = finding, person
        people = self.env["cae.entrepreneur"].search_fetch(
            [("company_id", "=", company.id), ("stage", "not in", ("left", False))],
            TERMS,
        )
        for person, terms in people._alert_terms(day).items():
            for finding in engine.of_person(terms, limits, day):
                result[people._name, person, finding.cause] = finding, person
        return result

    @api.model
    def _money(self, company, day):
        """Activities that are open and held, with whom to tell and their figures."""
        activities = self.env["cae.activity"].search_fetch(
            [
                ("company_id", "=", company.id),
                ("date_start", "<=", day),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", day),
            ],
            ["date_start", "analytic_account_id", "company_id"],
        )
        figures = activities._alert_money(day)
        holders = activities._holders_at(day)
        for activity in activities:
            shares = holders[activity.id]
            if shares:
                person = min(shares, key=lambda p, s=shares: (-s[p], p))
                yield activity, person, figures[activity.id]

    def _word(self, finding, person):
        """Write what changed of an alert, and nothing when all is as before."""
        values = self._finding_values(finding, person)
        changed = {
            name: value
            for name, value in values.items()
            if (self[name].id if name == "entrepreneur_id" else self[name]) != value
        }
        if changed:
            self.write(changed)

    @api.model
    def _finding_values(self, finding, person):
        return {
            "entrepreneur_id": person,
            "urgency": str(finding.urgency),
            "deadline": finding.deadline or False,
            "facts": dict(finding.facts),
        }

    @api.model
    def _open(self, company, found, day):
        activity = self.env["cae.activity"]._name
        quiet = self.with_context(tracking_disable=True, mail_create_nosubscribe=True)
        alerts = quiet.create(
            [
                {
                    "company_id": company.id,
                    "cause": cause,
                    "activity_id": record_id if model == activity else False,
                    "date_open": day,
                    **self._finding_values(finding, person),
                }
                for (model, record_id, cause), (finding, person) in found.items()
            ]
        )
        alerts._tell()

    @api.model
    def _close(self, alerts, day):
        alerts = self.browse().union(*alerts)
        alerts.write(
            {
                "state": "closed",
                "date_closed": day,
                "rest_until": False,
            }
        )
        alerts._drop_activities()

    def _wake(self):
        self.write({"state": "open", "rest_until": False})
        self._tell()

    # ------------------------------------------------------------------
    # Activities of Odoo
    # ------------------------------------------------------------------

    def _alert_activities(self):
        # sudo: an activity of Odoo is its coach's; the run moves and ends it.
        return (
            self.env["mail.activity"]
            .sudo()
            .search_fetch(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)],
                ["res_id", "user_id"],
            )
        )

    def _drop_activities(self):
        if self:
            self._alert_activities().unlink()

    def _tell(self):
        """One Odoo activity of the coach per alert, in one creation, no e-mail."""
        kind = self.env.ref(XMLID, raise_if_not_found=False)
        alerts = self.filtered("coach_id")
        if kind and alerts:
            # sudo: the run gives activities to others.
            activities = self.env["mail.activity"].sudo()
            activities.with_context(mail_activity_quick_update=True).create(
                [alert._prepare_activity_vals(kind) for alert in alerts]
            )

    def _prepare_activity_vals(self, kind):
        coach = self.coach_id
        words = self.with_context(lang=coach.lang)
        of = self.activity_id or self.entrepreneur_id
        return {
            "activity_type_id": kind.id,
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "user_id": coach.id,
            "summary": f"{of.name}: {words.why}",
            "date_deadline": self._look_by(),
            "automated": True,
        }

    def _look_by(self):
        today = fields.Date.context_today(self)
        look = today + relativedelta(days=DAYS_TO_LOOK[self.urgency])
        return min(look, max(self.deadline, today)) if self.deadline else look

    def _follow(self):
        """After a hand-over the activities of these alerts are the new coach's."""
        coaches = {alert.id: alert.coach_id for alert in self}
        activities = self._alert_activities()
        for coach, moved in activities.grouped(lambda a: coaches[a.res_id]).items():
            moved = moved.filtered(lambda a, c=coach: a.user_id != c)
            if moved and coach:
                moved.with_context(mail_activity_quick_update=True).write(
                    {"user_id": coach.id}
                )
            elif moved:
                moved.unlink()
