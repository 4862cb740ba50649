"""Rules of the house that no linter knows: sizes, layers, decorators."""

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest
from caetools import paths

FOLDERS = ("addons", "scripts", "tests")
LONGEST = 60
#: Of several of these on one method Odoo keeps the outermost alone.
LAST_ONE_COUNTS = ("api.depends", "api.depends_context", "api.constrains")
#: What engines may import besides Python itself and other engines.
PLAIN = {"cryptography", "dateutil", "lxml", "ofxparse"}
RUNS = re.compile(r"cae\.(\w+\.)*run\b|\b(Pay|Contribution|Settlement)Plan\b")
QUERIES = re.compile(r"\bexecute_query\b|\bcr\.execute\b|\bSQL\(")


def _files(*folders):
    for folder in folders:
        yield from sorted((paths.ROOT / folder).rglob("*.py"))


def _named(pattern):
    return sorted(paths.ADDONS.glob(pattern))


def _place(path, line):
    return f"{path.relative_to(paths.ROOT)}:{line}"


@cache
def _nodes(path):
    """Functions and imports of a file, which is read once for all tests."""
    kinds = (ast.FunctionDef, ast.ImportFrom, ast.Import)
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def _functions(path):
    return [node for node in _nodes(path) if isinstance(node, ast.FunctionDef)]


def _imports(path):
    """``(line, module)`` of each import, with its dots."""
    for node in _nodes(path):
        if isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name


def test_no_function_is_longer_than_a_page():
    long = {
        f"{_place(path, node.lineno)} {node.name}": size
        for path in _files(*FOLDERS)
        for node in _functions(path)
        if (size := node.end_lineno - node.lineno + 1) > LONGEST
    }
    assert not long


def test_no_decorator_hides_another():
    hidden = [
        f"{_place(path, node.lineno)} {node.name}"
        for path in _files("addons")
        for node in _functions(path)
        for name in LAST_ONE_COUNTS
        if sum(
            isinstance(each, ast.Call) and ast.unparse(each.func) == name
            for each in node.decorator_list
        )
        > 1
    ]
    assert not hidden


def test_engines_know_nothing_of_odoo():
    allowed = PLAIN | sys.stdlib_module_names
    strange = [
        f"{_place(path, line)} {module}"
        for path in _named("*/engine/*.py")
        for line, module in _imports(path)
        if module.startswith("..")
        or (not module.startswith(".") and module.split(".")[0] not in allowed)
    ]
    assert not strange


@pytest.mark.parametrize(
    ("layer", "others"),
    [
        ("models", {"controllers", "wizards", "tests"}),
        ("wizards", {"controllers", "tests"}),
        ("report", {"controllers", "models", "wizards", "tests"}),
        ("controllers", {"wizards", "tests"}),
    ],
)
def test_a_layer_does_not_import_what_is_above_it(layer, others):
    wrong = [
        f"{_place(path, line)} {module}"
        for path in _named(f"*/{layer}/*.py")
        for line, module in _imports(path)
        if others & set(re.split(r"\.+", module.removeprefix("odoo.addons.")))
        and (module.startswith(".") or "odoo.addons.cae_" in module)
    ]
    assert not wrong


def test_an_addon_imports_only_what_it_depends_on():
    wrong = [
        f"{_place(path, line)} {module}"
        for folder in _named("*/__manifest__.py")
        for path in sorted(folder.parent.rglob("*.py"))
        for line, module in _imports(path)
        if module.startswith("odoo.addons.cae_")
        and module.split(".")[2] not in _known_to(folder.parent.name)
    ]
    assert not wrong


def _known_to(addon):
    manifest = ast.literal_eval((paths.ADDONS / addon / "__manifest__.py").read_text())
    ours = [name for name in manifest["depends"] if name.startswith("cae_")]
    return {addon}.union(*map(_known_to, ours))


@pytest.mark.parametrize("pattern", ["account_*.py", "cae_ledger*.py"])
def test_documents_and_the_ledger_do_not_know_the_runs(pattern):
    assert not _found(RUNS, _named(f"*/models/{pattern}"))


def test_pages_ask_models_and_write_no_queries():
    assert not _found(QUERIES, _named("*/controllers/*.py"))


def test_runs_read_the_books_through_the_ledger():
    tables = re.compile(r"\baccount_analytic_line\b")
    assert not _found(tables, _named("*/models/*_run*.py"))


def _found(pattern, files: list[Path]):
    assert files, "the pattern of files finds nothing any more"
    return [
        f"{_place(path, number)} {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
