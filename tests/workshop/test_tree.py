"""Finding, checking and keeping Odoo's source tree."""

import json

import pytest
from caetools import tree
from caetools.ui import Problem


@pytest.fixture
def make_odoo(tmp_path):
    """Function that makes something that looks like an Odoo."""

    def make(series=(19, 0), inside=True):
        package = tmp_path / "odoo"
        addons = package / "addons" if inside else tmp_path / "addons"
        package.mkdir()
        (addons / "account").mkdir(parents=True)
        (addons / "account" / "__manifest__.py").touch()
        (package / "release.py").write_text(
            f"version_info = ({series[0]}, {series[1]}, 0, FINAL, 0, '')\n"
        )
        return tmp_path

    return make


def test_odoo_home_may_be_the_folder_above_the_package(make_odoo, monkeypatch):
    home = make_odoo()
    monkeypatch.setenv("ODOO_HOME", str(home))
    assert tree.source() == home


def test_odoo_home_may_be_the_package(make_odoo, monkeypatch):
    home = make_odoo()
    monkeypatch.setenv("ODOO_HOME", str(home / "odoo"))
    assert tree.source() == home


def test_another_series_is_refused_by_name(make_odoo, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(make_odoo(series=(18, 0))))
    with pytest.raises(Problem, match="18.0, not 19.0") as caught:
        tree.source()
    assert "ODOO_HOME" in caught.value.hint


def test_a_folder_without_odoo_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(Problem, match="there is no Odoo"):
        tree.source()


def test_addons_of_a_git_checkout_are_beside_the_package(make_odoo):
    home = make_odoo(inside=False)
    assert tree.addons_paths(home) == [home / "addons", home / "odoo" / "addons"]


def test_addons_of_the_debian_package_are_inside(make_odoo):
    home = make_odoo()
    assert tree.addons_paths(home) == [home / "odoo" / "addons"]


def test_a_dangling_link_is_named(tmp_path):
    (tmp_path / "good").touch()
    (tmp_path / "link").symlink_to("good")
    tree._require_links(tmp_path)
    (tmp_path / "lost.ttf").symlink_to("nowhere.ttf")
    with pytest.raises(Problem, match=r"lost\.ttf"):
        tree._require_links(tmp_path)


def test_a_damaged_download_is_not_used(tmp_path):
    package = tmp_path / "odoo-19.deb"
    package.write_bytes(b"whole")
    sums = {package.name: tree._sha256(package)}
    (tmp_path / "manifest.json").write_text(json.dumps(sums))
    assert tree._cached(tmp_path) == [package]
    package.write_bytes(b"half")
    assert tree._cached(tmp_path) == []


def test_an_unfinished_download_is_not_used(tmp_path):
    (tmp_path / "odoo-19.deb").write_bytes(b"whole")
    assert tree._cached(tmp_path) == []


def test_mirrors_come_from_the_machine_without_the_security_archive(monkeypatch):
    output = (
        "http://m/debian-security/ x-security\nhttp://m/extra y\nhttp://m/debian x\n"
    )

    class Answer:
        stdout = output

    monkeypatch.setattr(tree.shell, "capture", lambda *_args: Answer)
    assert tree._mirrors() == ["http://m/debian", "http://m/extra"]


def test_a_machine_without_mirror_is_told_of_odoo_home(monkeypatch):
    class Answer:
        stdout = ""

    monkeypatch.setattr(tree.shell, "capture", lambda *_args: Answer)
    with pytest.raises(Problem, match="no Debian mirror") as caught:
        tree._mirrors()
    assert "ODOO_HOME" in caught.value.hint


def test_the_script_that_debian_leaves_out_is_replaced(tmp_path):
    static = tmp_path / "odoo" / "addons" / "mail" / "static"
    static.mkdir(parents=True)
    tree._mend(tmp_path)
    assert (static / tree.MISSING_SCRIPT).exists()
