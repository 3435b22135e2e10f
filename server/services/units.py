"""Changing the organisation: units founded, renamed, moved, dissolved from a day on; groups and rules.

Each change is a line of the unit's history; what was told of the days before stays.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from pydantic import TypeAdapter

from server.domain.access import Principal
from server.domain.listing import Change
from server.domain.members import Group
from server.domain.refusals import Refusal
from server.domain.stewards import Care, held, require_care
from server.domain.unit_rules import Expected, Size, UnitRule, check_rule
from server.domain.units import Placement, Unit, UnitKind, UnitTree
from server.services.commands import command, once
from server.services.organisation import GroupView, UnitFile, check_stands, earliest, group_views, unit_file
from server.services.records import Records, Transaction

_FILE = TypeAdapter(UnitFile)
_GROUP = TypeAdapter(GroupView)


@dataclass(frozen=True, slots=True)
class UnitPlan:
    name: str
    kind: UnitKind
    parent_id: str
    since: dt.date


@dataclass(frozen=True, slots=True)
class RulePlan:
    since: dt.date
    loans: Expected
    committee: Size
    general_branch: Size
    branch: Size


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """``leader_id``: a member of the unit, or nobody."""

    name: str
    leader_id: str | None


async def found_unit(
    records: Records, principal: Principal, command_id: str, plan: UnitPlan, now: dt.datetime
) -> UnitFile:
    """Raises ``unit_not_found``, ``forbidden``, ``unit_misplaced``, ``unit_dissolved``, ``command_reused``.

    It may have been founded earlier than it is entered: nothing told of it before.
    """
    held(principal)
    asked = command(principal, command_id, "found_unit", plan=asdict(plan))

    def work(tx: Transaction) -> UnitFile:
        tree = tx.units.tree()
        require_care(principal, Care.EDIT, tree.line(plan.parent_id, tx.calendar.day(now)), "unit_not_found")
        return once(tx, asked, now, _FILE, lambda: _found(tx, principal, plan, now))

    return await records.write(work)


def _found(tx: Transaction, principal: Principal, plan: UnitPlan, now: dt.datetime) -> UnitFile:
    tree = tx.units.tree()
    tree.check_kinds(plan.kind, plan.parent_id)
    check_stands(tree, plan.parent_id, plan.since)
    unit = Unit(str(uuid.uuid4()), plan.name, plan.kind)
    tx.units.add([unit], [Placement(unit.id, plan.parent_id, plan.since)])
    facts = {"name": plan.name, "kind": plan.kind.value, "parent": tree.name(plan.parent_id, plan.since)}
    _note(tx, principal, unit.id, "unit_founded", facts, since=plan.since, now=now)
    return unit_file(tx, principal, unit.id, now)


async def rename_unit(
    records: Records,
    principal: Principal,
    unit_id: str,
    command_id: str,
    *,
    name: str,
    since: dt.date,
    version: int,
    now: dt.datetime,
) -> UnitFile:
    """Called ``name`` from ``since`` on. Raises ``past_fixed``, ``unit_dissolved``, and as :func:`_change`."""

    def renamed(tx: Transaction, tree: UnitTree) -> UnitTree:
        facts = {"from": tree.name(unit_id, since), "to": name}
        _note(tx, principal, unit_id, "unit_renamed", facts, since=since, now=now)
        return tree.rename(unit_id, name, since, earliest(tx, now))

    body = {"name": name, "since": since}
    return await _change(
        records, principal, unit_id, (command_id, "rename_unit", body), version=version, change=renamed, now=now
    )


async def move_unit(
    records: Records,
    principal: Principal,
    unit_id: str,
    command_id: str,
    *,
    parent_id: str,
    since: dt.date,
    version: int,
    now: dt.datetime,
) -> UnitFile:
    """Under ``parent_id`` from ``since`` on, both in the principal's care.

    Raises ``past_fixed``, ``unit_misplaced``, ``unit_dissolved``, and as :func:`_change`.
    """

    def moved(tx: Transaction, tree: UnitTree) -> UnitTree:
        line = tree.line(parent_id, tx.calendar.day(now))
        require_care(principal, Care.EDIT, line, "unit_not_found")
        after = tree.move(unit_id, parent_id, since, earliest(tx, now))
        before = tree.parent(unit_id, since)
        facts = {"from": tree.name(before, since) if before else "", "to": tree.name(parent_id, since)}
        _note(tx, principal, unit_id, "unit_moved", facts, since=since, now=now)
        return after

    body = {"parent_id": parent_id, "since": since}
    return await _change(
        records, principal, unit_id, (command_id, "move_unit", body), version=version, change=moved, now=now
    )


async def dissolve_unit(
    records: Records,
    principal: Principal,
    unit_id: str,
    command_id: str,
    *,
    since: dt.date,
    version: int,
    now: dt.datetime,
) -> UnitFile:
    """No unit from ``since`` on; what it was stays. Raises ``past_fixed``, ``unit_dissolved``, ``unit_not_empty``."""

    def dissolved(tx: Transaction, tree: UnitTree) -> UnitTree:
        if tx.members.anybody(unit_id, since):
            raise Refusal("unit_not_empty", unit_id)
        _note(tx, principal, unit_id, "unit_dissolved", {"name": tree.name(unit_id, since)}, since=since, now=now)
        return tree.dissolve(unit_id, since, earliest(tx, now))

    return await _change(
        records,
        principal,
        unit_id,
        (command_id, "dissolve_unit", {"since": since}),
        version=version,
        change=dissolved,
        now=now,
    )


async def _change(
    records: Records,
    principal: Principal,
    unit_id: str,
    asked_for: tuple[str, str, dict[str, object]],
    *,
    version: int,
    change: Callable[[Transaction, UnitTree], UnitTree],
    now: dt.datetime,
) -> UnitFile:
    """Raises ``unit_not_found``, ``forbidden``, ``precondition_failed``, ``command_reused``."""
    command_id, name, body = asked_for
    asked = command(principal, command_id, name, unit_id=unit_id, version=version, body=body)

    def do(tx: Transaction, locked: Unit) -> UnitFile:
        if locked.version != version:
            raise Refusal("precondition_failed", f"{version}, now {locked.version}")
        tx.units.save(change(tx, tx.units.tree()), unit_id)
        return unit_file(tx, principal, unit_id, now)

    def work(tx: Transaction) -> UnitFile:
        require_care(principal, Care.EDIT, tx.units.line(unit_id, tx.calendar.day(now)), "unit_not_found")
        locked = tx.units.lock(unit_id)
        return once(tx, asked, now, _FILE, lambda: do(tx, locked))

    return await records.write(work)


async def put_rule(
    records: Records, principal: Principal, unit_id: str, command_id: str, *, plan: RulePlan, now: dt.datetime
) -> UnitFile:
    """For the unit and all below it, from a day on. Raises ``past_fixed``, ``invalid_body``, ``unit_not_found``,
    ``forbidden``, ``command_reused``.
    """
    asked = command(principal, command_id, "put_unit_rule", unit_id=unit_id, plan=asdict(plan))

    def do(tx: Transaction) -> UnitFile:
        if plan.since < tx.calendar.day(now):
            raise Refusal("past_fixed", str(plan.since))
        rule = UnitRule(
            str(uuid.uuid4()), unit_id, plan.since, plan.loans, plan.committee, plan.general_branch, plan.branch
        )
        check_rule(rule)
        tx.units.put_rule(rule)
        _note(tx, principal, unit_id, "unit_rule", {"loans": plan.loans.value}, since=plan.since, now=now)
        return unit_file(tx, principal, unit_id, now)

    def work(tx: Transaction) -> UnitFile:
        require_care(principal, Care.EDIT, tx.units.line(unit_id, tx.calendar.day(now)), "unit_not_found")
        tx.units.lock(unit_id)
        return once(tx, asked, now, _FILE, lambda: do(tx))

    return await records.write(work)


# ---- groups (党小组) --------------------------------------------------------------------------------------


async def add_group(
    records: Records, principal: Principal, unit_id: str, command_id: str, *, plan: GroupPlan, now: dt.datetime
) -> GroupView:
    """Inside a branch. Raises ``unit_not_found``, ``forbidden``, ``unit_misplaced``, ``member_not_found``."""
    asked = command(principal, command_id, "add_group", unit_id=unit_id, plan=asdict(plan))

    def do(tx: Transaction) -> GroupView:
        if tx.units.tree().unit(unit_id).kind is not UnitKind.BRANCH:
            raise Refusal("unit_misplaced", unit_id)
        group = Group(str(uuid.uuid4()), unit_id, plan.name, _leader(tx, unit_id, plan.leader_id, now))
        return _put(tx, principal, group, "group_added", now)

    def work(tx: Transaction) -> GroupView:
        require_care(principal, Care.GROUPS, tx.units.line(unit_id, tx.calendar.day(now)), "unit_not_found")
        return once(tx, asked, now, _GROUP, lambda: do(tx))

    return await records.write(work)


async def change_group(
    records: Records,
    principal: Principal,
    group_id: str,
    command_id: str,
    *,
    plan: GroupPlan,
    version: int,
    now: dt.datetime,
) -> GroupView:
    """Raises ``group_not_found``, ``forbidden``, ``member_not_found``, ``precondition_failed``."""
    asked = command(principal, command_id, "change_group", group_id=group_id, plan=asdict(plan), version=version)

    def do(tx: Transaction, group: Group) -> GroupView:
        if group.version != version:
            raise Refusal("precondition_failed", f"{version}, now {group.version}")
        leader = _leader(tx, group.unit_id, plan.leader_id, now)
        changed = replace(group, name=plan.name, leader_id=leader, version=version + 1)
        return _put(tx, principal, changed, "group_changed", now)

    def work(tx: Transaction) -> GroupView:
        group = _cared_group(tx, principal, group_id, now)
        return once(tx, asked, now, _GROUP, lambda: do(tx, group))

    return await records.write(work)


async def drop_group(records: Records, principal: Principal, group_id: str, now: dt.datetime) -> None:
    """Its members belong to no group afterwards. Raises ``group_not_found``, ``forbidden``."""

    def work(tx: Transaction) -> None:
        group = _cared_group(tx, principal, group_id, now)
        tx.units.drop_group(group_id)
        _note(tx, principal, group.unit_id, "group_dropped", {"name": group.name}, now=now)

    await records.write(work)


def _cared_group(tx: Transaction, principal: Principal, group_id: str, now: dt.datetime) -> Group:
    group = tx.units.group(group_id)
    if group is None:
        raise Refusal("group_not_found", group_id)
    require_care(principal, Care.GROUPS, tx.units.line(group.unit_id, tx.calendar.day(now)), "group_not_found")
    return group


def _leader(tx: Transaction, unit_id: str, leader_id: str | None, now: dt.datetime) -> str | None:
    if leader_id is None:
        return None
    person = tx.members.found([leader_id], tx.calendar.day(now)).get(leader_id)
    if person is None or person.unit_id != unit_id:
        raise Refusal("member_not_found", leader_id)
    return leader_id


def _put(tx: Transaction, principal: Principal, group: Group, kind: str, now: dt.datetime) -> GroupView:
    tx.units.put_group(group)
    view = group_views(tx, [group], tx.calendar.day(now))[0]
    facts = {"name": group.name, "leader": view.leader.name if view.leader else ""}
    _note(tx, principal, group.unit_id, kind, facts, now=now)
    return view


def _note(
    tx: Transaction,
    principal: Principal,
    unit_id: str,
    kind: str,
    facts: dict[str, str],
    *,
    since: dt.date | None = None,
    now: dt.datetime,
) -> None:
    tx.organisation.note([Change(now, principal.account_id, kind, unit_id, None, since, facts)])
