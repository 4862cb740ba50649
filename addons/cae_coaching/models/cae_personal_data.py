"""Rights of the person (RGPD art. 15, 17 and 20): export and erasure."""

import json

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.report import wkhtmltopdf
from odoo.addons.cae_base.spreadsheet import workbook
from odoo.addons.cae_base.tools import format_date

from ..readable import label as label_of
from ..readable import typed, words

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


#: Not the reason: it may tell of the coach.
HAND_OVER = ("date", "date_end", "coach_from_id", "coach_to_id", "state")
#: What coaches write for themselves: it may tell of others (RGPD art. 15.4), and the
#: head of coaching looks at it before the person is given it.
LOOKED_AT = {"cae.interview.note", "cae.coaching.alert"}
#: Columns of a table on paper, and characters of one of its cells.
WIDEST, LONGEST_CELL = 5, 60


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

    def _check_personal_reading(self):
        """Who may have the export.

        :return: whether all of it, with what the head of coaching looks at first
        :raises UserError: ``CAE-PERSONAL-RIGHT``
        """
        self._check_personal_right()
        return True

    def _personal_sections(self):
        """Hook: ``{title: (records, field names)}`` of what is kept of a person."""
        return {}

    def _kept_words(self):
        """Hook: what an erasure leaves, and why, in words for the person."""
        return ""

    def _given_sections(self):
        """The sections that the connected user may have, read with all rights."""
        self.ensure_one()
        every = self._check_personal_reading()
        # sudo: the person has a right to all of it, also to what this head of coaching
        # may not read on screen (disability).
        here = self.sudo()
        here = here.with_context(tz=here.company_id._cae_time_zone())
        sections = here._personal_sections()
        return {
            title: (records, names)
            for title, (records, names) in sections.items()
            if every or records._name not in LOOKED_AT
        }

    def _personal_data(self, value=words):
        """``{title: [{label: value}]}``, everything that the person may have.

        :param value: what a field is given as, of its record and name
        """
        return {
            title: [
                {label_of(record, name): value(record, name) for name in names}
                for record in records
            ]
            for title, (records, names) in self._given_sections().items()
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
        value = typed if file_format == "json" else words
        if file_format not in makers:
            raise UserError(self.env._("CAE-PERSONAL-FORMAT: PDF, XLSX or JSON."))
        content = makers[file_format](self._personal_data(value))
        name = self.code if "code" in self._fields else self.id
        return f"{name}.{file_format}", content

    def _personal_json(self, data):
        return json.dumps(data, ensure_ascii=False, indent=1).encode()

    def _personal_xlsx(self, data):
        return workbook(
            (title, list(rows[0]) if rows else [], [list(row.values()) for row in rows])
            for title, rows in data.items()
        )

    def _personal_pdf(self, data):
        # sudo: the logo and the address of the company are printed.
        company = self.company_id.sudo()
        purposes = self._personal_purposes(self._given_sections())
        for purpose in purposes:
            purpose["parts"] = [
                _printed(title, data[title])
                for title in purpose["sections"]
                if data[title]
            ]
        # sudo: the name of the person whose data it is, for who may have them.
        person = self.sudo()
        page = self.env["ir.qweb"]._render(
            "cae_coaching.personal_data_document",
            {
                **company._cae_document_values(),
                "purposes": purposes,
                "nothing": [title for title, rows in data.items() if not rows],
                "name": person.name,
                "kept": self._kept_words().splitlines(),
                "day": format_date(self.env, fields.Date.context_today(self)),
            },
        )
        wkhtmltopdf.check(self.env)
        return wkhtmltopdf.convert(f"<!DOCTYPE html>{page}")


def _printed(title, rows):
    """A section on paper: a table if its columns are few and short, else cards."""
    used = [name for name in rows[0] if any(row[name] for row in rows)]
    short = all(len(row[name]) <= LONGEST_CELL for row in rows for name in used)
    wide = len(rows) == 1 or len(used) > WIDEST or not short
    return {
        "title": title,
        "columns": [] if wide else used,
        "rows": rows,
    }


class CaeEntrepreneur(models.Model):
    _name = "cae.entrepreneur"
    _inherit = ["cae.entrepreneur", "cae.personal.export"]

    def _check_personal_reading(self):
        # sudo: whether it is the connected user's own file, nothing else.
        mine = self.sudo().user_id == self.env.user
        if mine and self.env.user.share:
            self.check_access("read")
            return False
        return super()._check_personal_reading()

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
        # With their activities: the database would delete the aids alone.
        self.social_file_ids.aid_ids.unlink()
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
            self.env._("Hand-overs"): (self.hand_over_ids, HAND_OVER),
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
        self.hand_over_ids.unlink()
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
