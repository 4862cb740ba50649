"""Secret ballots: sealed by the voter, opened by tellers together, checked by all."""

import json
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
from cae_governance_engine import sealing
from cae_governance_engine.rules import GovernanceError
from hypothesis import example, given
from hypothesis import strategies as st

CODES = ["for", "against", "abstain"]


@pytest.fixture(scope="module")
def tellers():
    return [sealing.new_key() for _n in range(3)]


def _refused(code, function, *args):
    with pytest.raises(GovernanceError) as caught:
        function(*args)
    assert caught.value.code == code


def _papers(tellers, *choices, needed=2):
    keys = [public for _private, public in tellers]
    return [sealing.seal(choice, keys, needed) for choice in choices]


def _parts(tellers, papers, *present):
    return {
        place: sealing.decrypt_parts(
            tellers[place][0], sealing.parts_for(papers, place)
        )
        for place in present
    }


@pytest.mark.parametrize("present", [(0, 1), (0, 2), (1, 2), (0, 1, 2)])
def test_any_two_of_three_open(tellers, present):
    sealed = _papers(tellers, ["for"], ["against"], [])
    papers = [paper for paper, _receipt, _nonce in sealed]
    opened = sealing.open_papers(papers, _parts(tellers, papers, *present), CODES, 1)
    assert [ballot.choice for ballot in opened] == [("for",), ("against",), ()]
    for ballot, (_paper, receipt, nonce) in zip(opened, sealed, strict=True):
        assert (ballot.receipt, ballot.nonce) == (receipt, nonce)
        message = ballot.message.encode().ljust(sealing.BLOCK)
        assert sealing.receipt_of(bytes.fromhex(nonce), message) == receipt
    # The length of a sealed ballot would tell what it says.
    assert len({len(paper) for paper in papers}) == 1


@pytest.mark.parametrize("present", [(), (0,), (2,)])
def test_one_teller_opens_nothing(tellers, present):
    papers = [_papers(tellers, ["for"])[0][0]]
    parts = _parts(tellers, papers, *present)
    _refused("CAE-BALLOT-TELLERS", sealing.open_papers, papers, parts, CODES, 1)


def test_a_wrong_part_of_one_teller_does_not_void(tellers):
    papers = [_papers(tellers, ["for"])[0][0]]
    parts = _parts(tellers, papers, 0, 1, 2)
    parts[0] = [dict.fromkeys(parts[0][0], "AAAA")]
    [opened] = sealing.open_papers(papers, parts, CODES, 1)
    assert opened.choice == ("for",)


def test_same_choice_is_never_the_same_paper(tellers):
    first, second = _papers(tellers, ["for"], ["for"])
    assert first[1] != second[1]
    assert first[0] != second[0]


@pytest.mark.parametrize(
    "choice,most", [(["x"], 1), (["for", "against"], 1), (["for", "for"], 2)]
)
def test_what_may_not_be_chosen_is_void(tellers, choice, most):
    papers = [_papers(tellers, choice)[0][0]]
    [opened] = sealing.open_papers(papers, _parts(tellers, papers, 0, 1), CODES, most)
    assert opened.choice is None


def test_another_receipt_is_void(tellers):
    paper = json.loads(_papers(tellers, ["for"])[0][0])
    paper["receipt"] = "0" * 64
    papers = [json.dumps(paper)]
    [opened] = sealing.open_papers(papers, _parts(tellers, papers, 0, 1), CODES, 1)
    assert (opened.choice, opened.nonce) == (None, "")


