"""What the accounts of an activity say to who may not read its entries.

A holder beside others has the accounts of the activity (R.7331-5), and not the pay of
the others; a coach has totals of pay, and nothing of what is withheld from it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from odoo import api, models
from odoo.fields import Domain

#: Rows of a ledger that are shown as one, ``{prefix: row}``. Of several holders, what
#: is due to people and to social bodies is one amount, and so is what pay costs: as in
#: statements.
STAFF = {"42": "42"}
TOGETHER = {"42": "42", "43": "42", "64": "64"}


@dataclass(frozen=True)
class Reserved:
    """How the accounts of one activity are shown.

    :param since: first day shown, None for all: before it, others held the activity
    :param rows: accounts that are shown as one, ``{prefix: row}``
    """

    rows: Mapping[str, str]
    since: date | None = None

    def row(self, code):
        """What an account is shown as: its own code, or that of a total."""
        return next((r for p, r in self.rows.items() if code.startswith(p)), code)


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    @api.model
    def _reserved(self, analytic_ids) -> dict:
        """``{analytic account id: Reserved}`` for the user; what is not in it is open.

        The user decides, not the superuser rights of a caller.
        """
        user = self.env.user
        if user._cae_reads_entries():
            return {}
        # sudo: who else holds an activity decides what is shown; they are not.
        shares = self.env["cae.activity.share"].sudo()
        held = shares.search([("activity_id.analytic_account_id", "in", analytic_ids)])
        totals = user.has_groups("cae_base.group_coach,cae_base.group_tool_read")
        groups = held.grouped(lambda share: share.activity_id.analytic_account_id.id)
        return {
            analytic: Reserved(STAFF) if totals else group._reserved_for(user)
            for analytic, group in groups.items()
        }

    def _seen_domain(self, dated="date") -> Domain:
        """What is dated when the user sees these activities; see :class:`Reserved`.

        :param dated: field with the day, or the moment
        """
        # sudo: nobody reads analytic accounts in the portal; their numbers are used.
        accounts = {a.sudo().analytic_account_id.id: a.id for a in self}
        hidden = Domain.OR(
            Domain("cae_activity_id", "=", accounts[account])
            & Domain(dated, "<", reserved.since)
            for account, reserved in self._reserved(list(accounts)).items()
            if reserved.since
        )
        return ~hidden

    @api.model
    def _reserved_balance(self, analytic_ids, first, last, rest=False):
        """``{analytic account id: rows of cae.ledger._trial_balance}``, as shown."""
        company, reserved = self.env.company, self._reserved(analytic_ids)
        days = defaultdict(list)
        for analytic in analytic_ids:
            since = analytic in reserved and reserved[analytic].since
            days[max(first, since or first)].append(analytic)
        result = defaultdict(list)
        for day, accounts in days.items():
            if day > last:
                continue
            for line in self.env["cae.ledger"]._trial_balance(
                company, None if rest else accounts, day, last, rest=rest
            ):
                result[line["analytic"]].append(line)
        for analytic, shown in reserved.items():
            result[analytic] = self._reserved_lines(result[analytic], shown)
        return result

    @api.model
    def _reserved_lines(self, lines, shown):
        """Rows of a trial balance, those that are shown as one added up."""
        names, result = self._reserved_names(), {}
        for line in lines:
            code = shown.row(line["code"])
            if code == line["code"] or code not in result:
                result[code] = {**line, "code": code}
                if code != line["code"]:
                    result[code]["name"] = names[code]
                continue
            for name, cents in line.items():
                if name not in ("analytic", "code", "name", "account"):
                    result[code][name] += cents
        return list(result.values())

    @api.model
    def _reserved_names(self):
        return {
            "42": self.env._("Staff and social bodies"),
            "64": self.env._("Cost of pay"),
        }

    @api.model
    def _reserved_parts(self, parts, shown):
        """Parts of a treasury, those that are shown as one added up."""
        result = {}
        for part in parts:
            key = part["group"], shown.row(part["prefix"])
            if key in result:
                result[key]["amount"] += part["amount"]
            else:
                result[key] = {**part, "prefix": key[1]}
        return list(result.values())


class CaeActivityShare(models.Model):
    _inherit = "cae.activity.share"

    def _reserved_for(self, user):
        """:class:`Reserved` of one activity with these shares, for a holder."""
        people = self.entrepreneur_id.filtered(lambda person: person.user_id == user)
        own = self.filtered(lambda share: share.entrepreneur_id in people)
        start = min(own.mapped("date_start"), default=None)
        others = self - own
        beside = not start or any(not s.date_end or s.date_end >= start for s in others)
        return Reserved(TOGETHER if beside else {}, self._seen_since(people))
