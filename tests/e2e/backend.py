"""The screens of the backend: ours, and Odoo's nearest ones.

A screen is a dictionary for ``backend_walk.js``: ``name``, ``kind`` (type of view),
``action`` (an id, an XML id or the action itself), and

========= ==================================================================
``alone`` true for a form that is shown without a record
``about`` the record that a wizard is opened from: ``model``, ``domain``, and the
          ``field`` of the wizard that holds it
``own``   true when the screen is one of ours
========= ==================================================================
"""

from caetools import paths

KINDS = ("list", "kanban", "form", "pivot", "graph", "calendar", "activity")
#: Screens of Odoo, and the types of view that are looked at.
ODOO = {
    "account.action_move_out_invoice_type": ("list", "kanban", "form"),
    "account.action_move_in_invoice_type": ("list", "form"),
    "account.action_account_moves_all": ("list", "pivot", "graph", "kanban"),
    "account.action_account_payments": ("list", "kanban", "form", "graph"),
    "account.action_account_invoice_report_all": ("pivot", "graph"),
    "account.open_account_journal_dashboard_kanban": ("kanban",),
    "account.action_account_form": ("list", "form"),
    "account.action_account_journal_form": ("list", "form"),
    "analytic.action_account_analytic_account_form": ("list", "form"),
    "hr.open_view_employee_list_my": ("kanban", "list", "form", "activity"),
    "hr.hr_department_tree_action": ("list", "form"),
    "hr_expense.hr_expense_actions_my_all": KINDS[:5] + ("activity",),
    "base.action_partner_form": ("kanban", "list", "form", "activity"),
    "base.action_res_users": ("list", "kanban", "form"),
    "base.actions_ir_filters_view": ("list", "form"),
    "calendar.action_calendar_event": ("calendar", "list", "form"),
    "event.action_event_view": ("kanban", "calendar", "list", "form"),
    "event.event_registration_action_tree": ("list", "form"),
    "mail.mail_activity_plan_action": ("list", "form"),
    "mail.res_role_action": ("list", "form"),
    "product.product_template_action_all": ("list", "kanban", "form"),
}
#: Odoo's own without a record: settings, and a wizard.
ODOO_ALONE = (
    "base_setup.action_general_configuration",
    "base.action_view_base_language_install",
)
#: Wizards that a button opens, and the record that it is on.
ABOUT = {
    "cae.anonymisation": {
        "model": "cae.entrepreneur",
        "domain": [("stage", "=", "left")],
        "field": "entrepreneur_id",
    },
}
#: Wizards that a method makes and opens.
MADE = {
    "cae.bank.match": (
        "account.bank.statement.line",
        [("is_reconciled", "=", False)],
        "action_cae_open_match",
    ),
}
#: Wizards that look different from action to action.
SEVERAL = ("cae.import",)


def modules():
    """Names of our addons."""
    return [*paths.our_addons(), *paths.glue_addons()]


def named(client, model):
    """``{id: xml id}`` of the records of a model that are ours."""
    domain = [("model", "=", model), ("module", "in", modules())]
    rows = client.read("ir.model.data", domain, ["complete_name", "res_id"])
    return {row["res_id"]: row["complete_name"] for row in rows}


class Screens:
    """All screens of our addons in a database."""

    def __init__(self, client):
        self.client = client
        self.views = named(client, "ir.ui.view")
        transient = [("transient", "=", True), ("model", "=like", "cae.%")]
        self.wizards = {
            row["model"] for row in client.read("ir.model", transient, ["model"])
        }
        self.shown = set()

    def all(self):
        """Each view of each window action, then the views that no action names."""
        return [*self._of_actions(), *self._of_views()]

    def _of_actions(self):
        names = named(self.client, "ir.actions.act_window")
        fields = ["views", "res_model", "target", "context", "binding_model_id"]
        rows = self.client.read(
            "ir.actions.act_window", [("id", "in", list(names))], fields
        )
        models = self._models(rows)
        defaults = self._defaults()
        for row in sorted(rows, key=lambda row: row["id"]):
            for view, kind in row["views"]:
                model = row["res_model"]
                view = view or defaults.get((model, kind))
                words = row["context"] if model in SEVERAL else ""
                if self._is_new(model, kind, view, words):
                    yield {
                        "name": f"{names[row['id']]} {kind}",
                        "kind": kind,
                        "action": row["id"],
                        "alone": model in self.wizards,
                        "about": models.get(row["id"]),
                        "own": True,
                    }

    def _is_new(self, *key):
        """Whether nothing shows this view (with this context) yet."""
        new = key not in self.shown
        self.shown.add(key)
        return new

    def _models(self, rows):
        """``{action: model}`` of the records that an action is bound to."""
        bound = {
            row["id"]: row["binding_model_id"][0]
            for row in rows
            if row["binding_model_id"]
        }
        domain = [("id", "in", list(bound.values()))]
        models = {
            row["id"]: row["model"]
            for row in self.client.read("ir.model", domain, ["model"])
        }
        return {action: {"model": models[model]} for action, model in bound.items()}

    def _defaults(self):
        """``{(model, kind): view}`` that Odoo shows unless told otherwise."""
        domain = [("type", "in", KINDS), ("mode", "=", "primary")]
        fields = ["model", "type", "priority", "name"]
        rows = self.client.read("ir.ui.view", domain, fields)
        rows.sort(key=lambda row: (row["priority"], row["name"], row["id"]))
        first = {}
        for row in rows:
            first.setdefault((row["model"], row["type"]), row["id"])
        return first

    def _of_views(self):
        domain = [("id", "in", list(self.views)), ("type", "in", KINDS)]
        domain.append(("mode", "=", "primary"))
        shown = {key[:3] for key in self.shown}
        for row in self.client.read("ir.ui.view", domain, ["model", "type"]):
            model, kind, view = row["model"], row["type"], row["id"]
            if (model, kind, view) not in shown:
                wizard = model in self.wizards and kind == "form"
                yield {
                    "name": f"{self.views[view]} {kind}",
                    "kind": kind,
                    "action": self._made(model)
                    or {
                        "type": "ir.actions.act_window",
                        "name": model,
                        "res_model": model,
                        "views": [[view, kind]],
                        "target": "new" if wizard else "current",
                    },
                    "alone": wizard,
                    "about": ABOUT.get(model),
                    "own": True,
                }

    def _made(self, model):
        """The action of a wizard that a method makes."""
        if model in MADE:
            source, domain, method = MADE[model]
            record = self.client.search(source, domain, limit=1)
            return self.client.call(source, method, ids=record)


def of_odoo():
    """Screens that ours are compared with."""
    for action, kinds in ODOO.items():
        for kind in kinds:
            yield {"name": f"{action} {kind}", "kind": kind, "action": action}
    for action in ODOO_ALONE:
        yield {"name": action, "kind": "form", "action": action, "alone": True}
