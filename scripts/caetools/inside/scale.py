"""A CAE of thousands of activities with a year of documents, and its figures.

``fill`` makes the database: activities by the product's own import, one set of
documents by its own methods, and their copies for each activity and month by SQL
(the ledger's invariant is checked). ``month`` times the close of December; ``raw`` the
same entries in plain Odoo.
"""

import json
import resource
import sys

from odoo.tools import SQL

from . import env as inside
from .bench import DAY, Cae, Raw

MONTHS = 12
#: A year that is over: months that have not begun cannot be run.
YEAR = 2025
LAST = f"{YEAR}-12"
#: The months after the first one, but for the last.
REPEATED = (
    f"SELECT months - 1 AS n, months FROM generate_series(1, {MONTHS - 2}) m(months)"
)
TABLES = (
    "account_full_reconcile",
    "account_move",
    "account_payment",
    "account_move_line",
    "account_partial_reconcile",
    "account_analytic_line",
    "cae_contribution_line",
)


class Copies:
    """Copies of some records that name each other, made in the database.

    :param ids: of the records to copy, by table
    """

    def __init__(self, env, ids: dict[str, list[int]]):
        self.env = env
        env.flush_all()
        self.ids = {table: rows for table, rows in ids.items() if rows}
        self.bases = {table: self._last_id(table) + 1 for table in self.ids}
        self.numbered = set()

    @classmethod
    def of_entries(cls, env, moves, *others):
        """Entries with their items, matchings, payments, lines of contributions.

        :param others: more records, that name these
        """
        lines = moves.line_ids
        partials = lines._all_partials()
        ids = {
            "account_move": moves.ids,
            "account_payment": moves.origin_payment_id.ids,
            "account_move_line": lines.ids,
            "account_partial_reconcile": partials.ids,
            "account_full_reconcile": partials.full_reconcile_id.ids,
            "account_analytic_line": lines.analytic_line_ids.ids,
            "cae_contribution_line": moves.cae_contribution_ids.ids,
        }
        more = {records._table: records.ids for records in others}
        return cls(env, {**{table: ids[table] for table in TABLES}, **more})

    def make(self, targets: str, values: dict[str, str]) -> None:
        """Copy once for each row of ``targets``.

        :param targets: a query with the columns ``n`` (0, 1, …), ``months`` to add to
            dates, and whatever ``values`` needs
        :param values: SQL of the value of a column, by ``table.column`` or ``column``
        """
        # Entries and payments name each other: no order of insertion is right.
        self.env.cr.execute("SET LOCAL session_replication_role = replica")
        for table in self.ids:
            self._number(table)
        for table, ids in self.ids.items():
            columns = self._columns(table)
            chosen = [self._value(table, *column, values) for column in columns]
            names = ", ".join(f'"{name}"' for name, _type in columns)
            self.env.cr.execute(
                f"INSERT INTO {table} (id, {names})"
                f" SELECT {self.copy(table, 'o.id')}, {', '.join(chosen)}"
                f" FROM ({targets}) t CROSS JOIN {table} o"
                " WHERE o.id = ANY(%s)",
                [ids],
            )
            self.env.cr.execute(
                f"SELECT setval('{table}_id_seq', (SELECT MAX(id) FROM {table}))"
            )
        self.env.cr.execute("SET LOCAL session_replication_role = DEFAULT")
        self.env.cr.execute(f"ANALYZE {', '.join(self.ids)}")
        self.env.invalidate_all()

    def relate(self, targets: str, relation: str, column: str, table: str, other: str):
        """Rows of a many2many of the copies of ``table``.

        :param column: of the relation, that names the copies
        :param other: its other column, and SQL of the value, as ``column=value``
        """
        name, value = other.split("=", 1)
        self._number(table)
        self.env.cr.execute(
            f"INSERT INTO {relation} ({column}, {name})"
            f" SELECT {self.copy(table, 'o.id')}, {value}"
            f" FROM ({targets}) t CROSS JOIN {table} o WHERE o.id = ANY(%s)"
            " ON CONFLICT DO NOTHING",
            [self.ids[table]],
        )

    def _last_id(self, table):
        self.env.cr.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
        return self.env.cr.fetchone()[0]

    def _columns(self, table):
        self.env.cr.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_name = %s AND column_name <> 'id'"
            " AND table_schema = current_schema()",
            [table],
        )
        return self.env.cr.fetchall()

    def _value(self, table, column, kind, values):
        for key in (f"{table}.{column}", column):
            if key in values:
                return values[key]
        target = self._foreign_keys(table).get(column)
        if target in self.ids:
            return self.copy(target, f'o."{column}"')
        if kind == "date":
            return f"(o.\"{column}\" + t.months * interval '1 month')::date"
        return f'o."{column}"'

    def copy(self, table, value):
        """SQL of the id of the copy of a record, or the id itself when not copied."""
        start = f"{self.bases[table]} + t.n * {len(self.ids[table])}"
        place = f"SELECT {start} + c.place FROM copied_{table} c WHERE c.id = {value}"
        return f"COALESCE(({place}), {value})"

    def _number(self, table):
        """A table with the place of each record among those that are copied."""
        if table in self.numbered:
            return
        self.numbered.add(table)
        self.env.cr.execute(
            f"CREATE TEMPORARY TABLE copied_{table} ON COMMIT DROP AS"
            " SELECT id, (place - 1)::int AS place"
            " FROM unnest(%s) WITH ORDINALITY u(id, place)",
            [self.ids[table]],
        )
        self.env.cr.execute(f"CREATE INDEX ON copied_{table} (id)")

    def _foreign_keys(self, table):
        query = SQL(
            """
            SELECT a.attname, c.confrelid::regclass::text
              FROM pg_constraint c
              JOIN pg_attribute a
                ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.contype = 'f' AND c.conrelid = %s::regclass
            """,
            table,
        )
        return dict(self.env.execute_query(query))


