"""Prepare the company that each class of the addon tests would make for itself.

Loading the French chart takes seconds; the tests find this one by its name.
"""

import sys

from . import env as inside

#: As Odoo's own tests call the company that they make.
NAME = "company_1_data"


def main(database: str) -> None:
    """Add an empty French company with its chart of accounts."""
    inside.configure(database)
    with inside.environment(database) as env:
        france = env.ref("base.fr")
        values = {"name": NAME, "country_id": france.id}
        values["currency_id"] = france.currency_id.id
        company = env["res.company"].create(values)
        env["account.chart.template"].try_loading("fr", company, install_demo=False)
        company.currency_id = france.currency_id


if __name__ == "__main__":
    main(*sys.argv[1:])
