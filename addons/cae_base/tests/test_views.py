from ast import literal_eval

from lxml import etree

from odoo.tests import TransactionCase, new_test_user, tagged

ROLES = ("coach", "accountant", "payroll", "manager")


@tagged("post_install", "-at_install")
class TestViews(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = cls.env.ref("cae_base.menu_cae_root")
        cls.users = {
            role: new_test_user(
                cls.env, login=f"views_{role}", groups=f"cae_base.group_{role}"
            )
            for role in (*ROLES, "governance")
        }

    def _menus(self, role):
        """Menus of the app that a role sees and that open something, in order."""
        menus = self.env["ir.ui.menu"].with_user(self.users[role]).load_menus(False)
        found, todo = [], [self.root.id]
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
        model = self.env[action["res_model"]].with_user(self.users[role])
        context = action.get("context") or {}
        if isinstance(context, str):
            context = literal_eval(context.replace("active_id", "0"))
        views = [
            (view_id, kind) for view_id, kind in action["views"] if view_id is not None
        ] + [(False, "search")]
        got = model.with_context(**context).get_views(views)["views"]
        fields = {"display_name"}
        for view in got.values():
            names = set(model._fields) & set(self._names(view["arch"]))
            fields |= {name for name in names if self._readable(model, name)}
        spec = {name: {} for name in fields}
        if model._transient:
            return got
        model.web_search_read([], spec, limit=5)
        return got

    @staticmethod
    def _names(arch):
        tree = etree.fromstring(arch)
        # Fields of the view itself, not of the lists inside it.
        return [
            node.get("name")
            for node in tree.iter("field")
            if not any(parent.tag == "field" for parent in node.iterancestors())
        ]

    @staticmethod
    def _readable(model, name):
        return model._has_field_access(model._fields[name], "read")

    def test_every_menu_opens_for_whoever_sees_it(self):
        for role in ROLES:
            menus = self._menus(role)
            self.assertGreater(len(menus), 4, role)
            for menu in menus:
                with self.subTest(role=role, menu=menu["name"]):
                    action = self._action(role, menu)
                    self.assertTrue(self._open(role, action))

    def test_landing_page_of_accountants_is_the_month_to_close(self):
        menu = self._menus("accountant")[0]
        action = self._action("accountant", menu)
        self.assertEqual(action["res_model"], "cae.period")
        self.assertTrue(action["res_id"])

    def test_landing_page_of_coaches_is_their_people(self):
        menu = self._menus("coach")[0]
        self.assertEqual(menu["xmlid"], "cae_base.cae_entrepreneur_menu_mine")

    def test_app_is_hidden_from_those_it_is_not_for(self):
        self.assertEqual(self._menus("governance"), [])

    def test_every_window_has_its_own_address(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", "cae_base"), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(data.mapped("res_id"))
        windows = actions.filtered(lambda action: action.target != "new")
        self.assertTrue(windows)
        self.assertEqual(windows.filtered(lambda action: not action.path).ids, [])

    def test_every_window_says_what_it_is_for_when_empty(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", "cae_base"), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(data.mapped("res_id"))
        lists = actions.filtered(lambda action: "list" in action.view_mode)
        self.assertEqual(
            lists.filtered(lambda action: not action.help).mapped("name"), []
        )
