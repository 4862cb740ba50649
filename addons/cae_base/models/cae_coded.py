from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import people


class CaeCoded(models.AbstractModel):
    """Records of a company that programs and people name by a code."""

    _name = "cae.coded"
    _description = "Record with a Code"
    _inherit = ["mail.thread"]
    #: Where numbering starts when there is no code yet.
    _first_code = "0001"

    code = fields.Char(
        required=True,
        copy=False,
        tracking=True,
        default=lambda self: self._next_codes(self.env.company.id, 1)[0],
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._with_codes(vals_list))

    @api.model
    def _with_codes(self, vals_list):
        """The values of new records, those without a code with the next ones."""
        here = self.env.company.id
        missing = Counter(
            vals.get("company_id") or here for vals in vals_list if not vals.get("code")
        )
        codes = {
            company: iter(self._next_codes(company, count))
            for company, count in missing.items()
        }
        return [
            vals
            if vals.get("code")
            else {**vals, "code": next(codes[vals.get("company_id") or here])}
            for vals in vals_list
        ]

    @api.model
    def _next_codes(self, company_id, count):
        """Codes that follow the last one of a company, archived ones included."""
        self.flush_model(["code", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT code FROM %s WHERE company_id = %s
                 ORDER BY length(code) DESC, code DESC LIMIT 1
                """,
                SQL.identifier(self._table),
                company_id,
            )
        )
        code = people.next_code(rows[0][0]) if rows else self._first_code
        codes = [code]
        while len(codes) < count:
            codes.append(people.next_code(codes[-1]))
        return codes
