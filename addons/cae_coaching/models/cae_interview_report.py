from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime, html2plaintext, is_html_empty
from odoo.tools.image import image_data_uri

from odoo.addons.cae_base.engine.statement import digest
from odoo.addons.cae_base.models.cae_statement_document import amount
from odoo.addons.cae_base.tools import format_date

from ..signing import checked_image, checked_name
from .cae_interview import PARTS

SIGNATURE = "CAE-INTERVIEW-SIGNATURE"


class CaeInterviewReport(models.Model):
    """A report as it was shared, and signed: it never changes.

    A correction of the interview makes a new version, which is signed anew.
    """

    _name = "cae.interview.report"
    _description = "Report of an Interview"
    _inherit = ["cae.printed"]
    _order = "interview_id, number desc"
    _rec_name = "interview_id"
    _report_template = "cae_coaching.interview_document"

    interview_id = fields.Many2one(
        "cae.interview", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="interview_id.company_id", store=True, index=True
    )
    number = fields.Integer(string="Version", required=True, aggregator=None)
    reason = fields.Char(string="Reason of the Correction")
    current = fields.Boolean(default=True, help="No correction was begun since.")
    user_id = fields.Many2one("res.users", string="Shared by", required=True)
    date = fields.Datetime(string="Shared on", required=True)
    review = fields.Html(string="Review of the Activity")
    prospects = fields.Html()
    action_plan = fields.Html(string="Individual and Collective Actions")
    needs = fields.Html(string="Support Needed")
    data = fields.Json(help="Who, when, where, figures and actions, as shared.")
    hash = fields.Char(required=True, help="SHA-256 of all that was shared.")
    entrepreneur_ids = fields.Many2many(
        "cae.entrepreneur",
        "cae_interview_report_entrepreneur_rel",
        string="Persons",
        required=True,
    )
    reader_user_ids = fields.Many2many(
        "res.users",
        "cae_interview_report_reader_rel",
        string="Users of the Persons",
        compute="_compute_reader_user_ids",
        store=True,
        groups="cae_coaching.group_coaching_manager",
    )
    signature_ids = fields.One2many("cae.interview.signature", "report_id")
    state = fields.Selection(
        [("shared", "To sign"), ("signed", "Signed")],
        compute="_compute_state",
        store=True,
        index=True,
        help="Signed by every person, and by a coach.",
    )

    _number_uniq = models.UniqueIndex(
        "(interview_id, number)", "This version was shared already."
    )

    @api.depends("entrepreneur_ids.user_id")
    def _compute_reader_user_ids(self):
        for report in self:
            report.reader_user_ids = report.entrepreneur_ids.user_id

    @api.depends("entrepreneur_ids", "signature_ids.entrepreneur_id")
    def _compute_state(self):
        for report in self:
            given = report.signature_ids
            coach = given.filtered(lambda s: not s.entrepreneur_id)
            missing = report.entrepreneur_ids - given.entrepreneur_id
            report.state = "signed" if coach and not missing else "shared"

    @api.depends("data")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            data = report.data or {}
            name = ", ".join(data.get("people", []))
            day = report._day()
            report.display_name = self.env._(
                "Interview of %(day)s – %(names)s", day=day, names=name
            )

    def _day(self):
        start = fields.Datetime.to_datetime((self.data or {}).get("start"))
        if not start:
            return ""
        # sudo: the time zone of the cooperative is no secret.
        zone = self.sudo().company_id._cae_time_zone()
        local = fields.Datetime.context_timestamp(self.with_context(tz=zone), start)
        return format_date(self.env, local.date())

    # ------------------------------------------------------------------
    # Signing
    # ------------------------------------------------------------------

    def _sign(self, name, image=False, person=False, place="portal"):
        """Add a signature of the connected user, or of a person beside a coach.

        :param image: PNG in base64; nothing when the name was typed
        :param person: the entrepreneur who signs; a coach signs without
        :raises UserError: ``CAE-INTERVIEW-SIGNATURE``, ``CAE-INTERVIEW-SIGNED``,
            ``CAE-INTERVIEW-SHARED`` when a correction was begun
        """
        self.ensure_one()
        # sudo: nobody has a right on signatures; who signs what is checked by the
        # callers, what is signed here.
        report = self.sudo()
        report._add_signature(
            person,
            name=checked_name(self.env, name, SIGNATURE),
            image=checked_image(self.env, image, SIGNATURE),
            kind="drawn" if image else "typed",
            place=place,
        )
        return True

    def _add_signature(self, person, **values):
        """Keep a signature of this version, and say so in the log (sudo).

        :raises UserError: ``CAE-INTERVIEW-SIGNED``, ``CAE-INTERVIEW-SHARED``
        """
        self._check_open(person)
        self.env["cae.interview.signature"].create(
            {
                "report_id": self.id,
                "entrepreneur_id": person.id if person else False,
                "user_id": self.env.uid,
                "date": fields.Datetime.now(),
                "hash": self.hash,
                **values,
            }
        )
        self.interview_id._cae_note(
            self.env._(
                "Version %(number)s signed by %(name)s.",
                number=self.number,
                name=values["name"],
            )
        )

    def _check_open(self, person):
        if not self.current:
            raise UserError(
                self.env._(
                    "CAE-INTERVIEW-SHARED: this version is being corrected; the next "
                    "one is to be signed."
                )
            )
        given = self.signature_ids
        if person:
            twice = person in given.entrepreneur_id
        else:
            coaches = given.filtered(lambda s: not s.entrepreneur_id)
            twice = self.env.user in coaches.user_id
        if twice:
            raise UserError(
                self.env._("CAE-INTERVIEW-SIGNED: this report has this signature.")
            )

    def _own_person(self):
        """The participant whose portal user is connected (sudo), or nobody."""
        # sudo: which participant the user is; participants are no secret to them.
        people = self.sudo().entrepreneur_ids
        return people.filtered(lambda p: p.user_id == self.env.user)

    def action_sign(self, name: str, image: str = "") -> bool:
        """The connected person signs their own report.

        :param name: full name
        :param image: PNG in base64, of a drawn signature
        :raises AccessError: ``CAE-ACCESS`` for others than a person of the interview
        :raises UserError: ``CAE-INTERVIEW-SIGNATURE``, ``CAE-INTERVIEW-SIGNED``,
            ``CAE-INTERVIEW-SHARED``
        """
        self.ensure_one()
        person = self._own_person()
        if len(person) != 1:
            raise AccessError(
                self.env._("CAE-ACCESS: this report is not yours to sign.")
            )
        return self._sign(name, image, person)

    # ------------------------------------------------------------------
    # Document
    # ------------------------------------------------------------------

    def _prepare_document_values(self):
        return {
            **self.company_id._cae_document_values(),
            "document": self,
            "data": self.data,
            "draft": False,
            "replaced": self._replaced_text(),
            "amount": amount,
            "day": self._day(),
            "when": self._when(),
            "moment": self._moment,
            "date": lambda text: format_date(self.env, fields.Date.to_date(text)),
            "parts": [
                (self._fields[name]._description_string(self.env), self[name])
                for name in PARTS
            ],
            "signatures": self._signature_boxes(),
        }

    def _when(self):
        """Day and hours, in words."""
        first, last = (self._moment(self.data[name]) for name in ("start", "stop"))
        if first[:10] == last[:10]:
            last = last[11:]
        return self.env._("%(first)s to %(last)s", first=first, last=last)

    def _moment(self, value):
        """Day and hour where the people are."""
        moment = fields.Datetime.to_datetime(value)
        zone = self.company_id._cae_time_zone()
        return format_datetime(self.env, moment, zone, "dd/MM/yyyy HH:mm")

    def _replaced_text(self):
        if self.number == 1:
            return False
        return self.env._(
            "Version %(version)s, replaces the version before. Reason: %(reason)s",
            version=self.number,
            reason=self.reason,
        )

    def _signature_boxes(self):
        """``[(who, signature, image)]``: a box for each person and for the coach."""
        given = self.signature_ids
        boxes = []
        for person in self.entrepreneur_ids:
            own = given.filtered(lambda s, p=person: s.entrepreneur_id == p)
            boxes.append((person.name, own, _image(own)))
        coaches = given.filtered(lambda s: not s.entrepreneur_id)
        for own in coaches or [coaches]:
            boxes.append((self.env._("The coach"), own, _image(own)))
        return boxes

    def _file_name(self):
        start = (self.data or {}).get("start", "")[:10]
        # Words in an f-string are not found by whoever translates; several people are
        # seen on a day.
        word = self.env._("interview")
        return f"{word}-{start}-{self.interview_id.id}-v{self.number}"


