from odoo import fields, models
from odoo.tools import SQL

from .cae_document_type import STAGES

#: More types of documents than there will be: an id is made of person and type.
TYPES = 4096


class CaeLateDocument(models.Model):
    """A mandatory document that is not in the file of a person, and since when.

    The same as ``cae.entrepreneur.missing_document_ids``, one row for each document.
    """

    _name = "cae.late.document"
    _inherit = ["cae.computed.rows"]
    _description = "Late Document"
    _auto = False
    _order = "since, id"
    _rec_name = "type_id"
    _depends = {
        "cae.document.type": [
            *("active", "company_id", "mandatory"),
            *(f"for_{stage}" for stage in STAGES),
        ],
        "cae.entrepreneur": [
            *("active", "coach_id", "company_id", "date_entry", "stage", "team_id"),
        ],
        "cae.person.document": [
            *("date_expiry", "date_received", "entrepreneur_id", "state", "type_id"),
        ],
    }

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur", string="Person", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    coach_id = fields.Many2one("res.users", readonly=True)
    team_id = fields.Many2one("cae.team", string="Site or Team", readonly=True)
    stage = fields.Selection(selection="_selection_stage", readonly=True)
    type_id = fields.Many2one("cae.document.type", string="Document", readonly=True)
    reason = fields.Selection(
        [
            ("never", "Never handed in"),
            ("received", "To check"),
            ("refused", "Refused"),
            ("expired", "Expired"),
        ],
        string="Why",
        readonly=True,
    )
    since = fields.Date(
        readonly=True,
        help="The entry of who never handed it in; the day after the expiry; the day "
        "on which what is to check or refused came.",
    )
    days = fields.Integer(readonly=True, aggregator="max")

    def _selection_stage(self):
        stage = self.env["cae.entrepreneur"]._fields["stage"]
        return stage._description_selection(self.env)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT p.id::bigint * %(types)s + t.id AS id, p.id AS entrepreneur_id,
                   p.company_id, p.coach_id, p.team_id, p.stage, t.id AS type_id,
                   CASE WHEN d.state = 'accepted' THEN 'expired'
                        ELSE COALESCE(d.state, 'never') END AS reason,
                   n.since, %(today)s - n.since AS days
              FROM cae_entrepreneur p
              JOIN cae_document_type t
                ON t.active AND t.mandatory AND %(asked)s
               AND COALESCE(t.company_id, p.company_id) = p.company_id
              LEFT JOIN (%(held)s) d ON d.entrepreneur_id = p.id AND d.type_id = t.id
             CROSS JOIN LATERAL (
                   SELECT CASE WHEN d.state IS NULL THEN p.date_entry
                               WHEN d.state = 'accepted' THEN d.date_expiry + 1
                               ELSE d.date_received END AS since) n
             WHERE p.active AND d.good IS NOT TRUE
            """,
            types=TYPES,
            today=fields.Date.context_today(self),
            asked=SQL("CASE p.stage %s END", self._asked()),
            held=self._held_query(),
        )

    def _asked(self):
        """Whether a type ``t`` is asked for in the stage of a person."""
        return SQL(" ").join(
            SQL("WHEN %s THEN %s", stage, SQL.identifier("t", f"for_{stage}"))
            for stage in STAGES
        )

    def _held_query(self):
        """What a person has of each type: the best document, whether it is good."""
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT DISTINCT ON (entrepreneur_id, type_id) entrepreneur_id, type_id,
                   state, date_received, date_expiry,
                   state = 'accepted' AND COALESCE(date_expiry, 'infinity') >= %(today)s
                       AS good
              FROM cae_person_document
             WHERE entrepreneur_id IS NOT NULL
             ORDER BY entrepreneur_id, type_id, 6 DESC, date_received DESC, id DESC
            """,
            today=today,
        )
