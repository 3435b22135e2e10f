"""Turns of slides, as rows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from server.domain.slides import Standing, Turn
from server.store.schema import materials, slide_turns
from server.store.upserts import insert

_LAST = (
    sa.select(slide_turns)
    .where(slide_turns.c.lesson_id == sa.bindparam("lesson"))
    .order_by(slide_turns.c.number.desc())
    .limit(1)
)
_OF_LESSON = slide_turns.c.lesson_id == sa.bindparam("lesson")
_NEWEST = sa.select(sa.func.max(slide_turns.c.number)).where(_OF_LESSON).scalar_subquery()
# Built once: every phone that comes looks at the stage.
_STANDING = sa.select(
    *(slide_turns.c.material_id, slide_turns.c.page, slide_turns.c.at, materials.c.name, materials.c.result)
).where(_OF_LESSON, slide_turns.c.number == _NEWEST, materials.c.id == slide_turns.c.material_id)
_REACHED = (
    sa.select(slide_turns.c.material_id, sa.func.max(slide_turns.c.page))
    .where(_OF_LESSON, slide_turns.c.material_id.is_not(None))
    .group_by(slide_turns.c.material_id)
)


class SqlSlides:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def last(self, lesson_id: str) -> Turn | None:
        row = self._connection.execute(_LAST, {"lesson": lesson_id}).one_or_none()
        return None if row is None else _turn(row)

    def of(self, lesson_id: str) -> tuple[Turn, ...]:
        query = sa.select(slide_turns).where(slide_turns.c.lesson_id == lesson_id).order_by(slide_turns.c.number)
        return tuple(_turn(row) for row in self._connection.execute(query))

    def put(self, lesson_id: str, turn: Turn) -> None:
        place = {"lesson_id": lesson_id, "number": turn.number}
        values = {"at": turn.at, "material_id": turn.material_id, "page": turn.page}
        added = insert(self._connection, slide_turns).values({**place, **values})
        self._connection.execute(added.on_conflict_do_update(index_elements=list(place), set_=values))

    def standing(self, lesson_id: str) -> Standing | None:
        row = self._connection.execute(_STANDING, {"lesson": lesson_id}).one_or_none()
        if row is None:
            return None
        reached = self.reached(lesson_id)[row.material_id]
        pages = int((row.result or {}).get("pages", 0))
        return Standing(row.material_id, row.name, row.page, pages, reached, row.at)

    def reached(self, lesson_id: str) -> dict[str, int]:
        rows = self._connection.execute(_REACHED, {"lesson": lesson_id})
        return {material_id: int(page) for material_id, page in rows}


def _turn(row: sa.Row[Any]) -> Turn:
    return Turn(row.number, row.at, row.material_id, row.page)
