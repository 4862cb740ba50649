"""What scripts/sync leaves in a folder and in its log."""

import pytest
from caetools import exports, steplog, sync
from caetools.exports import Folder
from caetools.steplog import DONE, NOTHING, REFUSED, WAITS, StepLog


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
