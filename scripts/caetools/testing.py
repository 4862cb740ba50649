"""The command ``scripts/test``: lint, unit, addon and end-to-end tests, counted."""

import argparse
import contextlib
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import databases, jobs, network, oca, odoo, paths, postgres, setup, system
from .jobs import Job
from .ui import Problem, Step

RESULTS = paths.STATE / "results"
# Reasons for which a test may be skipped in the quick set.
EXPECTED_SKIPS = ("--full", "PGHOST names", "not in this clone")
#: A part that stays in one test, or Odoo's runner, for so long is stopped.
TEST_SECONDS, TEST_SECONDS_FULL = 900, 4 * 3600
#: About what jobs take, in seconds: the longest begin first.
SECONDS = {
    "lint": 60,
    "engine": 60,
    "workshop": 20,
    "native": 80,
    "addons": 200,
    "glue": 100,
    "tests/e2e/test_browser_coaching.py": 130,
    "tests/e2e/test_assembly.py": 100,
    "tests/e2e/test_isolation.py": 90,
    "tests/e2e/test_modules.py": 200,
    "tests/e2e/test_upgrade.py": 150,
    "tests/e2e/test_adoption.py": 70,
    "tests/e2e/test_workers.py": 70,
    "tests/e2e/test_wheels.py": 60,
    "tests/e2e/test_backup.py": 60,
    "tests/e2e/test_moving_in.py": 50,
    "tests/e2e/test_api.py": 80,
    "tests/e2e/test_close_faults.py": 80,
    "tests/e2e/test_contract.py": 75,
    "tests/e2e/test_browser.py": 60,
    "tests/e2e/test_browser_backend.py": 160,
    "tests/e2e/test_browser_governance.py": 60,
    "tests/e2e/test_browser_invoicing.py": 110,
    "tests/e2e/test_browser_quotes.py": 60,
    "tests/e2e/test_browser_coached.py": 60,
    "tests/e2e/test_browser_cooperative.py": 60,
    "tests/e2e/test_browser_money.py": 50,
    "tests/e2e/test_concurrency.py": 60,
    "tests/e2e/test_pay_faults.py": 60,
    "tests/e2e/test_sync.py": 60,
    "tests/e2e/test_webhook.py": 60,
    "tests/e2e/test_browser_pay.py": 45,
    "tests/e2e/test_demo.py": 45,
    "tests/e2e/test_register_faults.py": 40,
    "tests/e2e/test_pay_contract.py": 30,
    "tests/e2e/test_bad_input.py": 25,
}
#: The first of the end-to-end tests makes the databases that the others copy.
FIRST = "tests/e2e/test_by_hand.py"
FIRST_SECONDS = 1000
#: These need none of them.
INDEPENDENT = (
    "tests/e2e/test_adoption.py",
    "tests/e2e/test_api.py",
    "tests/e2e/test_assembly.py",
    "tests/e2e/test_bad_input.py",
    "tests/e2e/test_browser_coaching.py",
    "tests/e2e/test_coaching_race.py",
    "tests/e2e/test_isolation.py",
    "tests/e2e/test_moving_in.py",
    "tests/e2e/test_register_faults.py",
    "tests/e2e/test_sync.py",
    "tests/e2e/test_upgrade.py",
    "tests/e2e/test_vote_load.py",
    "tests/e2e/test_voting.py",
    "tests/e2e/test_webhook.py",
    "tests/e2e/test_wheels.py",
)
#: Lots of the addon tests, each with a database of its own.
LOTS = 4
#: What Odoo's runner plays in the quick set, where pytest has played all.
NATIVE = ("/cae_base:TestLedger", "/cae_base:TestViews", "/cae_payroll:TestPay")
#: Minutes of random play, the same in both runners: pytest plays it.
PLAYED = ("/cae_base:TestLedger.test_random_scenarios_keep_the_invariant",)
CORE_TAGS = "/account,/analytic,/hr,/hr_expense,/portal"
DIGITS = "UPDATE decimal_precision SET digits = 8 WHERE name = 'Percentage Analytic'"
CORE_MODULES = "account,analytic,hr,hr_expense,portal"
FILLED_TABLES = (
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_payment",
)


