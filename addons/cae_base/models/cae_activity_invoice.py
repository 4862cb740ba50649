from odoo import fields, models

from ..tools import address_line, format_date, siren


class CaeActivity(models.Model):
    """What an activity's invoices show besides the cooperative's legal identity."""

    _inherit = "cae.activity"

    logo = fields.Image(max_width=512, max_height=512, help="Printed on invoices.")
    insurance_company = fields.Char(
        string="Insurer",
        help="Compulsory professional insurance, such as the ten-year liability of "
        "builders: insurer with its address.",
    )
    insurance_policy = fields.Char(string="Policy Number")
    insurance_area = fields.Char(string="Covered Area", help="Such as France.")
    training_number = fields.Char(
        string="Training Declaration Number",
        help="Number under which the cooperative is registered as a training provider.",
    )
    training_region = fields.Char(string="Region of the Prefect")
    invoice_note = fields.Text(
        string="Other Mentions", help="Printed as it is at the end of invoices."
    )

    def _cape_holders(self, day):
        """``[(entrepreneur, last day of the CAPE)]`` of those under CAPE on ``day``.

        A CAPE without a last day ends at its legal limit.
        """
        contracts = self.share_ids._held_on(day).entrepreneur_id.contract_ids
        current = contracts._in_force(day).filtered(lambda c: c.kind == "cape")
        return [(c.entrepreneur_id, c.date_end or c.term_limit_date) for c in current]

    def _cae_mentions(self, day, env):
        """Mentions at the end of a document of this activity, one text each.

        :param env: of the document: its language is that of the mentions
        """
        self.ensure_one()
        # sudo: whoever prints a document of the activity prints who issues it.
        activity = self.with_env(env).sudo()
        mentions = [
            activity._cae_issuer_mention(activity.company_id),
            *(
                activity._cae_cape_mention(person, term, activity.company_id)
                for person, term in activity._cape_holders(day)
            ),
        ]
        if activity.insurance_company:
            mentions.append(activity._cae_insurance_mention())
        if activity.training_number:
            mentions.append(activity._cae_training_mention())
        return mentions + (activity.invoice_note or "").splitlines()

    def _cae_issuer_mention(self, company):
        parts = [
            company.name,
            company.cae_legal_form,
            address_line(company.partner_id),
            siren(company.partner_id)
            and self.env._("SIREN %s", siren(company.partner_id)),
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
            address=address_line(company.partner_id),
            siren=siren(company.partner_id),
            term=format_date(self.env, term),
        )

    def _cae_insurance_mention(self):
        parts = [
            self.insurance_company,
            self.insurance_policy and self.env._("policy %s", self.insurance_policy),
            self.insurance_area and self.env._("covered area: %s", self.insurance_area),
        ]
        text = ", ".join(filter(None, parts))
        return self.env._("Professional insurance: %s.", text)

    def _cae_training_mention(self):
        return self.env._(
            "Training activity registered under number %(number)s with the prefect of "
            "the region %(region)s. This registration is not an approval by the State "
            "(L.6352-12 of the labour code).",
            number=self.training_number,
            region=self.training_region or "",
        )
