from lxml import etree

from .support_common import SupportCommon, support_tagged

#: Window: users who open it.
WINDOWS = {
    "cae_coaching_alert_action": ("coach", "head"),
    "cae_coaching_alert_action_mine": ("coach", "head"),
    "cae_skill_grid_action": ("coach", "head"),
    "cae_skill_assessment_action": ("coach", "head"),
    "cae_directory_entry_action": ("coach", "head", "secretary", "accountant"),
    "cae_directory_tag_action": ("head",),
    "cae_service_action": ("coach", "head", "secretary", "accountant"),
    "cae_service_request_action": ("coach", "head", "secretary", "accountant"),
    "cae_service_time_action": ("coach", "head", "secretary", "accountant"),
    "cae_service_time_action_year": ("head", "accountant"),
}


@support_tagged
class TestSupportScreens(SupportCommon):
    def _open(self, user, action):
        """What the web client does with a window: views, then data."""
        model = self._as(user, self.env[action.res_model])
        kinds = [*action.view_mode.split(","), "search"]
        got = model.get_views([(False, kind) for kind in kinds])["views"]
        names = {"display_name"}
        for view in got.values():
            tree = etree.fromstring(view["arch"])
            names |= {
                node.get("name")
                for node in tree.iter("field")
                if not any(up.tag == "field" for up in node.iterancestors())
            }
        model.web_search_read([], {name: {} for name in names}, limit=5)
        return got

    def test_every_window_opens_for_whoever_it_is_for(self):
        for name, users in WINDOWS.items():
            action = self.env.ref(f"cae_coaching.{name}")
            self.assertTrue(action.path and action.help, name)
            for user in users:
                with self.subTest(window=name, user=user):
                    self.assertTrue(self._open(user, action))

    def test_smart_buttons_of_people_and_activities(self):
        for record in (self.ines, self.activities[0]):
            arch = self._as("coach", record).get_view(view_type="form")["arch"]
            self.assertIn("action_open_alerts", arch)
            arch = self._as("accountant", record).get_view(view_type="form")["arch"]
            self.assertNotIn("action_open_alerts", arch)
