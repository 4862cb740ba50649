from odoo import api, fields, models
from odoo.tools import SQL

from .cae_document_type import STAGES
from .cae_workshop_attendance import SIGN_DAYS


class CaeHome(models.AbstractModel):
    """Interviews, actions and workshops on the home of a person."""

    _inherit = "cae.home"

    @api.model
    def _coming_queries(self, own):
        values = {
            "person": own.person.id,
            "now": fields.Datetime.now(),
            "lang": self.env.lang or "en_US",
            "days": SIGN_DAYS,
            "today": own.day,
            "company": own.company.id,
        }
        documents = [
            SQL(DOCUMENTS, asked=SQL.identifier("t", f"for_{stage}"), **values)
            for stage in STAGES
            if stage == own.person.stage
        ]
        return [
            *super()._coming_queries(own),
            *documents,
            *(SQL(text, **values) for text in (REPORTS, ACTIONS, INTERVIEWS)),
            *(SQL(text, **values) for text in (SHEETS, EVALUATIONS, WORKSHOPS)),
        ]

    @api.model
    def _cooperative(self, person):
        return [
            *super()._cooperative(person),
            (
                self.env._("Directory"),
                self.env._("Who offers what in the cooperative"),
                "/my/directory",
                "fa-address-book-o",
            ),
            (
                self.env._("Joint projects"),
                self.env._("What members build together"),
                "/my/joint-projects",
                "fa-puzzle-piece",
            ),
            (
                self.env._("Ask the cooperative"),
                self.env._("Accounting, administration, legal help…"),
                "/my/services",
                "fa-question-circle-o",
            ),
        ]

    @api.model
    def _words(self):
        report = self.env._(
            "Sign the report of the interview of %(name)s", name="%(name)s"
        )
        document = self.env._("Give the document: %(name)s", name="%(name)s")
        sheet = self.env._("Sign that you were at %(name)s", name="%(name)s")
        evaluation = self.env._("Say what you think of %(name)s", name="%(name)s")
        return {
            **super()._words(),
            "report": (report, "/my/interviews/%(id)s", True),
            "action": ("%(name)s", "/my/actions#action-%(id)s", True),
            "document": (document, "/my/documents-to-give", True),
            "sheet": (sheet, "/my/workshops/sheet/%(id)s", True),
            "evaluation": (evaluation, "/my/workshops/%(id)s/evaluation", True),
            "interview": (
                self.env._("Interview with your coach"),
                "/my/interviews",
                False,
            ),
            "workshop": ("%(name)s", "/my/workshops", False),
        }


REPORTS = """
    SELECT 'report', r.id, to_char(i.date_start, 'DD/MM/YYYY'), NULL::timestamp
      FROM cae_interview_report r
      JOIN cae_interview i ON i.id = r.interview_id
      JOIN cae_interview_report_entrepreneur_rel p
        ON p.cae_interview_report_id = r.id AND p.cae_entrepreneur_id = %(person)s
     WHERE r.current AND r.state = 'shared'
       AND NOT EXISTS (SELECT 1 FROM cae_interview_signature s
                        WHERE s.report_id = r.id AND s.entrepreneur_id = %(person)s)
"""
ACTIONS = """
    SELECT 'action', a.id, a.name, a.date_deadline::timestamp
      FROM cae_coaching_action a
     WHERE a.entrepreneur_id = %(person)s AND a.shared
       AND a.state = 'todo' AND a.owner = 'person'
"""
INTERVIEWS = """
    SELECT 'interview', i.id, NULL, i.date_start
      FROM cae_interview i
      JOIN cae_interview_entrepreneur_rel p
        ON p.cae_interview_id = i.id AND p.cae_entrepreneur_id = %(person)s
     WHERE i.active AND i.state = 'planned' AND i.date_stop >= %(now)s
"""
SHEETS = """
    SELECT 'sheet', a.id, COALESCE(e.name ->> %(lang)s, e.name ->> 'en_US'),
           s.date_stop + make_interval(days => %(days)s)
      FROM cae_workshop_attendance a
      JOIN cae_workshop_session s ON s.id = a.session_id
      JOIN event_event e ON e.id = s.event_id
     WHERE a.entrepreneur_id = %(person)s AND a.signed_on IS NULL
       AND a.state IN ('expected', 'present') AND s.trainer_date IS NULL
       AND s.date_start <= %(now)s
       AND s.date_stop >= %(now)s::timestamp - make_interval(days => %(days)s)
"""
EVALUATIONS = """
    SELECT 'evaluation', e.id, COALESCE(e.name ->> %(lang)s, e.name ->> 'en_US'),
           NULL::timestamp
      FROM event_registration r
      JOIN event_event e ON e.id = r.event_id
     WHERE r.cae_entrepreneur_id = %(person)s AND r.state != 'cancel'
       AND EXISTS (SELECT 1 FROM cae_workshop_attendance a
                    WHERE a.registration_id = r.id AND a.state = 'present')
       AND NOT EXISTS (SELECT 1 FROM cae_workshop_evaluation v
                        WHERE v.registration_id = r.id)
"""
WORKSHOPS = """
    SELECT 'workshop', e.id, COALESCE(e.name ->> %(lang)s, e.name ->> 'en_US'),
           e.date_begin
      FROM event_registration r
      JOIN event_event e ON e.id = r.event_id
     WHERE r.cae_entrepreneur_id = %(person)s AND r.state != 'cancel'
       AND NOT r.cae_waiting AND e.cae_workshop AND e.date_end >= %(now)s
"""
# Mandatory, and neither in force nor waiting for its check.
DOCUMENTS = """
    SELECT 'document', t.id, COALESCE(t.name ->> %(lang)s, t.name ->> 'en_US'),
           NULL::timestamp
      FROM cae_document_type t
     WHERE t.active AND t.mandatory AND t.portal AND %(asked)s
       AND (t.company_id IS NULL OR t.company_id = %(company)s)
       AND NOT EXISTS (
           SELECT 1 FROM cae_person_document d
            WHERE d.type_id = t.id AND d.entrepreneur_id = %(person)s
              AND (d.state = 'received' OR d.state = 'accepted'
                   AND (d.date_expiry IS NULL OR d.date_expiry >= %(today)s)))
"""
