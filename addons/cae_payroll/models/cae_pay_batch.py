from odoo import models


class CaePayBatch(models.AbstractModel):
    """Records of pay are made by hundreds: what is checked, is checked at once."""

    _name = "cae.pay.batch"
    _description = "Pay Made in Batches"

    def _check_company(self, fnames=None):
        # Odoo prepares a domain for each record and field: 15 % of a month's pay. When
        # all is well one for each field says so; else Odoo tells what is wrong.
        if self._links_fit_company(fnames):
            return None
        return super()._check_company(fnames)

    def _links_fit_company(self, names):
        """Whether these records have one company, which all that they name fits."""
        company = self.company_id
        if len(company) != 1 or not all(record.company_id for record in self):
            return False
        if names is None or "company_id" in names:
            names = self._fields
        checked = [self._fields[name] for name in names]
        checked = [each for each in checked if each.relational and each.check_company]
        return all(
            not field.company_dependent and self._link_fits(field.name, company)
            for field in checked
        )

    def _link_fits(self, name, company):
        # sudo: as Odoo's own check, whatever the user may read of what is named.
        named = self.sudo().mapped(name)
        domain = named._check_company_domain(company) if named else None
        if not domain:
            return True
        found = named.with_context(active_test=False).filtered_domain(domain)
        return named == found
