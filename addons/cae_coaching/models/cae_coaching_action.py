from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.cae_base.models.cae_owned import OWNED
from odoo.addons.cae_base.tools import flag_domain

#: Set when somebody says that it is done, or gives it up.
OWNED["cae.coaching.action"] = {
    "state": "todo",
    "done_date": False,
    "done_by_id": False,
}
#: What the activity of the coach repeats.
REMINDED = {"name", "owner", "user_id", "date_deadline"}


class CaeCoachingAction(models.Model):
    """What somebody is to do after an interview: the person, or a coach."""

    _name = "cae.coaching.action"
    _description = "Action"
    _inherit = ["cae.owned", "cae.commented", "mail.activity.mixin"]
    _order = "state desc, date_deadline, id"
    _check_company_auto = True

    name = fields.Char(string="Action", required=True, tracking=True)
    description = fields.Text()
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        compute="_compute_entrepreneur_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="entrepreneur_id.company_id", store=True, index=True
    )
    interview_id = fields.Many2one(
        "cae.interview",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('entrepreneur_ids', 'in', entrepreneur_id)]",
    )
    kind = fields.Selection(
        [("individual", "Individual"), ("collective", "Collective")],
        required=True,
        default="individual",
        help="Collective: a workshop, a training, a group (R.7331-3).",
    )
    owner = fields.Selection(
        [("person", "The person"), ("coach", "The coach")],
        string="Who Does It",
        required=True,
        default="person",
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Coach",
        index=True,
        tracking=True,
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who does it, or who sees that the person does it.",
    )
    date_deadline = fields.Date(string="Deadline", tracking=True, index=True)
    state = fields.Selection(
        [("todo", "To do"), ("done", "Done"), ("dropped", "Given up")],
        required=True,
        readonly=True,
        default="todo",
        index=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    done_date = fields.Date(string="Done on", readonly=True, copy=False)
    done_by_id = fields.Many2one(
        "res.users", string="Marked by", readonly=True, copy=False
    )
    late = fields.Boolean(compute="_compute_late", search="_search_late")
    shared = fields.Boolean(
        compute="_compute_shared",
        store=True,
        help="The person sees it: at once, or with the first report of its interview.",
    )
    coach_user_ids = fields.Many2many(
        "res.users",
        "cae_coaching_action_reader_rel",
        string="Users Who Read It",
        compute="_compute_coach_user_ids",
        store=True,
        groups="cae_coaching.group_coaching_manager",
    )

    # The order of the list: the first ones are found without sorting all.
    _list_index = models.Index("(company_id, state DESC, date_deadline, id)")

    @api.depends("interview_id")
    def _compute_entrepreneur_id(self):
        for action in self:
            people = action.interview_id.entrepreneur_ids
            alone = people if len(people) == 1 else people.browse()
            action.entrepreneur_id = action.entrepreneur_id or alone

    @api.depends("entrepreneur_id")
    def _compute_user_id(self):
        for action in self:
            action.user_id = action.entrepreneur_id.coach_id or self.env.user

    @api.depends("state", "date_deadline")
    def _compute_late(self):
        late = self.filtered_domain(self._late_domain())
        for action in self:
            action.late = action in late

    def _search_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return flag_domain(self._late_domain(), value)

    @api.model
    def _late_domain(self):
        today = fields.Date.context_today(self)
        return Domain("state", "=", "todo") & Domain("date_deadline", "<", today)

    @api.depends("interview_id.report_ids")
    def _compute_shared(self):
        for action in self:
            interview = action.interview_id
            action.shared = not interview or bool(interview.report_ids)

    @api.depends(
        "user_id", "entrepreneur_id.coach_id", "entrepreneur_id.team_id.user_ids"
    )
    def _compute_coach_user_ids(self):
        # Written together: one by one each would be a query.
        for users, actions in self.grouped(lambda a: a._readers()).items():
            actions.coach_user_ids = users

    def _readers(self):
        person = self.entrepreneur_id
        return self.user_id | person.coach_id | person.team_id.user_ids

    @api.constrains("interview_id", "entrepreneur_id")
    def _check_person(self):
        # sudo: the persons of the interview, some of whom are another coach's.
        for action in self.sudo():
            people = action.interview_id.entrepreneur_ids
            if action.interview_id and action.entrepreneur_id not in people:
                raise ValidationError(
                    self.env._(
                        "CAE-ACTION-PERSON: %(name)s was not at this interview.",
                        name=action.entrepreneur_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions._remind()
        return actions

    def write(self, vals):
        result = super().write(vals)
        if REMINDED & vals.keys():
            self._remind()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reported(self):
        reported = self.filtered(lambda a: a.interview_id.report_ids)
        if reported and not self._cae_owning():
            raise UserError(
                self.env._(
                    "CAE-ACTION-KEPT: %(name)s is in a report that was shared. Give it "
                    "up instead.",
                    name=reported[0].name,
                )
            )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def action_done(self) -> bool:
        """These actions are done.

        :raises UserError: ``CAE-ACTION-STATE``
        """
        self.check_access("write")
        return self._close("done")

    def action_drop(self) -> bool:
        """These actions are given up.

        :raises UserError: ``CAE-ACTION-STATE``
        """
        self.check_access("write")
        return self._close("dropped")

    def action_reopen(self) -> bool:
        """These actions are to do again."""
        self.check_access("write")
        self._cae_own().write(
            {"state": "todo", "done_date": False, "done_by_id": False}
        )
        self._remind()
        return True

    def action_mine_done(self, comment: str = "") -> bool:
        """The person says that their own action is done, with a word if they like.

        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-ACTION-STATE``
        """
        # sudo: a person writes nothing on actions but this.
        own = self._own_actions()
        if any(action.owner != "person" for action in own):
            raise AccessError(
                self.env._("CAE-ACCESS: the coach says when this action is done.")
            )
        own._say(comment)
        return own._close("done")

    def action_comment(self, comment: str) -> bool:
        """A word of the person on an action that they see.

        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-ACTION-WORD``
        """
        if not self._own_actions()._say(comment):
            raise UserError(self.env._("CAE-ACTION-WORD: write a word first."))
        return True

    def _undo_mine(self):
        """What the person marked as done by mistake is to do again.

        :raises AccessError: ``CAE-ACCESS``
        """
        own = self._own_actions()
        if any(a.done_by_id != self.env.user or a.state != "done" for a in own):
            raise AccessError(
                self.env._("CAE-ACCESS: who marked it as done says that it is not.")
            )
        own.action_reopen()

    def _own_actions(self):
        """These actions (sudo), all of them the connected person's.

        :raises AccessError: ``CAE-ACCESS``
        """
        # sudo: who the person of an action is; nothing else is read before the check.
        actions = self.sudo()
        user = self.env.user
        if any(a.entrepreneur_id.user_id != user or not a.shared for a in actions):
            raise AccessError(self.env._("CAE-ACCESS: this action is not yours."))
        return actions

    def _close(self, state):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for action in self:
            if action.state != "todo":
                raise UserError(
                    self.env._(
                        "CAE-ACTION-STATE: %(name)s is %(state)s.",
                        name=action.name,
                        state=labels[action.state].lower(),
                    )
                )
        self._cae_own().write(
            {
                "state": state,
                "done_date": fields.Date.context_today(self),
                "done_by_id": self.env.uid,
            }
        )
        self._reminders().unlink()
        return True

    # ------------------------------------------------------------------
    # Reminders of coaches
    # ------------------------------------------------------------------

    def _reminders(self):
        # sudo: a reminder is the coach's; whoever writes the action moves it.
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("automated", "=", True),
                ]
            )
        )

    def _remind(self):
        """One Odoo activity of the coach for each action that they are to do."""
        self._reminders().unlink()
        for action in self:
            mine = action.owner == "coach" and action.state == "todo"
            if mine and action.user_id and action.date_deadline:
                # sudo: the reminder is the coach's, see _reminders.
                action.sudo().activity_schedule(
                    "mail.mail_activity_data_todo",
                    action.date_deadline,
                    summary=action.name,
                    user_id=action.user_id.id,
                )
