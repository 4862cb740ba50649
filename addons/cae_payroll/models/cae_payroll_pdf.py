"""PDFs of payslips: one per person, or one to split."""

import hashlib
import io
import logging
import re
import zipfile
import zlib

from odoo import api, models
from odoo.tools.pdf import PdfReader, PdfWriter, merge_pdf

from odoo.addons.cae_base.engine.exchange import Parsed
from odoo.addons.cae_base.engine.tabular import TableError, decoded
from odoo.addons.cae_base.models.cae_exchange import QUIET, Plan

from ..engine import payslips
from ..engine.payslips import Payee

_logger = logging.getLogger(__name__)

#: What a damaged archive, or one with a password, does to its reader.
BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, EOFError),
    *(RuntimeError, NotImplementedError, OSError),
)
#: Largest file, and largest content of a ZIP, in bytes.
LARGEST = 200 * 2**20
#: Most files of a ZIP, and largest one of them in bytes: payslips have a few pages.
MOST = 5000
LARGEST_PAYSLIP = 20 * 2**20
#: How a PDF begins: what begins otherwise may be a page for a browser as well.
PDF = b"%PDF-"
#: Folders, and what systems add to a ZIP.
HIDDEN = re.compile(r"/$|(^|/)(\.|__MACOSX/)")


