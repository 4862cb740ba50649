"""A cooperative of thousands of people with all that it has, measured whole.

After ``scale fill`` and ``scale_people year``, ``make`` adds a year of pay, the members
of the register and users of the portal: one of each by the product's own methods, the
others by SQL. Then ``close`` times the month, ``read`` the public readings and the key
figures, ``vote`` a secret vote of all members, ``lists`` the lists of the team; ``raw``
the same entries and as many records in plain Odoo.
"""

import json
import sys
from functools import partial

from odoo import fields
from odoo.fields import Command

from . import env as inside
from .bench_pay import SETTINGS
from .scale import LAST, REPEATED, YEAR, Copies, Month, RawMonth
from .scale_people import CORE, LISTS, Alerts, Lists, Year
from .scale_vote import Vote

FIRST, PAY_DAY, DAY = f"{YEAR}-01", f"{YEAR}-01-31", f"{YEAR}-12-31"
#: Which transfer paid which pay.
PAID, PAYMENT = "account_payment_cae_pay_line_rel", "account_payment_id"
PAY_LINES = "cae_pay_line_ids"
#: Their passwords are their logins.
PERSON, CUSTOMER = "bench_person", "bench_customer"
#: What a member subscribed, long ago.
SHARES, VALUE, SINCE = 2, 16, "2024-02-01"
DAYS = ("date_candidature", "date_admission", "date_associe")
REGISTER = ("nom", "email", "college", "date_sortie", "date_accord_email")
DECEMBER = [("date", ">=", f"{LAST}-01")]
#: Lists that are measured beside those of coaching, by Odoo's own; see there.
WHOLE_LISTS = {
    "contacts": {
        "people": "cae_base.cae_entrepreneur_action",
        # Odoo has a list of this name.
        "own_activities": "cae_base.cae_activity_action",
        "contracts": "cae_base.cae_contract_action",
        "members": "cae_governance.cae_member_action",
    },
    "entries": {
        "pay": "cae_payroll.cae_pay_line_action",
        "contributions": "cae_base.cae_contribution_line_action",
        "statements": "cae_base.cae_statement_action",
        "shares": "cae_governance.cae_share_movement_action",
    },
    "items": {"ledger_items": "cae_base.cae_ledger_line_action"},
}
WHOLE_CORE = {
    "entries": (
        *("account.action_move_journal_line", DECEMBER, ()),
        {"open": ("list", "journal_id", False)},
    ),
    "items": (
        *("account.action_account_moves_all", [], ()),
        {"open": ("list", "account_id", False)},
    ),
}
#: What the cockpit reads, as far as it is there: figures of a day, with those of the
#: year before, and of thirteen months.
KEY_FIGURES = {"get": (DAY,), "overview": (DAY,), "series": ([], DAY)}
#: What a statement of a month is about as long as.
TEXT = "Statement " * 300


