from odoo import http
from odoo.http import request

from ..models.cae_statement_document import amount
from .accounts import AccountsPortal, _held

#: Sales that are shown, the last ones first.
SALES = 200


class InternalSalesPortal(AccountsPortal):
    """What an own activity sold to others of the cooperative, and bought from them."""

    @http.route("/my/accounts/internal", type="http", auth="user", website=True)
    def my_internal_sales(self, activity="", **_options):
        """Internal sales of an activity, on both sides."""
        held = _held()
        if not held:
            return self._no_activity("cae_accounts")
        chosen = held.filtered(lambda a: a.code == activity) or held[:1]
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_internal",
            "held": held,
            "activity": chosen,
            "sales": _sales(chosen),
            "amount": amount,
        }
        return request.render("cae_base.portal_my_internal_sales", values)


def _sales(activity):
    """``[(sale, other side, whether the activity sells)]``, by the person's rights."""
    sides = ["|", ("seller_id", "=", activity.id), ("buyer_id", "=", activity.id)]
    found = request.env["cae.internal.sale"].search(sides, limit=SALES)
    result = []
    # sudo: the name of the other side, which the document of the sale says as well.
    for sale in found.sudo():
        sells = sale.seller_id.id == activity.id
        result.append((sale, sale.buyer_id if sells else sale.seller_id, sells))
    return result
