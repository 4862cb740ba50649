from odoo import api, models
from odoo.exceptions import UserError

from ..engine.texts import short
from .cae_activity_api import SHARED


class CaePeriod(models.Model):
    """What of a month belongs to no activity: proposals, and their acceptance."""

    _inherit = "cae.period"

    @api.model
    def unallocated(self, month: str) -> list[dict]:
        """Journal items of a month that belong to no activity, with a proposal each.

        Bank lines that wait for their matching have proposals of their own:
        ``cae_proposals`` of ``account.bank.statement.line``.

        :param month: ``"2026-01"``
        :return: ``[{"id", "entry", "date", "account", "partner", "label", "amount",
            "activity", "reason", "certainty"}]``: ``amount`` belongs to nobody (debit
            positive), ``activity`` is a code, ``CAE`` for the shared services;
            ``reason`` is one of ``rest``, ``amount``, ``open``, ``holder``,
            ``contact``, ``code``, ``name``, ``documents``, ``habit``, ``entry``,
            ``mostly``, ``shared``; ``certainty`` is ``certain``, ``likely`` or
            ``possible``
        :raises AccessError: when not an accountant
        :raises UserError: ``CAE-PERIOD-MONTH``, ``CAE-CONFIG-CHART``
        """
        found = self._unallocated_of(month)._cae_propose_activities()
        codes = self._activity_codes()
        cents = self.env["account.move.line"].union(*found)._cae_unallocated_cents()
        return [
            {
                "id": item.id,
                "entry": item.move_id.name or "",
                "date": item.date.isoformat(),
                "account": item.account_id.code,
                "partner": item.partner_id.name or "",
                "label": item.name or "",
                "amount": cents[item.id] / 100,
                "activity": codes[proposed.activity],
                "reason": proposed.reason,
                "certainty": proposed.certainty,
            }
            for item, proposed in found.items()
        ]

    @api.model
    def allocate(
        self, month: str, items: list[dict] | None = None, reason: str = ""
    ) -> dict:
        """Give unallocated items of a month to activities, as one transfer.

        Undone as a whole by ``action_undo`` of that ``cae.transfer``. In a locked month
        allocation entries of the first open month do it. Called again, it finds
        nothing left to do.

        :param month: ``"2026-01"``
        :param items: ``[{"id", "activity"}]``, ids of :meth:`unallocated`; without a
            code the activity that is proposed, ``CAE`` for the shared services. All
            the certain proposals when empty
        :param reason: kept in the log of the transfer
        :return: ``{"transfer", "allocated"}``: id of the transfer or False, and the ids
            of the items; those that are allocated already are left out
        :raises AccessError: when not an accountant
        :raises UserError: ``CAE-ALLOCATE-ITEM``, ``CAE-ALLOCATE-ACTIVITY``, the errors
            of a transfer, ``CAE-PERIOD-MONTH``, ``CAE-CONFIG-CHART``
        """
        waiting = self._unallocated_of(month)
        asked = self._read_allocations(items or [])
        found = waiting._cae_propose_activities()
        certain = {i for i, p in found.items() if p.certainty == "certain"}
        wanted = [i for i in waiting if i.id in asked] if items else certain
        codes, named = self._activity_codes(), self._activities_by_code()
        chosen = {
            item: self._activity_of(
                named, asked.get(item.id) or codes[found[item].activity]
            )
            for item in sorted(wanted, key=lambda item: item.id)
        }
        reason = reason or self.env._("Proposals accepted for %(month)s", month=month)
        transfer = waiting._cae_allocate(chosen, reason)
        return {
            "transfer": transfer.id or False,
            "allocated": [item.id for item in chosen],
        }

    @api.model
    def _unallocated_of(self, month):
        """Items of the month whose activity an accountant may choose."""
        self.env["cae.transfer"]._check_may_transfer()
        first = self._parse_month(month)
        self.env["res.company"]._cae_check_configured()
        keys = self._existing(first)._unallocated_items()
        return self.env["account.move.line"].browse(keys)._cae_to_decide()

    @api.model
    def _read_allocations(self, items):
        """``{item id: code}`` of what a caller asks.

        :raises UserError: ``CAE-ALLOCATE-ITEM``
        """
        asked = {}
        for row in items if isinstance(items, list | tuple) else [items]:
            key = row.get("id") if isinstance(row, dict) else None
            if type(key) is not int or not 0 < key < 2**31 or key in asked:
                raise UserError(self._allocate_item_message(row))
            asked[key] = row.get("activity") or ""
        known = self.env["account.move.line"].browse(asked).exists()
        for key in asked:
            if key not in known.ids:
                raise UserError(self._allocate_item_message(key))
        return asked

    def _allocate_item_message(self, given):
        return self.env._(
            "CAE-ALLOCATE-ITEM: %(item)s is no journal item, or is given twice. Give "
            "the ids that cae.period.unallocated returns.",
            item=short(given),
        )

    @api.model
    def _activities_by_code(self):
        """``{code: activity}``, none for the shared services."""
        activities = self.env["cae.activity"]
        found = activities.search([("company_id", "=", self.env.company.id)])
        return {**{a.code: a for a in found}, SHARED: activities}

    @api.model
    def _activity_of(self, named, code):
        """The activity with a code, empty for the shared services.

        :param named: of ``_activities_by_code``
        :raises UserError: ``CAE-ALLOCATE-ACTIVITY``
        """
        if not isinstance(code, str) or code not in named:
            raise UserError(
                self.env._(
                    "CAE-ALLOCATE-ACTIVITY: there is no activity %(code)s here. Use a "
                    "code, or CAE for the shared services.",
                    code=short(code),
                )
            )
        return named[code]

    @api.model
    def _activity_codes(self):
        """``{analytic account: code}`` of all activities and the shared services."""
        company = self.env.company
        activities = self.env["cae.activity"].with_context(active_test=False)
        activities = activities.search_fetch(
            [("company_id", "=", company.id)], ["code", "analytic_account_id"]
        )
        codes = {a.analytic_account_id.id: a.code for a in activities}
        return {**codes, company.cae_shared_account_id.id: SHARED}
