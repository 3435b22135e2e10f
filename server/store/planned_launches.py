"""Planned launches, as rows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from server.domain.planned_launches import Mark, MarkKind, Missed, Obstacle, PlannedLaunch, PlanState
from server.domain.quiz import Keep, Terms
from server.store.schema import planned_launches
from server.store.upserts import insert

_TABLE = planned_launches.c


class SqlPlannedLaunches:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, planned_id: str) -> PlannedLaunch | None:
        row = self._connection.execute(sa.select(planned_launches).where(_TABLE.id == planned_id)).one_or_none()
        return None if row is None else _plan(row)

    def of(self, lesson_id: str) -> tuple[PlannedLaunch, ...]:
        query = sa.select(planned_launches).where(_TABLE.lesson_id == lesson_id)
        return tuple(_plan(row) for row in self._connection.execute(query.order_by(_TABLE.planned_at, _TABLE.id)))

    def due(self) -> tuple[PlannedLaunch, ...]:
        mine = _TABLE.state == PlanState.WAITING.value, _TABLE.due_at.is_not(None)
        query = sa.select(planned_launches).where(*mine).order_by(_TABLE.due_at, _TABLE.planned_at, _TABLE.id)
        return tuple(_plan(row) for row in self._connection.execute(query))

    def put(self, plan: PlannedLaunch) -> None:
        row = _row(plan)
        changed = {name: row[name] for name in ("due_at", "state", "held", "missed", "quiz_id")}
        added = insert(self._connection, planned_launches).values(row)
        self._connection.execute(added.on_conflict_do_update(index_elements=["id"], set_=changed))


def _row(plan: PlannedLaunch) -> dict[str, Any]:
    return {
        "id": plan.id,
        "lesson_id": plan.lesson_id,
        "question_ids": list(plan.question_ids),
        "mark_kind": plan.mark.kind.value,
        "mark_number": plan.mark.number,
        "material_id": plan.mark.material_id,
        "seconds": plan.terms.seconds,
        "keep": plan.terms.keep.value,
        "grace_ms": plan.terms.grace_ms,
        "mix_questions": plan.mix_questions,
        "mix_options": plan.mix_options,
        "planned_by": plan.planned_by,
        "planned_at": plan.planned_at,
        "due_at": plan.due_at,
        "state": plan.state.value,
        "held": plan.held.value if plan.held else None,
        "missed": plan.missed.value if plan.missed else None,
        "quiz_id": plan.quiz_id,
    }


def _plan(row: sa.Row[Any]) -> PlannedLaunch:
    return PlannedLaunch(
        id=row.id,
        lesson_id=row.lesson_id,
        question_ids=tuple(row.question_ids),
        mark=Mark(MarkKind(row.mark_kind), row.mark_number, row.material_id),
        terms=Terms(row.seconds, Keep(row.keep), row.grace_ms),
        mix_questions=row.mix_questions,
        mix_options=row.mix_options,
        planned_by=row.planned_by,
        planned_at=row.planned_at,
        due_at=row.due_at,
        state=PlanState(row.state),
        held=Obstacle(row.held) if row.held else None,
        missed=Missed(row.missed) if row.missed else None,
        quiz_id=row.quiz_id,
    )
