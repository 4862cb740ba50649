"""Odoo's source tree: the user's own, or the Debian package unpacked."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

from . import paths, shell
from .lock import cache_lock
from .ui import Problem

SERIES = "19.0"
PACKAGE = "odoo-19"
SUITE = "sid"
# Odoo's package has symbolic links into these. The newest ones have other paths; those
# of Debian 13 are the ones that the links mean.
COMPANION_SUITE = "trixie"
COMPANIONS = (
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)
MISSING_SCRIPT = "lib/selfie_segmentation/selfie_segmentation.js"
OWN_ODOO = (
    f"If you have Odoo {SERIES} already, say where:\n"
    "    ODOO_HOME=/path/to/odoo scripts/setup\n"
    "(the folder that holds odoo-bin, or the one that holds the Python package odoo)."
)
TREE = paths.STATE / "odoo"
MARKER = TREE / ".complete"


def source() -> Path:
    """The folder that holds the Python package ``odoo``; no side effect.

    :raises Problem: when there is none yet, or ODOO_HOME is wrong
    """
    home = os.environ.get("ODOO_HOME")
    if home:
        return _checked(_find_package(Path(home).expanduser().resolve()))
    if not MARKER.exists():
        raise Problem("Odoo is not there yet", "Run scripts/setup first.")
    return _find_package(TREE)


def version(folder: Path) -> str:
    """The series of the Odoo in this folder, such as "19.0"."""
    text = (folder / "odoo" / "release.py").read_text(encoding="utf-8")
    found = re.search(r"^version_info = \((\S+), (\d+)", text, re.MULTILINE)
    return f"{found[1]}.{found[2]}" if found else "unknown"


def fingerprint(folder: Path) -> str:
    """Tells one Odoo from another: the Debian version, or the place and date."""
    if folder.is_relative_to(TREE) and MARKER.exists():
        return MARKER.read_text()
    release = folder / "odoo" / "release.py"
    return f"{folder} {release.stat().st_mtime_ns}"


def addons_paths(folder: Path) -> list[Path]:
    """Odoo's own addons: all in the package (Debian), or beside it (a git checkout)."""
    inside = folder / "odoo" / "addons"
    if (inside / "account" / "__manifest__.py").exists():
        return [inside]
    return [folder / "addons", inside]


def _find_package(home: Path) -> Path:
    for folder in (home, home.parent, home / "usr/lib/python3/dist-packages"):
        if (folder / "odoo" / "release.py").exists():
            return folder
    raise Problem(f"there is no Odoo in {home}", OWN_ODOO)


def _checked(folder: Path) -> Path:
    found = version(folder)
    if found != SERIES:
        raise Problem(f"Odoo in {folder} is {found}, not {SERIES}", OWN_ODOO)
    return folder


def ensure(step, refresh: bool = False) -> Path:
    """Make sure that Odoo is there and return its folder."""
    if os.environ.get("ODOO_HOME"):
        return source()
    if refresh or not MARKER.exists():
        packages = _packages(step, refresh)
        step.note("unpacking")
        _unpack(packages)
    return source()


def _packages(step, refresh: bool) -> list[Path]:
    """The package files, from the cache or downloaded."""
    folder = paths.cache() / "debs"
    with cache_lock("debs"):
        packages = [] if refresh else _cached(folder)
        return packages or _download(step, folder)


def _cached(folder: Path) -> list[Path]:
    """The files of a finished download, when all are intact."""
    try:
        sums = json.loads((folder / "manifest.json").read_text())
        intact = all(_sha256(folder / name) == value for name, value in sums.items())
    except (OSError, ValueError):
        return []
    return [folder / name for name in sums] if intact and sums else []


