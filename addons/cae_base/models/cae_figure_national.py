from odoo import fields, models


class CaeFigureNational(models.Model):
    """What was published about all cooperatives, to compare one's own figure with."""

    _name = "cae.figure.national"
    _description = "Published Figure"
    _order = "figure_id, date_from desc, id desc"
    _rec_name = "source"

    figure_id = fields.Many2one(
        "cae.figure", required=True, ondelete="cascade", index=True
    )
    value = fields.Float(
        required=True,
        digits=(16, 2),
        aggregator=None,
        help="In the unit of the figure: 48 for 48 %.",
    )
    date_from = fields.Date(
        string="As of",
        required=True,
        help="Day that the figure describes. It is shown from then on, until a later "
        "one is known.",
    )
    source = fields.Char(
        required=True,
        translate=True,
        help="Who published it, and in what: shown beside the figure.",
    )
    url = fields.Char(
        string="Address", help="Page of the publication, opened from the cockpit."
    )
    to_confirm = fields.Boolean(
        help="The original publication was not found: ask the federation before you "
        "quote it."
    )

    _url_check = models.Constraint(
        "CHECK(url IS NULL OR url ~* '^https?://')",
        "The address of a publication begins with https:// or http://.",
    )

    def _published(self) -> dict:
        self.ensure_one()
        return {
            "value": self.value,
            "date": fields.Date.to_string(self.date_from),
            "source": self.source,
            "url": self.url or "",
            "to_confirm": self.to_confirm,
        }
