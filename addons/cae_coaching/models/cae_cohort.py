from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ..engine import path

#: Months after which conversions to CESA are counted (domain: indicators).
MONTHS = (12, 18, 24)
SURVIVAL = relativedelta(years=3)
CESA_HELP = (
    "Of those who entered so many months ago or more: how many had a CESA by then."
)


class CaeCohort(models.Model):
    """People who entered between two days, followed together."""

    _name = "cae.cohort"
    _description = "Cohort"
    _order = "date_start desc, name"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date_start = fields.Date(string="Entries From", required=True)
    date_end = fields.Date(string="Entries Until", required=True)
    team_id = fields.Many2one("cae.team", check_company=True, help="All when empty.")
    note = fields.Text()
    entrepreneur_ids = fields.Many2many(
        "cae.entrepreneur",
        compute="_compute_people",
        help="By their date of entry; those whom you may see.",
    )
    entry_count = fields.Integer(string="Entries", compute="_compute_people")
    present_count = fields.Integer(string="Still Here", compute="_compute_people")
    left_count = fields.Integer(string="Have Left", compute="_compute_people")
    interrupted_count = fields.Integer(string="Interrupted", compute="_compute_people")
    cesa_12 = fields.Char(
        string="CESA Within 12 Months", compute="_compute_people", help=CESA_HELP
    )
    cesa_18 = fields.Char(
        string="CESA Within 18 Months", compute="_compute_people", help=CESA_HELP
    )
    cesa_24 = fields.Char(
        string="CESA Within 24 Months", compute="_compute_people", help=CESA_HELP
    )
    lasting_count = fields.Integer(
        string="Lasting After 3 Years",
        compute="_compute_people",
        help="Of those who entered three years ago or more: still here after three "
        "years, or left for a reason that counts as lasting.",
    )
    ripe_count = fields.Integer(
        string="Entered Three Years Ago",
        compute="_compute_people",
        help="Who can be counted as lasting or not already.",
    )

    _dates_order = models.Constraint(
        "CHECK(date_end >= date_start)",
        "CAE-COHORT-DATES: a cohort ends after it begins.",
    )

    @api.depends("date_start", "date_end", "company_id", "team_id")
    @api.depends_context("uid", "lang")
    def _compute_people(self):
        people = self._search_people()
        facts = people._path_facts()
        today = fields.Date.context_today(self)
        for cohort in self:
            mine = people.filtered(cohort._takes)
            cohort.entrepreneur_ids = mine
            for name, value in _figures(mine, facts, today).items():
                cohort[name] = value
            for months in MONTHS:
                cohort[f"cesa_{months}"] = self._cesa_words(mine, facts, today, months)

    def _cesa_words(self, people, facts, today, months):
        """``1 / 3``; in words when nobody has been there for so long."""
        delay = relativedelta(months=months)
        ripe = [person for person in people if person.date_entry + delay <= today]
        if not ripe:
            return self.env._("not known yet")
        found = sum(_within(facts[p.id], p.date_entry + delay) for p in ripe)
        return f"{found} / {len(ripe)}"

    def _search_people(self):
        """Everybody who may be of one of these cohorts, in one query."""
        dated = self.filtered(lambda c: c.date_start and c.date_end)
        people = self.env["cae.entrepreneur"].with_context(active_test=False)
        if not dated:
            return people
        return people.search_fetch(
            [
                ("date_entry", ">=", min(dated.mapped("date_start"))),
                ("date_entry", "<=", max(dated.mapped("date_end"))),
                ("company_id", "in", dated.company_id.ids),
            ],
            ["date_entry", "date_exit", "exit_reason_id", "company_id", "team_id"],
        )

    def _takes(self, person):
        return bool(
            self.date_start
            and self.date_end
            and self.date_start <= person.date_entry <= self.date_end
            and person.company_id == self.company_id
            and (not self.team_id or person.team_id == self.team_id)
        )

    def action_open_people(self) -> dict:
        """The people of the cohort."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "cae.entrepreneur",
            "view_mode": "list,kanban,form",
            "domain": [("id", "in", self.entrepreneur_ids.ids)],
            "context": {"active_test": False},
        }


def _figures(people, facts, today):
    states = [path.state_at(facts[person.id], today) for person in people]
    result = {
        "entry_count": len(people),
        "left_count": states.count(path.LEFT),
        "interrupted_count": states.count(path.INTERRUPTED),
    }
    result["present_count"] = len(people) - result["left_count"]
    ripe = [person for person in people if person.date_entry + SURVIVAL <= today]
    result["ripe_count"] = len(ripe)
    result["lasting_count"] = sum(_lasts(person) for person in ripe)
    return result


def _within(fact, limit):
    first = path.first_day(fact, path.CESA)
    return bool(first and first < limit)


def _lasts(person):
    stays = not person.date_exit or person.date_exit >= person.date_entry + SURVIVAL
    return stays or person.exit_reason_id.survival
