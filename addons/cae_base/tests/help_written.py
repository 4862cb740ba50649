"""Every field of the configuration says what it does."""

from odoo.models import MAGIC_COLUMNS

#: Odoo's own conventions, the same on every record.
CONVENTIONAL = {"name", "active", "sequence", "company_id", "color", "display_name"}


class HelpWritten:
    """What somebody enters under *Configuration* has a help.

    Of a ``TransactionCase``; ``menus`` are those of the configuration, ``configured``
    models that other menus open.
    """

    menus = ()
    configured = ()

    def _roots(self):
        """Models of ours that the menus of the configuration open."""
        menus = self.env["ir.ui.menu"].browse(
            [self.env.ref(xml_id).id for xml_id in self.menus]
        )
        below = self.env["ir.ui.menu"].search([("id", "child_of", menus.ids)])
        actions = [menu.action for menu in below if menu.action]
        opened = {a.res_model for a in actions if a._name == "ir.actions.act_window"}
        return {name for name in opened if name.startswith("cae.")}

    def _models(self):
        """These models, and those of the rows that are deleted with their records."""
        found, todo = set(), [*self._roots(), *self.configured]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += self._rows(self.env[name])
        return sorted(found)

    def _rows(self, model):
        for field in model._fields.values():
            if field.type == "one2many" and field.comodel_name.startswith("cae."):
                rows = self.env[field.comodel_name]
                parent = rows._fields.get(field.inverse_name)
                if parent and parent.required and parent.ondelete == "cascade":
                    yield rows._name

    def _entered(self, model):
        """Fields that somebody enters, but for the links between rows and owners."""
        thread = self.env["mail.activity.mixin"]._fields | (
            self.env["mail.thread"]._fields
        )
        owners = {
            (field.comodel_name, field.inverse_name)
            for name in self._models()
            for field in self.env[name]._fields.values()
            if field.type == "one2many"
        }
        for name, field in model._fields.items():
            skipped = name in MAGIC_COLUMNS or name in CONVENTIONAL or name in thread
            listed = field.type == "one2many" or (model._name, name) in owners
            if not (skipped or listed or field.readonly):
                yield field

    def test_every_field_of_the_configuration_says_what_it_does(self):
        models = self._models()
        self.assertGreater(len(models), 1)
        silent = [
            f"{name}.{field.name}"
            for name in models
            for field in self._entered(self.env[name])
            if not field._description_help(self.env)
        ]
        self.assertFalse(silent)