def _sha256(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _download(step, folder: Path) -> list[Path]:
    """Download all packages, checked by apt against the archive's signature."""
    _require_tools()
    problem = None
    for mirror in _mirrors():
        try:
            return _download_from(step, folder, mirror)
        except Problem as error:
            problem = problem or error
    raise Problem(f"Odoo could not be downloaded: {problem}", problem.hint or OWN_ODOO)


def _require_tools():
    absent = [tool for tool in ("apt-get", "dpkg-deb") if not shutil.which(tool)]
    if absent:
        raise Problem(f"this machine has no {' and no '.join(absent)}", OWN_ODOO)


def _mirrors() -> list[str]:
    """Addresses of the Debian archives that this machine is set up for."""
    form = "$(REPO_URI) $(RELEASE)"
    output = shell.capture(
        ["apt-get", "indextargets", "--no-release-info", "--format", form]
    ).stdout
    pairs = [line.split(" ", 1) for line in sorted(set(output.splitlines()))]
    mirrors = {uri for uri, release in pairs if "security" not in release}
    if not mirrors:
        raise Problem("this machine has no Debian mirror set up in apt", OWN_ODOO)
    return sorted(mirrors, key=lambda uri: not uri.rstrip("/").endswith("/debian"))


def _keyring() -> str:
    for path in KEYRINGS:
        if Path(path).exists():
            return path
    raise Problem("the keys of the Debian archive are not on this machine", OWN_ODOO)


def _download_from(step, folder: Path, mirror: str) -> list[Path]:
    private = paths.cache() / "apt-new"
    shutil.rmtree(private, ignore_errors=True)
    options = _private_apt(private, mirror)
    step.note("reading the package lists")
    _apt(options, "update")
    _require_series(options)
    names = [f"{PACKAGE}/{SUITE}"]
    names += [f"{name}/{COMPANION_SUITE}" for name in COMPANIONS]
    step.note("downloading (130 MB)")
    fresh = private / "fresh"
    fresh.mkdir()
    _apt(options, "download", *names, cwd=fresh)
    packages = _keep(fresh, folder)
    shutil.rmtree(private)
    return packages


def _private_apt(private: Path, mirror: str) -> list[str]:
    """Options that leave the machine's own apt settings and lists alone."""
    for name in ("lists/partial", "cache/archives/partial"):
        (private / name).mkdir(parents=True)
    sources = private / "sources.list"
    signed = f"[signed-by={_keyring()}]"
    suites = (SUITE, COMPANION_SUITE)
    lines = [f"deb {signed} {mirror} {suite} main\n" for suite in suites]
    sources.write_text("".join(lines))
    settings = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": private / "lists",
        "Dir::Cache": private / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
        "APT::Update::Error-Mode": "any",
    }
    return [
        part for key, value in settings.items() for part in ("-o", f"{key}={value}")
    ]


def _apt(options, *arguments, **kwargs):
    command = ["apt-get", "-q", *options, *arguments]
    shell.run(command, log="odoo-download", what=f"apt-get {arguments[0]}", **kwargs)


def _require_series(options):
    """Check that the suite still has this series."""
    shown = shell.capture(["apt-cache", *options, "show", PACKAGE]).stdout
    found = re.search(r"^Version: (\S+)", shown, re.MULTILINE)
    if not found:
        raise Problem(f"Debian {SUITE} has no package {PACKAGE} any more", OWN_ODOO)
    if not found[1].startswith(SERIES):
        raise Problem(f"Debian's {PACKAGE} is {found[1]}, not {SERIES}", OWN_ODOO)


def _keep(fresh: Path, folder: Path) -> list[Path]:
    """Move a finished download to the cache."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    kept = []
    for path in sorted(fresh.glob("*.deb")):
        kept.append(Path(shutil.move(path, folder / path.name)))
    sums = {path.name: _sha256(path) for path in kept}
    draft = folder / "manifest.new"
    draft.write_text(json.dumps(sums, indent=1))
    draft.replace(folder / "manifest.json")
    return kept


def _unpack(packages: list[Path]):
    """Unpack into a new tree, check it, and put it in place."""
    draft = paths.STATE / "odoo.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for package in packages:
        shell.run(["dpkg-deb", "-x", package, draft], log="unpack", what="unpacking")
    _mend(draft)
    _require_links(draft)
    _checked(_find_package(draft))
    odoo = next(path.name for path in packages if path.name.startswith(PACKAGE))
    (draft / MARKER.name).write_text(odoo)
    shutil.rmtree(TREE, ignore_errors=True)
    draft.rename(TREE)


def _mend(folder: Path):
    """Put an empty file where the package misses one that its manifests name.

    Debian leaves out a library (for blurring one's background in calls), for its
    licence; every page of the back office then logs an error.
    """
    for mail in folder.rglob("addons/mail/static"):
        stub = mail / MISSING_SCRIPT
        if not stub.exists():
            stub.parent.mkdir(parents=True, exist_ok=True)
            stub.write_text("// Left out of the Debian package.\n")


def _require_links(folder: Path):
    dangling = [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_symlink() and not path.exists()
    ]
    if dangling:
        raise Problem(
            f"{len(dangling)} links of the Odoo package lead nowhere: {dangling[:3]}",
            OWN_ODOO,
        )
