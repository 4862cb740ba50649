from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from odoo.addons.cae_base.tools import format_date

#: Models whose activities (of Odoo) go along, with their link to the person.
FOLLOWING = {
    "cae.entrepreneur": "id",
    "cae.interview": "entrepreneur_ids",
    "cae.interruption": "entrepreneur_id",
    "cae.exit.interview": "entrepreneur_id",
    "cae.social.file": "entrepreneur_id",
}
#: Those that tell of papers and aids: they are of whoever is the coach.
TELLING = {
    "cae.person.document": "entrepreneur_id",
    "cae.social.aid": "entrepreneur_id",
}
OPTIONS = ("with_interviews", "with_actions", "with_requests", "with_activities")


class CaeHandOver(models.Model):
    """A person or a candidate goes from a coach to another: log, and what is planned.

    Made by the window that asks for it; nobody writes on it. One that lies ahead takes
    place with the daily job. A replacement ends by another hand-over, back.
    """

    _name = "cae.hand.over"
    _description = "Hand-over to Another Coach"
    _order = "date desc, id desc"
    _rec_name = "entrepreneur_id"
    _check_company_auto = True

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    candidate_id = fields.Many2one(
        "cae.candidate",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        index=True,
    )
    coach_from_id = fields.Many2one(
        "res.users", string="From", readonly=True, index="btree_not_null"
    )
    coach_to_id = fields.Many2one(
        "res.users", string="To", required=True, readonly=True, index=True
    )
    date = fields.Date(string="From Date", required=True, readonly=True, index=True)
    date_end = fields.Date(
        string="Until",
        readonly=True,
        help="Last day of a replacement: then the person goes back.",
    )
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Decided by", required=True, readonly=True
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("done", "Done"),
            ("back", "Done, and back"),
            ("cancelled", "Not done"),
        ],
        required=True,
        readonly=True,
        default="planned",
        index=True,
        help="Not done: the person had another coach by then, or the new coach was no "
        "longer one.",
    )
    done_on = fields.Datetime(readonly=True)
    tell_people = fields.Boolean(string="Person Is Told", readonly=True)
    with_interviews = fields.Boolean(string="Planned Interviews", readonly=True)
    with_actions = fields.Boolean(string="Open Actions", readonly=True)
    with_requests = fields.Boolean(string="Open Service Requests", readonly=True)
    with_activities = fields.Boolean(string="Planned Activities", readonly=True)

    _dates_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date)",
        "CAE-HANDOVER-DATES: a replacement ends after it begins.",
    )
    _one_person = models.Constraint(
        "CHECK(num_nonnulls(entrepreneur_id, candidate_id) = 1)",
        "CAE-HANDOVER-PEOPLE: a hand-over is of a person or of a candidate.",
    )

    @api.depends("entrepreneur_id", "candidate_id")
    def _compute_company_id(self):
        for move in self:
            move.company_id = move._owner().company_id

    @api.depends("entrepreneur_id.display_name", "candidate_id.display_name")
    def _compute_display_name(self):
        for move in self:
            move.display_name = move._owner().display_name

    def _owner(self):
        """Whoever goes to the other coach."""
        return self.entrepreneur_id or self.candidate_id

    def _unfinished(self):
        """Those to come, and replacements that are not over."""
        return self.filtered(
            lambda h: h.state == "planned" or (h.state == "done" and h.date_end)
        )

    def _followed_by(self, coach):
        """Whether the person has this coach now; a candidate, until the decision."""
        candidate = self.candidate_id
        followed = not candidate or candidate._open()
        return followed and self._owner().coach_id == coach

    # ------------------------------------------------------------------
    # Taking place
    # ------------------------------------------------------------------

    def _apply(self):
        """Carry these out (sudo), a fixed number of queries for each pair of coaches.

        One whose person has another coach by now, or whose new coach may no longer be
        one, is not done; of two of a person, planned at once, the first one is.
        """
        people = self.entrepreneur_id
        people._cae_hold()
        self.candidate_id._cae_hold()
        people.invalidate_recordset(["coach_id"])
        self.candidate_id.invalidate_recordset(["coach_id"])
        fit = self.sorted("id").filtered(
            lambda h: (
                h._followed_by(h.coach_from_id)
                and h.coach_to_id._cae_is_coach_of(h.company_id)
            )
        )
        ones = fit.grouped(lambda h: (h.entrepreneur_id, h.candidate_id))
        fit = self.browse().concat(*(own[:1] for own in ones.values()))
        (self - fit).state = "cancelled"
        pairs = fit.grouped(lambda h: (h.coach_from_id, h.coach_to_id))
        for (old, new), moves in pairs.items():
            moves._move(old, new)
        fit.write({"state": "done", "done_on": fields.Datetime.now()})

    def _move(self, old, new):
        people = self.entrepreneur_id
        people.write({"coach_id": new.id})
        self.candidate_id.write({"coach_id": new.id})
        for name in OPTIONS if old else ():
            chosen = self.filtered(name).entrepreneur_id
            if chosen:
                getattr(self, f"_move{name.removeprefix('with')}")(chosen, old, new)
        self._move_candidate_activities(old, new)
        self._move_alerts(people, old, new)
        self._note()
        self._tell(old, new)

    def _move_interviews(self, people, old, new):
        """Those to come, with their events in the calendars.

        Of a replacement, those of its days alone: nobody is told twice of one that
        the former coach will be back for.
        """
        first = max(min(self.mapped("date")), fields.Date.context_today(self))
        interviews = self.env["cae.interview"].search(
            [
                ("entrepreneur_ids", "in", people.ids),
                ("state", "=", "planned"),
                ("date_start", ">=", first),
                ("coach_ids", "=", old.id),
            ]
        )
        ends = {move.entrepreneur_id: move.date_end for move in self}
        interviews = interviews.filtered(
            lambda i: any(
                not ends[person] or i.date_start.date() <= ends[person]
                for person in i.entrepreneur_ids & people
            )
        )
        # Somebody who stays with the former coach keeps them.
        whole = interviews.filtered(lambda i: i.entrepreneur_ids <= people)
        whole.write({"coach_ids": [Command.unlink(old.id), Command.link(new.id)]})
        (interviews - whole).write({"coach_ids": [Command.link(new.id)]})

    def _move_actions(self, people, old, new):
        self.env["cae.coaching.action"].search(
            [
                ("entrepreneur_id", "in", people.ids),
                ("state", "=", "todo"),
                ("user_id", "=", old.id),
            ]
        ).write({"user_id": new.id})

    def _move_requests(self, people, old, new):
        """Of services that the new coach gives as well."""
        gives = Domain("service_id.user_ids", "=", False) | Domain(
            "service_id.user_ids", "=", new.id
        )
        self.env["cae.service.request"].search(
            Domain("entrepreneur_id", "in", people.ids)
            & Domain("open", "=", True)
            & Domain("user_id", "=", old.id)
            & gives
        ).write({"user_id": new.id})

    def _move_activities(self, people, old, new):
        self._activities_of(FOLLOWING, people, old)._cae_hand_to(new)

    def _move_candidate_activities(self, old, new):
        candidates = self.filtered("with_activities").candidate_id
        if old and candidates:
            among = {"cae.candidate": "id"}
            self._activities_of(among, candidates, old)._cae_hand_to(new)

    def _move_alerts(self, people, old, new):
        """What tells the coach of a cause tells the one who is there now."""
        self._activities_of(TELLING, people, old)._cae_hand_to(new)
        # The end of a recognition is told to who may know of it, and to nobody else.
        people.social_file_ids._sync_alerts()
        self.env["cae.coaching.alert"].search(
            [("entrepreneur_id", "in", people.ids), ("state", "=", "open")]
        )._follow()

    def _activities_of(self, among, people, old):
        domains = []
        for model, link in among.items():
            records = self.env[model].with_context(active_test=False)
            query = records._search([(link, "in", people.ids)])
            domains.append(
                Domain("res_model", "=", model) & Domain("res_id", "in", query)
            )
        return self.env["mail.activity"].search(
            Domain.OR(domains) & Domain("user_id", "=", old.id)
        )

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def _note(self):
        """Who, when and why, in the chatter of each person."""
        people = self.filtered("entrepreneur_id")
        for moves, link in (
            (people, "entrepreneur_id"),
            (self - people, "candidate_id"),
        ):
            bodies = {move[link].id: move._note_words() for move in moves}
            moves[link]._message_log_batch(bodies=bodies)

    def _note_words(self):
        return self.env._(
            "Handed over from %(old)s to %(new)s by %(user)s: %(reason)s",
            old=self.coach_from_id.name or "–",
            new=self.coach_to_id.name,
            user=self.user_id.name,
            reason=self.reason,
        )

    def _tell(self, old, new):
        """One message to each coach for all their people, one to each person."""
        for coach in old | new:
            if coach.active and coach != self.env.user:
                self.with_context(lang=coach.lang)._tell_coach(coach, old, new)
        for move in self.filtered(lambda h: h.tell_people and h.entrepreneur_id):
            partner = move.entrepreneur_id.partner_id
            move.with_context(lang=partner.lang)._tell_person(partner)

    def _tell_coach(self, coach, old, new):
        first = self[0]
        words = self.env._(
            "From %(day)s these people go from %(old)s to %(new)s: %(reason)s",
            day=format_date(self.env, first.date),
            old=old.name or "–",
            new=new.name,
            reason=first.reason,
        )
        if first.date_end:
            words = self.env._(
                "%(words)s (until %(day)s)",
                words=words,
                day=format_date(self.env, first.date_end),
            )
        names = Markup().join(
            Markup("<li>%s</li>") % name
            for name in (
                *self.entrepreneur_id.mapped("display_name"),
                *self.candidate_id.mapped("display_name"),
            )
        )
        self.env["mail.thread"].message_notify(
            partner_ids=coach.partner_id.ids,
            subject=self.env._("Hand-over of %s person(s)", len(self)),
            body=Markup("<p>%s</p><ul>%s</ul>") % (escape(words), names),
        )

    def _tell_person(self, partner):
        coach = self.coach_to_id
        reach = ", ".join(filter(None, (coach.email, coach.phone)))
        self.env["mail.thread"].message_notify(
            partner_ids=partner.ids,
            subject=self.env._("Your coach"),
            body=self.env._(
                "From %(day)s %(coach)s supports you (%(reach)s).",
                day=format_date(self.env, self.date),
                coach=coach.name,
                reach=reach or self.company_id.name,
            ),
        )

    # ------------------------------------------------------------------
    # Time passes
    # ------------------------------------------------------------------

    @api.model
    def _cron_apply(self):
        """Daily: those whose day has come, and replacements that are over."""
        today = fields.Date.context_today(self)
        # sudo: the daily job moves what is anybody's.
        moves = self.sudo()
        moves.search([("state", "=", "planned"), ("date", "<=", today)])._apply()
        over = moves.search([("state", "=", "done"), ("date_end", "<", today)])
        over._go_back(today)

    def _go_back(self, today):
        """Back to the coaches before, unless somebody else took over meanwhile."""
        self.state = "back"
        still = self.filtered(
            lambda h: h.coach_from_id and h._followed_by(h.coach_to_id)
        )
        self.create([move._prepare_back_vals(today) for move in still])._apply()

    def _prepare_back_vals(self, today):
        return {
            "entrepreneur_id": self.entrepreneur_id.id,
            "candidate_id": self.candidate_id.id,
            "coach_from_id": self.coach_to_id.id,
            "coach_to_id": self.coach_from_id.id,
            "date": today,
            "reason": self.env._("End of the replacement"),
            "user_id": self.user_id.id,
            "tell_people": self.tell_people,
            **{name: self[name] for name in OPTIONS},
        }

    def action_cancel(self) -> bool:
        """A hand-over that is planned does not take place.

        :raises UserError: ``CAE-HANDOVER-STATE``
        :raises AccessError: ``CAE-ACCESS``
        """
        self.check_access("read")
        self.entrepreneur_id._check_hand_over()
        self.candidate_id._check_hand_over()
        self._check_planned()
        # sudo: nobody writes on hand-overs; the right was checked.
        self.sudo().state = "cancelled"
        return True

    def _check_planned(self):
        if any(move.state != "planned" for move in self):
            raise UserError(
                self.env._("CAE-HANDOVER-STATE: this hand-over is no longer planned.")
            )


