"""What a dump of the database tells of a secret vote."""

import base64
import os
import re
import subprocess
from dataclasses import dataclass, field

from caetools import odoo, postgres

COPY = re.compile(r"^COPY public\.(\w+) \(([^)]*)\) FROM stdin;$")
CREATE = re.compile(r"^CREATE (?:UNLOGGED )?TABLE public\.(\w+) \($")
FOREIGN = re.compile(
    r"ALTER TABLE ONLY public\.(\w+)\s+ADD CONSTRAINT \w+ FOREIGN KEY \(\w+\)"
    r" REFERENCES public\.(\w+)"
)


@dataclass
class Dump:
    """``tables``: name → rows as dictionaries of texts; ``types``: its columns."""

    text: str
    tables: dict[str, list[dict]] = field(default_factory=dict)
    types: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: set[tuple[str, str]] = field(default_factory=set)


def dump(database):
    """A dump as an administrator would take one."""
    done = subprocess.run(
        [postgres.programs() / "pg_dump", "--no-owner", database],
        capture_output=True,
        check=True,
        env={**os.environ, **odoo.environment(), **postgres.environment()},
    )
    found = Dump(done.stdout.decode())
    found.keys = set(FOREIGN.findall(found.text))
    lines = iter(found.text.splitlines())
    for line in lines:
        if match := COPY.match(line):
            name, columns = match[1], match[2].replace('"', "").split(", ")
            found.tables[name] = [
                dict(zip(columns, row.split("\t"), strict=True))
                for row in iter(lambda: next(lines), "\\.")
            ]
        elif match := CREATE.match(line):
            rows = [row.strip().rstrip(",") for row in iter(lambda: next(lines), ");")]
            found.types[match[1]] = dict(
                row.replace('"', "").split(" ", 1)
                for row in rows
                if " " in row and not row.startswith("CONSTRAINT ")
            )
    return found


def check_before_closing(found, cast):
    """Sealed papers lie in a table that knows nothing else, and cannot be read.

    :param cast: ``[(receipt, nonce, message)]`` of ballots in the urn
    """
    urns = [name for name in found.tables if name.startswith("cae_ballot_urn_")]
    assert urns
    for urn in urns:
        assert set(found.types[urn]) == {"receipt", "paper"}
    assert not [pair for pair in found.keys if set(pair) & set(urns)]
    receipts = [row["receipt"] for urn in urns for row in found.tables[urn]]
    for receipt, nonce, message in cast:
        assert receipts.count(receipt) == 1
        # In its row: as its key, and in the sealed paper. Nowhere else.
        assert found.text.count(receipt) == 2
        assert nonce not in found.text
        assert base64.b64encode(bytes.fromhex(nonce)).decode()[:40] not in found.text
        assert message not in found.text
    # Nor does anything else hold what was chosen, or a key that opens.
    assert "PRIVATE KEY" not in found.text
    assert not found.tables["cae_ballot_part"]


def check_after_closing(found, cast_order):
    """Nothing joins a paper with a voter, an attendance or a moment.

    :param cast_order: ``[[receipt]]``, for each urn in the order in which they came
    """
    assert not [name for name in found.tables if name.startswith("cae_ballot_urn_")]
    check_columns(found)
    papers = found.tables["cae_ballot_paper"]
    receipts = {row["receipt"] for row in papers}
    assert receipts == {receipt for urn in cast_order for receipt in urn}
    # A receipt is in its paper alone: no log, message, attachment or session has it.
    words = re.compile(r"\b[0-9a-f]{64}\b")
    for table, rows in found.tables.items():
        if table == "cae_ballot_paper":
            continue
        told = {
            word
            for row in rows
            for value in row.values()
            if len(value) >= 64
            for word in words.findall(value)
        }
        assert not told & receipts, table
    for urn in cast_order:
        check_order(papers, urn)


def check_columns(found):
    """Papers lead to their urn only; the list of voters to its urn and the voter."""
    assert set(found.types["cae_ballot_paper"]) == {
        *("id", "ballot_id", "company_id", "receipt", "paper"),
        *("nonce", "message", "choice", "void"),
    }
    assert set(found.types["cae_ballot_voter"]) == {
        *("id", "ballot_id", "company_id", "elector_id"),
    }
    for table in ("cae_ballot_paper", "cae_ballot_voter"):
        types = found.types[table].values()
        assert not [kind for kind in types if "timestamp" in kind or "date" in kind]
    leads = {to for table, to in found.keys if table == "cae_ballot_paper"}
    assert leads == {"cae_ballot", "res_company"}
    assert not [table for table, to in found.keys if to == "cae_ballot_paper"]
    leads = {to for table, to in found.keys if table == "cae_ballot_voter"}
    assert leads == {"cae_ballot", "cae_meeting_elector", "res_company"}
    assert not [table for table, to in found.keys if to == "cae_ballot_voter"]


def check_order(papers, came):
    """Neither the numbers of papers nor their place tell the order of arrival."""
    place = {receipt: number for number, receipt in enumerate(came)}
    mine = [row for row in papers if row["receipt"] in place]
    for order in (mine, sorted(mine, key=lambda row: int(row["id"]))):
        tau = kendall([place[row["receipt"]] for row in order])
        # Of a random order it is within 6 standard deviations of 0.
        count = len(came)
        limit = 6 * (2 * (2 * count + 5) / (9 * count * (count - 1))) ** 0.5
        assert abs(tau) < limit, tau


def check_voters(found):
    """The list of voters is in the order of the voters, not of their votes."""
    voters = sorted(found.tables["cae_ballot_voter"], key=lambda row: int(row["id"]))
    urns = {}
    for row in voters:
        urns.setdefault(row["ballot_id"], []).append(int(row["elector_id"]))
    assert urns
    for people in urns.values():
        assert people == sorted(people)


def kendall(order):
    """Kendall's tau of an order against 0, 1, 2…: 1 the same, -1 the reverse."""
    pairs = sum(
        (after > before) - (after < before)
        for number, before in enumerate(order)
        for after in order[number + 1 :]
    )
    return 2 * pairs / (len(order) * (len(order) - 1))
