"""How well a sign-in is evidenced (签到凭证等级): computed from facts, shown in words, never a punishment.

A code that was photographed and sent elsewhere may pass within its seconds. What speaks for a sign-in is what is hard
to send along: the venue's own network, a person who saw it, presence until the end, answers to random checks. What
speaks against it is listed for a person to look at.
"""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, replace

from server.domain.refusals import Refusal
from server.domain.sign_ins import SignIn, Way

MOST_NETWORKS = 32
SLOW = {Way.QR: dt.timedelta(seconds=8), Way.CODE: dt.timedelta(seconds=45)}
"""A code used later than this after it began to show was near its end: enough time to send a picture of it."""
LITTLE_PRESENCE_PERCENT = 20
"""A phone that was hardly ever there after it signed in."""


class Level(enum.StrEnum):
    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"


LEVEL_WORDS: dict[Level, tuple[str, str]] = {
    Level.STRONG: ("充分", "strong"),
    Level.FAIR: ("一般", "fair"),
    Level.WEAK: ("薄弱", "weak"),
}


class Doubt(enum.StrEnum):
    """Why somebody should look at a sign-in."""

    SENT_ON = "sent_on"
    SHARED_DEVICE = "shared_device"
    DEVICE_TAKEN = "device_taken"
    PROOF_USED = "proof_used"
    NOT_THERE = "not_there"
    CHECKS_MISSED = "checks_missed"


DOUBT_WORDS: dict[Doubt, tuple[str, str]] = {
    Doubt.SENT_ON: (
        "不在会场网络，且签到码快失效时才使用",
        "From outside the venue's network, by a code that was about to end",
    ),
    Doubt.SHARED_DEVICE: ("同一浏览器先后为多人签到", "One browser signed in several people"),
    Doubt.DEVICE_TAKEN: ("手机已为他人签到", "The phone had signed in somebody else"),
    Doubt.PROOF_USED: ("扫码已被他人使用", "The scan had been used by somebody else"),
    Doubt.NOT_THERE: ("签到后几乎没有在线", "Hardly ever online after signing in"),
    Doubt.CHECKS_MISSED: ("随机确认均未应答", "Answered none of the random checks"),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What is known of one sign-in. None: not known, which speaks neither way.

    ``at_network``: it came from one of the venue's networks. ``latency_ms``: from the code's first showing to its use.
    ``present_percent``: by the member's own devices, on a phone. ``checks``, ``confirmed``: asked and answered.
    """

    way: Way
    at_venue: bool
    at_network: bool | None = None
    latency_ms: int | None = None
    own_device: bool = True
    flags: tuple[Doubt, ...] = ()
    present_percent: int | None = None
    checks: int = 0
    confirmed: int = 0


def doubts(parts: Parts) -> tuple[Doubt, ...]:
    """In the order of telling. Who was signed in by a person is doubted for nothing but what that person saw."""
    return tuple(dict.fromkeys((*parts.flags, *_doubts(parts))))


def _doubts(parts: Parts) -> Iterable[Doubt]:
    if parts.way is Way.ASSISTED:
        return
    if parts.at_network is False and _slow(parts):
        yield Doubt.SENT_ON
    if not parts.at_venue and parts.present_percent is not None and parts.present_percent < LITTLE_PRESENCE_PERCENT:
        yield Doubt.NOT_THERE
    if parts.checks and not parts.confirmed:
        yield Doubt.CHECKS_MISSED


def _slow(parts: Parts) -> bool:
    """Mobile data in a room is everyday, and so is a scan at the last moment; both together may be a picture sent."""
    limit = SLOW.get(parts.way)
    return limit is not None and parts.latency_ms is not None and parts.latency_ms > limit // _MS


_MS = dt.timedelta(milliseconds=1)


def level(parts: Parts) -> Level:
    """A doubt makes it weak; a person, the venue's network or answered checks make it strong; else it is fair.

    The venue's own screen is always in its network, whoever types there: that speaks for nobody.
    """
    if doubts(parts):
        return Level.WEAK
    seen = parts.way is Way.ASSISTED
    confirmed = parts.checks > 0 and parts.confirmed == parts.checks
    there = parts.at_network and parts.way is not Way.KIOSK
    return Level.STRONG if seen or there or confirmed else Level.FAIR


# ---- networks --------------------------------------------------------------------------------------------


def networks_of(texts: Iterable[str]) -> tuple[str, ...]:
    """CIDR notation in one spelling, in order, each once. Raises ``invalid_body``."""
    try:
        parsed = {ipaddress.ip_network(text.strip(), strict=False) for text in texts}
    except ValueError:
        raise Refusal("invalid_body", "networks: an address or a network such as 192.168.8.0/24") from None
    if len(parsed) > MOST_NETWORKS or any(network.prefixlen == 0 for network in parsed):
        raise Refusal("invalid_body", f"networks: {MOST_NETWORKS} at most, none of them everything")
    return tuple(str(network) for network in sorted(parsed, key=lambda each: (each.version, each)))


def within(address: str, networks: Iterable[str]) -> bool | None:
    """Whether an address belongs to one of the networks. None: no networks are known, or the address is none."""
    known = tuple(networks)
    if not known:
        return None
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain in ipaddress.ip_network(network) for network in known)


def evidenced(asked: SignIn, networks: Iterable[str], *, shares_device: bool) -> SignIn:
    """A sign-in that is being made at a venue, with what is known of where it came from. A device that the venue
    shares is nobody's own: it signs in several, one after the other.
    """
    device = None if shares_device else asked.device_digest
    return replace(asked, at_network=within(asked.address, networks), device_digest=device)


def latency_ms(sign_in: SignIn) -> int | None:
    """From the code's first showing to its use."""
    return None if sign_in.shown_at is None else max(0, (sign_in.at - sign_in.shown_at) // _MS)
