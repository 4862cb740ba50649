"""Addresses that the server would fetch for anybody.

Odoo's editor and its discussions look at pages that somebody names, and answer what
they say: from inside the house they reach what the person cannot. Nothing on the portal
needs it.
"""

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from odoo.addons.html_editor.controllers.main import HTML_Editor
from odoo.addons.mail.controllers.link_preview import LinkPreviewController


class EditorFetching(HTML_Editor):
    """What the editor fetches is for who writes in the back office."""

    @http.route()
    def link_preview_metadata(self, preview_url=""):
        """Nothing to see for others: a page without a title is answered so."""
        return super().link_preview_metadata(preview_url) if _is_inside() else {}

    @http.route()
    def link_preview_metadata_internal(self, preview_url=""):
        """Records by their address, and other pages as above."""
        _check_inside()
        return super().link_preview_metadata_internal(preview_url)

    @http.route()
    def add_url(self, url="", res_id=False, res_model="ir.ui.view", **kwargs):
        """A file elsewhere, whose server is asked what it is."""
        _check_inside()
        return super().add_url(url, res_id=res_id, res_model=res_model, **kwargs)

    @http.route()
    def save_library_media(self, media=None):
        """Pictures of Odoo's library."""
        _check_inside()
        return super().save_library_media(media or {})

    @http.route()
    def media_library_search(self, **params):
        """The same, searched."""
        _check_inside()
        return super().media_library_search(**params)

    @http.route()
    def generate_text(self, prompt="", conversation_history=()):
        """Text of a service that the cooperative may pay for."""
        _check_inside()
        return super().generate_text(prompt, conversation_history)


class MessageFetching(LinkPreviewController):
    """Links of a message are looked at when a colleague wrote it."""

    @http.route()
    def mail_link_preview(self, message_id=0):
        """Nothing for others, as when previews are off."""
        return super().mail_link_preview(message_id) if _is_inside() else None


def _is_inside():
    return request.env.user._is_internal()


def _check_inside():
    """:raises AccessError: ``CAE-ACCESS``"""
    if not _is_inside():
        raise AccessError(request.env._("CAE-ACCESS: this is for the team."))
