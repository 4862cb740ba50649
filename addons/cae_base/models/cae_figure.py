from datetime import date

from odoo import api, fields, models

GROUPS = [
    ("people", "People"),
    ("profile", "Profile"),
    ("moves", "Entries and Exits"),
    ("money", "Activities"),
    ("pay", "Pay and Jobs"),
    ("support", "Support"),
    ("cooperation", "Cooperation"),
]
UNITS = [
    ("count", "Count"),
    ("percent", "Percentage"),
    ("amount", "Amount"),
    ("hours", "Hours"),
    ("jobs", "Full-time equivalent"),
]


class CaeFigure(models.Model):
    """A key figure: its name and, with their dates, what it means and what was
    published about all cooperatives. ``cae.key.figures`` computes it."""

    _name = "cae.figure"
    _description = "Key Figure"
    _order = "sequence, id"

    key = fields.Char(
        required=True,
        readonly=True,
        help="Stable name used by other programs; the addon that computes the figure "
        "knows it.",
    )
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Archived figures are not shown.")
    group = fields.Selection(GROUPS, required=True, readonly=True)
    unit = fields.Selection(UNITS, required=True, readonly=True, default="count")
    definition_ids = fields.One2many(
        "cae.figure.definition", "figure_id", string="Definitions"
    )
    national_ids = fields.One2many(
        "cae.figure.national", "figure_id", string="Published Figures"
    )

    _key_uniq = models.UniqueIndex("(key)", "There is already a figure of this key.")

    @api.model
    def _shown(self):
        """Figures that are not archived, in order."""
        return self.search([("active", "=", True)])

    @api.model
    def _latest(self, records, day: date):
        """Of dated texts or values, the one that holds on ``day``, or none."""
        held = records.filtered(lambda r: not r.date_from or r.date_from <= day)
        return held.sorted(lambda r: r.date_from or date.min)[-1:]

    def _explained(self, day: date) -> dict:
        """What the figure is called and means on ``day``, for screens and programs."""
        self.ensure_one()
        definition = self._latest(self.definition_ids, day)
        national = self._latest(self.national_ids, day)
        return {
            "key": self.key,
            "name": self.name,
            "group": self.group,
            "unit": self.unit,
            "definition": definition.definition or "",
            "source": definition.source or "",
            "national": national._published() if national else False,
        }
