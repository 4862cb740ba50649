import base64
import io
import zipfile
from collections import Counter

from odoo import models

from .cae_person_document import _kind


class CaeFunderLine(models.Model):
    """The file that is handed over to the funder."""

    _inherit = "cae.funder.line"

    def action_evidence(self) -> dict:
        """One archive: tables (XLSX), signed sheets and reports (PDF).

        It holds personal data: who may change the line makes it, and alone opens it.
        """
        self.ensure_one()
        self.check_access("write")
        attachment = self.env["ir.attachment"].create(
            {
                "name": self.env._("evidence-%s", self.code or self.id) + ".zip",
                "datas": base64.b64encode(self._evidence_zip()),
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
        }

    def _evidence_zip(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("hours.xlsx", self._evidence_book())
            for name, content in self._evidence_files():
                archive.writestr(name, content)
        return buffer.getvalue()

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    def _evidence_files(self):
        """``(name, content)`` of each sheet and report behind the hours."""
        lines = self.env["cae.workshop.attendance"].browse(self._sources("workshop"))
        sessions = lines.exists().session_id
        yield from self._pdf_files("sheets", sessions)
        for session in sessions.filtered("sheet_scan"):
            content = base64.b64decode(session.sheet_scan)
            name = f"sheets/{session._file_name()}-scan.{_kind(content)}"
            yield name, content
        if "cae.interview" in self.env:
            held = self.env["cae.interview"].browse(self._sources("interview"))
            yield from self._pdf_files("reports", held.exists().report_id)

    def _sources(self, kind):
        hours = self.hour_ids.filtered(lambda hour: hour.kind == kind)
        return list(set(hours.mapped("source_id")))

    def _pdf_files(self, folder, documents):
        contents = documents._pdfs() if documents else {}
        for document in documents:
            yield f"{folder}/{document._file_name()}.pdf", contents[document.id]

    # ------------------------------------------------------------------
    # Tables
    # ------------------------------------------------------------------

    def _evidence_book(self):
        import xlsxwriter  # slow to load, and seldom needed

        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"in_memory": True})
        bold = book.add_format({"bold": True})
        for title, columns, rows in self._evidence_tables():
            sheet = book.add_worksheet(title[:31])
            sheet.set_column(0, len(columns), 22)
            sheet.write_row(0, 0, columns, bold)
            for number, row in enumerate(rows, 1):
                for column, value in enumerate(row):
                    _cell(sheet, number, column, value)
        book.close()
        return stream.getvalue()

    def _evidence_tables(self):
        """``(title, columns, rows)`` of each sheet."""
        return [
            self._table_summary(),
            self._table_people(),
            self._table_hours(),
            self._table_times(),
        ]

    def _table_summary(self):
        people = self.participant_ids
        rows = [
            (self.env._("Programme"), self.programme_id.name),
            (self.env._("Agreement"), self.programme_id.reference or ""),
            (self.env._("Funder"), self.funder_id.name),
            (self.env._("Line"), self.name),
            (self.env._("From"), self.date_start),
            (self.env._("To"), self.date_end),
            (self.env._("Hours bought"), self.hours_bought),
            (self.env._("Hours done"), self.hours_done),
            (self.env._("Hours signed"), self.hours_signed),
            (self.env._("Hours of coaches"), self.coach_hours),
            (self.env._("People"), len(people)),
            (self.env._("Exits"), len(people.filtered("date_end"))),
            *self._table_profile(people.entrepreneur_id),
            *self._table_results(people),
        ]
        return (
            self.env._("Summary"),
            (self.env._("Indicator"), self.env._("Value")),
            rows,
        )

    def _table_profile(self, people):
        labels = dict(people._fields["sex"]._description_selection(self.env))
        counts = Counter(people.mapped("sex"))
        return [
            (self.env._("Sex: %s", labels.get(sex) or self.env._("not known")), count)
            for sex, count in sorted(counts.items(), key=str)
        ]

    def _table_results(self, people):
        labels = dict(people._fields["exit_result"]._description_selection(self.env))
        counts = Counter(people.filtered("date_end").mapped("exit_result"))
        return [
            (
                self.env._(
                    "At exit: %s", labels.get(result) or self.env._("not known")
                ),
                count,
            )
            for result, count in sorted(counts.items(), key=str)
        ]

    def _table_people(self):
        labels = dict(
            self.participant_ids._fields["exit_result"]._description_selection(self.env)
        )
        columns = (
            *(
                self.env._("Code"),
                self.env._("Person"),
                self.env._("Entry"),
                self.env._("Exit"),
                self.env._("Hours"),
            ),
            *(self.env._("Entry questionnaire"), self.env._("Exit questionnaire")),
            *(
                self.env._("Situation at exit"),
                self.env._("Exception"),
                self.env._("Missing"),
            ),
        )
        rows = [
            (
                *(one.entrepreneur_id.code, one.entrepreneur_id.name),
                *(one.date_start, one.date_end, one.hours),
                *(one.entry_questionnaire, one.exit_questionnaire),
                labels.get(one.exit_result, ""),
                *(one.exception_reason or "", one.missing or ""),
            )
            for one in self.participant_ids
        ]
        return self.env._("People"), columns, rows

    def _table_hours(self):
        kinds = dict(self.hour_ids._fields["kind"]._description_selection(self.env))
        columns = (
            *(
                self.env._("Date"),
                self.env._("Code"),
                self.env._("Person"),
                self.env._("Kind"),
                self.env._("What"),
            ),
            *(self.env._("With"), self.env._("Hours"), self.env._("Signed")),
        )
        rows = [
            (
                *(hour.date, hour.entrepreneur_id.code, hour.entrepreneur_id.name),
                *(kinds[hour.kind], hour.name or "", hour.people or "", hour.hours),
                self.env._("yes") if hour.signed else self.env._("no"),
            )
            for hour in self.hour_ids.sorted(lambda h: (h.date, h.id))
        ]
        return self.env._("Hours"), columns, rows

    def _table_times(self):
        times = self.env["cae.coach.time"].search(
            [("line_id", "=", self.id)], order="user_id, date, id"
        )
        kinds = dict(times._fields["kind"]._description_selection(self.env))
        columns = (
            *(
                self.env._("Coach"),
                self.env._("Date"),
                self.env._("Hours"),
                self.env._("Kind"),
                self.env._("What"),
                self.env._("Person"),
            ),
            self.env._("Approved by"),
        )
        rows = [
            (
                *(one.user_id.name, one.date, one.hours, kinds[one.kind], one.name),
                *(one.entrepreneur_id.name or "", one.approved_by_id.name or ""),
            )
            for one in times
        ]
        return self.env._("Time sheets"), columns, rows


def _cell(sheet, row, column, value):
    """Text never becomes a formula; numbers stay numbers."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value or ""))
