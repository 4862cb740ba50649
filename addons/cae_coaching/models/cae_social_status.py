from odoo import api, fields, models


class CaeSocialStatus(models.Model):
    """The situation of a person from a day on, until the next one."""

    _name = "cae.social.status"
    _description = "Dated Social Status"
    _order = "date desc, id desc"

    file_id = fields.Many2one(
        "cae.social.file", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="file_id.company_id", store=True, index=True)
    date = fields.Date(
        string="Since",
        required=True,
        default=fields.Date.context_today,
        help="Read by: coaches of the person. Kept as the social file.",
    )
    situation_id = fields.Many2one(
        "cae.social.situation",
        required=True,
        ondelete="restrict",
        index=True,
        help="Read by: coaches of the person. Kept as the social file; funders are "
        "given figures, not names, unless a programme asks for lists.",
    )
    note = fields.Char(help="Read by: coaches of the person. No health data.")

    _date_uniq = models.UniqueIndex(
        "(file_id, date)",
        "CAE-SOCIAL-STATUS: there is a status from this day on already.",
    )

    @api.depends("date", "situation_id")
    def _compute_display_name(self):
        for status in self:
            status.display_name = f"{status.situation_id.name or ''} ({status.date})"
