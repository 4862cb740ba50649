from datetime import date
from decimal import Decimal

from odoo import models

from odoo.addons.cae_base.engine import allocation
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.engine.people import covers

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

    def _pay_parts(
        self, day: date, available: int, committed: int, reserve: int
    ) -> list:
        """What each holder of one activity may draw: ``[(person id, Holding)]``.

        :param day: when the balance is shared
        :param available: cents of the activity, as the next two
        """
        weights, last = {}, {}
        for share in self.sorted("date_start"):
            weight = int(decimal(share.share, 3) * Decimal(1000))
            last[share.entrepreneur_id.id] = weight
            if covers(share.date_start, share.date_end or None, day):
                weights[share.entrepreneur_id.id] = weight
        amounts = [
            allocation.split(cents, weights) if weights else {}
            for cents in (available, reserve, committed)
        ]
        key = self.activity_id.id
        return [
            (person, Holding(key, weight, *(part.get(person, 0) for part in amounts)))
            for person, weight in last.items()
        ]
