from collections import Counter

from odoo import fields, models
from odoo.exceptions import UserError


class CaeResolutionHand(models.Model):
    """A show of hands in one college, where votes are weighted by college.

    Made when the vote is opened; the counts are entered until it is closed.
    """

    _name = "cae.resolution.hand"
    _description = "Show of Hands of a College"
    _order = "resolution_id, college_id, id"
    _rec_name = "college_id"

    resolution_id = fields.Many2one(
        "cae.resolution", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="resolution_id.company_id", store=True, index=True
    )
    college_id = fields.Many2one(
        "cae.college", required=True, readonly=True, ondelete="restrict"
    )
    favour_count = fields.Integer(string="For")
    against_count = fields.Integer(string="Against")
    abstain_count = fields.Integer(string="Abstentions")
    blank_count = fields.Integer(string="Blank or Void")

    _college_uniq = models.UniqueIndex(
        "(resolution_id, college_id)", "This college was counted already."
    )
    _counts_positive = models.Constraint(
        "CHECK(COALESCE(favour_count, 0) >= 0 AND COALESCE(against_count, 0) >= 0 AND "
        "COALESCE(abstain_count, 0) >= 0 AND COALESCE(blank_count, 0) >= 0)",
        "CAE-VOTE-COUNT: votes are not negative.",
    )

    def write(self, vals):
        """:raises UserError: ``CAE-RESOLUTION-COUNT``, ``CAE-RESOLUTION-HANDS``"""
        self.resolution_id._check_counting()
        if {"resolution_id", "college_id"} & set(vals):
            raise UserError(
                self.env._("CAE-RESOLUTION-HANDS: the colleges of a vote stay.")
            )
        return super().write(vals)


class CaeResolution(models.Model):
    _inherit = "cae.resolution"

    hand_ids = fields.One2many(
        "cae.resolution.hand", "resolution_id", string="Hands by College", copy=False
    )
    by_college = fields.Boolean(related="meeting_id.weighted", string="By College")

    def _open_hands(self):
        """A line to count for each college of the meeting.

        :raises UserError: ``CAE-VOTE-COLLEGE`` for a voter without college
        """
        # sudo: the list of voters, for who may open the vote.
        electors = self.meeting_id.sudo().elector_ids
        if any(not elector.college_id for elector in electors):
            raise UserError(
                self.env._("CAE-VOTE-COLLEGE: some voters are in no college.")
            )
        # sudo: nobody makes or removes these lines; the step that opens the vote does.
        self.env["cae.resolution.hand"].sudo().create(
            [
                {"resolution_id": self.id, "college_id": college.id}
                for college in electors.college_id.sorted()
            ]
        )

    def _hand_choices(self):
        """``{(choice, college id): hands}``."""
        names = {
            "for": "favour_count",
            "against": "against_count",
            "abstain": "abstain_count",
            "blank": "blank_count",
        }
        return Counter(
            {
                (choice, hand.college_id.id): hand[name]
                for hand in self.hand_ids
                for choice, name in names.items()
            }
        )
