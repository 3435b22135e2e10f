"""保存期限: what holds for each data class, what would go today, and setting another period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain import retention as rules
from server.domain.access import Principal
from server.domain.personal_data import WORDS, DataClass
from server.domain.refusals import Refusal
from server.domain.retention import PERIODS, UNLIMITED, RetentionRule
from server.domain.retention_steps import steps_of
from server.services.commands import command, once
from server.services.consents import check_of_house
from server.services.data_exports import KEEPERS
from server.services.house import House
from server.services.records import Transaction

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PeriodView:
    """``days`` None: no period, and ``why``. ``since`` None: the default holds. ``due``: rows that would go today."""

    data_class: DataClass
    title: str
    title_en: str
    about: str
    about_en: str
    days: int | None
    since: dt.datetime | None
    by: str
    default_days: int | None
    floor_days: int | None
    next_days: int | None
    next_since: dt.datetime | None
    due: int
    why: str
    why_en: str


@dataclass(frozen=True, slots=True)
class SweepView:
    """``counts``: rows that went or were emptied, by data class. ``ended_at`` None: it goes on."""

    day: dt.date
    begun_at: dt.datetime
    ended_at: dt.datetime | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Retention:
    """``held``: a legal hold stands; what is under it is left, and of the audit log everything."""

    items: tuple[PeriodView, ...]
    sweeps: tuple[SweepView, ...]
    held: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """How many rows would go today if the period were so many days."""

    data_class: DataClass
    days: int
    due: int


_VIEW = TypeAdapter(PeriodView)


async def see_retention(house: House, principal: Principal, audit_days: int, now: dt.datetime) -> Retention:
    """Raises ``forbidden``."""

    def look(tx: Transaction) -> Retention:
        check_of_house(tx, principal, KEEPERS, now)
        items = tuple(_view(tx, each, audit_days, now) for each in (*PERIODS, *UNLIMITED))
        sweeps = tuple(
            SweepView(one.day, one.begun_at, one.ended_at, one.counts) for one in tx.retention.sweeps(MOST_SHOWN)
        )
        return Retention(items, sweeps, tx.retention.held())

    return await house.records.read(look)


async def preview(house: House, principal: Principal, data_class: DataClass, days: int, now: dt.datetime) -> Preview:
    """Raises ``forbidden``, ``retention_unlimited``, ``retention_too_short``."""

    def look(tx: Transaction) -> Preview:
        check_of_house(tx, principal, KEEPERS, now)
        rules.check_days(data_class, days)
        return Preview(data_class, days, _due(tx, data_class, days, now))

    return await house.records.read(look)


async def set_period(
    house: House,
    principal: Principal,
    command_id: str,
    *,
    data_class: DataClass,
    days: int,
    since: dt.date,
    seen: int,
    audit_days: int,
    now: dt.datetime,
) -> PeriodView:
    """From ``since`` on, today at the earliest; what was to hold later does not any more. ``seen``: how many rows the
    asker was told would go today. Raises ``forbidden``, ``retention_unlimited``, ``retention_too_short``,
    ``retention_past``, ``retention_count_changed``.
    """
    wanted = command(principal, command_id, "set_period", data_class=data_class, days=days, since=since, seen=seen)

    def put(tx: Transaction) -> PeriodView:
        rules.check_days(data_class, days)
        today = tx.calendar.day(now)
        if since < today:
            raise Refusal("retention_past", since.isoformat())
        if _due(tx, data_class, days, now) > seen:
            raise Refusal("retention_count_changed", data_class)
        begins = now if since == today else tx.calendar.begins(since)
        tx.retention.put(RetentionRule(data_class, begins, days, principal.account_id), now)
        return _view(tx, data_class, audit_days, now)

    def work(tx: Transaction) -> PeriodView:
        check_of_house(tx, principal, KEEPERS, now)
        return once(tx, wanted, now, _VIEW, lambda: put(tx))

    return await house.records.write(work)


def _due(tx: Transaction, data_class: DataClass, days: int, now: dt.datetime) -> int:
    before = now - dt.timedelta(days=days)
    if data_class is DataClass.AUDIT:
        return tx.retention.audit_due(before)
    return sum(tx.retention.due(step, before) for step in steps_of(data_class))


def _view(tx: Transaction, data_class: DataClass, audit_days: int, now: dt.datetime) -> PeriodView:
    period = PERIODS.get(data_class)
    if period is None:
        return _unlimited(data_class)
    default = audit_days if data_class is DataClass.AUDIT else period.days
    known = tx.retention.rules()
    rule, later = rules.in_force(known, data_class, now), rules.to_come(known, data_class, now)
    days = rules.days_of(rule, data_class, default)
    names = tx.accounts.names({rule.set_by}) if rule else {}
    return replace(
        _unlimited(data_class),
        days=days,
        since=rule.since if rule else None,
        by=names.get(rule.set_by, "") if rule else "",
        default_days=default,
        floor_days=period.floor,
        next_days=later.days if later else None,
        next_since=later.since if later else None,
        due=_due(tx, data_class, days, now),
    )


def _unlimited(data_class: DataClass) -> PeriodView:
    """Without a period, and why if that is so."""
    words = WORDS[data_class]
    why, why_en = UNLIMITED.get(data_class, ("", ""))
    return PeriodView(
        *(data_class, words.title, words.title_en, words.about, words.about_en),
        days=None,
        since=None,
        by="",
        default_days=None,
        floor_days=None,
        next_days=None,
        next_since=None,
        due=0,
        why=why,
        why_en=why_en,
    )
