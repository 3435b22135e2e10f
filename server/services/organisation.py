"""The organisation as whoever looks after it sees it: the tree with its sizes, one unit with its history."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.domain.access import Principal
from server.domain.listing import Change
from server.domain.members import Group, MemberKind
from server.domain.names import in_natural_order
from server.domain.refusals import Refusal
from server.domain.stewards import Care, held, may, require_care
from server.domain.unit_rules import Expected, Size, UnitRule
from server.domain.units import UnitKind, UnitTree
from server.services.records import Records, Transaction
from server.services.views import Named

MOST_REMEMBERED = 200
_PARTY = frozenset({MemberKind.FULL, MemberKind.PROBATIONARY})
"""Who counts for a unit's size: members of the party, not those on their way to it."""


@dataclass(frozen=True, slots=True)
class KindSize:
    kind: MemberKind
    members: int


@dataclass(frozen=True, slots=True)
class OrganisationUnit:
    """``members``, ``kinds``: of the whole subtree. ``unusual``: the usual size that it does not have; a hint only."""

    id: str
    parent_id: str | None
    name: str
    kind: UnitKind
    founded: dt.date | None
    until: dt.date | None
    members: int
    kinds: tuple[KindSize, ...]
    unusual: Size | None
    may: tuple[Care, ...]
    version: int


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """As of ``on``. ``earliest``: the first day from which units may still be changed, all before is in reports."""

    on: dt.date
    earliest: dt.date
    units: tuple[OrganisationUnit, ...]


@dataclass(frozen=True, slots=True)
class DatedName:
    since: dt.date
    name: str


@dataclass(frozen=True, slots=True)
class DatedParent:
    since: dt.date
    until: dt.date | None
    parent: Named | None


@dataclass(frozen=True, slots=True)
class GroupView:
    id: str
    unit_id: str
    name: str
    leader: Named | None
    version: int


@dataclass(frozen=True, slots=True)
class RuleView:
    """``unit`` None: what holds where nobody has said anything."""

    unit: Named | None
    since: dt.date | None
    loans: Expected
    committee: Size
    general_branch: Size
    branch: Size


@dataclass(frozen=True, slots=True)
class ChangeView:
    at: dt.datetime
    by: str
    kind: str
    since: dt.date | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UnitFile:
    """``rules``: its own, by date; ``rule``: the one in force for it today, whose ever."""

    unit: OrganisationUnit
    names: tuple[DatedName, ...]
    parents: tuple[DatedParent, ...]
    groups: tuple[GroupView, ...]
    rules: tuple[RuleView, ...]
    rule: RuleView
    history: tuple[ChangeView, ...]


async def see_organisation(
    records: Records, principal: Principal, on: dt.date | None, now: dt.datetime
) -> OrganisationView:
    """What stood on a day (today), in the principal's care, parents before children. Raises ``forbidden``."""
    roots = held(principal)

    def load(tx: Transaction) -> OrganisationView:
        today = tx.calendar.day(now)
        day = on or today
        tree = tx.units.tree()
        seen = frozenset[str]().union(*(tree.subtree(root, today) for root in roots))
        shown = [unit_id for unit_id in seen if tree.stands(unit_id, day)]
        return OrganisationView(day, earliest(tx, now), _units(tx, principal, shown, day))

    return await records.read(load)


def earliest(tx: Transaction, now: dt.datetime) -> dt.date:
    """Today, unless a lesson was opened today: its report tells of the organisation as it was this morning."""
    today = tx.calendar.day(now)
    opened = tx.lessons.opened_since(tx.calendar.begins(today))
    return today + dt.timedelta(days=1) if opened else today


def _units(tx: Transaction, principal: Principal, unit_ids: Sequence[str], on: dt.date) -> tuple[OrganisationUnit, ...]:
    tree, rules, sizes = tx.units.tree(), tx.units.rules(), _sizes(tx, on)
    lines = {unit_id: tree.line(unit_id, on) for unit_id in unit_ids}
    ordered = sorted(unit_ids, key=lambda each: (len(lines[each]), in_natural_order(tree.name(each, on)), each))

    def one(unit_id: str) -> OrganisationUnit:
        unit, parent, counts = tree.unit(unit_id), tree.parent(unit_id, on), sizes.get(unit_id, {})
        usual = rules.in_force(lines[unit_id], on).size(unit.kind)
        fits = usual.holds(sum(count for kind, count in counts.items() if kind in _PARTY))
        return OrganisationUnit(
            id=unit_id,
            parent_id=parent if parent in lines else None,
            name=tree.name(unit_id, on),
            kind=unit.kind,
            founded=tree.founded(unit_id),
            until=unit.until,
            members=sum(counts.values()),
            kinds=tuple(KindSize(kind, counts[kind]) for kind in MemberKind if kind in counts),
            unusual=None if fits else usual,
            may=may(principal, lines[unit_id]),
            version=unit.version,
        )

    return tuple(one(unit_id) for unit_id in ordered)


