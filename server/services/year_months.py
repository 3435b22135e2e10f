"""A unit's year month by month: what was added a head, and how many kept up with what was due."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.ledger import EntryKind
from server.domain.year_months import WHOLE_YEAR, MonthFigures, MonthPath, due_by_month, figures, totals_by_month
from server.domain.year_rules import type_of
from server.domain.year_standing import Place
from server.services.credit_report import units_of_year
from server.services.records import Records, Transaction
from server.services.standing import InYear, Year, asked_year, placed
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class YearMonths:
    """``people``: of whom the figures are, all who are asked for something. ``months``: up to that of ``on``."""

    year: int
    on: dt.date
    unit: Named
    people: int
    months: tuple[MonthFigures, ...]


async def unit_months(
    records: Records, principal: Principal, unit_id: str, year: int | None, now: dt.datetime
) -> YearMonths:
    """Of the unit and all below it. Raises ``forbidden`` for who looks after no unit, ``unit_not_found``."""

    def load(tx: Transaction) -> YearMonths:
        known = Year(tx, asked_year(tx, year, now), now)
        below = units_of_year(known.tree, principal, unit_id, known.on, tx.calendar.day(now))
        rows, _ = placed(known.of_units(below), below.__contains__)
        asked = [one for one, place in rows if place is Place.COUNTED and one.standing.asked.hundredths is not None]
        until = known.on.month
        earned = _earned(tx, known.year, [one.file.member.id for one in asked])
        paths = [_path(known, one, earned.get(one.file.member.id, {}), until) for one in asked]
        return YearMonths(known.year, known.on, known.named(unit_id), len(paths), figures(paths, until))

    return await records.read(load)


def _earned(tx: Transaction, year: int, member_ids: Collection[str]) -> dict[str, dict[int, dict[EntryKind, int]]]:
    """By member, month and type; corrections with the lessons that they stand in for."""
    found: defaultdict[str, defaultdict[int, defaultdict[EntryKind, int]]]
    found = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for each in tx.ledger.months_of_members(member_ids, tx.calendar.month_bounds(year)):
        found[each.member_id][each.month][type_of(EntryKind(each.kind))] += each.hundredths
    return {member: {month: dict(kinds) for month, kinds in months.items()} for member, months in found.items()}


def _path(year: Year, one: InYear, earned: dict[int, dict[EntryKind, int]], until: int) -> MonthPath:
    rule, standing = one.rule, one.standing
    months = year.months_asked(one) if rule and rule.by_month else WHOLE_YEAR
    return MonthPath(
        standing.carried,
        totals_by_month(earned, rule.caps if rule else {}, standing.carried, until),
        due_by_month(standing.asked.hundredths or 0, months, until),
    )
