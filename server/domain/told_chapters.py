"""Chapters that follow from what the event log told everybody: who was on the air, and which question was put.

They are told anew each time that somebody asks, from the events that the asker may hear, so that nothing in them goes
beyond those: of a question its text alone, as it stood on the screens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.domain.chapters import MOST_CHAPTERS, Chapter, ChapterKind, chapter_title
from server.domain.events import Event
from server.domain.venues import CLIP_SOURCE, LECTURER_SOURCES, MAIN_SOURCE

SHOWN = dt.timedelta(seconds=5)
"""What was on the air for less begins no chapter."""
NOUNS = frozenset({"stage", "quiz", "paper", "clip", "slides"})
"""Of events: what stands before the point of the kinds that chapters are told from."""
MOST_READ = 5000
"""Of the log's newest lines about who is on the air, pages, clips and questions."""
_PAGES = frozenset({"slides.opened", "slides.turned"})
PAPER = "整卷作答"
"""The title of a paper that has no name."""
_MARK = ChapterKind.MARK


@dataclass(frozen=True, slots=True)
class Told:
    """A chapter that follows from the log. ``id`` is the same each time."""

    id: str
    at: dt.datetime
    kind: ChapterKind
    title: str


def told(events: Sequence[Event], since: dt.datetime, until: dt.datetime | None) -> tuple[Told, ...]:
    """By time, of what happened from ``since`` until ``until`` (None: goes on). ``events``: in their order."""
    within = [event for event in events if since <= event.at and (until is None or event.at < until)]
    before = [event for event in events if event.at < since]
    quizzes = (
        Told(f"quiz-{event.data['quiz_id']}", event.at, ChapterKind.QUIZ, chapter_title(event.data["text"]))
        for event in within
        if event.kind == "quiz.launched"
    )
    papers = (
        Told(f"paper-{event.data['run_id']}", event.at, ChapterKind.QUIZ, chapter_title(event.data["name"] or PAPER))
        for event in within
        if event.kind == "paper.launched"
    )
    found = sorted((*quizzes, *papers, *_stages(_takes(before)[-1:], _takes(within), until)), key=lambda one: one.at)
    return tuple(found[:MOST_CHAPTERS])


def _takes(events: Iterable[Event]) -> list[Event]:
    """Sources that came into the camera's slot. A clip has a chapter of its own, and after it comes what was before."""
    taken = (event for event in events if event.kind == "stage.taken" and event.data["slot"] == "camera")
    return [event for event in taken if event.data["source"] not in {None, CLIP_SOURCE}]


def _stages(before: list[Event], takes: list[Event], until: dt.datetime | None) -> Iterable[Told]:
    """A change of who is on the air that lasted. The lecturer's machines are one; the lesson begins with whoever was on
    before it.
    """
    standing = _who(before[0]) if before else MAIN_SOURCE
    ends = [*(take.at for take in takes[1:]), until]
    for take, end in zip(takes, ends, strict=False):
        if _who(take) == standing or (end is not None and end - take.at < SHOWN):
            continue
        standing = _who(take)
        yield Told(f"stage-{take.seq}", take.at, ChapterKind.STAGE, chapter_title(take.data["label"] or ""))


def _who(take: Event) -> str:
    source = str(take.data["source"])
    return MAIN_SOURCE if source in LECTURER_SOURCES else source


def kinds(chapters: Iterable[Chapter], events: Iterable[Event]) -> dict[str, ChapterKind]:
    """By id. A chapter of a clip or of a page has the very moment of its event: both were one transaction's."""
    moments = {event.at: ChapterKind.CLIP for event in events if event.kind == "clip.started"}
    moments = {event.at: ChapterKind.SLIDES for event in events if event.kind in _PAGES} | moments
    return {one.id: ChapterKind.INQUIRY if one.inquiry_id else moments.get(one.at, _MARK) for one in chapters}
