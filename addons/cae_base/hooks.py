def post_init_hook(env):
    """Prepare the companies that already have a French chart of accounts."""
    env["res.company"].search([("chart_template", "=", "fr")])._cae_configure()
