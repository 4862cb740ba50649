import io
import json

from openpyxl import load_workbook

from odoo import http
from odoo.tests import HttpCase, freeze_time

from .common import CaeCommon, cae_tagged


@cae_tagged
@freeze_time("2026-03-20")
class TestReportExport(CaeCommon, HttpCase):
    """Reports come out as XLSX with Odoo's own export."""

    def _export(self, model, fields, domain, groupby=()):
        self.env.flush_all()
        data = {
            "model": model,
            "fields": [
                {
                    "name": name,
                    "label": name,
                    "type": self.env[model]._fields[name].type,
                }
                for name in fields
            ],
            "ids": False,
            "domain": domain,
            "groupby": list(groupby),
            "import_compat": False,
            "context": {"allowed_company_ids": self.company.ids},
        }
        form = {"data": json.dumps(data), "csrf_token": http.Request.csrf_token(self)}
        answer = self.url_open("/web/export/xlsx", data=form)
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        sheet = load_workbook(io.BytesIO(answer.content)).active
        return [list(row) for row in sheet.iter_rows(values_only=True)]

    def _log_in(self):
        accountant = self._user("export_accountant", "group_accountant")
        accountant.password = "export_accountant"
        self.authenticate("export_accountant", "export_accountant")

    def test_a_name_is_no_formula(self):
        self.partner_a.name = '=HYPERLINK("https://example.com";"Total")'
        self._document([(self.activities[0], 100, self.vat_services)], day="2026-01-10")
        self._log_in()
        domain = [("partner_id", "=", self.partner_a.id)]
        fields = ["number", "partner_id"]
        for groupby in ((), ("partner_id",)):
            rows = self._export("cae.unpaid.document", fields, domain, groupby)
            cells = [str(cell).strip() for row in rows for cell in row if cell]
            found = [cell for cell in cells if "HYPERLINK" in cell]
            self.assertEqual(len(found), 1 + len(groupby))
            for cell in found:
                self.assertTrue(cell.startswith("'="), cell)

    def test_an_accountant_exports_reports(self):
        self._document([(self.activities[0], 100, self.vat_services)], day="2026-01-10")
        self._log_in()
        first = ("activity_id", "=", self.activities[0].id)
        rows = self._export(
            "cae.activity.month",
            ["activity_id", "turnover", "future"],
            [first, ("month", "=", "2026-01-01")],
        )
        self.assertEqual(rows[1:], [["[T1] Test 1", 100, 100]])
        rows = self._export("cae.unpaid.document", ["activity_id", "open"], [first])
        self.assertEqual(rows[1:], [["[T1] Test 1", 120]])
        rows = self._export("cae.person.turnover", ["turnover"], [first])
        self.assertEqual(rows[1:], [[100]])

    def test_balances_of_several_months_make_no_total(self):
        accountant = self._user("export_accountant", "group_accountant")
        accountant.password = "export_accountant"
        for day in ("2026-01-10", "2026-02-10"):
            self._document([(self.activities[0], 100)], day=day)
        self.authenticate("export_accountant", "export_accountant")
        columns = ["month", "turnover", "future"]
        domain = [
            ("activity_id", "=", self.activities[0].id),
            ("month", ">=", "2026-01-01"),
            ("month", "<", "2026-03-01"),
        ]
        for groupby, totals in (
            (["activity_id"], [(200, None)]),
            (["month:month"], [(100, 100), (100, 200)]),
            (["activity_id", "month:month"], [(200, None), (100, 100), (100, 200)]),
        ):
            rows = self._export("cae.activity.month", columns, domain, groupby)
            found = [tuple(row[1:]) for row in rows[1:] if isinstance(row[0], str)]
            self.assertEqual(found, totals, groupby)
