"""Shelves of the organisation: its units, its members, its venues."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.members import Member, Membership
from server.domain.roster import Person
from server.domain.units import Placement, Unit, UnitTree
from server.domain.venues import Venue


class UnitShelf(Protocol):
    def tree(self) -> UnitTree: ...

    def line(self, unit_id: str, on: dt.date) -> tuple[str, ...]:
        """The unit, its parent, … up to the root. Raises ``unit_not_found``."""
        ...

    def names(self, unit_ids: Collection[str]) -> dict[str, str]: ...

    def member_counts(self, on: dt.date) -> dict[str, int]:
        """Members who belong to each unit directly."""
        ...

    def add(self, units: Sequence[Unit], placements: Sequence[Placement]) -> None: ...


class MemberShelf(Protocol):
    def names(self, member_ids: Collection[str]) -> dict[str, str]: ...

    def add(self, members: Sequence[Member], memberships: Sequence[Membership]) -> None: ...

    def people(self, unit_ids: Collection[str], on: dt.date) -> tuple[Person, ...]:
        """Who belongs to these units directly."""
        ...

    def found(self, member_ids: Collection[str], on: dt.date) -> dict[str, Person]:
        """By id; who belongs to no unit on that day is not in it."""
        ...


class VenueShelf(Protocol):
    def get(self, venue_id: str) -> Venue | None: ...

    def all(self) -> tuple[Venue, ...]: ...

    def set_network(self, venue_id: str, networks: Sequence[str], *, shares_device: bool) -> None: ...

    def add(self, venues: Sequence[Venue]) -> None: ...
