"""The French of our addons is complete.

After a change of texts, in a database that has the addon::

    scripts/odoo i18n export -d DB -l pot -o addons/cae_base/i18n/cae_base.pot cae_base
    msgmerge --update --backup=none addons/cae_base/i18n/fr.po \\
        addons/cae_base/i18n/cae_base.pot

then translate what is missing and run ``oca-checks-po --fix`` on both files.
"""

import io
import re

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path
from odoo.tools.translate import trans_export, translation_file_reader

#: What the two languages write alike; the lint wants these left empty.
ALIKE = {
    *("XLSX", "100,00 %", "{{0}}: {{1}}", "Question", "competences", "net"),
    *("CESA ≤ 12 m.", "CESA ≤ 18 m.", "CESA ≤ 24 m.", "<small>net</small>"),
    *("%(question)s, %(first)s – %(last)s", '<span class="input-group-text">€</span>'),
    *("(version", "Actions", "Collective", "Conversion", "France Travail", "JSON"),
    *("Interruption", "Interruptions", "Mode", "Signatures", "Situation", "Type"),
    *("(UTC)", "69, 38200", "Adaptation", "Cause", "Obligations", "Organisation"),
    *("Programme", "Programmes", "Radar", "Satisfaction", "Service", "Urgent"),
    *("Versions", "abstentions,", "candidate_id", "email_normalized"),
    *("registration_ids.event_id", '<span class="o_stat_text">Entrepreneur</span>'),
    *("Action", "Avatar 128", "CAE", "CAPE", "CESA", "Code", "Configuration"),
    *("Coefficient", "Contact", "Contribution", "Contributions"),
    *("Contributions %(month)s", "Date", "Dates", "Entrepreneur", "Exact", "ID"),
    *("Image 128", "Import", "Journal", "Messages", "Net", "Note", "Notes"),
    *("Prorata", "Source", "Total", "UTF-8", "Version", "Windows-1252 (Latin-1)"),
    *("Charges", "Euros", "Message-ID", "PDF", "Stocks", "ZIP", "object._file_name()"),
    *("CAE-CONTRACT-AMENDMENT: %(reason)s", "id", "activity_id", "scheme_id"),
    *("entrepreneur_id", "share_ids.activity_id", "share_ids.entrepreneur_id"),
    *("employee_id", "'%s' % object.display_name"),
    *("Validation", "services", "Mentions", '<span class="input-group-text">%</span>'),
    *('<span class="form-label">Date</span>', "(PDF)"),
    *("Corrections", "Distance", "Distance (km)", "Document", "Documents", "Logo"),
    "SIREN %s",
    "Conditions",
    *("Base", "Description", "Message", "Participant", "Participants"),
    *("01/2026", "2026-01", "2026-01-31", "31/01/2026", "Alsace-Moselle", "CSV"),
    *(
        "Excel (XLSX)",
        "Matricule",
        "matricule",
        "Point",
        "Absence",
        "Absences",
        "BIC",
        "IBAN",
    ),
    *("Montant net social", "Montant<br/>net social", "code"),
    '<span class="o_stat_text">Contributions</span>',
    *("Capital", "Introduction", "Coopérative loi 1947", "Quorum", "SCIC", "Vote"),
    *("Simulation", "Simulations", "Abstention", "Abstentions", "Absent", "Part"),
    *("messages", "RAN", "Loi 47-1775", "Code de commerce L.127-1"),
    *("Code du travail L.7331-2", "Code du travail L.7331-3"),
    *("Code du travail R.7331-3", "Code du travail D.3231-6"),
    "Code de la sécurité sociale D.241-27",
    *("Commission", "Parts", "Standard", "Exclusion", "college_id", "Signature"),
}
# Codes of errors and of accounts.
CODE = re.compile(r"CAE(-[A-Z]+)+|\d+")
PLACES = re.compile(r"%\(\w+\)s|%[sd%]|\{\w+\}")


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ours = [("name", "=like", "cae\\_%"), ("state", "=", "installed")]
        cls.addons = cls.env["ir.module.module"].search(ours).mapped("name")

    @staticmethod
    def _texts(addon, name):
        """``{source: translation}`` of a file of an addon."""
        with open(file_path(f"{addon}/i18n/{name}"), "rb") as file:
            rows = translation_file_reader(file, fileformat="po")
            return {row["src"]: row["value"] for row in rows}

    def _sources(self, addon):
        """The texts that the addon has now."""
        with io.BytesIO() as file:
            trans_export(False, [addon], file, "po", self.env)
            return {entry.msgid for entry in polib.pofile(file.getvalue().decode())}

    def test_every_text_has_its_french(self):
        for addon in self.addons:
            with self.subTest(addon=addon):
                french = self._texts(addon, "fr.po")
                missing = {s for s in self._sources(addon) if not french.get(s)}
                missing = {s for s in missing - ALIKE if not CODE.fullmatch(s)}
                self.assertEqual(missing, set())

    def test_french_keeps_codes_and_values(self):
        for addon in self.addons:
            for source, text in self._texts(addon, "fr.po").items():
                if text:
                    with self.subTest(source=source):
                        found = sorted(PLACES.findall(text))
                        self.assertEqual(found, sorted(PLACES.findall(source)))
                        code = CODE.match(source)
                        self.assertTrue(not code or text.startswith(code[0]))
