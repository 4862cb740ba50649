import time
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.cae_base.engine import allocation
from odoo.addons.cae_base.engine.money import decimal

from ..engine import Booked, Bookings, PayrollError, booking, leave, monthly
from ..engine.booked import NAMES
from ..engine.monthly import Wish, to_cents, to_euros
from .cae_activity import SPENT

#: People per entry; each chunk is kept when it is done.
CHUNK = 500
FIRST_PAY = "CAE-PAY-FIRST"
#: Somebody asks for pay under a CAPE that provides for none.
UNPAID = "CAE-PAY-CAPE"
#: What a pay of nothing is not asked about.
NEEDLESS = (monthly.NO_ACTIVITY, monthly.SEVERAL)


@dataclass
class Plan:
    """All that the pay of a month depends on, read once for everybody.

    :param terms: ``{person id: PayTerms}``
    :param salaries: ``{contract id: engine.Salary}``
    :param booked: ``engine.Bookings`` of the earlier months of the year; ``beside`` of
        the other pays of the month
    :param drawn: ``{(person id, of the second contract): {activity id: cents}}`` of
        people with two contracts: what each pay of the month takes
    :param second: the plan is of the second contracts
    :param holdings: ``{person id: [Holding]}``
    :param wishes: ``{person id: (request id, Wish)}``
    :param targets: ``{person id: target}``, for months without a request
    :param limits: ``{contract id: cents of overdraft without approval}``
    :param withheld: ``{person id: [(kind, account id, partner id, cents)]}``
    :param paid: ids of the people who had a pay in an earlier month
    :param leave_rate: what pay sets aside for leave, a fraction of its cost
    :param leave_used: ``{person id: {activity id: leave.Aside}}`` of the leave taken
    """

    company: models.Model
    month: date
    day: date
    terms: dict
    salaries: dict = field(default_factory=dict)
    booked: Bookings = field(default_factory=Bookings)
    beside: Bookings = field(default_factory=Bookings)
    drawn: dict = field(default_factory=dict)
    second: bool = False
    holdings: dict = field(default_factory=dict)
    wishes: dict = field(default_factory=dict)
    targets: dict = field(default_factory=dict)
    limits: dict = field(default_factory=dict)
    withheld: dict = field(default_factory=dict)
    paid: set = field(default_factory=set)
    leave_rate: Decimal = Decimal(0)
    leave_used: dict = field(default_factory=dict)

    def leave_of(self, person):
        """``{activity id: leave.Aside}`` that the leave of a person uses up."""
        return self.leave_used.get(person, {})

    def due(self, person):
        """Gross that is due to a person: the fixed part, or the leave above it."""
        taken = sum(each.wage for each in self.leave_of(person).values())
        return max(self.terms[person].fixed, to_euros(taken))

    def leave_out(self, person, line):
        """What another pay of the month has of a person is not taken again.

        :param line: pay of a second contract, which was the only one when it was paid
        """
        if line.withheld:
            self.withheld.pop(person, None)
        if line.leave_used:
            self.leave_used.pop(person, None)
        if line.request_id or line.target_id:
            self.targets.pop(person, None)
        if self.wishes.get(person, (None,))[0] == line.request_id.id:
            del self.wishes[person]

    def trial(self, person):
        """A plan to try the pay of somebody with two contracts: nothing is counted."""
        own = dict(self.beside.own.get(person, {}))
        return replace(
            self,
            drawn=dict(self.drawn),
            beside=replace(self.beside, own={**self.beside.own, person: own}),
        )

    def of_second(self):
        """The plan of ordinary contracts beside a CESA: their wage, and nothing else.

        What is asked for, withheld or taken as leave is of the month's main pay. What
        one of both books and draws counts for the other.
        """
        terms = {p: each.second for p, each in self.terms.items() if each.second}
        return replace(
            self,
            terms=terms,
            second=True,
            wishes={},
            targets={},
            withheld={},
            leave_used={},
        )


