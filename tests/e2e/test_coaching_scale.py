"""Lists and the nightly run of coaching, of 300 people: queries, no clock.

``scripts/bench --coaching`` times the same with 12,000.
"""

import pytest
from caetools import bench, bench_parts, databases

COUNT = 300
#: Most queries of one request; Odoo's own list of contacts takes more than ours.
COUNTED = 3
#: A view with open groups reads groups, rows and its progress bar.
MOST = {"read": 14, "group": 4, "pivot": 4, "open": 20}


@pytest.fixture(scope="module")
def measured(fresh_database):
    name = fresh_database()
    bench_parts.part("scale", name, COUNT, "fill")
    bench_parts.part("scale_people", name, COUNT, "year")
    yield bench_parts.part("scale_people", name, COUNT, "quick")
    databases.drop(name)


@pytest.mark.parametrize("user", ["manager", "coach"])
@pytest.mark.parametrize(
    "name", [n for names in bench.COACHING.values() for n in names]
)
def test_a_list_takes_few_queries(measured, user, name):
    operations = measured[user][name]
    assert operations["read"]["rows"] > 0
    for operation, found in operations.items():
        most = MOST.get(operation.split()[0], COUNTED)
        assert found["queries"] <= most, operation


def test_the_night_takes_as_many_queries_for_many_as_for_few(measured):
    night = measured["night"]
    assert night["alerts"] >= COUNT
    assert night["again"]["queries"] <= 40
    # What is opened is written by the hundred.
    assert night["first"]["queries"] <= COUNT / 2
    assert night["duty"]["queries"] <= 5
    assert night["documents"]["queries"] <= 20
