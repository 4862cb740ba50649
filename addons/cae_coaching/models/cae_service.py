from odoo import api, fields, models


class CaeService(models.Model):
    """What the shared services offer, and who does it."""

    _name = "cae.service"
    _description = "Shared Service"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    kind = fields.Selection(
        [
            ("accounting", "Accounting"),
            ("administration", "Administration"),
            ("payroll", "Pay and social matters"),
            ("marketing", "Marketing and sales"),
            ("legal", "Legal and tax help"),
            ("training", "Training"),
            ("digital", "Computing"),
            ("life", "Life of the cooperative"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
        help="Groups the services in lists.",
    )
    description = fields.Text(translate=True, help="Entrepreneurs read it.")
    requestable = fields.Boolean(
        string="Entrepreneurs Can Ask",
        default=True,
        help="Off: time is counted on it, and nobody asks for it in the portal.",
    )
    user_ids = fields.Many2many(
        "res.users",
        "cae_service_user_rel",
        string="Done by",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="A request goes to the one of them who has the fewest open requests.",
    )
    delay_days = fields.Integer(
        string="Answered Within (days)",
        default=7,
        help="Deadline of a new request.",
    )
    request_count = fields.Integer(
        string="Open Requests", compute="_compute_request_count"
    )

    _delay_range = models.Constraint(
        "CHECK(delay_days BETWEEN 0 AND 365)",
        "CAE-SERVICE-DELAY: a request is answered within 0 to 365 days.",
    )

    @api.depends_context("uid")
    def _compute_request_count(self):
        rows = self.env["cae.service.request"]._read_group(
            [("service_id", "in", self.ids), ("open", "=", True)],
            ["service_id"],
            ["__count"],
        )
        counts = {service.id: count for service, count in rows}
        for service in self:
            service.request_count = counts.get(service.id, 0)

    def action_open_requests(self) -> dict:
        """Requests of these services."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_coaching.cae_service_request_action"
        )
        return {**action, "domain": [("service_id", "in", self.ids)]}

    def _least_busy(self):
        """``{service id: user}``: who of its people has the fewest open requests."""
        # sudo: how many requests colleagues have, to share them; nothing else.
        rows = (
            self.env["cae.service.request"]
            .sudo()
            ._read_group(
                [("user_id", "in", self.user_ids.ids), ("open", "=", True)],
                ["user_id"],
                ["__count"],
            )
        )
        counts = {user.id: count for user, count in rows}
        return {
            service.id: service.user_ids.sorted(lambda u: (counts.get(u.id, 0), u.id))[
                :1
            ]
            for service in self
        }
