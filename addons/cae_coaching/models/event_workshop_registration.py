from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

#: Who is trained, as the yearly training report asks it.
TRAINEES = [
    ("employee", "Employee"),
    ("seeker", "Job seeker"),
    ("individual", "Individual at their own cost"),
    ("other", "Other trainee"),
]

#: Whose seat it is, and where: fixed once it was attended.
PLACE = {"cae_entrepreneur_id", "event_id", "name", "partner_id"}


class EventRegistration(models.Model):
    """Seats of workshops: the person, the waiting list, the need and the result."""

    _inherit = "event.registration"

    cae_entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Entrepreneur",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    cae_rank = fields.Integer(
        string="Rank",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Order of sign-up: the waiting list follows it.",
    )
    cae_waiting = fields.Boolean(
        string="Waiting List",
        compute="_compute_cae_waiting",
        store=True,
        index="btree_not_null",
        help="No seat was left. The first one takes the next seat that comes free.",
    )
    cae_need = fields.Text(
        string="Need", help="What the person expects of it, said when signing up."
    )
    cae_result = fields.Selection(
        [
            ("yes", "Objectives reached"),
            ("partly", "Partly reached"),
            ("no", "Not reached"),
        ],
        string="Result",
        tracking=True,
        help="What was learnt, as the trainer assessed it.",
    )
    cae_trainee_kind = fields.Selection(
        TRAINEES,
        string="Trainee",
        compute="_compute_cae_trainee_kind",
        store=True,
        readonly=False,
        help="For the yearly training report.",
    )
    cae_attendance_ids = fields.One2many(
        "cae.workshop.attendance", "registration_id", string="Attendance of Half-days"
    )

    _cae_person_uniq = models.UniqueIndex(
        "(event_id, cae_entrepreneur_id) WHERE cae_entrepreneur_id IS NOT NULL "
        "AND state != 'cancel' AND active",
        "CAE-WORKSHOP-TWICE: this person signed up already.",
    )

    @api.depends("state", "event_id.cae_workshop", "active")
    def _compute_cae_waiting(self):
        for seat in self:
            waits = seat.active and seat.state == "draft"
            seat.cae_waiting = waits and seat.event_id.cae_workshop

    @api.depends("cae_entrepreneur_id")
    def _compute_cae_trainee_kind(self):
        for seat in self:
            # sudo: the trainee's status counts, whoever plans the training.
            stage = seat.sudo().cae_entrepreneur_id.stage
            employed = stage in ("cesa", "employee")
            seat.cae_trainee_kind = "employee" if employed else "other"

    @api.model_create_multi
    def create(self, vals_list):
        seats = super().create(self._cae_placed(vals_list))
        seats.event_id._cae_sync_attendance()
        return seats

    def write(self, vals):
        self._cae_check_seat(vals)
        result = super().write(vals)
        if vals.keys() & {"state", "active"}:
            self.event_id._cae_promote()
            self.event_id._cae_sync_attendance()
        return result

    def _cae_check_seat(self, vals):
        """Who attended, and the order of the waiting list, are not written.

        :raises UserError: ``CAE-FIELD-OWNED``, ``CAE-WORKSHOP-KEPT``
        """
        if self.env.su:
            return
        owned = {"cae_rank", "cae_waiting"} & vals.keys()
        self.env["cae.owned"]._cae_check_owned(owned)
        if not PLACE & vals.keys():
            return
        # sudo: what was attended is kept, whoever writes.
        lines = self.sudo().cae_attendance_ids
        if any(line.state == "present" or line.signed_on for line in lines):
            raise UserError(
                self.env._("CAE-WORKSHOP-KEPT: who attended stays on the list.")
            )

    def unlink(self):
        events = self.event_id
        result = super().unlink()
        events._cae_promote()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_attended(self):
        # sudo: what was attended is kept, whoever deletes.
        if any(a.state == "present" for a in self.sudo().cae_attendance_ids):
            raise UserError(
                self.env._("CAE-WORKSHOP-KEPT: who attended stays on the list.")
            )

    def _cae_placed(self, vals_list):
        """These values, with a rank, the contact, and the waiting list when full."""
        events = self.env["event.event"].browse(
            {vals["event_id"] for vals in vals_list if vals.get("event_id")}
        )
        # sudo: taking a number locks the event, which not everybody may write.
        for meeting in events.sudo().filtered("cae_information"):
            meeting._cae_take_numbers(1)
        shops = {e.id: e for e in events.sudo() if e.cae_workshop}
        asked = defaultdict(list)
        placed = [dict(vals) for vals in vals_list]
        for vals in placed:
            if vals.get("event_id") in shops:
                asked[vals["event_id"]].append(vals)
        for key, wanted in asked.items():
            self._cae_place(shops[key], wanted)
        return placed

    @api.model
    def _cae_place(self, event, wanted):
        first = event._cae_take_numbers(len(wanted))
        free = event._cae_free_seats()
        people = self.env["cae.entrepreneur"].sudo()  # sudo: the contact's name
        for rank, vals in enumerate(wanted, first + 1):
            vals["cae_rank"] = rank
            person = people.browse(vals.get("cae_entrepreneur_id") or [])
            if person and not vals.get("partner_id"):
                vals["partner_id"] = person.partner_id.id
            if vals.get("state", "open") != "open" or free is None:
                continue
            if free <= 0:
                vals["state"] = "draft"
            free -= 1

    def _cae_tell(self, template):
        """Send a message to these people, in one batch."""
        # sudo: a message of the cooperative, whoever's step made it.
        mail = self.env.ref(template, raise_if_not_found=False)
        told = self.filtered("email")
        if mail and told:
            mail.sudo().send_mail_batch(told.ids)

    def _cae_give_back(self):
        """The person gives the seat back, before the workshop begins.

        :raises UserError: ``CAE-WORKSHOP-BEGUN``
        """
        for seat in self:
            if seat.event_id.date_begin <= fields.Datetime.now():
                raise UserError(
                    self.env._(
                        "CAE-WORKSHOP-BEGUN: it has begun. Tell the trainer instead."
                    )
                )
        self.action_cancel()
