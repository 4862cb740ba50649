from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.cae_base.tools import format_date

#: A period of more days is a mistake.
LONGEST = 366 * 10
PEOPLE = [
    ("active", "Active people"),
    ("supported", "People supported"),
    ("either", "People active or supported"),
    ("entered", "People who entered"),
    ("exited", "People who left"),
]
CONTRACTS = [
    ("contracts", "Contracts signed"),
    ("amendments", "Amendments"),
    ("ends", "Contracts that ended"),
]
#: Window that answers a question about something else than people.
WINDOWS = dict.fromkeys(
    [key for key, _label in CONTRACTS], "cae_base.cae_contract_action"
)


class CaeCoachingQuestion(models.TransientModel):
    """A question about a period: opens the list of those whom it concerns.

    Each list shows what the user may see, filters, groups and exports.
    """

    _name = "cae.coaching.question"
    _description = "Question about a Period"

    question = fields.Selection(PEOPLE + CONTRACTS, required=True, default="active")
    date_start = fields.Date(
        string="First Day",
        required=True,
        default=lambda self: fields.Date.start_of(self._today(), "year"),
    )
    date_end = fields.Date(
        string="Last Day",
        required=True,
        default=lambda self: fields.Date.end_of(self._today(), "year"),
    )

    def _today(self):
        return fields.Date.context_today(self)

    def action_open(self) -> dict:
        """The list that answers the question.

        :raises UserError: ``CAE-QUESTION-DATES``
        """
        self.ensure_one()
        if not 0 <= (self.date_end - self.date_start).days <= LONGEST:
            raise UserError(
                self.env._("CAE-QUESTION-DATES: a period of ten years at most.")
            )
        window = WINDOWS.get(self.question, "cae_base.cae_entrepreneur_action")
        action = self.env["ir.actions.actions"]._for_xml_id(window)
        labels = dict(self._fields["question"]._description_selection(self.env))
        domain = getattr(self, f"_domain_{self.question}")()
        name = self.env._(
            "%(question)s, %(first)s – %(last)s",
            question=labels[self.question],
            first=format_date(self.env, self.date_start),
            last=format_date(self.env, self.date_end),
        )
        return {
            **action,
            "name": name,
            # What the web client shows when there is one.
            "display_name": name,
            "path": False,
            "domain": list(domain),
            "context": {"active_test": False},
        }

    # ------------------------------------------------------------------
    # People
    # ------------------------------------------------------------------

    def _domain_active(self):
        """Entered before the end of the period, and not left before its start.

        Nor away all through it, between an exit and a return.
        """
        here = Domain("date_exit", "=", False) | Domain(
            "date_exit", ">=", self.date_start
        )
        through = Domain("date_start", "<=", self.date_start) & (
            Domain("date_end", "=", False) | Domain("date_end", ">=", self.date_end)
        )
        return Domain("date_entry", "<=", self.date_end) & here & ~self._away(through)

    def _away(self, when):
        """Who left and came back, and was away then."""
        away = Domain("kind", "=", "away") & when
        return Domain("interruption_ids", "any", away)

    def _domain_supported(self):
        """At an interview that was held, or present at a half-day, in the period."""
        return Domain("interview_ids", "any", self._held_domain()) | Domain(
            "workshop_attendance_ids",
            "any",
            Domain("state", "=", "present") & self._between("date"),
        )

    def _held_domain(self):
        return (
            Domain("state", "=", "held")
            & Domain("held_start", ">=", self.date_start)
            & Domain("held_start", "<", self.date_end + timedelta(days=1))
        )

    def _domain_either(self):
        return self._domain_active() | self._domain_supported()

    def _domain_entered(self):
        return self._between("date_entry")

    def _domain_exited(self):
        """Left in the period, for good or until a return."""
        day = timedelta(days=1)
        # The first day away is the one after the exit.
        left = Domain("date_start", ">=", self.date_start + day) & Domain(
            "date_start", "<=", self.date_end + day
        )
        return self._between("date_exit") | self._away(left)

    # ------------------------------------------------------------------
    # Contracts
    # ------------------------------------------------------------------

    def _domain_contracts(self):
        """By the day of the signature; of their start where it is not known."""
        unknown = Domain("date_signature", "=", False) & self._between("date_start")
        return Domain("parent_id", "=", False) & (
            self._between("date_signature") | unknown
        )

    def _domain_amendments(self):
        return Domain("parent_id", "!=", False) & self._between("date_start")

    def _domain_ends(self):
        return Domain("parent_id", "=", False) & self._between("date_end")

    def _between(self, name):
        return Domain(name, ">=", self.date_start) & Domain(name, "<=", self.date_end)