@dataclass
class Result:
    """What one part of the tests came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    problems: list[str] = field(default_factory=list)
    note: str = ""

    def fail(self, problem: str):
        """Count a failure that no test reports."""
        self.failed += 1
        self.problems.append(problem)

    def add(self, other: "Result"):
        """Add the figures of another result."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.problems += other.problems

    def counts(self) -> str:
        """The figures in words."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass
class Options:
    """What the user asked for."""

    full: bool = False
    keyword: str = ""
    extra: tuple[str, ...] = ()


def main() -> int:
    """Run the chosen parts and print the closing line."""
    options, parts = _arguments()
    os.environ["CAE_TEST_FULL"] = "1" if options.full else ""
    os.environ["CAE_TEMPLATE"] = _prepare(parts)
    total, by_part = Result(), {}
    for job, result in _run_all(_jobs(parts, options), options):
        by_part.setdefault(job.part, Result()).add(result)
    for part, result in by_part.items():
        print(f"{part}: {result.counts()}")
        total.add(result)
    return _close(total)


def _arguments() -> tuple[Options, list[str]]:
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description="Set up, run the tests, and print one closing line with counts.",
        epilog="Parts: "
        + "; ".join(
            f"{name}: {part.__doc__.strip('.')}" for name, part in PARTS.items()
        )
        + f". Without a name: all but {', '.join(BY_NAME)}; with --full: all.",
    )
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*PARTS, []])
    parser.add_argument("--full", action="store_true", help="the long ones too")
    parser.add_argument("-k", dest="keyword", default="", help="as pytest's -k")
    parser.add_argument(
        "-x", dest="first", action="store_true", help="stop a part at its first failure"
    )
    parsed = parser.parse_args()
    extra = ("-x",) if parsed.first else ()
    chosen = parsed.parts or [n for n in PARTS if n not in BY_NAME or parsed.full]
    return Options(parsed.full, parsed.keyword, extra), chosen


def _prepare(parts: list[str]) -> str:
    """Bring up what these parts need; the name of the template, if any."""
    if not NEED_DATABASE.intersection(parts):
        setup.runtime()
        return ""
    if "e2e" in parts:
        setup.display_packages()
    return setup.full()


# Jobs ------------------------------------------------------------------------------


def _jobs(parts: list[str], options: Options) -> list[Job]:
    """The work, cut so that each core has some until the end."""
    found = []
    for part in parts:
        cut = CUTS.get(part)
        # A selection is small: one process, which prepares only what it needs.
        found += cut() if cut and not options.keyword else [_whole(part)]
    return found


def _whole(part: str) -> Job:
    return Job(part, seconds=SECONDS.get(part, 0))


def _cut_addons() -> list[Job]:
    files = [path for folder in _addon_folders() for path in _test_files(folder)]
    weights = {
        str(path.relative_to(paths.ROOT)): path.read_text().count("def test_")
        for path in files
    }
    return [
        Job("addons", lot, SECONDS["addons"], number=number)
        for number, lot in enumerate(jobs.share(weights, LOTS), start=1)
    ]


def _cut_e2e() -> list[Job]:
    files = [str(path.relative_to(paths.ROOT)) for path in _test_files("tests/e2e")]
    first = Job("e2e", (FIRST,), FIRST_SECONDS)
    others = [name for name in files if name != FIRST]
    return [
        first,
        *(
            Job(
                *("e2e", (name,), SECONDS.get(name, 0)),
                after=() if name in INDEPENDENT else (first.name,),
            )
            for name in others
        ),
    ]


def _run_all(work: list[Job], options: Options):
    """Each job and its result: those of many processes one by one, others at once."""
    alone = [job for job in work if job.part == "core"] if len(work) > 1 else work
    beside = [job for job in work if job not in alone]
    if beside:
        yield from _run_at_once(beside, options)
    for job in alone:
        yield job, _run_job(job, options)


def _run_at_once(work: list[Job], options: Options):
    """Jobs that run beside each other, what they print shown when they end."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    names = ", ".join(dict.fromkeys(job.part for job in work))
    print(f"\nAt once: {names}. What they print: {RESULTS}/*.log", flush=True)
    os.environ["CAE_E2E_SHARED"] = shared = f"cae_e2e_{os.getpid()}"
    running = jobs.run_at_once(work, _run_aside, options)
    try:
        with contextlib.suppress(StopIteration):
            job, (log, result) = next(running)
            while True:
                print(log.read_text(errors="replace"), end="", flush=True)
                yield job, result
                stop = bool(result.failed) and "-x" in options.extra
                job, (log, result) = running.send(stop)
    finally:
        running.close()
        del os.environ["CAE_E2E_SHARED"]
        _drop_shared(shared)


