"""Corrections, as rows. ``open_key`` is unique and set while one waits: a member has one of these in a lesson."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.attendance import Standing
from server.domain.corrections import Correction, CorrectionState
from server.store.schema import corrections
from server.store.upserts import insert


class SqlCorrections:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, correction_id: str) -> Correction | None:
        row = self._connection.execute(sa.select(corrections).where(corrections.c.id == correction_id)).one_or_none()
        return None if row is None else _correction(row)

    def of(self, lesson_id: str) -> tuple[Correction, ...]:
        query = sa.select(corrections).where(corrections.c.lesson_id == lesson_id).order_by(corrections.c.number)
        return tuple(_correction(row) for row in self._connection.execute(query))

    def add(self, correction: Correction) -> bool:
        added = insert(self._connection, corrections).values(_row(correction))
        return self._connection.execute(added.on_conflict_do_nothing(index_elements=["open_key"])).rowcount == 1

    def save(self, correction: Correction) -> None:
        change = sa.update(corrections).where(corrections.c.id == correction.id)
        self._connection.execute(change.values(_row(correction)))


def _row(correction: Correction) -> dict[str, Any]:
    waits = correction.state is CorrectionState.WAITING
    words = {name: getattr(correction, name).value for name in ("before", "after", "state")}
    return {
        **asdict(correction),
        **words,
        "open_key": f"{correction.lesson_id}:{correction.member_id}" if waits else None,
    }


def _correction(row: sa.Row[Any]) -> Correction:
    own = {name: value for name, value in row._mapping.items() if name != "open_key"}
    words = {"before": Standing(row.before), "after": Standing(row.after), "state": CorrectionState(row.state)}
    return Correction(**{**own, **words})
