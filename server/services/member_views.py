"""Members as whoever looks after them sees them: listed and searched, one with all that was ever entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.domain.access import Principal
from server.domain.listing import Listed, MemberFilter
from server.domain.members import Ending, MemberKind
from server.domain.personnel import MemberFile
from server.domain.refusals import Refusal
from server.domain.stewards import Care, cares, held, may, require_care
from server.services.finding import MOST_LISTED
from server.services.organisation import MOST_REMEMBERED, ChangeView, KindSize, change_views
from server.services.records import Records, Transaction
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class MemberView:
    """``since``, ``until``, ``ending``: of the membership that is listed. ``loan``: on loan there. ``phone``: None as
    well for whoever may not see it.
    """

    id: str
    name: str
    number: str | None
    kind: MemberKind
    unit: Named
    since: dt.date
    until: dt.date | None
    ending: Ending | None
    group: Named | None
    loan: Named | None
    phone: str | None
    version: int


@dataclass(frozen=True, slots=True)
class MemberPage:
    """``total``, ``kinds``: of everything that fits, not of this page."""

    items: tuple[MemberView, ...]
    next_cursor: str | None
    total: int
    kinds: tuple[KindSize, ...]


@dataclass(frozen=True, slots=True)
class DatedUnit:
    unit: Named
    since: dt.date
    until: dt.date | None
    ending: Ending | None
    note: str


@dataclass(frozen=True, slots=True)
class DatedKind:
    since: dt.date
    kind: MemberKind


@dataclass(frozen=True, slots=True)
class MemberDetail:
    """``may``: in the unit whose member it is, or was last."""

    id: str
    name: str
    number: str | None
    kind: MemberKind
    unit: Named
    ending: Ending | None
    group: Named | None
    phone: str | None
    units: tuple[DatedUnit, ...]
    kinds: tuple[DatedKind, ...]
    loans: tuple[DatedUnit, ...]
    history: tuple[ChangeView, ...]
    may: tuple[Care, ...]
    version: int


async def list_members(
    records: Records,
    principal: Principal,
    wanted: MemberFilter,
    *,
    unit_id: str | None,
    cursor: str | None,
    limit: int,
    now: dt.datetime,
) -> MemberPage:
    """By pinyin. ``unit_id``: its members and those of all below it; None: everybody in the principal's care.

    ``cursor`` is a member's id. Raises ``forbidden``, ``unit_not_found``.
    """
    roots, most = held(principal), max(1, min(limit, MOST_LISTED))

    def load(tx: Transaction) -> MemberPage:
        today, tree = tx.calendar.day(now), tx.units.tree()
        if unit_id is not None:
            require_care(principal, Care.SEE, tree.line(unit_id, today), "unit_not_found")
        below = (tree.subtree(root, today) for root in ([unit_id] if unit_id is not None else roots))
        narrowed = replace(wanted, unit_ids=frozenset[str]().union(*below))
        rows = tx.organisation.listed(narrowed, today, cursor, most + 1)
        counts = tx.organisation.counted(narrowed, today)
        items = _items(tx, principal, rows[:most], today)
        return MemberPage(
            items,
            items[-1].id if len(rows) > most else None,
            sum(count.members for count in counts),
            tuple(KindSize(count.kind, count.members) for count in counts),
        )

    return await records.read(load)


def _items(tx: Transaction, principal: Principal, rows: Sequence[Listed], on: dt.date) -> tuple[MemberView, ...]:
    tree = tx.units.tree()
    units = {row.unit_id for row in rows}
    groups = {group.id: group for group in tx.units.groups(units)}
    with_phones = {unit_id for unit_id in units if Care.PHONES in cares(principal, tree.line(unit_id, on))}

    def named(unit_id: str) -> Named:
        return Named(unit_id, tree.name(unit_id, on))

    def one(row: Listed) -> MemberView:
        group = groups.get(row.group_id or "")
        return MemberView(
            id=row.member_id,
            name=row.name,
            number=row.number,
            kind=row.kind,
            unit=named(row.unit_id),
            since=row.since,
            until=row.until,
            ending=Ending(row.ending) if row.ending else None,
            group=Named(group.id, group.name) if group and group.unit_id == row.unit_id else None,
            loan=named(row.loan_unit_id) if row.loan_unit_id else None,
            phone=row.phone if row.unit_id in with_phones else None,
            version=row.version,
        )

    return tuple(one(row) for row in rows)


async def see_member(records: Records, principal: Principal, member_id: str, now: dt.datetime) -> MemberDetail:
    """Raises ``member_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> MemberDetail:
        file = tx.members.files([member_id]).get(member_id)
        return detail(tx, principal, cared(tx, principal, Care.SEE, file, now), now)

    return await records.read(load)


def cared(tx: Transaction, principal: Principal, care: Care, file: MemberFile | None, now: dt.datetime) -> MemberFile:
    """Raises ``member_not_found``, also for whoever is not in the principal's care, and ``forbidden``."""
    if file is None:
        held(principal)
        raise Refusal("member_not_found")
    today = tx.calendar.day(now)
    require_care(principal, care, tx.units.line(file.home(today), today), "member_not_found")
    return file


def detail(tx: Transaction, principal: Principal, file: MemberFile, now: dt.datetime) -> MemberDetail:
    today, tree, member = tx.calendar.day(now), tx.units.tree(), file.member
    home = file.home(today)
    line = tree.line(home, today)
    gone = file.membership(today) is None
    group = tx.units.group(member.group_id) if member.group_id else None
    changes = tx.organisation.history(member_id=member.id, limit=MOST_REMEMBERED)

    def named(unit_id: str, since: dt.date) -> Named:
        return Named(unit_id, tree.name(unit_id, max(since, tree.founded(unit_id) or since)))

    return MemberDetail(
        id=member.id,
        name=member.name,
        number=tx.accounts.numbers([member.id]).get(member.id),
        kind=file.kind(today),
        unit=named(home, today),
        ending=file.last.ending if gone else None,
        group=Named(group.id, group.name) if group and group.unit_id == home else None,
        phone=member.phone if Care.PHONES in cares(principal, line) else None,
        units=tuple(
            DatedUnit(named(row.unit_id, row.since), row.since, row.until, row.ending, row.note)
            for row in file.memberships
        ),
        kinds=(
            DatedKind(file.memberships[0].since, member.kind),
            *(DatedKind(row.since, row.kind) for row in file.kinds),
        ),
        loans=tuple(
            DatedUnit(named(row.unit_id, row.since), row.since, row.until, None, row.note) for row in file.loans
        ),
        history=change_views(tx, changes),
        may=may(principal, line),
        version=member.version,
    )