class CaePayRun(models.AbstractModel):
    """Proposes, approves and posts the pay of a month.

    A pay that is posted, approved or refused is never computed again; one that waits
    (*draft*) is, as long as it waits. Balances, contracts, holders and requests are
    read once for everybody; the engine decides; records are written in batches.
    """

    _name = "cae.pay.run"
    _description = "Pay of a Month"

    # ------------------------------------------------------------------
    # Run
    # ------------------------------------------------------------------

    @api.model
    def _run(self, period, deadline: float) -> tuple[int, dict]:
        """Propose and post the pay of an open month, one entry per 500 people.

        :param deadline: of ``time.monotonic()``; the first chunk is always done
        :return: ``(people left, {"lines", "cost", "gross"})`` of what was posted
        """
        company, month = period.company_id, period.date
        run = self.with_company(company)
        people, waiting, terms = run._people(company, month)
        added = {"lines": 0, "cost": decimal(0), "gross": decimal(0)}
        run._line_up(company, month, people, terms)
        plan = run._plan(company, month, people, terms) if people else None
        for start in range(0, len(people), CHUNK):
            if start and time.monotonic() > deadline:
                return len(people) - start, run._plain(added)
            chunk = people[start : start + CHUNK]
            run._propose(plan, [person for person in chunk if person in waiting])
            run._post(company, month, chunk, added)
            period._commit_chunk()
        return 0, run._plain(added)

    @api.model
    def _plain(self, added):
        return {**added, "cost": float(added["cost"]), "gross": float(added["gross"])}

    @api.model
    def _people(self, company, month):
        """``(ids of the people to treat, those to propose a pay for, terms)``."""
        last = self.env["cae.pay.line"]._last_day(month)
        terms = self.env["cae.entrepreneur"]._pay_terms(company, month, last)
        states = {
            (person.id, second): state
            for person, second, state in self._lines()._read_group(
                self._domain(company, month),
                ["entrepreneur_id", "second_contract", "state"],
            )
        }
        # A month of zero is still open to a request, or to a pay.
        zero = self._lines().search(
            [*self._domain(company, month), *self.env["cae.pay.line"]._zero_domain()]
        )
        states.update(dict.fromkeys(map(_key, zero), "draft"))
        approved = {p for (p, _second), state in states.items() if state == "approved"}
        keys = [(person, False) for person in terms]
        keys += [(person, True) for person, each in terms.items() if each.second]
        waiting = {key[0] for key in keys if states.get(key, "draft") == "draft"}
        return sorted(approved | waiting), waiting, terms

    @api.model
    def _line_up(self, company, month, people, terms):
        """Pay of ordinary contracts, beside a CESA or not, as they are by now.

        Of two contracts one may be entered, or ended, when the month was run: what the
        ordinary one had stays its pay, so that it is not paid again.
        """
        lines, domain = self._lines(), self._domain(company, month)
        moving = lines.search_fetch(
            [
                *domain,
                ("entrepreneur_id", "in", people),
                ("contract_id.kind", "=", "employee"),
            ],
            ["entrepreneur_id", "second_contract"],
        ).filtered(lambda line: _is_misplaced(line, terms))
        if not moving:
            return
        own = [*domain, ("entrepreneur_id", "in", moving.entrepreneur_id.ids)]
        rest = (lines.search(own) - moving).grouped("entrepreneur_id")
        for line in moving:
            other = rest.get(line.entrepreneur_id, lines)
            if all(each._is_open() for each in other):
                line._change_place(other)

    @api.model
    def _domain(self, company, month):
        return [
            ("company_id", "=", company.id),
            ("month", "=", month),
            ("state", "!=", "cancelled"),
        ]

    @api.model
    def _lines(self):
        lines = self.env["cae.pay.line"].with_context(tracking_disable=True)
        return lines._paying()

    @api.model
    def _post(self, company, month, people, added):
        lines = self._lines().search(
            [
                *self._domain(company, month),
                ("state", "=", "approved"),
                ("entrepreneur_id", "in", people),
            ]
        )
        lines._post_pay()
        gross, cost = lines._cost_of_run()
        added["lines"] += len(lines)
        added["gross"] += gross
        added["cost"] += cost

    @api.model
    def _update(self, company, month, people):
        """Compute waiting pay again, without approving it."""
        # sudo: what a pay depends on (balances, shares, contracts of others) is more
        # than a payroll officer may read; only these people's pay is written.
        run = self.sudo()
        last = self.env["cae.pay.line"]._last_day(month)
        terms = run.env["cae.entrepreneur"]._pay_terms(company, month, last)
        run._line_up(company, month, people, terms)
        plan = run._plan(company, month, people, terms)
        run._propose(plan, people, approve=False)

    # ------------------------------------------------------------------
    # What a pay depends on
    # ------------------------------------------------------------------

    @api.model
    def _plan(self, company, month, people, terms=None, holdings=None):
        last = self.env["cae.pay.line"]._last_day(month)
        if terms is None:
            terms = self.env["cae.entrepreneur"]._pay_terms(company, month, last)
        if holdings is None:
            holdings = self.env["cae.activity"]._pay_holdings(company, month, last)
        two = {person for person, each in terms.items() if each.second}
        booked = self._booked(company, month, people)
        beside = self._booked_beside(company, month, people)
        booked.several |= two
        beside.several |= two
        moved = self._moved(company, month, two & {*people})
        plan = Plan(
            company=company,
            month=month,
            day=last,
            terms=terms,
            salaries=self._salaries(company, last, terms, moved),
            booked=booked,
            beside=beside,
            drawn=self._drawn(month, two & {*people}),
            holdings=holdings,
            wishes=self._wishes(month, people),
            targets=self.env["cae.pay.target"]._in_month(company, month),
            limits=self._limits(company, terms),
            withheld=self.env["cae.pay.element"]._withheld(company, month),
            paid=self._paid_before(month, people),
            leave_rate=company._cae_leave_rate(last),
            leave_used=self._leave_used(company, month, holdings),
        )
        for person, line in moved.items():
            plan.leave_out(person, line)
        return plan

    @api.model
    def _moved(self, company, month, people):
        """``{person id: pay}`` that is decided, of the second contracts of people."""
        # sudo: what the other pay of a person has already, for the computation of
        # this one, by whoever may run it.
        lines = people and self._lines().sudo().search(
            [
                *self._domain(company, month),
                ("entrepreneur_id", "in", list(people)),
                ("second_contract", "=", True),
                ("state", "in", ("approved", "posted")),
            ]
        )
        return {line.entrepreneur_id.id: line for line in lines or ()}

    @api.model
    def _leave_used(self, company, month, holdings):
        """What the leave of the month uses up, of the activities that people hold."""
        taken = self.env["cae.pay.element"]._leave_taken(company, month)
        shares, used = self.env["cae.pay.share"], {}
        due = shares._leave_due(taken, month) if taken else {}
        for person, own in due.items():
            held = {each.activity for each in holdings.get(person, ())}
            mine = {key: aside for key, aside in own.items() if key in held}
            used[person] = leave.used_up(mine, taken[person], allocation.split)
        return used

    @api.model
    def _salaries(self, company, day, terms, moved=()):
        """``{contract id: engine.Salary}``; one of two contracts bears the premiums.

        :param moved: ``{person id: pay}`` that is decided, of second contracts
        """
        simulator = self.env["cae.salary.simulator"]
        contracts = self.env["cae.contract"].browse(_contracts(terms))
        by_id = dict(zip(contracts.ids, contracts, strict=True))
        salaries = {}
        for person, each in terms.items():
            contract = by_id[each.contract]
            borne = person in moved and moved[person]._bears_premiums()
            name = "_situation_beside" if borne else "_pay_situation"
            situation = getattr(contract, name)(company, day, each.days, each.employed)
            salaries[each.contract] = simulator._salary(day, situation)
            if second := each.second:
                salaries[second.contract] = by_id[second.contract]._salary_beside(
                    company, day, second.days, second.employed
                )
        return salaries

    @api.model
    def _limits(self, company, terms):
        contracts = self.env["cae.contract"].browse(_contracts(terms))
        return {each.id: each._overdraft_limit(company) for each in contracts}

    @api.model
    def _drawn(self, month, people):
        """What decided pay of these people takes of their activities, in one query.

        :param people: ids of those with two contracts
        :return: see :class:`Plan`
        """
        drawn = {}
        rows = people and self.env["cae.pay.share"]._read_group(
            [
                ("entrepreneur_id", "in", list(people)),
                ("month", "=", month),
                ("state", "in", ("approved", "posted")),
                ("settlement_id", "=", False),
            ],
            ["entrepreneur_id", "second_contract", "activity_id"],
            SPENT,
        )
        for person, second, activity, *amounts in rows:
            own = drawn.setdefault((person.id, second), {})
            own[activity.id] = sum(to_cents(decimal(a or 0)) for a in amounts)
        return drawn

    @api.model
    def _booked(self, company, month, people) -> Bookings:
        """What the other months of the calendar year booked, in one query.

        Contributions follow the calendar year, whatever the fiscal year. Later months
        count when they are posted: who is paid last owes what the year still owes. An
        earlier month of the contract counts its ceiling even when nothing is paid for
        it: it waits, was refused, or undone.
        """
        first = month.replace(month=1)
        others = SQL(
            """
            line.month >= %s AND line.month < %s AND line.month != %s
            AND (line.state = 'posted'
                 OR (line.month < %s AND line.settlement_id IS NULL))
            """,
            first,
            first.replace(year=first.year + 1),
            month,
            month,
        )
        return self._booked_sums(company, people, others, SQL("line.state = 'posted'"))

    @api.model
    def _booked_beside(
        self, company, month, people, states=("approved", "posted")
    ) -> Bookings:
        """What pay of the month that is decided booked, in one query.

        A month of zero is none: it may become a pay, of the same ceiling.
        """
        decided = SQL(
            """
            line.state = ANY(%s) AND line.month = %s
            AND (line.cost != 0 OR line.net != 0)
            """,
            list(states),
            month,
        )
        return self._booked_sums(company, people, decided, SQL("TRUE"))

    @api.model
    def _booked_sums(self, company, people, condition, counted):
        """``engine.Bookings`` of some pay.

        :param condition: of lines that count at least the ceiling of their month,
            while the contract lasts
        :param counted: of those that count whole
        """
        query = self._booked_query(company, people, condition, counted)
        bookings = Bookings()
        # SQL, past record rules: sums for the computation of these people's own pay,
        # by whoever may run it; nothing of it is shown.
        for person, root, several, ceilings, *values in self.env.execute_query(query):
            booked = Booked.of(dict(zip(NAMES, values, strict=True)))
            bookings.own.setdefault(person, {})[root] = booked
            bookings.ceilings[person] = decimal(ceilings or 0)
            if several:
                bookings.several.add(person)
        return bookings

    @api.model
    def _booked_query(self, company, people, condition, counted) -> SQL:
        """Person, root contract, whether they had two, ceilings of all; then NAMES."""
        for name in ("cae.pay.line", "cae.contract"):
            self.env[name].flush_model()
        amounts = [name for name in NAMES if name != "ceiling"]
        months = SQL(", ").join(
            SQL(
                "SUM((line.booked->>%s)::numeric) FILTER (WHERE %s) AS %s",
                name,
                counted,
                SQL.identifier(name),
            )
            for name in amounts
        )
        sums = SQL(", ").join(SQL("SUM(%s)", SQL.identifier(n)) for n in NAMES)
        return SQL(
            """
            WITH months AS (
                SELECT line.entrepreneur_id AS person, root.id AS root, line.month,
                       BOOL_OR(line.second_contract) AS several, %s,
                       MAX((line.booked->>'ceiling')::numeric) FILTER (
                           WHERE %s OR root.date_end IS NULL
                              OR root.date_end >= line.month) AS ceiling
                  FROM cae_pay_line line
                  JOIN cae_contract contract ON contract.id = line.contract_id
                  JOIN cae_contract root
                    ON root.id = COALESCE(contract.parent_id, contract.id)
                 WHERE line.company_id = %s AND line.entrepreneur_id = ANY(%s)
                   AND %s
              GROUP BY line.entrepreneur_id, root.id, line.month
            ), people AS (
                SELECT person, BOOL_OR(several) AS several, SUM(ceiling) AS whole
                  FROM (SELECT person, month, BOOL_OR(several) AS several,
                               MAX(ceiling) AS ceiling
                          FROM months GROUP BY person, month) AS of_month
              GROUP BY person
            )
            SELECT person, root, people.several, people.whole, %s
              FROM months JOIN people USING (person)
          GROUP BY person, root, people.several, people.whole
            """,
            months,
            counted,
            company.id,
            list(people),
            condition,
            sums,
        )

    @api.model
    def _salary(self, plan, person):
        """The engine's salary of a person, after what the year has booked."""
        terms = plan.terms[person]
        regularises = self._regularises(plan.company, plan.month, terms)
        booked = plan.booked if regularises else Bookings()
        salary = plan.salaries[terms.contract]
        return self._after(salary, (person, terms.root), booked, plan.beside)

    @api.model
    def _after(self, salary, key, booked, beside):
        """The salary of a contract that follows these pays of its person.

        :param key: ``(person id, id of the contract)``
        :param booked: ``engine.Bookings`` of earlier months; ``beside`` of the month
        """
        others = booked.others(*key)
        if key[0] in beside.several:
            # The ceiling of the month is that of the salary itself.
            others += replace(beside.others(*key), ceiling=decimal(0))
        return salary.after(booked.of(*key), beside.of(*key), others)

    @api.model
    def _regularises(self, company, month, terms):
        """Whether a month owes what its year to date owes.

        :param terms: None when no contract pays in the month any more
        """
        last = month.month == 12 or not terms or terms.leaves
        return company.cae_pay_progressive or last

    @api.model
    def _wishes(self, month, people):
        requests = self.env["cae.pay.request"].search(
            [
                ("entrepreneur_id", "in", people),
                ("month", "=", month),
                ("state", "!=", "cancelled"),
            ]
        )
        return {r.entrepreneur_id.id: (r.id, r._wish()) for r in requests}

    @api.model
    def _paid_before(self, month, people):
        rows = self.env["cae.pay.line"]._read_group(
            [
                ("entrepreneur_id", "in", people),
                ("month", "<", month),
                ("state", "=", "posted"),
                ("gross", "!=", 0),
            ],
            ["entrepreneur_id"],
        )
        return {person.id for (person,) in rows}

    # ------------------------------------------------------------------
    # Proposals
    # ------------------------------------------------------------------

    @api.model
    def _propose(self, plan, people, approve=True):
        """Write the proposals of these people: new ones, and those that wait."""
        lines = self._lines()
        found = lines.search(
            [
                *self._domain(plan.company, plan.month),
                ("entrepreneur_id", "in", people),
            ]
        )
        found = dict(zip(map(_key, found), found, strict=True))
        # A wage takes its part before what is asked for.
        plans, new = (plan.of_second(), plan), []
        for person in people:
            for each in plans:
                line = found.get((person, each.second), lines)
                vals = self._proposed(each, person, line, approve)
                new += [vals] if vals else []
        lines.create(new)

    @api.model
    def _proposed(self, plan, person, line, approve):
        """Write the proposal of a pay that waits; values of one that is new."""
        if person not in plan.terms or (line and not line._is_open()):
            return None
        vals = self._prepare_line_vals(plan, person, approve)
        if line.state == "posted" and not _is_paid(vals):
            return None
        if line:
            line._refresh(vals)
            return None
        return vals if self._comes_out(plan.terms[person], vals) else None

    @api.model
    def _comes_out(self, terms, vals):
        """Whether a month has a line: while a contract lasts, if only of zero.

        Of wages it counts the ceiling of the month (CSS R.242-2); of a CAPE it proves
        the activity of the month to France Travail (Unédic, circular 2025-03 of 1
        April 2025).
        """
        return terms.days != 0 or _is_paid(vals)

    @api.model
    def _prepare_line_vals(self, plan, person, approve=True):
        """Values of the pay of a person; amounts are ``float`` of exact cents."""
        terms = plan.terms[person]
        request, target, wish = self._wish(plan, person)
        holdings = self._holdings(plan, person)
        salary, proposal = self._proposal(plan, person, holdings, wish)
        entries = self._entries(plan, person, salary, proposal)
        elements = plan.withheld.get(person, [])
        withheld = self._withheld(elements, entries)
        decides = approve and withheld is not None
        result = proposal.result
        idle = not (result.cost or result.net_before_tax or elements or request)
        flags = self._line_flags(plan, person, proposal, idle)
        booked = salary.booked(result)
        self._count(plan, person, proposal, booked)
        common = self._prepare_common_vals(plan, person)
        return {
            **common,
            "contract_id": terms.contract,
            "request_id": request,
            "target_id": target,
            "flags": ",".join(flags),
            "state": self._state(plan, person, flags, idle) if decides else "draft",
            "withheld": sum(element[-1] for element in elements) / 100,
            **self._prepare_amounts(proposal),
            "fixed_part": float(terms.fixed),
            "leave_aside": _euros_of(proposal.leave),
            "leave_used": _euros_of(plan.leave_of(person)),
            "booked": booked.plain(),
            "share_ids": self._share_commands(
                common, holdings, entries, withheld or {}
            ),
        }

    @api.model
    def _count(self, plan, person, proposal, booked):
        """What one contract of a person takes and books counts for the other one."""
        terms = plan.terms[person]
        if terms.employed is None:
            return
        aside = proposal.leave
        plan.drawn[person, plan.second] = {
            key: cents + aside.get(key, leave.NOTHING).total
            for key, cents in proposal.parts.items()
        }
        plan.beside.add(person, terms.root, booked)

    @api.model
    def _prepare_common_vals(self, plan, person):
        """What a pay and its shares both say."""
        return {
            "entrepreneur_id": person,
            "company_id": plan.company.id,
            "currency_id": plan.company.currency_id.id,
            "month": plan.month,
            "second_contract": plan.second,
        }

    @api.model
    def _proposal(self, plan, person, holdings, wish):
        """``(salary, proposal)`` of the engine."""
        terms, salary = plan.terms[person], self._salary(plan, person)
        limit = plan.limits[terms.contract]
        rate = plan.leave_rate if terms.kind != "cape" else Decimal(0)
        due = plan.due(person)
        try:
            return salary, monthly.propose(
                salary, due, holdings, wish, allocation.split, limit, rate
            )
        except PayrollError as error:
            raise self._impossible(person, error) from error

    @api.model
    def _impossible(self, person, error):
        return UserError(
            self.env._(
                "CAE-PAY-VALUE: the pay of %(person)s cannot be computed (%(reason)s). "
                "Correct the contract or what is asked for.",
                person=self.env["cae.entrepreneur"].browse(person).display_name,
                reason=error,
            )
        )

    @api.model
    def _entries(self, plan, person, salary, proposal):
        """``{activity id: {key: cents}}``: the pay, and the leave that it moves."""
        entries = booking.activity_entries(
            salary, proposal.result, proposal.parts, allocation.split
        )
        return leave.booked(entries, proposal.leave, plan.leave_of(person))

    @api.model
    def _line_flags(self, plan, person, proposal, idle):
        """Codes of the findings of a proposal, in order.

        :param idle: nothing is paid, and nothing is to be decided
        """
        flags = [f for f in proposal.flags if not (idle and f in NEEDLESS)]
        if person in plan.wishes and not plan.terms[person].asks:
            flags.append(UNPAID)
        if proposal.result.gross and person not in plan.paid:
            flags.append(FIRST_PAY)
        return flags

    @api.model
    def _share_commands(self, common, holdings, entries, withheld):
        return [
            Command.create(
                {
                    **common,
                    **self._prepare_share_vals(each, entries[each.activity]),
                    "withheld": withheld.get(each.activity, False),
                }
            )
            for each in holdings
        ]

    @api.model
    def _wish(self, plan, person):
        """``(request id, target id, wish)``: own request, else target, else policy.

        The policy is for wages: what an activity earns under CAPE stays on it, for the
        start of the CESA.
        """
        if not plan.terms[person].asks:
            return False, False, Wish()
        if person in plan.wishes:
            request, wish = plan.wishes[person]
            return request, False, wish
        target = plan.targets.get(person)
        if target:
            return False, target.id, target._wish(plan.due(person))
        every = plan.company.cae_pay_policy == "all"
        wages = plan.terms[person].kind != "cape"
        return False, False, Wish("max" if every and wages else "none")

    @api.model
    def _holdings(self, plan, person):
        """Holdings of a person: with what leave gives back, and the target's floor."""
        used, target = plan.leave_of(person), plan.targets.get(person)
        drawn = plan.drawn.get((person, not plan.second), {})
        holdings = [
            replace(
                each,
                committed=each.committed + drawn.get(each.activity, 0),
                released=used.get(each.activity, leave.NOTHING).total,
            )
            for each in plan.holdings.get(person, [])
        ]
        if not target:
            return holdings
        floor = to_cents(decimal(target.floor))
        return monthly.with_floor(holdings, floor, allocation.split)

    @api.model
    def _withheld(self, elements, entries):
        """``{activity: [[kind, account, partner, cents]]}``; None above the net."""
        nets = {activity: -entry["net"] for activity, entry in entries.items()}
        amounts = [element[-1] for element in elements]
        if sum(amounts) > sum(max(0, net) for net in nets.values()):
            return None
        result = {}
        parts = booking.withheld_parts(nets, amounts, allocation.split)
        for element, part in zip(elements, parts, strict=True):
            for activity, cents in part.items():
                own = result.setdefault(activity, [])
                own.append([*element[:-1], cents])
        return result

    @api.model
    def _state(self, plan, person, flags, idle):
        limit = plan.limits[plan.terms[person].contract]
        free = idle or plan.company.cae_pay_approval == "overdraft"
        return "approved" if free and not monthly.waits(flags, limit) else "draft"

    @api.model
    def _prepare_amounts(self, proposal):
        result = proposal.result
        simulator = self.env["cae.salary.simulator"]
        salary = simulator._plain(result)
        reduction = decimal(result.general_reduction)
        employer = result.cost - result.gross + reduction
        return {
            "available": float(proposal.available),
            "reserve": float(proposal.reserve),
            "committed": float(proposal.committed),
            "requested": float(proposal.requested),
            "gross": salary["gross"],
            "cost": salary["cost"],
            "net": salary["net_before_tax"],
            "net_taxable": salary["net_taxable"],
            "net_social": salary["net_social"],
            "employer_contributions": float(employer),
            "employee_contributions": float(result.gross - result.net_before_tax),
            "general_reduction": float(reduction),
            "coefficient": salary["coefficient"],
            "equivalent_hours": salary["equivalent_hours"],
            "detail": simulator._detail(result),
        }

    @api.model
    def _prepare_share_vals(self, holding, entry):
        cost = sum(v for k, v in entry.items() if k == "wage" or "charge" in k)
        return {
            "activity_id": holding.activity,
            "share": holding.weight / 1000,
            "available": float(to_euros(holding.available)),
            "reserve": float(to_euros(holding.reserve)),
            "committed": float(to_euros(holding.committed)),
            "gross": float(to_euros(entry["wage"])),
            "cost": float(to_euros(cost)),
            "net": float(to_euros(-entry["net"])),
            "leave_wage": float(to_euros(entry.get(leave.WAGE, 0))),
            "leave_charges": float(to_euros(entry.get(leave.CHARGES, 0))),
            "entry": entry,
        }


def _key(line):
    """What is one per month: the pay of a person, and that of a second contract."""
    return line.entrepreneur_id.id, line.second_contract


def _is_misplaced(line, terms):
    """Whether the pay of an ordinary contract became, or is no more, a second one."""
    each = terms.get(line.entrepreneur_id.id)
    return each and line.second_contract != bool(each.second)


def _contracts(terms):
    """Ids of the contracts of ``{person id: PayTerms}``, second ones too."""
    all_terms = [*terms.values(), *(each.second for each in terms.values())]
    return {each.contract for each in all_terms if each}


def _is_paid(vals):
    """Whether something is paid, or asked for, by these values of a pay."""
    return any(vals[name] for name in ("request_id", "cost", "net", "withheld"))


def _euros_of(asides):
    """Euros of ``{activity id: leave.Aside}``, contributions included."""
    return sum(each.total for each in asides.values()) / 100
