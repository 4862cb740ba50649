from collections import Counter

from odoo import api, fields, models

from .cae_contract import LARGEST_FIXED


class CaeAdoptionLine(models.Model):
    """An account that becomes an activity, a person who becomes an entrepreneur."""

    _name = "cae.adoption.line"
    _description = "Account or Person Taken Over"
    _inherit = ["cae.owned"]
    _order = "adoption_id, id"
    _rec_name = "name"
    _check_company_auto = True

    adoption_id = fields.Many2one(
        "cae.adoption", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="adoption_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    chosen = fields.Boolean(string="Take Over", default=True)
    made = fields.Boolean(readonly=True, copy=False)
    account_id = fields.Many2one(
        "account.analytic.account",
        string="Former Account",
        check_company=True,
        index="btree_not_null",
        help="Empty: a person without an activity.",
    )
    document_count = fields.Integer(
        string="Entries", readonly=True, help="From the day of taking over on."
    )
    code = fields.Char(help="Empty: the next free code.")
    name = fields.Char(string="Activity")
    date_start = fields.Date(string="In Business since")
    scheme_id = fields.Many2one("cae.contribution.scheme", string="Contribution Scheme")
    treasury = fields.Monetary(
        string="Treasury at the Start",
        help="What the activity has (negative: owes) on the day of taking over, as the "
        "former system says it. Without what is still unpaid, and without what was "
        "paid before for documents dated since: the documents bring that.",
    )
    partner_id = fields.Many2one("res.partner", string="Entrepreneur")
    employee_id = fields.Many2one("hr.employee", check_company=True)
    kind = fields.Selection(
        [
            ("cape", "CAPE"),
            ("cesa", "CESA"),
            ("employee", "Ordinary employment contract"),
        ],
        string="Contract",
    )
    contract_start = fields.Date()
    contract_end = fields.Date()
    fixed_part = fields.Monetary(help="Monthly gross of the fixed part of the pay.")
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur", string="Entrepreneur Made", readonly=True, copy=False
    )
    activity_id = fields.Many2one(
        "cae.activity", string="Activity Made", readonly=True, copy=False
    )
    contract_id = fields.Many2one(
        "cae.contract", string="Contract Made", readonly=True, copy=False
    )
    former_terms = fields.Json(
        string="HR File Before",
        readonly=True,
        copy=False,
        groups="hr.group_hr_manager",
        help="Type of contract and wage of the HR file, for whoever undoes it.",
    )

    # ------------------------------------------------------------------
    # Preparing
    # ------------------------------------------------------------------

    @api.model
    def _taken(self):
        """Former accounts that were taken over and not given back."""
        done = self.search(
            [
                ("made", "=", True),
                ("adoption_id.state", "=", "done"),
                ("company_id", "=", self.env.company.id),
            ]
        )
        return done.account_id

    @api.model
    def _prepare_person(self, employee, partner):
        """Values of who holds the activity, and of the contract.

        Terms of contracts are shown to who may read them in the HR file; an accountant
        types them, or has a manager of the CAE prepare the rows.

        :param employee: with the rights to read the HR file; may be empty
        :param partner: contact; may be empty
        """
        if not employee:
            return {"partner_id": partner and partner.id}
        found = {
            "partner_id": employee.work_contact_id.id,
            "employee_id": employee.id,
        }
        if not self.env.user.has_group("hr.group_hr_manager"):
            return found
        version = employee.version_id
        start = version.contract_date_start
        return {
            **found,
            "kind": "cesa" if start else False,
            "contract_start": start,
            "contract_end": version.contract_date_end,
            "fixed_part": version.wage if start else 0,
        }

    @api.onchange("employee_id")
    def _onchange_employee_id(self):
        # sudo: an accountant takes people over without rights on HR files.
        employee = self.employee_id.sudo()
        if employee:
            self.update(self._prepare_person(employee, None))

    # ------------------------------------------------------------------
    # Checking
    # ------------------------------------------------------------------

    def _findings(self):
        """What is wrong with these rows, in words, with codes."""
        rows = self.filtered(lambda line: not line.made)
        found = rows._code_findings() + rows._people_findings()
        for line in rows:
            found += line._own_findings()
        return found

    def _own_findings(self):
        place = self.name or self.partner_id.name or self.account_id.display_name
        found = []
        if self.account_id and not (self.name and self.date_start):
            found.append(
                self.env._(
                    "CAE-ADOPT-NAME: %(row)s: give a name and a first day.", row=place
                )
            )
        if not (self.account_id or self.partner_id):
            found.append(
                self.env._("CAE-ADOPT-EMPTY: a row names neither account nor person.")
            )
        if self.kind and not (self.partner_id and self.contract_start):
            found.append(
                self.env._(
                    "CAE-ADOPT-CONTRACT: %(row)s: a contract needs a person and a "
                    "first day.",
                    row=place,
                )
            )
        late = self.contract_end and self.contract_end < self.contract_start
        if late or not 0 <= self.fixed_part <= LARGEST_FIXED:
            found.append(
                self.env._(
                    "CAE-ADOPT-CONTRACT: %(row)s: the contract ends before it starts, "
                    "or its fixed part is no monthly gross.",
                    row=place,
                )
            )
        return found

    def _code_findings(self):
        """Codes that are there twice, or in the company already."""
        codes = self.filtered("account_id").mapped("code")
        twice = {code for code, n in Counter(codes).items() if code and n > 1}
        activities = self.env["cae.activity"].with_context(active_test=False)
        taken = activities.search(
            [("company_id", "in", self.company_id.ids), ("code", "in", codes)]
        )
        for again in self._undone_activities().values():
            taken -= again
        return [
            self.env._(
                "CAE-ADOPT-CODE: an activity with the code %(code)s is there already. "
                "Give another code, or leave it empty.",
                code=code,
            )
            for code in sorted({*twice, *taken.mapped("code")})
        ]

    def _people_findings(self):
        """Contacts that are companies, employees of two people."""
        found = [
            self.env._(
                "CAE-ADOPT-PERSON: %(name)s is a company; choose the person who runs "
                "the activity.",
                name=partner.name,
            )
            for partner in self.partner_id
            if partner.is_company
        ]
        known = self._known_people()
        for line in self.filtered("employee_id"):
            person = known.get(line.partner_id)
            other = person and person.employee_id not in (
                line.employee_id,
                person.employee_id.browse(),
            )
            contacts = self.filtered(
                lambda row, e=line.employee_id: row.employee_id == e
            ).partner_id
            if other or len(contacts) != 1:
                found.append(
                    self.env._(
                        "CAE-ADOPT-EMPLOYEE: %(name)s is the employee of one person; "
                        "choose the same contact on each row.",
                        name=line.employee_id.name,
                    )
                )
        return found

    def _known_people(self):
        """``{contact: entrepreneur}`` of those who are entrepreneurs already."""
        # sudo: an accountant of a CAE finds everybody, archived people too.
        people = self.env["cae.entrepreneur"].sudo().with_context(active_test=False)
        found = people.search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        return {person.partner_id.sudo(False): person for person in found}

    # ------------------------------------------------------------------
    # Making
    # ------------------------------------------------------------------

    def _make_people(self):
        """Entrepreneurs of these rows; the new ones are returned."""
        known = self._known_people()
        rows = self.filtered("partner_id").grouped("partner_id")
        new = {
            partner: lines for partner, lines in rows.items() if partner not in known
        }
        # sudo: accountants load people by files in the same way (cae.exchange).
        people = self.env["cae.entrepreneur"].sudo()
        made = people.create([lines._prepare_person_vals() for lines in new.values()])
        known |= dict(zip(new, made, strict=True))
        for partner, lines in rows.items():
            person = known[partner]
            lines._cae_own().entrepreneur_id = person.id
            person.active = True
            if lines.employee_id and not person.employee_id:
                person.employee_id = lines.employee_id.id
        return made

    def _prepare_person_vals(self):
        # sudo: the civil status goes from the HR file to the person's own.
        employee = self.employee_id.sudo()
        starts = [day for day in self.mapped("contract_start") if day]
        return {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "employee_id": employee.id,
            "date_entry": min(starts, default=min(self.mapped("date_start"))),
            "birth_date": employee.birthday,
            "sex": {"female": "F", "male": "M", "other": "X"}.get(employee.sex, False),
        }

    def _make_activities(self):
        """Activities of the rows with an account; an account of our plan is kept."""
        rows = self.filtered("account_id")
        again = rows._undone_activities()
        new = rows.filtered(lambda line: line.account_id not in again)
        made = self.env["cae.activity"].create(
            [line._prepare_activity_vals() for line in new]
        )
        found = again | dict(zip(new.account_id, made, strict=True))
        for line in rows:
            line._cae_own().activity_id = found[line.account_id]
            if line not in new:
                line._take_again()
        return rows.activity_id

    def _undone_activities(self):
        """``{account: activity}`` of what a taking over made that was undone."""
        lines = self.env["cae.adoption.line"].search(
            [
                ("account_id", "in", self.account_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("activity_id.active", "=", False),
                ("adoption_id.state", "=", "undone"),
            ]
        )
        return {line.account_id: line.activity_id for line in lines}

    def _take_again(self):
        vals = self._prepare_activity_vals()
        shares = [fields.Command.clear(), *vals.pop("share_ids", [])]
        kept = ("company_id", "analytic_account_id")
        vals = {name: value for name, value in vals.items() if name not in kept}
        self.activity_id.write({**vals, "active": True, "share_ids": shares})

    def _prepare_activity_vals(self):
        vals = {
            "company_id": self.company_id.id,
            "name": self.name,
            "date_start": self.date_start,
            "scheme_id": self.scheme_id.id,
        }
        if self.code:
            vals["code"] = self.code
        if self.account_id.id in self.env["cae.ledger"]._accounts():
            vals["analytic_account_id"] = self.account_id.id
        if self.entrepreneur_id:
            share = {
                "entrepreneur_id": self.entrepreneur_id.id,
                "date_start": self.date_start,
            }
            vals["share_ids"] = [fields.Command.create(share)]
        return vals

    def _make_contracts(self):
        """Contracts of the rows; one that the person has already is not made again."""
        wanted = {}
        for line in self.filtered("kind"):
            key = line.entrepreneur_id, line.kind, line.contract_start
            wanted.setdefault(key, line)
        # sudo: accountants load contracts by files in the same way (cae.exchange).
        contracts = self.env["cae.contract"].sudo()
        for person, kind, start in list(wanted):
            # sudo: the same; only kind and first day are read.
            if person.sudo().contract_ids.filtered(
                lambda c, k=kind, s=start: c.kind == k and c.date_start == s
            ):
                del wanted[person, kind, start]
        rows = self.browse([line.id for line in wanted.values()])
        made = contracts._cae_own().create(
            [line._prepare_contract_vals() for line in rows]
        )
        for line, contract in zip(rows, made, strict=True):
            line._cae_own().contract_id = contract.id
        return made

    def _prepare_contract_vals(self):
        # sudo: the contract is tied to the version of the HR file that it stands for.
        versions = self.employee_id.sudo().version_ids
        version = versions.filtered(
            lambda v: v.contract_date_start == self.contract_start
        ).sorted("date_version")[:1]
        if self.kind == "cesa" and version:
            # sudo: terms of the HR file, which undoing puts back; an accountant does
            # not read them here.
            self._cae_own().sudo().former_terms = {
                "contract_type_id": version.contract_type_id.id,
                "wage": version.wage,
            }
        return {
            "entrepreneur_id": self.entrepreneur_id.id,
            "kind": self.kind,
            "date_start": self.contract_start,
            "date_end": self.contract_end,
            "fixed_part": self.fixed_part,
            "version_id": version.id if self.kind == "cesa" else False,
        }

    # ------------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------------

    def _unmake(self):
        """Take contracts away, archive activities and people: a new one finds them."""
        self._unmake_contracts()
        # sudo: what was made with sudo goes away in the same way.
        lines = self.sudo()
        lines.activity_id.active = False
        held = (
            # sudo: shares of others too say whether a person is busy elsewhere.
            self.env["cae.activity.share"]
            .sudo()
            .search([("entrepreneur_id", "in", lines.entrepreneur_id.ids)])
        )
        busy = held.filtered("activity_id.active").entrepreneur_id
        busy |= lines.entrepreneur_id.contract_ids.entrepreneur_id
        (lines.entrepreneur_id - busy).active = False
        self._cae_own().made = False

    def _unmake_contracts(self):
        """Contracts go, and the HR file keeps what it said before."""
        for line in self.filtered("contract_id"):
            # sudo: see _make_contracts.
            contract = line.contract_id.sudo()
            version = contract.version_id
            contract._cae_own().version_id = False
            # sudo: the terms that were kept, put back as they were.
            if line.sudo().former_terms:
                version.write(line.sudo().former_terms)
            contract.unlink()
