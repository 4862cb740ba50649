"""The bench of a whole cooperative, of few people: its parts work, queries, no clock.

``scripts/bench --people 12000`` times the same. With ``--full`` the report of two sizes
is made as well.
"""

import os

import pytest
from caetools import bench_parts, bench_people

FULL = os.environ.get("CAE_TEST_FULL") == "1"
COUNT = 12
#: Most queries for everybody, whatever their number.
MOST = {
    "ledger": 2,
    "ledgers": 3,
    "treasury": 4,
    "statement": 5,
    "figures": 8,
    "key_figures_get": 12,
    "key_figures_overview": 22,
    "key_figures_series": 14,
    "sign_in": 10,
    "tellers": 5,
}
#: Most queries of one vote.
CAST = 8


@pytest.fixture(scope="module")
def measured(fresh_database):
    name, found = fresh_database(), {}
    for module, part in bench_people.MAKING:
        bench_parts.part(module, name, COUNT, part)
    for part in ("close", "read", "vote"):
        found |= bench_parts.part("scale_whole", name, COUNT, part)
    return found


def test_everybody_is_read_in_few_queries(measured):
    too_many = {
        name: measured[name]["queries"]
        for name, most in MOST.items()
        if measured[name]["queries"] > most
    }
    assert not too_many


def test_a_vote_is_cast_in_few_queries(measured):
    assert measured["cast"]["queries"] <= CAST * COUNT


@pytest.mark.skipif(not FULL, reason="--full: two sizes, with lists and the portal")
def test_report_of_two_sizes(capsys):
    report = bench_people.report([COUNT, 4 * COUNT])
    assert report["people"] == 4 * COUNT
    assert set(MOST) - {"sign_in", "tellers"} <= set(report["figures"])
    for name, row in report["figures"].items():
        assert row["processor"] > 0 and row["raw"] > 0 and row["growth"] > 0, name
    assert report["lists"]["people read"]["ratio"] > 0
    assert "contributions" in capsys.readouterr().err