class Fill(Cae):
    """Make the CAE and its year."""

    def run(self):
        """All activities, their documents of the year, their contributions."""
        self.prepare()
        self.env.cr.commit()
        self.documents()
        self.env.cr.commit()
        self.charges()
        assert not self.env["cae.ledger"]._unbalanced_entries(self.company)
        self.env.cr.commit()

    def documents(self):
        """A document of the first activity through the product, the year by copying."""
        january = 12 * (YEAR - int(DAY[:4])) + 1 - int(DAY[5:7])
        first = self.env["cae.activity"].search([("code", "=", "A00000")])
        self.load("invoices", self.invoice_rows()[:2])
        self.load("payments", self.payment_rows()[:1])
        moves = self.env["account.move"].search([("date", "=", DAY)])
        copies = Copies.of_entries(self.env, moves)
        copies.make(
            f"""
            SELECT row_number() OVER () - 1 AS n, m.months, a.id AS activity,
                   a.analytic_account_id AS analytic, p.id AS partner,
                   '"' || a.analytic_account_id || '"' AS tag
              FROM cae_activity a
              JOIN res_partner p ON p.cae_activity_id = a.id
              CROSS JOIN generate_series({january}, {january + MONTHS - 1}) m(months)
             WHERE a.code ~ '^A[0-9]+$' AND a.company_id = {self.company.id}
            """,
            self.of_another(first.analytic_account_id),
        )

    def of_another(self, account):
        """Values of the copies of an activity's entries for other activities.

        Targets have ``n``, ``activity``, ``analytic``, ``tag`` and ``partner``.

        :param account: the analytic account that is copied
        """
        tag = f"""replace(o.%s::text, '"{account.id}"', t.tag)::jsonb"""
        return {
            "analytic_distribution": tag % "analytic_distribution",
            "cae_share": tag % "cae_share",
            self.env["cae.ledger"]._column(): "t.analytic",
            "cae_activity_id": "t.activity",
            "partner_id": "t.partner",
            "commercial_partner_id": "t.partner",
            "account_move.name": "o.name || '-' || t.n",
            "account_move.sequence_prefix": "o.name || '-'",
            "account_move.sequence_number": "t.n",
            "account_move_line.move_name": "o.move_name || '-' || t.n",
            "account_move_line.matching_number": "o.matching_number",
            "account_payment.name": "o.name || '-' || t.n",
            "cae_reference": "o.cae_reference || '-' || t.n",
        }

    def charges(self):
        """January's contributions by the product, those to November by copying."""
        self.run_month(f"{YEAR}-01")
        moves = self.env["account.move"].search([("cae_contribution_ids", "!=", False)])
        self.repeat(Copies.of_entries(self.env, moves))

    def repeat(self, copies):
        """January's entries in each month to November."""
        copies.make(
            REPEATED,
            {
                "account_move.name": "o.name || '-m' || t.n",
                "account_move.sequence_prefix": "o.name || '-m'",
                "account_move.sequence_number": "t.n",
                "account_payment.name": "o.name || '-m' || t.n",
            },
        )

    def run_month(self, month, step="contributions", counted="lines"):
        """A step of a month; returns how many of ``counted`` were booked."""
        done, lines = False, 0
        while not done:
            result = self.env["cae.period"].month_run(month=month, steps=[step])
            done, lines = result["done"], lines + result[step][counted]
        return lines


