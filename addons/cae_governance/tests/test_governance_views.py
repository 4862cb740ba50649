from lxml import etree

from odoo.tests import TransactionCase, new_test_user, tagged

ROLES = ("governance", "accountant", "manager")


@tagged("post_install", "-at_install", "cae")
class TestGovernanceViews(TransactionCase):
    """Every menu opens for whoever sees it; every window has an address and a help."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = cls.env.ref("cae_governance.menu_governance_root")
        cls.users = {
            role: new_test_user(
                cls.env, login=f"gov_views_{role}", groups=f"cae_base.group_{role}"
            )
            for role in (*ROLES, "coach")
        }

    def _menus(self, role):
        menus = self.env["ir.ui.menu"].with_user(self.users[role]).load_menus(False)
        found, todo = [], [self.root.id]
        while todo:
            menu = menus.get(todo.pop(0))
            if menu:
                found.append(menu)
                todo = menu["children"] + todo
        return [menu for menu in found if not menu["children"] and menu["action_id"]]

    def _open(self, role, menu):
        env = self.env(user=self.users[role])
        action = env[menu["action_model"]].browse(menu["action_id"])._get_action_dict()
        model = env[action["res_model"]]
        views = [*action["views"], (False, "search")]
        got = model.get_views([view for view in views if view[0] is not None])["views"]
        if model._transient:
            return model.default_get(list(model._fields)) or got
        names = {"display_name"}
        for view in got.values():
            tree = etree.fromstring(view["arch"])
            names |= {
                node.get("name")
                for node in tree.iter("field")
                if not any(p.tag == "field" for p in node.iterancestors())
            }
        readable = {
            name: {}
            for name in names & set(model._fields)
            if model._has_field_access(model._fields[name], "read")
        }
        model.web_search_read([], readable, limit=5)
        return got

    def test_every_menu_opens_for_whoever_sees_it(self):
        for role in ROLES:
            menus = self._menus(role)
            self.assertGreater(len(menus), 4, role)
            for menu in menus:
                with self.subTest(role=role, menu=menu["name"]):
                    self.assertTrue(self._open(role, menu))

    def test_coaches_do_not_see_the_app(self):
        self.assertEqual(self._menus("coach"), [])

    def test_every_window_has_its_own_address_and_a_help(self):
        data = self.env["ir.model.data"].search(
            [
                ("module", "=", "cae_governance"),
                ("model", "=", "ir.actions.act_window"),
            ]
        )
        actions = self.env["ir.actions.act_window"].browse(data.mapped("res_id"))
        windows = actions.filtered(lambda action: action.target != "new")
        self.assertTrue(windows)
        self.assertFalse(windows.filtered(lambda a: not a.path).mapped("name"))
        lists = windows.filtered(lambda action: "list" in action.view_mode)
        self.assertFalse(lists.filtered(lambda a: not a.help).mapped("name"))
