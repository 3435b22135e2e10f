"""Slides on stage: which deck is open, its page, how that went over the lesson, and the chapters that follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.domain.refusals import Refusal

MOST_TURNS = 5000
"""Kept of one lesson; turning goes on beyond, the last one then stands for all later ones."""
STAYED = dt.timedelta(seconds=20)
"""A page that was shown for less was leafed through: no chapter begins there."""
APART = dt.timedelta(seconds=60)
"""Between two chapters that come from slides."""
MOST_SLIDE_CHAPTERS = 100


@dataclass(frozen=True, slots=True)
class Turn:
    """From ``at`` on this page is on stage; ``material_id`` None: no slides are. ``page`` counts from 1."""

    number: int
    at: dt.datetime
    material_id: str | None
    page: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on stage now. ``reached``: the furthest page of this deck that was ever shown."""

    material_id: str
    name: str
    page: int
    pages: int
    reached: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Heading:
    """A moment that a chapter may begin with."""

    at: dt.datetime
    title: str


def turn_to(last: Turn | None, material_id: str, page: int, pages: int, now: dt.datetime) -> Turn | None:
    """The next turn, None when it stands there already. Raises ``page_unknown``."""
    if not 1 <= page <= pages:
        raise Refusal("page_unknown", f"{page} of {pages}")
    if last is not None and (last.material_id, last.page) == (material_id, page):
        return None
    return Turn(_next_number(last), now, material_id, page)


def left_at(turns: Iterable[Turn], material_id: str, pages: int) -> int:
    """The page at which the deck was last on stage; the first when it never was. ``turns`` in order."""
    pages_shown = [turn.page for turn in turns if turn.material_id == material_id]
    return min(pages_shown[-1], pages) if pages_shown else 1


def close(last: Turn | None, now: dt.datetime) -> Turn | None:
    """The turn that clears the stage, None when nothing is on it."""
    if last is None or last.material_id is None:
        return None
    return Turn(_next_number(last), now, None)


def _next_number(last: Turn | None) -> int:
    return min(MOST_TURNS, last.number + 1) if last else 1


def headings(turns: Sequence[Turn], titles: Mapping[str, Sequence[str]], end: dt.datetime) -> tuple[Heading, ...]:
    """Where chapters begin: a page with a title that stayed, unlike the chapter before, and not too soon after it.

    Coming back to a page that had its chapter begins none.
    """
    found: list[Heading] = []
    seen: set[tuple[str, str]] = set()
    for turn, after in _stays(turns, end):
        title = _title(turn, titles)
        if not title or after - turn.at < STAYED or (turn.material_id or "", title) in seen:
            continue
        if found and turn.at - found[-1].at < APART:
            continue
        seen.add((turn.material_id or "", title))
        found.append(Heading(turn.at, title))
    return tuple(found[:MOST_SLIDE_CHAPTERS])


def _stays(turns: Sequence[Turn], end: dt.datetime) -> Iterable[tuple[Turn, dt.datetime]]:
    """Each turn that shows something, and how long it did."""
    return (
        (turn, after) for turn, after in zip(turns, _ends(turns, end), strict=False) if turn.material_id is not None
    )


def _ends(turns: Sequence[Turn], end: dt.datetime) -> list[dt.datetime]:
    return [*(turn.at for turn in turns[1:]), end]


def _title(turn: Turn, titles: Mapping[str, Sequence[str]]) -> str:
    listed = titles.get(turn.material_id or "", ())
    return listed[turn.page - 1].strip() if 1 <= turn.page <= len(listed) else ""
