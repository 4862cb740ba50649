from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError


class CaeSentOnce(models.AbstractModel):
    """What a form of the portal makes: one record, however often the form is sent."""

    _name = "cae.sent.once"
    _description = "Record of a Form"

    cae_declared_key = fields.Char(
        string="Form",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Names the form of the portal: sent twice, it makes one document.",
    )

    _cae_declared_key_uniq = models.UniqueIndex(
        "(cae_declared_key) WHERE cae_declared_key IS NOT NULL",
        "This form was sent already.",
    )

    @api.model
    def _cae_sent(self, key):
        """The record that the form made before, or none."""
        return self.search([("cae_declared_key", "=", key)])

    @api.model
    def _cae_create_once(self, vals):
        """A record of a form that :meth:`_cae_sent` does not know.

        :raises ConcurrencyError: when another request makes it at the same moment;
            Odoo then begins this one again, which finds the other's
        """
        try:
            with self.env.cr.savepoint():
                return self.create(vals)
        except UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error
