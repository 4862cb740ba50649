from odoo import api, fields, models


class CaeErasure(models.Model):
    """Log of erasures: that they were made, never what they erased."""

    _name = "cae.erasure"
    _description = "Erasure of Personal Data"
    _order = "create_date desc, id desc"
    _rec_name = "subject"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="By", readonly=True)
    operation = fields.Selection(
        [
            ("request", "Asked by the Person"),
            ("purge", "Retention Over"),
            ("anonymised", "Person Anonymised"),
        ],
        required=True,
        readonly=True,
    )
    subject = fields.Char(
        readonly=True, help="Code of the entrepreneur, or number of the candidate."
    )
    reason = fields.Char(readonly=True)
    erased = fields.Text(readonly=True)
    kept = fields.Text(readonly=True, help="What the law has the cooperative keep.")

    @api.model
    def _log(self, company, subject, operation, reason, erased, kept):
        # sudo: the log is written by erasures alone; nobody may change it.
        return self.sudo().create(
            {
                "company_id": company.id,
                "user_id": self.env.uid,
                "operation": operation,
                "subject": subject,
                "reason": reason,
                "erased": "\n".join(erased),
                "kept": kept,
            }
        )
