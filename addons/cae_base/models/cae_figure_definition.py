from odoo import fields, models


class CaeFigureDefinition(models.Model):
    """What a key figure counts, from a day on, and who says so."""

    _name = "cae.figure.definition"
    _description = "Definition of a Key Figure"
    _order = "figure_id, date_from desc, id desc"
    _rec_name = "definition"

    figure_id = fields.Many2one(
        "cae.figure", required=True, ondelete="cascade", index=True
    )
    date_from = fields.Date(
        string="From", help="First day on which it holds; empty: always."
    )
    definition = fields.Text(
        required=True,
        translate=True,
        help="Who or what is counted, on which day or over which time, and what is "
        "left out: shown beside the figure.",
    )
    source = fields.Char(
        translate=True, help="Text of law, agreement or body that defines the figure."
    )
