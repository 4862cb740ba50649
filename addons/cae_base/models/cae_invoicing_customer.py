from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import email_normalize

from ..engine.invoicing import registered
from ..tools import words_domain
from .res_partner import ISSUED

#: Texts of a customer, with the characters that they may have.
TEXTS = {"street": 200, "street2": 200, "zip": 20, "city": 100, "phone": 40}
#: What is printed on invoices that were issued says who the customer is.
IDENTITY = ("name", "is_company", "company_registry", "vat")
#: Customers that are shown at once.
SHOWN = 500


class CaeInvoicing(models.AbstractModel):
    """Customers: partners that belong to one activity (``cae_activity_id``)."""

    _inherit = "cae.invoicing"

    @api.model
    def customers(self, activity: str = "", search: str = "") -> list[dict]:
        """Customers of the user's activities, by name.

        :param activity: code of one of them; all otherwise
        :param search: part of a name, town, e-mail or number
        """
        domain = self._customers_domain(self._chosen(activity)) & words_domain(
            search, ("name", "city", "email", "company_registry", "vat")
        )
        # sudo: the domain names activities that the user holds today.
        partners = self.env["res.partner"].sudo()
        found = partners.search(domain, order="name, id", limit=SHOWN)
        fixed, shared = self._issued(found), self._not_own(found)
        return [self._customer_values(p, p in fixed, p in shared) for p in found]

    @api.model
    def customer(self, customer_id: int) -> dict:
        """One customer, with what may be changed of it.

        :raises AccessError: ``CAE-INVOICE-ACCESS``
        """
        partner = self._customer(customer_id)
        return self._customer_values(
            partner, bool(self._issued(partner)), bool(self._not_own(partner))
        )

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
            partner = self._customer(self._key(values["id"]))
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
    def _customer(self, customer_id):
        """A customer (sudo) of an activity that the user holds today.

        :raises AccessError: ``CAE-INVOICE-ACCESS``
        """
        # sudo: the domain names activities that the user holds today.
        partners = self.env["res.partner"].sudo()
        domain = self._customers_domain(self._activities())
        if not self._is_id(customer_id):
            raise self._refusal()
        found = partners.search(domain & Domain("id", "=", customer_id))
        if not found:
            raise self._refusal()
        return found

    @api.model
    def _customers_domain(self, activities):
        return Domain("cae_activity_id", "in", activities.ids) & Domain(
            "parent_id", "=", False
        )

    @api.model
    def _customer_vals(self, values, partner):
        """Clean values.

        :raises UserError: ``CAE-CUSTOMER-NAME``, ``-ADDRESS``, ``-EMAIL``, ``-SIRET``
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
                    "CAE-CUSTOMER-SHARED: others use this contact too. Ask the "
                    "cooperative to change it."
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
    def _customer_values(self, partner, fixed, shared):
        return {
            "id": partner.id,
            "activity": partner.cae_activity_id.code,
            "name": partner.name or "",
            "company": partner.is_company,
            "siret": partner.company_registry or "",
            "vat": partner.vat or "",
            **{name: partner[name] or "" for name in TEXTS},
            "country": partner.country_id.code or "FR",
            "email": partner.email or "",
            "identity_fixed": fixed,
            "editable": not shared,
        }
