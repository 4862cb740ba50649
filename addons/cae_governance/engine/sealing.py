"""Secret ballots: how they are sealed, opened and checked.

A ballot is sealed in the voter's browser (``static/src/ballot/sealing.js``; here the
same, for tests and for the counting)::

    message  JSON of the choice, filled with spaces to a multiple of 256 bytes, so that
             the length of a sealed ballot tells nothing
    nonce    32 random bytes
    receipt  SHA-256(nonce + message)         the voter keeps it, the urn shows it
    key      32 random bytes, for this ballot
    sealed   AES-256-GCM(key, nonce + message), associated data: receipt
    shares   for each group of tellers that may open: the key split among them by
             XOR, each part encrypted for its teller (RSA-OAEP, SHA-256)

Nobody opens a ballot without a whole group of tellers. The receipt binds: nobody finds
another choice for it. It hides: without the nonce it says nothing. After the count the
list of (receipt, nonce, message) is public, and anyone recomputes it with SHA-256
alone: see ``scripts/verify-ballot``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .rules import GovernanceError

NONCE = KEY = 32
#: Messages have a length that is a multiple of this.
BLOCK = 256
IV = 12
RSA_BITS = (3072, 4096)
#: A ballot is much smaller: what is larger is no ballot.
LARGEST = 40_000
OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


@dataclass(frozen=True, slots=True)
class Opened:
    """A ballot of the published list; ``choice`` is None when it says nothing."""

    receipt: str
    nonce: str
    message: str
    choice: tuple[str, ...] | None


def receipt_of(nonce: bytes, message: bytes) -> str:
    """64 hexadecimal digits that stand for a ballot without telling it."""
    return hashlib.sha256(nonce + message).hexdigest()


def groups(tellers: int, needed: int) -> list[tuple[int, ...]]:
    """Groups of tellers (by position) of whom one opens the urn.

    :raises GovernanceError: ``CAE-BALLOT-TELLERS`` with fewer than two
    """
    if not 2 <= needed <= tellers <= 5:
        raise GovernanceError(
            "CAE-BALLOT-TELLERS", "two tellers at least, five at most, open the urn"
        )
    return list(combinations(range(tellers), needed))


def check_public_key(text: str) -> None:
    """:raises GovernanceError: ``CAE-BALLOT-KEY`` unless RSA of 3072 or 4096 bits"""
    try:
        key = _public(text)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size not in RSA_BITS:
        raise GovernanceError(
            "CAE-BALLOT-KEY", "this is not the public key of a teller"
        )


def fingerprint(text: str) -> str:
    """What a teller compares with the key file: 16 hexadecimal digits."""
    return hashlib.sha256(base64.b64decode(text)).hexdigest()[:16]


def seal(
    choice: Sequence[str], keys: Sequence[str], needed: int
) -> tuple[str, str, str]:
    """``(paper, receipt, nonce)`` of a choice, as the voter's browser makes them.

    :param choice: codes chosen, in any order
    :param keys: public keys of the tellers, in order
    """
    message = message_of(choice)
    nonce, key, iv = os.urandom(NONCE), os.urandom(KEY), os.urandom(IV)
    receipt = receipt_of(nonce, message)
    sealed = iv + AESGCM(key).encrypt(iv, nonce + message, receipt.encode())
    paper = {"receipt": receipt, "sealed": _b64(sealed), "shares": {}}
    for group in groups(len(keys), needed):
        parts = _split(key, len(group))
        paper["shares"][_name(group)] = [
            _b64(_public(keys[teller]).encrypt(part, OAEP))
            for teller, part in zip(group, parts, strict=True)
        ]
    return json.dumps(paper), receipt, nonce.hex()


def message_of(choice: Iterable[str]) -> bytes:
    """The one way in which a choice is written."""
    text = json.dumps({"choice": sorted(choice)}, separators=(",", ":")).encode()
    return text.ljust(-(-len(text) // BLOCK) * BLOCK)


def check_paper(text: str, tellers: int, needed: int) -> str:
    """The receipt of a sealed ballot that has the shape it should have.

    What it says nobody can know yet.

    :raises GovernanceError: ``CAE-BALLOT-PAPER``
    """
    try:
        paper = json.loads(text) if len(text) <= LARGEST else {}
        receipt = paper["receipt"]
        sealed = base64.b64decode(paper["sealed"], validate=True)
        shares = paper["shares"]
        good = (
            set(paper) == {"receipt", "sealed", "shares"}
            and isinstance(receipt, str)
            and len(receipt) == 64
            and set(receipt) <= set("0123456789abcdef")
            and IV + NONCE < len(sealed) < 4096
            and set(shares) == {_name(g) for g in groups(tellers, needed)}
            and all(_is_group(shares[name], needed) for name in shares)
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        good = False
    if not good:
        raise GovernanceError("CAE-BALLOT-PAPER", "this is not a sealed ballot")
    return receipt


def _is_group(parts, needed):
    return len(parts) == needed and all(
        384 <= len(base64.b64decode(part, validate=True)) <= 512 for part in parts
    )


def parts_for(papers: Iterable[str], teller: int) -> list[dict[str, str]]:
    """What one teller decrypts: ``[{group: encrypted part}]``, in the papers' order."""
    found = []
    for text in papers:
        shares = json.loads(text)["shares"]
        found.append(
            {
                name: parts[_teller_places(name).index(teller)]
                for name, parts in shares.items()
                if teller in _teller_places(name)
            }
        )
    return found


