from odoo import api, models


class CaeAsking(models.AbstractModel):
    """Asks why, before something closed is opened or something booked is undone."""

    _name = "cae.asking"
    _description = "Reason"
    #: Field that says what is done with the reason: ``undo`` calls ``_do_undo``.
    _operation = "operation"

    @api.model
    def _ask(self, operation, title, form="", **values):
        """Action that asks for the reason of an operation.

        :param form: XML id of the view, when it is not the usual one
        :param values: of the fields that say what it is done to
        """
        values[self._operation] = operation
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": self._name,
            "view_mode": "form",
            "view_id": self.env.ref(form).id if form else False,
            "target": "new",
            "context": {f"default_{name}": value for name, value in values.items()},
        }

    def _confirm(self):
        """Do it, with the reason; each window has its own public ``action_confirm``."""
        self.ensure_one()
        getattr(self, f"_do_{self[self._operation]}")()
        return {"type": "ir.actions.act_window_close"}
