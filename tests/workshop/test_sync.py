"""What scripts/sync leaves in a folder and in its log."""

import os

import pytest
from caetools import exports, steplog, sync
from caetools.exports import Folder
from caetools.steplog import DONE, NOTHING, REFUSED, WAITS, StepLog
from caetools.ui import Problem


def test_a_file_is_written_once_and_whole(tmp_path):
    folder = Folder(tmp_path / "out")
    assert not folder.has("a/b.csv")
    assert folder.write("a/b.csv", b"1") == "written"
    assert folder.write("a/b.csv", b"1") == "unchanged"
    assert folder.write("a/b.csv", b"2") == "written"
    assert [p.name for p in (tmp_path / "out/a").iterdir()] == ["b.csv"]


def test_what_a_killed_run_began_is_no_file(tmp_path):
    (tmp_path / ".b.csv.part").write_bytes(b"half")
    folder = Folder(tmp_path)
    assert not folder.has("b.csv")
    assert folder.write("b.csv", b"whole") == "written"
    assert [p.name for p in tmp_path.iterdir()] == ["b.csv"]


def test_a_dry_run_leaves_no_trace(tmp_path):
    folder = Folder(tmp_path / "out", dry_run=True)
    assert folder.write("b.csv", b"1") == "would be written"
    assert not (tmp_path / "out").exists()


@pytest.fixture
def mask():
    before = os.umask(0)
    yield
    os.umask(before)


def test_files_are_for_the_user_and_the_group_alone(tmp_path, mask):
    sync.keep_private()
    Folder(tmp_path / "out").write("paie/b.csv", b"1")
    StepLog(tmp_path / "log" / "sync.csv").note("pay", "2026-01", DONE)
    made = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert len(made) == 2
    for path in (*made, tmp_path / "out", tmp_path / "out/paie", tmp_path / "log"):
        assert not path.stat().st_mode & 0o027, path


def test_a_stricter_mask_is_kept(mask):
    os.umask(0o077)
    sync.keep_private()
    assert os.umask(0) == 0o077


@pytest.mark.parametrize("name", ["../b.csv", "a/../../b.csv", "/tmp/b.csv"])
def test_nothing_is_written_outside_the_folder(tmp_path, name):
    with pytest.raises(Problem):
        Folder(tmp_path / "out").write(name, b"1")
    assert not list(tmp_path.rglob("*.csv"))


def test_codes_of_activities_name_files(tmp_path):
    statement = {
        "activity_id": [3, "[../A 1] Shop"],
        "version": 1,
        "data": {},
        "pdf_id": False,
    }
    statement |= dict.fromkeys(set(exports.FIELDS) - set(statement), "")
    found = exports.Export(None, "2026-01", Folder(tmp_path), StepLog())
    found._statement(statement)
    (path,) = tmp_path.rglob("*.json")
    assert path == tmp_path / "releves/.._A 1-2026-01-v1.json"


def test_a_label_is_no_formula():
    rows = [("=1+1", "@A", "-cmd|' /C calc'!A0", "+33 6", "-0,50", -3, "Total")]
    assert steplog.csv_text(rows) == (
        "'=1+1;'@A;'-cmd|' /C calc'!A0;'+33 6;-0,50;-3;Total\r\n"
    )


def test_the_log_has_a_line_for_each_step(tmp_path):
    for _run in range(2):
        log = StepLog(tmp_path / "logs" / "sync.csv")
        log.note("load", "clients.csv", DONE, "3 created")
        log.note("pay", "2026-01", NOTHING, "no pay;\nnone")
    content = (tmp_path / "logs" / "sync.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfheure;etape;objet;resultat;detail\r\n")
    lines = content.decode("utf-8-sig").splitlines()
    assert len(lines) == 5
    assert lines[1].endswith(";load;clients.csv;done;3 created")
    assert lines[2].endswith(';pay;2026-01;nothing;"no pay; none"')


@pytest.mark.parametrize(
    "results, code",
    [((), 0), ((DONE, NOTHING), 0), ((DONE, WAITS), 3), ((WAITS, REFUSED, DONE), 1)],
)
def test_what_it_ends_with(results, code):
    log = StepLog()
    for result in results:
        log.note("step", "subject", result)
    assert log.code == code


def test_figures_read_as_in_a_french_spreadsheet():
    found = [exports.amount(value) for value in (1234.5, "-0.50", 12, False, 0.0)]
    assert found == ["1234,50", "-0,50", "12", "", "0,00"]
    text = exports.french([("cle", "valeur"), ("é", "1,5")])
    assert text == "\ufeffcle;valeur\r\né;1,5\r\n".encode()
    assert exports.last_day("2028-02") == "2028-02-29"


def test_months_are_months():
    assert sync.month("2026-01") == "2026-01"
    for text in ("2026-13", "26-01", "2026-1", "２０２６-01", "2026-01-01"):
        with pytest.raises(Exception, match="is no month"):
            sync.month(text)


def test_the_log_is_read_by_its_columns():
    assert steplog.csv_text([("a", "b;c")]) == 'a;"b;c"\r\n'
