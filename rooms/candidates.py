"""Where we can be reached: ICE host candidates (RFC 8445, 5.1.2; RFC 6544, 4.2), UDP first, TCP for who has none."""

from __future__ import annotations

from collections.abc import Sequence

UDP_PREFERENCE, TCP_PREFERENCE = 126, 90
# RFC 6544, 4.2: of host candidates active is 6, passive 4, simultaneous-open 2.
PASSIVE_PREFERENCE = 4 << 13
COMPONENT = 1


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
