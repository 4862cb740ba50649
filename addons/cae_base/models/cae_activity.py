from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..engine import people
from ..engine.money import decimal, plain
from ..tools import format_date
from .cae_activity_share import PENDING
from .cae_owned import OWN

SALE_TYPES = ("out_invoice", "out_refund", "out_receipt")
PURCHASE_TYPES = ("in_invoice", "in_refund", "in_receipt")


class CaeActivity(models.Model):
    """A business hosted by the cooperative, with its own analytic account."""

    _name = "cae.activity"
    _description = "Activity"
    _inherit = ["cae.coded", "mail.activity.mixin"]
    _order = "code"
    _first_code = "A0001"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(string="Trade Name", required=True, tracking=True)
    trade = fields.Char(help="What the activity does.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
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
        string="End Date", tracking=True, help="Last day of the activity."
    )
    state = fields.Selection(
        [("coming", "Coming"), ("open", "In Business"), ("closed", "Closed")],
        compute="_compute_state",
        store=True,
        index=True,
        help="From the dates; refreshed every day.",
    )
    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        required=True,
        readonly=True,
        ondelete="restrict",
        copy=False,
        index=True,
    )
    scheme_id = fields.Many2one(
        "cae.contribution.scheme", string="Contribution Scheme", tracking=True
    )
    share_ids = fields.One2many(
        "cae.activity.share", "activity_id", string="Holders", copy=True
    )
    entrepreneur_ids = fields.Many2many(
        "cae.entrepreneur",
        string="Entrepreneurs",
        compute="_compute_entrepreneur_ids",
        search="_search_entrepreneur_ids",
        help="Who holds the activity today.",
    )
    convention_missing = fields.Boolean(
        compute="_compute_convention_missing",
        store=True,
        help="Several people held the activity together before they had signed the "
        "convention of R.7331-6.",
    )
    warning = fields.Text(compute="_compute_warning")
    invoice_count = fields.Integer(
        compute="_compute_document_counts",
        groups="account.group_account_readonly,account.group_account_invoice",
    )
    bill_count = fields.Integer(
        compute="_compute_document_counts",
        groups="account.group_account_readonly,account.group_account_invoice",
    )

    _code_uniq = models.UniqueIndex(
        "(company_id, code)", "An activity with this code already exists."
    )
    _account_uniq = models.UniqueIndex(
        "(analytic_account_id)", "This analytic account belongs to another activity."
    )
    _dates_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "An activity cannot end before it starts.",
    )

    @api.depends("date_start", "date_end")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for activity in self:
            activity.state = activity._state_on(today)

    @api.depends_context("uid")
    @api.depends("share_ids.entrepreneur_id", "share_ids.date_start")
    def _compute_entrepreneur_ids(self):
        today = fields.Date.context_today(self)
        for activity in self:
            shares = activity.share_ids._held_on(today)
            activity.entrepreneur_ids = shares.entrepreneur_id

    def _search_entrepreneur_ids(self, operator, value):
        today = fields.Date.context_today(self)
        held = Domain("date_start", "<=", today) & (
            Domain("date_end", "=", False) | Domain("date_end", ">=", today)
        )
        if operator == "any":
            return [
                ("share_ids", "any", held & Domain("entrepreneur_id", operator, value))
            ]
        if operator != "in":
            return NotImplemented
        domain = Domain.OR(
            [
                Domain("share_ids", "any", held & Domain("entrepreneur_id", "=", one))
                if one
                else Domain("share_ids", "not any", held)
                for one in value
            ]
        )
        return domain

    @api.depends(
        "share_ids.date_start", "share_ids.date_end", "share_ids.convention_date"
    )
    def _compute_convention_missing(self):
        for activity in self:
            activity.convention_missing = any(
                not share.convention_date or share.convention_date > share.date_start
                for share in activity.share_ids
                if activity._held_together(share)
            )

    @api.depends("convention_missing", "share_ids", "scheme_id", "state")
    @api.depends_context("lang")
    def _compute_warning(self):
        for activity in self:
            activity.warning = "\n".join(activity._warnings()) or False

    @api.depends_context("uid", "company")
    def _compute_document_counts(self):
        counts = {
            (activity.id, move_type): count
            for activity, move_type, count in self.env["account.move"]._read_group(
                [
                    ("cae_activity_id", "in", self.ids),
                    ("move_type", "in", SALE_TYPES + PURCHASE_TYPES),
                    ("state", "!=", "cancel"),
                ],
                ["cae_activity_id", "move_type"],
                ["__count"],
            )
        }
        for activity in self:
            for name, types in (
                ("invoice_count", SALE_TYPES),
                ("bill_count", PURCHASE_TYPES),
            ):
                activity[name] = sum(counts.get((activity.id, t), 0) for t in types)

    @api.depends("code", "name")
    def _compute_display_name(self):
        for activity in self:
            activity.display_name = f"[{activity.code}] {activity.name or ''}".strip()

    @api.constrains("date_start", "date_end", "share_ids")
    def _check_shares(self):
        if not self.env.context.get("cae_shares_pending") is PENDING:
            self._check_share_sum()

    def _check_share_sum(self, without=None):
        """Shares must add up to 100 % on every day of an activity's life.

        An activity nobody holds yet is accepted, with a warning.

        :param without: shares that are about to be deleted
        :raises ValidationError: ``CAE-SHARE-SUM``
        """
        for activity in self:
            shares = activity.share_ids - (without or activity.share_ids.browse())
            gap = shares and people.share_gap(
                shares._holdings(), activity.date_start, activity.date_end or None
            )
            if gap:
                raise ValidationError(activity._share_message(*gap))

    def _share_message(self, day, total):
        return self.env._(
            "CAE-SHARE-SUM: the shares of %(activity)s add up to %(total)s %% on "
            "%(day)s instead of 100 %%. Adjust the shares or their dates.",
            activity=self.display_name,
            total=plain(total),
            day=format_date(self.env, day),
        )

    @api.model_create_multi
    def create(self, vals_list):
        # The analytic account takes the code too.
        vals_list = [dict(vals) for vals in self._with_codes(vals_list)]
        missing = [vals for vals in vals_list if not vals.get("analytic_account_id")]
        # sudo: a user who may create activities need not have rights on analytic
        # accounts; only the account of the new activity is created.
        accounts = (
            self.env["account.analytic.account"]
            .sudo()
            .create([self._prepare_analytic_account_vals(vals) for vals in missing])
        )
        for vals, account in zip(missing, accounts, strict=True):
            vals["analytic_account_id"] = account.id
        pending = self.with_context(cae_shares_pending=PENDING)
        activities = super(CaeActivity, pending).create(vals_list).with_env(self.env)
        activities._check_share_sum()
        return activities

    def _prepare_analytic_account_vals(self, vals):
        return {
            "name": vals.get("name"),
            "code": vals.get("code"),
            "plan_id": self.env.ref("cae_base.analytic_plan_activities").id,
            "company_id": vals.get("company_id") or self.env.company.id,
        }

    def write(self, vals):
        self._check_fixed(vals)
        pending = self.with_context(cae_shares_pending=PENDING)
        result = super(CaeActivity, pending).write(vals)
        if {"share_ids", "date_start", "date_end"} & set(vals):
            self._check_share_sum()
        changes = {key: vals[key] for key in ("name", "code", "active") if key in vals}
        for activity in self if changes else ():
            # sudo: keeps the analytic account in step with its activity, see create.
            account = activity.analytic_account_id.sudo()
            account.with_context(cae_own=OWN).write(changes)
        return result

    def _check_fixed(self, vals):
        """:raises ValidationError: ``CAE-ACTIVITY-FIXED``"""
        for name in {"analytic_account_id", "company_id"} & set(vals):
            if any(activity[name].id != vals[name] for activity in self):
                raise ValidationError(
                    self.env._(
                        "CAE-ACTIVITY-FIXED: an activity keeps its company and its "
                        "analytic account: the entries are there."
                    )
                )

    @api.ondelete(at_uninstall=True)
    def _unlink_cascade_shares(self):
        # Holders go with the activity: nothing of it is left to add up to 100 %.
        self.with_context(cae_shares_pending=PENDING).share_ids.unlink()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_invoices(self) -> dict:
        """Customer documents of these activities."""
        return self._action_documents("action_move_out_invoice_type", SALE_TYPES)

    def action_open_bills(self) -> dict:
        """Supplier documents of these activities."""
        return self._action_documents("action_move_in_invoice_type", PURCHASE_TYPES)

    def _action_documents(self, xmlid, move_types):
        action = self.env["ir.actions.actions"]._for_xml_id(f"account.{xmlid}")
        action["domain"] = [
            ("cae_activity_id", "in", self.ids),
            ("move_type", "in", move_types),
        ]
        action["context"] = {
            "default_move_type": move_types[0],
            "default_cae_activity_id": self.id if len(self) == 1 else False,
        }
        return action

    def action_open_ledger(self) -> dict:
        """Posted journal items of these activities."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account.action_account_moves_all"
        )
        action["domain"] = [
            ("analytic_distribution", "in", self.analytic_account_id.ids),
            ("parent_state", "=", "posted"),
        ]
        action["context"] = {"search_default_group_by_account": 1}
        return action

    def action_open_entrepreneurs(self) -> dict:
        """People who hold or held these activities."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Entrepreneurs"),
            "res_model": "cae.entrepreneur",
            "view_mode": "list,form",
            "domain": [("share_ids.activity_id", "in", self.ids)],
        }

    # ------------------------------------------------------------------
    # Dates
    # ------------------------------------------------------------------

    def _state_on(self, day):
        self.ensure_one()
        if self.date_start and self.date_start > day:
            return "coming"
        return "closed" if self.date_end and self.date_end < day else "open"

    def _open_in(self, first: date) -> "CaeActivity":
        """Those of these activities that are open for one day in a month at least.

        :param first: any day of the month
        """
        first = first.replace(day=1)
        last = first + relativedelta(months=1, days=-1)
        return self.filtered(
            lambda a: a.date_start <= last and (not a.date_end or a.date_end >= first)
        )

    def _holders_at(self, day: date) -> dict:
        """``{activity id: {entrepreneur id: Decimal percent}}`` on ``day``.

        Every activity has an entry; it is empty when nobody holds it. Two queries.
        """
        result = {activity_id: {} for activity_id in self.ids}
        shares = self.share_ids
        # Read by themselves they would come by the thousand.
        shares.fetch(
            ["activity_id", "entrepreneur_id", "date_start", "date_end", "share"]
        )
        for share in shares._held_on(day):
            holders = result[share.activity_id.id]
            holders[share.entrepreneur_id.id] = decimal(share.share, 3)
        return result

    def _held_together(self, share):
        """Whether somebody else holds the activity on a day of ``share``."""
        return any(
            other.entrepreneur_id != share.entrepreneur_id
            and other.date_start <= (share.date_end or date.max)
            and share.date_start <= (other.date_end or date.max)
            for other in self.share_ids
            if share.date_start and other.date_start
        )

    def _warnings(self):
        """Findings on this activity, in words; other modules may add theirs."""
        self.ensure_one()
        result = []
        if not self.share_ids:
            result.append(self.env._("Nobody holds this activity."))
        if self.convention_missing:
            result.append(
                self.env._(
                    "Several people hold this activity and the convention of "
                    "R.7331-6 was not signed beforehand."
                )
            )
        if self.state == "open" and not self.scheme_id:
            result.append(self.env._("No contribution scheme."))
        return result

    @api.model
    def _refresh_states(self):
        """Store the states that the passing of time has changed."""
        today = fields.Date.context_today(self)
        activities = self.with_context(active_test=False).search(
            [
                "|",
                "&",
                ("state", "=", "coming"),
                ("date_start", "<=", today),
                "&",
                ("state", "!=", "closed"),
                ("date_end", "<", today),
            ]
        )
        activities._cae_compute_again("state")
