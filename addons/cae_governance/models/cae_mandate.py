"""Mandates: who holds which office, from when, until when."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.cae_base.tools import flag_domain

from ..engine import mandates

#: What people of the portal see of the mandates in force.
REMINDER = "cae_governance.mail_activity_type_mandate"


class CaeMandate(models.Model):
    """An office that a person holds in a body between two days."""

    _name = "cae.mandate"
    _description = "Mandate"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    body_id = fields.Many2one(
        "cae.body",
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        related="body_id.company_id", store=True, precompute=True, index=True
    )
    member_id = fields.Many2one(
        "cae.member",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="Empty for somebody who is no member, such as an auditor.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        required=True,
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        index=True,
    )
    role = fields.Selection(
        [
            ("chair", "Chairperson"),
            ("vice", "Vice-chair"),
            ("secretary", "Secretary of the body"),
            ("treasurer", "Treasurer"),
            ("member", "Ordinary member"),
            ("substitute", "Substitute"),
        ],
        required=True,
        default="member",
        tracking=True,
    )
    date_start = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
    )
    date_term = fields.Date(
        string="Term",
        compute="_compute_date_term",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Last day of the mandate, from the term of the body; the meeting may have "
        "said another day.",
    )
    date_end = fields.Date(
        string="Ended on",
        tracking=True,
        copy=False,
        help="Last day in office, when it ended before its term.",
    )
    date_last = fields.Date(
        string="Until",
        compute="_compute_date_last",
        store=True,
        index=True,
        help="The day on which it ended, or its term.",
    )
    end_reason = fields.Selection(
        [
            ("term", "End of the term"),
            ("resignation", "Resignation"),
            ("dismissal", "Dismissal"),
            ("membership", "End of the membership"),
            ("death", "Death"),
            ("other", "Other"),
        ],
        string="Ended by",
        tracking=True,
        copy=False,
    )
    reference = fields.Char(
        string="Decision", help="Meeting and resolution that gave the mandate."
    )
    renewed_from_id = fields.Many2one(
        "cae.mandate",
        string="Renews",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    renewal_ids = fields.One2many("cae.mandate", "renewed_from_id", readonly=True)
    state = fields.Selection(
        [("future", "To come"), ("current", "In office"), ("past", "Ended")],
        compute="_compute_state",
        search="_search_state",
    )
    ending = fields.Boolean(
        compute="_compute_state",
        search="_search_ending",
        help="In office, ends within the months of warning of the body, and is not "
        "renewed yet.",
    )
    note = fields.Text()

    _dates_order = models.Constraint(
        "CHECK((date_end IS NULL OR date_end >= date_start)"
        " AND (date_term IS NULL OR date_term >= date_start))",
        "A mandate does not end before it starts.",
    )
    _renewal_uniq = models.UniqueIndex(
        "(renewed_from_id) WHERE renewed_from_id IS NOT NULL",
        "This mandate is renewed already.",
    )

    @api.depends("member_id")
    def _compute_partner_id(self):
        for mandate in self:
            if mandate.member_id:
                mandate.partner_id = mandate.member_id.partner_id

    @api.depends("body_id", "date_start")
    def _compute_date_term(self):
        for mandate in self:
            start, years = mandate.date_start, mandate.body_id.term_years
            mandate.date_term = bool(start) and mandates.term_end(start, years)

    @api.depends("date_term", "date_end")
    def _compute_date_last(self):
        for mandate in self:
            mandate.date_last = mandate.date_end or mandate.date_term

    @api.depends("date_start", "date_last", "renewal_ids", "body_id.warning_months")
    def _compute_state(self):
        today = self.env.company._cae_today()
        ending = self.filtered_domain(self._ending_domain())
        for mandate in self:
            mandate.ending = mandate in ending
            if mandate.date_start and mandate.date_start > today:
                mandate.state = "future"
            elif mandate.date_last and mandate.date_last < today:
                mandate.state = "past"
            else:
                mandate.state = "current"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._cae_today()
        domains = {
            "future": Domain("date_start", ">", today),
            "past": Domain("date_start", "<=", today) & Domain("date_last", "<", today),
            "current": self._on_domain(today),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    def _search_ending(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._ending_domain()
        return flag_domain(domain, value)

    @api.model
    def _on_domain(self, day):
        """Mandates in force on ``day``, both ends included."""
        return Domain("date_start", "<=", day) & (
            Domain("date_last", "=", False) | Domain("date_last", ">=", day)
        )

    @api.model
    def _ending_domain(self):
        today = self.env.company._cae_today()
        # sudo: the months of warning of bodies, for whoever reads mandates.
        groups = (
            self.env["cae.body"]
            .sudo()
            .with_context(active_test=False)
            ._read_group([], ["warning_months"], ["id:recordset"])
        )
        soon = Domain.OR(
            Domain("body_id", "in", bodies.ids)
            & Domain("date_last", "<=", today + relativedelta(months=months))
            for months, bodies in groups
        )
        renewed = Domain("renewal_ids", "=", False)
        return self._on_domain(today) & soon & renewed & Domain("date_end", "=", False)

    @api.depends("partner_id", "body_id")
    def _compute_display_name(self):
        for mandate in self:
            parts = (mandate.partner_id.name, mandate.body_id.name)
            mandate.display_name = ", ".join(filter(None, parts))

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains("member_id", "partner_id")
    def _check_person(self):
        """:raises ValidationError: ``CAE-MANDATE-PERSON``"""
        for mandate in self.filtered("member_id"):
            if mandate.member_id.partner_id != mandate.partner_id:
                raise ValidationError(
                    self.env._("CAE-MANDATE-PERSON: the person is not that member.")
                )

    @api.constrains("body_id", "partner_id", "date_start", "date_term", "date_end")
    def _check_overlap(self):
        """:raises ValidationError: ``CAE-MANDATE-OVERLAP``"""
        rows = self.search_fetch(
            [
                ("body_id", "in", self.body_id.ids),
                ("partner_id", "in", self.partner_id.ids),
            ],
            ["body_id", "partner_id", "date_start", "date_last"],
        )
        groups = rows.grouped(lambda m: (m.body_id, m.partner_id))
        for (body, person), held in groups.items():
            spans = [(m.date_start, m.date_last or None) for m in held]
            if mandates.overlap(spans):
                raise ValidationError(
                    self.env._(
                        "CAE-MANDATE-OVERLAP: %(person)s would hold two mandates in "
                        "%(body)s at once. End the first one before.",
                        person=person.name,
                        body=body.name,
                    )
                )

    @api.constrains("body_id", "date_start", "date_term", "date_end")
    def _check_seats(self):
        """:raises ValidationError: ``CAE-BODY-FULL``"""
        limited = self.body_id.filtered("seats_max")
        for body in limited:
            spans = [
                (m.date_start, m.date_last or None)
                for m in body.mandate_ids
                if m.role != "substitute"
            ]
            for mandate in self.filtered(lambda m, b=body: m.body_id == b):
                held = mandates.in_office(spans, mandate.date_start)
                if mandate.role != "substitute" and held > body.seats_max:
                    raise ValidationError(
                        self.env._(
                            "CAE-BODY-FULL: %(body)s has %(seats)s seats at most.",
                            body=body.name,
                            seats=body.seats_max,
                        )
                    )

    # ------------------------------------------------------------------
    # Renewal
    # ------------------------------------------------------------------

    def action_renew(self) -> dict:
        """Renew these mandates from the day after their term.

        :return: the action that shows the new mandates
        :raises UserError: ``CAE-MANDATE-RENEW``
        """
        self.check_access("write")
        stopped = self.filtered(
            lambda m: m.renewal_ids or m.date_end or not m.date_term
        )
        if stopped:
            raise UserError(
                self.env._(
                    "CAE-MANDATE-RENEW: “%(name)s” has no term, ended before it, or is "
                    "renewed already.",
                    name=stopped[0].display_name,
                )
            )
        renewed = self.create([mandate._prepare_renewal_vals() for mandate in self])
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Renewed Mandates"),
            "res_model": "cae.mandate",
            "view_mode": "list,form",
            "domain": [("id", "in", renewed.ids)],
        }

    def _prepare_renewal_vals(self):
        return {
            "body_id": self.body_id.id,
            "member_id": self.member_id.id,
            "partner_id": self.partner_id.id,
            "role": self.role,
            "date_start": fields.Date.add(self.date_term, days=1),
            "renewed_from_id": self.id,
        }

    @api.model
    def _end_with_membership(self, members, day):
        """End the mandates that these members hold after ``day``."""
        # sudo: whoever ends a membership ends the mandates that go with it.
        held = self.sudo().search(
            Domain("member_id", "in", members.ids)
            & (Domain("date_last", "=", False) | Domain("date_last", ">", day))
        )
        for mandate in held:
            mandate.write(
                {
                    "date_end": max(day, mandate.date_start),
                    "end_reason": "membership",
                }
            )
        return held

    @api.model
    def _remind_endings(self):
        """Tell the secretary, once, of mandates that end within their warning.

        :return: the mandates concerned for the first time
        """
        if not self.env.ref(REMINDER, raise_if_not_found=False):
            return self.browse()
        ending = self.search([("ending", "=", True), ("body_id.elected", "=", True)])
        self.env["mail.activity"].flush_model()
        known = self.env.execute_query(
            SQL(
                "SELECT DISTINCT res_id FROM mail_activity WHERE res_model = %s "
                "AND activity_type_id = %s",
                self._name,
                self.env.ref(REMINDER).id,
            )
        )
        new = ending - self.browse([key for (key,) in known])
        for mandate in new:
            user = mandate.company_id.cae_secretary_id or self.env.user
            words = self.with_context(lang=user.lang).env
            mandate.activity_schedule(
                REMINDER,
                mandate.date_last,
                user_id=user.id,
                summary=words._("To put to the meeting: renewal or election"),
            )
        return new
