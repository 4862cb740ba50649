"""The one place that says which fields only the product's own code may set."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context

# Only code can hold this object: no client can send it in a context.
OWN = object()

#: ``{model: {field: value of a new record}}``: figures, or the undoing of entries,
#: are read from them.
OWNED = {
    "account.bank.statement.line": {"cae_import_key": False},
    "account.move": {
        "cae_adoption_id": False,
        "cae_allocation": False,
        "cae_exit_id": False,
        "cae_full_reconcile_id": False,
        "cae_load_date": False,
        "cae_mailed_on": False,
        "cae_opening": False,
        "cae_portal_key": False,
        "cae_refusal": False,
        "cae_reminded_on": False,
        "cae_sale_id": False,
        "cae_sent_by_id": False,
        "cae_transfer_id": False,
        "cae_validation": False,
    },
    "account.move.line": {"cae_deposit_id": False, "cae_source_line_id": False},
    "account.partial.reconcile": {
        "cae_before_opening": False,
        "cae_follower_id": False,
        "cae_share": False,
    },
    "account.payment": {
        "cae_document_id": False,
        "cae_load_date": False,
        "cae_mode": False,
        "cae_reference": False,
    },
    "cae.activity.exit": {
        "end_before": False,
        "move_id": False,
        "reversal_move_id": False,
        "state": "draft",
    },
    "cae.adoption": {"done_text": False, "left_text": False, "state": "draft"},
    "cae.adoption.line": {
        "activity_id": False,
        "contract_id": False,
        "entrepreneur_id": False,
        "former_terms": False,
        "made": False,
    },
    "cae.contract": {"version_id": False},
    "cae.entrepreneur": {"date_anonymised": False},
    "hr.expense": {"cae_load_date": False, "cae_reference": False},
}


class CaeOwned(models.AbstractModel):
    """Refuses the fields of ``OWNED``, as values and as defaults."""

    _name = "cae.owned"
    _description = "Fields of the Product"

    @api.model_create_multi
    def create(self, vals_list):
        if not self._cae_owning():
            fresh = OWNED[self._name]
            # Defaults come from the context, and from what users saved as default.
            defaults = self.default_get(list(fresh))
            for vals in vals_list:
                given = {**defaults, **vals}
                self._cae_check_owned(
                    {n for n, v in fresh.items() if (given.get(n) or False) != v}
                )
        return super().create(vals_list)

    def write(self, vals):
        if not self._cae_owning():
            self._cae_check_owned(OWNED[self._name].keys() & vals.keys())
        return super().write(vals)

    def _cae_own(self):
        """These records as our own code writes them, whatever a client's context."""
        return self.with_context(clean_context(self.env.context), cae_own=OWN)

    @api.model
    def _cae_owning(self):
        return self.env.context.get("cae_own") is OWN

    @api.model
    def _cae_check_owned(self, names):
        """:raises UserError: ``CAE-FIELD-OWNED``"""
        if names:
            raise UserError(self._cae_owned_message(names))

    @api.model
    def _cae_owned_message(self, names):
        return self.env._(
            "CAE-FIELD-OWNED: the product alone sets %(fields)s. Leave that out.",
            fields=", ".join(sorted(names)),
        )
