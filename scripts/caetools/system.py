"""System packages: installed as root, named with the exact command otherwise."""

import os
import shutil
from pathlib import Path

from . import shell
from .ui import Problem

# What is looked for, and the Debian packages that bring it.
PDF = {"wkhtmltopdf": ["wkhtmltopdf"]}
BROWSER = {"chromium": ["chromium"]}
FONTS = {
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf": ["fonts-dejavu-core"],
    "/usr/share/fonts/truetype/liberation*": ["fonts-liberation"],
}
DISPLAY = {**PDF, **BROWSER, **FONTS}


def is_root() -> bool:
    """Whether this process may install system packages."""
    return os.geteuid() == 0


def missing(wanted: dict[str, list[str]]) -> list[str]:
    """Packages of ``wanted`` that are not there."""
    packages = []
    for sign, names in wanted.items():
        if not _present(sign):
            packages += names
    return packages


def _present(sign: str) -> bool:
    if sign.startswith("/"):
        path = Path(sign)
        return any(path.parent.glob(path.name))
    return bool(shutil.which(sign))


def command(packages: list[str]) -> str:
    """The command that installs these packages."""
    return f"sudo apt-get install --no-install-recommends {' '.join(packages)}"


def install(packages: list[str]):
    """Install packages, or say how.

    :raises Problem: as an ordinary user, or when the package manager fails
    """
    if not is_root() or not shutil.which("apt-get"):
        raise Problem(
            f"missing system packages: {', '.join(packages)}",
            f"Install them with:\n    {command(packages)}",
        )
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    shell.run(["apt-get", "-q", "update"], log="apt", what="apt-get update", env=env)
    shell.run(
        ["apt-get", "-q", "install", "-y", "--no-install-recommends", *packages],
        log="apt",
        what=f"installing {', '.join(packages)}",
        env=env,
    )
