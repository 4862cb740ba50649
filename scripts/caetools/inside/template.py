"""Fill a template database: Odoo's modules in French, then our addons."""

import sys

from odoo.modules.registry import Registry
from odoo.service import db

from . import env as inside

SCRIPTS = ("web.assets_web", "web.assets_frontend_lazy", "web.assets_frontend_minimal")
STYLES = ("web.assets_web", "web.assets_web_print", "web.assets_frontend")


def create_empty(database: str) -> None:
    """A database with the module base only, in France."""
    db._create_empty_database(database)
    Registry.new(database, update_module=True, new_db_demo=False)
    with inside.environment(database) as env:
        env.ref("base.main_company").country_id = env.ref("base.fr")
        env["base.language.install"].create(
            {"lang_ids": env.ref("base.lang_fr"), "overwrite": False}
        ).lang_install()
        env.ref("base.user_admin").write({"lang": "fr_FR", "tz": "Europe/Paris"})


def install(database: str, modules: list[str]) -> None:
    """Install modules with all that they need."""
    Registry.new(database, update_module=True, install_modules=modules)


def load_chart(database: str) -> None:
    """Give the company the French chart of accounts."""
    with inside.environment(database) as env:
        company = env.ref("base.main_company")
        if company.chart_template != "fr":
            env["account.chart.template"].try_loading("fr", company, install_demo=False)


def warm_assets(database: str) -> None:
    """Compile the scripts and styles of the pages, so that the first one is quick."""
    with inside.environment(database) as env:
        for bundle in SCRIPTS:
            env["ir.qweb"]._get_asset_bundle(bundle, css=False, js=True).js()
        for bundle in STYLES:
            env["ir.qweb"]._get_asset_bundle(bundle, css=True, js=False).css()


def require_installed(database: str, modules: list[str]) -> None:
    """Fail when a module is not installed after all."""
    with inside.environment(database) as env:
        states = {
            module.name: module.state
            for module in env["ir.module.module"].search([("name", "in", modules)])
        }
    absent = [name for name in modules if states.get(name) != "installed"]
    if absent:
        sys.exit(f"not installed: {', '.join(absent)}")


def main(action: str, database: str, *modules: str) -> None:
    """Build the base template, or add our addons to a copy of it."""
    inside.configure(database)
    if action == "base":
        create_empty(database)
    install(database, list(modules))
    if action == "base":
        load_chart(database)
    require_installed(database, list(modules))
    warm_assets(database)


if __name__ == "__main__":
    main(*sys.argv[1:])