class CaePayrollExchange(models.AbstractModel):
    _inherit = "cae.payroll.exchange"

    @api.model
    def load_payslip_pdfs(
        self,
        month: str,
        name: str,
        content_base64: str,
        split: bool = False,
        dry_run: bool = False,
        by_name: bool = False,
    ) -> dict:
        """Hand over the PDFs of a month's payslips, each to its person; all or none.

        A file is a PDF, or a ZIP of PDFs. Without ``split`` each PDF is a person's,
        named by the matricule (``0042.pdf``, ``bulletin_0042.pdf``), and must show that
        person: matricule, or first and last name. With it one PDF holds the payslips
        of many: each page shows the matricule and the name of its person. Pages that
        show nobody, or somebody else, are refused: no payslip goes to a wrong person.
        Safe to call again; another PDF of the same month is kept beside the first.

        :param month: ``2026-01``
        :param name: name of the file
        :param content_base64: the file in base64
        :param split: one PDF, to split by matricule
        :param dry_run: check everything and write nothing
        :param by_name: files without any text (pictures) are taken for those of whom
            their name says; without it they are refused, as nothing else tells
        :return: as ``cae.exchange.load``, counting payslips; rows are files, or pages
            with ``split``; columns are names of files. Codes: ``CAE-FILE-ENCODING``,
            ``CAE-PAYSLIP-PDF``, ``CAE-PAYSLIP-SIZE``, ``CAE-LOAD-MATRICULE``,
            ``CAE-PAYSLIP-PAGE``
        :raises UserError: ``CAE-PERIOD-MONTH``, ``CAE-PERIOD-FUTURE``,
            ``CAE-PERIOD-BUSY``
        :raises AccessError: for others than payroll officers
        """
        self._check_officer()
        first = self.env["cae.period"]._parse_month(month)
        self.env["cae.period"]._check_begun(first)
        exchange = self.env["cae.exchange"].with_company(self.env.company)
        parsed = Parsed()
        try:
            name = name if isinstance(name, str) else ""
            files = self._pdf_files(name, decoded(content_base64), parsed)
        except TableError as error:
            return exchange._result([], [error.problem])
        people = self._payees()
        here, contents = self.with_context(cae_by_name=by_name is True), {}
        if not parsed.problems and split:
            contents = here._split(files, people, parsed)
        elif not parsed.problems:
            most = here._most(people, first)
            contents = here._named(files, people, parsed, most)
        if parsed.problems:
            return exchange._result([], parsed.problems)
        with self.env["cae.period"]._in_turn():
            here = self.with_company(self.env.company).with_context(**QUIET)
            plans = here._hand_over(contents, people, first, dry_run)
        return exchange._result(plans, [])

    @api.model
    def _payees(self):
        """``{Payee: person}`` of those with a matricule, also who has left."""
        people = (
            self.env["cae.entrepreneur"]
            .with_context(active_test=False)
            .search(
                [("matricule", "!=", False), ("company_id", "=", self.env.company.id)]
            )
        )
        return {
            Payee(p.matricule, p.first_name or "", p.last_name or ""): p for p in people
        }

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    @api.model
    def _pdf_files(self, name, content, parsed):
        """``[(name, reader)]`` of a PDF or a ZIP of PDFs."""
        if len(content) > LARGEST:
            self._too_large(name, parsed)
            return []
        contents = [(name, content)]
        if zipfile.is_zipfile(io.BytesIO(content)):
            contents = self._unzipped(name, content, parsed)
        if not contents and not parsed.problems:
            parsed.add("CAE-PAYSLIP-PDF", 0, name, "pdf_none")
        return [
            (label, self._reader(number, label, each, parsed))
            for number, (label, each) in enumerate(contents, 1)
        ]

    @api.model
    def _unzipped(self, name, content, parsed):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                infos = [i for i in archive.infolist() if not HIDDEN.search(i.filename)]
                if len(infos) > MOST:
                    parsed.add("CAE-PAYSLIP-SIZE", 0, name, "pdf_many", most=MOST)
                    return []
                sizes = [info.file_size for info in infos]
                if max(sizes, default=0) > LARGEST_PAYSLIP:
                    self._too_large(name, parsed, LARGEST_PAYSLIP)
                    return []
                if sum(sizes) > LARGEST:
                    self._too_large(name, parsed)
                    return []
                return [
                    (info.filename.rsplit("/", 1)[-1], archive.read(info))
                    for info in infos
                ]
        except BROKEN_ZIP:
            parsed.add("CAE-PAYSLIP-PDF", 0, name, "pdf_zip")
            return []

    @api.model
    def _too_large(self, name, parsed, largest=LARGEST):
        size = largest // 2**20
        parsed.add("CAE-PAYSLIP-SIZE", 0, name, "pdf_size", size=size)

    @api.model
    def _reader(self, number, name, content, parsed):
        """``(reader, texts of the pages, content)``, or None when it is no PDF."""
        try:
            if content.startswith(PDF):
                reader = PdfReader(io.BytesIO(content), strict=False)
                texts = [page.extract_text() or "" for page in reader.pages]
                if texts:
                    return reader, texts, content
        except Exception:  # whatever a broken file does to the reader
            _logger.info("No PDF: %s", name, exc_info=True)
        parsed.add("CAE-PAYSLIP-PDF", number, name, "pdf_broken")
        return None

    @api.model
    def _named(self, files, people, parsed, most):
        """``{matricule: PDF}`` of files named by a matricule.

        :param most: ``{matricule: files of one person}`` when they are more than one
        """
        contents, index = {}, payslips.index(people)
        for number, (name, (_reader, texts, content)) in enumerate(files, 1):
            found = payslips.named(name, index)
            own = contents.get(found[0], []) if len(found) == 1 else []
            if len(found) != 1 or len(own) == most.get(found[0], 1):
                reason = "pdf_name" if len(found) != 1 else "pdf_twice"
                parsed.add("CAE-LOAD-MATRICULE", number, name, reason, value=name)
                continue
            told = payslips.belongs(texts, found[0], index)
            self._check_told(told, number, name, found[0], parsed)
            contents[found[0]] = [*own, content]
        return {key: self._merged(own) for key, own in contents.items()}

    @api.model
    def _merged(self, contents):
        """One PDF of the payslips of a person, in the order of the files."""
        return contents[0] if len(contents) == 1 else merge_pdf(contents)

    @api.model
    def _most(self, people, first):
        """``{matricule: payslips of a month}`` of people with two contracts."""
        lines = self.env["cae.pay.line"].search(
            [
                ("entrepreneur_id", "in", [person.id for person in people.values()]),
                ("month", "=", first),
                ("second_contract", "=", True),
                ("state", "=", "posted"),
            ]
        )
        return dict.fromkeys(lines.entrepreneur_id.mapped("matricule"), 2)

    @api.model
    def _check_told(self, told, number, name, matricule, parsed):
        """A file shows its person and nobody else, whatever it is called."""
        code = "CAE-PAYSLIP-PAGE"
        if told.others:
            value = ", ".join(sorted(told.others)[:5])
            parsed.add(code, number, name, "pdf_other", value=value)
        elif told.empty and not self.env.context.get("cae_by_name"):
            parsed.add(code, number, name, "pdf_empty", value=matricule)
        elif not told.empty and not told.own:
            parsed.add(code, number, name, "pdf_not_own", value=matricule)

    @api.model
    def _split(self, files, people, parsed):
        """``{matricule: PDF}`` of the pages of one PDF."""
        if len(files) != 1:
            parsed.add("CAE-PAYSLIP-PDF", 0, "", "pdf_one")
            return {}
        [(name, (reader, texts, _content))] = files
        pages = payslips.owners(texts, payslips.index(people))
        for number in pages.unknown:
            parsed.add("CAE-PAYSLIP-PAGE", number, name, "pdf_unknown")
        for number in pages.doubtful:
            parsed.add("CAE-PAYSLIP-PAGE", number, name, "pdf_doubtful")
        if parsed.problems:
            return {}
        return {
            matricule: self._extract(reader, numbers)
            for matricule, numbers in pages.found.items()
        }

    @api.model
    def _extract(self, reader, numbers):
        writer, stream = PdfWriter(), io.BytesIO()
        for number in numbers:
            writer.add_page(reader.pages[number - 1])
        writer.write(stream)
        return stream.getvalue()

    # ------------------------------------------------------------------
    # Delivery
    # ------------------------------------------------------------------

    @api.model
    def _hand_over(self, contents, people, first, dry_run):
        """Plans of the delivery, done unless it is a dry run."""
        by_matricule = {payee.matricule: person for payee, person in people.items()}
        own = {by_matricule[key]: content for key, content in contents.items()}
        slips = self.env["cae.exchange"]._payslips([p.id for p in own], first)
        known = self.env["cae.payslip"].union(*slips.values())._delivered()
        plans = []
        for person, content in own.items():
            slip = slips.get(person, self.env["cae.payslip"])
            before = known.get(slip, set())
            outcome = "updated" if before else "created"
            if hashlib.sha1(content).hexdigest() in before:
                outcome = "unchanged"
            plans.append(Plan(None, outcome, slip, {"person": person, "raw": content}))
        if not dry_run:
            self._deliver(
                [plan for plan in plans if plan.outcome != "unchanged"], first
            )
        return plans

    @api.model
    def _deliver(self, plans, first):
        new = [plan for plan in plans if not plan.record]
        # sudo: only this code writes on a payslip, see its rights.
        slips = self.env["cae.payslip"].sudo()._cae_own()
        created = slips._make([plan.vals["person"] for plan in new], first)
        for plan, slip in zip(new, created, strict=True):
            plan.record = slip.with_env(self.env)
        done = self.env["cae.payslip"].union(*(plan.record for plan in plans))
        done._deliver({plan.record: plan.vals["raw"] for plan in plans})
