"""An activity that makes quotes: who holds it, its customer, what it sells."""

import people

CUSTOMER = {
    "activity": "A0001",
    "name": "Brasserie du Quai",
    "company": True,
    "siret": "732 829 320 00074",
    "street": "3 quai de la Fosse",
    "zip": "44000",
    "city": "Nantes",
    "email": "quai@example.com",
}


def prepare(client):
    """Inès, her activity, its customer and her login."""
    people.set_company(client)
    activity = client.create(
        "cae.activity",
        {"code": "A0001", "name": "Atelier des Brisants", "date_start": "2025-01-01"},
    )
    person = client.create(
        "cae.entrepreneur",
        {"code": "E0001", "first_name": "Inès", "last_name": "N’Diaye"},
    )
    client.create(
        "cae.activity.share",
        {
            "activity_id": activity,
            "entrepreneur_id": person,
            "share": 100,
            "date_start": "2025-01-01",
        },
    )
    people.create_entrepreneur_user(client, "ines", "E0001")
    parameter = {"key": "report.url", "value": client.server.url}
    client.call("ir.config_parameter", "set_param", **parameter)


def quote(door, **values):
    """Values of a quote of one day of work, for a customer that is made here."""
    customer = door.call("cae.invoicing", "save_customer", values=CUSTOMER)
    rate = door.call("cae.invoicing", "choices", activity="A0001")["usual"]
    line = {"description": "Une journée", "quantity": 1, "price": 480, "tax": rate}
    return {"activity": "A0001", "customer": customer, "lines": [line], **values}