class CaeEntrepreneur(models.Model):
    _inherit = "cae.entrepreneur"

    hand_over_ids = fields.One2many(
        "cae.hand.over", "entrepreneur_id", groups="cae_base.group_coach"
    )

    def _check_hand_over(self):
        """The head of coaching hands over anybody; coaches their own people.

        :raises AccessError: ``CAE-ACCESS``
        """
        self.check_access("read")
        if self.env.user.has_group("cae_coaching.group_coaching_manager"):
            return
        if any(person.coach_id != self.env.user for person in self):
            raise AccessError(
                self.env._(
                    "CAE-ACCESS: the head of coaching hands over other people than "
                    "your own."
                )
            )

    @api.model
    def _cron_refresh(self):
        result = super()._cron_refresh()
        self.env["cae.hand.over"]._cron_apply()
        return result


class CaeCandidate(models.Model):
    _inherit = "cae.candidate"

    hand_over_ids = fields.One2many("cae.hand.over", "candidate_id")

    def _open(self):
        """Whether the candidate is still followed: neither refused nor entered."""
        return self.active and not self.entrepreneur_id and self.decision != "refused"

    def _pass_hand_overs(self, person):
        """Once converted, what is planned or runs is the entrepreneur's (sudo)."""
        moves = self.hand_over_ids._unfinished()
        moves.write({"candidate_id": False, "entrepreneur_id": person.id})

    def _take_hand_overs_back(self):
        """The conversion is undone: they are the candidate's again (sudo)."""
        moves = self.entrepreneur_id.hand_over_ids._unfinished()
        moves.write({"candidate_id": self.id, "entrepreneur_id": False})

    def _check_hand_over(self):
        """As for people: the head of coaching any, coaches their own.

        :raises AccessError: ``CAE-ACCESS``
        """
        self.check_access("read")
        if self.env.user.has_group("cae_coaching.group_coaching_manager"):
            return
        if any(candidate.coach_id != self.env.user for candidate in self):
            raise AccessError(
                self.env._(
                    "CAE-ACCESS: the head of coaching hands over other people than "
                    "your own."
                )
            )


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _cae_hand_to(self, coach):
        # Nobody is written an e-mail for each: one message tells of them all.
        if self:
            quick = self.with_context(mail_activity_quick_update=True)
            quick.write({"user_id": coach.id})


class ResUsers(models.Model):
    _inherit = "res.users"

    def _cae_is_coach_of(self, company):
        """Whether this user may be the coach of people of a company."""
        # sudo: the groups and companies of a user are the administrator's to read.
        user = self.sudo()
        return bool(
            user.active
            and not user.share
            and company in user.company_ids
            and user.has_group("cae_base.group_coach")
        )

    def _cae_coaches(self) -> list[dict]:
        """Coaches of the person whom this portal user is, as they are reached."""
        # sudo: who supports somebody is told to that person, and nothing else of users.
        people = self.env["cae.entrepreneur"].sudo()
        coaches = people.search([("user_id", "=", self.id)]).coach_id
        return [
            {"name": coach.name, "email": coach.email, "phone": coach.phone}
            for coach in coaches
        ]
