from datetime import date
from decimal import Decimal

from odoo import models

from odoo.addons.cae_base.engine import allocation
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.engine.people import covers

from ..engine.monthly import Holding


class CaeActivityShare(models.Model):
    _inherit = "cae.activity.share"

    def _pay_parts(self, day: date, available: int, reserve: int) -> list:
        """What each holder of one activity may draw: ``[(person id, Holding)]``.

        :param day: when the balance is shared
        :param available: cents of the activity
        :param reserve: cents of the activity
        """
        weights, last = {}, {}
        for share in self.sorted("date_start"):
            weight = int(decimal(share.share, 3) * Decimal(1000))
            last[share.entrepreneur_id.id] = weight
            if covers(share.date_start, share.date_end or None, day):
                weights[share.entrepreneur_id.id] = weight
        money = allocation.split(available, weights) if weights else {}
        kept = allocation.split(reserve, weights) if weights else {}
        key = self.activity_id.id
        return [
            (person, Holding(key, weight, money.get(person, 0), kept.get(person, 0)))
            for person, weight in last.items()
        ]
