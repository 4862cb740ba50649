from odoo import fields, models


class CaeWorkshopRoom(models.Model):
    """A room where workshops are held."""

    _name = "cae.workshop.room"
    _description = "Room"
    _order = "name"

    active = fields.Boolean(default=True)
    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    address_id = fields.Many2one(
        "res.partner",
        help="Where the room is: a contact with its address.",
    )
    capacity = fields.Integer(help="Seats; 0 when it does not matter.")
    note = fields.Text(help="Equipment, access, keys.")

    _name_uniq = models.UniqueIndex(
        "(company_id, name)", "CAE-WORKSHOP-ROOM: this room exists already."
    )
    _capacity_positive = models.Constraint(
        "CHECK(capacity >= 0)", "A room has no negative number of seats."
    )