def decrypt_parts(
    private_key: rsa.RSAPrivateKey, parts: Iterable[Mapping[str, str]]
) -> list[dict[str, str]]:
    """What the teller's browser does with them (here for tests): parts in clear.

    A part that cannot be decrypted is empty: the ballot is void, not the count.
    """
    return [
        {name: _decrypt(private_key, part) for name, part in row.items()}
        for row in parts
    ]


def _decrypt(private_key, part):
    try:
        return _b64(private_key.decrypt(base64.b64decode(part), OAEP))
    except ValueError:
        return ""


def open_papers(
    papers: Sequence[str],
    parts: Mapping[int, Sequence[Mapping[str, str]]],
    codes: Iterable[str],
    most: int,
) -> list[Opened]:
    """Open all ballots with what a group of tellers decrypted.

    :param parts: by position of the teller, in the papers' order
    :param codes: what may be chosen; an empty choice is blank
    :param most: codes that one ballot may choose
    :raises GovernanceError: ``CAE-BALLOT-TELLERS`` when no whole group is there
    """
    papers = [json.loads(text) for text in papers]
    present = set(parts)
    names = list(papers[0]["shares"]) if papers else []
    whole = [name for name in names if set(_teller_places(name)) <= present]
    if papers and not whole:
        raise GovernanceError("CAE-BALLOT-TELLERS", "more tellers must open the urn")
    if any(len(rows) != len(papers) for rows in parts.values()):
        raise GovernanceError("CAE-BALLOT-PARTS", "parts of other ballots")
    allowed = set(codes)
    return [
        _open(
            paper,
            [
                [parts[t][row].get(name, "") for t in _teller_places(name)]
                for name in whole
            ],
            allowed,
            most,
        )
        for row, paper in enumerate(papers)
    ]


def _open(paper, tries, allowed, most):
    """With any group that opens it: a wrong part of one must not void the ballot."""
    for parts in tries:
        plain = _plain(paper, parts)
        if plain:
            nonce, message = plain[:NONCE], plain[NONCE:]
            if receipt_of(nonce, message) == paper["receipt"]:
                choice = choice_of(message, allowed, most)
                text = published(message)
                return Opened(paper["receipt"], nonce.hex(), text, choice)
    return Opened(paper["receipt"], "", "", None)


def _plain(paper, parts):
    try:
        key = bytes(KEY)
        for part in parts:
            key = bytes(a ^ b for a, b in zip(key, _from_b64(part), strict=True))
        sealed = base64.b64decode(paper["sealed"])
        aad = paper["receipt"].encode()
        return AESGCM(key).decrypt(sealed[:IV], sealed[IV:], aad)
    except (ValueError, InvalidTag):
        return b""


def published(message: bytes) -> str:
    """A message as the list shows it: its text, or ``hex:`` and its bytes.

    Voters seal with any program: what is no plain text must neither stop the count nor
    make the list differ from the receipts.
    """
    text = message.rstrip(b" ").decode("utf-8", "replace")
    content = text.encode()
    same = content.ljust(-(-len(content) // BLOCK) * BLOCK) == message
    plain = same and text.isprintable() and not text.startswith("hex:")
    return text if plain else f"hex:{message.hex()}"


def choice_of(message: bytes, allowed: set[str], most: int) -> tuple[str, ...] | None:
    """What a message chooses; None when it is void."""
    try:
        choice = json.loads(message)["choice"]
        # One way of writing only: other ways could be marks to prove a vote.
        if message_of(choice) != message or len(set(choice)) != len(choice):
            return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    good = set(choice) <= allowed and len(choice) <= most
    return tuple(choice) if good else None


def seal_of_urn(receipts: Iterable[str]) -> str:
    """One hash for all receipts, published when the urn is closed, before the count."""
    return hashlib.sha256("\n".join(sorted(receipts)).encode()).hexdigest()


def new_key(bits: int = RSA_BITS[0]) -> tuple[rsa.RSAPrivateKey, str]:
    """A teller's keys, as their browser makes them (here for tests and demo)."""
    private = rsa.generate_private_key(65537, bits)
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, _b64(public)


def _split(key, number):
    parts = [os.urandom(KEY) for _n in range(number - 1)]
    last = key
    for part in parts:
        last = bytes(a ^ b for a, b in zip(last, part, strict=True))
    return [*parts, last]


def _public(text):
    return serialization.load_der_public_key(base64.b64decode(text, validate=True))


def _name(group):
    return ".".join(map(str, group))


def _teller_places(name):
    return [int(place) for place in name.split(".")]


def _b64(content):
    return base64.b64encode(content).decode()


def _from_b64(text):
    return base64.b64decode(text, validate=True)
