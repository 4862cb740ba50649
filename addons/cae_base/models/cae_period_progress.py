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
        here = self._own_company()
        result = here._month_run(month, [step], PART)
        here.env["cae.period.part"]._note(here, step, result)
        return result

    def finish_run(self) -> dict:
        """Log what the user's parts added since the last log, and say it."""
        self.ensure_one()
        self._check_may_run()
        sums, left = self.env["cae.period.part"]._take(self)
        result = self._empty_result(self.date)
        for step in STEPS:
            result[step].update(sums[step])
        # A step that was not begun is a part that is left.
        result["remaining"] = sum(left.get(step, 1) for step in STEPS)
        result["done"] = not result["remaining"]
        return self._finish_run(result)
