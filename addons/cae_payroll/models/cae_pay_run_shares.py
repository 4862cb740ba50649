"""Pay of a month proposes what is withheld for the subscription of shares."""

from odoo import api, models

from odoo.addons.cae_base.engine.money import ZERO, decimal

#: A gross without limit: whoever retains nothing of it retains nothing at all.
WITHOUT_LIMIT = decimal(10**9)


class CaePayRun(models.AbstractModel):
    _inherit = "cae.pay.run"

    @api.model
    def _propose(self, plan, people, approve=True):
        """What is withheld for shares follows the gross, which is computed first."""
        saving = self._saving(plan, people)
        if saving:
            self._propose_shares(plan, saving)
        return super()._propose(plan, people, approve)

    @api.model
    def _saving(self, plan, people):
        """People whose pay is not decided, and of whom something may be retained.

        Also those of whom the last computation retained something.
        """
        everybody = dict.fromkeys(people, WITHOUT_LIMIT)
        persons = self.env["cae.entrepreneur"]
        found = set(persons._share_retentions(plan.company, plan.day, everybody))
        there = self.env["cae.pay.element"]._shares_of(plan, people)
        found |= set(there.filtered("proposed").entrepreneur_id.ids)
        return sorted(found - self._decided(plan, found)) if found else []

    @api.model
    def _decided(self, plan, people):
        """Those of these people whose pay of the month is decided, in one query."""
        lines = self._lines().search(
            [
                *self._domain(plan.company, plan.month),
                ("entrepreneur_id", "in", list(people)),
                ("settlement_id", "=", False),
                ("second_contract", "=", False),
                ("state", "!=", "draft"),
            ]
        )
        zero = lines.filtered_domain(self.env["cae.pay.line"]._zero_domain())
        return set((lines - zero).entrepreneur_id.ids)

    @api.model
    def _propose_shares(self, plan, people):
        """Write the elements of these people, and take them into the plan."""
        grosses, nets = {}, {}
        for person in people:
            grosses[person], nets[person] = self._gross_and_net(plan, person)
        persons, elements = self.env["cae.entrepreneur"], self.env["cae.pay.element"]
        wanted = persons._share_retentions(plan.company, plan.day, grosses)
        elements._write_proposed(plan, people, wanted, nets)
        withheld = elements._withheld(plan.company, plan.month)
        for person in people:
            plan.withheld.pop(person, None)
        plan.withheld |= {p: withheld[p] for p in people if p in withheld}

    @api.model
    def _gross_and_net(self, plan, person):
        """What a person's pay of the month would be; nothing is written of it."""
        if person not in plan.terms:
            return ZERO, ZERO
        if plan.terms[person].second:
            plan = plan.trial(person)
            if (person, True) not in plan.drawn:
                self._prepare_line_vals(plan.of_second(), person, approve=False)
        vals = self._prepare_line_vals(plan, person, approve=False)
        return decimal(vals["gross"]), decimal(vals["net"])