class Make(Year):
    """Pay, members and users of the portal."""

    def run(self):
        """Each by the product once, then the others."""
        self.people = self.env["cae.entrepreneur"].search(
            [("code", "=like", "E%")], order="code"
        )
        self.pay()
        self.members()
        self.users()
        assert not self.env["cae.ledger"]._unbalanced_entries(self.company)
        self.env.cr.commit()
        self.settle()

    def pay(self):
        """January's pay by the product, that to November by copying."""
        self.company.write(SETTINGS)
        self.env.cr.commit()
        paid = self.run_month(FIRST, "pay")
        assert paid == self.count, paid
        lines = self.env["cae.pay.line"].search([], order="id")
        transfers = self.transfers(lines)
        others = lines, lines.share_ids
        copies = Copies.of_entries(self.env, lines.move_id + transfers, *others)
        self.repeat(copies)
        line = f"(SELECT cae_pay_line_id FROM {PAID} WHERE {PAYMENT} = o.id)"
        line = copies.copy("cae_pay_line", line)
        copies.relate(
            *(REPEATED, PAID, PAYMENT, "account_payment", f"cae_pay_line_id={line}")
        )
        self.env.cr.commit()

    def transfers(self, lines):
        """Entries of the transfers of this pay: one by the product, then the others."""
        first = lines[0]
        self.env["res.partner.bank"].create(
            {
                "partner_id": first.entrepreneur_id.partner_id.id,
                "acc_number": "FR7630006000011234567890189",
                "allow_out_payment": True,
            }
        )
        payment = first._pay_by_transfer(fields.Date.to_date(PAY_DAY), self.bank())
        [share] = first.share_ids
        copies = Copies.of_entries(self.env, payment.move_id)
        targets = f"""
            SELECT row_number() OVER (ORDER BY l.id) - 1 AS n, 0 AS months,
                   l.id AS line, i.id AS item, e.partner_id AS partner,
                   a.id AS activity, a.analytic_account_id AS analytic,
                   '"' || a.analytic_account_id || '"' AS tag
              FROM cae_pay_line l
              JOIN cae_entrepreneur e ON e.id = l.entrepreneur_id
              JOIN cae_pay_share s ON s.line_id = l.id
              JOIN cae_activity a ON a.id = s.activity_id
              JOIN account_move_line i
                ON i.move_id = l.move_id AND i.partner_id = e.partner_id
               AND i.account_id = (l.accounts->>'net')::int
             WHERE l.id <> {first.id}
        """
        copies.make(
            targets,
            {
                **self.of_another(share.activity_id.analytic_account_id),
                "account_partial_reconcile.credit_move_id": "t.item",
            },
        )
        copies.relate(
            *(targets, PAID, PAYMENT, "account_payment", "cae_pay_line_id=t.line")
        )
        # What is paid is open no more, as after a matching by Odoo.
        self.env.cr.execute(
            """
            UPDATE account_move_line i
               SET reconciled = TRUE, amount_residual = 0, amount_residual_currency = 0,
                   full_reconcile_id = p.full_reconcile_id,
                   matching_number = p.full_reconcile_id::text
              FROM account_partial_reconcile p
             WHERE p.credit_move_id = i.id AND p.id >= %s
            """,
            [copies.bases["account_partial_reconcile"]],
        )
        self.env.invalidate_all()
        self.env.cr.commit()
        return self.env["account.payment"].search([(PAY_LINES, "!=", False)]).move_id

    def members(self):
        """The first person by the register's import."""
        self.env["cae.share.kind"].create(
            {"code": "A", "name": "Share", "value": VALUE}
        )
        parts = {"parts": SHARES, "montant": SHARES * VALUE}
        row = {
            **dict.fromkeys(REGISTER, ""),
            "code": "M00000",
            "entrepreneur": self.people[0].code,
            "type": "salarie",
            **dict.fromkeys((*DAYS, "date"), SINCE),
            "categorie": "A",
            "valeur": VALUE,
            **parts,
        }
        total = {**dict.fromkeys(row, ""), "code": "TOTAL", **parts}
        self.load("members", [row, total])
        member = self.env["cae.member"].search([("code", "=", row["code"])])
        moves = self.env["cae.share.movement"].search([("member_id", "=", member.id)])
        copies = Copies(self.env, {each._table: each.ids for each in (member, moves)})
        copies.make(
            f"""
            SELECT row_number() OVER (ORDER BY id) - 1 AS n, 0 AS months,
                   id AS person, partner_id AS partner, name AS name
              FROM cae_entrepreneur WHERE id = ANY(ARRAY{self.people[1:].ids}::int[])
            """,
            {
                "cae_member.code": "'M' || lpad((t.n + 1)::text, 5, '0')",
                "cae_member.name": "t.name",
                "cae_member.entrepreneur_id": "t.person",
                "cae_member.partner_id": "t.partner",
                "cae_share_movement.number": "o.number + t.n + 1",
            },
        )
        # sudo: as the register does when shares move.
        self.env["cae.member"].sudo().search([])._sync_entrepreneurs()

    def users(self):
        """A person and a customer who sign in to the portal."""
        customer = self.env["res.partner"].search(
            [("cae_activity_id", "!=", False)], order="id", limit=1
        )
        portal = self.env.ref("base.group_portal")
        users = self.env["res.users"].create(
            [
                {
                    "login": login,
                    "password": login,
                    "partner_id": partner.id,
                    "group_ids": [Command.set(groups.ids)],
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                }
                for login, partner, groups in (
                    (
                        *(PERSON, self.people[0].partner_id),
                        portal + self.env.ref("cae_base.group_entrepreneur"),
                    ),
                    (CUSTOMER, customer, portal),
                )
            ]
        )
        self.people[0].user_id = users[0]


class Close(Month):
    """The close of December, as its buttons do it."""

    STEPS = {"contributions": "lines", "pay": "lines", "statements": "published"}

    def run(self):
        """Each step for everybody."""
        for step, counted in self.STEPS.items():
            with self.measure(step):
                done = self.run_month(LAST, step, counted)
            assert done == self.count, (step, done)
        pays = self.env["cae.pay.line"].search([("month", "=", f"{LAST}-01")])
        self.result["pay_items"] = len(pays.move_id.line_ids) // self.count
        self.finish()


