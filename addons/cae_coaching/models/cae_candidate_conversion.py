"""From candidate to entrepreneur with a CAPE, and back while nothing depends on it."""

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: What belongs to the conversion itself: undone with it, or kept with the candidate.
OWN = {
    "cae.activity.share",
    "cae.candidate",
    "cae.contract",
    "cae.person.document",
    "event.registration",
}


class CaeCandidate(models.Model):
    """The conversion of a candidate."""

    _inherit = "cae.candidate"

    def _convert(self, values):
        """Make the entrepreneur, the CAPE and the activity of this candidate.

        Who is converted already stays as they are: calling again changes nothing.

        :param values: of :meth:`cae.candidate.conversion._prepare_values`
        :raises UserError: ``CAE-CANDIDATE-RIGHT``, ``CAE-CANDIDATE-NOT-ACCEPTED``
        """
        self.ensure_one()
        self._check_coaching_manager()
        self.lock_for_update()
        if self.entrepreneur_id:
            return self.entrepreneur_id
        if self.decision != "accepted":
            raise UserError(
                self.env._(
                    "CAE-CANDIDATE-NOT-ACCEPTED: accept %(name)s first.",
                    name=self.name,
                )
            )
        # sudo: heads of coaching write neither people, contracts, contacts nor
        # activities; of these they make what the journey of an accepted candidate is.
        here = self.sudo().with_company(self.company_id)
        known = values.get("entrepreneur")
        person = (known or here._make_entrepreneur(values)).with_env(here.env)
        here._cae_own().write(
            {
                "entrepreneur_id": person.id,
                "partner_id": person.partner_id.id,
                "made_entrepreneur": not known,
                "contract_id": here._make_contract(person, values).id,
                "activity_id": here._make_activity(person, values).id,
                "date_converted": fields.Date.context_today(self),
                "stage_id": self.env["cae.candidate.stage"]._first("converted").id,
            }
        )
        here.document_ids.entrepreneur_id = person
        here._pass_hand_overs(person)
        plan = here.company_id.cae_newcomer_plan_id
        plan._cae_launch(person, values["date_start"])
        self._cae_note(
            self.env._("Converted to the entrepreneur %s.", person.display_name)
        )
        return person.with_env(self.env)

    def _check_coaching_manager(self):
        """:raises UserError: ``CAE-CANDIDATE-RIGHT``"""
        if not self.env.user.has_group("cae_coaching.group_coaching_manager"):
            raise UserError(
                self.env._(
                    "CAE-CANDIDATE-RIGHT: the head of coaching converts candidates, "
                    "and undoes it."
                )
            )
        self.check_access("write")

    def _make_entrepreneur(self, values):
        partner = self.partner_id or self.env["res.partner"].create(
            self._prepare_partner_vals()
        )
        return self.env["cae.entrepreneur"].create(
            self._prepare_entrepreneur_vals(partner, values)
        )

    def _prepare_partner_vals(self):
        """Values of the contact: what was typed of the candidate."""
        return {
            "name": self.name,
            "is_company": False,
            "email": self.email,
            "phone": self.phone,
            "street": self.street,
            "zip": self.zip,
            "city": self.city,
        }

    def _prepare_entrepreneur_vals(self, partner, values):
        """Values of the new entrepreneur."""
        return {
            "company_id": self.company_id.id,
            "partner_id": partner.id,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "sex": self.sex,
            "coach_id": values["coach"].id,
            "team_id": values["team"].id,
            "date_entry": values["date_start"],
        }

    def _make_contract(self, person, values):
        return self.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": "cape",
                "date_start": values["date_start"],
                "date_end": values["date_end"],
            }
        )

    def _make_activity(self, person, values):
        activity = self.env["cae.activity"]
        if not values.get("trade_name"):
            return activity
        return activity.create(self._prepare_activity_vals(person, values))

    def _prepare_activity_vals(self, person, values):
        """Values of the new activity, held by the person alone."""
        share = {
            "entrepreneur_id": person.id,
            "share": 100,
            "date_start": values["date_start"],
        }
        return {
            "company_id": self.company_id.id,
            "name": values["trade_name"],
            "trade": self.wished_activity,
            "date_start": values["date_start"],
            "scheme_id": values["scheme"].id,
            "share_ids": [Command.create(share)],
        }

    # ------------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------------

    def action_undo_conversion(self) -> bool:
        """Take a conversion back while nothing depends on it.

        :raises UserError: ``CAE-CANDIDATE-RIGHT``, ``CAE-CANDIDATE-UNDO``
        """
        self.ensure_one()
        self._check_coaching_manager()
        self.lock_for_update()
        if not self.entrepreneur_id:
            return True
        # sudo: as in _convert; what is deleted is what the conversion made.
        here = self.sudo()
        if here.made_entrepreneur:
            here._take_hand_overs_back()
        here._check_undoable()
        person = here.entrepreneur_id if here.made_entrepreneur else None
        contract, activity = here.contract_id, here.activity_id
        here.document_ids.entrepreneur_id = False
        here._cae_own().write(here._prepare_undone_vals())
        account = activity.analytic_account_id
        activity.unlink()
        account.unlink()
        contract.unlink()
        if person:
            person.unlink()
        self._cae_note(self.env._("The conversion was undone."))
        return True

    def _prepare_undone_vals(self):
        return {
            "entrepreneur_id": False,
            "contract_id": False,
            "activity_id": False,
            "made_entrepreneur": False,
            "date_converted": False,
            "stage_id": self.env["cae.candidate.stage"]._first("accepted").id,
        }

    def _check_undoable(self):
        """:raises UserError: ``CAE-CANDIDATE-UNDO``"""
        reasons = self._undo_obstacles()
        if reasons:
            raise UserError(
                self.env._(
                    "CAE-CANDIDATE-UNDO: %(name)s stays an entrepreneur: there is "
                    "%(what)s.",
                    name=self.name,
                    what=", ".join(reasons),
                )
            )

    def _undo_obstacles(self):
        """What depends on the conversion, in words."""
        result = []
        if self.contract_id.date_signature:
            result.append(self.env._("a signed contract"))
        if self.contract_id.amendment_ids:
            result.append(self.env._("an amendment"))
        if self.made_entrepreneur:
            others = self.entrepreneur_id.contract_ids - self.contract_id
            shares = self.entrepreneur_id.share_ids - self.activity_id.share_ids
            if others - self.contract_id.amendment_ids:
                result.append(self.env._("another contract"))
            if shares:
                result.append(self.env._("another activity"))
            if self.entrepreneur_id.user_id:
                result.append(self.env._("a portal user"))
            result += self._dependents(self.entrepreneur_id)
        result += self._dependents(self.activity_id)
        account = self.activity_id.analytic_account_id
        tagged = [("analytic_distribution", "in", account.ids)]
        if account and self.env["account.move.line"].search_count(tagged, limit=1):
            result.append(self.env._("journal items of the activity"))
        return result + self._dependents(account)

    def _dependents(self, record):
        """Names of models that point to ``record``, those of the conversion apart."""
        if not record:
            return []
        links = self.env["ir.model.fields"].search(
            [
                ("relation", "=", record._name),
                ("ttype", "=", "many2one"),
                ("store", "=", True),
                ("model", "not in", list(OWN | {"cae.activity"})),
            ]
        )
        found = []
        for link in links:
            model = self.env.get(link.model)
            if model is None or model._transient or model._abstract or not model._auto:
                continue
            every = model.with_context(active_test=False)
            if every.search_count(Domain(link.name, "=", record.id), limit=1):
                found.append(link.model_id.name)
        return list(dict.fromkeys(found))