def _drop_shared(prefix: str):
    """Drop what the end-to-end tests share, when there is a database server at all."""
    if not os.environ.get("CAE_TEMPLATE"):
        return
    for name in databases.names():
        if name.startswith(f"{prefix}_"):
            databases.drop(name)
            (RESULTS / f"{name}.json").unlink(missing_ok=True)


def _run_job(job: Job, options: Options) -> Result:
    print(f"\n=== {job.name} " + "=" * (70 - len(job.name)), flush=True)
    started = time.monotonic()
    result = _guarded(job, options)
    for problem in result.problems:
        print(f"{job.name}: {problem}")
    seconds = time.monotonic() - started
    note = f" ({result.note})" if result.note else ""
    print(
        f"--- {job.name}: {result.passed} ok, {result.failed} failed,"
        f" {result.skipped} skipped in {seconds:.0f} s{note}",
        flush=True,
    )
    return result


def _run_aside(job: Job, options: Options) -> tuple[Path, Result]:
    """Run a job in this process of its own; what it prints goes to the file."""
    log = RESULTS / f"{job.name}.log"
    with open(log, "wb") as output:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(output.fileno(), stream.fileno())
        result = _run_job(job, options)
    return log, result


def _guarded(job: Job, options: Options) -> Result:
    """The job's result; what stops the job is a failure like any other."""
    try:
        return PARTS[job.part](options, job)
    except Problem as problem:
        result = Result()
        result.fail(f"{problem} {problem.hint}".strip())
        return result


def _close(total: Result) -> int:
    if total.problems:
        print("\nProblems:")
        for problem in total.problems:
            print(f"  {problem}")
    if not total.passed and not total.failed:
        total.fail("no test was run")
    print(f"\n{total.counts()}", flush=True)
    return 1 if total.failed else 0


# Lint ------------------------------------------------------------------------------


def lint(_options: Options, _job: Job) -> Result:
    """style of Python, XML and translations."""
    result = Result()
    for name, command in _lint_commands().items():
        process = subprocess.run(
            [str(paths.VENV / "bin" / command[0]), *command[1:]],
            cwd=paths.ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**os.environ, **paths.BYTECODE},
            check=False,
        )
        if process.returncode:
            print(process.stdout + process.stderr)
            result.fail(f"{name} has findings")
        else:
            print(f"{name}: nothing to say")
            result.passed += 1
    return result


def _lint_commands() -> dict[str, list[str]]:
    commands = {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "--diff", "."],
    }
    names = paths.our_addons() + paths.glue_addons()
    addons = [f"addons/{name}" for name in names]
    translations = sorted(str(path) for path in paths.ADDONS.glob("*/i18n/*.po*"))
    if addons:
        pylint = [
            "pylint",
            "--rcfile=.pylintrc",
            "--disable=missing-readme,consider-merging-classes-inherited",
        ]
        commands["pylint-odoo"] = [*pylint, *addons]
        commands["oca-checks-odoo-module"] = ["oca-checks-odoo-module", *addons]
    if translations:
        commands["oca-checks-po"] = ["oca-checks-po", *translations]
    return commands