@pytest.mark.parametrize(
    "message",
    [
        b'{"choice": ["for"]}',
        b'{"choice":["for"],"me":"Alice"}',
        b'{"choice":"for"}',
        b'{"choice":[["for"]]}',
        b"[]",
        b"\xff",
        b"[" * 3000,
    ],
)
def test_marks_are_void(message):
    message = message.ljust(-(-len(message) // sealing.BLOCK) * sealing.BLOCK)
    assert sealing.choice_of(message, set(CODES), 3) is None


def test_padding_is_no_mark():
    good = sealing.message_of(["for"])
    assert sealing.choice_of(good, set(CODES), 3) == ("for",)
    for bad in (good.rstrip(), good + b" ", good.ljust(512), good[:-1] + b"\n"):
        assert sealing.choice_of(bad, set(CODES), 3) is None


def test_shape_of_a_paper(tellers):
    paper, receipt, _nonce = _papers(tellers, ["for"])[0]
    assert sealing.check_paper(paper, 3, 2) == receipt
    good = json.loads(paper)
    for bad in (
        "",
        "{}",
        "[]",
        "x" * 50_000,
        json.dumps({**good, "voter": 1}),
        json.dumps({**good, "receipt": "F" * 64}),
        json.dumps({**good, "sealed": "*"}),
        json.dumps({**good, "shares": {}}),
        json.dumps({**good, "shares": {**good["shares"], "0.1": ["AAAA", "AAAA"]}}),
    ):
        _refused("CAE-BALLOT-PAPER", sealing.check_paper, bad, 3, 2)
    _refused("CAE-BALLOT-PAPER", sealing.check_paper, paper, 3, 3)


@pytest.mark.parametrize("tellers_,needed", [(1, 1), (2, 1), (2, 3), (6, 2)])
def test_number_of_tellers(tellers_, needed):
    _refused("CAE-BALLOT-TELLERS", sealing.groups, tellers_, needed)


def test_keys(tellers):
    sealing.check_public_key(tellers[0][1])
    assert len(sealing.fingerprint(tellers[0][1])) == 16
    short = sealing.new_key(2048)[1]
    for bad in ("", "x", "AAAA", short, None):
        _refused("CAE-BALLOT-KEY", sealing.check_public_key, bad)


def test_empty_urn(tellers):
    assert sealing.open_papers([], {}, CODES, 1) == []


def test_seal_of_the_urn_knows_no_order():
    assert sealing.seal_of_urn(["b", "a"]) == sealing.seal_of_urn(["a", "b"])
    assert sealing.seal_of_urn(["a"]) != sealing.seal_of_urn(["a", "b"])


# ----------------------------------------------------------------------
# scripts/verify-ballot: what anyone runs on the published list
# ----------------------------------------------------------------------

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/verify-ballot"


@pytest.fixture
def published(tellers):
    choices = [["for"], ["for"], ["against"], [], ["x"]]
    papers = [paper for paper, _receipt, _nonce in _papers(tellers, *choices)]
    opened = sealing.open_papers(papers, _parts(tellers, papers, 0, 1), CODES, 1)
    return {
        "format": "cae-ballot-1",
        "meeting": "Meeting",
        "resolution": "Accounts",
        "college": "",
        "choices": {code: code.title() for code in CODES},
        "most": 1,
        "voters": 5,
        "urn_seal": sealing.seal_of_urn(ballot.receipt for ballot in opened),
        "ballots": [
            {"receipt": b.receipt, "nonce": b.nonce, "message": b.message}
            for b in sorted(opened, key=lambda b: b.receipt)
        ],
        "count": {"for": 2, "against": 1, "abstain": 0, "blank": 1, "void": 1},
    }


def _verify(tmp_path, published, *receipts):
    path = tmp_path / "list.json"
    path.write_text(json.dumps(published))
    # -I: no library but Python's own, nothing of this checkout.
    command = [sys.executable, "-I", str(SCRIPT), str(path), *receipts]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_true_list_is_right(tmp_path, published):
    receipt = published["ballots"][0]["receipt"]
    code, text = _verify(tmp_path, published, receipt)
    assert (code, "All is right." in text) == (0, True)
    assert f"In the list: {receipt}" in text


def test_a_changed_list_is_told(tmp_path, published):
    def changed(**values):
        return {**published, **values}

    first, *rest = published["ballots"]
    # The order is that of the receipts, so the first is any of the five.
    other = {"choice": [] if "for" in first["message"] else ["for"]}
    said = json.dumps(other, separators=(",", ":"))
    for wrong in (
        changed(ballots=[{**first, "message": said}, *rest]),
        changed(ballots=rest, voters=4),
        changed(ballots=[*rest, rest[0]]),
        changed(voters=6),
        changed(count={**published["count"], "for": 3}),
        changed(urn_seal="0" * 64),
        changed(format="other"),
    ):
        code, text = _verify(tmp_path, wrong)
        assert (code, "WRONG" in text) == (1, True)
    assert _verify(tmp_path, published, "0" * 64)[0] == 1


def _script():
    loader = SourceFileLoader("verify_ballot", str(SCRIPT))
    module = module_from_spec(spec_from_loader("verify_ballot", loader))
    loader.exec_module(module)
    return module


@given(st.binary(max_size=600) | st.binary(max_size=256).map(lambda b: b.ljust(256)))
@example(b"hex:00".ljust(256))
@example(b" " * 512)
@example(b'{"choice":["for\x00"]}'.ljust(256))
def test_whatever_was_sealed_is_listed_so_that_its_receipt_holds(message):
    """Voters may seal with any program: the list must not look forged by it."""
    text = sealing.published(message)
    assert _script().message_bytes(text) == message
    assert text.isprintable()


def test_a_receipt_is_a_text():
    keys = [sealing.new_key()[1]] * 2
    paper = json.loads(sealing.seal(["for"], keys, 2)[0])
    paper["receipt"] = list(paper["receipt"])
    _refused("CAE-BALLOT-PAPER", sealing.check_paper, json.dumps(paper), 2, 2)
