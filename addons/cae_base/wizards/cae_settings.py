from odoo import api, fields, models


class CaeSettings(models.TransientModel):
    """The settings of a company that are the cooperative's own.

    Odoo reserves its settings, and writing a company, to its administrators; those of
    the CAE are for its managers. They are fields ``cae_…`` of the company; other
    modules add theirs here.
    """

    _name = "cae.settings"
    _description = "Settings of the Cooperative"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    cae_shared_account_id = fields.Many2one(
        related="company_id.cae_shared_account_id", readonly=False
    )
    cae_charge_account_id = fields.Many2one(
        related="company_id.cae_charge_account_id", readonly=False
    )
    cae_income_account_id = fields.Many2one(
        related="company_id.cae_income_account_id", readonly=False
    )
    cae_internal_bank_account_id = fields.Many2one(
        related="company_id.cae_internal_bank_account_id", readonly=False
    )
    cae_internal_purchase_account_id = fields.Many2one(
        related="company_id.cae_internal_purchase_account_id", readonly=False
    )
    cae_internal_sale_account_id = fields.Many2one(
        related="company_id.cae_internal_sale_account_id", readonly=False
    )
    cae_journal_id = fields.Many2one(
        related="company_id.cae_journal_id", readonly=False
    )
    cae_bill_journal_id = fields.Many2one(
        related="company_id.cae_bill_journal_id", readonly=False
    )
    cae_expense_account_id = fields.Many2one(
        related="company_id.cae_expense_account_id", readonly=False
    )
    cae_cape_expense_account_id = fields.Many2one(
        related="company_id.cae_cape_expense_account_id", readonly=False
    )
    cae_legal_form = fields.Char(related="company_id.cae_legal_form", readonly=False)
    cae_person_years = fields.Integer(
        related="company_id.cae_person_years", readonly=False
    )
    cae_self_validation_limit = fields.Monetary(
        related="company_id.cae_self_validation_limit", readonly=False
    )
    cae_portal_tax_ids = fields.Many2many(
        related="company_id.cae_portal_tax_ids", readonly=False
    )

    @api.depends("company_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for settings in self:
            settings.display_name = self.env._(
                "Settings of %(company)s", company=settings.company_id.name
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Write the settings of the current company."""
        self.check_access("create")
        for vals in vals_list:
            self._cae_check_values(vals)
        company = {"company_id": self.env.company.id}
        vals_list = [{**self._own(vals), **company} for vals in vals_list]
        # sudo: a manager of the CAE writes these fields of their company, no others.
        settings = super(CaeSettings, self.sudo()).create(vals_list).sudo(False)
        settings._check_chosen()
        return settings

    def write(self, vals):
        self.check_access("write")
        self._cae_check_values(vals)
        # sudo: as for create.
        result = super(CaeSettings, self.sudo()).write(self._own(vals))
        self._check_chosen()
        return result

    @api.model
    def _own(self, vals):
        return {name: vals[name] for name in vals if name.startswith("cae_")}

    def _check_chosen(self):
        """Refuse accounts and journals that the user may not read."""
        for name, field in self._fields.items():
            if field.relational and name.startswith("cae_"):
                self.mapped(name).check_access("read")

    def action_save(self) -> dict:
        """Keep the settings: they were written when the form was saved."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}
