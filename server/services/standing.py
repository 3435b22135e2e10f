"""Where members stand in a year: own, one's people one by one, and how many of each unit."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.attendance_report import in_tree_order
from server.domain.dated_rules import in_force
from server.domain.ledger import EntryKind
from server.domain.names import in_natural_order
from server.domain.personnel import MemberFile
from server.domain.refusals import Refusal
from server.domain.study_roles import RoleRow, position_on
from server.domain.units import UnitTree
from server.domain.year_rules import LoanCount, Position, YearRule, day_of_year
from server.domain.year_standing import (
    Asked,
    Place,
    StandingState,
    Tally,
    TypeSum,
    YearStanding,
    asked_of,
    by_type,
    in_total,
    place_in,
    reached,
    standing_of,
)
from server.services.credit_report import units_of_year
from server.services.member_credit import require_member
from server.services.records import Records, Transaction
from server.services.views import Named, RuleNameView


@dataclass(frozen=True, slots=True)
class StandingView:
    """In hundredths. ``on``: the day of the year on which unit, position and rule were looked at. ``position`` None:
    exempt on that day. ``target`` None: nothing is asked. ``months``: of how many of them a twelfth is asked each; 12
    where the rule does not go by months. ``place``: how the one counts in the unit that was asked for; ``in_total``:
    whether its sum has him in it, who may be listed in two.
    """

    year: int
    on: dt.date
    member: Named
    unit: Named
    loan: Named | None
    place: Place
    in_total: bool
    position: Position | None
    state: StandingState
    target: int | None
    months: int
    earned: int
    counted: int
    carried: int
    total: int
    short: int
    types: tuple[TypeSum, ...]
    rule: RuleNameView | None


@dataclass(frozen=True, slots=True)
class StandingPage:
    """``tally``: of all, also when ``items`` are of one state."""

    year: int
    on: dt.date
    unit: Named
    tally: Tally
    items: tuple[StandingView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class UnitTally:
    """With all below it, but for the unit that was asked for: that has its own people here alone."""

    unit: Named
    tally: Tally
    reached: int | None


@dataclass(frozen=True, slots=True)
class UnitsStanding:
    """``reached``: in thousandths of those who are asked for something, null for fewer than five."""

    year: int
    on: dt.date
    unit: Named
    tally: Tally
    reached: int | None
    units: tuple[UnitTally, ...]


@dataclass(frozen=True, slots=True)
class InYear:
    """A member in a year, as far as it goes. ``home``: the own unit, ``host``: with which it is on loan.
    ``rows``: what it was asked as, by date.
    """

    file: MemberFile
    home: str
    host: str | None
    position: Position | None
    rule: YearRule | None
    standing: YearStanding
    rows: tuple[RoleRow, ...]

    @property
    def loans(self) -> LoanCount:
        return self.rule.loans if self.rule else LoanCount.APART


class Year:
    """What a year of some members is reckoned from; reads each table once."""

    def __init__(self, tx: Transaction, year: int, now: dt.datetime) -> None:
        self.year, self.on = year, day_of_year(year, tx.calendar.day(now))
        self.tree: UnitTree = tx.units.tree()
        self._tx, self._now = tx, now
        self._lines: dict[str, tuple[str, ...]] = {}
        self._rules = tx.year_rules.of_units([unit.id for unit in self.tree.units])

    def named(self, unit_id: str) -> Named:
        return Named(unit_id, self.tree.name(unit_id, self.on))

    def line(self, unit_id: str) -> tuple[str, ...]:
        if unit_id not in self._lines:
            self._lines[unit_id] = self.tree.line(unit_id, self.on)
        return self._lines[unit_id]

    def of_members(self, member_ids: Collection[str]) -> tuple[InYear, ...]:
        files, roles = self._tx.members.files(member_ids), self._tx.study_roles.of_members(member_ids)
        earned = self._earned(self.year, member_ids)
        rules = {file.member.id: self._rule(file) for file in files.values()}
        carrying = [key for key, rule in rules.items() if rule and rule.carry_most_hundredths]
        before = Year(self._tx, self.year - 1, self._now).plain(carrying, files, roles) if carrying else {}
        none = dict[EntryKind, int]()

        def one(file: MemberFile) -> InYear:
            key = file.member.id
            rule, rows = rules[key], roles.get(key, ())
            asked, position = self._asked(file, rows, rule)
            loan = file.loan(self.on)
            standing = standing_of(earned.get(key, none), rule, asked, before.get(key))
            return InYear(
                file, file.home(self.on), loan.unit_id if loan else None, position, rule, standing, tuple(rows)
            )

        return tuple(one(file) for file in files.values())

    def plain(
        self, member_ids: Sequence[str], files: dict[str, MemberFile], roles: dict[str, tuple[RoleRow, ...]]
    ) -> dict[str, YearStanding]:
        """Without what came over from the year before this one: of that nothing is carried on."""
        earned, found = self._earned(self.year, member_ids), dict[str, YearStanding]()
        for key in member_ids:
            rule = self._rule(files[key])
            asked, _ = self._asked(files[key], roles.get(key, ()), rule)
            found[key] = standing_of(earned.get(key, {}), rule, asked)
        return found

    def _earned(self, year: int, member_ids: Collection[str]) -> dict[str, dict[EntryKind, int]]:
        sums = self._tx.ledger.sums_of_members(member_ids, *self._tx.calendar.year_bounds(year))
        amounts = defaultdict[str, list[tuple[EntryKind, int]]](list)
        for each in sums:
            amounts[each.member_id].append((EntryKind(each.kind), each.hundredths))
        return {member_id: by_type(of_one) for member_id, of_one in amounts.items()}

    def _rule(self, file: MemberFile) -> YearRule | None:
        return in_force(self._rules, self.line(file.home(self.on)), self.on)

    def _asked(self, file: MemberFile, rows: Sequence[RoleRow], rule: YearRule | None) -> tuple[Asked, Position | None]:
        now = position_on(rows, Position.of(file.kind(self.on)), self.on)
        if rule is None or not rule.by_month:
            return asked_of(rule, now), now
        return asked_of(rule, now, list(self._positions(file, rows).values())), now

    def _positions(self, file: MemberFile, rows: Sequence[RoleRow]) -> dict[int, Position | None]:
        """As what on the first day of each month in which it belonged to us; None: exempt."""
        firsts = [dt.date(self.year, month, 1) for month in range(1, 13)]
        mine = [first for first in firsts if file.unit(first) is not None]
        return {first.month: position_on(rows, Position.of(file.kind(first)), first) for first in mine}

    def months_asked(self, one: InYear) -> tuple[int, ...]:
        """Of which months a rule by month asks a twelfth each."""
        return tuple(month for month, each in self._positions(one.file, one.rows).items() if each is not None)

    def of_units(self, below: frozenset[str]) -> tuple[InYear, ...]:
        """Whose unit is one of these on the day, and who is on loan to one of them."""
        own = {person.member_id for person in self._tx.members.people(sorted(below), self.on)}
        lent = {loan.member_id for loan in self._tx.members.loans_on(self.on) if loan.unit_id in below}
        return self.of_members(own | lent)


def _view(year: Year, one: InYear, place: Place) -> StandingView:
    standing, rule = one.standing, one.rule
    return StandingView(
        year=year.year,
        on=year.on,
        member=Named(one.file.member.id, one.file.member.name),
        unit=year.named(one.home),
        loan=year.named(one.host) if one.host else None,
        place=place,
        in_total=in_total(place, one.loans),
        position=one.position,
        state=standing.state,
        target=standing.asked.hundredths,
        months=standing.asked.months,
        earned=standing.earned,
        counted=standing.counted,
        carried=standing.carried,
        total=standing.total,
        short=standing.short,
        types=standing.types,
        rule=RuleNameView(rule.id, rule.name, rule.version) if rule else None,
    )


def asked_year(tx: Transaction, year: int | None, now: dt.datetime) -> int:
    return tx.calendar.day(now).year if year is None else year


async def own_standing(records: Records, principal: Principal, year: int | None, now: dt.datetime) -> StandingView:
    """Raises ``member_not_found`` for an account that is no member's."""

    def load(tx: Transaction) -> StandingView:
        return _member(Year(tx, asked_year(tx, year, now), now), principal.member_id)

    return await records.read(load)


