"""One way to call the server, whatever the endpoint, and the data to compare with.

``Client.call(model, method, ids=None, **named)`` is the same over XML-RPC, odoorpc
and JSON-2. An error of the server is a :class:`Refused`. What methods of ``cae.*``
return is checked on the way: JSON-plain, never None (docs/api.md).
"""

import base64
import csv
import io
import json
import xmlrpc.client
from decimal import Decimal

import odoorpc.error
from caetools import demo_data, postgres, serving

ENDPOINTS = ("xmlrpc", "odoorpc", "json2")
FIGURES = {
    "facture_ht": "invoiced",
    "encaisse_ht": "collected",
    "achats_ht": "purchases",
    "contribution": "contribution",
}
MONTHS = demo_data.MONTHS
LAST_DAY = "2026-10-31"
EXPECTED = json.loads((demo_data.FOLDER / "attendus.json").read_text())
ACTIVITIES = EXPECTED["activites"]
# Odoo gives a request two minutes; on a busy machine a load may take longer.
PATIENCE = ("--limit-time-real", "1800")
XMLRPC_KINDS = {2: "user", 3: "denied", 4: "access"}
NAMES = {
    "odoo.exceptions.UserError": "user",
    "odoo.exceptions.ValidationError": "user",
    "odoo.exceptions.RedirectWarning": "user",
    "odoo.exceptions.MissingError": "user",
    "odoo.exceptions.AccessDenied": "denied",
    "odoo.exceptions.AccessError": "access",
    "werkzeug.exceptions.Forbidden": "access",
}


class Refused(Exception):
    """An error of the server.

    :param kind: ``user`` (UserError, ValidationError), ``access``, ``denied`` or
        ``crash``
    :param status: fault code of XML-RPC, name of the exception over odoorpc, HTTP
        status of JSON-2
    """

    def __init__(self, kind, message, status):
        super().__init__(f"{kind} ({status}): {message}")
        self.kind, self.message, self.status = kind, message, status

    @property
    def code(self):
        """``CAE-PERIOD-BUSY`` of ``CAE-PERIOD-BUSY: someone else…``."""
        code, colon, _text = self.message.partition(":")
        return code if colon and code.startswith("CAE-") else ""


class Client:
    """Calls of a user over one endpoint."""

    def __init__(self, server, endpoint="xmlrpc", login="admin", password=None):
        self.server, self.endpoint, self.login = server, endpoint, login
        if endpoint == "json2":
            self.session = server.json2(login)
        else:
            self.session = getattr(server, endpoint)(login, password)

    def call(self, model, method, ids=None, **named):
        """Call a method with named arguments; ``ids`` for methods of records."""
        result = getattr(self, f"_over_{self.endpoint}")(model, method, ids, named)
        if model.startswith("cae."):
            require_plain(result)
        return result

    def _over_xmlrpc(self, model, method, ids, named):
        try:
            arguments = positional(method, ids, named)
            return self.session.call(model, method, *arguments, **named)
        except xmlrpc.client.Fault as fault:
            kind = XMLRPC_KINDS.get(fault.faultCode, "crash")
            raise Refused(kind, fault.faultString, fault.faultCode) from None

    def _over_odoorpc(self, model, method, ids, named):
        try:
            arguments = positional(method, ids, named)
            return self.session.execute_kw(model, method, arguments, named)
        except odoorpc.error.RPCError as error:
            name = (error.info or {}).get("data", {}).get("name", "")
            kind = NAMES.get(name, "crash")
            raise Refused(kind, str(error), name) from None

    def _over_json2(self, model, method, ids, named):
        if ids is not None:
            named = {"ids": ids, **named}
        try:
            return self.session.call(model, method, **named)
        except serving.JsonError as error:
            kind = NAMES.get(error.body.get("name"), "crash")
            message = error.body.get("message", "")
            raise Refused(kind, message, error.status) from None

    # What scripts of a cooperative do.

    def load(self, dataset, rows, **options):
        return self.call("cae.exchange", "load", dataset=dataset, rows=rows, **options)

    def load_file(self, dataset, name, content, **options):
        encoded = base64.b64encode(content).decode()
        return self.call(
            "cae.exchange", "load_file",
            dataset=dataset, name=name, content_base64=encoded, **options,
        )  # fmt: skip

    def run(self, month, **options):
        """``month_run`` until it is done; the results of its calls."""
        results = []
        while not results or not results[-1]["done"]:
            results.append(self.call("cae.period", "month_run", month=month, **options))
        return results

    def figures(self, codes=(), months=MONTHS):
        """``{(code, month): figures}``."""
        rows = self.call(
            "cae.activity", "figures", codes=list(codes), months=list(months)
        )
        return {(row["code"], row["month"]): row for row in rows}

    def ledger(self, codes=(), date_from="2026-01-01", date_to=LAST_DAY):
        return self.call(
            "cae.activity", "ledger",
            codes=list(codes), date_from=date_from, date_to=date_to,
        )  # fmt: skip

    def count(self, model, domain=()):
        return self.call(model, "search_count", domain=list(domain))

    def search(self, model, domain, **options):
        return self.call(model, "search", domain=domain, **options)

    def read(self, model, domain, fields, **options):
        return self.call(model, "search_read", domain=domain, fields=fields, **options)

    def create(self, model, values):
        """The id of a new record."""
        (record_id,) = self.call(model, "create", vals_list=[values])
        return record_id

    def ref(self, xmlid):
        """The id behind an external identifier."""
        module, name = xmlid.split(".")
        domain = [("module", "=", module), ("name", "=", name)]
        return self.read("ir.model.data", domain, ["res_id"])[0]["res_id"]


