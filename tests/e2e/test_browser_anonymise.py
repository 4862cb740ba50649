"""A person who left long ago: the window says what is erased and what stays."""

import contract
import pytest
from screen import FORM

pytestmark = pytest.mark.browser

BUTTON = 'button[name="action_ask_anonymise"]'
WINDOW = ".modal .o_form_view"
EXPECTED = "Personne effacée\N{NO-BREAK SPACE}E0901", "Erased person E0901"


@pytest.fixture
def person(company_fresh):
    client = contract.Client(company_fresh)
    reason = client.search("cae.exit.reason", [], limit=1)[0]
    found = client.create(
        "cae.entrepreneur",
        {
            "code": "E0901",
            "first_name": "Inès",
            "last_name": "N’Diaye",
            "email": "ines@example.com",
            "date_entry": "2016-01-01",
            "date_exit": "2018-12-31",
            "exit_reason_id": reason,
        },
    )
    return client, found


def test_the_manager_sees_what_goes_and_does_it(person, company_fresh, screen_on):
    client, found = person
    screen = screen_on(company_fresh, "admin")
    screen.show(f"/odoo/cae-entrepreneurs/{found}", FORM)
    screen.page.click(BUTTON)
    screen.settle(f"{WINDOW} [name=kept]")
    assert "L.123-22" in screen.page.inner_text(f"{WINDOW} [name=kept]")
    assert "1" in screen.page.inner_text(f"{WINDOW} [name=erased]")
    screen.picture("anonymise")
    screen.page.fill(f"{WINDOW} [name=reason] input", "Six ans après la sortie")
    screen.page.click('.modal button[name="action_anonymise"]')
    screen.page.click(".modal:has-text('?') .modal-footer .btn-primary")
    screen.settle(f'{FORM} [name="operation"]')
    (row,) = client.read("cae.entrepreneur", [("id", "=", found)], ["name", "email"])
    assert row["name"] in EXPECTED and not row["email"]
    screen.show(f"/odoo/cae-entrepreneurs/{found}", FORM)
    assert not screen.page.is_visible(BUTTON)
