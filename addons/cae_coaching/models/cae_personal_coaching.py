"""Interviews, competences, workshops… in the export and the erasure of a person."""

import re

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import format_date

from odoo.addons.cae_base.models.cae_owned import OWN

from .cae_personal_data import HAND_OVER

INTERVIEW = (
    *("date_start", "type_id", "mode", "place", "state", "state_reason", "duration"),
    *("coach_ids", "review", "prospects", "action_plan", "needs"),
)
REPORT = ("number", "date", "reason", "review", "prospects", "action_plan", "needs")
ACTION = ("name", "description", "kind", "owner", "date_deadline", "state", "done_date")
ENTRY = ("headline", "offers", "wants", "tag_ids", "city", "website", "published")
SEAT = ("event_id", "create_date", "state", "cae_need", "cae_result")
SHEET = ("event_id", "date", "state", "hours", "signed_on", "signed_name")
OPINION = (
    *("event_id", "date", "content", "trainer", "organisation", "usefulness"),
    *("comment", "complaint", "complaint_answer"),
)
ASKED = ("name", "description", "service_id", "date_request", "state", "answer")
ALERT = ("cause", "why", "state", "date_open", "date_closed", "rest_reason")
PLACE = (
    *("line_id", "date_start", "date_end", "exception_reason", "entry_questionnaire"),
    *("exit_questionnaire", "exit_result"),
)