# Pytest ----------------------------------------------------------------------------


def engine(options: Options, job: Job) -> Result:
    """engines, without Odoo."""
    return _pytest(job, ["tests/engine"], options)


def workshop(options: Options, job: Job) -> Result:
    """these scripts themselves."""
    return _pytest(job, ["tests/workshop"], options)


def e2e(options: Options, job: Job) -> Result:
    """the real program: served, over RPC, in a browser."""
    return _pytest(job, ["tests/e2e"], options)


def addons(options: Options, job: Job) -> Result:
    """addon tests under pytest-odoo."""
    return _addon_tests(options, job, _addon_folders())


def glue(options: Options, job: Job) -> Result:
    """glue addons beside the apps of Odoo that they join (Sales)."""
    names = paths.glue_addons()
    template = setup.full(glue=True)
    folders = [f"addons/{name}/tests" for name in names]
    return _addon_tests(options, job, folders, template, names)


def _addon_tests(options, job, folders, template="", names=()) -> Result:
    name = _clone_with_company(job.part, template)
    plugins = ["-p", "odoo", f"--odoo-config={paths.CONFIG}", "--odoo-http"]
    plugins += [f"--odoo-database={name}", "-p", "caetools.inside.findings"]
    log = RESULTS / f"{job.name}-findings.log"
    os.environ["CAE_FINDINGS"] = str(log)
    try:
        result = _pytest(job, folders, options, *plugins)
    finally:
        databases.drop(name)
    for finding in _findings(_text(log), names or paths.our_addons()):
        result.fail(finding)
    return result


def _addon_folders() -> list[str]:
    return [f"addons/{name}/tests" for name in paths.our_addons()]


#: What is installed beside ours; each pulls in what it needs.
OCA_MODULES = (
    "account_payment_sepa_credit_transfer",
    "account_reconcile_oca",
    "payroll",
)


def beside(options: Options, job: Job) -> Result:
    """our addons beside modules of the OCA (downloaded into .odoo/oca)."""
    with Step("Modules of the OCA") as step:
        oca.ensure(step)
    name = f"cae_oca_{os.getpid()}"
    env = {**oca.environment(), "CAE_OCA_DATABASE": name}
    try:
        with Step("Database with modules of the OCA"):
            oca.database(name, *OCA_MODULES)
        odoo.run_inside("company", name, log="tests-company", what="A company", env=env)
        # First what leaves the database as it was: the other part copies it.
        plugins = ["-p", "odoo", f"--odoo-config={oca.CONFIG}", "--odoo-http"]
        plugins += [f"--odoo-database={name}"]
        folder = "tests/oca/inside"
        result = _pytest(Job("oca-inside"), [folder], options, *plugins, env=env)
        result.add(_pytest(Job("oca-beside"), ["tests/oca/beside"], options, env=env))
    finally:
        databases.drop(name)
    return result


def _clone(purpose: str, template: str = "") -> str:
    name = f"cae_{purpose}_{os.getpid()}"
    databases.clone(template or os.environ["CAE_TEMPLATE"], name)
    # A test's rows are rolled back. Autovacuum would note that these tables are empty
    # and PostgreSQL would then join the many rows of the next test by nested loops.
    off = "ALTER TABLE {} SET (autovacuum_enabled = off)"
    postgres.query(";".join(off.format(table) for table in FILLED_TABLES), name)
    return name


