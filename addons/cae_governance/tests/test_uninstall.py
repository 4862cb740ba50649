from odoo.tests import TransactionCase

from ..hooks import uninstall_hook
from ..models.cae_ballot import URN
from .meeting_common import meeting_tagged


@meeting_tagged
class TestUninstall(TransactionCase):
    def _tables(self):
        self.env.cr.execute(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE %s", [f"{URN}%"]
        )
        return {name for (name,) in self.env.cr.fetchall()}

    def test_urns_of_open_votes_are_dropped_and_nothing_else(self):
        for name in (f"{URN}7000001", f"{URN}7000002", f"{URN}of_others"):
            self.env.cr.execute(f"CREATE TABLE {name} (receipt char(64))")
        uninstall_hook(self.env)
        self.assertEqual(self._tables(), {f"{URN}of_others"})
        self.env.cr.execute("SELECT COUNT(*) FROM cae_ballot")
