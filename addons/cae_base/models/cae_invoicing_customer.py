import re

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import email_normalize

from ..engine.invoicing import registered
from ..tools import words_domain
from .res_partner import ISSUED

#: Texts of a customer, with the characters that they may have.
TEXTS = {"street": 200, "street2": 200, "zip": 20, "city": 100, "phone": 40}
#: Texts that no invoice prints: of a customer whom others enter, they are not told.
CONTACT = ("email", "phone")
#: Where a customer is searched for; and one whom others enter.
SEARCHED = ("name", "city", "company_registry", "vat")
#: What is printed on invoices that were issued says who the customer is.
IDENTITY = ("name", "is_company", "company_registry", "vat")
#: Customers that are shown at once.
SHOWN = 500


class CaeInvoicing(models.AbstractModel):
    """Customers: partners of an activity, and whoever was invoiced for it.

    The first are entered here, or marked by the cooperative (``cae_activity_id``); the
    others are those of the cooperative, which alone changes them.
    """

    _inherit = "cae.invoicing"

    @api.model
    def customers(self, activity: str = "", search: str = "") -> list[dict]:
        """Customers of the user's activities, by name.

        :param activity: code of one of them; all otherwise
        :param search: part of a name, town, e-mail or number
        """
        chosen = self._chosen(activity)
        issued = self._issued_domain(chosen)
        domain = self._own_customers(chosen) & words_domain(
            search, ("email", *SEARCHED)
        ) | self._invoiced_customers(issued) & words_domain(search, SEARCHED)
        # sudo: the domain names activities that the user holds today.
        partners = self.env["res.partner"].sudo()
        found = partners.search(domain, order="name, id", limit=SHOWN)
        return self._customers_values(found, chosen, issued)

    @api.model
    def customer(self, customer_id: int) -> dict:
        """One customer, with what may be changed of it.

        :raises AccessError: ``CAE-INVOICE-ACCESS``
        """
        held = self._activities().sudo()  # sudo: as for _activity
        partner = self._customer(customer_id, held)
        return self._customers_values(partner, held, self._issued_domain(held))[0]

    @api.model
    def save_customer(self, values: dict) -> int:
        """Create or change a customer; the id.

        :param values: ``id`` of a known one, ``activity`` (code) of a new one, and
            ``name``, ``company`` (whether it is one), ``siret``, ``vat``, ``street``,
            ``street2``, ``zip``, ``city``, ``country`` (code, FR by default),
            ``email``, ``phone``
        :raises AccessError: ``CAE-INVOICE-ACCESS``
        :raises UserError: ``CAE-CUSTOMER-…``
        """
        values = self._values(values)
        if values.get("id"):
            partner = self._customer(self._key(values["id"]), self._activities())
            self._change_customer(partner, self._customer_vals(values, partner))
            return partner.id
        activity = self._activity(values.get("activity"))
        vals = {
            **self._customer_vals(values, self.env["res.partner"]),
            **self._prepare_customer_vals(activity),
        }
        # sudo: values checked above, for an activity that the user holds.
        return self._saved(lambda: self.env["res.partner"].sudo().create(vals)).id

    @api.model
    def _prepare_customer_vals(self, activity):
        return {
            "cae_activity_id": activity.id,
            "company_id": activity.company_id.id,
            "customer_rank": 1,
            "user_id": False,
            "lang": self.env.user.lang,
        }

    @api.model
    def _customer(self, customer_id, activities):
        """A customer (sudo) of activities that the user holds today.

        :raises AccessError: ``CAE-INVOICE-ACCESS``
        """
        known = self._is_id(customer_id)
        found = known and self._customer_among(customer_id, activities)
        if not found:
            raise self._refusal()
        return found

    @api.model
    def _customer_among(self, customer_id, activities):
        """The customer (sudo), when it is one of these activities."""
        # sudo: the domain names activities that the user holds today.
        partners = self.env["res.partner"].sudo()
        issued = self._issued_domain(activities)
        known = self._own_customers(activities) | self._invoiced_customers(issued)
        return partners.search(known & Domain("id", "=", customer_id))

    @api.model
    def _own_customers(self, activities):
        return Domain("cae_activity_id", "in", activities.ids) & Domain(
            "parent_id", "=", False
        )

    @api.model
    def _invoiced_customers(self, issued):
        """Whoever is named on documents of :meth:`_issued_domain`."""
        # sudo: only documents of the user's activities that the portal shows.
        moves = self.env["account.move"].sudo()._search(issued)
        return Domain("id", "in", moves.subselect("commercial_partner_id"))

    @api.model
    def _issued_domain(self, activities):
        """What the portal shows of these activities, drafts left out."""
        return self._documents_domain(activities) & Domain("state", "=", "posted")

    @api.model
    def _customer_vals(self, values, partner):
        """Clean values.

        :raises UserError: ``CAE-CUSTOMER-NAME``, ``-ADDRESS``, ``-POSTCODE``,
            ``-EMAIL``, ``-SIRET``
        """
        vals = {name: self._line(values, name, most) for name, most in TEXTS.items()}
        vals["name"] = self._line(values, "name")
        if not vals["name"]:
            raise UserError(self.env._("CAE-CUSTOMER-NAME: write the customer’s name."))
        if not (vals["street"] and vals["zip"] and vals["city"]):
            raise UserError(
                self.env._(
                    "CAE-CUSTOMER-ADDRESS: an invoice needs the street, the postcode "
                    "and the town of the customer."
                )
            )
        company = bool(values.get("company"))
        return {
            **vals,
            "zip": self._postcode(values, partner),
            "country_id": self._country(values).id,
            "email": self._email(values),
            "is_company": company,
            "company_registry": company and self._siret(values, partner),
            "vat": company and self._line(values, "vat", 30).upper(),
        }

    @api.model
    def _country(self, values):
        """:raises UserError: ``CAE-CUSTOMER-COUNTRY``"""
        code = self._line(values, "country", 2).upper() or "FR"
        country = self.env["res.country"].search([("code", "=", code)], limit=1)
        if not country:
            raise UserError(self.env._("CAE-CUSTOMER-COUNTRY: choose a country."))
        return country

    @api.model
    def _postcode(self, values, partner):
        """:raises UserError: ``CAE-CUSTOMER-POSTCODE``"""
        typed = self._line(values, "zip", TEXTS["zip"])
        if typed == partner.zip or self._country(values).code != "FR":
            return typed
        found = "".join(typed.split())
        if not re.fullmatch("[0-9]{5}", found):
            raise UserError(
                self.env._(
                    "CAE-CUSTOMER-POSTCODE: “%s” is no French postcode, which has 5 "
                    "digits, such as 44000. Check it, or choose the country.",
                    typed,
                )
            )
        return found

    @api.model
    def _email(self, values):
        """:raises UserError: ``CAE-CUSTOMER-EMAIL``"""
        typed = self._line(values, "email", 300)
        found = email_normalize(typed)
        if typed and not (found and len(found) <= 254):
            raise UserError(
                self.env._(
                    "CAE-CUSTOMER-EMAIL: “%s” is no e-mail address, such as "
                    "name@example.com.",
                    typed[:60],
                )
            )
        return found

    @api.model
    def _siret(self, values, partner):
        """:raises UserError: ``CAE-CUSTOMER-SIRET``"""
        typed = self._line(values, "siret", 60)
        if not typed or typed == (partner.company_registry or ""):
            return typed
        foreign = self._country(values).code != "FR"
        found = typed if foreign else registered(typed)
        if not found:
            raise UserError(
                self.env._(
                    "CAE-CUSTOMER-SIRET: “%s” is no SIRET (14 digits) nor SIREN (9 "
                    "digits): check the digits, or leave it empty.",
                    typed[:40],
                )
            )
        return found

    @api.model
    def _change_customer(self, partner, vals):
        """:raises UserError: ``CAE-CUSTOMER-SHARED``, ``CAE-CUSTOMER-ISSUED``"""
        if self._not_own(partner):
            raise UserError(
                self.env._(
                    "CAE-CUSTOMER-SHARED: the cooperative keeps this contact, which "
                    "others may use too. Ask it to change it."
                )
            )
        changed = {name for name in IDENTITY if (partner[name] or "") != vals[name]}
        if changed and self._issued(partner):
            raise UserError(
                self.env._(
                    "CAE-CUSTOMER-ISSUED: this customer has an invoice, or accepted a "
                    "quote: name, SIRET and VAT number stay. Ask the cooperative, or "
                    "create another customer."
                )
            )
        kept = {name: vals[name] for name in vals if name not in IDENTITY}
        kept |= {name: vals[name] for name in changed}
        self._saved(lambda: partner.write(kept))

    @api.model
    def _saved(self, write):
        """:raises UserError: ``CAE-CUSTOMER-VAT``"""
        try:
            with self.env.cr.savepoint():
                return write()
        except ValidationError as error:
            # The one constraint of a partner that these values can break.
            raise UserError(
                self.env._(
                    "CAE-CUSTOMER-VAT: this VAT number is not one of that country, "
                    "such as FR32123456789. Check it, or leave it empty."
                )
            ) from error

    @api.model
    def _issued(self, partners):
        """Those of these customers that have a posted document."""
        groups = (
            self.env["account.move"]
            .sudo()  # sudo: only whether there is one, of the user's own customers
            ._read_group(
                [
                    ("commercial_partner_id", "in", partners.ids),
                    ("move_type", "in", ISSUED),
                    ("state", "=", "posted"),
                ],
                ["commercial_partner_id"],
            )
        )
        return partners.browse().union(*(partner for (partner,) in groups))

    @api.model
    def _not_own(self, partners):
        """Those of these customers that somebody else uses, or who are somebody.

        Users of the database, people and companies of the cooperative, employees, and
        whoever has a document of another activity, or of the cooperative itself.
        """
        shared = partners.filtered(
            lambda p: (
                p.with_context(active_test=False).user_ids
                or p.cae_entrepreneur_ids
                or p.ref_company_ids
                or p.employee_ids
            )
        )
        groups = (
            self.env["account.move"]
            .sudo()  # sudo: only whether there is one, of the user's own customers
            ._read_group(
                [
                    ("commercial_partner_id", "in", partners.ids),
                    ("move_type", "!=", "entry"),
                ],
                ["commercial_partner_id", "cae_activity_id"],
            )
        )
        others = (p for p, activity in groups if activity != p.cae_activity_id)
        return shared.union(*others)

    @api.model
    def _customers_values(self, partners, activities, issued):
        """What is told of customers of these activities (sudo), in their order."""
        fixed, shared = self._issued(partners), self._not_own(partners)
        # sudo: of documents of these activities that the portal shows.
        moves = self.env["account.move"].sudo()
        groups = moves._read_group(
            issued & Domain("commercial_partner_id", "in", partners.ids),
            ["commercial_partner_id"],
            ["cae_activity_id:recordset"],
        )
        invoiced = dict(groups)
        return [
            self._customer_values(
                partner,
                partner.cae_activity_id & activities
                or invoiced[partner].sorted("code")[:1],
                fixed=partner in fixed,
                shared=partner in shared,
            )
            for partner in partners
        ]

    @api.model
    def _customer_values(self, partner, activity, fixed, shared):
        own = partner.cae_activity_id == activity
        return {
            "id": partner.id,
            "activity": activity.code,
            "name": partner.name or "",
            "company": partner.is_company,
            "siret": partner.company_registry or "",
            "vat": partner.vat or "",
            **{
                name: (own or name not in CONTACT) and partner[name] or ""
                for name in (*TEXTS, "email")
            },
            "country": partner.country_id.code or "FR",
            "mailable": bool(partner.email),
            "identity_fixed": fixed,
            "editable": not shared,
        }
