from collections import defaultdict

from odoo import api, models

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.cae_statement_document import amount
from odoo.addons.cae_base.report import wkhtmltopdf
from odoo.addons.cae_base.spreadsheet import workbook

from ..engine import booking, payslips

#: Amounts of a row, in the order of the columns.
AMOUNTS = ("gross", "employee", "net", "employer", "reduction", "cost")
#: Those that are known of each activity.
SHARED = ("gross", "employee", "net", "charges", "cost")
#: What a payslip says of a pay, and with what it withholds.
GAPS = ("gross", "net", "cost")
PAYSLIPS = (*GAPS, "withheld")


class CaePayBook(models.AbstractModel):
    """The posted pay of a month: everybody, each activity, and the entry."""

    _name = "cae.pay.book"
    _description = "Pay Book"

    @api.model
    def _pdf(self, period) -> bytes:
        """:raises UserError: ``CAE-PAYROLL-EMPTY``"""
        self.env["cae.payroll.exchange"]._check_officer()
        page = self._page(period)
        return wkhtmltopdf.render(self.env, {period.id: page}, wide=True)[period.id]

    @api.model
    def _page(self, period):
        company = period.company_id
        lang = company._cae_statement_lang()
        here = self.with_company(company).with_context(lang=lang)
        period = period.with_env(here.env)
        values = {
            **company._cae_document_values(),
            **here._data(period),
            "heading": here.env._("Pay book"),
            "subtitle": period.display_name,
            "people": company.name,
            "amount": amount,
        }
        page = here.env["ir.qweb"]._render("cae_payroll.pay_book", values)
        return f"<!DOCTYPE html>{page}"

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @api.model
    def _data(self, period):
        """What the book of a month says, in a fixed number of queries.

        :return: ``{"rows", "totals", "activities", "payslips", "final", "entry",
            "others", "agrees", "waiting"}``; ``final`` is what the payslips say in all
        :raises UserError: ``CAE-PAYROLL-EMPTY``
        """
        here = self.with_company(period.company_id)
        lines = here.env["cae.payroll.exchange"]._exported(period.date)
        lines = lines.sorted(lambda line: (line.entrepreneur_id.name, line.id))
        rows = [self._row(line) for line in lines]
        slips = here.env["cae.payslip"].search(period._pay_domain())
        entry, others, agrees = here._entry(lines, slips, period)
        totals, gaps = _sums(rows, AMOUNTS), self._payslips(slips)
        return {
            "rows": rows,
            "totals": totals,
            "activities": self._activities(lines),
            "payslips": gaps,
            "final": {name: totals[name] + gaps["totals"][name] for name in GAPS},
            "entry": entry,
            "others": others,
            "agrees": agrees,
            "waiting": here._waiting(period),
        }

    @api.model
    def _row(self, line):
        person, contract = line.entrepreneur_id, line.contract_id
        kinds = dict(contract._fields["kind"]._description_selection(self.env))
        return {
            "name": person.name,
            "matricule": person.matricule or "",
            "contract": kinds.get(contract.kind, ""),
            "settlement": bool(line.settlement_id),
            "activities": ", ".join(line.share_ids.activity_id.mapped("code")),
            "gross": decimal(line.gross),
            "employee": decimal(line.gross) - decimal(line.net),
            "net": decimal(line.net),
            "employer": decimal(line.cost)
            - decimal(line.gross)
            + decimal(line.general_reduction),
            "reduction": decimal(line.general_reduction),
            "cost": decimal(line.cost),
        }

    @api.model
    def _activities(self, lines):
        """What each activity bears."""
        shares = lines.share_ids.grouped("activity_id")
        rows = []
        for activity in sorted(shares, key=lambda activity: activity.code):
            sums = _sums(shares[activity], ("gross", "net", "cost"))
            sums["employee"] = sums["gross"] - sums["net"]
            sums["charges"] = sums["cost"] - sums["gross"]
            rows.append({"code": activity.code, "name": activity.name, **sums})
        return {"rows": rows, "totals": _sums(rows, SHARED)}

    @api.model
    def _payslips(self, slips):
        """What the true payslips of the month say more, or less, than the pay."""
        booked = slips.filtered(lambda slip: slip.state == "booked")
        rows = [
            {
                "name": slip.entrepreneur_id.name,
                "matricule": slip.entrepreneur_id.matricule or "",
                "withheld": decimal(slip.withheld),
                **{name: decimal(slip[f"gap_{name}"]) for name in GAPS},
            }
            for slip in booked.sorted(lambda s: (s.entrepreneur_id.name, s.id))
        ]
        rows = [row for row in rows if any(row[name] for name in PAYSLIPS)]
        return {"rows": rows, "totals": _sums(rows, PAYSLIPS)}

    @api.model
    def _entry(self, lines, slips, period):
        """``(rows by account, of other entries, whether the pay says the same)``.

        The posted entries of the pay and of the payslips of the month, on whatever day;
        an undone pay and its reversal are both there. What the pay journal of the month
        holds more, or less, are the others.
        """
        every = self.env["cae.pay.line"].search(period._pay_domain())
        moves = every.move_id | every.reversal_move_id | slips.move_ids
        balances = self._balances([("move_id", "in", moves.ids)])
        told = self._told(lines, slips)
        booked = {a.id: int(balance * 100) for a, balance in balances.items()}
        agrees = all(booked.get(key, 0) == told.get(key, 0) for key in {*booked, *told})
        others = self._balances(
            [
                ("journal_id", "=", period.company_id.cae_pay_journal_id.id),
                ("parent_state", "=", "posted"),
                ("date", ">=", period.date),
                ("date", "<=", period.date_end),
            ]
        )
        for account, balance in balances.items():
            others[account] = others.get(account, decimal(0)) - balance
        return _by_account(balances), _by_account(others), agrees

    @api.model
    def _balances(self, domain):
        """``{account: balance}``"""
        found = self.env["account.move.line"]._read_group(
            domain, ["account_id"], ["balance:sum"]
        )
        return {account: decimal(balance) for account, balance in found}

    @api.model
    def _told(self, lines, slips):
        """``{account id: cents}`` that the pay and its payslips should have booked."""
        told = defaultdict(int)
        for line in lines:
            for share in line.share_ids:
                for key, cents in share.entry.items():
                    told[line.accounts[key]] += cents
            for account, cents in line._withheld_accounts().items():
                told[account] -= cents
                told[line.accounts[booking.NET]] += cents
        for slip in slips:
            left = payslips.difference(slip._booked_entry(), slip._estimate())
            for (_activity, account), cents in left.items():
                told[account] += cents
        return told

    @api.model
    def _waiting(self, period):
        """Pay of the month that is not posted, and not in the book."""
        waiting = [("state", "in", ("draft", "approved"))]
        return self.env["cae.pay.line"].search_count(period._pay_domain() + waiting)

    # ------------------------------------------------------------------
    # Spreadsheet
    # ------------------------------------------------------------------

    @api.model
    def _xlsx(self, period) -> bytes:
        """:raises UserError: ``CAE-PAYROLL-EMPTY``"""
        self.env["cae.payroll.exchange"]._check_officer()
        labels, total = self._labels(), {"name": self.env._("Total")}
        sheets = []
        for title, names, rows, totals in self._sheets(self._data(period)):
            header = [labels[name] for name in names]
            cells = [[_typed(row, n) for n in names] for row in (*rows, total | totals)]
            sheets.append((title, header, cells))
        return workbook(sheets, total=True)

    @api.model
    def _sheets(self, data):
        """``[(title, columns, rows, totals)]``; what there is none of has no sheet."""
        people = ("matricule", "name", "contract", "activities", *AMOUNTS)
        entry = ("account", "name", "debit", "credit")
        sheets = [
            (self.env._("Pay"), people, data["rows"], data["totals"]),
            (
                self.env._("Activities"),
                ("code", "name", *SHARED),
                *data["activities"].values(),
            ),
            (self.env._("Entry"), entry, *data["entry"].values()),
        ]
        for title, names, key in (
            (self.env._("Payslips"), ("matricule", "name", *PAYSLIPS), "payslips"),
            (self.env._("Other entries"), entry, "others"),
        ):
            if data[key]["rows"]:
                sheets.append((title, names, *data[key].values()))
        return sheets

    @api.model
    def _labels(self):
        """Headings of the columns."""
        return {
            "matricule": self.env._("Matricule"),
            "name": self.env._("Name"),
            "contract": self.env._("Contract"),
            "activities": self.env._("Activities"),
            "gross": self.env._("Gross"),
            "employee": self.env._("Employee's contributions"),
            "net": self.env._("Net before tax"),
            "employer": self.env._("Employer's contributions"),
            "reduction": self.env._("General reduction"),
            "charges": self.env._("Employer's contributions, less reduction"),
            "cost": self.env._("Cost"),
            "withheld": self.env._("Withheld"),
            "code": self.env._("Code"),
            "account": self.env._("Account"),
            "debit": self.env._("Debit"),
            "credit": self.env._("Credit"),
        }


def _sums(rows, names):
    return {
        name: sum((decimal(row[name]) for row in rows), decimal(0)) for name in names
    }


def _by_code(item):
    return item[0].code


def _by_account(balances):
    """Rows of an entry, from ``{account: balance}``, and their totals."""
    rows = [
        {
            "account": account.code,
            "name": account.name,
            "debit": max(balance, decimal(0)),
            "credit": max(-balance, decimal(0)),
        }
        for account, balance in sorted(balances.items(), key=_by_code)
        if balance
    ]
    return {"rows": rows, "totals": _sums(rows, ("debit", "credit"))}


def _typed(row, name):
    value = row.get(name, "")
    return value if isinstance(value, str) else decimal(value)
