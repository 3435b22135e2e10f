"""A unit's year of study credit, member by member, as the ledger has it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.attendance_report import in_tree_order
from server.domain.credit_sums import MemberYear, of_members
from server.domain.ledger import EntryKind
from server.domain.names import in_natural_order
from server.domain.refusals import Refusal
from server.domain.stewards import held
from server.domain.units import UnitTree
from server.services.records import Records, Transaction
from server.services.views import Named

_NAMES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CreditYearRow:
    """``unit``: in which the member was when it was granted. ``kinds``: hundredths by kind, every kind."""

    member: Named
    unit: Named
    hundredths: int
    entries: int
    kinds: dict[EntryKind, int]


@dataclass(frozen=True, slots=True)
class CreditYear:
    """``hundredths``, ``members``: of all rows. Who was granted nothing has no row."""

    year: int
    unit: Named
    hundredths: int
    members: int
    items: tuple[CreditYearRow, ...]
    next_cursor: str | None


async def unit_year(
    records: Records,
    principal: Principal,
    unit_id: str,
    year: int | None,
    now: dt.datetime,
    *,
    offset: int = 0,
    limit: int | None = None,
) -> CreditYear:
    """Of the unit and all below it, by tree and name, never by amount; lessons count in the year they began.

    ``limit`` None: all rows. Raises ``forbidden`` for who looks after no unit, ``unit_not_found``.
    """

    def load(tx: Transaction) -> CreditYear:
        today = tx.calendar.day(now)
        asked = today.year if year is None else year
        on = min(today, dt.date(asked, 12, 31))
        tree = tx.units.tree()
        below = units_of_year(tree, principal, unit_id, on, today)
        found = of_members(tx.ledger.sums(sorted(below), *tx.calendar.year_bounds(asked)))
        rows = _rows(tx, tree, found, on)
        last = len(rows) if limit is None else offset + limit
        return CreditYear(
            year=asked,
            unit=Named(unit_id, tree.name(unit_id, on)),
            hundredths=sum(row.hundredths for row in rows),
            members=len({row.member.id for row in rows}),
            items=rows[offset:last],
            next_cursor=str(last) if last < len(rows) else None,
        )

    return await records.read(load)


def units_of_year(tree: UnitTree, principal: Principal, unit_id: str, on: dt.date, today: dt.date) -> frozenset[str]:
    """What stood below it on the last day of the year, of that what the principal looks after today.

    Raises ``forbidden`` for who looks after no unit, ``unit_not_found``.
    """
    mine = frozenset[str]().union(*(tree.subtree(root, today) for root in held(principal)))
    if unit_id not in mine:
        raise Refusal("unit_not_found", unit_id)
    return mine & tree.subtree(unit_id, on)


def _rows(tx: Transaction, tree: UnitTree, found: tuple[MemberYear, ...], on: dt.date) -> tuple[CreditYearRow, ...]:
    ids = sorted({each.member_id for each in found})
    names: dict[str, str] = {}
    for start in range(0, len(ids), _NAMES_AT_ONCE):
        names |= tx.members.names(ids[start : start + _NAMES_AT_ONCE])
    everywhere = in_tree_order((unit.id for unit in tree.units), tree, on)
    order = {unit: at for at, (unit, _, _) in enumerate(everywhere)}
    rows = [
        CreditYearRow(
            Named(each.member_id, names[each.member_id]),
            Named(each.unit_id, tree.name(each.unit_id, on)),
            each.hundredths,
            each.entries,
            each.kinds,
        )
        for each in found
    ]

    def place(row: CreditYearRow) -> tuple[object, ...]:
        return order.get(row.unit.id, len(order)), in_natural_order(row.member.name), row.member.id

    return tuple(sorted(rows, key=place))
