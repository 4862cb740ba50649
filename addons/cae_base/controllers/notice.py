"""What the next page of the portal says, once.

The words are kept in the session. An address would carry them too, but anybody can
write one, and our pages would then say what a stranger wants.
"""

from odoo.exceptions import UserError
from odoo.http import request

from ..tools import plain

KEY = "cae_notice"
#: Characters of a refused form that the session keeps, at most.
KEPT = 20_000


def give_notice(text, problem=False):
    """Keep what the next page says; nothing is said without a text."""
    if text:
        request.session[KEY] = {"text": text, "problem": problem}


def take_notice():
    """``{"text", "problem", "typed"}`` for the template ``cae_base.portal_notice``.

    None when there is nothing to say.
    """
    return request.session.pop(KEY, None)


def keep_typed():
    """Have the page with a problem show the refused form as it was filled in."""
    form = request.httprequest.form
    fields = {n: form.getlist(n) for n in form if n != "csrf_token"}
    if sum(len(text) for texts in fields.values() for text in texts) <= KEPT:
        typed = {"path": request.httprequest.path, "fields": fields}
        request.session[KEY] = {**request.session[KEY], "typed": typed}


def quietly(step, but=()):
    """Do all of it, or nothing; what was refused in words, empty when it is done.

    :param step: function, which may raise errors of users
    :param but: errors of these that the caller answers
    """
    try:
        with request.env.cr.savepoint():
            step()
    except but:
        raise
    except UserError as refusal:
        return plain(refusal)
    return ""


def answered(page, step, done=""):
    """Do it, then open the page, which says that it is done or what is wrong.

    What was typed into a form that is refused stands in it again.

    :param done: what is said then, or a function that gives it
    """
    error = quietly(step)
    give_notice(error or (done() if callable(done) else done), bool(error))
    if error:
        keep_typed()
    return request.redirect(page)