def _sizes(tx: Transaction, on: dt.date) -> Mapping[str, Mapping[MemberKind, int]]:
    """Of each unit with all below it."""
    tree, found = tx.units.tree(), defaultdict[str, defaultdict[MemberKind, int]](lambda: defaultdict(int))
    for unit_id, count in tx.organisation.sizes(on):
        for above in tree.line(unit_id, on):
            found[above][count.kind] += count.members
    return found


async def see_unit(records: Records, principal: Principal, unit_id: str, now: dt.datetime) -> UnitFile:
    """Raises ``unit_not_found``, ``forbidden``."""
    return await records.read(lambda tx: unit_file(tx, principal, unit_id, now))


def unit_file(tx: Transaction, principal: Principal, unit_id: str, now: dt.datetime) -> UnitFile:
    today, tree = tx.calendar.day(now), tx.units.tree()
    line = tree.line(unit_id, today)
    require_care(principal, Care.SEE, line, "unit_not_found")
    rules = tx.units.rules()
    founded = tree.founded(unit_id) or today
    return UnitFile(
        unit=_units(tx, principal, [unit_id], today)[0],
        names=_names(tree, unit_id, founded),
        parents=tuple(
            DatedParent(p.since, p.until, _named(tree, p.parent_id, max(p.since, founded)))
            for p in tree.placements_of(unit_id)
        ),
        groups=group_views(tx, tx.units.groups([unit_id]), today),
        rules=tuple(_rule_view(tree, rule, today) for rule in rules.of(unit_id)),
        rule=_rule_view(tree, rules.in_force(line, today), today),
        history=change_views(tx, tx.organisation.history(unit_id=unit_id, limit=MOST_REMEMBERED)),
    )


def _names(tree: UnitTree, unit_id: str, founded: dt.date) -> tuple[DatedName, ...]:
    later = (DatedName(naming.since, naming.name) for naming in tree.namings_of(unit_id))
    return DatedName(founded, tree.unit(unit_id).name), *later


def _named(tree: UnitTree, unit_id: str | None, on: dt.date) -> Named | None:
    return Named(unit_id, tree.name(unit_id, on)) if unit_id else None


def _rule_view(tree: UnitTree, rule: UnitRule, on: dt.date) -> RuleView:
    given = bool(rule.unit_id)
    return RuleView(
        unit=_named(tree, rule.unit_id or None, on),
        since=rule.since if given else None,
        loans=rule.loans,
        committee=rule.committee,
        general_branch=rule.general_branch,
        branch=rule.branch,
    )


def group_views(tx: Transaction, groups: Iterable[Group], on: dt.date) -> tuple[GroupView, ...]:
    """A leader who has left the unit leads nothing in it."""
    listed = tuple(groups)
    people = tx.members.found({group.leader_id for group in listed if group.leader_id}, on)

    def leader(group: Group) -> Named | None:
        person = people.get(group.leader_id or "")
        return Named(person.member_id, person.name) if person and person.unit_id == group.unit_id else None

    return tuple(GroupView(group.id, group.unit_id, group.name, leader(group), group.version) for group in listed)


def change_views(tx: Transaction, changes: Iterable[Change]) -> tuple[ChangeView, ...]:
    listed = tuple(changes)
    people = tx.accounts.names({change.actor for change in listed})
    return tuple(
        ChangeView(change.at, people.get(change.actor, ""), change.kind, change.since, change.facts)
        for change in listed
    )


def standing_unit(tx: Transaction, principal: Principal, unit_id: str, on: dt.date, now: dt.datetime) -> str:
    """Where somebody is to belong from ``on`` on: a branch (or higher) that stands then, in the principal's care.

    Returns its name of that day. Raises ``unit_not_found``, ``forbidden``, ``unit_dissolved``.
    """
    tree = tx.units.tree()
    require_care(principal, Care.EDIT, tree.line(unit_id, tx.calendar.day(now)), "unit_not_found")
    check_stands(tree, unit_id, on)
    return tree.name(unit_id, on)


def check_stands(tree: UnitTree, unit_id: str, on: dt.date) -> None:
    """On that day and ever after. Raises ``unit_not_found``, ``unit_dissolved``."""
    if tree.unit(unit_id).until is not None or not tree.stands(unit_id, on):
        raise Refusal("unit_dissolved", unit_id)
