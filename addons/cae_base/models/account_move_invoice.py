from odoo import fields, models

from ..tools import format_date


class AccountMove(models.Model):
    """Mentions of the invoices of an activity (methods of the printed report)."""

    _inherit = "account.move"

    def _cae_invoice_activity(self):
        """Activity of a customer document, empty for all others."""
        self.ensure_one()
        # sudo: whoever prints an invoice prints the mentions of its activity.
        activity = self.sudo().cae_activity_id
        return activity if self.is_sale_document() else activity.browse()

    def _cae_customer_siren(self):
        """First nine digits of the customer's SIRET or SIREN (décret 2022-1299)."""
        return _siren(self.partner_id.commercial_partner_id)

    def _cae_operation_kind(self):
        """``goods``, ``services`` or ``both`` (décret 2022-1299)."""
        lines = self.invoice_line_ids.filtered(lambda ln: ln.display_type == "product")
        kinds = {line._cae_is_service() for line in lines}
        if len(kinds) > 1:
            return "both"
        return "goods" if kinds == {False} else "services"

    def _cae_vat_on_debits(self):
        """Whether services of this document bear VAT on debits: an option.

        Goods bear it by law, which needs no mention.
        """
        services = self.invoice_line_ids.filtered(
            lambda ln: ln.display_type == "product" and ln._cae_is_service()
        )
        taxes = services.tax_ids.flatten_taxes_hierarchy()
        return any(t.amount and t.tax_exigibility == "on_invoice" for t in taxes)

    def _cae_invoice_mentions(self):
        """Mentions at the end of a document of an activity, one text each."""
        activity = self._cae_invoice_activity()
        # sudo: whoever prints an invoice prints who issues it.
        company = self.company_id.sudo()
        day = self.invoice_date or fields.Date.context_today(self)
        mentions = [self._cae_issuer_mention(company)]
        if self.cae_deposit:
            mentions.insert(0, self.env._("Deposit: the final invoice deducts it."))
        mentions += [
            self._cae_cape_mention(person, term, company)
            for person, term in activity._cape_holders(day)
        ]
        if activity.insurance_company:
            mentions.append(self._cae_insurance_mention(activity))
        if activity.training_number:
            mentions.append(self._cae_training_mention(activity))
        return mentions + (activity.invoice_note or "").splitlines()

    def _cae_issuer_mention(self, company):
        parts = [
            company.name,
            company.cae_legal_form,
            _address(company.partner_id),
            _siren(company.partner_id)
            and self.env._("SIREN %s", _siren(company.partner_id)),
            company.vat and self.env._("VAT %s", company.vat),
        ]
        return self.env._("Issued by %s.", ", ".join(filter(None, parts)))

    def _cae_cape_mention(self, person, term, company):
        """Mention of R.127-3 of the commercial code."""
        return self.env._(
            "%(person)s is supported under a CAPE (contrat d’appui au projet "
            "d’entreprise, R.127-3 of the commercial code) by %(company)s, "
            "%(address)s, SIREN %(siren)s; term of the contract: %(term)s.",
            person=person.name,
            company=company.name,
            address=_address(company.partner_id),
            siren=_siren(company.partner_id),
            term=format_date(self.env, term),
        )

    def _cae_insurance_mention(self, activity):
        parts = [
            activity.insurance_company,
            activity.insurance_policy
            and self.env._("policy %s", activity.insurance_policy),
            activity.insurance_area
            and self.env._("covered area: %s", activity.insurance_area),
        ]
        text = ", ".join(filter(None, parts))
        return self.env._("Professional insurance: %s.", text)

    def _cae_training_mention(self, activity):
        return self.env._(
            "Training activity registered under number %(number)s with the prefect of "
            "the region %(region)s. This registration is not an approval by the State "
            "(L.6352-12 of the labour code).",
            number=activity.training_number,
            region=activity.training_region or "",
        )


def _siren(partner):
    digits = "".join(c for c in partner.company_registry or "" if c.isdigit())
    return digits[:9] if len(digits) in (9, 14) else ""


def _address(partner):
    parts = (
        partner.street,
        partner.street2,
        f"{partner.zip or ''} {partner.city or ''}",
    )
    return ", ".join(part.strip() for part in parts if part and part.strip())
