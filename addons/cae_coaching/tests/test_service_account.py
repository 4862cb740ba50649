from datetime import date

from odoo.tests import freeze_time

from .desk_common import DeskCommon
from .interview_common import interview_tagged
from .support_common import SupportCommon, support_tagged

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@support_tagged
@freeze_time("2026-06-15")
class TestServiceAccount(SupportCommon):
    """What the team's time went to, in the account of the shared services."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.services = cls.env["cae.service"].create(
            [{"name": "VAT"}, {"name": "Meetings"}]
        )

    def _time(self, service, hours, day="2026-03-02"):
        return self.env["cae.service.time"].create(
            {"service_id": service.id, "hours": hours, "date": day}
        )

    def _refreshed(self):
        shared = self.env["cae.shared.statement"]
        shared = shared.with_user(self.users["accountant"])
        return shared._refresh_year(self.company, FIRST, LAST)

    def test_without_time_the_account_is_what_it_was(self):
        self._time(self.services[0], 3, "2025-12-31")
        account = self._refreshed()
        self.assertNotIn("services", account.data)
        self.assertNotIn("Share of the hours", account.figures_html)

    def test_hours_cost_and_cents_of_each_euro(self):
        vat, meetings = self.services
        self._time(vat, 3)
        self._time(meetings, 1, "2026-06-01")
        self._document([(None, 30, None)], day="2026-03-05", kind="in_invoice")
        account = self._refreshed()
        table = account.data["services"]
        self.assertEqual([row["label"] for row in table["rows"]], ["VAT", "Meetings"])
        self.assertEqual([row["share"] for row in table["rows"]], ["75.00", "25.00"])
        self.assertEqual([row["cost"] for row in table["rows"]], ["22.50", "7.50"])
        self.assertEqual(table["hour_cost"], "7.50")
        # Nothing was contributed: no cents of a euro.
        self.assertIs(table["rows"][0]["per_euro"], False)
        self.assertIn("Share of the hours", account.figures_html)
        page = self.env["ir.qweb"]._render(
            "cae_base.shared_document", account._prepare_document_values()
        )
        for said in ("went to", "VAT", "22,50", "75,00"):
            self.assertIn(said, page)

    def test_another_company_and_another_year_do_not_count(self):
        company, _person = self._other_company("Else")
        other = self.env["cae.service"].create(
            {"name": "Other", "company_id": company.id}
        )
        self._time(other, 5)
        self._time(self.services[0], 2)
        table = self._refreshed().data["services"]
        self.assertEqual(table["hours"], "2.00")

    def test_a_published_account_keeps_its_table(self):
        self._time(self.services[0], 2)
        with freeze_time("2027-02-01"):
            account = self._refreshed()
            account.action_publish()
            self._time(self.services[1], 2, "2026-12-01")
            self.assertEqual(account.data["services"]["hours"], "2.00")
            account.action_publish_again("Time came late")
            new = account.search([("current", "=", True)])
            self.assertEqual(new.data["services"]["hours"], "4.00")


@interview_tagged
@freeze_time("2026-06-15 09:00:00")
class TestCoachingInTheAccount(DeskCommon):
    """Coaching costs as well: its hours are in the table, once, up to today."""

    def _table(self):
        shared = self.env["cae.shared.statement"]
        shared = shared.with_user(self.users["accountant"])
        account = shared._refresh_year(self.company, FIRST, LAST)
        return account.data.get("services")

    def _rows(self):
        return {row["key"]: row["hours"] for row in self._table()["rows"]}

    def test_interviews_workshops_and_other_time_are_in_the_table(self):
        held = self._interview(self.lea, start="2026-06-02 09:00:00")
        held.action_held()
        self._interview(self.lea, start="2026-07-02 09:00:00")
        self._workshop(self.users["coach"], day="2026-06-03")
        self._workshop(self.users["coach"], day="2026-06-17")
        times = self.env["cae.coach.time"].with_user(self.users["coach"])
        times.action_fill()
        times.create({"name": "Call", "hours": 0.5, "date": "2026-06-05"})
        self.assertEqual(
            self._rows(),
            {
                "coaching-held": f"{held.duration:.2f}",
                "coaching-workshop": "3.50",
                "coaching-time": "0.50",
            },
        )

    def test_a_cancelled_workshop_and_an_entrepreneur_who_trains_cost_nothing(self):
        cancelled = self._workshop(self.users["coach"], day="2026-06-03")
        cancelled.kanban_state = "cancel"
        self._workshop(self.users["lea"], day="2026-06-04")
        self.env.flush_all()
        self.assertFalse(self._table())
        tasks = self.env["cae.coaching.task"].sudo()
        self.assertFalse(tasks.search([("event_id", "=", cancelled.id)]))

    def test_nothing_of_another_company(self):
        company = self.env["res.company"].create({"name": "Other CAE"})
        self.env.user.company_ids += company
        self.env["cae.coach.time"].create(
            {
                "name": "Elsewhere",
                "hours": 2,
                "date": "2026-06-05",
                "company_id": company.id,
                "user_id": self.env.uid,
            }
        )
        self.assertFalse(self._table())
