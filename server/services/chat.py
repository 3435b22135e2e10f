"""The chat of a lesson: writing, reading, approving, deleting.

先审后发: a line that waits goes to its sender and to staff. Everybody else hears of it when it is approved, not before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import chat as rules
from server.domain import chat_events as events
from server.domain.access import Action, LessonTarget, Principal, allowed, writing_standing
from server.domain.chat import BURST, ChatMode, ChatSettings, Line, LineQuery, LineState, LineStep
from server.domain.events import EVERYONE, STAFF, Announcement, to_account
from server.domain.refusals import Refusal
from server.domain.speakers import STAFF_KINDS, Speaker, SpeakerKind
from server.domain.wordlist import has_listed
from server.services.commands import command, once
from server.services.finding import allowed_target
from server.services.house import House
from server.services.muting import check_may_talk, moderated_line
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.speaking import writing_target


@dataclass(frozen=True, slots=True)
class LineView:
    """``held``: a listed word is in it; told to its sender and to staff. ``mine``: the caller speaks for who wrote it.

    ``speaker_id``: to staff.
    """

    id: str
    lesson_id: str
    seq: int
    kind: SpeakerKind
    name: str
    unit: str
    text: str
    state: LineState
    at: dt.datetime
    mine: bool
    held: bool
    speaker_id: str | None


@dataclass(frozen=True, slots=True)
class ChatView:
    """``seq``: where in the lesson's log it was read. ``waiting``: staff's. ``next_at``: slow mode's."""

    mode: ChatMode
    slow_seconds: int
    seq: int
    items: tuple[LineView, ...]
    next_cursor: str | None
    may_write: bool
    muted_until: dt.datetime | None
    muted_reason: str
    next_at: dt.datetime | None
    waiting: int | None


@dataclass(frozen=True, slots=True)
class ChatSettingsView:
    mode: ChatMode
    slow_seconds: int


_LINE = TypeAdapter(LineView)
_SETTINGS = TypeAdapter(ChatSettingsView)


# ---- writing ---------------------------------------------------------------------------------------------


async def write_line(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, text: str, now: dt.datetime
) -> LineView:
    """Who runs the lesson writes as its lecturer or as 会控, and waits for nobody's approval.

    Raises ``chat_off``, ``word_listed``, ``talk_muted``, ``slow_mode``, ``too_fast``, ``chat_busy``,
    ``invalid_body``, ``lesson_not_on_air``, ``forbidden``, ``lesson_not_found``, ``command_reused``.
    """
    kept = rules.cleaned(text)
    asked = command(principal, command_id, "write_line", lesson_id=lesson_id, text=kept)

    def work(tx: Transaction) -> LineView:
        target, speaker = writing_target(tx, principal, lesson_id, now)
        return once(tx, asked, now, _LINE, lambda: _write(tx, target, speaker, kept, now))

    view = await house.records.write(work)
    await tell(house, lesson_id, view.seq)
    return view


def _write(tx: Transaction, target: LessonTarget, speaker: Speaker, text: str, now: dt.datetime) -> LineView:
    lesson_id = target.lesson.id
    settings, listed = tx.chat.settings(lesson_id), has_listed(text, tx.words.of(target.unit_line))
    if speaker.kind in STAFF_KINDS:
        settings = rules.for_staff(settings)
    check_may_talk(tx, lesson_id, speaker, now)
    own = tx.chat.times(lesson_id, speaker.id, BURST)
    rules.check_pace(settings, own, tx.chat.count_since(lesson_id, rules.minute_before(now)), now)
    line = Line(
        id=str(uuid4()),
        lesson_id=lesson_id,
        seq=0,
        kind=speaker.kind,
        speaker_id=speaker.id,
        account_id=speaker.account_id,
        name=speaker.name,
        unit=speaker.unit,
        text=text,
        state=rules.first_state(settings, listed=listed),
        held=listed,
        at=now,
    )
    told = _told(tx, line, now, by=speaker.account_id)
    tx.chat.add(told)
    return line_view(told, mine=True, staff=False)


def _told(tx: Transaction, line: Line, now: dt.datetime, *, by: str) -> Line:
    """Announced to those who may see it now; with its place in the log."""
    said = [events.chat_line(audience, line) for audience in _who(line)]
    return replace(line, seq=tx.events.append(line.lesson_id, said, now, by))


def _who(line: Line) -> Sequence[str]:
    """The one place that says who sees a line: everybody when it is shown, else its sender and staff."""
    if line.state is LineState.SHOWN:
        return (EVERYONE,)
    return (to_account(line.account_id), STAFF)


# ---- reading ---------------------------------------------------------------------------------------------


async def list_chat(
    records: Records,
    principal: Principal,
    lesson_id: str,
    *,
    state: LineState | None,
    cursor: str | None,
    limit: int,
    now: dt.datetime,
) -> ChatView:
    """A page in order of ``seq``: the newest of what the caller may see, the cursor goes back; of ``waiting`` the
    oldest, the cursor goes on. Raises ``lesson_not_found``, ``forbidden`` for states that are staff's.
    """
    place = _place(cursor)

    def load(tx: Transaction) -> ChatView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        seq = tx.events.seq(lesson_id)  # before the lines: what comes between the two readings is only seen twice
        staff = Action.RUN in allowed(principal, target)
        own = _standing(principal, target)
        query = _query(state, own, place, staff=staff)
        lines = tx.chat.listed(lesson_id, query, limit + 1)
        more = len(lines) > limit
        shown = lines[:limit] if query.after is not None else lines[-limit:]
        cursor_at = shown[-1 if query.after is not None else 0].seq if shown else 0
        items = tuple(line_view(line, mine=line.speaker_id == own, staff=staff) for line in shown)
        return _chat_view(
            tx, target, own, seq=seq, items=items, cursor=str(cursor_at) if more else None, staff=staff, now=now
        )

    return await records.read(load)


