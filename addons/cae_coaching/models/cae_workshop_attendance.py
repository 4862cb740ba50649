from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.cae_base.models.cae_owned import OWNED

from ..signing import checked_image, checked_name

#: Set by the steps of attendance alone.
OWNED["cae.workshop.attendance"] = {
    "state": "expected",
    "signed_on": False,
    "signed_name": False,
    "signed_by_id": False,
    "signature": False,
    "signed_place": False,
}
SIGNATURE = "CAE-WORKSHOP-SIGNATURE"
#: Days after a half-day in which one can still sign on line.
SIGN_DAYS = 7


class CaeWorkshopAttendance(models.Model):
    """Somebody at a half-day: expected, present or not, and the signature."""

    _name = "cae.workshop.attendance"
    _description = "Attendance"
    _inherit = ["cae.owned"]
    _order = "date desc, session_id, id"
    _rec_name = "name"

    session_id = fields.Many2one(
        "cae.workshop.session",
        string="Half-day",
        required=True,
        index=True,
        ondelete="cascade",
    )
    registration_id = fields.Many2one(
        "event.registration", required=True, index=True, ondelete="cascade"
    )
    event_id = fields.Many2one(
        related="session_id.event_id", store=True, index=True, string="Workshop"
    )
    company_id = fields.Many2one(
        related="session_id.company_id", store=True, index=True
    )
    entrepreneur_id = fields.Many2one(
        related="registration_id.cae_entrepreneur_id", store=True, index=True
    )
    name = fields.Char(related="registration_id.name", store=True)
    date = fields.Date(related="session_id.date", store=True, index=True)
    training = fields.Boolean(related="event_id.cae_training", store=True)
    goal = fields.Selection(related="event_id.cae_goal", store=True)
    trainee_kind = fields.Selection(
        related="registration_id.cae_trainee_kind", store=True
    )
    state = fields.Selection(
        [
            ("expected", "Expected"),
            ("present", "Present"),
            ("absent", "Absent"),
            ("excused", "Excused"),
        ],
        required=True,
        readonly=True,
        default="expected",
        index=True,
    )
    hours = fields.Float(
        compute="_compute_hours",
        store=True,
        readonly=False,
        help="Of the half-day when present; less when the person left early.",
    )
    signed_on = fields.Datetime(readonly=True, copy=False)
    signed_name = fields.Char(string="Signed by", readonly=True, copy=False)
    signed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    signature = fields.Binary(attachment=True, readonly=True, copy=False)
    signed_place = fields.Selection(
        [("portal", "In the portal"), ("paper", "On paper")],
        string="Signed",
        readonly=True,
        copy=False,
    )

    _seat_uniq = models.UniqueIndex(
        "(session_id, registration_id)", "Somebody is once on a sheet."
    )

    @api.depends("state", "session_id.hours")
    def _compute_hours(self):
        for line in self:
            present = line.state == "present"
            line.hours = line.session_id.hours if present else 0

    @api.constrains("hours", "state")
    def _check_hours(self):
        for line in self:
            most = line.session_id.hours if line.state == "present" else 0
            if not 0 <= line.hours <= most:
                raise ValidationError(
                    self.env._(
                        "CAE-WORKSHOP-HOURS: %(name)s attended 0 to %(most)s hours.",
                        name=line.name,
                        most=most,
                    )
                )

    def write(self, vals):
        if not self._cae_owning():
            # A coach reads the attendance of their people; others change it.
            self._check_mine()
            self._check_unsigned()
            self._cae_check_owned({"session_id", "registration_id"} & vals.keys())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        if any(line.state == "present" for line in self):
            raise UserError(
                self.env._("CAE-WORKSHOP-KEPT: who attended stays on the list.")
            )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def action_present(self) -> bool:
        """These people came.

        :raises UserError: ``CAE-WORKSHOP-EARLY``, ``CAE-WORKSHOP-SIGNED``,
            ``CAE-WORKSHOP-TRAINER``
        """
        return self._tick("present")

    def action_absent(self) -> bool:
        """These people did not come.

        :raises UserError: as :meth:`action_present`
        """
        return self._tick("absent")

    def action_excused(self) -> bool:
        """These people said that they could not come.

        :raises UserError: as :meth:`action_present`, save that it may be said before
        """
        return self._tick("excused", early=True)

    def _tick(self, state, early=False):
        self.check_access("write")
        self._check_mine()
        self._check_unsigned()
        if not early:
            self._check_begun()
        self._cae_own().write({"state": state})
        return True

    def _check_mine(self):
        # A coach reads the attendance of their people; who holds the workshop ticks.
        for session in self.session_id:
            if not session._run_by_me():
                raise UserError(
                    self.env._(
                        "CAE-WORKSHOP-TRAINER: who holds %(name)s ticks the sheet.",
                        name=session.display_name,
                    )
                )

    def _check_unsigned(self):
        if any(self.mapped("signed_on")) or any(self.session_id.mapped("trainer_date")):
            raise UserError(
                self.env._("CAE-WORKSHOP-SIGNED: the sheet is signed: it stays so.")
            )
        # sudo: a certificate tells these hours, whoever may read it.
        given = self.env["cae.workshop.certificate"].sudo()
        certified = given.search(
            [("registration_id", "in", self.registration_id.ids)], limit=1
        )
        if certified:
            raise UserError(
                self.env._(
                    "CAE-WORKSHOP-CERTIFIED: the certificate of %(name)s tells these "
                    "hours. The head of coaching deletes it first.",
                    name=certified.name,
                )
            )

    def _check_begun(self):
        now = fields.Datetime.now()
        # sudo: who signs may not read the half-day; its hours are no secret.
        for session in self.sudo().session_id:
            if session.date_start > now:
                raise UserError(
                    self.env._(
                        "CAE-WORKSHOP-EARLY: %(name)s has not begun yet.",
                        name=session.display_name,
                    )
                )

    def _sign_on_paper(self):
        self.check_access("write")
        self._check_mine()
        now = fields.Datetime.now()
        for line in self:
            line._cae_own().write(
                {
                    "signed_on": now,
                    "signed_name": line.name,
                    "signed_by_id": self.env.uid,
                    "signed_place": "paper",
                }
            )
        return True

    def _can_sign(self):
        """Lines that the person may sign now: begun, and not long over."""
        now = fields.Datetime.now()
        oldest = now - timedelta(days=SIGN_DAYS)
        return self.filtered(
            lambda a: (
                not a.signed_on
                and a.state in ("expected", "present")
                and not a.session_id.trainer_date
                and a.session_id.date_start <= now
                and a.session_id.date_stop >= oldest
            )
        )

    def action_sign(self, name: str, image: str = "") -> bool:
        """The connected person signs their own line, and is present by it.

        :param name: full name
        :param image: PNG in base64, of a drawn signature
        :raises AccessError: ``CAE-ACCESS`` for another than the person
        :raises UserError: ``CAE-WORKSHOP-SIGNATURE``; ``CAE-WORKSHOP-EARLY``;
            ``CAE-WORKSHOP-SIGNED`` when it is signed, marked otherwise or too old
        """
        self.ensure_one()
        # sudo: whose line it is; the person writes nothing but the signature.
        line = self.sudo()
        if line.entrepreneur_id.user_id != self.env.user:
            raise AccessError(self.env._("CAE-ACCESS: this line is not yours to sign."))
        name = checked_name(self.env, name, SIGNATURE)
        drawn = checked_image(self.env, image, SIGNATURE)
        line._check_begun()
        if not line._can_sign():
            raise UserError(
                self.env._("CAE-WORKSHOP-SIGNED: this line can't be signed any more.")
            )
        line._cae_own().write(
            {
                "state": "present",
                "signed_on": fields.Datetime.now(),
                "signed_name": name,
                "signed_by_id": self.env.uid,
                "signature": drawn,
                "signed_place": "portal",
            }
        )
        return True
