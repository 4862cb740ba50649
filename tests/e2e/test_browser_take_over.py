"""Taking over what exists, on the screen: old accounts become activities."""

import contract
import pytest
from screen import FORM

pytestmark = pytest.mark.browser

ROWS = "[name=line_ids] .o_data_row"
OLD = {
    "Anne Le Bihan": ("LEBIHAN", "Anne Le Bihan"),
    "Karim Benali": ("BENALI", "Karim Benali"),
    "Lucie Moreau": ("JARD", "Jardins Moreau"),
}


@pytest.fixture
def old_accounts(company_fresh):
    """A plan whose accounts stood for activities, and the people of that time."""
    client = contract.Client(company_fresh)

    def create(model, **vals):
        return client.call(model, "create", vals_list=[vals])[0]

    plan = create("account.analytic.plan", name="Anciennes activités")
    for person, (code, name) in OLD.items():
        create("account.analytic.account", name=name, code=code, plan_id=plan)
        create("hr.employee", name=person)


def test_accounts_and_people_are_listed(old_accounts, company_fresh, screen_on):
    screen = screen_on(company_fresh, "admin")
    screen.show("/odoo/cae-take-over/new", FORM)
    assert screen.page.input_value("[name=plan_id] input") == "Anciennes activités"
    screen.page.click("button[name=action_prepare]")
    screen.settle(ROWS)
    text = screen.page.inner_text("[name=line_ids]")
    names = {name for _code, name in OLD.values()}
    assert all(name in text for name in names | set(OLD))
    # Who bears the name of an account is proposed on its row.
    assert screen.count(ROWS) == len(names | set(OLD)) + 1
    screen.picture("take_over")
