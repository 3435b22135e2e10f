"""呼叫会控, and the director's notices to all operators."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain import helps as rules
from server.domain.access import Action, LessonTarget, Principal, allowed, operated
from server.domain.events import STAFF, VENUES, Announcement, to_account, to_venue
from server.domain.helps import Help, HelpState, Notice, Urgency
from server.domain.refusals import Refusal
from server.services.commands import Command, command, once
from server.services.finding import allowed_target, check_on_air
from server.services.house import House
from server.services.records import Transaction
from server.services.rooms import tell


@dataclass(frozen=True, slots=True)
class HelpView:
    """``lesson_venue_id`` null: the lecturer calls."""

    id: str
    lesson_venue_id: str | None
    name: str
    urgency: Urgency
    text: str
    state: HelpState
    asked_at: dt.datetime
    answer: str
    answered_at: dt.datetime | None
    answered_by: str | None
    closed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """``read``: how many of ``venues`` have; ``unread`` names the others, to staff. ``mine``: a venue has read it."""

    id: str
    text: str
    sent_at: dt.datetime
    sent_by: str
    venues: int
    read: int
    unread: tuple[str, ...]
    mine: bool


_HELP = TypeAdapter(HelpView)
_NOTICE = TypeAdapter(NoticeView)


# ---- calls -----------------------------------------------------------------------------------------------


async def list_helps(house: House, principal: Principal, lesson_id: str, now: dt.datetime) -> tuple[HelpView, ...]:
    """Staff sees all, who waits on top; a caller his own. Raises ``lesson_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[HelpView, ...]:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        ordered = rules.in_order(tx.helps.of(lesson_id))
        if Action.RUN not in allowed(principal, target):
            keys = {caller.key for caller in rules.callers_of(principal, target.lesson)}
            ordered = tuple(one for one in ordered if one.caller.key in keys)
        return tuple(_view(one) for one in ordered)

    return await house.records.read(load)


async def ask_help(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    urgency: Urgency,
    text: str,
    lesson_venue_id: str | None = None,
    now: dt.datetime,
) -> HelpView:
    """The caller's one call, new or said again.

    Raises ``forbidden``, ``which_venue``, ``venue_not_found``, ``lesson_not_on_air``, ``helps_used``,
    ``command_reused``.
    """

    def change(tx: Transaction, target: LessonTarget) -> Help:
        caller = rules.caller_of(principal, target.lesson, lesson_venue_id)
        before = tx.helps.open_of(lesson_id, caller.key)
        if before is None and tx.helps.count(lesson_id) >= rules.MOST_HELPS:
            raise Refusal("helps_used", lesson_id)
        return rules.ask(str(uuid4()), lesson_id, caller, before, urgency, text=text, now=now)

    meant = {} if lesson_venue_id is None else {"venue": lesson_venue_id}
    asked = command(principal, command_id, "ask_help", lesson_id=lesson_id, urgency=urgency.value, text=text, **meant)
    return await _change(house, principal, lesson_id, asked, change, now=now)


async def answer_help(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    help_id: str,
    text: str,
    now: dt.datetime,
) -> HelpView:
    """By who runs the lesson. Raises ``help_not_found``, ``help_closed``, ``forbidden``, ``lesson_not_on_air``."""

    def change(tx: Transaction, target: LessonTarget) -> Help:
        if Action.RUN not in allowed(principal, target):
            raise Refusal("forbidden", "does not run the lesson")
        return rules.answer(_called(tx, lesson_id, help_id), text, by=principal.name, now=now)

    asked = command(principal, command_id, "answer_help", help=help_id, text=text)
    return await _change(house, principal, lesson_id, asked, change, now=now)


async def close_help(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, help_id: str, now: dt.datetime
) -> HelpView:
    """By who runs the lesson, or by the caller. Raises as :func:`answer_help`."""

    def change(tx: Transaction, target: LessonTarget) -> Help:
        called = _called(tx, lesson_id, help_id)
        staff = Action.RUN in allowed(principal, target)
        if not staff and called.caller.key not in {one.key for one in rules.callers_of(principal, target.lesson)}:
            raise Refusal("help_not_found", help_id)
        return rules.close(called, by=principal.name, now=now)

    asked = command(principal, command_id, "close_help", help=help_id)
    return await _change(house, principal, lesson_id, asked, change, now=now)


