"""What the user sees, and the parts that commands share."""

import io
import socket
import sys

import pytest
from caetools import databases, network, paths, postgres, shell, system, ui
from caetools.demo import Progress
from caetools.demo_data import DATASETS, files
from caetools.lock import setup_lock
from caetools.ui import Problem, Step


def test_a_step_is_two_plain_lines_without_a_terminal():
    stream = io.StringIO()
    with Step("Odoo 19", stream) as step:
        step.note("unpacking")
    lines = stream.getvalue().splitlines()
    assert lines[0] == "… Odoo 19"
    assert lines[1].strip() == "Odoo 19: unpacking"
    assert lines[2].startswith("✓ Odoo 19  0.")


def test_a_failed_step_is_marked():
    stream = io.StringIO()
    with pytest.raises(ValueError), Step("Odoo 19", stream):
        raise ValueError
    assert stream.getvalue().splitlines()[-1].startswith("✗ Odoo 19")


def test_a_problem_becomes_a_message_and_a_hint(capsys):
    def main():
        raise Problem("the port is taken", "Choose another.")

    assert ui.run_main(main) == 1
    assert capsys.readouterr().err == "\nError: the port is taken\nChoose another.\n"


def test_an_interruption_is_not_a_traceback(capsys):
    def main():
        raise KeyboardInterrupt

    assert ui.run_main(main) == 130
    assert "goes on" in capsys.readouterr().err


def test_a_full_disk_is_said(capsys):
    def main():
        raise OSError(28, "No space left on device", "/somewhere")

    assert ui.run_main(main) == 1
    assert "the disk is full (/somewhere)" in capsys.readouterr().err


def test_a_failed_command_shows_the_end_of_its_log(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "LOGS", tmp_path)
    code = "print('Could not resolve host'); raise SystemExit(3)"
    with pytest.raises(Problem, match="exit code 3") as caught:
        shell.run([sys.executable, "-c", code], log="x", what="the download")
    assert "Could not resolve host" in str(caught.value)
    assert "check the network" in caught.value.hint


def test_a_taken_port_is_named_with_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=f"port {port} cannot be used") as caught:
            network.require_free(port)
    assert f"--port {port + 1}" in caught.value.hint
    network.require_free(network.free_port())


def test_an_ordinary_user_gets_the_exact_command(monkeypatch):
    monkeypatch.setattr(system, "is_root", lambda: False)
    with pytest.raises(Problem, match="chromium") as caught:
        system.install(["chromium"])
    assert "apt-get install --no-install-recommends chromium" in caught.value.hint


def test_a_long_path_gets_a_short_socket_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres, "HOME", tmp_path / ("x" * 100))
    folder = postgres._wanted_socket()
    assert len(str(folder)) <= postgres.SOCKET_FOLDER_MAX
    assert folder == postgres._wanted_socket()


def test_a_process_of_ours_does_not_take_our_server_for_the_users(monkeypatch):
    monkeypatch.setenv("PGHOST", "somewhere")
    monkeypatch.delenv(postgres.OURS, raising=False)
    assert postgres.external()
    monkeypatch.setenv(postgres.OURS, "1")
    assert not postgres.external()


def test_the_number_of_another_process_is_no_server():
    assert not postgres._alive("1")
    assert not postgres._alive("99999999")


def test_templates_do_not_depend_on_tests_or_caches(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "ADDONS", tmp_path)
    for name in (
        "a/__manifest__.py",
        "a/models/x.py",
        "a/tests/test_x.py",
        "a/.ruff_cache/x",
        "a/i18n/fr.po",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    paths_found = databases._important_files(["a"])
    found = [str(path.relative_to(tmp_path)) for path in paths_found]
    assert found == ["a/__manifest__.py", "a/i18n/fr.po", "a/models/x.py"]


def test_old_templates_go_and_the_current_one_stays(monkeypatch):
    kept = ["cae_tpl_base_1", "cae_tpl_1", "cae_tpl_2_new", "cae_tpl_3", "cae_tpl_4"]
    dropped = []
    monkeypatch.setattr(databases, "names", lambda: kept)
    monkeypatch.setattr(databases, "drop", dropped.append)
    databases._drop_old(databases.PREFIX, "cae_tpl_4", but=databases.BASE_PREFIX)
    assert dropped == ["cae_tpl_2_new", "cae_tpl_1"]


def test_the_demo_has_all_eight_files_in_order():
    assert [dataset for dataset, _path in files()] == list(DATASETS)


def test_an_empty_folder_says_what_is_expected(tmp_path):
    with pytest.raises(Problem, match="nothing to load") as caught:
        files(tmp_path)
    assert "factures.csv" in caught.value.hint


def test_lines_of_the_demo_become_steps(capsys):
    with Progress() as progress:
        for line in ("> Load clients.csv", ". 136 created", "noise", "> Users"):
            progress.read(line)
    shown = capsys.readouterr().err
    assert "✓ Load clients.csv" in shown and "136 created" in shown
    assert "✓ Users" in shown and "noise" not in shown


def test_the_lock_can_be_taken_again(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "STATE", tmp_path / ".odoo")
    for _time in range(2):
        with setup_lock():
            assert (tmp_path / ".odoo" / "lock").read_text().isdigit()
