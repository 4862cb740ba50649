"""The tests, cut into jobs, run beside each other."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from caetools import jobs, paths, testing
from caetools.jobs import Job

PROGRAM = """
    import pathlib, subprocess, sys, time
    from caetools import jobs, testing, ui

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

    testing.PARTS = {
        "one": lambda _options, _job: talk("one"),
        "three": lambda _options, _job: talk("three"),
        "broken": lambda _options, _job: broken(),
        "endless": lambda _options, _job: endless(),
    }

    def main():
        total = testing.Result()
        work = [jobs.Job(name) for name in sys.argv[2:]]
        for _job, result in testing._run_at_once(work, testing.Options()):
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


# Order -----------------------------------------------------------------------------


def note(job, tail):
    """What a worker does here: tell that it ran."""
    return f"{job.name}{tail}"


def run(work, cores, monkeypatch):
    monkeypatch.setattr(jobs, "cores", lambda: cores)
    return [(job.name, result) for job, result in jobs.run_at_once(work, note, "!")]


def test_the_longest_begin_first_and_none_before_what_it_waits_for(monkeypatch):
    work = [
        *(Job("a", seconds=1), Job("b", seconds=3)),
        *(Job("c", seconds=9, after=("a",)), Job("d", seconds=2)),
    ]
    names = ["b", "d", "a", "c"]
    assert run(work, 1, monkeypatch) == [(name, f"{name}!") for name in names]
    assert sorted(run(work, 2, monkeypatch)) == sorted((n, f"{n}!") for n in names)


def test_after_a_failure_the_rest_of_its_part_is_left_out(monkeypatch):
    monkeypatch.setattr(jobs, "cores", lambda: 1)
    work = [Job("a", number=1), Job("b"), Job("a", number=2)]
    running = jobs.run_at_once(work, note, "")
    assert next(running)[1] == "a-1"
    assert running.send(True)[1] == "b"
    assert list(running) == []


def test_files_are_shared_out_evenly_and_each_once():
    weights = {"a": 9, "b": 5, "c": 4, "d": 1}
    assert jobs.share(weights, 2) == [("a", "d"), ("b", "c")]
    assert jobs.share({"a": 0}, 4) == [("a",)]


def test_cut_parts_have_all_their_files_once():
    for part, cut in testing.CUTS.items():
        work = cut()
        files = [file for job in work for file in job.files]
        assert len(set(files)) == len(files) > len(work) - 1
        assert len({job.name for job in work}) == len(work)
        folders = testing._addon_folders() if part == "addons" else ["tests/e2e"]
        there = [path for folder in folders for path in testing._test_files(folder)]
        assert {str(path.relative_to(paths.ROOT)) for path in there} == set(files)
        names = {job.name for job in work}
        assert all(name in names for job in work for name in job.after)


def test_a_selection_is_one_process_for_each_part():
    options = testing.Options(keyword="pay")
    assert testing._jobs(["addons", "e2e"], options) == [
        testing._whole("addons"),
        testing._whole("e2e"),
    ]
