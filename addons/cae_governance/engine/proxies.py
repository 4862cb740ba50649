"""Proxies of a meeting: who votes for whom, within the limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .rules import GovernanceError


@dataclass(frozen=True, slots=True)
class Proxy:
    """``giver`` lets ``holder`` vote; a holder of ``None`` is a blank proxy."""

    giver: int
    holder: int | None


def check(proxies: Iterable[Proxy], limit: int, blank: bool = True) -> None:
    """See that proxies can stand together.

    A proxy given by somebody who holds one would be a chain: the holder would vote for
    people who never chose them. Blank proxies are outside the limit.

    :raises GovernanceError: ``CAE-PROXY-SELF``, ``CAE-PROXY-TWICE``,
        ``CAE-PROXY-CHAIN``, ``CAE-PROXY-LIMIT``, ``CAE-PROXY-BLANK``
    """
    proxies = list(proxies)
    givers: set[int] = set()
    held: dict[int, int] = {}
    for proxy in proxies:
        if proxy.giver == proxy.holder:
            raise GovernanceError("CAE-PROXY-SELF", "nobody represents themselves")
        if proxy.giver in givers:
            raise GovernanceError(
                "CAE-PROXY-TWICE", "this member has given a proxy: revoke it first"
            )
        givers.add(proxy.giver)
        if proxy.holder is None and not blank:
            raise GovernanceError(
                "CAE-PROXY-BLANK", "a proxy names who holds it: see the rule set"
            )
        if proxy.holder is not None:
            held[proxy.holder] = held.get(proxy.holder, 0) + 1
    if givers & held.keys():
        raise GovernanceError(
            "CAE-PROXY-CHAIN",
            "who holds a proxy comes to the meeting: they cannot give one",
        )
    if held and max(held.values()) > limit:
        raise GovernanceError(
            "CAE-PROXY-LIMIT", f"one member holds {limit} proxies at most"
        )
