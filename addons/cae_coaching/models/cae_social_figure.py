from odoo import api, fields, models
from odoo.tools import SQL


class CaeSocialFigure(models.Model):
    """Hours of training and of individual support in the social report."""

    _inherit = "cae.social.figure"
    _depends = {"cae.person.hours": ["date", "entrepreneur_id", "hours", "kind"]}

    figure = fields.Selection(
        selection_add=[
            ("training", "Training in Workshops"),
            ("coaching", "Individual Support"),
        ]
    )

    @api.model
    def _figure_queries(self):
        return [*super()._figure_queries(), self._hours_query()]

    def _hours_query(self):
        """What each person received; the time of shared services is no training."""
        day = SQL("h.date")
        return SQL(
            "SELECT %s FROM (%s) h WHERE h.kind <> 'service' AND %s",
            self._figure(
                SQL(
                    "CASE WHEN h.kind = 'workshop' THEN 'training' ELSE 'coaching' END"
                ),
                self._hours_number(),
                day,
                SQL("h.entrepreneur_id"),
                hours=SQL("h.hours"),
            ),
            self.env["cae.person.hours"]._table_query,
            self._in_years(day),
        )

    @api.model
    def _hours_number(self):
        # The id of hours is made of that of the person.
        if self._knows_who():
            return SQL("h.id")
        return SQL("ROW_NUMBER() OVER (ORDER BY h.hours, h.id)")

    @api.model
    def _named(self):
        if self._knows_who():
            return super()._named()
        hidden = SQL("f.figure NOT IN ('training', 'coaching')")
        return SQL("%s AND %s", super()._named(), hidden)

    @api.model
    def _knows_who(self):
        """Who came to what is for coaches; others have the hours, of no one by name."""
        return self.env.user.has_group("cae_coaching.group_coaching_manager")
