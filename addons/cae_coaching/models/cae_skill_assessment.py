from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.cae_base.engine.texts import cleaned
from odoo.addons.cae_base.models.cae_owned import OWNED
from odoo.addons.cae_base.tools import format_date

from ..engine import alerts, radar

#: A person's own words come from the portal; a button finishes an assessment.
OWNED["cae.skill.assessment"] = {"kind": "coach", "state": "draft"}


class CaeSkillAssessment(models.Model):
    """Where somebody stands in a grid on a day: the coach's view or their own."""

    _name = "cae.skill.assessment"
    _description = "Assessment of Competences"
    _inherit = ["cae.owned", "cae.printed", "mail.thread"]
    _report_template = "cae_coaching.skill_document"
    _order = "date desc, id desc"
    _rec_name = "grid_id"
    _check_company_auto = True

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="entrepreneur_id.company_id", store=True, index=True
    )
    grid_id = fields.Many2one(
        "cae.skill.grid",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self._default_grid(),
    )
    kind = fields.Selection(
        [("coach", "The coach's"), ("self", "The person's own")],
        string="Whose View",
        required=True,
        readonly=True,
        default="coach",
        copy=False,
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    deadline_id = fields.Many2one(
        "cae.skill.deadline",
        compute="_compute_deadline_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('grid_id', '=', grid_id)]",
        help="Whose expectations it is compared with: the first deadline to come.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    line_ids = fields.One2many(
        "cae.skill.assessment.line",
        "assessment_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        copy=True,
    )
    comment = fields.Text(help="The person reads it once it is done.")
    lacking = fields.Integer(
        string="Below What Is Expected",
        compute="_compute_lacking",
        store=True,
        help="Competences whose level is below what the deadline expects.",
    )
    radar = fields.Html(compute="_compute_radar", sanitize=False)

    @api.model
    def _default_grid(self):
        return self.env["cae.skill.grid"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        )

    @api.depends("grid_id", "date", "entrepreneur_id")
    def _compute_deadline_id(self):
        for one in self:
            entry = one.entrepreneur_id.date_entry
            deadlines = one.grid_id.deadline_ids.sorted("months")
            if one.date and entry:
                months = alerts.months_between(entry, one.date)
                coming = deadlines.filtered(lambda d, m=months: d.months >= m)
                one.deadline_id = (coming[:1] or deadlines[-1:]).id
            else:
                one.deadline_id = deadlines[:1].id

    @api.depends("grid_id")
    def _compute_line_ids(self):
        for one in self:
            if one.state == "draft" and one.line_ids.skill_id.grid_id != one.grid_id:
                one.line_ids = [
                    Command.clear(),
                    *(
                        Command.create({"skill_id": skill.id})
                        for skill in one.grid_id.skill_ids
                    ),
                ]

    @api.depends("line_ids.gap")
    def _compute_lacking(self):
        for one in self:
            one.lacking = len(one.line_ids.filtered(lambda line: line.gap < 0))

    @api.depends("grid_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for one in self:
            day = format_date(self.env, one.date)
            one.display_name = f"{one.grid_id.name or ''} – {day}"

    @api.depends(
        "line_ids.level_id", "line_ids.expected_id", "deadline_id", "kind", "date"
    )
    @api.depends_context("lang")
    def _compute_radar(self):
        before = self._previous()
        for one in self:
            one.radar = Markup(one._radar(before.get(one._origin.id)))

    def _radar(self, before=None):
        """The drawing: this one, the one before, and what is expected."""
        lines = self.line_ids
        axes = [line.skill_id.name or "" for line in lines]
        series = [
            radar.Series(
                self.env._("Expected"),
                tuple(_value(line.expected_id) for line in lines),
                "#888888",
                "5 4",
            ),
            radar.Series(
                format_date(self.env, self.date),
                tuple(_value(line.level_id) for line in lines),
            ),
        ]
        if before:
            levels = {line.skill_id: line.level_id for line in before.line_ids}
            none = self.env["cae.skill.level"]
            values = (_value(levels.get(line.skill_id, none)) for line in lines)
            day = format_date(self.env, before.date)
            series.append(radar.Series(day, tuple(values), "#c0504d", "2 3"))
        return radar.svg(axes, series, self.grid_id._top())

    def _previous(self):
        """``{id: the assessment before it}``, of the same person, grid and view."""
        earlier = self.search(
            [
                ("entrepreneur_id", "in", self.entrepreneur_id.ids),
                ("grid_id", "in", self.grid_id.ids),
                ("state", "=", "done"),
            ]
        )
        result = {}
        for one in self:
            before = earlier.filtered(
                lambda e, o=one: (
                    (e.entrepreneur_id, e.grid_id, e.kind)
                    == (o.entrepreneur_id, o.grid_id, o.kind)
                    and e != o._origin
                    and o.date
                    and (e.date, e.id) < (o.date, o._origin.id or e.id + 1)
                )
            )
            result[one._origin.id] = before[:1]
        return result

    @api.constrains("date")
    def _check_date(self):
        today = fields.Date.context_today(self)
        if any(one.date > today for one in self):
            raise ValidationError(
                self.env._("CAE-SKILL-DATE: nobody is assessed on a day to come.")
            )

    def write(self, vals):
        self.check_access("write")
        if not self._cae_owning():
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if not self._cae_owning():
            self._check_draft()

    def _check_draft(self):
        """:raises UserError: ``CAE-SKILL-DONE``"""
        if any(one.state == "done" for one in self):
            raise UserError(
                self.env._(
                    "CAE-SKILL-DONE: this assessment is done; make a new one to show "
                    "the progress."
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_done(self) -> bool:
        """Finish it: it is dated, the person reads it, nobody changes it.

        :raises UserError: ``CAE-SKILL-EMPTY``, ``CAE-SKILL-DONE``
        """
        self.check_access("write")
        self._check_draft()
        for one in self:
            if not one.line_ids.level_id:
                raise UserError(
                    self.env._(
                        "CAE-SKILL-EMPTY: choose a level for one competence at least."
                    )
                )
        self._cae_own().write({"state": "done"})
        return True

    @api.model
    def action_assess_myself(self, grid, levels: dict, comment: str = "") -> int:
        """The connected person says where they stand.

        :param grid: id of the grid
        :param levels: ``{id of the competence: id of the level}``, as texts or numbers
        :return: id of the assessment, done
        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-SKILL-GRID``, ``CAE-SKILL-EMPTY``
        """
        person = self.env["cae.entrepreneur"].search(
            [("user_id", "=", self.env.uid)], limit=1
        )
        if not person:
            raise AccessError(self.env._("CAE-ACCESS: this is for entrepreneurs."))
        # sudo: the person reads the grid and writes no assessment but by this way.
        found = self.env["cae.skill.grid"].sudo().browse(_number(grid)).exists()
        if not found.active or found.company_id != person.company_id:
            raise UserError(self.env._("CAE-SKILL-GRID: this grid is not yours."))
        assessment = (
            self.sudo()
            ._cae_own()
            .create(
                {
                    "entrepreneur_id": person.id,
                    "grid_id": found.id,
                    "kind": "self",
                    "comment": cleaned(comment, 2000),
                    "line_ids": found._lines_of(levels),
                }
            )
        )
        assessment.action_done()
        return assessment.id

    def action_progress(self) -> dict:
        """Levels in time."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Progress"),
            "res_model": "cae.skill.assessment.line",
            "view_mode": "graph,pivot,list",
            "domain": [
                ("entrepreneur_id", "in", self.entrepreneur_id.ids),
                ("grid_id", "in", self.grid_id.ids),
                ("state", "=", "done"),
            ],
        }

    # ------------------------------------------------------------------
    # Document
    # ------------------------------------------------------------------

    def _prepare_document_values(self):
        by_coach = self.env._("assessed by the coach")
        return {
            **super()._prepare_document_values(),
            **self.company_id._cae_document_values(),
            "document": self,
            "draft": False,
            "replaced": False,
            "day": format_date(self.env, self.date),
            "kind": by_coach if self.kind == "coach" else self.env._("self-assessment"),
            "commented": any(self.line_ids.mapped("comment")),
            "drawing": Markup(self._radar(self._previous().get(self.id))),
        }

    def _file_name(self):
        person = self.entrepreneur_id
        word = self.env._("competences")
        return f"{word}-{person.code}-{self.date}"


class CaeSkillGrid(models.Model):
    _inherit = "cae.skill.grid"

    def _lines_of(self, levels):
        """Lines of a form, all of this grid.

        :raises UserError: ``CAE-SKILL-GRID``
        """
        given = {}
        for skill, level in levels.items() if isinstance(levels, dict) else ():
            given[_number(skill)] = _number(level)
        wrong = given.keys() - set(self.skill_ids.ids)
        wrong |= set(given.values()) - {0, *self.level_ids.ids}
        if wrong:
            raise UserError(
                self.env._("CAE-SKILL-GRID: a competence or level is of another grid.")
            )
        return [
            Command.create(
                {"skill_id": skill.id, "level_id": given.get(skill.id) or False}
            )
            for skill in self.skill_ids
        ]


def _value(level):
    return level.value if level else None


def _number(value):
    """An id that somebody sent, 0 when it is none."""
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if text.isdecimal() and len(text) < 10 else 0
