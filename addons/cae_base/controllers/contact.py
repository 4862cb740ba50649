import re

from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

#: What Odoo's code is told by its own code, and would take from a form.
SWITCHES = ("verify_address_values", "partner_sudo")
#: The number of a contact.
DIGITS = re.compile(r"\d{1,9}", re.ASCII)


class ContactPortal(CustomerPortal):
    """What people of the portal change of their own contact, on Odoo's page.

    Certificates, contracts, pay and the register of members say the name of a contact,
    and the holder of its bank account follows it.
    """

    @http.route()
    def portal_address_submit(self, partner_id=None, **form_data):
        """The fields of the form, and no switch of the code that reads them."""
        if partner_id and not DIGITS.fullmatch(partner_id):
            return request.not_found()
        fields = {name: form_data[name] for name in form_data if name not in SWITCHES}
        return super().portal_address_submit(partner_id=partner_id, **fields)

    def _validate_address_values(self, address_values, partner_sudo, *args, **kwargs):
        invalid, missing, messages = super()._validate_address_values(
            address_values, partner_sudo, *args, **kwargs
        )
        kept = partner_sudo and _kept(partner_sudo, address_values)
        if kept:
            words = request.env._(
                "The cooperative keeps this name and number in its registers and on "
                "its documents: ask it to change them."
            )
            return {*invalid, *kept}, missing, [*messages, words]
        return invalid, missing, messages


def _kept(partner, values):
    """Fields that would change who a contact, or its company, is."""
    company, kept = partner.commercial_partner_id, set()
    if partner._cae_keeps_identity():
        kept |= {name for name in ("name", "vat") if _differs(partner, values, name)}
    called = (values.get("company_name") or "").strip()
    if called and company != partner and company._cae_keeps_identity():
        kept |= {"company_name"} if called != company.name else set()
    return kept


def _differs(partner, values, name):
    known = (partner[name] or "").strip()
    return name in values and (values[name] or "").strip() != known