class Month(Fill):
    """Time December, the ledger and the treasury."""

    def run(self):
        """Measures; memory is that of this process in KiB."""
        with self.measure("month"):
            lines = self.run_month(LAST)
        assert lines == self.count, lines
        self.readings()
        self.finish()

    def finish(self):
        """The ledger is whole, and how large it is."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.result["memory_mib"] = peak // 1024
        assert not self.env["cae.ledger"]._unbalanced_entries(self.company)
        self.result["items"] = self.env["account.analytic.line"].search_count([])

    def readings(self):
        """Each call's measure in the middle."""
        for name, reading in self.calls().items():
            self.result[name] = self._median(name, reading)

    def calls(self):
        """The public readings of all activities, and plain groupings of their lines.

        ``ledgers`` has the shared services and what waits too, which are what the
        general ledger has more than the activities: it reads the lines of both.
        """
        activities = self.env["cae.activity"]
        codes = activities.search([]).mapped("code")
        year = {"date_from": f"{YEAR}-01-01", "date_to": f"{YEAR}-12-31"}
        return {
            "ledger": lambda: activities.ledger(codes=codes, **year),
            "ledgers": lambda: activities.ledger(codes=[], **year),
            "treasury": lambda: activities.treasury(codes=[], date=year["date_to"]),
            "grouping": self.grouping,
            "groupings": lambda: self.grouping() and self.general_grouping(),
        }

    def grouping(self):
        """Balances of the activities by account, in one query."""
        column = self.env["cae.ledger"]._column()
        return self.env["account.analytic.line"]._read_group(
            [("company_id", "=", self.company.id), (column, "!=", False)],
            [column, "general_account_id"],
            ["amount:sum"],
        )

    def general_grouping(self):
        """Balances of the general ledger, in one query."""
        return self.env["account.move.line"]._read_group(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted")],
            ["account_id"],
            ["balance:sum"],
        )

    def _median(self, name, reading):
        """The measure in the middle of three: others may use the machine too."""
        measures = []
        for _number in range(3):
            self.env.invalidate_all()
            self.company.mapped("name")
            with self.measure(name):
                assert reading()
            measures.append(self.result[name])
        return sorted(measures, key=lambda measure: measure["seconds"])[1]


class RawMonth(Raw):
    """The entries of December in plain Odoo, 500 activities each."""

    CHUNK = 500

    def run(self):
        """The measure."""
        self.prepare()
        self.env.cr.commit()
        with self.measure("month"):
            self.by_chunk(self.contributions)

    def by_chunk(self, work):
        """Do some work for 500 activities at a time, each chunk kept."""
        everyone, count = self.analytics, self.count
        for first in range(0, count, self.CHUNK):
            self.count = min(self.CHUNK, count - first)
            self.analytics = everyone[first : first + self.count] + everyone[-1]
            work()
            self.env.flush_all()
            self.env.cr.commit()
        self.analytics, self.count = everyone, count


SIDES = {"fill": Fill, "month": Month, "raw": RawMonth}


def main(database: str, side: str, count: str) -> None:
    """Run one part."""
    inside.configure(database)
    with inside.environment(database, login="admin") as env:
        company = env["res.company"].search([("chart_template", "=", "fr")], limit=1)
        context = {"allowed_company_ids": company.ids}
        bench = SIDES[side](env(context=context), int(count))
        bench.run()
        inside.say("> " + json.dumps(bench.result))


if __name__ == "__main__":
    main(*sys.argv[1:])
