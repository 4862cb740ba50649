from datetime import date
from decimal import Decimal

from odoo import models

from odoo.addons.cae_base.engine import allocation
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.engine.people import covers

from ..engine import holders
from ..engine.holders import Pot
from ..engine.monthly import Holding


class CaeActivityShare(models.Model):
    _inherit = "cae.activity.share"

    def _weights_on(self, day: date) -> dict[int, int]:
        """``{entrepreneur id: share in thousandths of a percent}`` on a day."""
        return {
            share.entrepreneur_id.id: int(decimal(share.share, 3) * Decimal(1000))
            for share in self
            if covers(share.date_start, share.date_end or None, day)
        }

    def _pay_weights(self, first: date, last: date) -> tuple[dict, date]:
        """``(weights of the holders, since when they are those)`` of one activity.

        :param first: first day of the month
        :param last: its last day, or the activity's
        """
        since = max(self._held_on(last).mapped("date_start"), default=first)
        return self._weights_on(last), since.replace(day=1)

    def _pay_parts(self, weights: dict, pot: Pot, reserve: int) -> list:
        """What each holder of one activity may draw: ``[(person id, Holding)]``.

        :param weights: of the holders whom the balance belongs to
        :param reserve: cents of the activity
        """
        last = {
            share.entrepreneur_id.id: int(decimal(share.share, 3) * Decimal(1000))
            for share in self.sorted("date_start")
        }
        amounts = (
            holders.available(pot, weights, allocation.split),
            allocation.split(reserve, weights) if weights else {},
            holders.committed(pot, weights, allocation.split),
        )
        key = self.activity_id.id
        return [
            (person, Holding(key, weight, *(part.get(person, 0) for part in amounts)))
            for person, weight in last.items()
        ]