def _member(year: Year, member_id: str | None) -> StandingView:
    found = year.of_members([member_id]) if member_id else ()
    if not found:
        raise Refusal("member_not_found", member_id or "no member")
    one = found[0]
    return _view(year, one, place_in(home=True, host=False if one.host else None, loans=one.loans) or Place.COUNTED)


async def member_standing(
    records: Records, principal: Principal, member_id: str, year: int | None, now: dt.datetime
) -> StandingView:
    """For who looks after the member's unit of today. Raises ``forbidden``, ``member_not_found``."""

    def load(tx: Transaction) -> StandingView:
        require_member(tx, principal, member_id, now)
        return _member(Year(tx, asked_year(tx, year, now), now), member_id)

    return await records.read(load)


async def unit_standings(
    records: Records,
    principal: Principal,
    unit_id: str,
    year: int | None,
    now: dt.datetime,
    *,
    state: StandingState | None = None,
    shortest_first: bool = False,
    offset: int = 0,
    limit: int | None = None,
) -> StandingPage:
    """Of the unit and all below it, by tree and name; ``shortest_first``: who lacks most before, by tree and name among
    equals. Who is on loan stands where the rule of the own unit says. ``limit`` None: all.

    Raises ``forbidden`` for who looks after no unit, ``unit_not_found``.
    """

    def load(tx: Transaction) -> StandingPage:
        known = Year(tx, asked_year(tx, year, now), now)
        below = units_of_year(known.tree, principal, unit_id, known.on, tx.calendar.day(now))
        people, tally = placed(known.of_units(below), below.__contains__)
        order = {each: at for at, (each, _, _) in enumerate(in_tree_order(below, known.tree, known.on))}

        def key(pair: tuple[InYear, Place]) -> tuple[object, ...]:
            one = pair[0]
            lacking = -one.standing.short if shortest_first else 0
            return lacking, order.get(one.home, len(order)), in_natural_order(one.file.member.name), one.file.member.id

        rows = sorted((pair for pair in people if state in (None, pair[0].standing.state)), key=key)
        last = len(rows) if limit is None else offset + limit
        return StandingPage(
            year=known.year,
            on=known.on,
            unit=known.named(unit_id),
            tally=tally,
            items=tuple(_view(known, one, place) for one, place in rows[offset:last]),
            next_cursor=str(last) if last < len(rows) else None,
        )

    return await records.read(load)


