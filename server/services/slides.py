"""Slides on stage: opening a deck, turning its pages, putting it away; and how that went, for the replay."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain import events, slides
from server.domain.access import Action, Principal
from server.domain.chapters import MOST_CHAPTERS, Chapter
from server.domain.events import Announcement
from server.domain.lessons import Lesson
from server.domain.materials import Material, MaterialKind, MaterialState
from server.domain.refusals import Refusal
from server.domain.slides import Standing, Turn
from server.services.commands import Command, command, once
from server.services.finding import allowed_target, check_on_air
from server.services.house import House
from server.services.planned_marks import note_marks
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.views import SlidesView


@dataclass(frozen=True, slots=True)
class SlidesNow:
    """``slides`` null: none are on stage."""

    slides: SlidesView | None


@dataclass(frozen=True, slots=True)
class TurnView:
    """From ``at`` on, by the server's clock. ``material_id`` null: no slides."""

    at: dt.datetime
    material_id: str | None
    page: int


_NOW = TypeAdapter(SlidesNow)


def slides_view(standing: Standing | None) -> SlidesView | None:
    if standing is None:
        return None
    return SlidesView(
        material_id=standing.material_id,
        name=standing.name,
        page=standing.page,
        pages=standing.pages,
        reached=standing.reached,
        at=standing.at,
    )


async def list_turns(records: Records, principal: Principal, lesson_id: str, now: dt.datetime) -> tuple[TurnView, ...]:
    """In order, for whoever may watch the replay. Raises ``lesson_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[TurnView, ...]:
        allowed_target(tx, principal, Action.REPLAY, lesson_id, now)
        return tuple(TurnView(turn.at, turn.material_id, turn.page) for turn in tx.slides.of(lesson_id))

    return await records.read(load)


# ---- directing -------------------------------------------------------------------------------------------

Step = Callable[[Transaction, str, Turn | None], tuple[Turn | None, Announcement | None]]
"""The turn that follows the last one, and what is said of it; nothing when it stands so already."""


async def open_slides(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    material_id: str,
    page: int | None,
    now: dt.datetime,
) -> SlidesNow:
    """A deck comes on stage, at this page or (None) where it was last; another one leaves it.

    Raises ``forbidden``, ``lesson_not_on_air``, ``material_not_found``, ``material_not_ready``, ``page_unknown``.
    """

    def step(tx: Transaction, lesson_id: str, last: Turn | None) -> tuple[Turn | None, Announcement | None]:
        deck = _deck(tx, lesson_id, material_id)
        at = page if page is not None else slides.left_at(tx.slides.of(lesson_id), deck.id, deck.pages)
        turn = slides.turn_to(last, deck.id, at, deck.pages, now)
        return turn, events.slides_opened(deck.id, deck.name, at, deck.pages)

    asked = command(principal, command_id, "open_slides", lesson=lesson_id, material=material_id, page=page)
    return await _direct(house, principal, lesson_id, asked, step, now=now)


async def turn_slides(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    material_id: str,
    page: int,
    now: dt.datetime,
) -> SlidesNow:
    """To this page of the deck on stage: the number, not a direction, so that a repeated turn is one.

    Raises ``slides_closed`` when that deck is not on stage any more, and as :func:`open_slides`.
    """

    def step(tx: Transaction, lesson_id: str, last: Turn | None) -> tuple[Turn | None, Announcement | None]:
        if last is None or last.material_id != material_id:
            raise Refusal("slides_closed", material_id)
        deck = _deck(tx, lesson_id, material_id)
        return slides.turn_to(last, deck.id, page, deck.pages, now), events.slides_turned(deck.id, page)

    asked = command(principal, command_id, "turn_slides", lesson=lesson_id, material=material_id, page=page)
    return await _direct(house, principal, lesson_id, asked, step, now=now)


async def close_slides(
    house: House, principal: Principal, lesson_id: str, command_id: str, now: dt.datetime
) -> SlidesNow:
    """Raises ``forbidden``, ``lesson_not_on_air``."""

    def step(_tx: Transaction, _lesson_id: str, last: Turn | None) -> tuple[Turn | None, Announcement | None]:
        return slides.close(last, now), events.slides_closed()

    asked = command(principal, command_id, "close_slides", lesson=lesson_id)
    return await _direct(house, principal, lesson_id, asked, step, now=now)


async def _direct(
    house: House, principal: Principal, lesson_id: str, asked: Command, step: Step, *, now: dt.datetime
) -> SlidesNow:
    def work(tx: Transaction) -> SlidesNow:
        target = allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)

        def do() -> SlidesNow:
            check_on_air(target.lesson)
            turn, said = step(tx, lesson_id, tx.slides.last(lesson_id))
            if turn is not None and said is not None:
                tx.slides.put(lesson_id, turn)
                told = [said, *note_marks(tx, target.lesson, now)]
                tx.events.append(lesson_id, told, now, principal.account_id)
            return SlidesNow(slides_view(tx.slides.standing(lesson_id)))

        return once(tx, asked, now, _NOW, do)

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _deck(tx: Transaction, lesson_id: str, material_id: str) -> Material:
    found = tx.materials.get(material_id)
    is_deck = found is not None and (found.lesson_id, found.kind) == (lesson_id, MaterialKind.SLIDES)
    if found is None or not is_deck or found.state is MaterialState.DELETED:
        raise Refusal("material_not_found", material_id)
    if found.state is not MaterialState.READY:
        raise Refusal("material_not_ready", found.state)
    return found


# ---- the lesson's end ------------------------------------------------------------------------------------


def put_away(tx: Transaction, lesson: Lesson, now: dt.datetime) -> list[Announcement]:
    """The stage is cleared; where there is a replay, its chapters follow the pages."""
    turns = tx.slides.of(lesson.id)
    if not turns:
        return []
    said: list[Announcement] = []
    closing = slides.close(turns[-1], now)
    if closing is not None:
        tx.slides.put(lesson.id, closing)
        said.append(events.slides_closed())
    return [*said, *_chapters(tx, lesson, turns, now)] if lesson.recorded and lesson.live_at else said


def _chapters(tx: Transaction, lesson: Lesson, turns: tuple[Turn, ...], now: dt.datetime) -> list[Announcement]:
    """In the name of who opened the deck's lesson: its lecturer, else who uploaded the deck."""
    assert lesson.live_at is not None
    decks = {one: tx.materials.get(one) for one in {turn.material_id for turn in turns} if one is not None}
    titles = {key: (deck.result or {}).get("titles", ()) for key, deck in decks.items() if deck is not None}
    by = lesson.lecturer_id or next((deck.account_id for deck in decks.values() if deck is not None), None)
    room = MOST_CHAPTERS - len(tx.chapters.of(lesson.id))
    made: list[Announcement] = []
    for heading in slides.headings(turns, titles, now)[: max(0, room)]:
        if by is None or heading.at < lesson.live_at:
            continue
        chapter = Chapter(str(uuid.uuid4()), lesson.id, heading.at, heading.title, by)
        tx.chapters.add(chapter)
        made.append(events.chapter_marked(chapter))
    return made
