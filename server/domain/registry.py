"""The registry of venues (会场): what each is, who keeps it, and what was changed in it by whom."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from server.domain.refusals import Refusal
from server.domain.venues import Venue

MOST_SEATS = 5000
MOST_NOTES = 1000
HISTORY = 100
"""Changes that are listed, the newest first."""


class VenueChangeKind(enum.StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    RETIRED = "retired"
    RESTORED = "restored"
    NETWORK = "network"
    DEVICE_PAIRED = "device_paired"
    DEVICE_REVOKED = "device_revoked"
    OPERATOR_ASSIGNED = "operator_assigned"
    OPERATOR_ENDED = "operator_ended"
    OPERATOR_WITHDRAWN = "operator_withdrawn"


@dataclass(frozen=True, slots=True)
class VenueChange:
    """``facts``: of what was changed, ``{field: [before, after]}``; of a device its name; of an operator the account
    and its days. ``actor`` empty: nobody's hand.
    """

    at: dt.datetime
    actor: str
    kind: VenueChangeKind
    venue_id: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """What its keeper says of it."""

    name: str
    room: str
    seats: int
    notes: str = ""
    retired: bool = False


def changed(venue: Venue, facts: VenueFacts, version: int) -> tuple[Venue, dict[str, object]]:
    """The venue as it is then, and what that changes; nothing: it stays as it is. Raises ``precondition_failed``."""
    if version != venue.version:
        raise Refusal("precondition_failed", f"{venue.id} is at {venue.version}")
    wanted = asdict(facts)
    differs: dict[str, object] = {
        name: [getattr(venue, name), value] for name, value in wanted.items() if getattr(venue, name) != value
    }
    if not differs:
        return venue, differs
    return replace(venue, **wanted, version=venue.version + 1), differs


def kind_of(differs: Mapping[str, object], *, retired: bool) -> VenueChangeKind:
    if "retired" not in differs:
        return VenueChangeKind.CHANGED
    return VenueChangeKind.RETIRED if retired else VenueChangeKind.RESTORED
