"""What a signature on a sheet is: a name written in full, and perhaps a drawing."""

import base64
import binascii

from odoo.exceptions import UserError

#: Bytes of the image of a signature.
LARGEST_IMAGE = 500_000
PNG = b"\x89PNG\r\n\x1a\n"


def checked_name(env, name):
    """The name, with single spaces.

    :raises UserError: ``CAE-WORKSHOP-SIGNATURE``
    """
    text = " ".join(name.split()) if isinstance(name, str) else ""
    if not (2 <= len(text) <= 100 and text.isprintable()):
        raise UserError(env._("CAE-WORKSHOP-SIGNATURE: write the full name."))
    return text


def checked_image(env, image):
    """The drawing in base64 when it is a PNG of a usual size; False without one.

    :raises UserError: ``CAE-WORKSHOP-SIGNATURE``
    """
    if not image:
        return False
    try:
        raw = base64.b64decode(image, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raw = b""
    if not raw.startswith(PNG) or len(raw) > LARGEST_IMAGE:
        raise UserError(env._("CAE-WORKSHOP-SIGNATURE: the signature is no image."))
    return base64.b64encode(raw)
