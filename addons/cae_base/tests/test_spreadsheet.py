import io
from datetime import date, datetime
from decimal import Decimal

from openpyxl import load_workbook

from odoo.tests import BaseCase, freeze_time, tagged

from ..spreadsheet import workbook


@tagged("post_install", "-at_install")
class TestSpreadsheet(BaseCase):
    def _book(self, *sheets, **options):
        return load_workbook(io.BytesIO(workbook(sheets, **options)))

    def test_values_stay_what_they_are(self):
        row = [date(2026, 1, 2), Decimal("1234.5"), 1 / 3, 7, "Inès", None, False]
        # A frozen clock replaces the type of days.
        with freeze_time("2026-03-15"):
            [sheet] = self._book(("Sheet", ["Head"], [row])).worksheets
        cells = list(sheet.rows)[1]
        self.assertEqual(cells[0].value, datetime(2026, 1, 2))
        self.assertEqual([c.value for c in cells[1:5]], [1234.5, 1 / 3, 7, "Inès"])
        self.assertFalse(any(c.value for c in cells[5:]))
        shown = [c.number_format for c in cells[:4]]
        self.assertEqual(shown, ["dd/mm/yyyy", "#,##0.00", "0.00", "0"])

    def test_text_never_becomes_a_formula(self):
        [sheet] = self._book(("=A1", ["=1+1"], [["=1+1"], ["@SUM(A1)"]])).worksheets
        self.assertEqual({cell.data_type for [cell] in sheet.rows}, {"s"})

    def test_sheets_without_header_rows_or_name(self):
        book = self._book(("", [], [["first"]]), ("T" * 40, ["Head"], []), total=True)
        first, second = book.worksheets
        self.assertEqual(list(first.values), [("first",)])
        self.assertTrue(first["A1"].font.bold)
        self.assertEqual((second.title, list(second.values)), ("T" * 31, [("Head",)]))