async def _change(
    house: House,
    principal: Principal,
    lesson_id: str,
    asked: Command,
    change: Callable[[Transaction, LessonTarget], Help],
    *,
    now: dt.datetime,
) -> HelpView:
    def work(tx: Transaction) -> HelpView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)

        def do() -> HelpView:
            check_on_air(target.lesson)
            called = change(tx, target)
            tx.helps.put(called)
            tx.events.append(lesson_id, _told(called), now, principal.account_id)
            return _view(called)

        return once(tx, asked, now, _HELP, do)

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _called(tx: Transaction, lesson_id: str, help_id: str) -> Help:
    called = tx.helps.get(help_id)
    if called is None or called.lesson_id != lesson_id:
        raise Refusal("help_not_found", help_id)
    return called


def _told(called: Help) -> Sequence[Announcement]:
    caller = called.caller
    own = to_venue(caller.lesson_venue_id) if caller.lesson_venue_id else to_account(caller.account_id)
    said = (called.id, called.state.value, caller.name, called.urgency.value)
    return [events.help_changed(audience, *said) for audience in (STAFF, own)]


def _view(called: Help) -> HelpView:
    return HelpView(
        id=called.id,
        lesson_venue_id=called.caller.lesson_venue_id,
        name=called.caller.name,
        urgency=called.urgency,
        text=called.text,
        state=called.state,
        asked_at=called.asked_at,
        answer=called.answer,
        answered_at=called.answered_at,
        answered_by=called.answered_by,
        closed_at=called.closed_at,
    )


# ---- notices ---------------------------------------------------------------------------------------------


async def list_notices(house: House, principal: Principal, lesson_id: str, now: dt.datetime) -> tuple[NoticeView, ...]:
    """Newest first, to staff and venues. Raises ``lesson_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[NoticeView, ...]:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        _check_hears(principal, target)
        return tuple(_seen(one, principal, target) for one in reversed(tx.notices.of(lesson_id)))

    return await house.records.read(load)


async def send_notice(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, text: str, now: dt.datetime
) -> NoticeView:
    """To every venue's operator. Raises ``forbidden``, ``lesson_not_on_air``, ``notices_used``, ``command_reused``."""
    asked = command(principal, command_id, "send_notice", lesson_id=lesson_id, text=text)

    def work(tx: Transaction) -> NoticeView:
        target = allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)

        def do() -> NoticeView:
            check_on_air(target.lesson)
            if len(tx.notices.of(lesson_id)) >= rules.MOST_NOTICES:
                raise Refusal("notices_used", lesson_id)
            notice = Notice(str(uuid4()), lesson_id, text, now, principal.name)
            tx.notices.add(notice)
            said = [events.notice_sent(who, notice.id, text, principal.name) for who in (VENUES, STAFF)]
            tx.events.append(lesson_id, said, now, principal.account_id)
            return _seen(notice, principal, target)

        return once(tx, asked, now, _NOTICE, do)

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


async def read_notice(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, notice_id: str, now: dt.datetime
) -> NoticeView:
    """A venue's operator has seen it, for each of the own rooms. Raises ``notice_not_found``, ``forbidden``."""
    asked = command(principal, command_id, "read_notice", notice=notice_id)

    def work(tx: Transaction) -> NoticeView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)
        rooms = operated(principal, target.lesson)
        if not rooms:
            raise Refusal("forbidden", "operates no venue of this lesson")

        def do() -> NoticeView:
            _notice(tx, lesson_id, notice_id)
            said = [
                events.notice_read(notice_id, each.id) for each in rooms if tx.notices.read(notice_id, each.id, now)
            ]
            if said:
                tx.events.append(lesson_id, said, now, principal.account_id)
            return _seen(_notice(tx, lesson_id, notice_id), principal, target)

        return once(tx, asked, now, _NOTICE, do)

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _notice(tx: Transaction, lesson_id: str, notice_id: str) -> Notice:
    found = next((one for one in tx.notices.of(lesson_id) if one.id == notice_id), None)
    if found is None:
        raise Refusal("notice_not_found", notice_id)
    return found


def _check_hears(principal: Principal, target: LessonTarget) -> None:
    if Action.RUN not in allowed(principal, target) and not operated(principal, target.lesson):
        raise Refusal("forbidden", "neither staff nor a venue")


def _seen(notice: Notice, principal: Principal, target: LessonTarget) -> NoticeView:
    own = operated(principal, target.lesson)
    venues = target.lesson.venues
    staff = Action.RUN in allowed(principal, target)
    return NoticeView(
        id=notice.id,
        text=notice.text,
        sent_at=notice.sent_at,
        sent_by=notice.sent_by,
        venues=len(venues),
        read=sum(venue.id in notice.read for venue in venues),
        unread=tuple(venue.name for venue in venues if staff and venue.id not in notice.read),
        mine=bool(own) and all(room.id in notice.read for room in own),
    )
