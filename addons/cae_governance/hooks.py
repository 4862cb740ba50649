def post_init_hook(env):
    """Give the French companies their capital journal and accounts."""
    env["res.company"].search([("chart_template", "=", "fr")])._cae_configure()
