from lxml import etree

from odoo.tests import freeze_time
from odoo.tools.safe_eval import safe_eval

from .interview_common import InterviewCommon, interview_tagged

ACTIONS = (
    "cae_interview_action",
    "cae_interview_action_mine",
    "cae_coaching_action_action",
    "cae_entrepreneur_action_duty",
    "cae_interview_type_action",
)


@interview_tagged
@freeze_time("2026-02-15 12:00:00")
class TestInterviewViews(InterviewCommon):
    def _views(self, user, xmlid):
        action = self.env.ref(f"cae_coaching.{xmlid}")
        model = self._as(user, self.env[action.res_model])
        return action, model, model.get_views([*action.views, (False, "search")])

    def test_every_list_opens_and_every_filter_filters(self):
        self._interview()
        for user in ("coach", "head"):
            for xmlid in ACTIONS:
                action, model, got = self._views(user, xmlid)
                self.assertTrue(action.path and action.help, xmlid)
                search = etree.fromstring(got["views"]["search"]["arch"])
                for node in search.iter("filter"):
                    domain = node.get("domain")
                    if domain:
                        with self.subTest(user=user, filter=node.get("name")):
                            values = {"uid": model.env.uid}
                            model.search(safe_eval(domain, values), limit=1)

    def test_screens_show_what_their_users_may_read(self):
        interview = self._shared()
        for user in ("coach", "head"):
            for model in ("cae.interview", "cae.coaching.action", "cae.entrepreneur"):
                records = self._as(user, self.env[model])
                views = records.get_views([(False, "form"), (False, "list")])["views"]
                for view in views.values():
                    tree = etree.fromstring(view["arch"])
                    names = {
                        node.get("name")
                        for node in tree.iter("field")
                        if not any(a.tag == "field" for a in node.iterancestors())
                    }
                    spec = {name: {} for name in names}
                    records.web_search_read([], spec, limit=5)
        form = self._as("coach", interview).get_views([(False, "form")])["views"]
        self.assertNotIn("note_ids", form["form"]["arch"])

    def test_people_open_their_interviews_and_actions(self):
        coach = self._as("coach", self.ines)
        interview = self._interview()
        action = coach.action_open_interviews()
        found = self._as("coach", self.env[action["res_model"]]).search(
            action["domain"]
        )
        self.assertEqual(found, interview)
        self.assertTrue(coach.action_open_coaching_actions()["domain"])
        context = coach.action_plan_interview()["context"]
        new = interview.with_context(**context).default_get(["entrepreneur_ids"])
        self.assertEqual(new["entrepreneur_ids"][0][2], self.ines.ids)

    def test_others_see_no_menu_of_it(self):
        root = self.env.ref("cae_coaching.menu_coaching_root")
        for user in ("accountant", "payroll", "secretary"):
            menus = self._as(user, self.env["ir.ui.menu"]).load_menus(False)
            self.assertNotIn(root.id, menus)
