"""The path of a person: contracts, interruptions, exit; the state on any day."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.cae_base.engine.texts import storable

from ..engine import path

COACH = "cae_base.group_coach"
STATES = [
    (path.CANDIDATE, "Candidate"),
    (path.CAPE, "CAPE"),
    (path.CESA, "CESA"),
    (path.EMPLOYEE, "Ordinary contract"),
    (path.INTERRUPTED, "Interrupted"),
    (path.LEFT, "Left"),
]


class CaeEntrepreneur(models.Model):
    """The state of anyone at any date, in three queries whatever their number."""

    _inherit = "cae.entrepreneur"

    interruption_ids = fields.One2many(
        "cae.interruption", "entrepreneur_id", groups=COACH
    )
    candidate_ids = fields.One2many("cae.candidate", "entrepreneur_id", groups=COACH)
    exit_interview_ids = fields.One2many(
        "cae.exit.interview", "entrepreneur_id", groups=COACH
    )
    exit_interview_count = fields.Integer(compute="_compute_path_counts", groups=COACH)
    interruption_count = fields.Integer(compute="_compute_path_counts", groups=COACH)
    path_state = fields.Selection(
        STATES,
        string="State at the Date",
        compute="_compute_path_state",
        search="_search_path_state",
        groups=COACH,
        help="On the day of the context key cae_day (YYYY-MM-DD), else today.",
    )
    path_html = fields.Html(
        string="Path", compute="_compute_path_html", sanitize=False, groups=COACH
    )

    @api.depends_context("cae_day")
    @api.depends(
        "date_entry",
        "date_exit",
        "contract_ids.kind",
        "contract_ids.date_start",
        "contract_ids.date_end",
        "interruption_ids.kind",
        "interruption_ids.date_start",
        "interruption_ids.date_end",
    )
    def _compute_path_state(self):
        states = self._states_at(self._context_day())
        for person in self:
            person.path_state = states.get(person._origin.id) or False

    def _search_path_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        day, wanted = self._context_day(), {item or "" for item in value}
        away = self._away_domains(day)
        found = Domain.OR(away[state] for state in wanted & away.keys())
        if wanted <= away.keys():
            return found
        # Which contract counts is for the engine to say.
        here = self.with_context(active_test=False).search(~Domain.OR(away.values()))
        states = here._states_at(day)
        ids = [key for key, state in states.items() if state in wanted]
        return found | Domain("id", "in", ids)

    @api.model
    def _away_domains(self, day):
        """Who is away on ``day``, as the engine says: ``{state: domain}``."""

        def paused(operator):
            return Domain(
                "interruption_ids",
                "any",
                Domain("kind", operator, ["away"])
                & Domain("date_start", "<=", day)
                & (Domain("date_end", "=", False) | Domain("date_end", ">=", day)),
            )

        left = Domain("date_exit", "<", day) | paused("in")
        return {path.LEFT: left, path.INTERRUPTED: paused("not in") & ~left}

    @api.depends("interruption_ids", "exit_interview_ids")
    def _compute_path_counts(self):
        for counter, model in (
            ("exit_interview_count", "cae.exit.interview"),
            ("interruption_count", "cae.interruption"),
        ):
            counts = dict(
                self.env[model]._read_group(
                    [("entrepreneur_id", "in", self.ids)],
                    ["entrepreneur_id"],
                    ["__count"],
                )
            )
            for person in self:
                person[counter] = counts.get(person._origin, 0)

    @api.depends_context("lang")
    @api.depends("date_entry", "date_exit", "contract_ids", "interruption_ids")
    def _compute_path_html(self):
        facts = self._path_facts()
        labels = dict(self._fields["path_state"]._description_selection(self.env))
        for person in self:
            steps = path.timeline(facts.get(person._origin.id) or path.Facts())
            person.path_html = self.env["ir.qweb"]._render(
                "cae_coaching.path_steps", {"steps": steps, "labels": labels}
            )

    # ------------------------------------------------------------------
    # Any day
    # ------------------------------------------------------------------

    @api.model
    def _context_day(self):
        day = self.env.context.get("cae_day")
        return _day(self.env, day) if day else fields.Date.context_today(self)

    def _path_facts(self):
        """``{entrepreneur id: Facts}``, in three queries."""
        self.fetch(["date_entry", "date_exit"])
        contracts = self._spans(
            "cae.contract", Domain("parent_id", "=", False), lambda kind: kind
        )
        pauses = self._spans("cae.interruption", Domain.TRUE, _pause_kind)
        return {
            person.id: path.Facts(
                known=person.date_entry or None,
                exit=person.date_exit or None,
                contracts=tuple(contracts.get(person.id, ())),
                pauses=tuple(pauses.get(person.id, ())),
            )
            for person in self
            if person.id
        }

    def _spans(self, model, domain, kind):
        records = self.env[model].search_fetch(
            Domain("entrepreneur_id", "in", self.ids)
            & Domain("date_start", "!=", False)
            & domain,
            ["entrepreneur_id", "kind", "date_start", "date_end"],
            order="id",
        )
        result = {}
        for record in records:
            span = path.Span(
                kind(record.kind), record.date_start, record.date_end or None
            )
            result.setdefault(record.entrepreneur_id.id, []).append(span)
        return result

    def _states_at(self, day: date) -> dict[int, str]:
        """``{entrepreneur id: state}`` on ``day``; ``""`` before the entry."""
        facts = self._path_facts()
        return {key: path.state_at(fact, day) for key, fact in facts.items()}

    @api.model
    def states(self, day: str, codes: list[str] | None = None) -> list[dict]:
        """State of people on a day.

        :param day: ISO date
        :param codes: of entrepreneurs; all whom the user may see when empty
        :return: ``[{"code", "name", "state"}]`` by code; states are ``candidate``,
            ``cape``, ``cesa``, ``employee``, ``interrupted``, ``left``, or ``""``
            when the person had not entered yet
        :raises UserError: ``CAE-PATH-DAY``
        """
        when = _day(self.env, day)
        if codes and not isinstance(codes, list | tuple):
            codes = [codes]
        known = [code for code in codes or () if storable(code)]
        domain = [("code", "in", known)] if codes else []
        people = self.with_context(active_test=False).search_fetch(
            domain, ["code", "name", "date_entry", "date_exit"], order="code"
        )
        found = people._states_at(when)
        return [
            {"code": p.code, "name": p.name or "", "state": found[p.id]} for p in people
        ]

    # ------------------------------------------------------------------
    # Exit and return
    # ------------------------------------------------------------------

    def _leave(self, day, reason):
        """The last day and its reason; contracts still open end with it.

        :raises UserError: ``CAE-EXIT-DAY``, ``CAE-COACHING-RIGHT``
        """
        self.ensure_one()
        self._check_path_right()
        if self.date_exit:
            raise UserError(
                self.env._(
                    "CAE-EXIT-DAY: %(name)s has left already.", name=self.display_name
                )
            )
        # sudo: heads of coaching write neither people nor contracts; an exit ends them.
        here = self.sudo()
        running = here.contract_ids.filtered(
            lambda c: (
                not c.parent_id
                and c.date_start <= day
                and (not c.date_end or c.date_end > day)
            )
        )
        running.write({"date_end": day})
        here.write({"date_exit": day, "exit_reason_id": reason.id})

    def _come_back(self, day):
        """A return after an exit: the time between becomes an interruption.

        :raises UserError: ``CAE-RETURN-DAY``, ``CAE-COACHING-RIGHT``
        """
        self.ensure_one()
        self._check_path_right()
        first = self.date_exit and self.date_exit + path.DAY
        if not first or day <= first:
            raise UserError(
                self.env._(
                    "CAE-RETURN-DAY: who comes back left before (%(name)s).",
                    name=self.display_name,
                )
            )
        # sudo: as in _leave.
        here = self.sudo()
        here.env["cae.interruption"].create(
            {
                "entrepreneur_id": self.id,
                "kind": "away",
                "date_start": first,
                "date_end": day - path.DAY,
                "exit_reason_id": self.exit_reason_id.id,
            }
        )
        here.write({"date_exit": False, "exit_reason_id": False})

    def _check_path_right(self):
        """:raises UserError: ``CAE-COACHING-RIGHT``"""
        if not self.env.user.has_group("cae_coaching.group_coaching_manager"):
            raise UserError(
                self.env._(
                    "CAE-COACHING-RIGHT: the head of coaching notes exits and returns."
                )
            )
        self.check_access("read")

    def action_exit(self) -> dict:
        """Ask for the last day and the reason."""
        return self._ask_move("exit", self.env._("Exit"))

    def action_return(self) -> dict:
        """Ask for the first day back."""
        return self._ask_move("return", self.env._("Return"))

    def _ask_move(self, operation, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "cae.path.move",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_entrepreneur_id": self.id,
                "default_operation": operation,
            },
        }

    def action_interruptions(self) -> dict:
        """Interruptions of these people."""
        return self._open_of("cae.interruption", self.env._("Interruptions"))

    def action_exit_interviews(self) -> dict:
        """Exit interviews of these people."""
        return self._open_of("cae.exit.interview", self.env._("Exit Interviews"))

    def _open_of(self, model, name, view_mode="list,form"):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": view_mode,
            "domain": [("entrepreneur_id", "in", self.ids)],
            "context": {
                "default_entrepreneur_id": self.id if len(self) == 1 else False
            },
        }


def _pause_kind(kind):
    return path.LEFT if kind == "away" else path.INTERRUPTED


def _day(env, text):
    """:raises UserError: ``CAE-PATH-DAY``"""
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise UserError(
            env._("CAE-PATH-DAY: %(day)s is not a day (YYYY-MM-DD).", day=text)
        ) from error
