from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.cae_base.tools import format_date

from ..engine import duty

STATES = [
    ("none", "No CESA"),
    ("ok", "Up to date"),
    ("due", "To plan"),
    ("soon", "Soon late"),
    ("late", "Late"),
]
#: Stored fields of the duty, all of one computation.
DUTY = (
    *("interview_state", "interview_done", "interview_missing"),
    *("interview_deadline", "interview_period_start", "interview_missed"),
)


class CaeEntrepreneur(models.Model):
    """The two signed interviews per twelve months of CESA (R.7331-3)."""

    _inherit = "cae.entrepreneur"

    interview_signature_ids = fields.One2many(
        "cae.interview.signature", "entrepreneur_id", groups="cae_base.group_coach"
    )
    interview_state = fields.Selection(
        STATES,
        string="Support Interviews",
        compute="_compute_interview_duty",
        store=True,
        index=True,
        help="Two interviews, held, written and signed by the person, per twelve "
        "months of CESA (R.7331-3). Late: the last twelve months ended short, and what "
        "was missing has not been made up for since. Refreshed every day.",
    )
    interview_done = fields.Integer(
        string="Signed in the Period",
        compute="_compute_interview_duty",
        store=True,
        aggregator=None,
    )
    interview_missing = fields.Integer(
        string="Interviews Missing",
        compute="_compute_interview_duty",
        store=True,
    )
    interview_deadline = fields.Date(
        compute="_compute_interview_duty",
        store=True,
        help="Day by which the missing interviews are to be signed.",
    )
    interview_period_start = fields.Date(
        string="Period Since",
        compute="_compute_interview_duty",
        store=True,
        help="First day of the twelve months of the contract that are running.",
    )
    interview_missed = fields.Integer(
        string="Periods Missed",
        compute="_compute_interview_duty",
        store=True,
        help="Periods of twelve months that ended with fewer than two interviews.",
    )
    last_interview_date = fields.Datetime(
        string="Last Interview",
        compute="_compute_interview_dates",
        groups="cae_base.group_coach",
    )
    next_interview_date = fields.Datetime(
        string="Next Interview",
        compute="_compute_interview_dates",
        groups="cae_base.group_coach",
    )
    interview_count = fields.Integer(
        compute="_compute_interview_dates", groups="cae_base.group_coach"
    )
    coaching_action_count = fields.Integer(
        string="Actions to Do",
        compute="_compute_coaching_action_count",
        groups="cae_base.group_coach",
    )
    interview_unplanned = fields.Boolean(
        string="No Interview Planned",
        compute="_compute_interview_unplanned",
        search="_search_interview_unplanned",
        groups="cae_base.group_coach",
        help="Interviews are missing, and none is planned.",
    )

    @api.depends(
        "contract_ids.kind",
        "contract_ids.date_start",
        "contract_ids.date_end",
        "contract_ids.parent_id",
        "interview_signature_ids.duty_date",
        "company_id.cae_interview_notice",
    )
    def _compute_interview_duty(self):
        found = self._interview_situations(fields.Date.context_today(self))
        for person in self:
            person.update(found[person._origin.id])

    def _interview_situations(self, day):
        """``{id: values of the fields of the duty}`` on ``day``, in two queries."""
        contracts = self._cesa_intervals()
        signed = self._duty_days()
        notices = {c.id: c.cae_interview_notice for c in self.company_id}
        result = {False: _values(duty.Situation())}
        for person in self:
            key = person._origin.id
            result[key] = _values(
                duty.situation(
                    contracts.get(key, ()),
                    signed.get(key, ()),
                    day,
                    notices.get(person.company_id.id, duty.NOTICE_DAYS),
                )
            )
        return result

    def _cesa_intervals(self):
        rows = self.env["cae.contract"].search_fetch(
            [
                ("entrepreneur_id", "in", self._origin.ids),
                ("kind", "=", "cesa"),
                ("parent_id", "=", False),
            ],
            ["entrepreneur_id", "date_start", "date_end"],
        )
        return {
            person.id: contracts._intervals()
            for person, contracts in rows.grouped("entrepreneur_id").items()
        }

    def _duty_days(self):
        rows = self.env["cae.interview.signature"]._read_group(
            [
                ("entrepreneur_id", "in", self._origin.ids),
                ("duty_date", "!=", False),
            ],
            ["entrepreneur_id"],
            ["duty_date:array_agg"],
        )
        return {person.id: days for person, days in rows}

    @api.depends_context("uid")
    def _compute_interview_dates(self):
        last, coming, counts = self._interview_dates()
        for person in self:
            key = person._origin.id
            person.last_interview_date = last.get(key, False)
            person.next_interview_date = coming.get(key, False)
            person.interview_count = counts.get(key, 0)

    def _interview_dates(self):
        """Last held, next planned, and number of interviews of each person."""
        now = fields.Datetime.now()
        own = Domain("entrepreneur_ids", "in", self._origin.ids)

        def read(domain, aggregate):
            rows = self.env["cae.interview"]._read_group(
                own & Domain(domain), ["entrepreneur_ids"], [aggregate]
            )
            return {person.id: value for person, value in rows}

        return (
            read([("state", "=", "held")], "held_start:max"),
            read(
                [("state", "=", "planned"), ("date_start", ">=", now)],
                "date_start:min",
            ),
            read([], "__count"),
        )

    @api.depends_context("uid")
    def _compute_coaching_action_count(self):
        rows = self.env["cae.coaching.action"]._read_group(
            [("entrepreneur_id", "in", self._origin.ids), ("state", "=", "todo")],
            ["entrepreneur_id"],
            ["__count"],
        )
        counts = {person.id: count for person, count in rows}
        for person in self:
            person.coaching_action_count = counts.get(person._origin.id, 0)

    @api.depends("interview_missing")
    @api.depends_context("uid")
    def _compute_interview_unplanned(self):
        lacking = self.filtered_domain(self._unplanned_domain())
        for person in self:
            person.interview_unplanned = person in lacking

    def _search_interview_unplanned(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._unplanned_domain()

    @api.model
    def _unplanned_domain(self):
        now = fields.Datetime.now()
        planned = self.env["cae.interview"]._search(
            [("state", "=", "planned"), ("date_start", ">=", now)]
        )
        interviews = self.env["cae.interview"].search_fetch(
            [("id", "in", planned)], ["entrepreneur_ids"]
        )
        return Domain("interview_missing", ">", 0) & Domain(
            "id", "not in", interviews.entrepreneur_ids.ids
        )

    # ------------------------------------------------------------------
    # What cae_base asks
    # ------------------------------------------------------------------

    @api.depends("interview_state", "interview_deadline", "interview_missing")
    def _compute_warning(self):
        return super()._compute_warning()

    def _warning_domains(self, day):
        late = Domain("interview_state", "=", "late") & Domain("stage", "!=", "left")
        return [*super()._warning_domains(day), late]

    def _warnings(self):
        result = super()._warnings()
        if self.interview_state == "late" and self.stage != "left":
            result.append(
                self.env._(
                    "Support interviews not signed by %(day)s: %(count)s (R.7331-3).",
                    count=self.interview_missing,
                    day=format_date(self.env, self.interview_deadline),
                )
            )
        return result

    @api.model
    def _cron_refresh(self):
        result = super()._cron_refresh()
        self._refresh_interview_duty()
        return result

    @api.model
    def _refresh_interview_duty(self):
        """Store the duties that the passing of time has changed."""
        people = self.with_context(active_test=False).search_fetch(
            ["|", ("stage", "=", "cesa"), ("interview_state", "!=", "none")],
            [*DUTY, "company_id"],
        )
        found = people._interview_situations(fields.Date.context_today(self))
        changed = people.filtered(
            lambda p: any(p[name] != found[p.id][name] for name in DUTY)
        )
        changed._cae_compute_again("interview_state")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_interviews(self) -> dict:
        """Interviews of these people."""
        return self._action_coaching("cae_coaching.cae_interview_action", "person")

    def action_open_coaching_actions(self) -> dict:
        """Actions of these people."""
        return self._action_coaching("cae_coaching.cae_coaching_action_action", "own")

    def _action_coaching(self, xmlid, kind):
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        person = kind == "person"
        name = "entrepreneur_ids" if person else "entrepreneur_id"
        action["domain"] = [(name, "in", self.ids)]
        default = [fields.Command.set(self.ids)] if person else self[:1].id
        action["context"] = {f"default_{name}": default}
        return action

    def action_plan_interview(self) -> dict:
        """Plan an interview with these people."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Interview"),
            "res_model": "cae.interview",
            "view_mode": "form",
            "context": {
                "default_entrepreneur_ids": [fields.Command.set(self.ids)],
            },
        }


def _values(situation):
    """Values of the fields of the duty."""
    period = situation.period
    return {
        "interview_state": situation.state,
        "interview_done": situation.done,
        "interview_missing": situation.missing,
        "interview_deadline": situation.deadline or False,
        "interview_period_start": period.first if period else False,
        "interview_missed": situation.missed,
    }
