"""Shelves of the organisation: its units, its members, its venues, and what was changed in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.accounts import Account
from server.domain.imports import Parcel
from server.domain.listing import Change, Count, Listed, MemberFilter
from server.domain.members import Group, Loan, Member, Membership
from server.domain.operators import Operator
from server.domain.pairing import Device, Pairing
from server.domain.personnel import MemberFile
from server.domain.registry import VenueChange
from server.domain.roster import Person
from server.domain.unit_rules import UnitRule, UnitRules
from server.domain.units import Placement, Unit, UnitTree
from server.domain.venues import Venue


class UnitShelf(Protocol):
    def tree(self) -> UnitTree: ...

    def line(self, unit_id: str, on: dt.date) -> tuple[str, ...]:
        """The unit, its parent, … up to the root. Raises ``unit_not_found``."""
        ...

    def names(self, unit_ids: Collection[str], on: dt.date) -> dict[str, str]:
        """What they were called on that day."""
        ...

    def member_counts(self, on: dt.date) -> dict[str, int]:
        """Members who belong to each unit directly."""
        ...

    def add(self, units: Sequence[Unit], placements: Sequence[Placement]) -> None: ...

    def lock(self, unit_id: str) -> Unit:
        """For changing it, one change of the tree after the other. Raises ``unit_not_found``."""
        ...

    def save(self, tree: UnitTree, unit_id: str) -> None:
        """The unit as it is in ``tree``; its version counts on."""
        ...

    def rules(self) -> UnitRules: ...

    def put_rule(self, rule: UnitRule) -> None:
        """In place of the unit's rule of the same day."""
        ...

    def groups(self, unit_ids: Collection[str]) -> tuple[Group, ...]: ...

    def group(self, group_id: str) -> Group | None: ...

    def put_group(self, group: Group) -> None:
        """Its meetings that are not opened yet name it so."""
        ...

    def drop_group(self, group_id: str) -> None:
        """Its members belong to none afterwards."""
        ...


class MemberShelf(Protocol):
    def names(self, member_ids: Collection[str]) -> dict[str, str]: ...

    def add(self, members: Sequence[Member], memberships: Sequence[Membership]) -> None: ...

    def people(self, unit_ids: Collection[str], on: dt.date) -> tuple[Person, ...]:
        """Who belongs to these units directly."""
        ...

    def found(self, member_ids: Collection[str], on: dt.date) -> dict[str, Person]:
        """By id; who belongs to no unit on that day is not in it."""
        ...

    def in_group(self, group_id: str) -> frozenset[str]:
        """Who was put into it; counts only for those who belong to its branch."""
        ...

    def known_as(self, name: str, numbers: Collection[str], limit: int) -> tuple[str, ...]:
        """Whoever has exactly this name (spaces apart) or one of these login numbers; by number."""
        ...

    def loans_on(self, on: dt.date) -> tuple[Loan, ...]:
        """All that hold on a day."""
        ...

    def lock(self, member_id: str) -> MemberFile | None:
        """For changing it."""
        ...

    def files(self, member_ids: Collection[str]) -> dict[str, MemberFile]:
        """By id, thousands at once."""
        ...

    def enter(self, files: Sequence[MemberFile]) -> None:
        """New ones, thousands at once."""
        ...

    def save(self, files: Sequence[MemberFile]) -> None:
        """Those that are there already, thousands at once; their versions count on."""
        ...

    def remind(self, member_ids: Collection[str], days: Collection[tuple[str, dt.date]], today: dt.date) -> None:
        """Days to come on which these members belong elsewhere or nowhere, in the place of those before."""

    def due(self, today: dt.date, limit: int) -> tuple[tuple[str, dt.date], ...]:
        """Members and days of :meth:`remind` that have come, the oldest first."""
        ...

    def done(self, member_id: str, day: dt.date) -> None: ...

    def anybody(self, unit_id: str, on: dt.date) -> bool:
        """Whether somebody belongs to it or is on loan there, on that day or later."""
        ...


class OrganisationShelf(Protocol):
    def listed(self, wanted: MemberFilter, on: dt.date, after: str | None, limit: int) -> tuple[Listed, ...]:
        """By pinyin, after the member ``after``."""
        ...

    def counted(self, wanted: MemberFilter, on: dt.date) -> tuple[Count, ...]:
        """How many of each kind are listed."""
        ...

    def sizes(self, on: dt.date) -> tuple[tuple[str, Count], ...]:
        """Members who belong to each unit directly, by kind."""
        ...

    def note(self, changes: Sequence[Change]) -> None: ...

    def pack(self, files: Sequence[MemberFile], added: Sequence[Account], changes: Sequence[Change]) -> Parcel:
        """Ready to be written. Writes nothing: to be asked of a transaction that reads."""
        ...

    def unpack(self, parcel: Parcel) -> None: ...

    def stamp(self) -> tuple[int, int]:
        """Differs when units, people or accounts may differ. Cheap."""
        ...

    def history(self, *, unit_id: str | None = None, member_id: str | None = None, limit: int) -> tuple[Change, ...]:
        """Newest first."""
        ...


class OperatorShelf(Protocol):
    """Who operates which room; all rows, the earliest first."""

    def lock(self, venue_id: str) -> None:
        """One change of a room's operators after the other."""
        ...

    def of_venues(self, venue_ids: Collection[str]) -> tuple[Operator, ...]: ...

    def of_accounts(self, account_ids: Collection[str]) -> tuple[Operator, ...]: ...

    def add(self, operator: Operator) -> None: ...

    def end(self, operator: Operator) -> None:
        """Its last day, and who said so."""
        ...

    def withdraw(self, operator_id: str) -> None:
        """One that never began."""
        ...


class VenueShelf(Protocol):
    def get(self, venue_id: str) -> Venue | None: ...

    def all(self) -> tuple[Venue, ...]: ...

    def of_places(self, lesson_venue_ids: Collection[str]) -> dict[str, Venue]:
        """By lesson venue."""
        ...

    def set_network(self, venue_id: str, networks: Sequence[str], *, shares_device: bool) -> None: ...

    def add(self, venues: Sequence[Venue]) -> None: ...

    def save(self, venue: Venue) -> None:
        """What its keeper says of it, and its version."""
        ...

    def note(self, change: VenueChange) -> None: ...

    def history(self, venue_id: str, limit: int) -> tuple[VenueChange, ...]:
        """The newest first."""
        ...


class DeviceShelf(Protocol):
    """Venues' devices, and the screens that wait to become one."""

    def wait(self, pairing: Pairing) -> None: ...

    def waiting(self, now: dt.datetime) -> tuple[Pairing, ...]:
        """The screens that wait."""
        ...

    def drop(self, pairing_id: str) -> None:
        """It waits no longer."""

    def of_account(self, account_id: str) -> Device | None: ...

    def pairing(self, pairing_id: str) -> Pairing | None: ...

    def shown(self, code_digest: str, *, lock: bool = False) -> Pairing | None:
        """By the code on its screen, locked."""
        ...

    def claim(self, pairing_id: str, device_id: str) -> None: ...

    def add(self, device: Device) -> None: ...

    def get(self, device_id: str) -> Device | None: ...

    def of_venue(self, venue_id: str) -> tuple[Device, ...]:
        """The newest first, with those that were revoked."""
        ...

    def counted(self, venue_ids: Collection[str]) -> dict[str, int]:
        """How many of each venue were not revoked."""
        ...

    def revoke(self, device_id: str, by: str, at: dt.datetime) -> None: ...

    def forget_before(self, before: dt.datetime) -> int:
        """Codes that ended before."""
        ...
