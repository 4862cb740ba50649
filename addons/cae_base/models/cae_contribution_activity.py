from collections import defaultdict
from datetime import date
from decimal import Decimal

from odoo import api, fields, models

from ..engine import people
from .cae_entrepreneur import KIND_RANK
from .cae_ledger import money

NO_CONTRACT = "none"


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    scheme_id = fields.Many2one(
        check_company=True,
        help="Holds for the whole fiscal year: a change corrects the open months. To "
        "keep the old scheme until a date, enter it among the own terms.",
    )
    contribution_line_ids = fields.One2many(
        "cae.contribution.line", "activity_id", string="Contributions"
    )
    contribution_total = fields.Monetary(
        compute="_compute_contribution_total",
        help="Charged since the start of the fiscal year.",
    )
    exemption_ids = fields.One2many(
        "cae.contribution.exemption", "activity_id", string="Own Terms", copy=False
    )

    @api.onchange("scheme_id")
    def _onchange_scheme_id(self):
        if self._origin.scheme_id and self._origin.contribution_total:
            return {
                "warning": {
                    "title": self.env._("Since the start of the year"),
                    "message": self.env._(
                        "The new scheme holds for the whole fiscal year: the next run "
                        "corrects all its open months. To begin at a date, use the "
                        "action “Change the Scheme” instead."
                    ),
                }
            }
        return {}

    @api.depends("contribution_line_ids.amount")
    @api.depends_context("uid", "company")
    def _compute_contribution_total(self):
        today = fields.Date.context_today(self)
        year = self.env.company.compute_fiscalyear_dates(today)["date_from"]
        totals = defaultdict(Decimal)
        for (activity_id, _month), amount in self._contributions(year, today).items():
            totals[activity_id] += amount
        for activity in self:
            activity.contribution_total = totals[activity.id]

    def action_open_contributions(self) -> dict:
        """Contributions of these activities, each with its explanation."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contributions"),
            "res_model": "cae.contribution.line",
            "view_mode": "list,pivot,graph,form",
            "domain": [("activity_id", "in", self.ids)],
        }

    def _contributions(self, date_from: date, date_to: date) -> dict:
        """Charged per month, one query: ``{(activity id, first day): Decimal}``."""
        rows = self.env["cae.contribution.line"]._read_group(
            [
                ("activity_id", "in", self.ids),
                ("month", ">=", date_from),
                ("month", "<=", date_to),
            ],
            ["activity_id", "month:day"],
            ["amount:sum"],
        )
        return {(activity.id, day): money(amount) for activity, day, amount in rows}

    def _contract_kinds(self, days) -> dict:
        """Kind of contract of activities: ``{(activity id, day): kind}``.

        The CESA when one of the holders has a CESA that day, else an ordinary
        contract, else the CAPE. Between two contracts, and once gone, the last one
        counts; ``none`` when there was none yet. Two queries.

        :param days: ``{activity id: days}``
        """
        shares = self.env["cae.activity.share"].search_fetch(
            [("activity_id", "in", self.ids)],
            ["activity_id", "entrepreneur_id", "date_start", "date_end"],
        )
        contracts = self._contracts_of(shares.entrepreneur_id)
        held = shares.grouped(lambda share: share.activity_id.id)
        empty = shares.browse()
        return {
            (activity_id, day): held.get(activity_id, empty)._kind_on(day, contracts)
            for activity_id, wanted in days.items()
            for day in wanted
        }

    @api.model
    def _contracts_of(self, entrepreneurs):
        """``{entrepreneur id: [(start, end, kind)]}`` without amendments."""
        # sudo: the kind of contract decides what is due; who may run the month need
        # not see the contracts.
        contracts = self.env["cae.contract"].sudo()
        found = contracts.search_fetch(
            [("entrepreneur_id", "in", entrepreneurs.ids), ("parent_id", "=", False)],
            ["entrepreneur_id", "kind", "date_start", "date_end"],
        )
        result = defaultdict(list)
        for contract in found:
            period = (contract.date_start, contract.date_end or None, contract.kind)
            result[contract.entrepreneur_id.id].append(period)
        return result


class CaeActivityShare(models.Model):
    _inherit = "cae.activity.share"

    def _kind_on(self, day, contracts):
        """Kind of contract of the holders on ``day``, see ``_contract_kinds``."""
        started = self.filtered(lambda share: share.date_start <= day)
        holders = started._held_on(day) or started.sorted("date_start")[-1:]
        kinds = [
            _kind_at(contracts[share.entrepreneur_id.id], day) for share in holders
        ]
        known = [kind for kind in kinds if kind]
        return max(known, key=KIND_RANK.get, default=NO_CONTRACT)


def _kind_at(periods, day):
    started = [period for period in periods if period[0] <= day]
    current = [p for p in started if people.covers(p[0], p[1], day)]
    if current:
        return max((kind for _start, _end, kind in current), key=KIND_RANK.get)
    return max(started, key=lambda p: p[0])[2] if started else None
