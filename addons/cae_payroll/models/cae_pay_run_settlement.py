import time

from odoo import api, models

from odoo.addons.cae_base.engine.money import decimal

from .cae_pay_run import CHUNK


class CaePayRun(models.AbstractModel):
    """The run of a month also pays the balances of years approved for it."""

    _inherit = "cae.pay.run"

    @api.model
    def _domain(self, company, month):
        """Pay of the month itself."""
        return [*super()._domain(company, month), ("settlement_id", "=", False)]

    @api.model
    def _run(self, period, deadline):
        left, added = super()._run(period, deadline)
        return (left, added) if left else self._run_settlements(period, deadline, added)

    @api.model
    def _run_settlements(self, period, deadline, added):
        """Post the settlements approved for the month, one entry per 500 people."""
        waiting = self.env["cae.settlement"].search(
            [
                ("company_id", "=", period.company_id.id),
                ("month", "=", period.date),
                ("state", "=", "approved"),
            ]
        )
        waiting = waiting.with_company(period.company_id)
        for start in range(0, len(waiting), CHUNK):
            if start and time.monotonic() > deadline:
                return len(waiting) - start, added
            lines = waiting[start : start + CHUNK]._post_settlement()
            gross, cost = lines._cost_of_run()
            added = {
                "lines": added["lines"] + len(lines),
                "cost": float(decimal(added["cost"]) + cost),
                "gross": float(decimal(added["gross"]) + gross),
            }
            period._commit_chunk()
        return 0, added
