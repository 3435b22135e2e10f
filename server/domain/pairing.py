"""Venue devices (会场设备): a new PC shows a code, who answers for the venue types it, and it gets a login of its own.

The code is shown on a screen in a room, so it lives for minutes and is good once; what the PC holds to fetch its login
with is a secret that was never shown. Of both only digests are kept.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from server.domain.access import AccountKind, Action, Principal, require_in_unit
from server.domain.refusals import Refusal
from server.domain.venues import Venue

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which look like digits from the last row."""
LENGTH = 8
LIFE = dt.timedelta(minutes=10)
DEVICE_SESSION = dt.timedelta(days=400)
"""What browsers keep a cookie for at most; a room is used once a month. Revoking ends it at once."""
MOST_WAITING = 500
"""Screens that show a code at once; more is nobody setting up rooms."""
MOST_OF_NETWORK = 60
"""Of those, of one network: a training room full of new PCs."""
MOST_DEVICES = 20
"""Of one venue, that were not revoked."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """A screen that waits to be paired. ``device_id``: it was."""

    id: str
    code_digest: str
    secret_digest: str
    browser: str
    address: str
    created_at: dt.datetime
    expires_at: dt.datetime
    device_id: str | None = None

    def waits(self, now: dt.datetime) -> bool:
        return self.device_id is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Device:
    """A venue's PC with an account of its own. ``browser``: what it called itself when it was paired."""

    id: str
    venue_id: str
    account_id: str
    name: str
    browser: str
    paired_by: str
    paired_at: dt.datetime
    revoked_by: str | None = None
    revoked_at: dt.datetime | None = None


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def typed(text: str) -> str:
    """The letters of what somebody typed: spaces and dashes between them don't count, full-width and small ones do."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in plain if sign.isascii() and sign.isalpha())


def network_of(address: str) -> str:
    """What one network is in sharing out the screens that wait: a /24, of IPv6 a /56; else the address itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = getattr(found, "ipv4_mapped", None) or found
    return str(ipaddress.ip_network((mapped, 24 if mapped.version == 4 else 56), strict=False))


def falls_out(waiting: Iterable[Pairing], newcomer: Pairing) -> Pairing | None:
    """Who makes room for it: the oldest of its own network when that has its share, else, when all places are taken,
    the oldest of the network that has the most. So who asks from few addresses pushes out the own screens alone.
    """
    networks: dict[str, list[Pairing]] = {network_of(newcomer.address): [newcomer]}
    for one in waiting:
        networks.setdefault(network_of(one.address), []).append(one)
    own = networks[network_of(newcomer.address)]
    if len(own) > MOST_OF_NETWORK:
        crowd = own
    elif sum(map(len, networks.values())) > MOST_WAITING:
        crowd = max(networks.values(), key=lambda each: (len(each), each is own))
    else:
        return None
    return min((one for one in crowd if one is not newcomer), key=lambda one: (one.created_at, one.id), default=None)


def check_keeper(principal: Principal, venue: Venue, unit_line: tuple[str, ...]) -> None:
    """Who pairs and revokes: the venue's operator for the own room, who plans lessons in its unit. Never a device: it
    would multiply itself. Raises ``forbidden``.
    """
    if principal.kind is AccountKind.DEVICE:
        raise Refusal("forbidden", "a device")
    if venue.id not in principal.rooms:
        require_in_unit(principal, Action.EDIT, unit_line)
