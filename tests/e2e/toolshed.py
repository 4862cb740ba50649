"""A small cooperative with a month that is published and paid, and its tools."""

import closing
import contract
import people
from caetools import demo_data

CODES = ("A0001", "A0003", "A0006", "A0008", "A0004")
MONTH = "2026-01"
READ = "cae_base.group_tool_read"
LOAD = "cae_base.group_tool_load"
PAY = "cae_payroll.group_tool_pay"
#: What the nightly exchange needs, and no more.
NIGHTLY = (READ, LOAD, PAY)
DAILY = ("customers", "invoices", "bills", "payments")


def prepare(server):
    """Load some activities of the demo, run January, post its pay, publish."""
    client = contract.Client(server)
    people.set_company(client)
    for dataset, rows in january().items():
        result = client.load(dataset, rows)
        assert not result["errors"], (dataset, result["errors"][:3])
    client.run(MONTH, steps=["contributions", "pay"])
    domain = [("month", "=", f"{MONTH}-01")]
    for state, step in (("draft", "action_approve"), ("approved", "action_post")):
        lines = client.search("cae.pay.line", [*domain, ("state", "=", state)])
        client.call("cae.pay.line", step, lines)
    for person in client.search("cae.entrepreneur", []):
        vals = {"matricule": f"M{person:05}"}
        client.call("cae.entrepreneur", "write", [person], vals=vals)
    client.run(MONTH, steps=["statements"])
    drafts = client.search("cae.statement", [*domain, ("published", "=", False)])
    client.call("cae.statement", "action_publish", drafts)
    client.call("cae.period", "statement_batch", month=MONTH)
    return client


def january():
    """``{dataset: rows}`` of these activities until the end of January."""
    data = contract.demo_rows(CODES)
    holders = {
        pair.split(":")[0]
        for row in data["activities"]
        for pair in row["entrepreneurs"].split("|")
    }
    data["entrepreneurs"] = [r for r in data["entrepreneurs"] if r["code"] in holders]
    for dataset in ("invoices", "bills", "payments"):
        data[dataset] = [r for r in data[dataset] if r["date"].endswith("/01/2026")]
    return data


def files(folder, data):
    """Write the data sets that a tool may load, as the files of a folder."""
    folder.mkdir()
    for dataset in DAILY:
        name = demo_data.DATASETS[dataset]
        (folder / name).write_bytes(contract.csv_of(data[dataset]))
    return folder


def tool(client, login, *groups):
    """The user of a tool, with a key that Odoo's own window makes; the key."""
    wanted = [(6, 0, [client.ref(group) for group in groups])]
    people.create_user(client, login, login, groups[0], group_ids=wanted)
    return make_key(closing.WebClient(client.server, login), login)


def make_key(web, password):
    """*My Preferences / Security / New API Key*, with the password once more."""
    model = "res.users.apikeys.description"
    (window,) = web.call(
        model, "create", vals_list=[{"name": "Sync", "duration": "365"}]
    )
    asked = web.call(model, "make_key", [window])
    shown = web.call(
        asked["res_model"], "run_check", [asked["res_id"]],
        context={"password": password},
    )  # fmt: skip
    return shown["context"]["default_key"]
