"""The team of the demo CAE, made over RPC: who has which login and which rights."""

#: login and password: name, group.
TEAM = {
    "manager": ("Claire Le Gall", "cae_base.group_manager"),
    "comptable": ("Marc Tréhet", "cae_base.group_accountant"),
    "paie": ("Aïcha Benali", "cae_base.group_payroll"),
    "conseil": ("Solène Rault", "cae_base.group_coach"),
}
#: login and password: code of the entrepreneur.
ENTREPRENEURS = {"ines": "E0001", "nadia": "E0027"}
COACH, COACHED_TEAM = "conseil", "Conseil Sud"
FRENCH = {"lang": "fr_FR", "tz": "Europe/Paris"}


def set_company(client):
    """The name and the pay policy of the demo."""
    policy = {"cae_pay_policy": "all", "cae_pay_reserve": 500.0}
    known = client.call(
        "res.company", "fields_get", allfields=list(policy), attributes=["type"]
    )
    values = {"name": "Les Brisants"}
    values.update({name: policy[name] for name in policy if name in known})
    client.call("res.company", "write", ids=[1], vals=values)


def create_team(client):
    """Users of the team and the portal users of two entrepreneurs."""
    for login, (name, group) in TEAM.items():
        create_user(client, login, name, group)
    for login, code in ENTREPRENEURS.items():
        create_entrepreneur_user(client, login, code)
    (coach,) = client.search("res.users", [("login", "=", COACH)])
    (team,) = client.search("cae.team", [("name", "=", COACHED_TEAM)])
    client.call("cae.team", "write", ids=[team], vals={"user_ids": [(4, coach)]})


def create_user(client, login, name, group, **values):
    """A user whose password is the login."""
    return client.create(
        "res.users",
        {
            **FRENCH,
            "name": name,
            "login": login,
            "password": login,
            "group_ids": [(6, 0, [client.ref(group)])],
            **values,
        },
    )


def create_entrepreneur_user(client, login, code):
    """The portal user of an entrepreneur."""
    ((person, partner, name),) = [
        (row["id"], row["partner_id"][0], row["name"])
        for row in client.read(
            "cae.entrepreneur", [("code", "=", code)], ["partner_id", "name"]
        )
    ]
    user = create_user(
        client, login, name, "cae_base.group_entrepreneur", partner_id=partner
    )
    client.call("cae.entrepreneur", "write", ids=[person], vals={"user_id": user})
    return user
