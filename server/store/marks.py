"""Words at places of recordings: what somebody marked, and what else stands at a moment of a lesson.

Whatever puts words beside a recording is found by being one of ``_WORDED``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa

from server.domain.recordings import Mark
from server.store.batches import batched
from server.store.schema import chapters, told_chapters

_WORDED = tuple((each.c.lesson_id, each.c.at, each.c.title) for each in (chapters, told_chapters))
"""Lesson, moment and text of each table that has such words."""


def holding(lesson_id: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Of lessons: that one of their marks holds the text, whatever its case."""
    return sa.or_(
        *(sa.exists().where(of == lesson_id, words.icontains(text, autoescape=True)) for of, _, words in _WORDED)
    )


def found(connection: sa.Connection, lesson_ids: Collection[str], text: str) -> dict[str, tuple[Mark, ...]]:
    """By lesson, those that hold the text, by time."""
    marks: defaultdict[str, list[Mark]] = defaultdict(list)
    for some in batched(set(lesson_ids)):
        for of, at, words in _WORDED:
            query = sa.select(of, at, words).where(of.in_(some), words.icontains(text, autoescape=True))
            for lesson_id, moment, title in connection.execute(query):
                marks[lesson_id].append(Mark(moment, title))
    return {lesson_id: tuple(sorted(those, key=lambda mark: mark.at)) for lesson_id, those in marks.items()}