def _clone_with_company(purpose: str, template: str = "") -> str:
    """A copy for the addon tests, with a company that they need not make."""
    name = _clone(purpose, template)
    log = f"tests-company-{os.getpid()}"
    odoo.run_inside("company", name, log=log, what="The tests' company")
    # Of the tables that have rows: without, a list of accounts takes half a second.
    filled = postgres.query(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_relation_size(oid) > 0"
        " AND relnamespace = 'public'::regnamespace",
        name,
    )
    known = sorted(set(filled).difference(FILLED_TABLES))
    postgres.query(f"ANALYZE {', '.join(known)}", name)
    return name


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def _pytest(
    job: Job, folders: list[str], options: Options, *arguments, env=None
) -> Result:
    """Run pytest on the job's files, else on what there is, and count the report.

    :param env: in place of ``odoo.environment()``
    """
    chosen = job.files or [folder for folder in folders if _has_tests(folder)]
    if not chosen:
        return Result(note="no tests yet")
    RESULTS.mkdir(parents=True, exist_ok=True)
    report = RESULTS / f"{job.name}.xml"
    report.unlink(missing_ok=True)
    command = [paths.PYTHON, "-m", "pytest", *arguments, f"--junitxml={report}"]
    command += ["--durations=20", *options.extra, *chosen]
    # A test that hangs tells where it is, and ends the part.
    limit = TEST_SECONDS_FULL if options.full else TEST_SECONDS
    command += ["-o", f"faulthandler_timeout={limit}"]
    command += ["-o", "faulthandler_exit_on_timeout=true"]
    if options.keyword:
        command += ["-k", options.keyword]
    code = subprocess.run(
        [str(item) for item in command],
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(env or odoo.environment())},
        check=False,
    ).returncode
    return _read_report(report, code, bool(options.keyword))


def _has_tests(folder: str) -> bool:
    return bool(_test_files(folder))


def _test_files(folder: str) -> list[Path]:
    return sorted((paths.ROOT / folder).rglob("test_*.py"))


def _read_report(report: Path, code: int, selected: bool) -> Result:
    """Counts from a JUnit report; ``selected`` allows a choice that picks none."""
    result = Result()
    cases = list(ET.parse(report).iter("testcase")) if report.exists() else []
    for case in cases:
        _count(case, result)
    nothing = not cases and not selected
    if nothing or (code not in (0, 1, 5)) or (code == 1 and not result.failed):
        result.fail(f"pytest ended with code {code} and {len(cases)} tests")
    return result


def _count(case, result: Result):
    name = f"{case.get('classname')}.{case.get('name')}"
    skip = case.find("skipped")
    if case.find("failure") is not None or case.find("error") is not None:
        result.fail(name)
    elif skip is not None:
        result.skipped += 1
        reason = skip.get("message") or ""
        if not _is_expected(reason):
            result.fail(f"{name} was skipped: {reason}")
    else:
        result.passed += 1


def _is_expected(reason: str) -> bool:
    if any(sign in reason for sign in EXPECTED_SKIPS):
        return True
    # An ordinary user may lack what only root can install.
    return "no Chromium" in reason and not system.is_root() and not os.environ.get("CI")


# Odoo's own runner -----------------------------------------------------------------


def native(options: Options, _job: Job) -> Result:
    """our addons updated and tested by Odoo's own runner; with --full: all tests."""
    names = [name for name in paths.our_addons() if _has_tests(f"addons/{name}/tests")]
    if not names:
        return Result(note="no tests yet")
    chosen = [f"/{name}" for name in names] if options.full else NATIVE
    tags = ",".join([*chosen, *(f"-{tag}" for tag in PLAYED)])
    name = _clone_with_company("native")
    try:
        limit = TEST_SECONDS_FULL if options.full else TEST_SECONDS
        modules = ",".join(paths.our_addons())
        log = _odoo_tests(name, tags, modules, "native", limit)
    finally:
        databases.drop(name)
    return read_odoo_log(log.read_text(errors="replace"), paths.our_addons())


def _odoo_tests(database: str, tags: str, modules: str, log: str, limit: int) -> Path:
    """Run Odoo's runner; at_install tests run while their module is updated.

    :param limit: seconds after which it is stopped, and has not finished
    """
    path = paths.LOGS / f"tests-{log}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    command = odoo.command(
        *("server", "--database", database, "--update", modules),
        *("--test-tags", tags, "--stop-after-init"),
        *("--http-port", network.free_port(), "--max-cron-threads", "0"),
    )
    with open(path, "wb") as output, contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            command,
            cwd=paths.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **odoo.environment()},
            check=False,
            timeout=limit,
        )
    print(f"log: {path}")
    return path


