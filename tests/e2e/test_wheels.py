"""Wheels of our addons, built and installed beside a clean Odoo, without our folder.

Nothing is downloaded: the build back end is in the environment.
"""

import os
import subprocess
import zipfile

import pytest
from caetools import databases, odoo, paths, tree
from installing import ADDONS, installed, module

NAMES = (*ADDONS, "cae_sale")
OFFLINE = ("--no-deps", "--no-index", "--no-build-isolation")
#: What the addons' own folder and the environment would give away.
WHERE = "import odoo.addons.{0} as addon; print(addon.__file__)"


def run(*command, **options):
    process = subprocess.run(
        [str(part) for part in command],
        capture_output=True, text=True, check=False, **options,
    )  # fmt: skip
    assert not process.returncode, process.stdout + process.stderr
    return process.stdout.strip()


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    sources = [paths.ADDONS / name for name in NAMES]
    run(paths.PYTHON, "-m", "pip", "wheel", *OFFLINE, "-w", folder, *sources)
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def site(wheels, tmp_path_factory):
    """A folder where they are installed, and the variables of an Odoo that has it."""
    folder = tmp_path_factory.mktemp("site")
    offline = ("--no-deps", "--no-index", "--no-compile")
    run(paths.PYTHON, "-m", "pip", "install", *offline, "--target", folder, *wheels)
    config = folder / "odoo.conf"
    folders = ",".join(str(path) for path in tree.addons_paths(tree.source()))
    lines = paths.CONFIG.read_text().splitlines()
    lines = [f"addons_path = {folders}" if line.startswith("addons_path") else line
             for line in lines]  # fmt: skip
    config.write_text("\n".join(lines) + "\n")
    return folder, {"ODOO_RC": str(config), "PYTHONPATH": str(folder)}


def test_wheels_hold_the_whole_addon(wheels):
    assert len(wheels) == len(NAMES)
    for name, wheel in zip(sorted(NAMES), wheels, strict=True):
        assert wheel.name.startswith(f"odoo_addon_{name}-19.0.")
        inside = set(zipfile.ZipFile(wheel).namelist())
        source = paths.ADDONS / name
        tracked = run("git", "ls-files", ".", cwd=source).splitlines()
        wanted = {
            f"odoo/addons/{name}/{path}"
            for path in tracked
            if path != "pyproject.toml" and (source / path).exists()
        }
        assert wanted <= inside, sorted(wanted - inside)


def test_installed_from_wheels_in_a_clean_odoo(site, fresh_database):
    folder, environment = site
    whole = {**os.environ, **odoo.environment(), **environment}
    for name in NAMES:
        found = run(paths.PYTHON, "-c", WHERE.format(name), env=whole, cwd=folder)
        assert found == str(folder / "odoo/addons" / name / "__init__.py")
    database = fresh_database(databases.base_template())
    module("install", database, *ADDONS, environment=environment)
    assert installed(database) == set(ADDONS)
    # And upgraded, as after an update of the packages.
    module("upgrade", database, *ADDONS, environment=environment)
    databases.drop(database)
