"""How long a recording stays: what was decided about it, and deleting it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain import keeping as rules
from server.domain.access import Action, Principal, allowed
from server.domain.jobs import JobState
from server.domain.keeping import KeepClass, Kept, Place
from server.domain.lessons import Lesson, LessonState
from server.domain.recordings import Recording, RecordingState
from server.domain.refusals import MEANINGS, Refusal
from server.services.commands import command, once
from server.services.finding import allowed_target
from server.services.house import House
from server.services.records import Transaction

_OVER = frozenset({LessonState.SETTLED, LessonState.ARCHIVED, LessonState.CANCELLED})


@dataclass(frozen=True, slots=True)
class MoveView:
    """To the object store. ``text``: why the last try failed; it is tried again by itself."""

    state: JobState
    progress: int
    text: str | None
    text_en: str | None


@dataclass(frozen=True, slots=True)
class ClassEndView:
    """What would come of this recording in a class: when it goes; ``at_once``: its time would be over, and the next
    sweep deletes it. ``goes_at`` None: never, or the lesson is not settled."""

    keep_class: KeepClass
    days: int | None
    goes_at: dt.datetime | None
    at_once: bool


@dataclass(frozen=True, slots=True)
class KeptView:
    """``own``: it was given this class, by whom and why. ``goes_at`` None: never by itself, or not settled yet.

    ``by_kind``: the class of its lesson's kind. ``classes``: for whoever may give it another.
    """

    recording_id: str
    keep_class: KeepClass
    own: bool
    reason: str
    by: str
    days: int | None
    goes_at: dt.datetime | None
    held: bool
    needed: bool
    place: Place
    deleted_at: dt.datetime | None
    deleted_by: str
    why: str
    may: bool
    move: MoveView | None
    by_kind: KeepClass
    classes: tuple[ClassEndView, ...]


_KEPT = TypeAdapter(KeptView)


# ---- one recording ---------------------------------------------------------------------------------------


async def see_kept(house: House, principal: Principal, recording_id: str, now: dt.datetime) -> KeptView:
    """For whoever may watch it. Raises ``recording_not_found``."""

    def look(tx: Transaction) -> KeptView:
        recording, lesson = _recording(tx, principal, Action.REPLAY, recording_id, now)
        return _view(tx, house, principal, (recording, lesson), now)

    return await house.records.read(look)


async def set_class(
    house: House,
    principal: Principal,
    command_id: str,
    recording_id: str,
    *,
    keep_class: KeepClass | None,
    reason: str,
    now: dt.datetime,
) -> KeptView:
    """None: again that of its lesson's kind. Raises ``recording_not_found``, ``forbidden``, ``recording_deleted``."""
    fields = {"recording_id": recording_id, "keep_class": keep_class, "reason": reason}
    asked = command(principal, command_id, "set_keep_class", **fields)

    def put(tx: Transaction, recording: Recording, lesson: Lesson) -> KeptView:
        kept = tx.keeping.of(recording_id, lock=True)
        _check_there(kept)
        by = principal.account_id
        tx.keeping.put(replace(kept, keep_class=keep_class, reason=reason, set_by=by, set_at=now))
        return _view(tx, house, principal, (recording, lesson), now)

    def work(tx: Transaction) -> KeptView:
        pair = _recording(tx, principal, Action.KEEP, recording_id, now, lock=True)
        return once(tx, asked, now, _KEPT, lambda: put(tx, *pair))

    return await house.records.write(work)


