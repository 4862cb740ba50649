"""What an activity that leaves still has and owes, and what keeps it open."""

from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

from .cae_ledger import RESULT_PREFIXES, money

#: Where a transfer writes the results that go with it.
CARRIED = "11"
#: Groups of the exit file by account prefix; the longest prefix wins.
GROUPS = ("5", "181", "41", "40", "42", "43", "44", "45", "46", "2", "3", "1")


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._check_nothing_open()
        return super().write(vals)

    def _exit_balances(self, day=None):
        """``{activity: {account: Decimal}}`` of the balance sheets, debit positive.

        One query, whatever the number of activities. Results, and what was carried
        of them, are not there: they are what the other accounts add up to.

        :param day: last day, ``None`` for all entries
        """
        column = self.env["cae.ledger"]._column()
        domain = [
            (column, "in", self.analytic_account_id.ids),
            ("move_line_id", "!=", False),
            *([("date", "<=", day)] if day else []),
        ]
        # sudo: whoever may open or archive an activity must know what it holds.
        items = self.env["account.analytic.line"].sudo()
        groups = items._read_group(
            domain, [column, "general_account_id"], ["amount:sum"]
        )
        activities = self.grouped("analytic_account_id")
        result = {activity: {} for activity in self}
        for analytic, account, amount in groups:
            code = account.with_company(self.company_id[:1]).code or ""
            balance = -money(f"{amount:.2f}")
            if balance and not code.startswith((CARRIED, *RESULT_PREFIXES)):
                result[activities[analytic]][account] = balance
        return result

    def _exit_items(self, day):
        """Journal items of these activities that were not settled on ``day``."""
        common = [
            ("parent_state", "=", "posted"),
            ("date", "<=", day),
            ("company_id", "in", self.company_id.ids),
            ("account_id.reconcile", "=", True),
            ("analytic_distribution", "in", self.analytic_account_id.ids),
        ]
        items = self.env["account.move.line"]
        own = items.search(
            [
                *common,
                *("|", "|", ("reconciled", "=", False)),
                ("matched_debit_ids.max_date", ">", day),
                ("matched_credit_ids.max_date", ">", day),
            ]
        )
        # In locked months an allocation entry says whose the item is.
        corrections = items.search([*common, ("cae_source_line_id", "!=", False)])
        return own | corrections.cae_source_line_id.filtered(
            lambda line: (
                line.date <= day
                and (not line.reconciled or line._cae_partials_after(day))
            )
        )

    def _check_nothing_open(self):
        """:raises UserError: ``CAE-EXIT-OPEN``, naming what is open"""
        for company, activities in self.grouped("company_id").items():
            open_things = activities.with_company(company)._open_things()
            if open_things:
                raise UserError(
                    self.env._(
                        "CAE-EXIT-OPEN: an activity is archived when nothing of it is "
                        "open. %(details)s. Settle it, or use the exit of the "
                        "activity.",
                        details="; ".join(open_things),
                    )
                )

    def _open_things(self):
        """What keeps these activities open, in words."""
        return [
            f"{activity.display_name}: {', '.join(parts)}"
            for activity, parts in self._open_texts().items()
        ]

    def _open_texts(self):
        """Hook: ``{activity: [text]}`` of what keeps these activities open."""
        texts = defaultdict(list)
        for activity, balances in self._exit_balances().items():
            for account, balance in balances.items():
                amount = self._amount_text(balance)
                texts[activity].append(f"{account.code} {amount}")
        # sudo: the number of drafts is told to who may archive, nothing more.
        drafts = self.env["account.move"].sudo()
        for activity, count in drafts._read_group(
            [("cae_activity_id", "in", self.ids), ("state", "=", "draft")],
            ["cae_activity_id"],
            ["__count"],
        ):
            text = self.env._("documents not posted: %(count)s", count=count)
            texts[activity].append(text)
        return texts

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_exit(self) -> dict:
        """The exit of the activity, or a new one."""
        self.ensure_one()
        exits = self.env["cae.activity.exit"].search(
            [("activity_id", "=", self.id), ("state", "!=", "cancelled")], limit=1
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Exit of %s", self.display_name),
            "res_model": "cae.activity.exit",
            "res_id": exits.id,
            "view_mode": "form",
            "context": {"default_activity_id": self.id},
        }

    def action_open_opening(self) -> dict:
        """Ask for the opening balances of the activity."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Opening Balances"),
            "res_model": "cae.opening",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_activity_id": self.id,
                "default_date": self.date_start,
            },
        }

    @api.model
    def _exit_group(self, code):
        """Prefix under which the exit file shows an account; empty for the others."""
        prefixes = [prefix for prefix in GROUPS if code.startswith(prefix)]
        return max(prefixes, key=len, default="")
