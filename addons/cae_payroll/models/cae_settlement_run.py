from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.cae_base.engine import allocation
from odoo.addons.cae_base.engine.money import decimal

from ..engine import PayrollError
from ..engine.monthly import to_cents, to_euros
from ..engine.settlement import Part, Year, settle, share_out
from .cae_activity import SPENT
from .cae_contract import WAGE_KINDS
from .cae_settlement import OPEN

#: Results of earlier years that came with the openings of activities.
BROUGHT_PREFIXES = ("11", "12")
#: Place, among the months of a year, of what comes from earlier years.
BEFORE = -1
#: Activities per entry of accrual.
CHUNK = 500
ZERO = Decimal(0)


@dataclass
class Earned:
    """What the settlement of a person is computed from.

    :param parts: one per activity
    :param contract: id of the last contract that paid in the year, or False
    :param fixed: gross of the fixed parts paid
    :param gross: gross paid, fixed parts and advances
    :param leave: what a balance sets aside for leave, a fraction of its cost
    """

    parts: list
    year: Year
    contract: int | bool
    fixed: Decimal = ZERO
    gross: Decimal = ZERO
    leave: Decimal = ZERO


class CaeSettlementRun(models.AbstractModel):
    """Computes and accrues the variable part of a year.

    Balances, pay, shares and contracts of the year are read once for everybody, in a
    number of queries that does not depend on how many they are; the engine decides;
    records are written in batches.

    Results are read from the ledger, without the entries of pay, of accruals and of
    what was left to the cooperative: these are counted from their own records, for the
    year they belong to, on whatever day they or their undoing were booked.
    """

    _name = "cae.settlement.run"
    _description = "Settlement of a Year"

    # ------------------------------------------------------------------
    # Settlements
    # ------------------------------------------------------------------

    @api.model
    def _compute(self, year, people=None):
        """Write the settlements of a year that are not approved yet.

        :param people: ids; everybody by default
        """
        self._check_ready(year, people)
        earned = self._earned(year)
        found = self._settlements().search([("year_id", "=", year.id)])
        mine = {each.entrepreneur_id.id: each for each in found}
        wanted = earned if people is None else set(people) & {*earned, *mine}
        new, again = [], self._settlements()
        for person in sorted(wanted):
            known = mine.get(person, found.browse())
            if known and known.state not in OPEN:
                continue
            vals = self._prepare_vals(year, person, earned.get(person), known)
            if known:
                known._refresh(vals)
                again |= known
            else:
                new.append({**vals, "month": self._month(year)})
        if people is None:
            gone = found.filtered(lambda each: each.entrepreneur_id.id not in earned)
            again -= gone
            gone.filtered(lambda each: each.state in OPEN).unlink()
        (again | found.create(new))._estimate_payment()

    @api.model
    def _settlements(self):
        settlements = self.env["cae.settlement"].with_context(tracking_disable=True)
        return settlements._paying()

    @api.model
    def _month(self, year):
        """Month of payment that is proposed: the first after the meeting."""
        today = fields.Date.context_today(self)
        return max(today, year.accounts_meeting_date).replace(day=1)

    @api.model
    def _prepare_vals(self, year, person, earned, known):
        earned = earned or Earned([], Year([]), False)
        settled = self._settle(earned, known)
        shares = {each.activity: each for each in settled.parts}
        return {
            "entrepreneur_id": person,
            "year_id": year.id,
            "state": "computed",
            "contract_id": earned.contract,
            "result": _euros(part.result for part in earned.parts),
            "brought": _euros(part.carried for part in earned.parts),
            "budget": float(settled.budget),
            "annual_gross": float(settled.annual_gross),
            "fixed_part": float(earned.fixed),
            "advance": float(earned.gross - earned.fixed),
            "paid": float(settled.paid),
            "due": float(settled.due),
            "cost": float(settled.cost),
            "carried": float(settled.carried),
            "share_ids": [
                Command.create(self._prepare_share_vals(part, shares[part.activity]))
                for part in earned.parts
            ],
        }

    @api.model
    def _prepare_share_vals(self, part, settled):
        amounts = {
            "result": part.result,
            "brought": part.carried,
            "paid": part.paid,
            "left_amount": settled.left,
            "gross": settled.gross,
            "cost": settled.cost,
            "carried": settled.carried,
        }
        values = {name: float(to_euros(cents)) for name, cents in amounts.items()}
        return {"activity_id": part.activity, **values}

    @api.model
    def _settle(self, earned, known):
        """:raises UserError: ``CAE-SETTLEMENT-LEFT``"""
        left = decimal(known.left_amount or 0.0)
        figures = earned.year, earned.parts, earned.gross, left
        try:
            return settle(*figures, allocation.split, earned.leave)
        except PayrollError as error:
            raise UserError(
                self.env._(
                    "CAE-SETTLEMENT-LEFT: %(settlement)s cannot leave that much to the "
                    "cooperative: %(detail)s is what is there.",
                    settlement=known.display_name,
                    detail=error.message,
                )
            ) from error

    # ------------------------------------------------------------------
    # Accrual
    # ------------------------------------------------------------------

    @api.model
    def _accrue(self, year) -> int:
        """Accrue what the activities lack, by entries of 500 activities.

        :return: how many activities were accrued
        """
        self._check_ready(year)
        accruals = self.env["cae.settlement.accrual"]
        days = {year.date_to, year.date_to + relativedelta(days=1)}
        periods = self.env["cae.period"]
        periods._check_open(year.company_id, days)
        done = accruals.search([("year_id", "=", year.id), ("state", "=", "posted")])
        amounts = self._accruable(year)
        activities = self.env["cae.activity"].browse(amounts) - done.activity_id
        activities = activities.sorted("code")
        for start in range(0, len(activities), CHUNK):
            chunk = activities[start : start + CHUNK]
            periods._check_open(year.company_id, days)
            accruals._book(year, {each: amounts[each.id] for each in chunk})
            periods._commit_chunk()
        return len(activities)

    @api.model
    def _accruable(self, year):
        """``{activity id: (gross, charges)}`` in cents, of all balances due.

        A balance that is estimated to cost more at its payment is accrued with that.
        """
        known = self._settlements().search([("year_id", "=", year.id)])
        mine = {each.entrepreneur_id.id: each for each in known}
        totals = defaultdict(lambda: [0, 0])
        for person, earned in self._earned(year).items():
            known = mine.get(person, self._settlements())
            settled = self._settle(earned, known)
            dearer = known._dearer_parts(settled)
            for part in settled.parts:
                totals[part.activity][0] += part.gross
                totals[part.activity][1] += part.cost - part.gross
                totals[part.activity][1] += dearer.get(part.activity, 0)
        return {key: tuple(both) for key, both in totals.items() if any(both)}

    # ------------------------------------------------------------------
    # What may stand in the way
    # ------------------------------------------------------------------

    @api.model
    def _check_ready(self, year, people=None):
        """:raises UserError: ``CAE-SETTLEMENT-PAY``, ``CAE-SETTLEMENT-ORDER``"""
        pay = self.env["cae.pay.line"].search(
            [*self._pay_domain(year), ("state", "in", ("draft", "approved"))]
        )
        before = self._previous(year).filtered(lambda each: each.state != "posted")
        if people is not None:
            pay = pay.filtered(lambda each: each.entrepreneur_id.id in people)
            before = before.filtered(lambda each: each.entrepreneur_id.id in people)
        if pay:
            raise UserError(self._pay_message(pay))
        if before:
            raise UserError(self._order_message(before))

    @api.model
    def _pay_message(self, pay):
        return self.env._(
            "CAE-SETTLEMENT-PAY: %(count)s pays of the year wait for a decision "
            "(%(pay)s). Post or refuse them first.",
            count=len(pay),
            pay=pay[0].display_name,
        )

    @api.model
    def _order_message(self, settlements):
        return self.env._(
            "CAE-SETTLEMENT-ORDER: settle the year before first: %(settlement)s and "
            "%(count)s others wait.",
            settlement=settlements[0].display_name,
            count=len(settlements) - 1,
        )

    @api.model
    def _previous(self, year):
        day = year.date_from - relativedelta(days=1)
        return self._settlements().search(
            [("company_id", "=", year.company_id.id), ("date_to", "=", day)]
        )

    # ------------------------------------------------------------------
    # What a settlement depends on
    # ------------------------------------------------------------------

    @api.model
    def _earned(self, year) -> dict[int, Earned]:
        """``{person id: Earned}`` of everybody with an activity in the year."""
        activities = self.env["cae.activity"].with_context(active_test=False)
        activities = activities.search([("company_id", "=", year.company_id.id)])
        months = self._months(year)
        results = self._results(year, activities, months)
        parts = self._parts(year, activities, months, results)
        grosses = self._grosses(year)
        contracts, salaries = self._contracts(year, months)
        leave = year.company_id._cae_leave_rate(year.date_to)
        return {
            person: Earned(
                parts[person],
                Year(salaries[person]),
                contracts.get(person, False),
                *grosses.get(person, (ZERO, ZERO)),
                leave,
            )
            for person in sorted(parts)
        }

    @api.model
    def _months(self, year):
        first, months = year.date_from, []
        while first <= year.date_to:
            months.append(first)
            first += relativedelta(months=1, day=1)
        return months

    @api.model
    def _parts(self, year, activities, months, results):
        """``{person id: [Part]}``, in the order of activities."""
        holders = self._holders(activities, months)
        paid, earlier = self._paid(year)
        wages = self._costs(self._posted_domain(year, second=True))
        brought = self._brought(year)
        left = self._left_before(year)
        parts = defaultdict(list)
        for key in activities.ids:
            mine = brought.get(key, {})
            rest = results[key].pop(BEFORE, 0) - earlier.get(key, 0) - left.get(key, 0)
            rest -= sum(mine.values())
            own = share_out(results[key], holders[key], allocation.split)
            charges = wages.get(key, {})
            own = {p: own.get(p, 0) - charges.get(p, 0) for p in {*own, *charges}}
            carried = share_out({BEFORE: rest}, holders[key], allocation.split)
            carried = allocation.add(carried, mine)
            costs = paid.get(key, {})
            for person in {*own, *carried, *costs}:
                amounts = (each.get(person, 0) for each in (own, carried, costs))
                parts[person].append(Part(key, *amounts))
        return parts

    @api.model
    def _results(self, year, activities, months):
        """``{activity id: {place of the month: cents}}``, profits positive."""
        accounts = {a.analytic_account_id.id: a.id for a in activities}
        results = {key: {} for key in activities.ids}
        places = {month: place for place, month in enumerate(months)}
        rows = self.env["cae.ledger"]._monthly_results(
            year, accounts, BROUGHT_PREFIXES, self._own_entries()
        )
        for analytic, month, cents in rows:
            row = results[accounts[analytic]]
            place = places.get(month, BEFORE)
            row[place] = row.get(place, 0) + cents
        return results

    @api.model
    def _own_entries(self) -> SQL:
        """Ids of the entries that a settlement counts from their own records.

        Of pay, of accruals, and of what was left to the cooperative.
        """
        for name in ("cae.pay.line", "cae.settlement", "cae.settlement.accrual"):
            self.env[name].flush_model()
        return SQL(
            """
            SELECT move_id AS id FROM cae_pay_line
             UNION
            SELECT reversal_move_id FROM cae_pay_line
             UNION
            SELECT account_move_id FROM account_move_cae_payslip_rel
             UNION
            SELECT move_id FROM cae_settlement_left_move_rel
             UNION
            SELECT unnest(ARRAY[move_id, opening_move_id, undo_move_id,
                                undo_opening_move_id])
              FROM cae_settlement_accrual
            """
        )

    @api.model
    def _holders(self, activities, months):
        """``{activity id: {place of the month: {person id: weight}}}``."""
        shares = self.env["cae.activity.share"].search(
            [("activity_id", "in", activities.ids)]
        )
        shares = shares.grouped("activity_id")
        none = self.env["cae.activity.share"]
        return {
            activity.id: {
                place: shares.get(activity, none)._weights_on(
                    min(_last(month), activity.date_end or _last(month))
                )
                for place, month in enumerate(months)
            }
            for activity in activities
        }

    @api.model
    def _pay_domain(self, year):
        """Pay of the months of the year, without the settlements of others."""
        return [
            ("company_id", "=", year.company_id.id),
            ("month", ">=", year.date_from),
            ("month", "<=", year.date_to),
            ("settlement_id", "=", False),
        ]

    @api.model
    def _posted_domain(self, year, second=False):
        """Posted pay of the months of the year.

        :param second: of ordinary contracts beside a CESA: a charge of the person's
            activities, and no part of what the year settles
        """
        return [
            *self._pay_domain(year),
            ("state", "=", "posted"),
            ("second_contract", "=", second),
        ]

    @api.model
    def _paid(self, year):
        """Cents of the posted pay: of the year, and of what earlier years bore.

        With what it set aside for leave, which no balance may spend, and what true
        payslips cost more: of the person whose payslip it is, as its pay is.

        :return: ``({activity id: {person id: cents}}, {activity id: cents})``
        """
        paid = defaultdict(dict)
        shares = self.env["cae.pay.share"]
        posted = [("company_id", "=", year.company_id.id), ("state", "=", "posted")]
        paid |= self._costs(self._posted_domain(year))
        rows = shares._read_group(
            [
                *posted,
                ("month", "<=", year.date_to),
                "|",
                ("month", "<", year.date_from),
                ("settlement_id", "!=", False),
            ],
            ["activity_id"],
            SPENT,
        )
        earlier = {activity.id: _total(amounts) for activity, *amounts in rows}
        days = year.date_from, year.date_to
        gaps = self.env["cae.payslip"]._gaps_of_months(year.company_id, *days)
        for activity, person, cents in gaps[0]:
            paid[activity][person] = paid[activity].get(person, 0) + cents
        for activity, _person, cents in gaps[1]:
            earlier[activity] = earlier.get(activity, 0) + cents
        return paid, earlier

    @api.model
    def _costs(self, domain):
        """``{activity id: {person id: cents}}`` of some pay, in one query."""
        costs = defaultdict(dict)
        rows = self.env["cae.pay.share"]._read_group(
            domain, ["activity_id", "entrepreneur_id"], SPENT
        )
        for activity, person, *amounts in rows:
            costs[activity.id][person.id] = _total(amounts)
        return costs

    @api.model
    def _brought(self, year):
        """``{activity id: {person id: cents}}`` that the year before carried."""
        brought = defaultdict(dict)
        for share in self._previous(year).share_ids:
            cents = to_cents(decimal(share.carried))
            brought[share.activity_id.id][share.entrepreneur_id.id] = cents
        return brought

    @api.model
    def _left_before(self, year):
        """Cents that activities left to the cooperative in earlier years."""
        rows = self.env["cae.settlement.share"]._read_group(
            [
                ("company_id", "=", year.company_id.id),
                ("state", "=", "posted"),
                ("date_to", "<", year.date_from),
            ],
            ["activity_id"],
            ["left_amount:sum"],
        )
        return {activity.id: to_cents(decimal(total)) for activity, total in rows}

    @api.model
    def _grosses(self, year):
        """``{person id: (fixed parts, gross)}`` of the posted pay of the year.

        The gross is that of the true payslips where they are known.
        """
        rows = self.env["cae.pay.line"]._read_group(
            self._posted_domain(year),
            ["entrepreneur_id"],
            ["fixed_part:sum", "gross:sum"],
        )
        gaps = self.env["cae.payslip"]._read_group(
            [
                ("company_id", "=", year.company_id.id),
                ("month", ">=", year.date_from),
                ("month", "<=", year.date_to),
                ("state", "=", "booked"),
            ],
            ["entrepreneur_id"],
            ["gap_gross:sum"],
        )
        grosses = {p.id: (decimal(fixed), decimal(gross)) for p, fixed, gross in rows}
        for person, gap in gaps:
            fixed, gross = grosses.get(person.id, (ZERO, ZERO))
            grosses[person.id] = fixed, gross + decimal(gap)
        return grosses

    @api.model
    def _contracts(self, year, months):
        """``({person id: last contract id}, {person id: [Salary of each month]})``."""
        company = year.company_id
        contracts, salaries = {}, defaultdict(list)
        for month in months:
            last = _last(month)
            terms = self.env["cae.entrepreneur"]._pay_terms(
                company, month, last, WAGE_KINDS
            )
            known = self.env["cae.pay.run"]._salaries(company, last, terms)
            for person, each in terms.items():
                contracts[person] = each.contract
                salaries[person].append(known[each.contract])
        return contracts, salaries


def _last(month):
    """Last day of the month that begins on ``month``, or has this day."""
    return month + relativedelta(day=31)


def _total(amounts):
    # Pay of before leave was set aside has no amount of it.
    return sum(to_cents(decimal(amount or 0)) for amount in amounts)


def _euros(cents):
    return float(to_euros(sum(cents)))
