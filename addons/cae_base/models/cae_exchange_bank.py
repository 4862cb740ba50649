from odoo import Command, api, models

from ..engine import bank_files, exchange, tabular
from ..engine.exchange import Document, Parsed, Row
from ..engine.money import decimal
from .cae_exchange import QUIET, Plan

BANK_JOURNALS = ("bank", "cash", "credit")


class CaeExchange(models.AbstractModel):
    """Bank lines, one by one or as the statements of a bank."""

    # One file per kind of dataset: together they are too long to be read.
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "cae.exchange"

    # ------------------------------------------------------------------
    # Dataset bank_lines
    # ------------------------------------------------------------------

    def _plan_bank_lines(self, parsed, late):
        self.env["res.company"]._cae_check_configured()
        journals = self._bank_journals(parsed)
        stored = self._stored_bank_lines(parsed, journals)
        partners = self._other_parties(self._codes(parsed, "partenaire"))
        plans = {}
        for document in self._sound(parsed):
            journal = journals[document.values["journal"]]
            line = stored.get((journal, document.values["cle"]))
            plan = Plan(document, "unchanged", line)
            if line:
                self._compare_bank_line(plan, parsed)
            else:
                plan.outcome = "created"
                plan.vals = self._prepare_bank_line_vals(document, journal, partners)
            plans.setdefault(journal, []).append(plan)
        for journal, own in plans.items():
            self._dated(own, parsed, late, journal)
        return [plan for own in plans.values() for plan in own]

    def _bank_journals(self, parsed):
        """``{code: bank journal}``; unknown ones are reported."""
        journals = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.env.company),
                ("type", "in", BANK_JOURNALS),
                ("code", "in", self._codes(parsed, "journal")),
            ]
        )
        found = {journal.code: journal for journal in journals}
        self._report_unknown(parsed, "journal", found, "CAE-LOAD-JOURNAL", "journal")
        return found

    def _stored_bank_lines(self, parsed, journals):
        lines = self.env["account.bank.statement.line"].search(
            [
                ("journal_id", "in", [journal.id for journal in journals.values()]),
                ("cae_import_key", "in", self._codes(parsed, "cle")),
            ]
        )
        return {(line.journal_id, line.cae_import_key): line for line in lines}

    def _compare_bank_line(self, plan, parsed):
        """The partner is left out: matching the line may have found another one."""
        line, v = plan.record, plan.document.values
        same = {
            "date": line.cae_load_date == v["date"],
            "libelle": line.payment_ref == v["libelle"],
            "montant": decimal(line.amount) == v["montant"],
            "reference": (line.ref or "") == (v["reference"] or ""),
        }
        for column, equal in same.items():
            if not equal:
                return self._report_stored(plan, parsed, column)
        return None

    def _other_parties(self, values):
        """``{code, name or IBAN: partner}`` where one partner alone goes by it."""
        ours = [("company_id", "in", (False, self.env.company.id))]
        partners = self.env["res.partner"].search(
            [*ours, "|", ("ref", "in", values), ("name", "in", values)]
        )
        accounts = self.env["res.partner.bank"].search(
            [*ours, ("sanitized_acc_number", "in", values)]
        )
        found = {}
        for partner in partners:
            for name in {partner.ref, partner.name} & set(values):
                found.setdefault(name, set()).add(partner.commercial_partner_id)
        for account in accounts:
            owner = account.partner_id.commercial_partner_id
            found.setdefault(account.sanitized_acc_number, set()).add(owner)
        return {name: next(iter(p)) for name, p in found.items() if len(p) == 1}

    def _prepare_bank_line_vals(self, document, journal, partners):
        """Values of the line; a name that nobody here goes by is kept as it is."""
        v = document.values
        partner = partners.get(v["partenaire"])
        return {
            "journal_id": journal.id,
            "date": v["date"],
            "payment_ref": v["libelle"],
            "amount": float(v["montant"]),
            "ref": v["reference"] or False,
            "partner_id": partner.id if partner else False,
            "partner_name": v["partenaire"] or False,
            "cae_import_key": v["cle"],
            "cae_load_date": v["date"],
        }

    def _write_bank_lines(self, plans):
        lines = self.env["account.bank.statement.line"]._cae_own()
        lines.create([plan.vals for plan in plans])

    # ------------------------------------------------------------------
    # Statements of a bank
    # ------------------------------------------------------------------

    @api.model
    def load_statement(
        self,
        journal: str,
        name: str,
        content_base64: str,
        dry_run: bool = False,
        encoding: str = "",
        late: str = "refuse",
    ) -> dict:
        """Load a bank statement: CSV, CAMT.053 or OFX, told from its content.

        All or nothing, and safe to call again: a line that is there already is not
        created twice. Balances that the file gives are checked.

        :param journal: code of the bank journal
        :param name: name of the file
        :param content_base64: the file in base64
        :param dry_run: check everything and write nothing
        :param encoding: of a CSV or OFX file, UTF-8 (or what it declares) when empty
        :param late: see :meth:`load`
        :return: as :meth:`load`, counting bank lines; also ``CAE-BANK-BALANCE``,
            ``CAE-BANK-ACCOUNT``, ``CAE-BANK-CURRENCY``, ``CAE-BANK-XML``,
            ``CAE-BANK-OFX``, ``CAE-BANK-SIZE`` and ``CAE-FILE-…``
        :raises AccessError: for others than accountants and managers of the CAE
        """
        self._check_user()
        try:
            content = tabular.decoded(content_base64)
        except tabular.TableError as error:
            return self._result([], [error.problem])
        reading = bank_files.read(content, str(name or ""), str(encoding or ""))
        if reading.problems:
            return self._result([], reading.problems)
        loader = self.with_company(self.env.company).with_context(**QUIET)
        return loader._load_statements(reading, str(journal or ""), dry_run, late)

    def _load_statements(self, reading, code, dry_run, late):
        rows = [row for statement in reading.statements for row in statement.rows]
        ibans = self._other_parties([row.iban for row in rows if row.iban])
        parsed = Parsed([self._statement_document(code, row, ibans) for row in rows])
        journal = self._bank_journals(parsed).get(code)
        for statement in reading.statements if journal else ():
            self._check_statement(statement, journal, parsed)
        if parsed.problems:
            return self._result([], parsed.problems)
        kind = exchange.DATASETS["bank_lines"]
        result = self._load(kind, parsed, dry_run, late)
        if not dry_run and not result["errors"]:
            self._make_statements(reading, journal)
        return result

    def _statement_document(self, code, row, ibans):
        """:param ibans: accounts that belong to a known partner"""
        values = {
            "journal": code,
            "date": row.day,
            "libelle": row.label,
            "montant": row.amount,
            "reference": row.reference,
            "partenaire": row.iban if row.iban in ibans else row.partner,
            "cle": row.key,
        }
        return Document((code, row.key), (Row(row.number, values),))

    def _check_statement(self, statement, journal, parsed):
        """Report a statement of another account or currency than the journal's."""
        currency = journal.currency_id or journal.company_id.currency_id
        if statement.currency and statement.currency != currency.name:
            parsed.add(
                "CAE-BANK-CURRENCY", 0, "", "bank_currency",
                value=statement.currency, journal=journal.name, currency=currency.name,
            )  # fmt: skip
        iban = journal.bank_account_id.sanitized_acc_number
        account = "".join(statement.account.split()).upper()
        # OFX names the account alone, CAMT.053 its IBAN.
        if iban and account and account not in iban:
            parsed.add(
                "CAE-BANK-ACCOUNT", 0, "", "bank_account",
                value=account, journal=journal.name, iban=iban,
            )  # fmt: skip

    def _make_statements(self, reading, journal):
        """Odoo's own statements, where the file gives balances and no line has one."""
        keys = [row.key for found in reading.statements for row in found.rows]
        lines = self.env["account.bank.statement.line"].search(
            [
                ("journal_id", "=", journal.id),
                ("cae_import_key", "in", keys),
            ]
        )
        by_key = {line.cae_import_key: line for line in lines}
        vals_list = []
        for statement in reading.statements:
            own = lines.browse([by_key[row.key].id for row in statement.rows])
            balances = (statement.start, statement.end)
            if own and None not in balances and not own.statement_id:
                vals_list.append(self._prepare_statement_vals(statement, own))
        self.env["account.bank.statement"].create(vals_list)

    def _prepare_statement_vals(self, statement, lines):
        return {
            "name": statement.name or False,
            "balance_start": float(statement.start),
            "balance_end_real": float(statement.end),
            "line_ids": [Command.set(lines.ids)],
        }

    # ------------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------------

    @api.model
    def _messages(self):
        return {**super()._messages(), **self._bank_messages()}

    @api.model
    def _bank_messages(self):
        return {
            "journal": self.env._(
                "%(value)s is not the code of a bank journal. See Configuration, "
                "Journals."
            ),
            "bank_size": self.env._(
                "The file is larger than %(size)s MB. Ask the bank for less."
            ),
            "bank_empty": self.env._("The file holds no booked movement."),
            "bank_columns": self.env._(
                "No header was found. The file needs a date, a label (Libellé) and an "
                "amount (Montant, or Débit and Crédit)."
            ),
            "bank_balance": self.env._(
                "The file starts at %(start)s and its movements lead to %(found)s, not "
                "to %(end)s as it says. Ask the bank for the whole file."
            ),
            "running": self.env._(
                "This balance (Solde) is not the one before with the movement. A line "
                "is missing or was changed: export the file again."
            ),
            "bank_xml": self.env._(
                "This is not a sound CAMT.053 file. Download it again from the bank."
            ),
            "bank_ofx": self.env._(
                "This is not a sound OFX file. Download it again from the bank."
            ),
            "bank_ofx_row": self.env._("A movement cannot be read: %(value)s."),
            "bank_currency": self.env._(
                "The statement is in %(value)s and the journal %(journal)s in "
                "%(currency)s. Choose another journal."
            ),
            "bank_account": self.env._(
                "The statement is of the account %(value)s and the journal %(journal)s "
                "of %(iban)s. Choose another journal."
            ),
        }
