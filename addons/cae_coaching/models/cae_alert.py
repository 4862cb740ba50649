from odoo import api, models


class CaeAlert(models.AbstractModel):
    """Alerts as Odoo activities: one per cause, closed by itself when it is solved.

    The record is the cause, the type of the activity its kind: there is at most one
    open activity of a type on a record. Who marks it as done is not told again until
    the date that it is about changes.
    """

    _name = "cae.alert"
    _description = "Alerts"
    _inherit = ["mail.thread", "mail.activity.mixin"]

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Who is told of an alert does not follow the record: people change coach."""
        if self.env.context.get("mail_activity_quick_update"):
            return True
        return super().message_subscribe(partner_ids, subtype_ids)

    @api.model
    def _alert(self, xmlid, wanted, among):
        """Make, change and close the alerts of one kind, in a few queries.

        :param xmlid: of the activity type
        :param wanted: ``{record: (day, summary, user)}`` of the causes there are
        :param among: records looked at: what is not wanted of them is closed
        :return: the new activities
        """
        kind = self.env.ref(xmlid, raise_if_not_found=False)
        # sudo: alerts are the product's; a coach who solves a cause closes the alert
        # that a colleague has.
        activities = self.env["mail.activity"].sudo()
        if not kind or not among:
            return activities
        known = activities.with_context(active_test=False).search_fetch(
            [
                ("res_model", "=", among._name),
                ("res_id", "in", among.ids),
                ("activity_type_id", "=", kind.id),
            ],
            ["res_id", "date_deadline", "user_id", "active"],
            order="id",
        )
        by_record = {activity.res_id: activity for activity in known}
        causes = {record.id: value for record, value in wanted.items() if value[2]}
        known.filtered(lambda a: a.active and a.res_id not in causes).unlink()
        model = self.env["ir.model"]._get_id(among._name)
        vals_list = []
        for key, (day, summary, user) in causes.items():
            before = by_record.get(key)
            if before and before.active:
                before._cae_update(day, user)
            elif not before or before.date_deadline != day:
                vals_list.append(
                    {
                        "res_model_id": model,
                        "res_id": key,
                        "activity_type_id": kind.id,
                        "date_deadline": day,
                        "summary": summary,
                        "user_id": user.id,
                        "automated": True,
                    }
                )
        # Nobody is written an e-mail for each: the list of activities tells.
        return activities.with_context(mail_activity_quick_update=True).create(
            vals_list
        )


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _cae_update(self, day, user):
        changes = {}
        if self.date_deadline != day:
            changes["date_deadline"] = day
        if self.user_id != user:
            changes["user_id"] = user.id
        if changes:
            self.with_context(mail_activity_quick_update=True).write(changes)
