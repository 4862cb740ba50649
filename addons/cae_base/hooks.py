KEPT_MODELS = (
    "account.analytic.plan",
    "hr.contract.type",
    "product.product",
    "product.template",
)


def post_init_hook(env):
    """Prepare the companies that already have a French chart of accounts."""
    env["res.company"].search([("chart_template", "=", "fr")])._cae_configure()


def uninstall_hook(env):
    """Leave Odoo's own data whole: entries keep their analytic accounts and plan.

    Contracts of employees keep their type, expenses their category.
    """
    kept = env["ir.model.data"].search(
        [("module", "=", "cae_base"), ("model", "in", KEPT_MODELS)]
    )
    kept.unlink()
    # The rules that came with the addon are deleted one by one before the tables are
    # dropped, and contributions refer to them.
    env.cr.execute("DELETE FROM cae_contribution_line")
