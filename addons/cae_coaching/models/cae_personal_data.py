"""Rights of the person (RGPD art. 15, 17 and 20): export and erasure."""

import io
import json

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from odoo.addons.cae_base.report import wkhtmltopdf

#: Fields given to the person, by model: what is theirs, not what the product computes.
FILE_FIELDS = (
    *("education", "housing_zone", "dependants", "outside_job", "outside_employer"),
    *("outside_contract", "outside_hours", "emergency_name", "emergency_phone"),
    *("disability_end", "date_consent", "objectives", "retention_date"),
)
PERSON_FIELDS = (
    *("code", "first_name", "last_name", "email", "phone", "birth_date", "sex"),
    *("date_entry", "date_exit", "exit_reason_id", "member_date", "coach_id"),
)
CANDIDATE_FIELDS = (
    *("name", "email", "phone", "street", "zip", "city", "date_contact", "origin_id"),
    *("referrer", "wished_activity", "description", "decision", "decision_date"),
    *("reason_id", "decision_note"),
)
DIAGNOSIS_FIELDS = (
    *("date", "fit", "date_start", "project", "experience", "market", "needs"),
    "action_plan",
)
DOCUMENT_FIELDS = ("type_id", "date_received", "date_expiry", "state", "file_name")
EXIT_FIELDS = (
    *("date", "situation_id", "continues", "helpful", "missing", "learned"),
    *("money", "recommend", "contact_later"),
)


class CaePersonalExport(models.AbstractModel):
    """Everything that is kept of a person, as a file for the person."""

    _name = "cae.personal.export"
    _description = "Export of Personal Data"

    def _check_personal_right(self):
        """:raises UserError: ``CAE-PERSONAL-RIGHT``"""
        if not self.env.user.has_group("cae_coaching.group_coaching_manager"):
            raise UserError(
                self.env._(
                    "CAE-PERSONAL-RIGHT: the head of coaching exports and erases "
                    "personal data."
                )
            )
        self.check_access("read")

    def _personal_sections(self):
        """Hook: ``{title: (records, field names)}`` of what is kept of a person."""
        return {}

    def _kept_words(self):
        """Hook: what an erasure leaves, and why, in words for the person."""
        return ""

    def _personal_data(self):
        """``{title: [{label: text}]}``, everything that the person may have."""
        self.ensure_one()
        self._check_personal_right()
        # sudo: the person has a right to all of it, also to what this head of coaching
        # may not read on screen (disability).
        sections = self.sudo()._personal_sections()
        return {
            title: [_row(record, names) for record in records]
            for title, (records, names) in sections.items()
        }

    def _personal_file(self, file_format):
        """``(name, content)`` of the export in ``json``, ``xlsx`` or ``pdf``.

        :raises UserError: ``CAE-PERSONAL-RIGHT``, ``CAE-PERSONAL-FORMAT``
        """
        makers = {
            "json": self._personal_json,
            "xlsx": self._personal_xlsx,
            "pdf": self._personal_pdf,
        }
        if file_format not in makers:
            raise UserError(self.env._("CAE-PERSONAL-FORMAT: PDF, XLSX or JSON."))
        content = makers[file_format](self._personal_data())
        name = self.code if "code" in self._fields else self.id
        return f"{name}.{file_format}", content

    def _personal_json(self, data):
        return json.dumps(data, ensure_ascii=False, indent=1).encode()

    def _personal_xlsx(self, data):
        import xlsxwriter  # slow to load, and seldom needed

        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"in_memory": True})
        bold = book.add_format({"bold": True})
        for title, rows in data.items():
            sheet = book.add_worksheet(title[:31])
            labels = list(rows[0]) if rows else []
            sheet.set_column(0, max(len(labels) - 1, 0), 24)
            for column, label in enumerate(labels):
                sheet.write_string(0, column, label, bold)
            for line, row in enumerate(rows, 1):
                for column, label in enumerate(labels):
                    sheet.write_string(line, column, row[label])
        book.close()
        return stream.getvalue()

    def _personal_pdf(self, data):
        # sudo: the logo and the address of the company are printed.
        company = self.company_id.sudo()
        page = self.env["ir.qweb"]._render(
            "cae_coaching.personal_data_document",
            {
                "data": data,
                "name": self.name,
                "kept": self._kept_words(),
                "company": company,
                "today": fields.Date.context_today(self),
                "logo": company._cae_logo_uri(),
            },
        )
        wkhtmltopdf.check(self.env)
        return wkhtmltopdf.convert(f"<!DOCTYPE html>{page}")


