from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import contribution as engine
from ..engine.money import decimal
from . import cae_contribution_words as words


class CaeContributionExemption(models.Model):
    """An activity's own terms on its contribution for some months, and why."""

    _name = "cae.contribution.exemption"
    _description = "Own Terms of an Activity"
    _inherit = ["mail.thread"]
    _order = "activity_id, date_from desc, id desc"

    activity_id = fields.Many2one(
        "cae.activity",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="activity_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="activity_id.currency_id")
    rule_id = fields.Many2one(
        "cae.contribution.rule",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Empty in an exemption: all rules.",
    )
    kind = fields.Selection(
        [
            ("exemption", "Exempt"),
            ("override", "Own rate, amount or minimum"),
            ("scheme", "Another scheme"),
        ],
        required=True,
        default="exemption",
        tracking=True,
    )
    rate = fields.Float(
        string="Own Rate (%)", digits=(7, 4), tracking=True, help="0: the rule's."
    )
    amount = fields.Monetary(
        string="Own Amount per Month", tracking=True, help="0: the rule's."
    )
    own_floor = fields.Boolean(string="Own Minimum", tracking=True)
    floor = fields.Monetary(string="Own Minimum per Month", tracking=True)
    scheme_id = fields.Many2one(
        "cae.contribution.scheme",
        ondelete="restrict",
        tracking=True,
        help="Scheme of these months, in place of the activity's.",
    )
    reason = fields.Char(required=True, tracking=True)
    date_from = fields.Date(string="From", tracking=True)
    date_to = fields.Date(string="To", tracking=True, help="Last day.")

    @api.depends("activity_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for term in self:
            kind = kinds.get(term.kind, "")
            term.display_name = f"{term.activity_id.display_name or ''} – {kind}"

    @api.constrains(
        *("activity_id", "rule_id", "kind", "rate", "amount", "own_floor", "floor"),
        *("scheme_id", "reason", "date_from", "date_to"),
    )
    def _check_terms(self):
        """:raises ValidationError: ``CAE-SCHEME-TERMS``"""
        self._check_complete()
        try:
            for term in self:
                term._check_alone()
            for activity in self.activity_id:
                activity.exemption_ids._check_together()
        except engine.ContributionError as error:
            words.refuse(self.env, error)

    def _check_complete(self):
        for term in self:
            if term.kind == "override" and not term.rule_id:
                raise ValidationError(
                    self.env._(
                        "CAE-SCHEME-TERMS: “%(reason)s”: choose the rule whose rate, "
                        "amount or minimum is replaced.",
                        reason=term.reason,
                    )
                )
            if term.kind == "scheme" and not term.scheme_id:
                raise ValidationError(
                    self.env._(
                        "CAE-SCHEME-TERMS: “%(reason)s”: choose the other scheme.",
                        reason=term.reason,
                    )
                )

    def _check_alone(self):
        rule = self.rule_id and self.rule_id._engine_rule()
        if self.kind == "override":
            engine.check_terms(rule, overrides=[self._override()])
        else:
            engine.check_terms(engine.Rule(key=""), exemptions=[self._exemption()])

    def _check_together(self):
        """Two overrides of a rule, or two schemes, never hold on the same day."""
        groups = self.filtered(lambda t: t.kind != "exemption")
        for terms in groups.grouped(lambda t: (t.kind, t.rule_id)).values():
            found = engine.overlap([term._exemption() for term in terms])
            if found:
                raise ValidationError(
                    self.env._(
                        "CAE-SCHEME-TERMS: “%(first)s” and “%(second)s” hold on the "
                        "same day. Change the dates of one of them.",
                        first=found[0].reason,
                        second=found[1].reason,
                    )
                )

    # ------------------------------------------------------------------
    # Engine
    # ------------------------------------------------------------------

    def _exemption(self):
        self.ensure_one()
        return engine.Exemption(**self._period())

    def _override(self):
        self.ensure_one()
        return engine.Override(
            rate=decimal(self.rate, 4) if self.rate else None,
            amount=decimal(self.amount) if self.amount else None,
            floor=decimal(self.floor) if self.own_floor else None,
            **self._period(),
        )

    def _period(self):
        return {
            "reason": self.reason or "",
            "date_from": self.date_from or None,
            "date_to": self.date_to or None,
        }