def positional(method, ids, named):
    """Positional arguments of a call over XML-RPC and odoorpc, out of ``named``.

    Methods of records take ids first, and ``create`` wants its values there.
    """
    if method == "create":
        return [named.pop("vals_list")]
    return [] if ids is None else [ids]


def require_plain(value, path="result"):
    """Fail when a value is not JSON-plain, or None at any depth."""
    if isinstance(value, dict):
        for key, item in value.items():
            assert isinstance(key, str), f"{path}: key {key!r}"
            require_plain(item, f"{path}[{key!r}]")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            require_plain(item, f"{path}[{index}]")
    else:
        assert isinstance(value, str | int | float | bool), f"{path} is {value!r}"


def rows_of(path):
    """Rows of a demo file, as dictionaries of strings."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def demo_rows(codes=None):
    """``{dataset: rows}`` of the demo, or of some of its activities."""
    data = {dataset: rows_of(path) for dataset, path in demo_data.files()}
    if codes is None:
        return data
    data["activities"] = [row for row in data["activities"] if row["code"] in codes]
    for dataset in ("customers", "opening", "invoices", "bills"):
        data[dataset] = [row for row in data[dataset] if row["activite"] in codes]
    numbers = {row["numero"] for name in ("invoices", "bills") for row in data[name]}
    data["payments"] = [row for row in data["payments"] if row["document"] in numbers]
    return data


def csv_of(rows, columns=None, encoding="utf-8-sig"):
    """A file as a French spreadsheet writes it."""
    names = columns or list(rows[0])
    lines = [names, *([row[name] for name in names] for row in rows)]
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode(encoding)


def cents(value):
    """Whole cents of an amount."""
    amount = Decimal(str(value)) * 100
    assert amount == int(amount), f"{value} is not in cents"
    return int(amount)


def total(values):
    """Sum in whole cents."""
    return sum(cents(value) for value in values)


def expected_figures(codes=tuple(ACTIVITIES), names=tuple(FIGURES)):
    """``{(code, month, figure): cents}`` of attendus.json; 0 before an activity."""
    return {
        (code, month, FIGURES[name]): cents(
            ACTIVITIES[code]["mois"].get(month, {}).get(name, 0)
        )
        for code in codes
        for month in MONTHS
        for name in names
    }


def found_figures(client, names=tuple(FIGURES)):
    """The same as :func:`expected_figures`, as the server gives it."""
    return {
        (code, month, FIGURES[name]): cents(row[FIGURES[name]])
        for (code, month), row in client.figures().items()
        for name in names
    }


def differences(found, expected):
    """What differs between two dictionaries: ``{key: (found, expected)}``."""
    return {
        key: (found.get(key), expected.get(key))
        for key in found.keys() | expected.keys()
        if found.get(key) != expected.get(key)
    }


def stored(database, tables):
    """``table|rows|last id|latest change`` of each: what writing changes."""
    query = "SELECT '{0}', COUNT(*), MAX(id), MAX(write_date) FROM {0}"
    queries = [query.format(table) for table in tables]
    return postgres.query(" UNION ALL ".join(queries), database)


def activity_column(database):
    """Column of the activities' plan on analytic items."""
    (plan,) = postgres.query(
        "SELECT res_id FROM ir_model_data"
        " WHERE module = 'cae_base' AND name = 'analytic_plan_activities'",
        database,
    )
    columns = postgres.query(
        "SELECT attname FROM pg_attribute"
        " WHERE attrelid = 'account_analytic_line'::regclass",
        database,
    )
    return f"x_plan{plan}_id" if f"x_plan{plan}_id" in columns else "account_id"


def unbalanced_entries(database):
    """``move|activity|amount`` where a posted entry is not balanced per activity."""
    column = activity_column(database)
    return postgres.query(
        f"SELECT m.move_id, l.{column}, SUM(l.amount) FROM account_analytic_line l"
        " JOIN account_move_line m ON m.id = l.move_line_id"
        f" WHERE m.parent_state = 'posted' AND l.{column} IS NOT NULL"
        " GROUP BY 1, 2 HAVING SUM(l.amount) <> 0",
        database,
    )
