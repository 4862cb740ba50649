from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.money import decimal
from .cae_activity_share import PENDING


class CaeSharedProjectPart(models.Model):
    """What an activity takes of the documents of a project, from a day on."""

    _name = "cae.shared.project.part"
    _description = "Participant of a Shared Project"
    _order = "project_id, date_start, id"
    _check_company_auto = True

    project_id = fields.Many2one(
        "cae.shared.project", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="project_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    activity_id = fields.Many2one(
        "cae.activity",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
    )
    share = fields.Float(string="Share (%)", required=True, digits=(6, 3))
    date_start = fields.Date(
        string="From",
        required=True,
        compute="_compute_date_start",
        store=True,
        readonly=False,
        precompute=True,
        help="First day whose documents are shared so.",
    )
    date_end = fields.Date(
        string="Until", help="Last day whose documents are shared so."
    )
    billed = fields.Monetary(
        compute="_compute_money",
        help="Posted to customers, without VAT: all that the activity takes of the "
        "project, whatever its share was.",
    )
    collected = fields.Monetary(
        compute="_compute_money", help="The part of it that customers have paid."
    )

    _share_positive = models.Constraint(
        "CHECK(share > 0 AND share <= 100)", "A share is between 0 and 100 percent."
    )
    _dates_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "The last day of a share cannot come before the first one.",
    )

    @api.depends("project_id.date_start")
    def _compute_date_start(self):
        for part in self:
            part.date_start = part.date_start or part.project_id.date_start

    @api.depends("activity_id", "share")
    def _compute_display_name(self):
        for part in self:
            name = part.activity_id.display_name or ""
            part.display_name = f"{name} ({part.share:g} %)"

    def _compute_money(self):
        money = self.project_id._money()
        for part in self:
            # sudo: the analytic account of an activity that the user may read.
            account = part.sudo().activity_id.analytic_account_id.id
            row = money.get((part.project_id.id, account), (0.0, 0.0))
            part.billed, part.collected = row

    @api.constrains("activity_id", "project_id")
    def _check_company_of_activity(self):
        # sudo: the company of an activity that the user may not read.
        for part in self.sudo():
            if part.activity_id.company_id != part.company_id:
                raise ValidationError(
                    self.env._(
                        "CAE-PROJECT-COMPANY: %(activity)s belongs to another company. "
                        "Only activities of one company share a project.",
                        activity=part.activity_id.display_name,
                    )
                )

    @api.constrains("project_id", "share", "date_start", "date_end")
    def _check_sum(self):
        # A project's form changes its participants one by one: the project checks
        # them when all are written.
        if self.env.context.get("cae_shares_pending") is not PENDING:
            self.project_id._check_share_sum()

    @api.constrains("activity_id", "project_id", "date_start", "date_end")
    def _check_twice(self):
        for parts in self.project_id.part_ids.grouped(
            lambda p: (p.project_id, p.activity_id)
        ).values():
            ordered = parts.sorted(lambda p: (p.date_start, p.id))
            if any(
                not before.date_end or before.date_end >= after.date_start
                for before, after in zip(ordered, ordered[1:], strict=False)
            ):
                raise ValidationError(
                    self.env._(
                        "CAE-PROJECT-TWICE: %(activity)s takes part in %(project)s "
                        "twice on the same day. End the first share before the next "
                        "one starts.",
                        activity=parts[0].activity_id.display_name,
                        project=parts[0].project_id.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last(self):
        if self.env.context.get("cae_shares_pending") is not PENDING:
            for project, parts in self.grouped("project_id").items():
                project._check_share_sum(without=parts)

    def _holdings(self):
        """These shares as :func:`engine.people.share_gap` takes them."""
        return [(p.date_start, p.date_end or None, decimal(p.share, 3)) for p in self]
