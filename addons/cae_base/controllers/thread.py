from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.mail.controllers.thread import ThreadController
from odoo.addons.mail.controllers.webclient import WebclientController

#: Messages of one login, or of all who have a token, on one document within a day.
DAILY = 20
#: What the team has beside a document; Odoo's pages for customers ask for none of it.
INSIDE = {
    "activities",
    "attachments",
    "followers",
    "scheduledMessages",
    "suggestedRecipients",
}


class OwnThreadController(ThreadController):
    """What people write on our records is a comment; logs are the product's."""

    def _prepare_message_data(self, post_data, *, thread, **kwargs):
        data = super()._prepare_message_data(post_data, thread=thread, **kwargs)
        if not kwargs.get("from_create"):
            return data
        outside = request.env.user.share
        if outside:
            _check_daily(thread)
        # Odoo then posts as superuser, whom messages take for the product; and on
        # invoices and quotes a customer would write what looks like a log.
        if outside or thread._name.startswith("cae."):
            data["message_type"] = "comment"
        return data


class OwnWebclientController(WebclientController):
    """A token opens a document, and nothing of what the team keeps beside it."""

    @classmethod
    def _process_request_for_all(cls, store, name, params):
        # Odoo reads the thread of a token as superuser: to-dos, files and drafts too.
        if name == "mail.thread" and params and request.env.user.share:
            asked = params.get("request_list") or []
            told = [each for each in asked if each not in INSIDE]
            params = {**params, "request_list": told}
        return super()._process_request_for_all(store, name, params)


def _check_daily(thread):
    """Each message is e-mailed, in the name of the cooperative.

    :raises UserError: ``CAE-MESSAGE-MANY``
    """
    # sudo: how many were posted there; nothing is read of them.
    posted = request.env["mail.message"].sudo()
    count = posted.search_count(
        [
            ("model", "=", thread._name),
            ("res_id", "=", thread.id),
            ("message_type", "!=", "user_notification"),  # who is told of the others
            ("create_uid", "=", request.env.uid),
            ("create_date", ">=", fields.Datetime.now() - timedelta(days=1)),
        ],
        limit=DAILY,
    )
    if count >= DAILY:
        raise UserError(
            request.env._(
                "CAE-MESSAGE-MANY: %s messages a day are taken here: write the next "
                "one tomorrow, or call the cooperative.",
                DAILY,
            )
        )
