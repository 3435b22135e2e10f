"""录像保存类别: the classes' periods and places, and the default of each kind of lesson, as the house has set them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain import keeping as rules
from server.domain.access import Principal
from server.domain.keeping import KeepClass, KeepRule, KindRule, Place
from server.domain.lesson_kinds import LessonKind
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.consents import check_of_house
from server.services.data_exports import KEEPERS
from server.services.house import House
from server.services.records import Transaction


@dataclass(frozen=True, slots=True)
class KeepRuleView:
    """``since`` None: nobody has said anything. ``due``: recordings that would go today."""

    keep_class: KeepClass
    days: int | None
    place: Place
    since: dt.datetime | None
    by: str
    reason: str
    kinds: tuple[LessonKind, ...]
    due: int


@dataclass(frozen=True, slots=True)
class Keeping:
    items: tuple[KeepRuleView, ...]
    least_days: int
    object_store: bool


_RULES = TypeAdapter(Keeping)


async def see_keeping(house: House, principal: Principal, *, object_store: bool, now: dt.datetime) -> Keeping:
    """Raises ``forbidden``."""

    def look(tx: Transaction) -> Keeping:
        check_of_house(tx, principal, KEEPERS, now)
        return _rules(tx, now, object_store=object_store)

    return await house.records.read(look)


async def set_rule(
    house: House,
    principal: Principal,
    command_id: str,
    *,
    keep_class: KeepClass,
    days: int | None,
    place: Place,
    reason: str,
    seen: int,
    object_store: bool,
    now: dt.datetime,
) -> Keeping:
    """From now on. ``seen``: how many recordings the asker was told would go today. Raises ``forbidden``,
    ``keeping_too_short``, ``object_store_missing``, ``retention_count_changed``.
    """
    fields = {"keep_class": keep_class, "days": days, "place": place, "reason": reason, "seen": seen}
    asked = command(principal, command_id, "set_keep_rule", **fields)

    def put(tx: Transaction) -> Keeping:
        rules.check_rule(keep_class, days)
        if place is Place.OBJECT and not object_store:
            raise Refusal("object_store_missing")
        rule = KeepRule(keep_class, now, days, place, reason, principal.account_id)
        if due_count(tx, rule, now) > seen:
            raise Refusal("retention_count_changed", keep_class)
        tx.keeping.put_rule(rule)
        return _rules(tx, now, object_store=object_store)

    def work(tx: Transaction) -> Keeping:
        check_of_house(tx, principal, KEEPERS, now)
        return once(tx, asked, now, _RULES, lambda: put(tx))

    return await house.records.write(work)


async def set_kind(
    house: House,
    principal: Principal,
    command_id: str,
    *,
    kind: LessonKind,
    keep_class: KeepClass,
    reason: str,
    seen: int,
    object_store: bool,
    now: dt.datetime,
) -> Keeping:
    """The class of recordings of a kind of lesson that were given none, from now on. ``seen``: as of
    :func:`set_rule`. Raises ``forbidden``, ``retention_count_changed``."""
    fields = {"kind": kind, "keep_class": keep_class, "reason": reason, "seen": seen}
    asked = command(principal, command_id, "set_keep_kind", **fields)

    def put(tx: Transaction) -> Keeping:
        rule = rules.rule_of(tx.keeping.rules(), keep_class, now)
        if due_count(tx, rule, now, kind) > seen:
            raise Refusal("retention_count_changed", kind)
        tx.keeping.put_kind(KindRule(kind, now, keep_class, reason, principal.account_id))
        return _rules(tx, now, object_store=object_store)

    def work(tx: Transaction) -> Keeping:
        check_of_house(tx, principal, KEEPERS, now)
        return once(tx, asked, now, _RULES, lambda: put(tx))

    return await house.records.write(work)


async def preview_rule(
    house: House,
    principal: Principal,
    keep_class: KeepClass,
    days: int | None,
    now: dt.datetime,
    *,
    kind: LessonKind | None = None,
) -> int:
    """How many recordings of the class would go today under another period, or if it were the default of ``kind``, too.

    Raises ``forbidden``, ``keeping_too_short``.
    """

    def look(tx: Transaction) -> int:
        check_of_house(tx, principal, KEEPERS, now)
        rules.check_rule(keep_class, days)
        return due_count(tx, replace(rules.USUAL[keep_class], days=days), now, kind)

    return await house.records.read(look)


def _rules(tx: Transaction, now: dt.datetime, *, object_store: bool) -> Keeping:
    known, kinds = tx.keeping.rules(), tx.keeping.kinds()
    inside = [rules.rule_of(known, keep_class, now) for keep_class in KeepClass]
    names = tx.accounts.names({rule.set_by for rule in inside if rule.set_by})
    items = tuple(
        KeepRuleView(
            keep_class=rule.keep_class,
            days=rule.days,
            place=rule.place,
            since=rule.since if rule.set_by else None,
            by=names.get(rule.set_by, ""),
            reason=rule.reason,
            kinds=tuple(kind for kind in LessonKind if rules.class_of(kinds, kind, now) is rule.keep_class),
            due=due_count(tx, rule, now),
        )
        for rule in inside
    )
    return Keeping(items, rules.LEAST_DAYS, object_store)


def due_count(tx: Transaction, rule: KeepRule, now: dt.datetime, kind: LessonKind | None = None) -> int:
    """``kind``: as if the class were its default."""
    if rule.days is None:
        return 0
    kinds = rules.kinds_of(tx.keeping.kinds(), rule.keep_class, now) | ({kind} if kind else frozenset())
    return tx.keeping.due_count(rule.keep_class, kinds, now - dt.timedelta(days=rule.days), now)
