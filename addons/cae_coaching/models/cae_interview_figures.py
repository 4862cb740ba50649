from datetime import date

from odoo import api, fields, models

from odoo.addons.cae_base.models.cae_statement_document import amount
from odoo.addons.cae_base.tools import format_date


class CaeInterview(models.Model):
    """The money of the persons: as it is now, as it was once the interview is held."""

    _inherit = "cae.interview"

    figures = fields.Json(
        string="Kept Figures",
        readonly=True,
        copy=False,
        groups="cae_coaching.group_coaching_manager",
        help="Kept on the day on which the interview was held.",
    )
    figures_html = fields.Html(
        string="Figures", compute="_compute_figures_html", sanitize=False
    )
    open_action_ids = fields.Many2many(
        "cae.coaching.action",
        string="Actions of Before",
        compute="_compute_open_action_ids",
        help="What was decided before and is not done, the oldest deadline first.",
    )

    @api.depends("entrepreneur_ids", "state")
    @api.depends_context("uid", "lang")
    def _compute_figures_html(self):
        for interview in self:
            interview.figures_html = interview._render_figures()

    def _render_figures(self):
        # sudo: the figures that were kept; those of activities that the user may not
        # read are left out.
        kept = self.sudo().figures
        data = kept or self._figures_now()
        ids = [int(key) for key in data["activities"]]
        readable = self.env["cae.activity"].search([("id", "in", ids)])
        rows = [data["activities"][str(activity.id)] for activity in readable]
        return self.env["ir.qweb"]._render(
            "cae_coaching.interview_figures",
            {
                "rows": rows,
                "kept": bool(kept),
                "day": format_date(self.env, date.fromisoformat(data["day"])),
                "date": lambda text: format_date(self.env, date.fromisoformat(text)),
                "amount": amount,
            },
        )

    def _keep_figures(self):
        # sudo: nobody but the head of coaching reads the kept figures as a field.
        self.sudo()._cae_own().figures = self._figures_now()

    def _figures_now(self):
        """``{"day", "activities": {id: figures}}`` of what the persons hold today.

        Keys are texts: they come back so from the database.
        """
        today = fields.Date.context_today(self)
        # The user's own rights say whose activities are read.
        shares = self.env["cae.activity.share"].search(
            [
                ("entrepreneur_id", "in", self.entrepreneur_ids._origin.ids),
                ("date_start", "<=", today),
                *("|", ("date_end", "=", False), ("date_end", ">=", today)),
            ]
        )
        activities = self.env["cae.activity"].search(
            [("id", "in", shares.activity_id.ids)]
        )
        # sudo: who else holds them decides how much of the pay is told.
        figures = activities.sudo()._coaching_figures(today) if activities else {}
        return {
            "day": today.isoformat(),
            "activities": {str(key): row for key, row in figures.items()},
        }

    @api.depends("entrepreneur_ids")
    @api.depends_context("uid")
    def _compute_open_action_ids(self):
        people = self.entrepreneur_ids._origin
        actions = self.env["cae.coaching.action"].search(
            [("entrepreneur_id", "in", people.ids), ("state", "=", "todo")],
            order="date_deadline, id",
        )
        for interview in self:
            persons, here = interview.entrepreneur_ids._origin, interview._origin
            interview.open_action_ids = actions.filtered(
                lambda a, persons=persons, here=here: (
                    a.entrepreneur_id in persons
                    and (not here or a.interview_id != here)
                )
            )
