from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.engine.texts import cleaned
from odoo.addons.cae_base.models.cae_owned import OWN

MARKS = ("content", "trainer", "organisation", "usefulness")
LONGEST = 4000


class CaeWorkshopEvaluation(models.Model):
    """What a participant thought of a workshop; and a complaint, with its answer."""

    _name = "cae.workshop.evaluation"
    _description = "Evaluation of a Workshop"
    _order = "date desc, id desc"
    _rec_name = "event_id"

    registration_id = fields.Many2one(
        "event.registration", required=True, index=True, ondelete="restrict"
    )
    event_id = fields.Many2one(
        related="registration_id.event_id", store=True, index=True, string="Workshop"
    )
    entrepreneur_id = fields.Many2one(
        related="registration_id.cae_entrepreneur_id", store=True, index=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    content = fields.Integer(aggregator="avg", help="1 (poor) to 5 (very good).")
    trainer = fields.Integer(aggregator="avg", help="1 (poor) to 5 (very good).")
    organisation = fields.Integer(aggregator="avg", help="1 (poor) to 5 (very good).")
    usefulness = fields.Integer(
        string="Useful for My Activity",
        aggregator="avg",
        help="1 (poor) to 5 (very good).",
    )
    average = fields.Float(compute="_compute_average", store=True, aggregator="avg")
    comment = fields.Text()
    complaint = fields.Text(help="What went wrong, and is to be answered.")
    complaint_answer = fields.Text(string="Answer", help="What was done about it.")
    complaint_state = fields.Selection(
        [("none", "None"), ("open", "To answer"), ("answered", "Answered")],
        compute="_compute_complaint_state",
        store=True,
        index=True,
    )

    _once = models.UniqueIndex(
        "(registration_id)", "CAE-WORKSHOP-EVALUATED: one evaluation per participant."
    )
    _marks_range = models.Constraint(
        "CHECK(content BETWEEN 1 AND 5 AND trainer BETWEEN 1 AND 5 AND organisation "
        "BETWEEN 1 AND 5 AND usefulness BETWEEN 1 AND 5)",
        "CAE-WORKSHOP-MARK: marks go from 1 to 5.",
    )

    @api.depends(*MARKS)
    def _compute_average(self):
        for one in self:
            one.average = sum(one[mark] for mark in MARKS) / len(MARKS)

    @api.depends("complaint", "complaint_answer")
    def _compute_complaint_state(self):
        for one in self:
            if not one.complaint:
                one.complaint_state = "none"
            else:
                one.complaint_state = "answered" if one.complaint_answer else "open"

    def write(self, vals):
        erasing = self.env.context.get("cae_own") is OWN
        if vals.keys() - {"complaint_answer"} and not erasing:
            raise UserError(
                self.env._(
                    "CAE-WORKSHOP-EVALUATED: what a participant said stays as it is; "
                    "a complaint is answered."
                )
            )
        return super().write(vals)

    @api.model
    def _give(self, seat, form):
        """The evaluation of a participant, from what a form holds.

        :raises UserError: ``CAE-WORKSHOP-MARK``, ``CAE-WORKSHOP-EVALUATED``,
            ``CAE-WORKSHOP-ABSENT`` of somebody who did not attend
        """
        self._check_giving(seat)
        marks = {mark: str(form.get(mark) or "") for mark in MARKS}
        if not all(mark in "12345" and len(mark) == 1 for mark in marks.values()):
            raise UserError(self.env._("CAE-WORKSHOP-MARK: marks go from 1 to 5."))
        return self.create(
            {
                "registration_id": seat.id,
                "company_id": (
                    seat.company_id or seat.cae_entrepreneur_id.company_id
                ).id,
                **{mark: int(value) for mark, value in marks.items()},
                "comment": cleaned(form.get("comment"), LONGEST),
                "complaint": cleaned(form.get("complaint"), LONGEST),
            }
        )

    @api.model
    def _check_giving(self, seat):
        if not any(line.state == "present" for line in seat.cae_attendance_ids):
            raise UserError(
                self.env._("CAE-WORKSHOP-ABSENT: only those who attended evaluate it.")
            )
        if self.search_count([("registration_id", "=", seat.id)], limit=1):
            raise UserError(
                self.env._("CAE-WORKSHOP-EVALUATED: one evaluation per participant.")
            )