class CaeEntrepreneur(models.Model):
    """What coaching keeps of a person besides the social file.

    The private notes of coaches are given too: an opinion on somebody is personal
    data of theirs (RGPD art. 15; Court of Justice, C-434/16, Nowak). Of a note on an
    interview with others the day alone is given, since the text may tell of them
    (art. 15.4): the head of coaching looks at it first.
    """

    _inherit = "cae.entrepreneur"

    # ------------------------------------------------------------------
    # Records of a person
    # ------------------------------------------------------------------

    def _coaching_records(self, model, field="entrepreneur_id"):
        """Records of these people, archived ones too."""
        records = self.env[model].with_context(active_test=False)
        return records.search([(field, "in", self.ids)])

    def _evidence_programmes(self):
        """Programmes whose funder may still ask for the evidence of these people."""
        places = self._coaching_records("cae.funder.participant")
        today = fields.Date.context_today(self)
        return places.programme_id.filtered(lambda p: p.date_kept >= today)

    def _funded(self, records):
        """Those of which a funder may still ask for the evidence, whoever's it is."""
        hours = self.env["cae.funded.hour"].search(
            [
                ("source_model", "=", records._name),
                ("source_id", "in", records.ids),
                ("programme_id.date_kept", ">=", fields.Date.context_today(self)),
            ]
        )
        return records.browse(hours.mapped("source_id"))

    def _kept_interviews(self):
        """Interviews under retention: signed ones, and those that a funder paid."""
        interviews = self._coaching_records("cae.interview", "entrepreneur_ids")
        signed = interviews.filtered("signature_ids")
        recent = signed.entrepreneur_ids.filtered(
            lambda person: not person._past_evidence(person.date_exit)
        )
        signed = signed.filtered(lambda i: i.entrepreneur_ids & recent)
        return self._funded(interviews) | signed

    def _past_evidence(self, day):
        """Whether evidence that is kept from this day on is past its retention."""
        years = relativedelta(years=self.company_id.cae_evidence_years)
        return bool(day) and day + years < fields.Date.context_today(self)

    def _kept_seats(self):
        """Seats whose signed sheets are kept: of trainings, and what funders paid."""
        lines = self._coaching_records("cae.workshop.attendance")
        signed = lines.filtered(
            lambda a: (
                a.training
                and a.signed_on
                and not a.entrepreneur_id._past_evidence(a.date)
            )
        )
        return (self._funded(lines) | signed).registration_id

    def _erasable_evidence(self):
        """People of these of whom an interview or a seat is past its retention."""
        interviews = self._coaching_records("cae.interview", "entrepreneur_ids")
        seats = self._coaching_records("event.registration", "cae_entrepreneur_id")
        interviews -= self._kept_interviews()
        seats -= self._kept_seats()
        return self & (interviews.entrepreneur_ids | seats.cae_entrepreneur_id)

    # ------------------------------------------------------------------
    # Export
    # ------------------------------------------------------------------

    def _personal_sections(self):
        return {
            **super()._personal_sections(),
            **self._interview_sections(),
            **self._support_sections(),
            **self._workshop_sections(),
        }

    def _interview_sections(self):
        interviews = self._coaching_records("cae.interview", "entrepreneur_ids")
        alone = interviews.filtered(lambda i: len(i.entrepreneur_ids) == 1)
        notes = self.env["cae.interview.note"].search(
            [("interview_id", "in", interviews.ids)]
        )
        own = notes.filtered(lambda n: n.interview_id in alone)
        actions = self._coaching_records("cae.coaching.action")
        signatures = self._coaching_records("cae.interview.signature")
        return {
            self.env._("Interviews"): (interviews, INTERVIEW),
            self.env._("Reports of interviews"): (interviews.report_ids, REPORT),
            self.env._("Signatures"): (
                signatures,
                ("name", "date", "kind", "place", "hash"),
            ),
            self.env._("Notes of coaches"): (own, ("create_date", "text")),
            self.env._("Notes on joint interviews"): (notes - own, ("create_date",)),
            self.env._("Actions"): (actions, ACTION),
            self.env._("Said on actions"): (self._said_on(actions), ("date", "body")),
            self.env._("Hand-overs"): (self._hand_overs(), HAND_OVER),
        }

    def _support_sections(self):
        assessments = self._coaching_records("cae.skill.assessment")
        requests = self._coaching_records("cae.service.request")
        times = self._coaching_records("cae.service.time")
        return {
            self.env._("Assessments of competences"): (
                assessments,
                ("grid_id", "kind", "date", "state", "comment"),
            ),
            self.env._("Competences assessed"): (
                assessments.line_ids,
                ("date", "skill_id", "level_id", "expected_id", "comment"),
            ),
            self.env._("Directory"): (
                self._coaching_records("cae.directory.entry"),
                ENTRY,
            ),
            self.env._("Joint projects"): (
                self._coaching_records("cae.joint.project", "entry_id.entrepreneur_id"),
                ("name", "description", "wants", "tag_ids", "state"),
            ),
            self.env._("Projects of others"): (
                self._coaching_records(
                    "cae.joint.project.member", "entry_id.entrepreneur_id"
                ),
                ("project_id", "date"),
            ),
            self.env._("Requests"): (requests, ASKED),
            self.env._("Said on requests"): (self._said_on(requests), ("date", "body")),
            self.env._("Time spent on requests"): (
                times,
                ("date", "service_id", "hours", "name"),
            ),
            self.env._("Alerts"): (self._coaching_records("cae.coaching.alert"), ALERT),
        }

    def _workshop_sections(self):
        return {
            self.env._("Workshops"): (
                self._coaching_records("event.registration", "cae_entrepreneur_id"),
                SEAT,
            ),
            self.env._("Attendance"): (
                self._coaching_records("cae.workshop.attendance"),
                SHEET,
            ),
            self.env._("Evaluations of workshops"): (
                self._coaching_records("cae.workshop.evaluation"),
                OPINION,
            ),
            self.env._("Certificates"): (
                self._coaching_records("cae.workshop.certificate"),
                ("name", "title", "date", "hours", "result"),
            ),
            self.env._("Funded support"): (
                self._coaching_records("cae.funder.participant"),
                PLACE,
            ),
            self.env._("Funded hours"): (
                self._coaching_records("cae.funded.hour"),
                ("line_id", "date", "name", "hours", "signed", "people"),
            ),
            self.env._("Hours not funded"): (
                self._coaching_records("cae.unfunded.hour"),
                ("date", "name", "hours", "reason"),
            ),
        }

    def _hand_overs(self):
        """From one coach to another, as a candidate too."""
        own = self._coaching_records("cae.hand.over")
        return own | self.candidate_ids.hand_over_ids

    def _said_on(self, records):
        """Words exchanged with the person, no internal note."""
        said = records.env["mail.message"].browse()
        return said.concat(*records._comments().values()) if records else said

    # ------------------------------------------------------------------
    # Erasure
    # ------------------------------------------------------------------

    def _kept_words(self):
        words = [super()._kept_words(), self._kept_evidence_words()]
        words += [
            self.env._(
                "Kept for the funder of %(programme)s until %(day)s: reports, "
                "attendance sheets and proofs of this support.",
                programme=programme.name,
                day=format_date(self.env, programme.date_kept),
            )
            # sudo: which programmes the person was on, in words for the person.
            for programme in self.sudo()._evidence_programmes()
        ]
        return "\n".join(words)

    def _kept_evidence_words(self):
        return self.env._(
            "Signed reports are kept until %(years)s years after the exit, signed "
            "attendance sheets and certificates of trainings for %(years)s years "
            "(Code civil art. 2224). Marks given to workshops and time spent stay in "
            "the totals, without the person.",
            years=self.company_id.cae_evidence_years,
        )

    def _erase_parts(self):
        # The code's own writing: what was done or signed is closed to everybody else.
        here = self.with_context(cae_own=OWN, tracking_disable=True)
        return [
            *here._erase_interviews(),
            *here._erase_support(),
            *here._erase_hand_overs(),
            *here._erase_workshops(),
            *here._erase_funding(),
            *super()._erase_parts(),
        ]

    def _erase_interviews(self):
        interviews = self._coaching_records("cae.interview", "entrepreneur_ids")
        kept = self._kept_interviews()
        gone = interviews - kept
        actions = self._coaching_records("cae.coaching.action")
        notes = self.env["cae.interview.note"].search(
            [("interview_id", "in", interviews.ids)]
        )
        joint = interviews.filtered(lambda i: i.entrepreneur_ids - self)
        words = [
            self.env._(
                "interviews: %(gone)s; kept: %(kept)s", gone=len(gone), kept=len(kept)
            ),
            self.env._("private notes: %s", len(notes)),
            self.env._("actions: %s", len(actions)),
        ]
        shared = notes.filtered(lambda n: n.interview_id in joint)
        (notes - shared).unlink()
        for note in shared:
            note.text = self._without(note.text)
        actions.unlink()
        self._erase_events(interviews)
        self._erase_reports(gone)
        self._leave_interviews(gone & joint)
        (gone - joint).unlink()
        return words

    def _erase_reports(self, interviews):
        reports = interviews.report_ids
        self._erase_messages(reports)
        reports.signature_ids.unlink()
        reports.unlink()

    def _leave_interviews(self, interviews):
        """Take the person out of unsigned interviews with others."""
        # The event of those to come is made anew for the others, who know of it.
        for interview in interviews.with_context(no_mail_to_attendees=True):
            said = ("review", "prospects", "action_plan", "needs", "state_reason")
            interview.write(
                {
                    "entrepreneur_ids": [
                        fields.Command.unlink(person.id) for person in self
                    ],
                    **{name: self._without(interview[name]) for name in said},
                }
            )
            self._erase_messages(interview)

    def _erase_events(self, interviews):
        """Events of the interviews, those taken out of calendars too."""
        every = self.env["calendar.event"].with_context(active_test=False)
        events = interviews.event_id | every.search(
            [
                ("partner_ids", "in", self.partner_id.ids),
                ("active", "=", False),
                ("privacy", "=", "private"),
                ("name", "ilike", self.name),
            ]
        )
        # Not told to calendars of others as a cancellation: it is over, or erased.
        events.with_context(no_mail_to_attendees=True).unlink()

    def _erase_support(self):
        requests = self._coaching_records("cae.service.request")
        counted = [
            (self.env._("assessments: %s"), "cae.skill.assessment"),
            (self.env._("alerts: %s"), "cae.coaching.alert"),
            (self.env._("entries of the directory: %s"), "cae.directory.entry"),
        ]
        entries = self._coaching_records("cae.directory.entry")
        entries._leave_projects(self._without)
        self._erase_joint_words()
        words = [self.env._("requests: %s", len(requests))]
        # The hours stay in the account of the shared services, for nobody.
        times = self._coaching_records("cae.service.time") | requests.time_ids
        times.write({"request_id": False, "entrepreneur_id": False, "name": False})
        requests.unlink()
        for word, model in counted:
            records = self._coaching_records(model)
            words.append(word % len(records))
            records.unlink()
        return words

    def _erase_hand_overs(self):
        moves = self._hand_overs()
        words = self.env._("hand-overs: %s", len(moves))
        moves.unlink()
        return [words]

    def _erase_joint_words(self):
        """What the person wrote on joint projects that go on."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", "cae.joint.project"),
                ("author_id", "in", self.partner_id.ids),
            ]
        )
        messages.unlink()

    def _erase_workshops(self):
        seats = self._coaching_records("event.registration", "cae_entrepreneur_id")
        kept = self._kept_seats()
        gone = seats - kept
        opinions = self._coaching_records("cae.workshop.evaluation")
        erased = dict.fromkeys(("comment", "complaint", "complaint_answer"), False)
        opinions.write(erased)
        seats.write({"cae_need": False})
        certificates = self.env["cae.workshop.certificate"].search(
            [("registration_id", "in", gone.ids)]
        )
        self._erase_messages(certificates)
        certificates.unlink()
        signed = ("signed_name", "signed_by_id", "signature")
        gone.cae_attendance_ids.write(dict.fromkeys(signed, False))
        self._anonymise_seats(gone)
        return [
            self.env._(
                "workshops: %(gone)s; kept: %(kept)s", gone=len(gone), kept=len(kept)
            ),
            self.env._("evaluations without their words: %s", len(opinions)),
        ]

    def _anonymise_seats(self, seats):
        now = fields.Datetime.now()
        coming = seats.filtered(lambda s: s.event_id.date_begin > now)
        coming.write({"state": "cancel"})
        seats.registration_answer_ids.unlink()
        nobody = dict.fromkeys(("email", "phone", "company_name", "partner_id"), False)
        for kind, group in seats.grouped("cae_trainee_kind").items():
            group.write(
                {
                    **nobody,
                    "name": self.env._("Erased"),
                    "cae_entrepreneur_id": False,
                    # The yearly training report still counts this trainee.
                    "cae_trainee_kind": kind,
                }
            )
        self._erase_messages(seats)

    def _erase_funding(self):
        programmes = self._evidence_programmes()
        places = self._coaching_records("cae.funder.participant")
        gone = places.filtered(lambda p: p.programme_id not in programmes)
        hours = self._coaching_records("cae.funded.hour")
        hours.filtered(lambda h: h.programme_id not in programmes).unlink()
        self._coaching_records("cae.unfunded.hour").unlink()
        times = self._coaching_records("cae.coach.time")
        for time in times.filtered(lambda t: t.programme_id not in programmes):
            time.write({"entrepreneur_id": False, "name": self._without(time.name)})
        words = self.env._(
            "funded support: %(gone)s; kept: %(kept)s",
            gone=len(gone),
            kept=len(places - gone),
        )
        gone.unlink()
        return [words]

    def _erase_messages(self, records):
        messages = self.env["mail.message"].search(
            [("model", "=", records._name), ("res_id", "in", records.ids)]
        )
        messages.unlink()

    def _without(self, text):
        """A text that others need, without the person's name and address."""
        if not text:
            return text
        said = (self.name, self.email, self.first_name, self.last_name)
        words = sorted(filter(None, said), key=len, reverse=True)
        pattern = "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words)
        return re.sub(pattern, "…", text, flags=re.IGNORECASE) if pattern else text
