from odoo import api, fields, models

from ..engine import funding

#: What is read from the source.
READ = ("kind", "name", "date", "hours", "signed", "people")


class CaeAttendedHour(models.AbstractModel):
    """Hours that a person had, read from an interview or a half-day."""

    _name = "cae.attended.hour"
    _description = "Hours of a Person"

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    source_model = fields.Char(required=True, readonly=True)
    source_id = fields.Many2oneReference(
        model_field="source_model", required=True, readonly=True
    )
    kind = fields.Selection(
        [("interview", "Interview"), ("workshop", "Workshop")],
        required=True,
        readonly=True,
    )
    name = fields.Char(string="What", readonly=True)
    date = fields.Date(required=True, readonly=True, index=True)
    hours = fields.Float(required=True, readonly=True)
    signed = fields.Boolean(
        readonly=True, help="The person signed the sheet or report."
    )
    people = fields.Char(string="With", readonly=True, help="Coaches or trainers.")

    @api.model
    def _keep(self, before, wanted, closed=()):
        """Make, change and take away rows, until they are those that are wanted.

        :param before: ``{key: record}``
        :param wanted: ``{key: values}``
        :param closed: keys of records that stay as they are
        """
        gone = before.keys() - wanted.keys() - set(closed)
        self.browse(before[key].id for key in gone).unlink()
        for key in before.keys() & wanted.keys():
            before[key]._update(wanted[key])
        self.create([values for key, values in wanted.items() if key not in before])

    def _update(self, values):
        """Write what changed, if anything did."""
        changed = {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        if changed:
            self.write(changed)

    def _key(self):
        return self.source_model, self.source_id, self.entrepreneur_id.id

    def _row(self):
        return {"key": self._key(), **{name: self[name] for name in READ}}

    @api.model
    def _prepare_hour_vals(self, row):
        model, source, person = row["key"]
        return {
            "source_model": model,
            "source_id": source,
            "entrepreneur_id": person,
            **{name: row[name] for name in READ},
            # As it was counted: whole minutes, whose sums are exact.
            "hours": funding.minutes(row["hours"]) / 60,
        }

    def action_source(self) -> dict:
        """Open the interview or the attendance."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.source_model,
            "res_id": self.source_id,
            "view_mode": "form",
        }
