from datetime import datetime

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.cae_base.controllers.notice import answered, take_notice
from odoo.addons.cae_base.engine.money import ZERO, decimal
from odoo.addons.cae_base.tools import plain
from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.cae_pay_request import LARGEST

#: What may be asked for on the page; the fixed part is asked for by asking nothing.
KINDS = ("max", "net")
#: Months of pay that are shown.
HISTORY = 36


class PayPortal(CustomerPortal):
    """What a person can pay themselves, asks for, and was paid."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cae_pay_count" in counters:
            values["cae_pay_count"] = len(_own_pay())
        return values

    @http.route("/my/pay", type="http", auth="user", website=True)
    def my_pay(self, **_options):
        """The figure with its steps, the request, the pay of the months before."""
        person = request.env["cae.home"]._person()
        if not person:
            return request.not_found()
        lines = _own_pay()
        gaps = _payslip_gaps(lines)
        # Of a year without any pay there is no statement.
        posted = lines.filtered(lambda line: line.state == "posted" and line.cost)
        values = {
            **self._prepare_portal_layout_values(),
            **_figure(),
            # The steps are checked by hand: to the cent they add up.
            "euros": _money,
            "page_name": "cae_pay",
            "person": person,
            "lines": lines,
            "net_of": lambda line: decimal(line.net) + gaps.get(line.id, ZERO),
            "years": sorted({line.month.year for line in posted}, reverse=True),
            "notice": take_notice(),
        }
        values["asked"] = _asked(values["pay"].get("request"))
        return request.render("cae_payroll.portal_my_pay", values)

    @http.route("/my/pay/figure", type="http", auth="user")
    def pay_figure(self, **_options):
        """The figure alone, for the home that asks for it once it shows."""
        values = {**_figure(), "rounded": True}
        return request.render("cae_payroll.home_pay", values)

    @http.route(
        "/my/pay/request", type="http", auth="user", methods=["POST"], website=True
    )
    def ask_for_pay(self, month="", kind="", amount="", note="", step="", **_options):
        """Ask for a pay, change what was asked, or withdraw it."""
        person = request.env["cae.home"]._person()
        if not person:
            return request.not_found()
        if step == "withdraw":
            return answered(
                "/my/pay",
                lambda: _known(person, month).action_cancel(),
                request.env._("Your request is withdrawn."),
            )
        return answered(
            "/my/pay",
            lambda: _ask(person, month, kind, amount, note),
            request.env._(
                "It is noted. The cooperative sees it with the pay of the month."
            ),
        )


def _figure():
    """``{"pay", "problem"}`` of the connected person, and what writes amounts.

    ``euros`` writes whole euros, ``money_of`` what is, or will be, on a payslip.
    """
    home = request.env["cae.home"]
    values = {
        "pay": {},
        "problem": "",
        "euros": _euros,
        "money_of": lambda amount: _money(decimal(amount)),
    }
    try:
        values["pay"] = home._payable()
    except UserError as refusal:
        # No rates yet, or a contract that cannot be paid: the page says which.
        values["problem"] = plain(refusal)
    return values


def _euros(amount):
    # The person is one of the company that the user works in.
    return request.env["cae.home"]._euros(request.env.company, amount)


def _money(amount):
    return request.env["cae.home"]._money(request.env.company, amount)


def _own_pay():
    """Pay of the connected person that is decided, the last month first."""
    lines = request.env["cae.pay.line"]
    if not lines.has_access("read"):
        return lines
    return lines.search(
        [
            ("entrepreneur_id.user_id", "=", request.env.uid),
            ("state", "in", ("approved", "posted")),
        ],
        order="month desc, id",
        limit=HISTORY,
    )


def _payslip_gaps(lines):
    """``{pay id: what the true payslip gives more}``: it replaces the estimate."""
    slips = request.env["cae.payslip"]
    if not slips.has_access("read"):
        return {}
    found = slips.search([("pay_line_id", "in", lines.ids), ("state", "=", "booked")])
    return {slip.pay_line_id.id: decimal(slip.gap_net) for slip in found}


def _asked(sent):
    """What the form shows of a request, or of none."""
    if not sent:
        return {"kind": "max", "amount": "", "note": ""}
    amount = f"{sent.amount:.2f}".replace(".", ",") if sent.kind == "net" else ""
    return {"kind": sent.kind, "amount": amount, "note": sent.note or ""}


def _known(person, month):
    """What the person asks for in the month by now.

    :raises UserError: ``CAE-PAY-REQUEST``
    """
    return request.env["cae.pay.request"].search(
        [
            ("entrepreneur_id", "=", person.id),
            ("month", "=", _month(month)),
            ("state", "!=", "cancelled"),
        ]
    )


def _ask(person, month, kind, amount, note):
    """Write what the person asks for, by the rights of the person.

    :raises UserError: ``CAE-PAY-REQUEST``
    """
    known = _known(person, month)
    if kind not in KINDS:
        raise UserError(
            request.env._("CAE-PAY-REQUEST: choose what you want to be paid.")
        )
    values = {
        "kind": kind,
        "amount": _number(amount) if kind == "net" else 0,
        "note": note or False,
    }
    if known:
        known.write(values)
    else:
        asked = {"entrepreneur_id": person.id, "month": _month(month), **values}
        known.create(asked)


def _month(text):
    """:raises UserError: ``CAE-PAY-REQUEST``"""
    try:
        return datetime.strptime(str(text), "%Y-%m").date()
    except ValueError as error:
        raise UserError(
            request.env._("CAE-PAY-REQUEST: choose the month of the pay.")
        ) from error


def _number(text):
    """An amount as people type it: ``1 480,50``.

    :raises UserError: ``CAE-PAY-REQUEST``
    """
    plain = "".join(str(text).split()).replace("€", "").replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        number = -1
    # What is no number at all compares with nothing.
    if not 0 <= number < LARGEST:
        raise UserError(
            request.env._("CAE-PAY-REQUEST: write an amount, such as 1480 or 1480,50.")
        )
    return number
