from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.cae_base.engine.texts import short, storable

from ..engine import rules
from ..engine.rules import GovernanceError

FORMS = [
    ("sarl_scop", "SCOP, SARL"),
    ("sa_scop", "SCOP, SA"),
    ("sas_scop", "SCOP, SAS"),
    ("scic", "SCIC"),
    ("loi47", "Cooperative of the law of 1947"),
]
#: Fields that statutes may set otherwise, with a reason.
STATUTORY = (
    *("notice_days", "notice_days_second", "consent_days", "second_call_months"),
    *("proxies", "proxy_number", "blank_proxies"),
    *("postal_vote", "postal_days"),
    *("electronic_vote", "remote_attendance", "empty_colleges", "mandate_years"),
)
#: Least days of notice at the first and the second call (R.223-20, R.225-69).
LEAST_NOTICE = {"sarl_scop": (15, 15), "sa_scop": (15, 10)}


class CaeRuleSet(models.Model):
    """Rules of meetings of a form of cooperative, or of the statutes of one.

    The standard sets are data with their sources and belong to no company: nobody
    edits them. A company adapts a copy, from a day, and says why it differs.
    """

    _name = "cae.rule.set"
    _description = "Rules of Meetings"
    _inherit = ["mail.thread"]
    # Ordered by links as such: "nulls first" cannot be grouped by.
    _order = "company_id, code, date_from desc"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    code = fields.Selection(
        FORMS,
        string="Form",
        required=True,
        tracking=True,
        help="Form of the cooperative that these rules are for.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: what the law and the model statutes say, for everybody.",
    )
    standard_id = fields.Many2one(
        "cae.rule.set",
        domain="[('company_id', '=', False), ('code', '=', code)]",
        help="The set that the statutes start from.",
    )
    date_from = fields.Date(
        string="In Force from",
        required=True,
        tracking=True,
        default=fields.Date.context_today,
        help="Meetings from this day on follow these rules.",
    )
    notice_days = fields.Integer(
        string="Days of Notice",
        default=15,
        tracking=True,
        help="Between the sending, which does not count, and the meeting.",
    )
    notice_days_second = fields.Integer(
        string="Days of Notice, Second Call",
        default=15,
        tracking=True,
        help="As for the first call: between the sending, which does not count, and "
        "the second meeting.",
    )
    consent_days = fields.Integer(
        string="Days of Consent to E-mail",
        default=20,
        tracking=True,
        help="A consent to notices by e-mail counts for meetings at least so many days "
        "later (R.223-20).",
    )
    second_call_months = fields.Integer(
        string="Months until the Second Call",
        tracking=True,
        help="The second meeting is held so many months after the first at most; zero "
        "when nothing limits it.",
    )
    proxies = fields.Selection(
        [
            ("none", "None"),
            ("one", "One"),
            ("twentieth", "One, or a twentieth of the members (law of SCOPs)"),
            ("number", "A number"),
        ],
        string="Proxies per Member",
        required=True,
        default="one",
        tracking=True,
        help="For how many others a member may vote. A twentieth: in a cooperative of "
        "100 members, five.",
    )
    proxy_number = fields.Integer(
        string="Number of Proxies",
        tracking=True,
        help="With the choice “A number”: for how many others a member may vote.",
    )
    blank_proxies = fields.Selection(
        [
            ("refused", "Refused"),
            ("management", "For what the management backs, against the rest"),
        ],
        required=True,
        default="refused",
        tracking=True,
        help="A blank proxy names nobody: either it is refused, or it counts as the "
        "law of joint-stock companies says.",
    )
    postal_vote = fields.Boolean(
        tracking=True,
        help="Members may send their votes on paper before the meeting.",
    )
    postal_days = fields.Integer(
        string="Days for Votes by Post",
        tracking=True,
        help="Votes by post count when they are received so many days before the "
        "meeting, as your statutes say; zero: until the day of the meeting, before the "
        "vote is opened.",
    )
    electronic_vote = fields.Boolean(
        tracking=True, help="Members may vote from a distance, before or during it."
    )
    remote_attendance = fields.Boolean(
        tracking=True, help="Members may attend by telecommunication."
    )
    empty_colleges = fields.Selection(
        [("zero", "Its weight is lost"), ("share", "Its weight is shared")],
        string="College without Votes",
        required=True,
        default="zero",
        tracking=True,
        help="Where votes are counted by college: what becomes of the weight of a "
        "college in which nobody voted.",
    )
    mandate_years = fields.Integer(
        string="Longest Mandate", help="In years.", tracking=True
    )
    to_check = fields.Boolean(
        string="Check in Your Statutes",
        help="Not written in a text that we read: your statutes decide.",
    )
    source = fields.Char(
        help="Text of law, or article of the statutes, that these rules come from.",
    )
    note = fields.Text(
        help="What to know before using or adapting these rules.",
    )
    reason = fields.Char(
        string="Why It Differs",
        tracking=True,
        help="Article of the statutes, and the meeting that voted it.",
    )
    differs = fields.Boolean(compute="_compute_differs", string="Differs from the Law")
    decision_ids = fields.One2many("cae.rule.decision", "set_id", copy=True)

    _code_uniq = models.UniqueIndex(
        "(company_id, code, date_from) NULLS NOT DISTINCT",
        "These rules already start on this day.",
    )
    _numbers = models.Constraint(
        "CHECK(notice_days >= 0 AND notice_days_second >= 0 AND consent_days >= 0 "
        "AND second_call_months >= 0 AND proxy_number >= 0 AND mandate_years >= 0 "
        "AND COALESCE(postal_days, 0) >= 0)",
        "Days, months, years and numbers of proxies are not negative.",
    )

    def write(self, vals):
        """:raises UserError: ``CAE-RULE-USED``"""
        if {"code", "company_id", "decision_ids", *STATUTORY} & set(vals):
            self._check_not_announced()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_announced(self):
        self._check_not_announced()

    def _check_not_announced(self):
        """What a meeting was called with stays until it is over.

        Standard sets are edited by nobody, and renewed with the product.

        :raises UserError: ``CAE-RULE-USED``
        """
        own = self.filtered("company_id")
        # sudo: whether a meeting uses them, of whatever company.
        meetings = self.env["cae.meeting"].sudo().with_context(active_test=False)
        used = meetings.search(
            [("rule_set_id", "in", own.ids), ("state", "in", ("convened", "open"))],
            limit=1,
        )
        if used:
            raise UserError(
                self.env._(
                    "CAE-RULE-USED: “%(meeting)s” was called with these rules: they "
                    "stay until it is closed. Adapt a copy.",
                    meeting=used.display_name,
                )
            )

    @api.depends(lambda self: ("standard_id", *STATUTORY))
    def _compute_differs(self):
        for rule in self:
            standard = rule.standard_id
            rule.differs = bool(standard) and any(
                rule[name] != standard[name] for name in STATUTORY
            )

    @api.constrains("reason", "standard_id", "company_id", *STATUTORY)
    def _check_reason(self):
        """:raises ValidationError: ``CAE-RULE-REASON``"""
        for rule in self:
            if rule.differs and not (rule.reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "CAE-RULE-REASON: the rules differ from the standard ones. Say "
                        "why: which article of the statutes, voted when."
                    )
                )

    @api.constrains("code", "standard_id", "notice_days", "notice_days_second")
    def _check_law(self):
        """:raises ValidationError: ``CAE-RULE-LAW``, ``CAE-RULE-VALUE``"""
        for rule in self:
            first, second = LEAST_NOTICE.get(rule.code, (0, 0))
            if rule.notice_days < first or rule.notice_days_second < second:
                raise ValidationError(
                    self.env._(
                        "CAE-RULE-LAW: the law wants %(first)s days of notice at the "
                        "first call and %(second)s at the second (R.223-20, R.225-69).",
                        first=first,
                        second=second,
                    )
                )
            if rule.standard_id and rule.standard_id.code != rule.code:
                raise ValidationError(
                    self.env._("CAE-RULE-VALUE: the standard set is of another form.")
                )

    def _rules(self) -> rules.RuleSet:
        """What the engine reads."""
        self.ensure_one()
        decisions = [decision._decision() for decision in self.decision_ids]
        return rules.RuleSet(
            self.code,
            {(decision.kind, decision.call): decision for decision in decisions},
            self.proxies,
            self.proxy_number,
            self.empty_colleges,
        )

    def _max_proxies(self, members: int) -> int:
        """Proxies per member; statutes of a SCOP never allow more than the law."""
        allowed = rules.max_proxies(self._rules(), members)
        if self.code in rules.ONE_VOTE_EACH:
            law = rules.RuleSet(self.code, {}, "twentieth")
            return min(allowed, rules.max_proxies(law, members))
        return allowed

    @api.model
    def _standard(self, code, day=None):
        """The standard set of a form in force on a day.

        :raises UserError: ``CAE-RULE-UNKNOWN``
        """
        day = day or self.env.company._cae_today()
        domain = [("company_id", "=", False), ("code", "=", storable(code) and code)]
        found = self.search(
            [*domain, ("date_from", "<=", day)], order="date_from desc", limit=1
        )
        if not found:
            raise UserError(
                self.env._(
                    "CAE-RULE-UNKNOWN: there are no rules named %(code)s.",
                    code=short(code),
                )
            )
        return found

    @api.model
    def _in_force(self, company, day):
        """The rules of a company on a day; empty when it has none of its own."""
        domain = Domain("company_id", "=", company.id) & Domain("date_from", "<=", day)
        return self.search(domain, order="date_from desc, id desc", limit=1)

    def action_adapt(self) -> dict:
        """A copy of these rules, for the statutes of the company."""
        self.ensure_one()
        copy = self.copy(
            {
                "name": f"{self.name} ({self.env.company.name})",
                "company_id": self.env.company.id,
                "standard_id": (self.standard_id or self).id,
                "date_from": self.env.company._cae_today(),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": copy.id,
            "view_mode": "form",
        }


def coded(env, error: GovernanceError) -> UserError:
    """The error of the engine as people and programs read it."""
    return UserError(f"{error.code}: {_message(env, error)}")


def _message(env, error):
    """In the language of who asks, where the message has no values of its own."""
    known = {
        "CAE-PROXY-SELF": env._("nobody represents themselves."),
        "CAE-PROXY-TWICE": env._("this member has given a proxy: revoke it first."),
        "CAE-PROXY-CHAIN": env._(
            "who holds a proxy comes to the meeting: they cannot give one."
        ),
        "CAE-PROXY-LIMIT": env._(
            "this member already holds as many proxies as one member may."
        ),
        "CAE-PROXY-BLANK": env._("the rules want a proxy to name who holds it."),
        "CAE-BALLOT-PAPER": env._("this is not a sealed ballot."),
        "CAE-BALLOT-KEY": env._("this is not the public key of a teller."),
        "CAE-BALLOT-TELLERS": env._(
            "two tellers at least, five at most, open the urn together."
        ),
    }
    return known.get(error.code, error.message)
