from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import email_normalize

from odoo.addons.cae_base.models.cae_owned import OWNED

from .cae_candidate_stage import DECIDED, KINDS

#: Order of the stages before the decision: sign-ups and diagnoses only go forward.
ORDER = [kind for kind, _name in KINDS]

OWNED["cae.candidate"] = {
    "decision": False,
    "decision_date": False,
    "decision_user_id": False,
    "reason_id": False,
    "decision_note": False,
    "partner_id": False,
    "entrepreneur_id": False,
    "contract_id": False,
    "activity_id": False,
    "made_entrepreneur": False,
    "date_converted": False,
}


class CaeCandidate(models.Model):
    """Somebody who may become an entrepreneur of the cooperative."""

    _name = "cae.candidate"
    _description = "Candidate"
    _inherit = ["mail.thread.cc", "mail.activity.mixin", "cae.owned"]
    _order = "priority desc, date_contact desc, id desc"
    _rec_names_search = ["name", "email", "phone"]
    _check_company_auto = True
    _primary_email = "email"

    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    first_name = fields.Char(tracking=True)
    last_name = fields.Char(tracking=True)
    name = fields.Char(
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="From the first and last names.",
    )
    email = fields.Char(tracking=True)
    email_normalized = fields.Char(
        compute="_compute_email_normalized", store=True, index="btree_not_null"
    )
    phone = fields.Char(tracking=True)
    street = fields.Char()
    zip = fields.Char()
    city = fields.Char()
    sex = fields.Selection([("F", "Woman"), ("M", "Man"), ("X", "Other")])
    coach_id = fields.Many2one(
        "res.users",
        tracking=True,
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Follows the candidate. Without a coach nor a team, every coach sees the "
        "candidate.",
    )
    team_id = fields.Many2one(
        "cae.team", tracking=True, index="btree_not_null", check_company=True
    )
    stage_id = fields.Many2one(
        "cae.candidate.stage",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        copy=False,
        default=lambda self: self.env["cae.candidate.stage"]._first("contact"),
        group_expand="_read_group_stage_ids",
    )
    stage_kind = fields.Selection(related="stage_id.kind", store=True, index=True)
    priority = fields.Selection(
        [("0", "Normal"), ("1", "High"), ("2", "Very High")], default="0"
    )
    color = fields.Integer()
    date_contact = fields.Date(
        string="First Contact",
        required=True,
        default=fields.Date.context_today,
        index=True,
    )
    origin_id = fields.Many2one("cae.candidate.origin", tracking=True, index=True)
    referrer = fields.Char(
        string="Referred by", help="Person or body who sent the candidate."
    )
    trade_name = fields.Char(help="Name of the future activity, when there is one.")
    wished_activity = fields.Char(
        tracking=True, help="What the candidate wants to do, in a few words."
    )
    description = fields.Text(string="Notes")
    registration_ids = fields.One2many(
        "event.registration", "cae_candidate_id", string="Information Meetings"
    )
    information_date = fields.Datetime(
        string="Last Information Meeting", compute="_compute_information"
    )
    information_attended = fields.Boolean(
        string="Came to a Meeting",
        compute="_compute_information",
        search="_search_information_attended",
    )
    diagnosis_ids = fields.One2many("cae.diagnosis", "candidate_id")
    diagnosis_count = fields.Integer(compute="_compute_diagnosis_count")
    document_ids = fields.One2many("cae.person.document", "candidate_id")
    duplicate_count = fields.Integer(
        compute="_compute_duplicates",
        help="Other candidates and entrepreneurs with the same e-mail address.",
    )
    is_duplicate = fields.Boolean(
        string="Possible Duplicate",
        compute="_compute_duplicates",
        search="_search_is_duplicate",
    )
    decision = fields.Selection(
        [("accepted", "Admitted"), ("refused", "Not Admitted")],
        readonly=True,
        copy=False,
        tracking=True,
    )
    decision_date = fields.Date(readonly=True, copy=False)
    decision_user_id = fields.Many2one(
        "res.users", string="Decided by", readonly=True, copy=False
    )
    reason_id = fields.Many2one(
        "cae.candidate.reason", readonly=True, copy=False, tracking=True, index=True
    )
    decision_note = fields.Text(string="Explanation", readonly=True, copy=False)
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="Made with the conversion.",
    )
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )
    contract_id = fields.Many2one("cae.contract", readonly=True, copy=False)
    activity_id = fields.Many2one(
        "cae.activity", readonly=True, copy=False, check_company=True
    )
    made_entrepreneur = fields.Boolean(
        readonly=True,
        copy=False,
        help="The conversion made the entrepreneur, who was not known before.",
    )
    date_converted = fields.Date(string="Converted on", readonly=True, copy=False)

    # ------------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------------

    @api.depends("first_name", "last_name")
    def _compute_name(self):
        for candidate in self:
            parts = (candidate.first_name, candidate.last_name)
            full = " ".join(part.strip() for part in parts if part and part.strip())
            candidate.name = full or candidate.name or False

    @api.depends("email")
    def _compute_email_normalized(self):
        for candidate in self:
            candidate.email_normalized = email_normalize(candidate.email) or False

    @api.depends("registration_ids.state", "registration_ids.event_id.date_begin")
    def _compute_information(self):
        rows = self.env["event.registration"]._read_group(
            [("cae_candidate_id", "in", self.ids), ("state", "!=", "cancel")],
            ["cae_candidate_id", "event_id", "state"],
        )
        dates, came = {}, set()
        for candidate, event, state in rows:
            latest = dates.get(candidate.id)
            dates[candidate.id] = max(latest or event.date_begin, event.date_begin)
            if state == "done":
                came.add(candidate.id)
        for candidate in self:
            candidate.information_date = dates.get(candidate._origin.id)
            candidate.information_attended = candidate._origin.id in came

    def _search_information_attended(self, operator, value):
        if operator != "in":
            return NotImplemented
        came = Domain("registration_ids", "any", [("state", "=", "done")])
        return _flag(came, value)

    def _compute_diagnosis_count(self):
        counts = dict(
            self.env["cae.diagnosis"]._read_group(
                [("candidate_id", "in", self.ids)], ["candidate_id"], ["__count"]
            )
        )
        for candidate in self:
            candidate.diagnosis_count = counts.get(candidate._origin, 0)

    @api.depends("email_normalized", "company_id", "entrepreneur_id")
    def _compute_duplicates(self):
        mails = [mail for mail in set(self.mapped("email_normalized")) if mail]
        # sudo: whether somebody is known already is told even when a colleague follows
        # them; nothing but the number is.
        every = self.sudo().with_context(active_test=False)
        known = {
            (mail, company.id): set(ids)
            for mail, company, ids in every._read_group(
                [("email_normalized", "in", mails)],
                ["email_normalized", "company_id"],
                ["id:array_agg"],
            )
        }
        people = self._people_by_mail(mails)
        for candidate in self:
            key = candidate.email_normalized, candidate.company_id.id
            others = known.get(key, set()) - {candidate._origin.id}
            persons = people.get(key, set()) - set(candidate.entrepreneur_id.ids)
            candidate.duplicate_count = len(others) + len(persons)
            candidate.is_duplicate = bool(candidate.duplicate_count)

    @api.model
    def _people_by_mail(self, mails):
        """``{(e-mail, company id): {entrepreneur ids}}``"""
        # sudo: see _compute_duplicates.
        people = self.env["cae.entrepreneur"].sudo().with_context(active_test=False)
        result = {}
        for person in people.search_fetch(
            [("partner_id.email_normalized", "in", mails)],
            ["company_id", "partner_id"],
        ):
            key = person.partner_id.email_normalized, person.company_id.id
            result.setdefault(key, set()).add(person.id)
        return result

    def _search_is_duplicate(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: see _compute_duplicates; the domain only narrows what one may read.
        every = self.sudo().with_context(active_test=False)
        twice = every._read_group(
            [("email_normalized", "!=", False)],
            ["company_id", "email_normalized"],
            ["id:array_agg"],
            having=[("__count", ">", 1)],
        )
        ids = [key for _company, _mail, keys in twice for key in keys]
        return _flag(Domain("id", "in", ids), value)

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        return stages.search([("active", "=", True)])

    # ------------------------------------------------------------------
    # Rules of the journey
    # ------------------------------------------------------------------

    @api.constrains("email")
    def _check_email(self):
        for candidate in self:
            if candidate.email and not candidate.email_normalized:
                raise ValidationError(
                    self.env._(
                        "CAE-CANDIDATE-EMAIL: %(email)s is not an e-mail address.",
                        email=candidate.email,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        candidates = super().create(vals_list)
        if not self._cae_owning():
            candidates._check_stage(candidates.stage_id)
        return candidates

    def write(self, vals):
        if vals.get("stage_id") and not self._cae_owning():
            self._check_stage(self.env["cae.candidate.stage"].browse(vals["stage_id"]))
        return super().write(vals)

    def _check_stage(self, stages):
        """A card moves freely until the decision; then the decision says where.

        :raises UserError: ``CAE-CANDIDATE-DECISION``
        """
        for candidate in self:
            state = candidate._decided_kind()
            for stage in stages:
                if stage.kind != (state or stage.kind) or (
                    not state and stage.kind in DECIDED
                ):
                    raise UserError(
                        self.env._(
                            "CAE-CANDIDATE-DECISION: %(stage)s is reached by the "
                            "buttons Admit, Do Not Admit and Convert; a decision is "
                            "taken back by Reopen (%(name)s).",
                            stage=stage.name,
                            name=candidate.name,
                        )
                    )

    def _decided_kind(self):
        if self.entrepreneur_id:
            return "converted"
        return self.decision or ""

    def _advance(self, kind):
        """Move forward those who are before a stage of ``kind``."""
        before = ORDER[: ORDER.index(kind)]
        late = self.filtered(lambda c: c.stage_kind in before and not c.decision)
        if late:
            late.stage_id = self.env["cae.candidate.stage"]._first(kind)

    def _decide(self, decision, reason=None, note=False, send=False):
        """Note a decision, who took it and when.

        :raises UserError: ``CAE-CANDIDATE-CONVERTED``, ``CAE-CANDIDATE-REASON``
        """
        self._check_not_converted()
        if decision == "refused" and not reason:
            raise UserError(
                self.env._(
                    "CAE-CANDIDATE-REASON: say why the candidate is not admitted."
                )
            )
        self.check_access("write")
        self._cae_own().write(
            {
                "decision": decision,
                "decision_date": fields.Date.context_today(self),
                "decision_user_id": self.env.uid,
                "reason_id": reason.id if reason else False,
                "decision_note": note,
                "stage_id": self.env["cae.candidate.stage"]._first(decision).id,
            }
        )
        if send:
            self._send_decision(decision)
        return True

    def _send_decision(self, decision):
        template = self.env.ref(
            f"cae_coaching.mail_template_{decision}", raise_if_not_found=False
        )
        candidates = self.filtered("email_normalized")
        if template and candidates:
            # sudo: the words of the letter are the cooperative's, whoever sends it.
            template.sudo().send_mail_batch(candidates.ids)

    def _check_not_converted(self):
        done = self.filtered("entrepreneur_id")
        if done:
            raise UserError(
                self.env._(
                    "CAE-CANDIDATE-CONVERTED: %(name)s is an entrepreneur already. "
                    "Undo the conversion first.",
                    name=done[0].name,
                )
            )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_accept(self) -> dict:
        """Ask for the grounds of an admission."""
        return self._ask_decision("accepted")

    def action_refuse(self) -> dict:
        """Ask why a candidate is not admitted."""
        return self._ask_decision("refused")

    def _ask_decision(self, decision):
        self._check_not_converted()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decision"),
            "res_model": "cae.candidate.decision",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_candidate_ids": self.ids,
                "default_decision": decision,
            },
        }

    def action_reopen(self) -> bool:
        """Take a decision back; the log keeps it."""
        self._check_not_converted()
        self.check_access("write")
        self._cae_own().write(
            {
                "decision": False,
                "decision_date": False,
                "decision_user_id": False,
                "reason_id": False,
                "decision_note": False,
                "stage_id": self.env["cae.candidate.stage"]._first("diagnosis").id,
            }
        )
        return True

    def action_duplicates(self) -> dict:
        """Candidates with the same e-mail address."""
        mails = [mail for mail in self.mapped("email_normalized") if mail]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Possible Duplicates"),
            "res_model": "cae.candidate",
            "view_mode": "list,form",
            "domain": [("email_normalized", "in", mails)],
            "context": {"active_test": False},
        }

    def action_diagnoses(self) -> dict:
        """Diagnoses of this candidate."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Diagnosis"),
            "res_model": "cae.diagnosis",
            "view_mode": "list,form",
            "domain": [("candidate_id", "=", self.id)],
            "context": {"default_candidate_id": self.id},
        }

    def action_sign_up(self) -> dict:
        """Sign the candidate up for an information meeting."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Information Meeting"),
            "res_model": "cae.candidate.sign.up",
            "view_mode": "form",
            "target": "new",
            "context": {"default_candidate_id": self.id},
        }

    def action_convert(self) -> dict:
        """Make an entrepreneur with a CAPE; who is one already is shown."""
        self.ensure_one()
        if self.entrepreneur_id:
            return self.action_open_entrepreneur()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Convert to Entrepreneur"),
            "res_model": "cae.candidate.conversion",
            "view_mode": "form",
            "target": "new",
            "context": {"default_candidate_id": self.id},
        }

    def action_open_entrepreneur(self) -> dict:
        """The entrepreneur whom this candidate became."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "cae.entrepreneur",
            "view_mode": "form",
            "res_id": self.entrepreneur_id.id,
        }


def _flag(domain, values):
    """``domain`` for a boolean searched with the operator ``in``."""
    options = {bool(value) for value in values}
    if options == {True, False}:
        return Domain.TRUE
    return domain if True in options else ~domain
