"""Elements of pay that the run of the month proposes: shares of members."""

from odoo import api, fields, models

from odoo.addons.cae_base.engine.money import ZERO, decimal

from ..engine import booking
from .cae_pay_element import TERMS

#: Only code can hold this object: the run of the month writes what it proposes.
PROPOSED = object()


class CaePayElement(models.Model):
    _inherit = "cae.pay.element"

    proposed = fields.Boolean(
        readonly=True,
        copy=False,
        help="Reckoned from the gross of the month and the members' register, as long "
        "as nobody changes it. To withhold nothing from a member's pay, untick "
        "Retained from Pay in the register.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        by_run = self._is_proposing()
        return super().create([{**vals, "proposed": by_run} for vals in vals_list])

    def write(self, vals):
        if TERMS & set(vals):
            vals = {**vals, "proposed": self._is_proposing()}
        else:
            vals = {key: value for key, value in vals.items() if key != "proposed"}
        return super().write(vals)

    @api.model
    def _is_proposing(self):
        return self.env.context.get("cae_proposed") is PROPOSED

    def _check_free(self):
        # The run proposes for pay that is not decided, in a month that is open.
        return None if self._is_proposing() else super()._check_free()

    def _follow(self, before=()):
        # The run takes what it proposes into the pay that it is computing.
        return None if self._is_proposing() else super()._follow(before)

    @api.model
    def _shares_of(self, plan, people):
        """Elements of shares of some people, in the month of a plan."""
        return self.search(
            [
                ("company_id", "=", plan.company.id),
                ("month", "=", plan.month),
                ("kind", "=", booking.SUBSCRIPTION),
                ("entrepreneur_id", "in", list(people)),
            ]
        )

    @api.model
    def _write_proposed(self, plan, people, wanted, nets):
        """Make the elements of shares of some people what is wanted.

        What an officer typed stays, and takes the place of what would be proposed.

        :param wanted: ``{person id: euros}``
        :param nets: ``{person id: euros}``: no more is withheld than is left of them
        """
        # sudo: whoever runs the month writes what it proposes, and nothing else.
        mine = self.sudo().with_context(cae_proposed=PROPOSED, tracking_disable=True)
        there = mine._shares_of(plan, people)
        by_hand = set(there.filtered(lambda e: not e.proposed).entrepreneur_id.ids)
        old = {e.entrepreneur_id.id: e for e in there if e.proposed}
        new, needless = [], mine.browse()
        for person in people:
            amount = min(wanted.get(person, ZERO), self._left(plan, person, nets))
            element = old.get(person, mine.browse())
            if amount <= 0 or person in by_hand:
                needless |= element
            elif not element:
                new.append(self._prepare_proposed_vals(plan, person, amount))
            elif decimal(element.amount) != amount:
                element.amount = float(amount)
        needless.unlink()
        mine.create(new)

    @api.model
    def _left(self, plan, person, nets):
        """What other elements leave of a net, in euros."""
        others = plan.withheld.get(person, ())
        cents = sum(e[-1] for e in others if e[0] != booking.SUBSCRIPTION)
        return nets.get(person, ZERO) - decimal(cents) / 100

    @api.model
    def _prepare_proposed_vals(self, plan, person, amount):
        return {
            "entrepreneur_id": person,
            "month": plan.month,
            "kind": booking.SUBSCRIPTION,
            "amount": float(amount),
        }
