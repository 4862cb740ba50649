from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CaeInterview(models.Model):
    """Who pays the hours of an interview."""

    _inherit = "cae.interview"

    funder_line_id = fields.Many2one(
        "cae.funder.line",
        string="Funding Line",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="The hours of who is on this line count there. Empty: on the first line "
        "of the person that takes them.",
    )

    @api.constrains("funder_line_id", "entrepreneur_ids", "company_id")
    def _check_funder_line(self):
        """:raises ValidationError: ``CAE-FUNDER-PERSON``"""
        chosen = self.filtered("funder_line_id")
        # sudo: who is on a line, among people whom the user may not see.
        places = self.env["cae.funder.participant"].sudo()
        on = places._read_group(
            Domain("line_id", "in", chosen.funder_line_id.ids),
            ["line_id"],
            ["entrepreneur_id:recordset"],
        )
        people = {line.id: persons for line, persons in on}
        for interview in chosen:
            line = interview.funder_line_id
            # sudo: some of the persons may be another coach's.
            if not interview.sudo().entrepreneur_ids & people.get(
                line.id, places.entrepreneur_id
            ):
                raise ValidationError(
                    self.env._(
                        "CAE-FUNDER-PERSON: nobody of this interview is on %(line)s. "
                        "Put the person on the line first.",
                        line=line.name,
                    )
                )
