from odoo import models

from .cae_period import STEPS

#: Seconds of one part of a run that somebody watches.
PART = 3


class CaePeriod(models.Model):
    """A run by parts, so that the screen shows how far it is."""

    _inherit = "cae.period"

    def action_run_watched(self) -> dict:
        """Open the window that runs the month part by part."""
        self.ensure_one()
        self._check_may_run()
        labels = dict(self._fields["step"]._description_selection(self.env))
        return {
            "type": "ir.actions.client",
            "tag": "cae_run_month",
            "name": self.display_name,
            "target": "new",
            "params": {
                "period_id": self.id,
                "steps": [{"key": step, "label": labels[step]} for step in STEPS],
            },
        }

    def run_part(self, step: str) -> dict:
        """Some seconds of one step of the month; call again while something is left.

        Each part is committed: whoever stops, or loses the connection, runs the month
        again, and it goes on where it was.

        :param step: ``contributions``, ``pay`` or ``statements``
        :return: as ``month_run``
        :raises UserError: as ``month_run``
        """
        self.ensure_one()
        month = f"{self.date:%Y-%m}"
        return self._own_company()._month_run(month, [step], PART)

    def finish_run(self, result: dict) -> dict:
        """Log what the parts added, and say it.

        :param result: their sum, as ``month_run`` returns it
        """
        self.ensure_one()
        self._check_may_run()
        return self._finish_run({**self._empty_result(self.date), **result})
