from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import rules
from ..engine.rules import GovernanceError

KINDS = [("ordinary", "Ordinary"), ("extraordinary", "Extraordinary")]
CALLS = [("1", "First call"), ("2", "Second call")]
#: What a decision says; compared with the standard one.
SAID = (
    *("quorum", "majority", "comparison", "base"),
    *("count_abstentions", "count_blanks"),
)


class CaeRuleDecision(models.Model):
    """What one kind of decision needs at one call: quorum, base, majority."""

    _name = "cae.rule.decision"
    _description = "Rule of a Decision"
    _order = "set_id, kind desc, call"

    set_id = fields.Many2one(
        "cae.rule.set", string="Rules", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="set_id.company_id", store=True, index=True)
    kind = fields.Selection(
        KINDS,
        required=True,
        help="Extraordinary: what changes the statutes. Ordinary: all the rest.",
    )
    call = fields.Selection(
        CALLS,
        required=True,
        help="The second call is held when too few members came to the first one; its "
        "quorum is lower or none.",
    )
    quorum = fields.Char(
        help="Share of all members who must be present or represented, such as 1/5; "
        "empty when there is no quorum."
    )
    majority = fields.Char(required=True, help="Share of the base, such as 1/2 or 2/3.")
    comparison = fields.Selection(
        [("more", "More than"), ("least", "At least")],
        required=True,
        default="more",
        help="More than 1/2 of 40 votes is 21, at least 1/2 is 20.",
    )
    base = fields.Selection(
        [
            ("members", "All members"),
            ("attending", "Members present or represented"),
            ("cast", "Votes cast"),
        ],
        required=True,
        default="cast",
        help="What the majority is a share of. Of 100 members, 60 attend and 50 vote: "
        "a majority of the members is 51, of those attending 31, of the votes "
        "cast 26.",
    )
    count_abstentions = fields.Boolean(
        string="Abstentions are Cast",
        help="Who abstains then counts in the votes cast, that is against.",
    )
    count_blanks = fields.Boolean(
        string="Blank Votes are Cast",
        help="Blank votes then count in the votes cast, that is against.",
    )
    to_check = fields.Boolean(
        string="Check in Your Statutes",
        help="Not written in a text that we read: your statutes decide.",
    )
    source = fields.Char(
        help="Article of law or of the statutes that says so.",
    )
    note = fields.Char(
        help="A word on how to read this rule.",
    )
    reason = fields.Char(
        string="Why It Differs", help="Article of the statutes, and who voted it."
    )
    differs = fields.Boolean(compute="_compute_differs", string="Differs from the Law")

    _decision_uniq = models.UniqueIndex(
        "(set_id, kind, call)", "There is one rule for each kind and call."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """:raises UserError: ``CAE-RULE-USED``"""
        decisions = super().create(vals_list)
        decisions.set_id._check_not_announced()
        return decisions

    def write(self, vals):
        """:raises UserError: ``CAE-RULE-USED``"""
        if {"set_id", "kind", "call", *SAID} & set(vals):
            self.set_id._check_not_announced()
        result = super().write(vals)
        if "set_id" in vals:
            self.set_id._check_not_announced()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_announced(self):
        self.set_id._check_not_announced()

    @api.depends("set_id.standard_id.decision_ids", "kind", "call", *SAID)
    def _compute_differs(self):
        for decision in self:
            standard = decision._standard()
            decision.differs = bool(standard) and any(
                (decision[name] or False) != (standard[name] or False) for name in SAID
            )

    def _standard(self):
        return self.set_id.standard_id.decision_ids.filtered(
            lambda other: (other.kind, other.call) == (self.kind, self.call)
        )

    @api.constrains("kind", "call", "reason", *SAID)
    def _check_decision(self):
        """:raises ValidationError: ``CAE-RULE-FRACTION``, ``CAE-RULE-VALUE``,
        ``CAE-RULE-LAW``, ``CAE-RULE-REASON``"""
        for decision in self:
            try:
                decision._decision()
            except GovernanceError as error:
                raise ValidationError(str(error)) from error
            decision._check_law()
            if decision.differs and not (decision.reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "CAE-RULE-REASON: this rule differs from the standard one. Say "
                        "why: which article of the statutes, voted when."
                    )
                )

    def _check_law(self):
        counted = self.count_abstentions or self.count_blanks
        if counted and self.set_id.code == "sa_scop":
            raise ValidationError(
                self.env._(
                    "CAE-RULE-LAW: in a SA abstentions, blank and void ballots are not "
                    "votes cast, whatever the statutes say (loi 2019-744, art. 16)."
                )
            )

    def _decision(self) -> rules.Decision:
        """What the engine reads."""
        names = ("kind", "call", *SAID)
        return rules.decision_of({name: self[name] or "" for name in names})
