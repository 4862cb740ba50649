from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext, plaintext2html

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.tools import words_domain

#: Quotes of a page at most.
SHOWN = 200
STATES = ("draft", "quoted", "expired", "accepted", "invoiced", "lost")
#: What Odoo says of an order of which nothing is left to invoice.
DONE = ("invoiced", "upselling")


class CaeInvoicing(models.AbstractModel):
    """Quotes: what the person reads of them, and drafts that the person writes."""

    _inherit = "cae.invoicing"

    # ------------------------------------------------------------------
    # Whose they are
    # ------------------------------------------------------------------

    @api.model
    def _has_documents(self, customer):
        # sudo: only whether there is one, of the user's own customer.
        quotes = self.env["sale.order"].sudo()
        own = [("partner_id", "child_of", customer.id)]
        found = super()._has_documents(customer)
        return found or bool(quotes.search_count(own, limit=1))

    @api.model
    def _quotes_domain(self, activities):
        """What the portal shows: quotes that left, and drafts that it made.

        None of before the person held the activity, as of invoices, but for own ones.
        """
        left = Domain("state", "!=", "draft") | Domain("cae_author_id", "!=", False)
        seen = activities._seen_domain("date_order")
        seen |= Domain("cae_author_id", "=", self.env.uid)
        return Domain("cae_activity_id", "in", activities.ids) & left & seen

    @api.model
    def _quote(self, quote_id, hold=False):
        """A quote (sudo) of an activity that the user holds today.

        :param hold: wait for who changes it, and keep it until the transaction ends
        :raises AccessError: ``CAE-INVOICE-ACCESS``
        """
        # sudo: the domain names the activities of the user and no others.
        found = self.env["sale.order"].sudo()
        if self._is_id(quote_id):
            domain = self._quotes_domain(self._activities())
            found = found.search(Domain("id", "=", quote_id) & domain)
        if not found:
            raise self._refusal()
        if hold:
            found._cae_hold()
            found.invalidate_recordset()
        return self._unswitched(found.with_company(found.company_id))

    @api.model
    def _open_quote(self, quote_id, *states):
        """A quote in one of these states, held until the end.

        :raises UserError: ``CAE-QUOTE-STATE``
        """
        quote = self._quote(quote_id, hold=True)
        if quote.state not in states:
            raise UserError(
                self.env._(
                    "CAE-QUOTE-STATE: this quote is no longer where it was: look at "
                    "where it stands now."
                )
            )
        return quote

    @api.model
    def _issued(self, partners):
        """With those who accepted a quote, which says who they are."""
        # sudo: only whether there is one, of the user's own customers.
        orders = self.env["sale.order"].sudo()
        accepted = Domain("state", "=", "sale") & Domain(
            "partner_id", "in", partners.ids
        )
        groups = orders._read_group(accepted, ["partner_id"])
        known = super()._issued(partners)
        return known.union(*(partner for (partner,) in groups))

    @api.model
    def _not_own(self, partners):
        """With those who have a quote of another activity, or of the cooperative."""
        # sudo: as for _issued.
        orders = self.env["sale.order"].sudo()
        groups = orders._read_group(
            [("partner_id", "in", partners.ids)],
            ["partner_id", "cae_activity_id"],
        )
        others = (p for p, activity in groups if activity != p.cae_activity_id)
        return super()._not_own(partners).union(*others)

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def quotes(
        self,
        activity: str = "",
        state: str = "",
        search: str = "",
        limit: int = 40,
        offset: int = 0,
    ) -> dict:
        """Quotes of the user's activities, the last first.

        :param activity: code of one of them; all otherwise
        :param state: ``draft``, ``quoted`` (sent, no answer yet), ``expired``,
            ``accepted``, ``invoiced`` or ``lost``; all otherwise
        :param search: part of a number, a customer or the customer's reference
        :return: ``{"documents", "count", "total", "states"}``; amounts with VAT;
            ``states`` counts by state
        """
        wanted = self._quotes_domain(self._chosen(activity))
        wanted &= self._quote_search_domain(search)
        # sudo: the domain names activities that the user holds today.
        orders = self.env["sale.order"].sudo()
        domains = self._quote_state_domains()
        shown = wanted & domains.get(str(state), Domain.TRUE)
        ((count, total),) = orders._read_group(
            shown, [], ["__count", "amount_total:sum"]
        )
        found = orders.search(
            shown,
            order="date_order desc, id desc",
            limit=min(self._key(limit) or SHOWN, SHOWN),
            offset=self._key(offset),
        )
        return {
            "documents": [self._quote_row(order) for order in found],
            "count": count,
            "total": float(decimal(total or 0)),
            "states": self._quote_counts(orders, wanted),
        }

    @api.model
    def _quote_counts(self, orders, wanted):
        counts = dict.fromkeys(STATES, 0)
        groups = ["state", "invoice_status", "validity_date:day"]
        for *stand, count in orders._read_group(wanted, groups, ["__count"]):
            counts[self._quote_stage(*stand)] += count
        return counts

    @api.model
    def _quote_search_domain(self, search):
        return words_domain(search, ("name", "partner_id.name", "client_order_ref"))

    @api.model
    def _quote_state_domains(self):
        sent, sale = Domain("state", "=", "sent"), Domain("state", "=", "sale")
        late = Domain("validity_date", "<", fields.Date.context_today(self))
        final = Domain("invoice_status", "in", DONE)
        return {
            "draft": Domain("state", "=", "draft"),
            "quoted": sent & ~late,
            "expired": sent & late,
            "accepted": sale & ~final,
            "invoiced": sale & final,
            "lost": Domain("state", "=", "cancel"),
        }

    @api.model
    def _quote_state(self, order):
        """One of the states of :meth:`quotes`."""
        return self._quote_stage(order.state, order.invoice_status, order.validity_date)

    @api.model
    def _quote_stage(self, state, invoice_status, validity):
        if state == "sent":
            today = fields.Date.context_today(self)
            return "expired" if validity and validity < today else "quoted"
        if state == "sale":
            return "invoiced" if invoice_status in DONE else "accepted"
        return "lost" if state == "cancel" else "draft"

    @api.model
    def _quote_row(self, order):
        return {
            "id": order.id,
            "number": order.name or "",
            "kind": "quote",
            "deposit": False,
            "activity": order.cae_activity_id.code,
            "customer": order.partner_id.name or "",
            "state": self._quote_state(order),
            "date": self._day(order.date_order),
            "validity": fields.Date.to_string(order.validity_date) or "",
            "total": order.amount_total,
        }

    @api.model
    def quote(self, quote_id: int) -> dict:
        """One quote: its row, its lines, what was answered and what was invoiced.

        :raises AccessError: ``CAE-INVOICE-ACCESS``
        """
        order = self._quote(quote_id)
        own = self._documents_domain(self._activities())
        made, counted = order.cae_document_ids, order._cae_invoices()
        documents = (made | made.reversal_move_ids).filtered_domain(own)
        counted = documents & (counted | self._posted_credits(counted))
        return {
            **self._quote_row(order),
            "customer_id": order.partner_id.id,
            "term": order.payment_term_id.id,
            "term_name": order.payment_term_id.name or "",
            "reference": order.client_order_ref or "",
            "mentions": html2plaintext(order.note or "").strip(),
            "untaxed": order.amount_untaxed,
            "tax": order.amount_tax,
            "mailed": self._day(order.cae_mailed_on),
            "signed_by": order.signed_by or "",
            "accepted": fields.Date.to_string(order.cae_accepted_on)
            or self._day(order.signed_on),
            "lost_reason": order.cae_lost_reason or "",
            "papers": [{"id": p.id, "name": p.name} for p in self._papers(order)],
            "documents": [self._row(move) for move in documents],
            "invoiced": float(sum(decimal(m.amount_total_signed) for m in counted)),
            "lines": [self._quote_line(line) for line in self._sold(order)],
        }

    @api.model
    def _papers(self, order):
        """What the customer signed (sudo), as it was handed in on the portal."""
        return self._files(order).filtered("cae_declared")

    @api.model
    def _files(self, order):
        # sudo: files of a quote of the user's activity.
        files = self.env["ir.attachment"].sudo()
        return files.search(
            [("res_model", "=", order._name), ("res_id", "=", order.id)]
        )

    @api.model
    def _sold(self, order):
        return order.order_line.filtered(
            lambda line: not (line.display_type or line.is_downpayment)
        )

    @api.model
    def _quote_line(self, line):
        return {
            "description": line.name or "",
            "quantity": line.product_uom_qty,
            "price": line.price_unit,
            "discount": line.discount,
            "tax": line.tax_ids[:1].id,
            "untaxed": line.price_subtotal,
            "deposit": False,
        }

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def save_quote(self, values: dict) -> int:
        """Create a quote, or change one that is a draft; its id.

        What it amounts to meanwhile: :meth:`totals`, without its ``id``.

        :param values: as for :meth:`save`, with ``validity`` (ISO, the last day on
            which it can be accepted; empty: as the company says); without ``date``,
            ``deposit`` and ``deposits``
        :raises AccessError: ``CAE-INVOICE-ACCESS``
        :raises UserError: ``CAE-INVOICE-…``, ``CAE-QUOTE-…``
        """
        values = self._values(values)
        quote = self._known_quote(values)
        code = quote.cae_activity_id.code if quote else values.get("activity")
        activity = self._activity(code)
        vals = self._quote_vals(activity, values)
        if quote:
            if quote.access_token:
                # Who still looks at a page that was sent, by whomever, does not sign
                # another.
                vals["access_token"] = False
            quote.write(vals)
            return quote.id
        vals |= self._prepare_quote_vals(activity, values)
        # sudo: values made here, for an activity that the user holds.
        orders = self._unswitched(self.env["sale.order"].sudo())
        return orders.with_company(activity.company_id).create(vals).id

    @api.model
    def _known_quote(self, values):
        """The draft that the values name, else the one that the form made."""
        if values.get("id"):
            return self._open_quote(self._key(values["id"]), "draft")
        key = self._line(values, "key", 64)
        # sudo: the activities of the user, and no others.
        orders = self.env["sale.order"].sudo()
        found = key and orders.search(
            self._quotes_domain(self._activities()) & Domain("cae_portal_key", "=", key)
        )
        return self._open_quote(found.id, "draft") if found else orders.browse()

    @api.model
    def _prepare_quote_vals(self, activity, values):
        return {
            "company_id": activity.company_id.id,
            "cae_activity_id": activity.id,
            "cae_author_id": self.env.uid,
            "cae_portal_key": self._line(values, "key", 64) or False,
            "require_signature": True,
            "require_payment": False,
        }

    @api.model
    def _quote_vals(self, activity, values):
        validity = self._date({"date": values.get("validity")})
        if validity and validity < fields.Date.context_today(self):
            raise UserError(
                self.env._("CAE-QUOTE-VALIDITY: the last day of the quote is past.")
            )
        mentions = self._text(values, "mentions")
        return {
            "partner_id": self._values_customer(activity, values).id,
            # With the customer Odoo would choose who sells, and prices of its own.
            "user_id": False,
            "team_id": False,
            "pricelist_id": False,
            "payment_term_id": self._term(activity, values).id,
            "client_order_ref": self._line(values, "reference") or False,
            "note": plaintext2html(mentions) if mentions else False,
            **({"validity_date": validity} if validity else {}),
            "order_line": [
                Command.clear(),
                *(
                    Command.create(self._prepare_quote_line_vals(activity, line))
                    for line in self._line_vals(activity, values)
                ),
            ],
        }

    @api.model
    def _prepare_quote_line_vals(self, activity, line):
        """A line of a quote, of the values of a line of an invoice."""
        kept = ("name", "price_unit", "discount", "tax_ids")
        # sudo: rates that were offered.
        taxes = self.env["account.tax"].sudo().browse(line["tax_ids"][0][2])
        kind = "goods" if taxes.tax_scope == "consu" else "service"
        return {
            **{name: line[name] for name in kept},
            "product_id": self.env.ref(f"cae_sale.product_{kind}").id,
            "product_uom_qty": line["quantity"],
            "analytic_distribution": {str(activity.analytic_account_id.id): 100},
        }

    @api.model
    def document(self, document_id: int) -> dict:
        """With the quote that an invoice was made of: ``quote``, its id and number."""
        quote = self._document(document_id).cae_quote_id
        own = quote.filtered_domain(self._quotes_domain(self._activities()))
        shown = {"quote": {"id": own.id, "number": own.name}} if own else {}
        return {**super().document(document_id), **shown}
