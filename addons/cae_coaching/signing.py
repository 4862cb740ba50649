"""What a signature is: a name written in full, and perhaps a drawing or a scan."""

import base64
import binascii

from odoo.exceptions import UserError

#: Bytes of the image of a signature.
LARGEST_IMAGE = 500_000
#: Bytes of the scan of a paper.
LARGEST_SCAN = 10 * 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
#: What a scan is, by its first bytes: its name proves nothing.
SCANS = {b"%PDF-": "pdf", PNG: "png", b"\xff\xd8\xff": "jpg"}


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
    raw = _decoded(image)
    if not raw.startswith(PNG) or len(raw) > LARGEST_IMAGE:
        raise UserError(env._("%(code)s: the signature is no image.", code=code))
    return base64.b64encode(raw)


def checked_scan(env, scan, code):
    """``(base64, extension)`` of the scan of a signed paper.

    :raises UserError: ``code``
    """
    raw = _decoded(scan)
    kind = next((name for start, name in SCANS.items() if raw.startswith(start)), "")
    if not kind or len(raw) > LARGEST_SCAN:
        raise UserError(
            env._(
                "%(code)s: the scan is a PDF, PNG or JPEG file of 10 MB at most.",
                code=code,
            )
        )
    return base64.b64encode(raw), kind


def _decoded(value):
    try:
        return base64.b64decode(value or b"", validate=True)
    except (TypeError, ValueError, binascii.Error):
        return b""
