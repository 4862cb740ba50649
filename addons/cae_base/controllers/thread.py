from odoo.addons.mail.controllers.thread import ThreadController


class OwnThreadController(ThreadController):
    """What people write on our records is a comment; logs are the product's."""

    def _prepare_message_data(self, post_data, *, thread, **kwargs):
        data = super()._prepare_message_data(post_data, thread=thread, **kwargs)
        # Odoo then posts as superuser, whom messages take for the product.
        if kwargs.get("from_create") and thread._name.startswith("cae."):
            data["message_type"] = "comment"
        return data
