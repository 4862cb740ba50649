"""What a user finds in the menus of an addon."""

from lxml import etree

from odoo.tests import new_test_user
from odoo.tools.safe_eval import safe_eval


class MenusOpen:
    """Every menu opens for whoever sees it; every window has an address and a help.

    Of a ``TransactionCase``; ``addon`` and ``root`` (its menu) are those under test,
    ``roles`` see it (groups of cae_base), ``stranger`` does not.
    """

    addon = ""
    root = ""
    roles = ()
    stranger = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(
                cls.env, login=f"{cls.addon}_{role}", groups=f"cae_base.group_{role}"
            )
            for role in (*cls.roles, cls.stranger)
        }

    def _menus(self, role):
        """Menus of the app that a role sees and that open something, in order."""
        menus = self.env["ir.ui.menu"].with_user(self.users[role]).load_menus(False)
        found, todo = [], [self.env.ref(f"{self.addon}.{self.root}").id]
        while todo:
            menu = menus.get(todo.pop(0))
            if menu:
                found.append(menu)
                todo = menu["children"] + todo
        return [menu for menu in found if menu["children"] == [] and menu["action_id"]]

    def _action(self, role, menu):
        env = self.env(user=self.users[role])
        action = env[menu["action_model"]].browse(menu["action_id"])
        if menu["action_model"] == "ir.actions.server":
            return action.run()
        return action._get_action_dict()

    def _open(self, role, action):
        """Do what the web client does with an action: views, then data."""
        if action["type"] == "ir.actions.act_url":
            return action["url"]
        model = self.env[action["res_model"]].with_user(self.users[role])
        context = action.get("context") or {}
        if isinstance(context, str):
            names = {"active_id": 0, "uid": self.users[role].id}
            context = safe_eval(context, names)
        views = [
            (view_id, kind) for view_id, kind in action["views"] if view_id is not None
        ] + [(False, "search")]
        got = model.with_context(**context).get_views(views)["views"]
        fields = {"display_name"}
        for view in got.values():
            names = set(model._fields) & set(self._names(view["arch"]))
            fields |= {name for name in names if self._readable(model, name)}
        if model._transient:
            return got
        model.web_search_read([], {name: {} for name in fields}, limit=5)
        return got

    @staticmethod
    def _names(arch):
        # Fields of the view itself, not of the lists inside it.
        return [
            node.get("name")
            for node in etree.fromstring(arch).iter("field")
            if not any(parent.tag == "field" for parent in node.iterancestors())
        ]

    @staticmethod
    def _readable(model, name):
        return model._has_field_access(model._fields[name], "read")

    def _windows(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", self.addon), ("model", "=", "ir.actions.act_window")]
        )
        return self.env["ir.actions.act_window"].browse(data.mapped("res_id"))

    def test_every_menu_opens_for_whoever_sees_it(self):
        for role in self.roles:
            menus = self._menus(role)
            self.assertGreater(len(menus), 4, role)
            for menu in menus:
                with self.subTest(role=role, menu=menu["name"]):
                    action = self._action(role, menu)
                    self.assertTrue(self._open(role, action))

    def test_app_is_hidden_from_those_it_is_not_for(self):
        self.assertEqual(self._menus(self.stranger), [])

    def test_every_window_has_its_own_address(self):
        windows = self._windows().filtered(lambda action: action.target != "new")
        self.assertTrue(windows)
        self.assertFalse(windows.filtered(lambda a: not a.path).mapped("name"))

    def test_every_window_says_what_it_is_for_when_empty(self):
        lists = self._windows().filtered(lambda action: "list" in action.view_mode)
        self.assertFalse(lists.filtered(lambda a: not a.help).mapped("name"))
