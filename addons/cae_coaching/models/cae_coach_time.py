from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.cae_base.models.cae_owned import OWNED

OWNED["cae.coach.time"] = {
    "approved_by_id": False,
    "approved_on": False,
    "source_model": False,
    "source_id": False,
}
#: Hours that somebody works in a day at most, over all their lines.
LONGEST_DAY = 12
#: Days back that are filled in from what was held.
FILLED_DAYS = 31


class CaeCoachTime(models.Model):
    """Time that a coach spent, for the time sheets that funders ask."""

    _name = "cae.coach.time"
    _description = "Time of a Coach"
    _inherit = ["cae.owned"]
    _order = "date desc, id desc"
    _rec_name = "name"
    _check_company_auto = True

    name = fields.Char(string="What", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Coach",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(required=True, index=True, default=fields.Date.context_today)
    hours = fields.Float(required=True)
    kind = fields.Selection(
        [
            ("interview", "Interview"),
            ("workshop", "Workshop"),
            ("preparation", "Preparation"),
            ("follow_up", "Follow-up"),
            ("admin", "Administration of the programme"),
            ("other", "Other"),
        ],
        required=True,
        default="follow_up",
    )
    line_id = fields.Many2one(
        "cae.funder.line",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    programme_id = fields.Many2one(related="line_id.programme_id", store=True)
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur", string="Person", index="btree_not_null", check_company=True
    )
    source_model = fields.Char(readonly=True, copy=False)
    source_id = fields.Many2oneReference(
        model_field="source_model", readonly=True, copy=False
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)

    _hours_range = models.Constraint(
        "CHECK(hours > 0 AND hours <= 24)",
        "CAE-FUNDER-TIME: hours are more than 0, and 24 at most.",
    )

    _source_uniq = models.UniqueIndex(
        "(user_id, source_model, source_id) WHERE source_model IS NOT NULL",
        "CAE-FUNDER-TWICE: this time is on your sheet already.",
    )

    @api.constrains("hours", "date", "user_id")
    def _check_day(self):
        """Nobody works more than a day in a day, whatever the funder."""
        # sudo: all of a coach's time of these days counts.
        rows = self.sudo()._read_group(
            [
                ("user_id", "in", self.user_id.ids),
                ("date", ">=", min(self.mapped("date"))),
                ("date", "<=", max(self.mapped("date"))),
            ],
            ["user_id", "date:day"],
            ["hours:sum"],
            having=[("hours:sum", ">", LONGEST_DAY)],
        )
        over = {(user.id, day) for user, day, _hours in rows}
        for one in self:
            if (one.user_id.id, one.date) in over:
                raise ValidationError(
                    self.env._(
                        "CAE-FUNDER-TIME: %(name)s has more than %(hours)s hours on "
                        "that day.",
                        name=one.user_id.name,
                        hours=LONGEST_DAY,
                    )
                )

    @api.constrains("date")
    def _check_past(self):
        today = fields.Date.context_today(self)
        if any(time.date > today for time in self):
            raise ValidationError(
                self.env._("CAE-FUNDER-TIME: time is not spent on a day to come.")
            )

    @api.constrains("line_id", "date")
    def _check_line(self):
        for one in self:
            line = one.line_id
            if line and not line.date_start <= one.date <= line.date_end:
                raise ValidationError(
                    self.env._(
                        "CAE-FUNDER-DATES: %(line)s does not hold that day.",
                        line=line.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        times = super().create(vals_list)
        times.line_id._check_open()
        return times

    def write(self, vals):
        if not self._cae_owning():
            self._check_changeable()
        result = super().write(vals)
        if "line_id" in vals:
            self.line_id._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self._check_changeable()

    def _check_changeable(self):
        self.line_id._check_open()
        if any(self.mapped("approved_on")):
            raise UserError(
                self.env._("CAE-FUNDER-APPROVED: approved time stays as it is.")
            )

    def action_approve(self) -> bool:
        """The head of coaching approves these hours.

        :raises UserError: ``CAE-FUNDER-HEAD`` by another
        """
        self._check_head()
        self.filtered(lambda t: not t.approved_on)._cae_own().write(
            {"approved_by_id": self.env.uid, "approved_on": fields.Datetime.now()}
        )
        return True

    def action_unapprove(self) -> bool:
        """Open to changes again, while the line was not handed over.

        :raises UserError: ``CAE-FUNDER-HEAD``, ``CAE-FUNDER-CLOSED``
        """
        self._check_head()
        self.line_id._check_open()
        self._cae_own().write({"approved_by_id": False, "approved_on": False})
        return True

    def _check_head(self):
        self.check_access("write")
        if not self.env.user.has_group("cae_coaching.group_coaching_manager"):
            raise UserError(
                self.env._("CAE-FUNDER-HEAD: the head of coaching approves time.")
            )

    # ------------------------------------------------------------------
    # Filling in
    # ------------------------------------------------------------------

    def action_fill(self) -> dict:
        """Add what the user held in the last weeks, and has not entered yet."""
        last = fields.Date.context_today(self)
        first = last - timedelta(days=FILLED_DAYS)
        known = {
            (time.source_model, time.source_id)
            for time in self.search(
                [("user_id", "=", self.env.uid), ("source_model", "!=", False)]
            )
        }
        rows = [
            row
            for row in self._held_rows(first, last)
            if (row["source_model"], row["source_id"]) not in known
        ]
        self._cae_own().create(rows)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _held_rows(self, first, last):
        """Hook: values of what the user held from ``first`` to ``last``."""
        return [
            *self._held_sessions(first, last),
            *self._held_interviews(first, last),
        ]

    @api.model
    def _held_sessions(self, first, last):
        sessions = self.env["cae.workshop.session"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("event_id.cae_trainer_ids.user_ids", "=", self.env.uid),
                ("date", ">=", first),
                ("date", "<=", last),
                ("date_stop", "<=", fields.Datetime.now()),
            ]
        )
        return [
            {
                "source_model": session._name,
                "source_id": session.id,
                "kind": "workshop",
                "name": session.event_id.name,
                "date": session.date,
                "hours": session.hours,
            }
            for session in sessions
        ]

    @api.model
    def _held_interviews(self, first, last):
        interviews = self.env["cae.interview"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("coach_ids", "=", self.env.uid),
                ("state", "=", "held"),
                ("duration", ">", 0),
                ("held_start", ">=", first),
                ("held_start", "<", last + timedelta(days=1)),
            ]
        )
        return [
            {
                "source_model": interview._name,
                "source_id": interview.id,
                "kind": "interview",
                "name": interview.type_id.name,
                "date": interview.held_start.date(),
                "hours": interview.duration,
                "entrepreneur_id": interview.entrepreneur_ids[:1].id,
            }
            for interview in interviews
        ]