SUMMARY = re.compile(
    r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests"
)
LINE = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) (\S+) (\S+): (.*)")
FAILED = re.compile(r"(?:ERROR|FAIL): (?:Subtest )?(\S+\.test\S*|setUpClass \(\S+\))")
# Lines that repeat, at the end, that tests have failed.
TALLY = re.compile(r"\d+ (failures, \d+ errors of|failed, \d+ error\(s\) of) \d+ tests")
SKIPPED = re.compile(r": skipped (\S+) : (.*)")


def read_odoo_log(text: str, ours: list[str]) -> Result:
    """Counts of Odoo's runner; errors, and our warnings, in the log are failures."""
    result = Result()
    summary = SUMMARY.findall(text)
    if not summary:
        result.fail(f"Odoo's runner did not finish:\n{text[-2000:]}")
        return result
    failed, errors, run = (int(number) for number in summary[-1])
    skips = SKIPPED.findall(text)
    result.skipped = len(skips)
    result.failed = failed + errors
    result.passed = run - result.failed - result.skipped
    result.problems += sorted(set(FAILED.findall(text)))
    for name, reason in skips:
        if not _is_expected(reason):
            result.fail(f"{name} was skipped: {reason}")
    for finding in _findings(text, ours):
        result.fail(finding)
    if not run:
        result.fail("Odoo's runner found no test")
    return result


def _findings(text: str, ours: list[str]) -> list[str]:
    found = []
    for line in text.splitlines():
        match = LINE.match(line)
        if not match or FAILED.search(line) or TALLY.search(line):
            continue
        level, _database, logger, message = match.groups()
        # Odoo warns about itself; what it says of our addons is ours to mend.
        about_us = any(name in f"{logger} {message}" for name in ours)
        if about_us or level != "WARNING":
            found.append(f"{level} in the log: {logger}: {message[:200]}")
    return found


# Odoo's own tests ------------------------------------------------------------------


def core(_options: Options, _job: Job) -> Result:
    """Odoo's own accounting and HR tests: the same with our addons as without."""
    with jobs.workers() as pool:
        without, with_us = pool.map(
            _core_failures,
            (databases.base_template(), os.environ["CAE_TEMPLATE"]),
            ("core-without", "core-with"),
        )
    result = Result(note=f"{len(without[0])} fail without our addons too")
    for name in sorted(with_us[0] - without[0]):
        result.fail(f"{name} fails only with our addons")
    result.passed = with_us[1] - len(with_us[0] | without[0])
    return result


def _core_failures(template: str, log: str) -> tuple[set[str], int]:
    """Names of the failed tests, and the number run."""
    name = _clone("core", template)
    try:
        # The ledger needs eight digits: a test that expects two is not our fault.
        postgres.query(DIGITS, name)
        path = _odoo_tests(name, CORE_TAGS, CORE_MODULES, log, TEST_SECONDS_FULL)
        text = path.read_text(errors="replace")
    finally:
        databases.drop(name)
    summary = SUMMARY.findall(text)
    return set(FAILED.findall(text)), int(summary[-1][2]) if summary else 0


PARTS: dict[str, Callable[[Options, Job], Result]] = {
    "lint": lint,
    "engine": engine,
    "workshop": workshop,
    "addons": addons,
    "glue": glue,
    "native": native,
    "e2e": e2e,
    "core": core,
    "oca": beside,
}
#: Long, or in need of more than the environment has.
BY_NAME = ("core", "oca")
NEED_DATABASE = {"addons", "glue", "native", "e2e", "core", "oca"}
CUTS: dict[str, Callable[[], list[Job]]] = {"addons": _cut_addons, "e2e": _cut_e2e}
