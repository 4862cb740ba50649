"""What scripts/test counts, and what it takes for a failure."""

import logging

import pytest
from caetools import steplog, sync, testing
from caetools.jobs import Job
from caetools.testing import Result
from caetools.ui import Problem


@pytest.fixture
def report(tmp_path):
    """Function that writes a JUnit report."""

    def write(*cases):
        path = tmp_path / "report.xml"
        path.write_text(
            f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"
        )
        return path

    return write


PASSED = '<testcase classname="a" name="passed"/>'
FAILED = '<testcase classname="a" name="failed"><failure message="x"/></testcase>'
SKIPPED = '<testcase classname="a" name="skipped"><skipped message="{}"/></testcase>'


def test_counts_come_from_the_report(report):
    result = testing._read_report(report(PASSED, PASSED, FAILED), 1, False)
    assert (result.passed, result.failed, result.skipped) == (2, 1, 0)
    assert result.problems == ["a.failed"]


def test_an_unexpected_skip_fails(report):
    result = testing._read_report(report(SKIPPED.format("no idea")), 0, False)
    assert (result.failed, result.skipped) == (1, 1)


def test_a_skip_of_what_only_the_full_run_does_is_expected(report):
    cases = report(SKIPPED.format("only with --full"))
    result = testing._read_report(cases, 0, False)
    assert (result.failed, result.skipped) == (0, 1)


def test_no_test_where_files_exist_fails(report):
    assert testing._read_report(report(), 5, False).failed == 1


def test_a_selection_may_choose_nothing(report):
    assert testing._read_report(report(), 5, True).failed == 0


def test_a_crash_without_report_fails(tmp_path):
    result = testing._read_report(tmp_path / "absent.xml", 3, True)
    assert result.failed == 1


LOG = """\
2026-11-23 06:00:00,000 12 INFO db odoo.tests.suite: Starting TestA.test_one ...
2026-11-23 06:00:00,000 12 INFO db odoo.addons.cae_base.tests.test_a: skipped T.t : why
2026-11-23 06:00:00,000 12 WARNING db odoo.addons.mail.models.x: not ours
{extra}
2026-11-23 06:00:01,000 12 INFO db odoo.tests.result: 0 failed, 0 error(s) of 5 tests when loading database 'db'
"""  # noqa: E501


def read(extra=""):
    return testing.read_odoo_log(LOG.format(extra=extra), ["cae_base"])


def line(level, logger, message):
    return f"2026-11-23 06:00:00,000 12 {level} db {logger}: {message}"


def test_the_native_summary_is_counted():
    result = read()
    assert (result.passed, result.skipped) == (4, 1)
    assert result.problems == ["T.t was skipped: why"]


@pytest.mark.parametrize(
    "extra",
    [
        line("WARNING", "odoo.addons.cae_base.models.x", "something"),
        line("WARNING", "py.warnings", "in addons/cae_base/models/x.py: deprecated"),
        line("ERROR", "odoo.sql_db", "bad query"),
        line("CRITICAL", "odoo.service.server", "Failed to initialize database"),
    ],
)
def test_our_warnings_and_all_errors_in_the_log_fail(extra):
    assert read(extra).failed == read().failed + 1


@pytest.mark.parametrize(
    "extra",
    [
        line("ERROR", "odoo.addons.cae_base.tests.test_a", "FAIL: TestA.test_one"),
        line(
            "ERROR",
            "odoo.modules.loading",
            "Module cae_base: 1 failures, 0 errors of 3 tests",
        ),
    ],
)
def test_a_failed_test_is_counted_once(extra):
    assert read(extra).failed == read().failed


@pytest.mark.parametrize(
    "text, name",
    [
        ("ERROR: TestA.test_one", "TestA.test_one"),
        ("FAIL: Subtest TestA.test_one (x=1)", "TestA.test_one"),
        ("ERROR: setUpClass (odoo.addons.a.TestA)", "setUpClass (odoo.addons.a.TestA)"),
    ],
)
def test_what_failed_is_named(text, name):
    failed = line("ERROR", "odoo.addons.cae_base.tests.test_a", text)
    assert name in read(failed).problems


def test_a_run_that_does_not_finish_fails():
    assert testing.read_odoo_log("Traceback", ["cae_base"]).failed == 1


def test_a_part_that_cannot_go_on_is_a_failure(monkeypatch):
    def part(_options, _job):
        raise Problem("PostgreSQL does not answer")

    monkeypatch.setitem(testing.PARTS, "engine", part)
    result = testing._guarded(Job("engine"), testing.Options())
    assert result.problems == ["PostgreSQL does not answer"]


def test_the_closing_line_is_alone_on_the_last_line(capsys):
    assert testing._close(Result(passed=3, skipped=1)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 0 failed, 1 skipped"


def test_nothing_run_is_a_failure(capsys):
    assert testing._close(Result()) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"


def test_sync_shows_each_error_with_its_place(capsys):
    error = {"code": "CAE-X", "row": 3, "column": "date", "message": "no such day"}
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    log = steplog.StepLog()
    sync.show("factures.csv", {**counts, "errors": [error]}, log)
    assert log.code == 1
    shown = capsys.readouterr().out
    assert "factures.csv, row 3, column date: CAE-X: no such day" in shown


def test_what_is_logged_under_pytest_reads_as_the_log_of_odoo(tmp_path, monkeypatch):
    from caetools.inside import findings

    monkeypatch.setenv("PYTEST_CURRENT_TEST", "addons/test_a.py::T::test_one (call)")
    handler = findings.Findings(tmp_path / "findings.log")
    for name, level, text in (
        ("odoo.addons.cae_base.models.x", logging.WARNING, "something"),
        ("odoo.addons.mail.models.x", logging.WARNING, "theirs"),
        ("odoo.sql_db", logging.ERROR, "bad query"),
        ("odoo.addons.cae_base.models.x", logging.INFO, "fine"),
    ):
        record = logging.LogRecord(name, level, "x.py", 1, text, (), None)
        if level >= handler.level:
            handler.handle(record)
    handler.close()
    text = (tmp_path / "findings.log").read_text()
    assert "addons/test_a.py::T::test_one" in text
    found = testing._findings(text, ["cae_base"])
    assert [finding.partition(" in the log")[0] for finding in found] == [
        "WARNING",
        "ERROR",
    ]
