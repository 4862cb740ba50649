from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.cae_hand_over import OPTIONS

#: A hand-over is planned, or told of afterwards, within so many days.
LONGEST_PLAN = 366


class CaeHandOverAsk(models.TransientModel):
    """Asks to whom people go, from when, why, and what goes along."""

    _name = "cae.hand.over.ask"
    _description = "Hand Over to Another Coach"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    coach_from_id = fields.Many2one(
        "res.users",
        string="All People of",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Everybody whom this coach follows, instead of the people chosen.",
    )
    entrepreneur_ids = fields.Many2many(
        "cae.entrepreneur",
        string="People",
        compute="_compute_entrepreneur_ids",
        store=True,
        readonly=False,
    )
    candidate_ids = fields.Many2many(
        "cae.candidate",
        string="Candidates",
        compute="_compute_entrepreneur_ids",
        store=True,
        readonly=False,
        help="Candidates whom this coach follows, until they enter or are refused.",
    )
    coach_to_id = fields.Many2one(
        "res.users",
        string="New Coach",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date = fields.Date(
        string="From Date", required=True, default=fields.Date.context_today
    )
    temporary = fields.Boolean(
        string="Replacement", help="For a leave: the people go back afterwards."
    )
    date_end = fields.Date(string="Until", help="Last day of the replacement.")
    reason = fields.Char(help="Kept with your name.")
    with_interviews = fields.Boolean(string="Planned Interviews", default=True)
    with_actions = fields.Boolean(string="Open Actions", default=True)
    with_requests = fields.Boolean(string="Open Service Requests", default=True)
    with_activities = fields.Boolean(string="Planned Activities", default=True)
    tell_people = fields.Boolean(string="Tell the People", default=True)
    share_notes = fields.Boolean(
        string="Share My Private Notes",
        help="The new coach reads the private notes that you wrote on these people. "
        "Nobody shares those of another.",
    )

    @api.depends("coach_from_id")
    def _compute_entrepreneur_ids(self):
        People = self.env["cae.entrepreneur"]
        Candidates = self.env["cae.candidate"]
        for ask in self.filtered("coach_from_id"):
            ask.candidate_ids = Candidates.search(
                [
                    ("coach_id", "=", ask.coach_from_id.id),
                    ("company_id", "=", ask.company_id.id),
                    ("entrepreneur_id", "=", False),
                    ("decision", "!=", "refused"),
                ]
            )
            ask.entrepreneur_ids = People.search(
                [
                    ("coach_id", "=", ask.coach_from_id.id),
                    ("company_id", "=", ask.company_id.id),
                    ("stage", "!=", "left"),
                ]
            )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        context = self.env.context
        if context.get("active_model") == "cae.entrepreneur":
            values["entrepreneur_ids"] = [(6, 0, context.get("active_ids") or [])]
        if context.get("active_model") == "cae.candidate":
            values["candidate_ids"] = [(6, 0, context.get("active_ids") or [])]
        return values

    def action_confirm(self) -> dict:
        """Hand the people over, today or when the day comes.

        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-HANDOVER-PEOPLE`` nobody, or people of several
            companies; ``CAE-HANDOVER-COACH`` who is no coach or archived;
            ``CAE-HANDOVER-SAME`` somebody has this coach already;
            ``CAE-HANDOVER-REASON``; ``CAE-HANDOVER-DATES``;
            ``CAE-HANDOVER-TWICE`` one is planned already
        """
        self.ensure_one()
        people, candidates = self.entrepreneur_ids, self.candidate_ids
        people._check_hand_over()
        candidates._check_hand_over()
        self._check_people(people, candidates)
        self._check_coach(people, candidates)
        self._check_when()
        # sudo: nobody writes on the log, coaches not on people: the right was checked.
        moves = (
            self.env["cae.hand.over"]
            .sudo()
            .create(self._prepare_moves(people, candidates))
        )
        if self.share_notes:
            people._share_own_notes(self.coach_to_id)
        if self.date <= fields.Date.context_today(self):
            moves._apply()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _check_people(self, people, candidates):
        if len(people.company_id | candidates.company_id) != 1:
            raise UserError(
                self.env._(
                    "CAE-HANDOVER-PEOPLE: choose people, all of one cooperative."
                )
            )
        planned = self.env["cae.hand.over"].search(
            Domain("state", "=", "planned")
            & (
                Domain("entrepreneur_id", "in", people.ids)
                | Domain("candidate_id", "in", candidates.ids)
            ),
            limit=1,
        )
        if planned:
            raise UserError(
                self.env._(
                    "CAE-HANDOVER-TWICE: a hand-over of %(name)s is planned already. "
                    "Cancel it first.",
                    name=planned._owner().name,
                )
            )

    def _check_coach(self, people, candidates):
        new = self.coach_to_id
        company = people.company_id | candidates.company_id
        if not new or not new._cae_is_coach_of(company):
            raise UserError(
                self.env._(
                    "CAE-HANDOVER-COACH: choose a coach of the cooperative who is not "
                    "archived."
                )
            )
        same = [p.name for p in (*people, *candidates) if p.coach_id == new]
        if same:
            raise UserError(
                self.env._(
                    "CAE-HANDOVER-SAME: %(coach)s is the coach of %(names)s already.",
                    coach=new.name,
                    names=", ".join(same[:5]),
                )
            )

    def _check_when(self):
        if not (self.reason or "").strip():
            raise UserError(
                self.env._("CAE-HANDOVER-REASON: say why; it is kept with your name.")
            )
        today = fields.Date.context_today(self)
        ahead = (self.date - today).days
        end = self.date_end if self.temporary else None
        wrong = self.temporary and (not end or end < max(self.date, today))
        if not 0 <= ahead <= LONGEST_PLAN or wrong:
            raise UserError(
                self.env._(
                    "CAE-HANDOVER-DATES: a hand-over begins today or within a year, "
                    "and a replacement ends after that."
                )
            )

    def _prepare_moves(self, people, candidates):
        common = {
            "coach_to_id": self.coach_to_id.id,
            "date": self.date,
            "date_end": self.temporary and self.date_end,
            "reason": self.reason.strip(),
            "user_id": self.env.uid,
            "tell_people": self.tell_people,
            **{name: self[name] for name in OPTIONS},
        }
        going = [("entrepreneur_id", person) for person in people]
        going += [("candidate_id", candidate) for candidate in candidates]
        return [
            {**common, link: one.id, "coach_from_id": one.coach_id.id}
            for link, one in going
        ]