async def delete_recording(
    house: House, principal: Principal, command_id: str, recording_id: str, *, reason: str, now: dt.datetime
) -> KeptView:
    """Nobody plays it from now on; its media goes from the disk by the next look. What it was evidence for stays.

    Raises ``recording_not_found``, ``forbidden``, ``recording_deleted``, ``recording_not_finished``, ``not_settled``,
    ``recording_held``, ``recording_needed``.
    """
    asked = command(principal, command_id, "delete_recording", recording_id=recording_id, reason=reason)

    def delete(tx: Transaction, recording: Recording, lesson: Lesson) -> KeptView:
        kept = tx.keeping.of(recording_id, lock=True)
        _check_there(kept)
        if recording.state is not RecordingState.FINISHED:
            raise Refusal("recording_not_finished", recording.state)
        if lesson.state not in _OVER:
            raise Refusal("not_settled", lesson.state)
        if tx.keeping.held(lesson.id):
            raise Refusal("recording_held", lesson.id)
        if tx.keeping.needed(lesson.id, now):
            raise Refusal("recording_needed", lesson.id)
        tx.keeping.put(replace(kept, deleted_at=now, deleted_by=principal.account_id, why=reason))
        return _view(tx, house, principal, (recording, lesson), now)

    def work(tx: Transaction) -> KeptView:
        pair = _recording(tx, principal, Action.KEEP, recording_id, now, lock=True)
        return once(tx, asked, now, _KEPT, lambda: delete(tx, *pair))

    return await house.records.write(work)


def _check_there(kept: Kept) -> None:
    if kept.deleted_at is not None:
        raise Refusal("recording_deleted", kept.recording_id)


def _recording(
    tx: Transaction, principal: Principal, action: Action, recording_id: str, now: dt.datetime, *, lock: bool = False
) -> tuple[Recording, Lesson]:
    """Whoever may not know the lesson learns of no recording."""
    recording = tx.recordings.get(recording_id)
    if recording is None:
        raise Refusal("recording_not_found", recording_id)
    try:
        target = allowed_target(tx, principal, action, recording.lesson_id, now, lock=lock)
    except Refusal as refusal:
        hidden = refusal.code == "lesson_not_found" or action is Action.REPLAY
        raise Refusal("recording_not_found" if hidden else refusal.code) from None
    return recording, target.lesson


def _view(
    tx: Transaction, house: House, principal: Principal, pair: tuple[Recording, Lesson], now: dt.datetime
) -> KeptView:
    recording, lesson = pair
    kept = tx.keeping.of(recording.id)
    keep_class = kept.keep_class or rules.class_of(tx.keeping.kinds(), lesson.kind, now)
    rule = rules.rule_of(tx.keeping.rules(), keep_class, now)
    over_at = (lesson.settled_at or lesson.ended_at or lesson.ends_at) if lesson.state in _OVER else None
    target = allowed_target(tx, principal, Action.REPLAY, lesson.id, now)
    may = Action.KEEP in allowed(principal, target)
    names = tx.accounts.names({who for who in (kept.set_by, kept.deleted_by) if who}) if may else {}
    held, needed = may and tx.keeping.held(lesson.id), tx.keeping.needed(lesson.id, now)
    return KeptView(
        recording_id=recording.id,
        keep_class=keep_class,
        own=kept.keep_class is not None,
        reason=kept.reason if may else "",
        by=names.get(kept.set_by or "", ""),
        days=rule.days,
        goes_at=rules.goes_at(rule, over_at),
        held=held,
        needed=needed,
        place=kept.place,
        deleted_at=kept.deleted_at,
        deleted_by=names.get(kept.deleted_by or "", ""),
        why=kept.why if may else "",
        may=may,
        move=_move(tx, house, recording.id) if may else None,
        by_kind=rules.class_of(tx.keeping.kinds(), lesson.kind, now),
        classes=_ends(tx, over_at, now, stays=held or needed) if may and kept.deleted_at is None else (),
    )


def _ends(tx: Transaction, over_at: dt.datetime | None, now: dt.datetime, *, stays: bool) -> tuple[ClassEndView, ...]:
    """``stays``: no sweep deletes it just now, whatever its class."""
    known = tx.keeping.rules()

    def one(keep_class: KeepClass) -> ClassEndView:
        rule = rules.rule_of(known, keep_class, now)
        goes_at = rules.goes_at(rule, over_at)
        return ClassEndView(keep_class, rule.days, goes_at, goes_at is not None and goes_at <= now and not stays)

    return tuple(map(one, KeepClass))


def _move(tx: Transaction, house: House, recording_id: str) -> MoveView | None:
    one = tx.keeping.move(recording_id)
    if one is None:
        return None
    meaning = MEANINGS[one.code] if one.code else None
    percent = 100 if one.state is JobState.DONE else house.moving.percent(recording_id)
    return MoveView(one.state, percent, meaning.title if meaning else None, meaning.title_en if meaning else None)
