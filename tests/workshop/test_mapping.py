"""Files of another system become ours, as a mapping says; nothing is guessed."""

import json

import pytest
from caetools import mapping, paths, steplog, sync
from caetools.ui import Problem

EXAMPLE = paths.SCRIPTS / "mappings/exemple.json"
EXPORT = paths.ROOT / "tests/data/moving-in"


@pytest.fixture
def write(tmp_path):
    """Function that writes a file and returns what a mapping makes of it."""

    def make(text, rule, dataset="activities", encoding="utf-8"):
        (tmp_path / "in.csv").write_bytes(text.encode(encoding))
        rules = {dataset: {"file": "in.csv", **rule}}
        (made,) = mapping.convert(rules, tmp_path)
        return made

    return make


def test_columns_values_and_constants(write):
    made = write(
        "Code;Sexe\nA1;Mme\nA2;M.\n",
        {
            "columns": {
                "code": "Code",
                "sexe": {"column": "Sexe", "values": {"Mme": "F", "M.": "M"}},
                "pays": {"value": "FR"},
            }
        },
    )
    assert made.rows == [
        {"code": "A1", "sexe": "F", "pays": "FR"},
        {"code": "A2", "sexe": "M", "pays": "FR"},
    ]
    assert made.sources == [1, 2]
    assert made.content().decode().splitlines()[0] == "code;sexe;pays"


def test_values_may_be_kept(write):
    rule = {
        "columns": {"c": {"column": "C", "values": {"512000": "512"}, "keep": True}}
    }
    assert [r["c"] for r in write("C\n512000\n181000\n", rule).rows] == [
        *("512", "181000")
    ]


def test_holders_share_equally_and_add_up(write):
    rule = {"columns": {"h": {"column": "H", "shared": ","}}}
    made = write("H;x\n1;\n1, 2;\n1,2,3;\n;\n", rule)
    assert [row["h"] for row in made.rows] == [
        *("1:100", "1:50|2:50", "1:33.334|2:33.333|3:33.333", "")
    ]


def test_results_become_one_row(write):
    text = (
        "C;A;D;K\nX;706000;0;100,00\nX;607000;30,50;\nX;512000;69,50;\n"
        "Y;601000;5;\nY;512000;;5\nZ;706000;;8\nZ;601000;8;\n"
    )
    columns = {
        "activite": "C",
        "date": {"value": "01/01/2026"},
        "compte": "A",
        "debit": "D",
        "credit": "K",
    }
    results = {"prefixes": ["6", "7"], "credit": "110", "debit": "119"}
    made = write(text, {"columns": columns, "results": results}, "opening")
    found = [(r["activite"], r["compte"], r["debit"], r["credit"]) for r in made.rows]
    assert found == [
        ("X", "512000", "69,50", ""),
        ("Y", "512000", "", "5"),
        ("X", "110", "", "69,50"),
        ("Y", "119", "5,00", ""),
    ]
    assert made.sources == [3, 5, 0, 0]


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("A\nx\n", {"columns": {"a": "B"}}, "no column 'B'"),
        (
            "A\nx\n",
            {"columns": {"a": {"column": "A", "values": {"y": "1"}}}},
            "row 1: A is 'x'",
        ),
        ("A\nx\n", {"columns": {"a": {"colum": "A"}}}, "unknown rule colum"),
        ("A\nx\n", {"columns": {"a": "A"}, "skip": {"B": [""]}}, "no column 'B'"),
        ("A\nx\n", {"columns": {"a": "A"}, "skip": {"A": ["x"]}}, "no row is left"),
        ("A\né\n", {"columns": {"a": "A"}, "encoding": "ascii"}, "is not ascii"),
    ],
)
def test_what_is_not_known_is_an_error(write, text, rule, words):
    with pytest.raises(Problem, match=words):
        write(text, rule)


def test_windows_files_are_declared(write):
    rule = {"columns": {"n": "N"}, "encoding": "windows-1252"}
    assert write("N\nŒuvrard\n", rule, encoding="cp1252").rows == [{"n": "Œuvrard"}]
    with pytest.raises(Problem, match="is not utf-8"):
        write("N\nŒuvrard\n", {"columns": {"n": "N"}}, encoding="cp1252")


def test_a_mapping_of_unknown_data_sets_is_refused(tmp_path):
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"activites": {}}))
    with pytest.raises(Problem, match="unknown data set activites"):
        mapping.read(path)


def test_the_example_reads_the_made_up_export():
    made = mapping.convert(mapping.read(EXAMPLE), EXPORT)
    assert [found.dataset for found in made] == [
        *("entrepreneurs", "activities", "customers", "opening", "invoices", "members")
    ]


def test_an_error_names_the_row_of_the_source(capsys):
    error = {"row": 2, "column": "nom", "code": "CAE-X", "message": "No."}
    counts = dict.fromkeys(("created", "updated", "unchanged"), 0)
    log = steplog.StepLog()
    sync.show("activites.csv", {**counts, "errors": [error]}, log, [1, 4])
    assert "row 2, column nom (row 4 of the source): CAE-X" in capsys.readouterr().out
