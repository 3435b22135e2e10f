"""The curtain: the emergency cut and the standby slate, begun and ended by who runs the lesson."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from server.domain import curtain, programme
from server.domain import curtain_events as events
from server.domain.access import Principal
from server.domain.events import Announcement
from server.domain.lessons import Lesson
from server.domain.programme import Programme
from server.services.commands import command
from server.services.house import House
from server.services.records import Transaction
from server.services.stage import Work, direct
from server.services.views import StageView

_Change = Callable[[Programme], Programme]


async def begin_cut(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, reason: str, now: dt.datetime
) -> StageView:
    """Slate and silence for everybody. Raises ``forbidden``, ``lesson_not_on_air``, ``command_reused``."""

    def change(before: Programme) -> Programme:
        return programme.begin_cut(before, principal.name, reason, now)

    asked = command(principal, command_id, "begin_cut", lesson_id=lesson_id, reason=reason)
    return await direct(house, principal, lesson_id, asked, _drawing(change, principal), now=now)


async def end_cut(house: House, principal: Principal, lesson_id: str, command_id: str, now: dt.datetime) -> StageView:
    """Raises as :func:`begin_cut`."""
    asked = command(principal, command_id, "end_cut", lesson_id=lesson_id)
    return await direct(house, principal, lesson_id, asked, _drawing(programme.end_cut, principal), now=now)


async def set_standby(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    seconds: int | None,
    note: str,
    now: dt.datetime,
) -> StageView:
    """The slate with a countdown, or with another one. Raises ``invalid_body``, and as :func:`begin_cut`."""
    wanted = curtain.standby(now, seconds, note)

    def change(before: Programme) -> Programme:
        return programme.set_standby(before, wanted)

    asked = command(principal, command_id, "set_standby", lesson_id=lesson_id, seconds=seconds, note=note)
    return await direct(house, principal, lesson_id, asked, _drawing(change, principal), now=now)


async def end_standby(
    house: House, principal: Principal, lesson_id: str, command_id: str, now: dt.datetime
) -> StageView:
    """Raises as :func:`begin_cut`."""

    def change(before: Programme) -> Programme:
        return programme.set_standby(before, None)

    asked = command(principal, command_id, "end_standby", lesson_id=lesson_id)
    return await direct(house, principal, lesson_id, asked, _drawing(change, principal), now=now)


def _drawing(change: _Change, principal: Principal) -> Work:
    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        before = tx.programmes.get(lesson.id)
        after = change(before)
        if after == before:
            return ()
        tx.programmes.save(lesson.id, after)
        return said(before, after, principal.name)

    return work


def said(before: Programme, after: Programme, by: str) -> list[Announcement]:
    """What everybody must hear of a change."""
    told: list[Announcement] = []
    if after.cut is None and before.cut is not None:
        told.append(events.cut_ended(by))
    elif after.cut is not None and before.cut is None:
        told += [events.cut_begun(after.cut), events.cut_noted(after.cut)]
    if after.standby is None and before.standby is not None:
        told.append(events.standby_ended())
    elif after.standby is not None and after.standby != before.standby:
        told.append(events.standby_set(after.standby))
    return told
