from datetime import date
from decimal import Decimal

from markupsafe import Markup

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.cae_base.engine import chart
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.tools import format_date, plain
from odoo.addons.portal.controllers.portal import CustomerPortal

from .pay_portal import _euros, _number

#: What the sliders move: from nothing to three times what is usual, this at least.
SLIDERS = ("turnover", "charges")
SHORTEST, STEP = 4000, 50
#: Digits of what a slider is set to, at most.
DIGITS = 9
#: Width of the graph: on a phone its letters are read.
NARROW = 380
#: What of the address changes the months.
ASKED = (*SLIDERS, "wish")
#: As in ``cae.salary.simulator.forecast``.
WISHES = ("own", "max", "net", "none")


class PayAheadPortal(CustomerPortal):
    """Twelve months ahead: what if I invoice more, spend less, pay myself so much?"""

    @http.route("/my/pay/ahead", type="http", auth="user", website=True)
    def pay_ahead(self, **given):
        """Sliders, and the months that follow from them; works without a script."""
        person = request.env["cae.home"]._person()
        if not person:
            return request.not_found()
        forecast = _forecast(person, given)
        # Opened without anything moved, what is usual is what is shown.
        moved = any(given.get(name) for name in ASKED)
        usual, _problem = _forecast(person, {}) if moved else forecast
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_pay_ahead",
            "sliders": _sliders(usual, given),
            "wish": given.get("wish") if given.get("wish") in WISHES else "own",
            "wish_amount": given.get("wish_amount", ""),
            **_result(person, *forecast),
        }
        return request.render("cae_payroll.portal_pay_ahead", values)

    @http.route("/my/pay/ahead/result", type="http", auth="user")
    def pay_ahead_result(self, **given):
        """The months alone, for the page whose sliders move."""
        person = request.env["cae.home"]._person()
        if not person:
            return request.not_found()
        values = _result(person, *_forecast(person, given))
        return request.render("cae_payroll.pay_ahead_result", values)


def _forecast(person, given):
    """``(months, what was wrong)``, with the person's own rights."""
    simulator = request.env["cae.salary.simulator"]
    asked = {name: given[name] for name in SLIDERS if given.get(name)}
    if given.get("wish") in WISHES:
        asked["wish"] = given["wish"]
    try:
        if asked.get("wish") == "net":
            asked["wish_amount"] = _number(given.get("wish_amount") or 0)
        return simulator.forecast({"person": person.code, **asked}), ""
    except UserError as refusal:
        return [], plain(refusal)


def _sliders(months, given):
    """``[{"name", "value", "most", "step"}]`` of what is usual, or was chosen."""
    result = []
    for name in SLIDERS:
        amount = round(months[0][name]) if months else 0
        most = max(SHORTEST, 3 * abs(amount))
        value = str(given.get(name, ""))
        result.append(
            {
                "name": name,
                "value": int(value) if _is_set(value) else max(amount, 0),
                "most": -(-most // STEP) * STEP,
                "step": STEP,
            }
        )
    return result


def _is_set(value):
    return value.isdecimal() and len(value) <= DIGITS


def _result(person, months, problem):
    return {
        "months": [
            {**row, "label": format_date(request.env, _first(row), "MMM y")}
            for row in months
        ],
        "problem": problem,
        # Most CAPE provide for no pay: figures of it would be zeros.
        "unpaid": request.env["cae.home"]._is_unpaid(person),
        "graph": months and _graph(months),
        "euros_of": lambda amount: _euros(decimal(amount)),
        "bare": _bare,
        "net": sum((decimal(row["net"]) for row in months), Decimal(0)),
        "left": decimal(months[-1]["treasury"]) if months else Decimal(0),
    }


def _bare(amount):
    """Whole euros without their sign: a table of six columns fits on a phone."""
    symbol = request.env.company.currency_id.symbol
    return _euros(decimal(amount)).replace(symbol, "").strip()


def _first(row):
    return date.fromisoformat(f"{row['month']}-01")


def _graph(months):
    # Numbers and names of months of our own: nothing of the user's is in the image.
    return Markup(
        chart.bars_and_line(
            [format_date(request.env, _first(row), "LLLLL") for row in months],
            [decimal(row["net"]) for row in months],
            [decimal(row["treasury"]) for row in months],
            width=NARROW,
        )
    )
