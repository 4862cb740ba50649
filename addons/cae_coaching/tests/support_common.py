from .coaching_common import CoachingCommon, coaching_tagged


class SupportCommon(CoachingCommon):
    """Inès and Yann hold an activity each; each has a coach."""

    _prefix = "su"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shares = cls._hold()

    def _count(self, user, model):
        return self._as(user, self.env[model]).search_count([])

    def _other_company(self, person):
        """A second company, whose people the users of the first do not see."""
        company = self.env["res.company"].create({"name": "Other CAE"})
        self.env.user.company_ids += company
        other = self.env["cae.entrepreneur"].with_company(company)
        return company, other.create(
            {"first_name": person, "last_name": "Else", "company_id": company.id}
        )


support_tagged = coaching_tagged
