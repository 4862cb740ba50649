from collections import defaultdict

from odoo import api, fields, models


class CaePeriodPart(models.Model):
    """What one part of a watched run did, until the run is logged.

    Rows of their own rather than fields of the month: whoever posts holds its row.
    """

    _name = "cae.period.part"
    _description = "Part of the Run of a Month"
    _order = "id"
    _rec_name = "period_id"

    period_id = fields.Many2one(
        "cae.period",
        string="Month",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="period_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users", string="Run by", required=True, readonly=True
    )
    step = fields.Char(required=True, readonly=True)
    remaining = fields.Integer(readonly=True, help="Chunks left of this step.")
    added = fields.Json(readonly=True, help="What the part added, in numbers.")

    @api.model
    def _note(self, period, step, result):
        # sudo: only the run writes what it did; no user may.
        self.sudo().create(
            {
                "period_id": period.id,
                "user_id": self.env.uid,
                "step": step,
                "remaining": result["remaining"],
                "added": result[step],
            }
        )

    @api.model
    def _take(self, period):
        """The parts that the user ran in this month, taken away.

        :return: ``({step: sums}, {step: chunks left})``
        """
        # sudo: as above; these are the user's own.
        parts = self.sudo().search(
            [("period_id", "=", period.id), ("user_id", "=", self.env.uid)]
        )
        sums, left = defaultdict(lambda: defaultdict(int)), {}
        for part in parts:
            left[part.step] = part.remaining
            for key, value in part.added.items():
                sums[part.step][key] += value
        parts.unlink()
        return sums, left
