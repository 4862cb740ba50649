from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import tally as engine
from ..engine.rules import GovernanceError
from .cae_rule_set import coded


class CaeResolution(models.Model):
    _inherit = "cae.resolution"

    @api.model
    def tally(self, values: dict) -> dict:
        """Whether a resolution is adopted, by the standard rules of a form.

        :param values: ``rule`` (``sarl_scop``, ``sa_scop``, ``sas_scop``, ``scic``,
            ``loi47``), ``kind`` (``ordinary``, ``extraordinary``), ``call`` (1, 2),
            ``members``, ``present``, ``represented``, ``votes`` (``for``, ``against``,
            ``abstain``, ``blank``), or ``colleges``, a list of ``code``, ``weight``
            (adding up to 1 or to 100), ``members`` and the four counts; ``date``
            (ISO, default today) chooses the rules in force
        :return: ``quorum_reached``, ``majority_needed`` (votes; with colleges the
            share of the weight), ``adopted``, ``explanation``
        :raises UserError: ``CAE-VOTE-COUNT`` for more votes than voters,
            ``CAE-VOTE-VALUE``, ``CAE-VOTE-COLLEGE``, ``CAE-RULE-UNKNOWN``,
            ``CAE-RULE-MISSING``
        """
        try:
            poll = engine.poll_of(values)
            rule_set = self.env["cae.rule.set"]._standard(
                values.get("rule"), self._tally_day(values.get("date"))
            )
            result = engine.tally(rule_set._rules(), poll)
        except GovernanceError as error:
            raise coded(self.env, error) from error
        return self._tally_answer(result)

    @api.model
    def _tally_day(self, value):
        try:
            return fields.Date.to_date(value or None)
        except (ValueError, TypeError) as error:
            raise UserError(
                self.env._("CAE-VOTE-VALUE: the date is not a day such as 2026-06-30.")
            ) from error

    @api.model
    def _tally_answer(self, result):
        needed = result.needed
        return {
            "quorum_reached": result.quorum_reached,
            "majority_needed": float(needed)
            if isinstance(needed, Fraction)
            else needed,
            "adopted": result.adopted,
            "explanation": self._tally_words(result),
        }

    @api.model
    def _tally_words(self, result):
        """Quorum, base, threshold and outcome, in sentences."""
        counted = self._share_words if result.poll.colleges else self._votes_words
        outcome = self.env._("Adopted.") if result.adopted else self.env._("Rejected.")
        return " ".join([self._quorum_words(result), *counted(result), outcome])

    @api.model
    def _quorum_words(self, result):
        poll, quorum = result.poll, result.decision.quorum
        values = {
            "attending": poll.attending,
            "members": poll.members,
            "needed": result.quorum_needed,
            "share": str(quorum),
        }
        if not quorum:
            return self.env._(
                "%(attending)s of %(members)s members are present or represented; no "
                "quorum is needed.",
                **values,
            )
        if result.quorum_reached:
            return self.env._(
                "%(attending)s of %(members)s members are present or represented: the "
                "quorum of %(share)s (%(needed)s members) is reached.",
                **values,
            )
        return self.env._(
            "%(attending)s of %(members)s members are present or represented: the "
            "quorum of %(share)s (%(needed)s members) is not reached.",
            **values,
        )

    @api.model
    def _votes_words(self, result):
        votes = result.poll.votes
        yield self.env._(
            "For: %(favour)s; against: %(against)s; abstentions: %(abstain)s; blank: "
            "%(blank)s.",
            favour=votes.favour,
            against=votes.against,
            abstain=votes.abstain,
            blank=votes.blank,
        )
        yield self.env._(
            "Needed: %(threshold)s of the %(base)s %(what)s, that is %(needed)s votes.",
            threshold=self._threshold_words(result.decision),
            base=result.base,
            what=self._base_words(result.decision),
            needed=result.needed,
        )

    @api.model
    def _share_words(self, result):
        yield self.env._(
            "Votes are counted inside each college, then weighted: %(share)s for. "
            "Needed: %(threshold)s of the weight.",
            share=_percent(result.share),
            threshold=self._threshold_words(result.decision),
        )
        if result.silent:
            yield self.env._(
                "Without votes: %(colleges)s.", colleges=", ".join(result.silent)
            )

    @api.model
    def _threshold_words(self, decision):
        share = str(decision.majority)
        if decision.strict:
            return self.env._("more than %(share)s", share=share)
        return self.env._("at least %(share)s", share=share)

    @api.model
    def _base_words(self, decision):
        return {
            "members": self.env._("members"),
            "attending": self.env._("members present or represented"),
            "cast": self.env._("votes cast"),
        }[decision.base]


def _percent(share: Fraction) -> str:
    """``52.50 %``, cut and not rounded, so that no share looks like the threshold."""
    hundredths = int(share * 10000)
    return f"{hundredths // 100}.{hundredths % 100:02d} %"
