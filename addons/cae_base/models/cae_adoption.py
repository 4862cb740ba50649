"""Existing analytic accounts, people and documents become those of a CAE."""

from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine.matching import name_words
from ..tools import format_date
from .cae_exchange import QUIET, Rollback

#: Shows the same form with what has changed.
RELOAD = {"type": "ir.actions.client", "tag": "soft_reload"}


class CaeAdoption(models.Model):
    """Takes over what a database had before there were activities.

    Analytic accounts (of any plan) become activities, their people entrepreneurs with
    contracts. Documents of the open months get their activities, and what was open
    before that is taken over by opening entries that are nil on every account. The
    former accounts and their analytic items stay as they are.
    """

    _name = "cae.adoption"
    _description = "Take Over What Exists"
    _inherit = ["mail.thread", "cae.owned"]
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        string="Taken Over on",
        required=True,
        default=lambda self: self._default_date(),
        help="First day of a month. Documents from this day on get their activities; "
        "what was open before comes as an opening.",
    )
    plan_id = fields.Many2one(
        "account.analytic.plan",
        string="Plan of the Former Accounts",
        required=True,
        default=lambda self: self._default_plan(),
        domain="[('parent_id', '=', False)]",
        help="The analytic plan whose accounts stand for the activities so far.",
    )
    archive_accounts = fields.Boolean(
        string="Archive the Former Accounts",
        default=True,
        help="So that nobody enters documents on them any more: these would go to the "
        "shared services. Their analytic items stay.",
    )
    state = fields.Selection(
        [("draft", "To Prepare"), ("done", "Done"), ("undone", "Undone")],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        copy=False,
    )
    line_ids = fields.One2many("cae.adoption.line", "adoption_id", string="Activities")
    done_text = fields.Text(string="Result", readonly=True, copy=False)
    left_text = fields.Text(
        string="Left as It Is",
        readonly=True,
        copy=False,
        help="Documents that are left to a person, and why; money that may count "
        "twice.",
    )
    transfer_ids = fields.One2many(
        "cae.transfer", "adoption_id", string="Transfers", readonly=True
    )
    entry_ids = fields.One2many(
        "account.move", "cae_adoption_id", string="Opening Entries", readonly=True
    )

    @api.depends("plan_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for adoption in self:
            adoption.display_name = adoption._reason()

    # ------------------------------------------------------------------
    # Defaults
    # ------------------------------------------------------------------

    @api.model
    def _default_date(self):
        """First day of the fiscal year, or of the first month that is still open."""
        company = self.env.company
        today = fields.Date.context_today(self)
        first = company.compute_fiscalyear_dates(today)["date_from"].replace(day=1)
        first = self.env["cae.period"]._first_open_day(company, first)
        last = max((lock for lock, _name in self._locks(company, first)), default=None)
        if last:
            first = max(first, fields.Date.add(last.replace(day=1), months=1))
        return first

    @api.model
    def _locks(self, company, day):
        """Lock dates of Odoo that hold on a day: ``[(last day, field)]``."""
        return company._get_violated_lock_dates(day, True, company.cae_journal_id)

    @api.model
    def _default_plan(self):
        """The plan, other than that of the activities, with the most accounts."""
        ours = self.env.ref("cae_base.analytic_plan_activities")
        counts = self.env["account.analytic.account"]._read_group(
            [
                ("root_plan_id", "!=", ours.id),
                ("company_id", "in", (False, self.env.company.id)),
            ],
            ["root_plan_id"],
            ["__count"],
        )
        plan, _count = max(counts, key=lambda row: row[1], default=(ours, 0))
        return plan

    # ------------------------------------------------------------------
    # Preparing
    # ------------------------------------------------------------------

    def action_prepare(self) -> dict:
        """List the accounts and people to take over; rows that are there stay.

        :raises AccessError: for others than accountants
        """
        self.ensure_one()
        self._check_may_adopt()
        rows = self.env["cae.adoption.line"]
        rows.create(self._prepare_account_rows())
        rows.create(self._prepare_people_rows())
        return RELOAD

    def _prepare_account_rows(self):
        known = self.env["cae.adoption.line"]._taken() | self.line_ids.account_id
        accounts = self.env["account.analytic.account"].search(
            [
                ("root_plan_id", "=", self.plan_id.id),
                ("company_id", "in", (False, self.company_id.id)),
                ("id", "not in", known.ids),
                ("id", "!=", self.company_id.cae_shared_account_id.id),
            ],
            order="code, name, id",
        )
        # sudo: which accounts are activities already, whoever may read these.
        accounts -= accounts.sudo().filtered("cae_activity_ids").sudo(False)
        uses = self._uses(accounts)
        people = self._people_by_name()
        return [
            self._prepare_account_row(account, uses, people) for account in accounts
        ]

    def _prepare_account_row(self, account, uses, people):
        person = account.partner_id.filtered(lambda partner: not partner.is_company)
        employee = people.get(("partner", person.id)) or people.get(_key(account.name))
        count, first, last = uses.get(account.id, (0, None, None))
        recent = fields.Date.subtract(self.date, years=1)
        return {
            "adoption_id": self.id,
            "account_id": account.id,
            "chosen": bool(last) and last >= recent,
            "code": account.code,
            "name": account.name,
            "date_start": min(first or self.date, self.date),
            "document_count": count,
            **self.env["cae.adoption.line"]._prepare_person(employee, person),
        }

    def _prepare_people_rows(self):
        """Employees without an account: entrepreneurs who have no activity yet."""
        here = self.line_ids.employee_id
        free = [e for k, e in self._people_by_name().items() if k[0] == "partner"]
        return [
            {
                "adoption_id": self.id,
                "chosen": False,
                "date_start": self.date,
                **self.env["cae.adoption.line"]._prepare_person(employee, None),
            }
            for employee in free
            if employee not in here
        ]

    def _people_by_name(self):
        """``{("partner", id) or name: employee}`` of those who are no entrepreneurs."""
        # sudo: an accountant takes people over as a file does (cae.exchange), without
        # rights on HR files; names, contacts and contracts are read.
        employees = self.env["hr.employee"].sudo()
        employees = employees.search([("company_id", "=", self.company_id.id)])
        # sudo: the same; only which employees they are is read.
        taken = self.env["cae.entrepreneur"].sudo().with_context(active_test=False)
        domain = [("employee_id", "in", employees.ids)]
        employees -= taken.search(domain).employee_id
        names = Counter(_key(employee.name) for employee in employees)
        found = {("partner", e.work_contact_id.id): e for e in employees}
        # Two people of one name are nobody's guess.
        return found | {_key(e.name): e for e in employees if names[_key(e.name)] == 1}

    # ------------------------------------------------------------------
    # Checking
    # ------------------------------------------------------------------

    @api.model
    def _check_may_adopt(self):
        if not self.env.user.has_group("cae_base.group_accountant"):
            raise AccessError(
                self.env._("CAE-ACCESS: taking over what exists is for accountants.")
            )

    def _check_ready(self):
        """:raises UserError: ``CAE-ADOPT-*``, all findings at once"""
        findings = self._date_findings() + self._chosen()._findings()
        if not self._chosen() and self.state == "draft":
            findings.append(self.env._("CAE-ADOPT-NOTHING: choose a row at least."))
        if findings:
            raise UserError("\n".join(findings))

    def _chosen(self):
        return self.line_ids.filtered("chosen")

    def _date_findings(self):
        """What is wrong with the day of taking over."""
        if self.state != "draft":
            return []
        day = format_date(self.env, self.date)
        if self.date.day != 1 or self.date > fields.Date.context_today(self):
            return [
                self.env._(
                    "CAE-ADOPT-DATE: %(day)s is not the first day of a month that has "
                    "begun.",
                    day=day,
                )
            ]
        locks = self._locks(self.company_id, self.date)
        if locks:
            last = format_date(self.env, max(lock for lock, _name in locks))
            return [
                self.env._(
                    "CAE-ADOPT-LOCKED: the books are locked until %(last)s. Choose a "
                    "later month; what is open then comes as an opening.",
                    last=last,
                )
            ]
        months = self.env["cae.period"]._locked_months(self.company_id)
        open_ = months and fields.Date.add(max(months), months=1)
        if open_ and open_ != self.date:
            return [
                self.env._(
                    "CAE-ADOPT-MONTH: months of this company are locked already. "
                    "Choose the first open one, %(month)s.",
                    month=format_date(self.env, open_, date_format="MMMM yyyy"),
                )
            ]
        return []

    def action_check(self) -> dict:
        """Do everything, tell what came of it, and undo it again.

        :raises AccessError: for others than accountants
        :raises UserError: ``CAE-ADOPT-*``
        """
        return self._try(keep=False)

    # ------------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------------

    def action_adopt(self) -> dict:
        """Take over the chosen rows and their documents; safe to call again.

        Called again it takes what has come since: documents on the former accounts.

        :raises AccessError: for others than accountants
        :raises UserError: ``CAE-ADOPT-*``, ``CAE-CONFIG-CHART``
        """
        return self._try(keep=True)

    def _try(self, keep):
        self.ensure_one()
        self._check_may_adopt()
        self = self.with_company(self.company_id).with_context(**QUIET)
        if self.state == "undone":
            raise UserError(
                self.env._(
                    "CAE-ADOPT-UNDONE: this was undone. Prepare another one instead."
                )
            )
        self.env["res.company"]._cae_check_configured()
        self._check_ready()
        texts = {}
        try:
            with self.env["cae.exchange"]._undone():
                texts = self._adopt()
                if not keep:
                    raise Rollback
        except Rollback:
            self.env.invalidate_all(flush=False)
        self._cae_own().write({**texts, **({"state": "done"} if keep else {})})
        if keep:
            self._cae_note(texts["done_text"])
        return RELOAD

    def _adopt(self):
        """Do it all; the words that tell what was done."""
        self._close_before()
        fresh = self._chosen().filtered(lambda line: not line.made)
        people = fresh._make_people()
        activities = fresh._make_activities()
        contracts = fresh._make_contracts()
        fresh._cae_own().made = True
        drafts = self._adopt_drafts()
        left = []
        self._open_balances(fresh)
        openings = self._adopt_openings(left)
        documents = self._adopt_documents(left)
        if self.archive_accounts:
            self._former().with_context(active_test=False).active = False
        return {
            "done_text": self.env._(
                "Activities: %(activities)s; entrepreneurs: %(people)s; contracts: "
                "%(contracts)s; documents and entries from %(day)s on: %(documents)s; "
                "drafts: %(drafts)s; open documents of before: %(openings)s; left as "
                "they are: %(left)s.",
                activities=len(activities),
                people=len(people),
                contracts=len(contracts),
                day=format_date(self.env, self.date),
                documents=documents,
                drafts=drafts,
                openings=openings,
                left=len(left),
            ),
            "left_text": "\n".join([*left, *self._early_money()]),
        }

    def _former(self):
        """Accounts of other plans that were taken over."""
        accounts = self.line_ids.filtered("made").account_id
        ours = self.env["cae.ledger"]._accounts()
        return accounts.filtered(lambda account: account.id not in ours)

    def _close_before(self):
        """The months before are history: what they leave open is in the opening."""
        Period = self.env["cae.period"]
        before = fields.Date.subtract(self.date, months=1)
        if before not in Period._locked_months(self.company_id):
            period = Period._get(before)
            period._hold()
            period._set_state("locked")
            period._cae_note(
                self.env._("Locked when what existed before was taken over.")
            )

    # ------------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------------

    def action_ask_undo(self) -> dict:
        """Ask for the reason, then undo all of it."""
        self.ensure_one()
        return self.env["cae.reason"]._ask(
            "undo_adoption", self.env._("Undo the Taking Over"), adoption_id=self.id
        )

    def action_undo(self, reason: str) -> dict:
        """Give documents back, reverse the openings, take away what was made.

        The months before stay locked; activities that have entries are archived.

        :param reason: why; kept in the log
        :return: ``{"state"}``
        :raises AccessError: for others than accountants
        :raises UserError: ``CAE-ADOPT-STATE``, ``CAE-ADOPT-USED``, and what undoing a
            transfer raises
        """
        self.ensure_one()
        self._check_may_adopt()
        if self.state != "done":
            raise UserError(self.env._("CAE-ADOPT-STATE: nothing to undo here."))
        reason = self.env["cae.transfer"]._check_reason(reason)
        self._check_unused()
        self = self.with_company(self.company_id).with_context(**QUIET)
        done = self.transfer_ids.filtered(lambda transfer: transfer.state == "done")
        for transfer in done.sorted("id", reverse=True):
            transfer.action_undo(reason)
        self.entry_ids._cae_undo_allocation()
        self._former().with_context(active_test=False).active = True
        self.line_ids.filtered("made")._unmake()
        self._cae_own().state = "undone"
        self._cae_note(self.env._("Undone: %(reason)s", reason=reason))
        return {"state": "undone"}

    def _check_unused(self):
        """:raises UserError: ``CAE-ADOPT-USED`` when months were run since"""
        charged = self.env["cae.contribution.line"]._read_group(
            [("activity_id", "in", self.line_ids.activity_id.ids)],
            ["month:month"],
            having=[("amount:sum", "!=", 0)],
        )
        for (month,) in charged:
            raise UserError(
                self.env._(
                    "CAE-ADOPT-USED: contributions were charged since. Undo those of "
                    "%(month)s first.",
                    month=format_date(self.env, month, date_format="MMMM yyyy"),
                )
            )

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_choose_all(self) -> dict:
        """Choose every row; none when all are chosen."""
        rows = self.line_ids.filtered(lambda line: not line.made)
        rows.chosen = not all(rows.mapped("chosen"))
        return RELOAD

    def action_open_rows(self) -> dict:
        """The rows over the whole width of the screen."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cae_base.cae_adoption_line_action"
        )
        return {**action, "domain": [("adoption_id", "=", self.id)]}

    def action_open_transfers(self) -> dict:
        """What documents were given to activities, to look at or to undo."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cae_base.cae_transfer_action"
        )
        return {**action, "domain": [("adoption_id", "=", self.id)], "context": {}}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if any(adoption.state != "draft" for adoption in self):
            raise UserError(
                self.env._("CAE-ADOPT-STATE: what was done or undone is kept.")
            )


def _key(name):
    """A name as it is compared: words without order, case, accents."""
    return "name", " ".join(sorted(name_words(name or "")))


class CaeTransfer(models.Model):
    _inherit = "cae.transfer"

    adoption_id = fields.Many2one(
        "cae.adoption",
        string="Taking Over",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )


class AccountMove(models.Model):
    _inherit = "account.move"

    cae_adoption_id = fields.Many2one(
        "cae.adoption",
        string="Taken Over by",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The taking over whose opening this entry is.",
    )

    def _cae_generated_hint(self):
        if (self | self.reversed_entry_id).cae_adoption_id:
            return self.env._("Undo the taking over of what exists instead.")
        return super()._cae_generated_hint()
