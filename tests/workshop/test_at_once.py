"""Long parts of the tests run beside each other."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from caetools import paths

PROGRAM = """
    import pathlib, subprocess, sys, time
    from caetools import testing, ui

    testing.RESULTS = pathlib.Path(sys.argv[1])

    def talk(name):
        for number in range(5):
            print(name, number, flush=True)
            subprocess.run(["echo", name, "of a child"], check=True)
            time.sleep(0.02)
        return testing.Result(passed=len(name))

    def broken():
        raise ui.Problem("no database", "Start it.")

    def endless():
        (testing.RESULTS / "begun").touch()
        subprocess.run(["sleep", "600"], check=True)

    ALL = {
        "one": lambda _options: talk("one"),
        "three": lambda _options: talk("three"),
        "broken": lambda _options: broken(),
        "endless": lambda _options: endless(),
    }
    testing.PARTS = {name: ALL[name] for name in sys.argv[2:]}

    def main():
        total = testing.Result()
        for result in testing._run_at_once(sys.argv[2:], testing.Options()):
            total.add(result)
        return testing._close(total)

    sys.exit(ui.run_main(main))
"""


@pytest.fixture
def start(tmp_path):
    """Function that starts a run of these parts."""

    def begin(*names):
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(PROGRAM), str(tmp_path), *names],
            env={**os.environ, "PYTHONPATH": str(paths.SCRIPTS)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return begin


def test_each_counts_and_is_shown_in_one_piece(start):
    process = start("one", "three")
    lines = process.communicate(timeout=60)[0].splitlines()
    assert process.returncode == 0
    for name in ("one", "three"):
        first = lines.index(f"{name} 0")
        assert {line.split()[0] for line in lines[first : first + 10]} == {name}
    assert lines[-1] == "8 passed, 0 failed, 0 skipped"


def test_what_stops_a_part_stops_no_other(start):
    process = start("broken", "one")
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "no database Start it." in output
    assert output.splitlines()[-1] == "3 passed, 1 failed, 0 skipped"


def test_ended_from_outside_the_parts_end_too(start, tmp_path):
    process = start("endless", "one")
    limit = time.monotonic() + 30
    while not (tmp_path / "begun").exists() and time.monotonic() < limit:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    # The output ends when the last of the processes that hold it is gone.
    output = process.communicate(timeout=30)[0]
    assert process.returncode == 130
    assert "interrupted" in output
