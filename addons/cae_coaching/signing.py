"""What a signature is: a name written in full, and perhaps a drawing or a scan."""

import base64

from odoo.exceptions import UserError

from odoo.addons.cae_base import uploads

#: Bytes of the image of a signature.
LARGEST_IMAGE = 500_000


def checked_name(env, name, code):
    """The name, with single spaces.

    :param code: code of the error
    :raises UserError: ``code``
    """
    text = " ".join(name.split()) if isinstance(name, str) else ""
    if not (2 <= len(text) <= 100 and text.isprintable()):
        raise UserError(env._("%(code)s: write the full name.", code=code))
    return text


def checked_image(env, image, code):
    """The drawing in base64 when it is a PNG of a usual size; False without one.

    :raises UserError: ``code``
    """
    if not image:
        return False
    raw = uploads.decoded(image)
    if uploads.kind_of(raw) != "png" or len(raw) > LARGEST_IMAGE:
        raise UserError(env._("%(code)s: the signature is no image.", code=code))
    return base64.b64encode(raw)


def checked_scan(env, scan, code):
    """``(base64, extension)`` of the scan of a signed paper.

    :raises UserError: ``code``
    """
    content, kind = uploads.checked_base64(env, scan, code)
    return base64.b64encode(content), kind
