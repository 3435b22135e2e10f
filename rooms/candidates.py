"""Where we can be reached: ICE host candidates (RFC 8445, 5.1.2; RFC 6544, 4.2), UDP first, TCP for who has none."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Sequence

from rooms.interface import NodeConfig

UDP_PREFERENCE, TCP_PREFERENCE = 126, 90
# RFC 6544, 4.2: of host candidates active is 6, passive 4, simultaneous-open 2.
PASSIVE_PREFERENCE = 4 << 13
COMPONENT = 1


def in_order(addresses: Sequence[str]) -> tuple[str, ...]:
    """IPv6 first and then in turn (RFC 8421, 4): where both work the newer, where one does not only a few checks.

    Within a family as given; the loopback last; what others cannot reach (link-local, with a zone or not) not at all.
    """
    parsed = [ipaddress.ip_address(text) for text in dict.fromkeys(addresses) if "%" not in text]
    reached = [one for one in parsed if not (one.is_link_local or one.is_multicast or one.is_unspecified)]
    away = [one for one in reached if not one.is_loopback]
    six, four = ([one for one in away if one.version == version] for version in (6, 4))
    turns = [one for pair in itertools.zip_longest(six, four) for one in pair if one is not None]
    return tuple(map(str, (*turns, *(one for one in reached if one.is_loopback))))


def of(config: NodeConfig, port: int) -> tuple[str, ...]:
    """Lines for a node with ``port`` of its own: none of it where somebody else's port hands everything over."""
    addresses = in_order(config.announced)
    if config.handed_port is not None:
        return lines(addresses, None, config.handed_port)
    return lines(addresses, port, port if config.tcp else None)


def lines(addresses: Sequence[str], udp_port: int | None, tcp_port: int | None) -> tuple[str, ...]:
    """``a=candidate`` lines for addresses in our order of preference, and the word that there are no more."""
    found: list[str] = []
    if udp_port is not None:
        for number, address in enumerate(addresses):
            found.append(
                f"{_foundation(found)} udp {_priority(UDP_PREFERENCE, 65535 - number)} {address} {udp_port} typ host"
            )
    if tcp_port is not None:
        for number, address in enumerate(addresses):
            priority = _priority(TCP_PREFERENCE, PASSIVE_PREFERENCE + 8191 - number)
            found.append(f"{_foundation(found)} tcp {priority} {address} {tcp_port} typ host tcptype passive")
    return (*(f"a=candidate:{line}" for line in found), "a=end-of-candidates")


def _foundation(before: Sequence[str]) -> str:
    """One for each address and protocol."""
    return f"{len(before) + 1} {COMPONENT}"


def _priority(kind: int, local: int) -> int:
    return kind << 24 | local << 8 | 256 - COMPONENT
