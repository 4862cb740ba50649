import base64
import io
import re
import zipfile
from collections import Counter

from dateutil.relativedelta import relativedelta

from odoo import models

from odoo.addons.cae_base.spreadsheet import workbook
from odoo.addons.cae_base.uploads import kind_of

from .cae_funder_participant import PARTICIPANT_FILES

#: First ages of the bands of the indicators.
AGES = (0, 25, 30, 45, 55)


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
            archive.writestr(self.env._("hours") + ".xlsx", self._evidence_book())
            for name, content in self._evidence_files():
                archive.writestr(name, content)
        return buffer.getvalue()

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    def _folders(self):
        """Names of the folders, in the words of who hands the file over."""
        return {
            "sheets": self.env._("sheets"),
            "reports": self.env._("reports"),
            "proofs": self.env._("proofs"),
            "questionnaires/entry": self.env._("questionnaires/entry"),
            "questionnaires/exit": self.env._("questionnaires/exit"),
        }

    def _evidence_files(self):
        """``(name, content)`` of each sheet and report behind the hours."""
        lines = self.env["cae.workshop.attendance"].browse(self._sources("workshop"))
        sessions = lines.exists().session_id
        folders = self._folders()
        yield from self._pdf_files(folders["sheets"], sessions)
        for session in sessions.filtered("sheet_scan"):
            content = base64.b64decode(session.sheet_scan)
            name = _file(folders["sheets"], session)
            yield f"{name}-scan.{kind_of(content)}", content
        held = self.env["cae.interview"].browse(self._sources("interview"))
        yield from self._pdf_files(folders["reports"], held.exists().report_id)
        yield from self._participant_files()

    def _participant_files(self):
        """Proofs and questionnaires, by code of the person."""
        folders = self._folders()
        for one in self.participant_ids:
            for folder, name in PARTICIPANT_FILES.items():
                content = base64.b64decode(one[name] or b"")
                if content:
                    # A code is free text; in an archive it makes no folder.
                    code = re.sub(r"[^\w-]", "_", one.entrepreneur_id.code)
                    title = f"{code}-{one.id}.{kind_of(content)}"
                    yield f"{folders[folder]}/{title}", content

    def _documents(self):
        """``{(kind, source id): name in the archive}`` of what proves the hours."""
        lines = self.env["cae.workshop.attendance"].browse(self._sources("workshop"))
        held = self.env["cae.interview"].browse(self._sources("interview")).exists()
        folders = self._folders()
        found = {
            ("workshop", line.id): _file(folders["sheets"], line.session_id)
            for line in lines.exists()
        } | {
            ("interview", interview.id): _file(folders["reports"], interview.report_id)
            for interview in held.filtered("report_id")
        }
        return {key: f"{name}.pdf" for key, name in found.items()}

    def _sources(self, kind):
        hours = self.hour_ids.filtered(lambda hour: hour.kind == kind)
        return list(set(hours.mapped("source_id")))

    def _pdf_files(self, folder, documents):
        contents = documents._pdfs() if documents else {}
        for document in documents:
            yield f"{_file(folder, document)}.pdf", contents[document.id]

    # ------------------------------------------------------------------
    # Tables
    # ------------------------------------------------------------------

    def _evidence_book(self):
        return workbook(self._evidence_tables())

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
            (self.env._("Of which approved"), self._approved_hours()),
            (self.env._("People"), len(people)),
            (self.env._("Exits"), len(people._gone())),
            *self._table_profile(people),
            *self._table_results(people),
        ]
        return (
            self.env._("Summary"),
            (self.env._("Indicator"), self.env._("Value")),
            rows,
        )

    def _approved_hours(self):
        approved = [("line_id", "=", self.id), ("approved_on", "!=", False)]
        times = self.env["cae.coach.time"]
        ((hours,),) = times._read_group(approved, [], ["hours:sum"])
        return hours or 0

    def _table_profile(self, places):
        """How many are on the line, by what funders ask: sex, age, situation."""
        people = places.entrepreneur_id
        none = self.env["cae.social.file"]
        files = none.search([("entrepreneur_id", "in", people.ids)])
        by_person = files.grouped("entrepreneur_id")
        files = [by_person.get(person, none) for person in people]
        columns = {
            self.env._("Sex"): _labels(people, "sex"),
            self.env._("Age at entry"): [self._age_band(place) for place in places],
            # On the day of the entry on the line, which may be years after the one
            # into the cooperative.
            self.env._("Situation at entry"): [
                by_person.get(place.entrepreneur_id, none)
                ._situation_at(place.date_start)
                .name
                for place in places
            ],
            self.env._("Education"): _labels(files, "education"),
            self.env._("Housing zone"): _labels(files, "housing_zone"),
        }
        return [
            row
            for title, values in columns.items()
            for row in self._counts(title, values)
        ]

    def _age_band(self, place):
        born = place.entrepreneur_id.birth_date
        if not born:
            return ""
        age = relativedelta(place.date_start, born).years
        first = max(band for band in AGES if band <= age)
        last = next((band - 1 for band in AGES if band > age), None)
        if last is None:
            return self.env._("%s and older", first)
        return self.env._("%(first)s to %(last)s", first=first, last=last)

    def _table_results(self, places):
        labels = _labels(places._gone(), "exit_result")
        return self._counts(self.env._("At exit"), labels)

    def _counts(self, title, values):
        counts = Counter(value or self.env._("not known") for value in values)
        return [
            (self.env._("%(title)s: %(value)s", title=title, value=value), count)
            for value, count in sorted(counts.items())
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
            self.env._("Document"),
        )
        documents = self._documents()
        rows = [
            (
                *(hour.date, hour.entrepreneur_id.code, hour.entrepreneur_id.name),
                *(kinds[hour.kind], hour.name or "", hour.people or "", hour.hours),
                self.env._("yes") if hour.signed else self.env._("no"),
                documents.get((hour.kind, hour.source_id), ""),
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


def _file(folder, document):
    """Name in the archive; several documents may have one title."""
    return f"{folder}/{document._file_name()}-{document.id}"


def _labels(records, name):
    """Words of a selection, one for each record; empty when nothing is said."""
    return [
        dict(record._fields[name]._description_selection(record.env)).get(record[name])
        for record in records
    ]
