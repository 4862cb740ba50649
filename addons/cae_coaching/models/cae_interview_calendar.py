from odoo import api, fields, models

#: What the calendar shows of an interview.
SHOWN = {
    *("date_start", "date_stop", "entrepreneur_ids", "coach_ids", "place"),
    *("video_url", "type_id"),
}


class CaeInterview(models.Model):
    """An interview is in the calendars of the coaches and of the persons.

    The event is private: others see that the coach is busy. It says who, when and
    where, and nothing of what is written.
    """

    _inherit = "cae.interview"

    event_id = fields.Many2one(
        "calendar.event",
        string="Calendar Event",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    calendar_label = fields.Char(
        string="Who",
        compute="_compute_calendar_label",
        help="Title in the calendar, which writes the hour beside it.",
    )

    @api.depends("person_names")
    def _compute_calendar_label(self):
        for interview in self:
            interview.calendar_label = interview.person_names

    @api.model_create_multi
    def create(self, vals_list):
        interviews = super().create(vals_list)
        interviews._sync_events()
        return interviews

    def write(self, vals):
        result = super().write(vals)
        if SHOWN & vals.keys():
            self._sync_events()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_events(self):
        self._cancel_events()

    def _sync_events(self):
        """Make or move the events of interviews to come."""
        now = fields.Datetime.now()
        # sudo: an event is private to who takes part; whoever may plan the interview
        # may move it for a colleague.
        planned = self.sudo().filtered(lambda i: i.state == "planned")
        for interview in planned.filtered("event_id"):
            interview._move_event()
        coming = planned.filtered(lambda i: not i.event_id and i.date_stop > now)
        Event = coming.env["calendar.event"].with_context(skip_contact_description=True)
        events = Event.create([i._prepare_event_vals() for i in coming])
        for interview, event in zip(coming, events, strict=True):
            interview._cae_own().event_id = event

    def _move_event(self):
        """Write on the event what has changed: its people are told."""
        event, values = self.event_id, self._prepare_event_vals()
        partners = self.env["res.partner"].browse(values.pop("partner_ids")[0][2])
        for name in list(values):
            now = event[name]
            same = now.ids == values[name][0][2] if name == "alarm_ids" else False
            if same or getattr(now, "id", now) == values[name]:
                values.pop(name)
        if partners != event.partner_ids:
            values["partner_ids"] = [fields.Command.set(partners.ids)]
        if values:
            event.write(values)

    def _prepare_event_vals(self):
        people = self.entrepreneur_ids.partner_id | self.coach_ids.partner_id
        alarm = self.env.ref("cae_coaching.calendar_alarm_day", False)
        return {
            "name": self.env._(
                "%(type)s: %(names)s", type=self.type_id.name, names=self.person_names
            ),
            "start": self.date_start,
            "stop": self.date_stop,
            "user_id": self.coach_ids[:1].id,
            "partner_ids": [fields.Command.set(people.sorted("id").ids)],
            "location": self.place or False,
            "videocall_location": self.video_url or False,
            "privacy": "private",
            "alarm_ids": [fields.Command.set(alarm.ids if alarm else [])],
        }

    def _cancel_events(self):
        """Take events to come out of the calendars, and tell their people."""
        now = fields.Datetime.now()
        # sudo: as for _sync_events.
        ours = self.sudo().filtered(
            lambda i: i.event_id.start and i.event_id.start > now
        )
        events = ours.event_id
        for event in events:
            self._tell_cancelled(event)
        # Odoo deletes the messages of an event with it, those to be sent as well.
        events.active = False
        ours._cae_own().event_id = False

    def _tell_cancelled(self, event):
        """Odoo's own message, to all who take part but the user."""
        template = self.env.ref("calendar.calendar_template_delete_event", False)
        people = event.partner_ids - self.env.user.partner_id
        if template and people:
            # sudo: the template is Odoo's; whoever may cancel may tell it.
            template.sudo().send_mail(
                event.id,
                email_layout_xmlid="mail.mail_notification_light",
                email_values={"recipient_ids": [fields.Command.set(people.ids)]},
            )
