from odoo import fields, models

STAGES = ("candidate", "cape", "cesa", "employee")


class CaeDocumentType(models.Model):
    """A paper to collect: from whom, how long it is good, how long it is kept."""

    _name = "cae.document.type"
    _description = "Document to Collect"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="All companies when empty.")
    for_candidate = fields.Boolean(
        string="Candidates",
        help="Asked of candidates.",
    )
    for_cape = fields.Boolean(
        string="CAPE",
        help="Asked of people under CAPE.",
    )
    for_cesa = fields.Boolean(
        string="CESA",
        help="Asked of salaried entrepreneurs (CESA).",
    )
    for_employee = fields.Boolean(
        string="Ordinary Contracts",
        help="Asked of people with an ordinary contract.",
    )
    mandatory = fields.Boolean(
        default=True, help="Counts as missing until an accepted one is in the file."
    )
    validity_months = fields.Integer(
        string="Valid For (months)",
        help="Proposes the day of expiry from the day of receipt. 0: no limit.",
    )
    warning_days = fields.Integer(
        default=30, help="The coach is told so many days before the expiry."
    )
    portal = fields.Boolean(
        string="On the Portal",
        default=True,
        help="The person sees it among the documents to hand in, and uploads it.",
    )
    kept_by_law = fields.Boolean(
        help="An erasure leaves it: the law, or a contract, has the cooperative keep "
        "it."
    )
    note = fields.Text(help="What the person should hand in, in plain words.")

    _validity_positive = models.Constraint(
        "CHECK(validity_months >= 0 AND warning_days >= 0)",
        "CAE-DOCUMENT-TYPE: months and days are not negative.",
    )

    def _for_stage(self, stage):
        """Those of these types that are asked of people in a stage."""
        if stage not in STAGES:
            return self.browse()
        return self.filtered(f"for_{stage}")
