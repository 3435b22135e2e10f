"""Chapters (标记章节): marked by hand, by themselves when an inquiry was answered, and told from the event log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain.access import Action, LessonTarget, Principal, listener
from server.domain.chapters import MOST_CHAPTERS, Chapter, ChapterKind
from server.domain.events import Event
from server.domain.refusals import Refusal
from server.domain.told_chapters import MOST_READ, NOUNS, Told, kinds, told
from server.services.commands import command, once
from server.services.finding import allowed_target, check_on_air
from server.services.house import House
from server.services.planned_marks import note_marks
from server.services.records import Records, Transaction
from server.services.rooms import tell


@dataclass(frozen=True, slots=True)
class ChapterView:
    """``at``: by the server's clock; a player finds it by EXT-X-PROGRAM-DATE-TIME, so pauses count for nothing.

    ``kept``: it can have another title, and go; the others follow from the log.
    """

    id: str
    at: dt.datetime
    title: str
    inquiry_id: str | None
    kind: ChapterKind = ChapterKind.MARK
    kept: bool = True


_VIEW = TypeAdapter(ChapterView)


async def list_chapters(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[ChapterView, ...]:
    """By time, for whoever may watch the replay. Raises ``lesson_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[ChapterView, ...]:
        target = allowed_target(tx, principal, Action.REPLAY, lesson_id, now)
        log = _log(tx, principal, target)
        kept, live_at = tx.chapters.of(lesson_id), target.lesson.live_at
        known = kinds(kept, log)
        shown = [_view(chapter, known[chapter.id]) for chapter in kept]
        if target.lesson.recorded and live_at is not None:
            shown += [_told(one) for one in told(log, live_at, target.lesson.ended_at)]
        return tuple(sorted(shown, key=lambda one: one.at))

    return await records.read(load)


def _log(tx: Transaction, principal: Principal, target: LessonTarget) -> tuple[Event, ...]:
    return tx.events.latest(target.lesson.id, listener(principal, target), NOUNS, MOST_READ)


def _told(one: Told) -> ChapterView:
    return ChapterView(one.id, one.at, one.title, None, one.kind, kept=False)


async def mark_chapter(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, title: str, now: dt.datetime
) -> ChapterView:
    """Here and now. Raises ``lesson_not_on_air``, ``forbidden``, ``invalid_body`` for too many, ``command_reused``."""
    asked = command(principal, command_id, "mark_chapter", lesson_id=lesson_id, title=title)

    def work(tx: Transaction) -> ChapterView:
        target = allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)
        return once(tx, asked, now, _VIEW, lambda: _mark(tx, principal, target, title, now))

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _mark(tx: Transaction, principal: Principal, target: LessonTarget, title: str, now: dt.datetime) -> ChapterView:
    check_on_air(target.lesson)
    if len(tx.chapters.of(target.lesson.id)) >= MOST_CHAPTERS:
        raise Refusal("invalid_body", f"{MOST_CHAPTERS} chapters at most")
    chapter = Chapter(str(uuid4()), target.lesson.id, now, title.strip(), principal.account_id)
    tx.chapters.add(chapter)
    said = [events.chapter_marked(chapter), *note_marks(tx, target.lesson, now)]
    tx.events.append(chapter.lesson_id, said, now, principal.account_id)
    return _view(chapter, ChapterKind.MARK)


async def name_chapter(
    house: House, principal: Principal, chapter_id: str, command_id: str, *, title: str, now: dt.datetime
) -> ChapterView:
    """Also after the lesson. Raises ``chapter_not_found``, ``forbidden``, ``command_reused``."""
    asked = command(principal, command_id, "name_chapter", chapter_id=chapter_id, title=title)

    def work(tx: Transaction) -> tuple[str, ChapterView]:
        chapter = _found(tx, principal, chapter_id, now)
        return chapter.lesson_id, once(tx, asked, now, _VIEW, lambda: _name(tx, principal, chapter, title, now))

    lesson_id, view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _name(tx: Transaction, principal: Principal, chapter: Chapter, title: str, now: dt.datetime) -> ChapterView:
    named = replace(chapter, title=title.strip())
    tx.chapters.save(named)
    tx.events.append(named.lesson_id, [events.chapter_marked(named)], now, principal.account_id)
    log = _log(tx, principal, allowed_target(tx, principal, Action.RUN, chapter.lesson_id, now))
    return _view(named, kinds([named], log)[named.id])


async def remove_chapter(house: House, principal: Principal, chapter_id: str, now: dt.datetime) -> None:
    """Raises ``chapter_not_found``, ``forbidden``."""

    def work(tx: Transaction) -> str:
        chapter = _found(tx, principal, chapter_id, now)
        tx.chapters.remove(chapter_id)
        tx.events.append(chapter.lesson_id, [events.chapter_removed(chapter_id)], now, principal.account_id)
        return chapter.lesson_id

    await tell(house, await house.records.write(work))


def _found(tx: Transaction, principal: Principal, chapter_id: str, now: dt.datetime) -> Chapter:
    """Its lesson's row locked. Whoever may not know the lesson learns of no chapter."""
    chapter = tx.chapters.get(chapter_id)
    if chapter is None:
        raise Refusal("chapter_not_found", chapter_id)
    try:
        allowed_target(tx, principal, Action.RUN, chapter.lesson_id, now, lock=True)
    except Refusal as refusal:
        raise Refusal("chapter_not_found" if refusal.code == "lesson_not_found" else refusal.code) from None
    return chapter


def _view(chapter: Chapter, kind: ChapterKind) -> ChapterView:
    return ChapterView(chapter.id, chapter.at, chapter.title, chapter.inquiry_id, kind)
