from odoo import api, fields, models
from odoo.exceptions import UserError


class CaeInterviewSign(models.TransientModel):
    """A coach signs; or the person does, beside the coach, on the same screen."""

    _name = "cae.interview.sign"
    _description = "Signature of a Report"

    interview_id = fields.Many2one("cae.interview", required=True, readonly=True)
    report_id = fields.Many2one(related="interview_id.report_id")
    signer = fields.Selection(
        [
            ("coach", "I sign as the coach"),
            ("person", "The person signs here"),
            ("paper", "It was signed on paper"),
        ],
        required=True,
        default="coach",
    )
    person_ids = fields.Many2many(related="report_id.entrepreneur_ids")
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        compute="_compute_entrepreneur_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'in', person_ids)]",
    )
    paper_person_ids = fields.Many2many(
        "cae.entrepreneur",
        string="Signed by",
        compute="_compute_paper_person_ids",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'in', person_ids)]",
    )
    paper_coach = fields.Boolean(string="I Signed It too", default=True)
    paper_date = fields.Date(
        string="Signed on",
        default=fields.Date.context_today,
        help="Day written on the paper.",
    )
    scan = fields.Binary(
        string="Scan of the Paper", help="PDF, PNG or JPEG file, 10 MB at most."
    )
    scan_name = fields.Char()
    name = fields.Char(
        string="Full Name",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
    )
    image = fields.Binary(string="Signature")

    @api.constrains("interview_id")
    def _check_interview(self):
        # What is computed here is read past the rules: of interviews of one's own.
        # Constraints run as superuser.
        self.interview_id.sudo(False).check_access("read")

    @api.depends("signer", "interview_id")
    def _compute_entrepreneur_id(self):
        for wizard in self:
            people = wizard.interview_id.entrepreneur_ids
            alone = people if len(people) == 1 else people.browse()
            wizard.entrepreneur_id = wizard.signer == "person" and alone

    @api.depends("interview_id")
    def _compute_paper_person_ids(self):
        for wizard in self:
            wizard.paper_person_ids = wizard.interview_id.entrepreneur_ids

    @api.depends("signer", "entrepreneur_id")
    def _compute_name(self):
        for wizard in self:
            person = wizard.entrepreneur_id.name
            coach = self.env.user.name
            wizard.name = coach if wizard.signer == "coach" else person

    def action_confirm(self) -> dict:
        """Sign.

        :raises UserError: ``CAE-INTERVIEW-SIGNATURE``, ``CAE-INTERVIEW-SIGNED``,
            ``CAE-INTERVIEW-SHARED``, ``CAE-INTERVIEW-PAPER``
        """
        self.ensure_one()
        self.interview_id.check_access("write")
        # sudo: the report of an interview that the user may write.
        report = self.interview_id.sudo().report_id
        if self.signer == "paper":
            # sudo: the persons of the report, some of whom are another coach's.
            people = self.sudo().paper_person_ids
            report._sign_paper(people, self.paper_coach, self.paper_date, self.scan)
            return {"type": "ir.actions.act_window_close"}
        person = self.signer == "person" and self._person()
        if person and not self.image:
            # A name that the coach types is no signature of the person.
            raise UserError(
                self.env._(
                    "CAE-INTERVIEW-SIGNATURE: the person draws the signature here, or "
                    "signs in the portal."
                )
            )
        name = self.name if person else self.env.user.name
        report._sign(name, self.image, person, place="desk")
        return {"type": "ir.actions.act_window_close"}

    def _person(self):
        # sudo: the persons of the report, some of whom are another coach's.
        people = self.sudo().report_id.entrepreneur_ids
        person = people & self.sudo().entrepreneur_id
        if not person:
            raise UserError(self.env._("CAE-INTERVIEW-SIGNATURE: choose who signs."))
        return person
