"""Overseen items (督办): asked of a unit below, answered, returned, closed, seen.

The rules are :mod:`server.domain.oversight`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain import oversight as rules
from server.domain.access import Principal, Role
from server.domain.letters import Topic
from server.domain.oversight import Oversight, OversightStep, Shown, Step, Subject
from server.domain.refusals import Refusal
from server.domain.stewards import Care, held, require_care
from server.domain.units import UnitTree
from server.services.commands import command, once
from server.services.finding import cursor_of, read_cursor
from server.services.letters import tell_step
from server.services.records import Records, Transaction
from server.services.views import Named, Page


@dataclass(frozen=True, slots=True)
class OversightStepView:
    """``by``: a name."""

    step: Step
    by: str
    at: dt.datetime
    text: str
    due_on: dt.date


@dataclass(frozen=True, slots=True)
class OversightView:
    """``above``: in whose name it is asked. ``may``: what the caller could do with it now."""

    id: str
    unit: Named
    above: Named
    subject: Subject
    text: str
    due_on: dt.date
    state: Shown
    opened_at: dt.datetime
    returns: int
    steps: tuple[OversightStepView, ...]
    may: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class OversightCounts:
    """Of all that the caller sees, by state; ``to_answer``: of his own units, open or overdue; ``units``: of which he
    could ask something.
    """

    states: dict[Shown, int]
    to_answer: int
    units: tuple[Named, ...]


_VIEW = TypeAdapter(OversightView)
_TOLD = {Step.ANSWER: Topic.OVERSIGHT_ANSWERED, Step.RETURN: Topic.OVERSIGHT_RETURNED}
"""By letter; what is closed or withdrawn is seen on the letters that are there."""


def _mine(tree: UnitTree, principal: Principal, today: dt.date) -> frozenset[str]:
    """Raises ``forbidden`` for who looks after no unit."""
    return frozenset[str]().union(*(tree.subtree(root, today) for root in held(principal)))


async def list_oversights(
    records: Records,
    principal: Principal,
    *,
    unit_id: str | None,
    state: Shown | None,
    cursor: str | None,
    limit: int,
    now: dt.datetime,
) -> Page[OversightView]:
    """Asked of units that the caller looks after (``unit_id``: of that one and all below), newest first.

    Raises ``forbidden``, ``unit_not_found``, ``invalid_body`` for a foreign cursor.
    """
    before = read_cursor(cursor)

    def load(tx: Transaction) -> Page[OversightView]:
        today, tree = tx.calendar.day(now), tx.units.tree()
        wanted = _mine(tree, principal, today)
        if unit_id is not None:
            if unit_id not in wanted:
                raise Refusal("unit_not_found", unit_id)
            wanted &= tree.subtree(unit_id, today)
        found = tx.oversights.listed(sorted(wanted), today, state=state, before=before, limit=limit + 1)
        items = found[:limit]
        following = cursor_of(items[-1].opened_at, items[-1].id) if len(found) > limit else None
        return Page(_views(tx, principal, items, today), following)

    return await records.read(load)


async def count_oversights(records: Records, principal: Principal, now: dt.datetime) -> OversightCounts:
    """Raises ``forbidden`` for who looks after no unit."""

    def load(tx: Transaction) -> OversightCounts:
        today, tree = tx.calendar.day(now), tx.units.tree()
        mine = _mine(tree, principal, today)
        states = tx.oversights.counts(sorted(mine), today)
        own = {grant.unit_id for grant in principal.grants if grant.role is Role.SECRETARY}
        waiting = tx.oversights.counts(sorted(own), today)
        standing = (each for each in sorted(mine) if tree.stands(each, today))
        below = [each for each in standing if rules.asks_as(principal, tree.line(each, today))]
        named = sorted((Named(each, tree.name(each, today)) for each in below), key=lambda one: one.name)
        return OversightCounts(states, waiting[Shown.OPEN] + waiting[Shown.OVERDUE], tuple(named))

    return await records.read(load)


async def see_oversight(records: Records, principal: Principal, oversight_id: str, now: dt.datetime) -> OversightView:
    """Raises ``forbidden``, ``oversight_not_found``."""

    def load(tx: Transaction) -> OversightView:
        return _views(tx, principal, [_seen(tx, principal, oversight_id, now)], tx.calendar.day(now))[0]

    return await records.read(load)


async def open_oversight(
    records: Records,
    principal: Principal,
    command_id: str,
    *,
    unit_id: str,
    subject: Subject,
    text: str,
    due_on: dt.date,
    now: dt.datetime,
) -> OversightView:
    """By the secretary or administrator of a unit above. Raises ``forbidden``, ``unit_not_found``,
    ``unit_dissolved``, ``oversight_day_wrong``, ``oversight_too_many``, ``command_reused``.
    """
    facts = {"unit_id": unit_id, "subject": subject.value, "text": text, "due_on": due_on.isoformat()}
    asked = command(principal, command_id, "open_oversight", **facts)

    def do(tx: Transaction, above: str) -> OversightView:
        today = tx.calendar.day(now)
        rules.check_due(due_on, today)
        if not tx.units.tree().stands(unit_id, today):
            raise Refusal("unit_dissolved", unit_id)
        if tx.oversights.lock_unit(unit_id) >= rules.MOST_UNDONE:
            raise Refusal("oversight_too_many", unit_id)
        made = Oversight(
            *(str(uuid.uuid4()), unit_id, above, subject, text, due_on),
            opened_by=principal.account_id,
            opened_at=now,
        )
        tx.oversights.add(made)
        taken = OversightStep(made.id, 1, Step.OPEN, principal.account_id, now, text, due_on)
        tx.oversights.enter(taken)
        tell_step(tx, made, taken, Topic.OVERSIGHT_ASKED)
        return _views(tx, principal, [made], today)[0]

    def work(tx: Transaction) -> OversightView:
        today, tree = tx.calendar.day(now), tx.units.tree()
        if unit_id not in _mine(tree, principal, today):
            raise Refusal("unit_not_found", unit_id)
        above = rules.asks_as(principal, tree.line(unit_id, today))
        if above is None:
            raise Refusal("forbidden", "no unit above it is the caller's")
        return once(tx, asked, now, _VIEW, lambda: do(tx, above))

    return await records.write(work)


async def take_step(
    records: Records,
    principal: Principal,
    oversight_id: str,
    command_id: str,
    *,
    step: Step,
    text: str,
    now: dt.datetime,
    due_on: dt.date | None = None,
) -> OversightView:
    """Answer it (the unit's own secretary), return, close or withdraw it (who asked, or above).

    Raises ``forbidden``, ``oversight_not_found``, ``oversight_state``, ``oversight_own``, ``oversight_day_wrong``,
    ``oversight_returned_often``, ``command_reused``.
    """
    day = None if due_on is None else due_on.isoformat()
    asked = command(principal, command_id, "step_oversight", id=oversight_id, step=step.value, text=text, due_on=day)

    def do(tx: Transaction) -> OversightView:
        today = tx.calendar.day(now)
        one = _seen(tx, principal, oversight_id, now, lock=True)
        changed = rules.moved(one, step, principal.account_id, today, due_on=due_on, now=now)
        number = len(tx.oversights.steps([one.id]).get(one.id, ())) + 1
        tx.oversights.save(changed)
        taken = OversightStep(one.id, number, step, principal.account_id, now, text, changed.due_on)
        tx.oversights.enter(taken)
        if step in _TOLD:
            tell_step(tx, changed, taken, _TOLD[step])
        return _views(tx, principal, [changed], today)[0]

    def work(tx: Transaction) -> OversightView:
        one = _seen(tx, principal, oversight_id, now)
        line = tx.units.line(one.above_id, tx.calendar.day(now))
        allowed = rules.answers(principal, one.unit_id) if step is Step.ANSWER else rules.decides(principal, line)
        if not allowed:
            raise Refusal("forbidden", f"{step} of {oversight_id}")
        return once(tx, asked, now, _VIEW, lambda: do(tx))

    return await records.write(work)


def _seen(
    tx: Transaction, principal: Principal, oversight_id: str, now: dt.datetime, *, lock: bool = False
) -> Oversight:
    one = tx.oversights.get(oversight_id, lock=lock)
    if one is None:
        held(principal)
        raise Refusal("oversight_not_found", oversight_id)
    line = tx.units.line(one.unit_id, tx.calendar.day(now))
    require_care(principal, Care.SEE, line, "oversight_not_found")
    return one


def _views(
    tx: Transaction, principal: Principal, those: Iterable[Oversight], today: dt.date
) -> tuple[OversightView, ...]:
    listed, tree = tuple(those), tx.units.tree()
    steps = tx.oversights.steps([one.id for one in listed])
    names = tx.accounts.names({each.by for some in steps.values() for each in some})

    def view(one: Oversight) -> OversightView:
        taken = (
            OversightStepView(each.step, names.get(each.by, ""), each.at, each.text, each.due_on)
            for each in steps.get(one.id, ())
        )
        return OversightView(
            id=one.id,
            unit=Named(one.unit_id, tree.name(one.unit_id, today)),
            above=Named(one.above_id, tree.name(one.above_id, today)),
            subject=one.subject,
            text=one.text,
            due_on=one.due_on,
            state=rules.shown(one, today),
            opened_at=one.opened_at,
            returns=one.returns,
            steps=tuple(taken),
            may=rules.may(principal, one, tree.line(one.above_id, today)),
        )

    return tuple(view(one) for one in listed)
