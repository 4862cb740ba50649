"""What is written in a database, without asking the program."""

from caetools import postgres

#: Tables of Odoo's own that keep that somebody was there, and what was rendered.
TECHNICAL = (
    *("res_users_log", "res_device_log", "bus_bus", "bus_presence", "ir_logging"),
    *("ir_cron", "ir_profile", "mail_presence", "auth_totp_rate_limit_log"),
    *("res_users_settings", "discuss_channel_member", "mail_guest"),
)
TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace ="
    " 'public'::regnamespace ORDER BY relname"
)


class Rows:
    """Sums of all rows of all tables, and of each row where it matters whose it is."""

    def __init__(self, database):
        self.database = database
        self.tables = [
            name for name in postgres.query(TABLES, database) if name not in TECHNICAL
        ]
        self.identified = self.having("id")

    def having(self, column):
        """Names of the tables with this column."""
        query = (
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a"
            f" ON a.attrelid = c.oid AND a.attname = '{column}' WHERE c.relkind = 'r'"
        )
        return set(postgres.query(query, self.database))

    def sums(self):
        """``{table: sum}``"""
        query = " UNION ALL ".join(
            f"SELECT '{name}', COUNT(*), SUM(hashtext(t::text)) FROM \"{name}\" t"
            for name in self.tables
        )
        rows = (row.split("|", 1) for row in postgres.query(query, self.database))
        return dict(rows)

    def rows(self, tables):
        """``{(table, id): sum}`` of the rows of some tables."""
        query = " UNION ALL ".join(
            f"SELECT '{name}', id, hashtext(t::text) FROM \"{name}\" t"
            for name in tables
            if name in self.identified
        )
        rows = (row.split("|") for row in postgres.query(query, self.database))
        return {(table, int(key)): value for table, key, value in rows}

    def latest(self, tables):
        """``{table: [id, user, moment]}`` of what was written last, to find by whom."""
        last = 'SELECT id, write_uid, write_date FROM "{}" ORDER BY 3 DESC LIMIT 3'
        return {
            name: postgres.query(last.format(name), self.database)
            for name in self.having("write_date").intersection(tables)
        }


def changed(before, after):
    """What is not as it was."""
    keys = before.keys() | after.keys()
    return sorted(key for key in keys if before.get(key) != after.get(key))