class CaeEntrepreneur(models.Model):
    _name = "cae.entrepreneur"
    _inherit = ["cae.entrepreneur", "cae.personal.export"]

    def _personal_sections(self):
        self.ensure_one()
        file = self.social_file_ids
        return {
            self.env._("Person"): (self, PERSON_FIELDS),
            self.env._("Contracts"): (
                self.contract_ids,
                ("kind", "date_start", "date_end", "date_signature", "fixed_part"),
            ),
            self.env._("Interruptions"): (
                self.interruption_ids,
                ("kind", "date_start", "date_end", "reason"),
            ),
            self.env._("Candidate"): (self.candidate_ids, CANDIDATE_FIELDS),
            self.env._("Diagnosis"): (
                self.candidate_ids.diagnosis_ids,
                DIAGNOSIS_FIELDS,
            ),
            self.env._("Social file"): (file, FILE_FIELDS),
            self.env._("Statuses"): (file.status_ids, ("date", "situation_id", "note")),
            self.env._("Aids and permits"): (
                file.aid_ids,
                ("kind", "name", "date_start", "date_end"),
            ),
            self.env._("Documents"): (
                self.document_ids,
                DOCUMENT_FIELDS,
            ),
            self.env._("Exit interviews"): (self.exit_interview_ids, EXIT_FIELDS),
        }

    # ------------------------------------------------------------------
    # Erasure
    # ------------------------------------------------------------------

    def _erase(self, operation, reason):
        """Erase what coaching keeps of a person and no law has it keep.

        :return: the log
        """
        self.ensure_one()
        if not self.env.su:
            self._check_personal_right()
        # sudo: heads of coaching may not read all that is erased (disability).
        erased = self.sudo()._erase_parts()
        return self.env["cae.erasure"]._log(
            self.company_id, self.code, operation, reason, erased, self._kept_words()
        )

    def _kept_words(self):
        return self.env._(
            "Kept: identity, contracts, interruptions of contracts and pay (five years "
            "after the end; payroll and accounts ten years, Code de commerce "
            "L.123-22), statements of accounts, documents marked as kept by law."
        )

    def _erase_parts(self):
        """Hook: erase, and say what in words (no personal data in them)."""
        counted = [
            (self.env._("social file"), self.social_file_ids),
            (
                self.env._("documents"),
                self.document_ids.filtered(lambda d: not d.type_id.kept_by_law),
            ),
            (self.env._("exit interviews"), self.exit_interview_ids),
        ]
        words = [f"{label}: {len(records)}" for label, records in counted]
        for _label, records in counted:
            records.unlink()
        self.interruption_ids.write({"reason": False})
        candidates = self.candidate_ids
        candidates._anonymise()
        return [*words, self.env._("candidate's file: %s", len(candidates))]


class CaeCandidate(models.Model):
    _name = "cae.candidate"
    _inherit = ["cae.candidate", "cae.personal.export"]

    def _personal_sections(self):
        return {
            self.env._("Candidate"): (self, CANDIDATE_FIELDS),
            self.env._("Diagnosis"): (self.diagnosis_ids, DIAGNOSIS_FIELDS),
            self.env._("Documents"): (self.document_ids, DOCUMENT_FIELDS),
        }

    def _erase_candidates(self, operation, reason):
        """Delete candidates who did not enter, and their names in sign-ups."""
        if not self.env.su:
            self._check_personal_right()
        self._check_not_converted()
        for candidate in self:
            self.env["cae.erasure"]._log(
                candidate.company_id,
                self.env._("Candidate no. %s", candidate.id),
                operation,
                reason,
                [self.env._("the whole file")],
                "",
            )
        # sudo: sign-ups are those of events, which others organise.
        here = self.sudo()
        here._anonymise_registrations()
        here.unlink()

    def _anonymise(self):
        """Leave of a converted candidate what statistics count, and no more."""
        self.diagnosis_ids.unlink()
        self._anonymise_registrations()
        erased = {"name": self.env._("Erased"), "first_name": False, "last_name": False}
        erased |= dict.fromkeys(
            (
                *("email", "phone", "street", "zip", "city", "referrer"),
                *("description", "wished_activity", "trade_name"),
            ),
            False,
        )
        self._cae_own().with_context(tracking_disable=True).write(
            {**erased, "decision_note": False}
        )
        # What was tracked names the old values.
        messages = self.env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "in", self.ids)]
        )
        messages.unlink()

    def _anonymise_registrations(self):
        self.registration_ids.with_context(tracking_disable=True).write(
            {"name": self.env._("Erased"), "email": False, "phone": False}
        )
        messages = self.env["mail.message"].search(
            [
                ("model", "=", "event.registration"),
                ("res_id", "in", self.registration_ids.ids),
            ]
        )
        messages.unlink()


def _row(record, names):
    fields_ = record._fields
    return {
        fields_[name]._description_string(record.env): _text(record, name)
        for name in names
    }


def _text(record, name):
    """A value as people read it."""
    field, value = record._fields[name], record[name]
    if field.type == "selection":
        labels = dict(field._description_selection(record.env))
        return str(labels.get(value, ""))
    if field.relational:
        return ", ".join(value.mapped("display_name"))
    if field.type == "html":
        return html2plaintext(value or "").strip()
    if field.type == "boolean":
        return record.env._("yes") if value else record.env._("no")
    return "" if value is False or value is None else str(value)
