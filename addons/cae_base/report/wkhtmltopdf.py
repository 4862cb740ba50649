"""HTML complete in itself to PDF, one document at a time.

Odoo's own way waits a second for scripts and fetches style sheets from the served
program, which a batch may not have; Debian's wkhtmltopdf refuses several documents in
one call and has neither headers nor footers.
"""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from odoo.exceptions import UserError
from odoo.tools import find_in_path

PROGRAM = "wkhtmltopdf"
OPTIONS = (
    *("--quiet", "--encoding", "utf-8", "--page-size", "A4"),
    *("--margin-top", "12mm", "--margin-bottom", "12mm"),
    *("--margin-left", "14mm", "--margin-right", "14mm"),
    *("--disable-javascript", "--disable-local-file-access"),
)
#: Seconds after which a document is given up.
TIMEOUT = 60


class ConversionError(Exception):
    """The program failed; its own words."""


def check(env) -> None:
    """See that the program is there.

    :raises UserError: ``CAE-STATEMENT-PDF``
    """
    try:
        find_in_path(PROGRAM)
    except OSError as error:
        raise UserError(
            env._(
                "CAE-STATEMENT-PDF: the program wkhtmltopdf is not installed on the "
                "server. The figures are published; the PDF comes when it is there."
            )
        ) from error


def convert(html: str) -> bytes:
    """PDF of a page.

    :raises ConversionError: when the program fails
    """
    return _convert(html)


def convert_wide(html: str) -> bytes:
    """As :func:`convert`, for tables that need the long side of the paper."""
    return _convert(html, "--orientation", "Landscape")


def _convert(html, *options):
    result = subprocess.run(
        [find_in_path(PROGRAM), *OPTIONS, *options, "-", "-"],
        input=html.encode(),
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    if not result.stdout.startswith(b"%PDF"):
        raise ConversionError(result.stderr.decode(errors="replace")[-500:])
    return result.stdout


def render(env, pages: dict, wide: bool = False) -> dict:
    """``{key: content}`` of ``{key: page}``; as many at a time as processors.

    :param wide: on the long side of the paper

    :raises UserError: ``CAE-STATEMENT-PDF``
    """
    if not pages:
        return {}
    check(env)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        contents = pool.map(convert_wide if wide else convert, pages.values())
        try:
            return dict(zip(pages, contents, strict=True))
        except ConversionError as error:
            raise UserError(
                env._("CAE-STATEMENT-PDF: wkhtmltopdf failed: %(error)s", error=error)
            ) from error