def _place(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
        raise Refusal("invalid_body", "cursor")
    return int(cursor)


def _standing(principal: Principal, target: LessonTarget) -> str | None:
    try:
        return writing_standing(principal, target)[1]
    except Refusal:
        return None


def _query(state: LineState | None, own: str | None, place: int | None, *, staff: bool) -> LineQuery:
    if state not in {None, LineState.SHOWN} and not staff:
        raise Refusal("forbidden", f"lines that are {state}")
    if state is LineState.WAITING:
        return LineQuery((state,), after=place or 0)
    if state is not None:
        return LineQuery((state,), before=place)
    if staff:
        return LineQuery((LineState.SHOWN, LineState.WAITING), before=place)
    return LineQuery((LineState.SHOWN,), own=own, before=place)


def _chat_view(
    tx: Transaction,
    target: LessonTarget,
    own: str | None,
    *,
    seq: int,
    items: tuple[LineView, ...],
    cursor: str | None,
    staff: bool,
    now: dt.datetime,
) -> ChatView:
    lesson_id = target.lesson.id
    settings = tx.chat.settings(lesson_id)
    own_settings = rules.for_staff(settings) if staff else settings
    mute = tx.mutes.get(lesson_id, own) if own else None
    muted = mute is not None and now < mute.until
    times = tx.chat.times(lesson_id, own, 1) if own and own_settings.slow_seconds else ()
    return ChatView(
        mode=settings.mode,
        slow_seconds=settings.slow_seconds,
        seq=seq,
        items=items,
        next_cursor=cursor,
        may_write=own is not None and settings.mode is not ChatMode.OFF and not muted,
        muted_until=mute.until if mute is not None and muted else None,
        muted_reason=mute.reason if mute is not None and muted else "",
        next_at=rules.next_at(own_settings, times),
        waiting=tx.chat.waiting(lesson_id) if staff else None,
    )


def line_view(line: Line, *, mine: bool, staff: bool) -> LineView:
    return LineView(
        id=line.id,
        lesson_id=line.lesson_id,
        seq=line.seq,
        kind=line.kind,
        name=line.name,
        unit=line.unit,
        text=line.text,
        state=line.state,
        at=line.at,
        mine=mine,
        held=line.held and (staff or mine),
        speaker_id=line.speaker_id if staff else None,
    )


# ---- moderating ------------------------------------------------------------------------------------------


async def decide_line(
    house: House, principal: Principal, line_id: str, command_id: str, *, step: LineStep, now: dt.datetime
) -> LineView:
    """Approve it: everybody sees it. Delete it: it vanishes, and its words from the log.

    Raises ``line_not_found``, ``forbidden``, ``line_decided``, ``command_reused``.
    """
    asked = command(principal, command_id, step.value, line_id=line_id)

    def work(tx: Transaction) -> LineView:
        line = moderated_line(tx, principal, line_id, now)
        return once(tx, asked, now, _LINE, lambda: _decide(tx, principal, line, step, now))

    view = await house.records.write(work)
    await tell(house, view.lesson_id)
    return view


def _decide(tx: Transaction, principal: Principal, line: Line, step: LineStep, now: dt.datetime) -> LineView:
    moved = replace(line, state=rules.next_state(line.state, step), decided_at=now, decided_by=principal.account_id)
    if step is LineStep.APPROVE:
        moved = _told(tx, moved, now, by=principal.account_id)
    else:
        tx.events.append(line.lesson_id, _deleted(tx, line), now, principal.account_id)
    tx.chat.save(moved)
    return line_view(moved, mine=False, staff=True)


def _deleted(tx: Transaction, line: Line) -> list[Announcement]:
    """To whom it had been shown. What everybody could read in the log is taken out of it."""
    if line.state is LineState.SHOWN:
        withdrawn = replace(line, text="", state=LineState.DELETED)
        tx.events.withdraw(line.lesson_id, line.seq, events.chat_line(EVERYONE, withdrawn).data)
    return [events.chat_deleted(audience, line.id) for audience in _who(line)]


# ---- settings --------------------------------------------------------------------------------------------


async def set_chat(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, settings: ChatSettings, now: dt.datetime
) -> ChatSettingsView:
    """By who runs the lesson, at any time. Lines that wait go on waiting.

    Raises ``lesson_not_found``, ``forbidden``, ``invalid_body``, ``command_reused``.
    """
    rules.check_settings(settings)
    asked = command(
        principal, command_id, "set_chat", lesson_id=lesson_id, mode=settings.mode, slow_seconds=settings.slow_seconds
    )

    def work(tx: Transaction) -> ChatSettingsView:
        allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)

        def change() -> ChatSettingsView:
            tx.chat.set(lesson_id, settings)
            tx.events.append(lesson_id, [events.chat_changed(settings)], now, principal.account_id)
            return ChatSettingsView(settings.mode, settings.slow_seconds)

        return once(tx, asked, now, _SETTINGS, change)

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view
