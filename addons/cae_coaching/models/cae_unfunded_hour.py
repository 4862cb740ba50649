from odoo import api, fields, models


class CaeUnfundedHour(models.Model):
    """Hours of somebody on a line that no line pays, and why.

    Written with the funded ones: what these people had is funded or here, to the
    minute. Nobody changes them: change the line, its people or the interview, and the
    hours are read again.
    """

    _name = "cae.unfunded.hour"
    _description = "Hours Not Funded"
    _inherit = "cae.attended.hour"
    _order = "date desc, id desc"

    entrepreneur_id = fields.Many2one(ondelete="cascade")
    line_id = fields.Many2one(
        "cae.funder.line",
        string="Nearest Line",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        help="The line that was chosen; else, of the lines of the person, the one that "
        "came nearest to taking these hours.",
    )
    programme_id = fields.Many2one(related="line_id.programme_id", store=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    reason = fields.Selection(
        [
            ("kind", "The line takes no hours of that kind"),
            ("dates", "Outside the dates of the line"),
            ("place", "Outside the dates of the person on the line"),
            ("other", "Another line was chosen"),
            ("closed", "The line was handed over or archived"),
            ("overlap", "At the same time as another funded hour"),
            ("bought", "The hours bought are used up"),
            ("each", "The hours of the person are used up"),
        ],
        string="Why",
        required=True,
        readonly=True,
        index=True,
    )

    _source_uniq = models.UniqueIndex("(source_model, source_id, entrepreneur_id)")

    @api.model
    def _totals(self, lines_of):
        """Hours not funded of who is on some lines, each person once; two queries.

        :param lines_of: ``{key: lines}``
        :return: ``{key: hours}``
        """
        lines = self.env["cae.funder.line"].union(*lines_of.values())
        # sudo: totals of lines, without who had the hours.
        places = self.env["cae.funder.participant"].sudo()
        people = {
            line.id: set(persons.ids)
            for line, persons in places._read_group(
                [("line_id", "in", lines.ids)],
                ["line_id"],
                ["entrepreneur_id:recordset"],
            )
        }
        everybody = list(set().union(*people.values()))
        # sudo: sums of a line's people, who may have other coaches than the reader.
        hours = {
            person.id: hours
            for person, hours in self.sudo()._read_group(
                [("entrepreneur_id", "in", everybody)],
                ["entrepreneur_id"],
                ["hours:sum"],
            )
        }
        return {
            key: sum(
                hours.get(person, 0)
                for person in set().union(*(people.get(one, ()) for one in own.ids))
            )
            for key, own in lines_of.items()
        }

    @api.model
    def _open_of(self, lines):
        """Those of the people on these lines, by reason."""
        people = lines.participant_ids.entrepreneur_id
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_coaching.cae_unfunded_hour_action"
        )
        return {
            **action,
            "domain": [("entrepreneur_id", "in", people.ids)],
            "context": {"search_default_group_reason": 1},
        }