class Read(Month):
    """Public readings of everybody, and key figures."""

    def run(self):
        """Measures."""
        self.readings()

    def calls(self):
        """The readings of the ledger, and what is made of them."""
        activities, periods = self.env["cae.activity"], self.env["cae.period"]
        figures = self.env["cae.key.figures"]
        months = [f"{YEAR}-{month:02}" for month in range(1, 13)]
        return {
            **super().calls(),
            "monthly": self.monthly_grouping,
            "figures": lambda: activities.figures(codes=[], months=months),
            "statement": lambda: activities.statement(codes=[], month=LAST),
            # What the month's page says; nothing to say is an answer too.
            "checks": lambda: periods.checks(month=LAST) or True,
            **{
                f"key_figures_{name}": partial(getattr(figures, name), *given)
                for name, given in KEY_FIGURES.items()
                if hasattr(type(figures), name)
            },
        }

    def monthly_grouping(self):
        """Balances of the activities by account and month, in one query."""
        column = self.env["cae.ledger"]._column()
        return self.env["account.analytic.line"]._read_group(
            [("company_id", "=", self.company.id), (column, "!=", False)],
            [column, "general_account_id", "date:month"],
            ["amount:sum"],
        )


class WholeLists(Lists):
    """The manager's lists, those of coaching too."""

    rounds = 3
    core = {**CORE, **WHOLE_CORE}
    shown = {**LISTS, **WHOLE_LISTS}
    shown["contacts"] = {**LISTS["contacts"], **WHOLE_LISTS["contacts"]}

    def run(self):
        """As the manager of the cooperative."""
        Alerts(self.env, self.count).run()
        env = self.env(context={"lang": "en_US", **self.allowed()})
        self.result = {
            "lists": self.lists(env, mine=False),
            "beside": {core: list(names) for core, names in self.shown.items()},
        }


class RawWhole(RawMonth):
    """What is nearest to each in plain Odoo."""

    def run(self, items):
        """Entries of contributions and of pay, documents, plain records.

        :param items: of the pay of a person
        """
        self.items = int(items)
        self.prepare()
        self.env.cr.commit()
        for name, work in (
            ("contributions", self.contributions),
            ("pay", self.pay),
            ("documents", self.documents),
            ("records", self.records),
        ):
            with self.measure(name):
                self.by_chunk(work)
        with self.measure("each"):
            self.each()

    def pay(self):
        """An entry with as many items as ours."""
        wage, owed = self.account("641"), self.account("421")
        charges, lines = self.items - 1, []
        for number in range(self.count):
            tag = self.tag(number)
            lines += [self.item(wage, 10, tag) for _number in range(charges)]
            lines.append(self.item(owed, -10 * charges, tag))
        self.post(lines)

    def documents(self):
        """A text kept with each account."""
        self.env["ir.attachment"].create(
            [
                {
                    "name": account.name,
                    "raw": f"{account.id} {TEXT}".encode(),
                    "res_model": account._name,
                    "res_id": account.id,
                }
                for account in self.analytics[:-1]
            ]
        )

    def records(self):
        """A record each, made and read again at once."""
        items = self.env["account.analytic.line"]
        items = items.create([self.record(each) for each in self.analytics[:-1]])
        items._read_group([("id", "in", items.ids)], ["name"], ["amount:sum"])

    def each(self):
        """A record each in a transaction of its own, as a vote is cast."""
        for account in self.analytics[:-1]:
            self.env.invalidate_all()
            self.env["account.analytic.line"].create(self.record(account))
            self.env.flush_all()
            self.env.cr.commit()

    def record(self, account):
        """A small record that names another one."""
        return {"name": "Vote", "account_id": account.id, "amount": 1}


SIDES = {
    "make": Make,
    "close": Close,
    "read": Read,
    "vote": Vote,
    "lists": WholeLists,
    "raw": RawWhole,
}


def main(database: str, side: str, count: str, *arguments: str) -> None:
    """Run one part."""
    inside.configure(database)
    with inside.environment(database, login="admin") as env:
        company = env["res.company"].search([("chart_template", "=", "fr")], limit=1)
        context = {"allowed_company_ids": company.ids}
        bench = SIDES[side](env(context=context), int(count))
        # What helpers of the database would work is work too.
        env.cr.execute("SET max_parallel_workers_per_gather = 0")
        bench.run(*arguments)
        inside.say("> " + json.dumps(bench.result))


if __name__ == "__main__":
    main(*sys.argv[1:])
