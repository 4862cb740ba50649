"""Files that people hand in: taken for what they hold, whatever their name says."""

import base64
import binascii
import io

from PIL import Image, ImageOps

from odoo.exceptions import UserError
from odoo.http import request

from .engine.texts import one_line

#: Bytes of a file at most.
LARGEST = 10 * 1024 * 1024
#: Points of a picture at most: small files may unfold into much memory.
POINTS = 65_000_000
#: Brands of files that iPhones keep photos in (ISO/IEC 23008-12).
HEIC = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
#: Extension: how people know it, its media type, what its content has at its start,
#: or a little later, and what it has from its ninth byte on.
KINDS = {
    "pdf": ("PDF", "application/pdf", b"%PDF-", 0, b""),
    "png": ("PNG", "image/png", b"\x89PNG\r\n\x1a\n", 0, b""),
    "jpg": ("JPEG", "image/jpeg", b"\xff\xd8\xff", 0, b""),
    "webp": ("WebP", "image/webp", b"RIFF", 0, b"WEBP"),
    "heic": ("HEIC", "image/heic", b"ftyp", 4, HEIC),
}
#: What a scan is, and what phones make of a paper besides.
SCANS = ("pdf", "png", "jpg")
PHOTOS = (*SCANS, "webp", "heic")
#: Formats of images that are opened here, as Pillow calls them; Odoo loads no others.
OPENED = {"png": "PNG", "jpg": "JPEG"}
#: What Pillow tells of a picture that says neither where nor by whom it was taken.
HARMLESS = {
    *("jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "icc_profile"),
    *("adobe", "adobe_transform", "progressive", "progression", "interlace"),
    *("gamma", "srgb", "chromaticity", "transparency", "aspect"),
}
#: The same of WebP: its parts (RIFF), and what its head (VP8X) says of them.
TOLD, TELLS = (b"EXIF", b"XMP "), 0x08 | 0x04


def sent(most: int) -> list[tuple[str, bytes]]:
    """Name and bytes of the files of the form; those left empty are none.

    :param most: files that are taken; one more is read, so that it can be refused
    """
    files = []
    for file in request.httprequest.files.getlist("files")[: most + 1]:
        # Begun again after a conflict, Odoo rewinds the first one only.
        file.seek(0)
        content = file.read(LARGEST + 1)
        if file.filename or content:
            files.append((file.filename or "", content))
    return files


def kind_of(content: bytes) -> str:
    """The extension of a file by its content, empty for any other.

    An image must be one: a page that only starts like one is none.
    """
    kind = next((name for name, row in KINDS.items() if _starts(content, row)), "")
    return kind if kind not in OPENED or _is_image(content, OPENED[kind]) else ""


def _starts(content, row):
    _label, _mimetype, start, place, brands = row
    return content[place:].startswith(start) and content[8:].startswith(brands)


def _is_image(content, kind):
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            image.verify()
            return image.width * image.height <= POINTS
    # Pillow raises whatever the content makes it stumble over.
    except Exception:
        return False


def without_place(content: bytes) -> bytes:
    """An image that was taken, without what the camera noted: place, owner, day.

    It stays upright. Other files, and HEIC, stay as they are.
    """
    kind = kind_of(content)
    if kind == "webp":
        return _webp_without_place(content)
    if kind not in OPENED:
        return content
    try:
        return _drawn_again(content, OPENED[kind])
    # What Pillow cannot read to its end is no worse than it was.
    except Exception:
        return content


def _drawn_again(content, kind):
    with Image.open(io.BytesIO(content), formats=[kind]) as image:
        image.load()
        if not image.getexif() and set(image.info) <= HARMLESS:
            return content
        upright = ImageOps.exif_transpose(image)
        upright.info = {n: v for n, v in upright.info.items() if n in HARMLESS}
        kept = {n: v for n, v in image.info.items() if n in ("dpi", "icc_profile")}
        stream = io.BytesIO()
        upright.save(stream, kind, quality=90, **kept)
    return stream.getvalue()


def _webp_without_place(content):
    parts, place = [], 12
    while place + 8 <= len(content):
        size = int.from_bytes(content[place + 4 : place + 8], "little")
        end = place + 8 + size + size % 2
        part = bytearray(content[place:end])
        if part[:4] == b"VP8X" and size:
            part[8] &= ~TELLS
        if part[:4] not in TOLD:
            parts.append(bytes(part))
        place = end
    kept = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(kept).to_bytes(4, "little") + kept


def checked(env, content: bytes, code: str, kinds=SCANS) -> str:
    """The extension of a file that is taken.

    :param code: code of the error
    :param kinds: extensions that are taken, of ``KINDS``
    :raises UserError: ``code``
    """
    kind = kind_of(content) if len(content) <= LARGEST else ""
    if kind not in kinds:
        raise UserError(
            env._(
                "%(code)s: a file is not taken. It must be one of these: %(kinds)s, "
                "and of %(size)s MB at most.",
                code=code,
                kinds=", ".join(KINDS[name][0] for name in kinds),
                size=LARGEST // 1024**2,
            )
        )
    return kind


def checked_base64(env, value, code: str, kinds=SCANS) -> tuple[bytes, str]:
    """``(content, extension)`` of a file in base64; see :func:`checked`.

    :raises UserError: ``code``
    """
    content = decoded(value)
    return content, checked(env, content, code, kinds)


def decoded(value) -> bytes:
    """What base64 stands for; nothing for what is none."""
    try:
        return base64.b64decode(value or b"", validate=True)
    except (TypeError, ValueError, binascii.Error):
        return b""


def file_name(name, kind: str = "", fallback: str = "document") -> str:
    """The name that somebody gave a file, without folders, on one line.

    :param kind: extension that it gets, whatever it had
    """
    name = one_line((name or "").replace("\\", "/").rpartition("/")[2], 200)
    if not kind:
        return name
    stem = name.rpartition(".")[0] or name
    return f"{stem.strip('. ') or fallback}.{kind}"