class CaeInterview(models.Model):
    """Sharing and correcting the report."""

    _inherit = "cae.interview"

    report_ids = fields.One2many(
        "cae.interview.report", "interview_id", string="Versions"
    )
    report_id = fields.Many2one(
        "cae.interview.report",
        string="Last Report",
        compute="_compute_report",
        compute_sudo=True,
        store=True,
    )
    report_state = fields.Selection(
        [
            ("draft", "Draft"),
            ("shared", "To sign"),
            ("signed", "Signed"),
        ],
        string="Report",
        compute="_compute_report",
        compute_sudo=True,
        store=True,
        index=True,
        tracking=True,
        help="Shared: the person reads it in the portal and can sign it.",
    )
    signature_ids = fields.One2many(
        "cae.interview.signature", "interview_id", string="Signatures"
    )
    correction_reason = fields.Char(
        readonly=True, copy=False, help="Why a new version is being written."
    )
    action_ids = fields.One2many("cae.coaching.action", "interview_id")

    @api.depends("report_ids.current", "report_ids.state", "report_ids.number")
    def _compute_report(self):
        for interview in self:
            last = interview.report_ids.sorted("number")[-1:]
            interview.report_id = last
            interview.report_state = last.state if last.current else "draft"

    def action_share(self) -> bool:
        """Share the reports with their persons, who are told by e-mail.

        :raises UserError: ``CAE-INTERVIEW-STATE`` before it was held,
            ``CAE-INTERVIEW-SHARED`` when it is shared already,
            ``CAE-INTERVIEW-PARTS`` when a part that the law asks is empty
        """
        self.check_access("write")
        self._check_state("held")
        for interview in self:
            interview._check_shareable()
            interview._make_report()
            interview._tell_persons()
        return True

    def _check_shareable(self):
        if self.report_state != "draft":
            raise UserError(
                self.env._("CAE-INTERVIEW-SHARED: this report is shared already.")
            )
        empty = [name for name in PARTS if _blank(self[name])]
        if empty and (self.legal or len(empty) == len(PARTS)):
            raise UserError(
                self.env._(
                    "CAE-INTERVIEW-PARTS: the report lacks: %(parts)s.",
                    parts=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in empty
                    ),
                )
            )

    def _make_report(self):
        # sudo: reports are made by sharing alone; participants of another coach are
        # named in it.
        interview = self.sudo()
        values = interview._prepare_report_vals()
        report = interview.env["cae.interview.report"].create(values)
        self._cae_own().correction_reason = False
        return report

    def _prepare_report_vals(self):
        """What is frozen, with its hash."""
        parts = {name: self[name] for name in PARTS}
        data = self._report_data()
        number = max(self.report_ids.mapped("number"), default=0) + 1
        reason = self.correction_reason or False
        said = {"parts": parts, "data": data, "number": number, "reason": reason}
        said = {**said, "parts": {name: str(text) for name, text in parts.items()}}
        return {
            "interview_id": self.id,
            "number": number,
            "reason": reason,
            "user_id": self.env.uid,
            "date": fields.Datetime.now(),
            "entrepreneur_ids": [fields.Command.set(self.entrepreneur_ids.ids)],
            **parts,
            "data": data,
            "hash": digest(said),
        }

    def _report_data(self):
        """Hook: who, when, where, figures and actions, JSON-plain."""
        here = self.with_context(lang=self.company_id._cae_statement_lang())
        modes = dict(here._fields["mode"]._description_selection(here.env))
        return {
            "people": self.entrepreneur_ids.mapped("name"),
            "coaches": self.coach_ids.mapped("name"),
            "type": here.type_id.name,
            "mode": modes[self.mode],
            "place": self.place or "",
            "start": fields.Datetime.to_string(self.held_start),
            "stop": fields.Datetime.to_string(self.held_stop),
            "hours": self.duration,
            "figures": self._report_figures(),
            "actions": [action._report_row() for action in self.action_ids],
        }

    def _report_figures(self):
        """Figures that every person of the interview may see: of what is theirs alone.

        An activity that somebody else holds or held is left out: the report would
        tell of times, or to people, that its accounts are closed to.
        """
        kept = self.figures or {}
        rows = []
        for key, row in kept.get("activities", {}).items():
            activity = self.env["cae.activity"].browse(int(key)).exists()
            if activity.share_ids.entrepreneur_id == self.entrepreneur_ids:
                rows.append({k: v for k, v in row.items() if k != "late_rows"})
        return {"day": kept.get("day", ""), "activities": rows}

    def _tell_persons(self):
        template = self.env.ref("cae_coaching.interview_report_mail", False)
        # sudo: the message names the persons; whoever shares a report sends it.
        report = self.sudo().report_id
        if template and report.entrepreneur_ids.filtered("email"):
            template.sudo().send_mail(report.id)

    def action_correct(self, reason: str) -> bool:
        """Write a new version of shared reports, which are to be signed again.

        :raises UserError: ``CAE-INTERVIEW-STATE`` when nothing is shared,
            ``CAE-INTERVIEW-REASON``
        """
        self.check_access("write")
        reason = self._checked_reason(reason)
        if any(interview.report_state == "draft" for interview in self):
            raise UserError(
                self.env._("CAE-INTERVIEW-STATE: there is no shared report to correct.")
            )
        # sudo: a report is closed by correcting it alone.
        self.sudo().report_id.current = False
        self._cae_own().write({"correction_reason": reason})
        for interview in self:
            interview._cae_note(
                self.env._("Correction of the report: %(reason)s", reason=reason)
            )
        return True

    def action_sign(self) -> dict:
        """Open the dialog in which the coach, or a person beside them, signs."""
        self.ensure_one()
        if self.report_state == "draft":
            raise UserError(
                self.env._("CAE-INTERVIEW-STATE: share the report before it is signed.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sign"),
            "res_model": "cae.interview.sign",
            "view_mode": "form",
            "target": "new",
            "context": {"default_interview_id": self.id},
        }

    def action_report_pdf(self) -> dict:
        """Open the PDF of the last shared report.

        :raises UserError: ``CAE-INTERVIEW-STATE`` when nothing was shared
        """
        self.ensure_one()
        if not self.report_id:
            raise UserError(
                self.env._("CAE-INTERVIEW-STATE: nothing is shared of this interview.")
            )
        return self.report_id.action_pdf()


class CaeCoachingAction(models.Model):
    _inherit = "cae.coaching.action"

    def _report_row(self):
        return {
            "name": self.name,
            "person": self.entrepreneur_id.name,
            "by": self.entrepreneur_id.name
            if self.owner == "person"
            else self.user_id.name or "",
            "deadline": self.date_deadline.isoformat() if self.date_deadline else "",
        }


def _blank(html):
    return is_html_empty(html) or not html2plaintext(html or "").strip()


def _image(signature):
    return image_data_uri(signature.image) if signature.image else False
