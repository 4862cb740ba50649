"""Two people who pay, and the balances of a year that wait to be paid."""

import closing
import contract
import people

#: Only accounting and pay: what those who pay a month have.
GROUPS = ("cae_base.group_accountant", "cae_base.group_payroll")
USERS = ("marc", "lise")
#: The month before is paid, with its regularisation; this one is to be paid.
BEFORE, MONTH = "2026-09", "2026-10"
YEAR = {"date_to": "2026-06-30", "accounts_meeting_date": "2026-09-15"}


def prepare(server):
    """Pay a month, then settle and approve the year to be paid in the next."""
    client = contract.Client(server)
    people.set_company(client)
    ends = {"fiscalyear_last_month": "6", "fiscalyear_last_day": 30}
    client.call("res.company", "write", ids=[1], vals=ends)
    groups = [(6, 0, [client.ref(group) for group in GROUPS])]
    for login in USERS:
        people.create_user(client, login, login, GROUPS[0], group_ids=groups)
    connect = connector(server)
    closing.pay(connect, BEFORE)
    settle(client)


def settle(client):
    """Compute the balances of the year, and approve them for the month."""
    year = client.create("cae.year", YEAR)
    client.call("cae.year", "action_settle", [year])
    ids = client.search("cae.settlement", [("year_id", "=", year)])
    client.call("cae.settlement", "write", ids, vals={"month": f"{MONTH}-15"})
    client.call("cae.settlement", "action_approve", ids)


def connector(server, login=USERS[0], endpoint="xmlrpc"):
    """Function that logs in; ``endpoint`` is one of contract.ENDPOINTS or ``web``."""
    if endpoint == "web":
        return lambda: closing.WebClient(server, login)
    return lambda: contract.Client(server, endpoint, login)