async def units_standing(
    records: Records, principal: Principal, unit_id: str, year: int | None, now: dt.datetime
) -> UnitsStanding:
    """How many of the unit and of each directly below it reach their target; numbers, no order by them.

    Raises ``forbidden``, ``unit_not_found``.
    """

    def load(tx: Transaction) -> UnitsStanding:
        known = Year(tx, asked_year(tx, year, now), now)
        below = units_of_year(known.tree, principal, unit_id, known.on, tx.calendar.day(now))
        people = known.of_units(below)
        part = {each: _part(known.line(each), unit_id) for each in below}
        members: defaultdict[str, list[InYear]] = defaultdict(list)
        for one in people:
            for key in {part.get(one.home), part.get(one.host or "")} - {None}:
                members[key or ""].append(one)
        ordered = [each for each, _, _ in in_tree_order(set(part.values()), known.tree, known.on)]

        def of_part(key: str) -> UnitTally:
            tally = placed(members[key], lambda unit: part.get(unit) == key)[1]
            return UnitTally(known.named(key), tally, reached(tally))

        whole = placed(people, below.__contains__)[1]
        parts = tuple(of_part(key) for key in ordered)
        return UnitsStanding(known.year, known.on, known.named(unit_id), whole, reached(whole), parts)

    return await records.read(load)


def _part(line: Sequence[str], unit_id: str) -> str:
    """Which of those directly below the unit it belongs to, or the unit itself."""
    return line[max(0, line.index(unit_id) - 1)]


def placed(people: Iterable[InYear], inside: Callable[[str], bool]) -> tuple[list[tuple[InYear, Place]], Tally]:
    """Where each stands in the figures of the units that are ``inside``; who stands nowhere is left out."""
    found, tally = list[tuple[InYear, Place]](), Tally()
    for one in people:
        host = None if one.host is None else inside(one.host)
        place = place_in(home=inside(one.home), host=host, loans=one.loans)
        if place is not None:
            found.append((one, place))
            tally.add(place, one.standing.state)
    return found, tally
