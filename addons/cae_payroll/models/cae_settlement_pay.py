"""Settlements paid through the pay of a month, and their undoing."""

from dateutil.relativedelta import relativedelta

from odoo import fields, models

from odoo.addons.cae_base.engine import allocation
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.cae_contribution_move import READ
from odoo.addons.cae_base.models.cae_contribution_run import QUIET

from ..engine import Bookings, booking, leave
from ..engine.monthly import to_cents, to_euros
from .cae_contract import WAGE_KINDS


class CaeSettlement(models.Model):
    _inherit = "cae.settlement"

    def _post_settlement(self):
        """Pay approved settlements of one company and month, by one entry of pay.

        The balance is a pay of its own beside the month's: what it adds to the
        contributions of the year to date. What is left goes to the shared services by
        another entry.

        :raises UserError: ``CAE-PERIOD-LOCKED``, ``CAE-PAY-LOCK-DATE``,
            ``CAE-PAY-CONFIG``
        """
        if not self:
            return self.env["cae.pay.line"]
        self._check_months_open()
        # sudo: contracts and pay of the month decide what the balance costs; only
        # these settlements and their pay are written.
        here = self.sudo().with_context(tracking_disable=True)._paying()
        lines = self.env["cae.pay.line"].sudo().with_context(tracking_disable=True)
        lines = lines._paying().create(here._prepare_line_vals_list())
        lines._post_pay()
        years = ", ".join(self.year_id.mapped("display_name"))
        ref = self.env._("Left to the cooperative %s", years)
        here._post_left(here._last_day(), ref, 1)
        here.write({"state": "posted"})
        here._follow_cost(lines)
        here._refresh_month()
        return lines

    def _last_day(self):
        return self[0].month + relativedelta(months=1, days=-1)

    def _follow_cost(self, lines):
        """Take what the payment did cost: the difference is carried forward.

        With what the balance sets aside for leave.
        """
        costs = {
            (share.line_id.settlement_id.id, share.activity_id.id): share._spent()
            for line in lines
            for share in line.share_ids
        }
        for share in self.share_ids:
            key = share.settlement_id.id, share.activity_id.id
            cost = decimal(costs.get(key, 0.0))
            share.cost = float(cost)
            share.carried = float(
                decimal(share.result)
                + decimal(share.brought)
                - decimal(share.paid)
                - decimal(share.left_amount)
                - cost
            )
        for settlement in self:
            for name in ("cost", "carried"):
                amounts = settlement.share_ids.mapped(name)
                settlement[name] = float(sum(map(decimal, amounts)))

    # ------------------------------------------------------------------
    # Pay
    # ------------------------------------------------------------------

    def _prepare_line_vals_list(self):
        owed = self.filtered("due")
        if not owed:
            return []
        salaries = owed._balance_salaries()
        holders = owed.share_ids.activity_id._holders_at(self._last_day())
        return [
            settlement._prepare_line_vals(*salaries[settlement], holders)
            for settlement in owed
        ]

    def _balance_salaries(self, expected=False):
        """``{settlement: (contract, engine.Salary)}`` of their month of payment.

        The salary follows the earlier months of the calendar year and what the month
        has paid (CSS R.242-2, D.241-9), without the premiums of the month: its own pay
        bears them.

        :param expected: also after what the month will pay: the pay that waits, else
            the fixed part
        """
        company, month, day = self.company_id, self[0].month, self._last_day()
        run, people = self.env["cae.pay.run"], self.entrepreneur_id
        terms = people._pay_terms(company, month, day, WAGE_KINDS)
        booked = run._booked(company, month, people.ids)
        states = ("draft", "approved", "posted") if expected else ("approved", "posted")
        beside = run._booked_beside(company, month, people.ids, states)
        if expected:
            self._expect_fixed_parts(terms, booked, beside)
        salaries = {}
        for settlement, contract in self._paying_contracts(terms):
            person = settlement.entrepreneur_id.id
            own = terms.get(person)
            days = (own.days, own.employed) if own else (None,)
            salary = contract._salary_beside(company, day, *days)
            earlier = booked if run._regularises(company, month, own) else Bookings()
            key = person, (contract.parent_id or contract).id
            salary = run._after(salary, key, earlier, beside)
            salaries[settlement] = contract, salary
        return salaries

    def _expect_fixed_parts(self, terms, booked, beside):
        """Add the fixed parts of a month that has no pay yet to what it booked."""
        company, month, day = self.company_id, self[0].month, self._last_day()
        run, known = self.env["cae.pay.run"], set(beside.own)
        mine = {p: terms[p] for p in self.entrepreneur_id.ids if p in terms}
        salaries = run._salaries(company, day, mine)
        for person, each in mine.items():
            if person in known or not each.fixed:
                continue
            regularised = run._regularises(company, month, each)
            earlier = booked if regularised else Bookings()
            key = person, each.root
            salary = run._after(salaries[each.contract], key, earlier, beside)
            paid = salary.booked(salary.direct(each.fixed))
            beside.own[person] = {each.root: paid}

    def _paying_contracts(self, terms):
        """``[(settlement, contract of the month, or else the last one)]``."""
        ids = [
            terms[settlement.entrepreneur_id.id].contract
            if settlement.entrepreneur_id.id in terms
            else settlement.contract_id.id
            for settlement in self
        ]
        # Together, so that they are read at once.
        return zip(self, self.env["cae.contract"].browse(ids), strict=True)

    def _prepare_line_vals(self, contract, salary, holders):
        """Values of the pay of a balance.

        :param contract: that pays in the month, or else the last one that did
        """
        result = salary.direct(decimal(self.due))
        entries = self._balance_entries(salary, result)
        aside = (leave.total_of(entry) for entry in entries.values())
        person = self.entrepreneur_id.id
        common = {
            "entrepreneur_id": person,
            "company_id": self.company_id.id,
            "currency_id": self.company_id.currency_id.id,
            "month": self.month,
        }
        return {
            **common,
            "settlement_id": self.id,
            "contract_id": contract.id,
            "state": "approved",
            "approved_by_id": self.approved_by_id.id,
            "requested": self.due,
            **self._prepare_line_amounts(result),
            "leave_aside": float(to_euros(sum(aside))),
            "booked": salary.booked(result).plain(),
            "share_ids": [
                fields.Command.create(
                    {
                        **common,
                        "activity_id": key,
                        "share": float(holders[key].get(person, 0)),
                        **_share_amounts(entry),
                    }
                )
                for key, entry in entries.items()
            ],
        }

    def _balance_entries(self, salary, result):
        """``{activity id: its part of the entry}`` of what the balance owes."""
        weights = {s.activity_id.id: to_cents(decimal(s.cost)) for s in self.share_ids}
        weights = {key: weight for key, weight in weights.items() if weight}
        rate = self.company_id._cae_leave_rate(self.year_id.date_to)
        cost, split = to_cents(result.cost), allocation.split
        aside = leave.set_aside(cost, to_cents(result.gross), rate)
        totals = split(leave.spent(cost, rate), weights)
        parts, asides = leave.apart(totals, aside, split)
        entries = booking.activity_entries(salary, result, parts, split)
        return leave.booked(entries, asides, {})

    def _prepare_line_amounts(self, result):
        simulator = self.env["cae.salary.simulator"]
        plain = simulator._plain(result)
        reduction = decimal(result.general_reduction)
        return {
            "gross": plain["gross"],
            "cost": plain["cost"],
            "net": plain["net_before_tax"],
            "net_taxable": plain["net_taxable"],
            "net_social": plain["net_social"],
            "employer_contributions": float(result.cost - result.gross + reduction),
            "employee_contributions": float(result.gross - result.net_before_tax),
            "general_reduction": float(reduction),
            "coefficient": plain["coefficient"],
            "equivalent_hours": plain["equivalent_hours"],
            "detail": [
                line
                for line in simulator._detail(result)
                if line["employer_amount"] or line["employee_amount"]
            ],
        }

    # ------------------------------------------------------------------
    # What is left to the cooperative
    # ------------------------------------------------------------------

    def _post_left(self, day, ref, sign):
        """Post the entry of what these settlements leave, if they leave anything.

        As a contribution (design §3.5): 186 / 181 of the activity, 181 / 187 of the
        shared services.
        """
        shares = self.share_ids.filtered("left_amount")
        if not shares:
            return
        # sudo: what was agreed, and nothing else, for who has no right on entries.
        moves = self.env["account.move"].sudo()
        company = self.company_id
        self.env["cae.pay.line"]._check_lock_dates(company, day)
        move = (
            moves.with_company(company)
            .with_context(**QUIET)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": company.cae_journal_id.id,
                    "company_id": company.id,
                    "date": day,
                    "ref": ref,
                    "line_ids": [
                        fields.Command.create(item)
                        for item in shares._prepare_left_items(ref, sign)
                    ],
                }
            )
        )
        move.with_context(cae_read=READ, validate_analytic=True)._post(soft=False)
        link = [fields.Command.link(move.id)]
        shares.settlement_id.write({"left_move_ids": link})

    # ------------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------------

    def _reopen(self, reason):
        """Posted settlements of one company and month are to be computed again.

        :raises UserError: ``CAE-SETTLEMENT-ORDER``, ``CAE-PAY-LOCK-DATE``
        """
        if not self:
            return
        self._check_last()
        # sudo: see _post_settlement.
        here = self.sudo()._paying()
        ref = self.env._("Undone, left to the cooperative: %s", reason)
        day = self.env["cae.period"]._first_open_day(self.company_id, self._last_day())
        here._post_left(day, ref, -1)
        here.write({"state": "draft", "approved_by_id": False, "reason": reason})
        here._refresh_month()

    def _refresh_month(self):
        """Compute the pay of the month that waits again: it is paid beside these."""
        waiting = self.env["cae.pay.line"].search(
            [
                ("entrepreneur_id", "in", self.entrepreneur_id.ids),
                ("company_id", "=", self.company_id.id),
                ("month", "=", self[0].month),
                ("state", "=", "draft"),
            ]
        )
        if waiting:
            run = self.env["cae.pay.run"].with_company(self.company_id)
            people = waiting.entrepreneur_id.ids
            run._update(self.company_id, self[0].month, people)


def _share_amounts(entry):
    """Amounts of a share of pay, from its part of the entry in cents."""
    cost = sum(v for k, v in entry.items() if k == booking.WAGE or "charge" in k)
    return {
        "gross": float(to_euros(entry[booking.WAGE])),
        "cost": float(to_euros(cost)),
        "net": float(to_euros(-entry[booking.NET])),
        "leave_wage": float(to_euros(entry.get(leave.WAGE, 0))),
        "leave_charges": float(to_euros(entry.get(leave.CHARGES, 0))),
        "entry": entry,
    }
