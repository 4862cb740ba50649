from collections import defaultdict
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..engine import people
from ..engine.money import plain
from ..tools import format_date
from .cae_activity import SALE_TYPES
from .cae_activity_share import PENDING


class CaeSharedProject(models.Model):
    """A joint project, whose revenue several activities share.

    Chosen on a document, it shares the lines out; taxes, the receivable and payments
    follow to the cent, as for any document of several activities. A change of shares
    from a day on holds for documents of that day on.
    """

    _name = "cae.shared.project"
    _description = "Shared Project"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(
        string="Start Date",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
    )
    date_end = fields.Date(
        string="End Date", tracking=True, help="Last day of its documents."
    )
    part_ids = fields.One2many(
        "cae.shared.project.part", "project_id", string="Participants", copy=True
    )
    note = fields.Text(help="What was agreed between the participants.")
    move_ids = fields.One2many("account.move", "cae_project_id", string="Documents")
    invoice_count = fields.Integer(
        compute="_compute_invoice_count",
        groups="account.group_account_readonly,account.group_account_invoice",
    )
    billed = fields.Monetary(
        compute="_compute_money",
        groups="cae_base.group_user",
        help="Posted to customers, without VAT, credit notes deducted.",
    )
    collected = fields.Monetary(
        compute="_compute_money",
        groups="cae_base.group_user",
        help="The part of it that customers have paid, without VAT.",
    )

    _dates_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "A project cannot end before it starts.",
    )

    @api.depends_context("uid")
    def _compute_invoice_count(self):
        counts = dict(
            self.env["account.move"]._read_group(
                self._document_domain(), ["cae_project_id"], ["__count"]
            )
        )
        for project in self:
            project.invoice_count = counts.get(project._origin, 0)

    def _compute_money(self):
        money = self._money()
        for project in self:
            rows = [row for (key, _account), row in money.items() if key == project.id]
            project.billed = sum(billed for billed, _collected in rows)
            project.collected = sum(collected for _billed, collected in rows)

    # ------------------------------------------------------------------
    # Shares
    # ------------------------------------------------------------------

    @api.constrains("date_start", "date_end", "part_ids")
    def _check_shares(self):
        if self.env.context.get("cae_shares_pending") is not PENDING:
            self._check_share_sum()

    def _check_share_sum(self, without=None):
        """Shares must add up to 100 % on every day of a project.

        :param without: participants that are about to be deleted
        :raises ValidationError: ``CAE-PROJECT-SHARES``
        """
        for project in self:
            parts = project.part_ids - (without or project.part_ids.browse())
            gap = people.share_gap(
                parts._holdings(), project.date_start, project.date_end or None
            )
            if gap:
                raise ValidationError(project._share_message(*gap))

    def _share_message(self, day, total):
        return self.env._(
            "CAE-PROJECT-SHARES: the shares of %(project)s add up to %(total)s %% on "
            "%(day)s instead of 100 %%. Adjust the shares or their dates.",
            project=self.display_name,
            total=plain(total),
            day=format_date(self.env, day),
        )

    @api.model_create_multi
    def create(self, vals_list):
        pending = self.with_context(cae_shares_pending=PENDING)
        projects = super(CaeSharedProject, pending).create(vals_list)
        projects = projects.with_env(self.env)
        projects._check_share_sum()
        return projects

    def write(self, vals):
        pending = self.with_context(cae_shares_pending=PENDING)
        result = super(CaeSharedProject, pending).write(vals)
        if {"part_ids", "date_start", "date_end"} & set(vals):
            self._check_share_sum()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.env["account.move"].search_count(
            [("cae_project_id", "in", self.ids)], limit=1
        ):
            raise UserError(
                self.env._(
                    "CAE-PROJECT-USED: documents belong to this project. Archive it "
                    "instead."
                )
            )
        self.with_context(cae_shares_pending=PENDING).part_ids.unlink()

    def _distribution(self, day):
        """Analytic distribution of a document of ``day``.

        :raises UserError: ``CAE-PROJECT-ARCHIVED``, ``CAE-PROJECT-DATES``,
            ``CAE-PROJECT-CLOSED``
        """
        self.ensure_one()
        self._check_usable(day)
        parts = self.part_ids.filtered(
            lambda p: people.covers(p.date_start, p.date_end or None, day)
        )
        # sudo: whether participants are open; accountants of billing may not read them.
        for activity in parts.sudo().activity_id:
            if not activity.active or activity._state_on(day) != "open":
                raise UserError(
                    self.env._(
                        "CAE-PROJECT-CLOSED: %(activity)s, a participant of "
                        "%(project)s, is not open on %(day)s. Change the shares from "
                        "that day on.",
                        activity=activity.display_name,
                        project=self.display_name,
                        day=format_date(self.env, day),
                    )
                )
        # sudo: as above, their analytic accounts.
        return {
            str(part.sudo().activity_id.analytic_account_id.id): part.share
            for part in parts
        }

    def _check_usable(self, day):
        if not self.active:
            raise UserError(
                self.env._(
                    "CAE-PROJECT-ARCHIVED: %(project)s is archived. Restore it, or "
                    "choose another project.",
                    project=self.display_name,
                )
            )
        if not people.covers(self.date_start, self.date_end or None, day):
            raise UserError(
                self.env._(
                    "CAE-PROJECT-DATES: %(project)s does not run on %(day)s. Correct "
                    "the date of the document or those of the project.",
                    project=self.display_name,
                    day=format_date(self.env, day),
                )
            )

    # ------------------------------------------------------------------
    # Money
    # ------------------------------------------------------------------

    def _document_domain(self):
        return [
            ("cae_project_id", "in", self.ids),
            ("move_type", "in", SALE_TYPES),
            ("state", "!=", "cancel"),
        ]

    def _money(self):
        """``{(project id, analytic id): (billed, collected)}``, a fixed number of
        queries for any number of projects.

        Who may read a project, or their own part of it, may read its sums.
        """
        # sudo: which documents count; what is read of them are sums per activity.
        moves = self.env["account.move"].sudo()
        posted = [*self._document_domain(), ("state", "=", "posted")]
        owners = {move.id: move.cae_project_id.id for move in moves.search(posted)}
        billed = defaultdict(int)
        amounts = self.env["cae.ledger"]._document_amounts(list(owners))
        for (document, account), (net, _gross) in amounts.items():
            billed[owners[document], account] += net
        collected = self._collected(owners)
        return {
            key: (billed[key] / 100, float(collected.get(key, 0)))
            for key in {*billed, *collected}
        }

    def _collected(self, owners):
        """``{(project id, analytic id): amount}``.

        :param owners: ``{document id: project id}``
        """
        ledger, mine = self.env["cae.ledger"], SQL("v.id = ANY(%s)", list(owners))
        # The ledger adds up by month: the project takes its place.
        rows = [
            {**row, "month": owners[row["document"]]}
            for company in self.company_id
            for row in ledger._money_matchings(company, date.min, date.max, mine)
        ]
        wanted = {int(key) for row in rows for key in row["share"] or ()} - {0}
        return {
            (project, account): amount
            for (account, project), amount in ledger._collected(rows, wanted).items()
        }

    def action_open_invoices(self) -> dict:
        """Customer documents of these projects."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        action["domain"] = self._document_domain()[:2]
        action["context"] = {
            "default_move_type": SALE_TYPES[0],
            "default_cae_project_id": self.id if len(self) == 1 else False,
        }
        return action
