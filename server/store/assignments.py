"""Who is to be where before a lesson opens, as rows: units, members by name, and what members chose."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.roster import Assignments, MemberAssignment, PlaceChoice, UnitAssignment
from server.store.schema import member_assignments, place_choices, unit_assignments
from server.store.upserts import insert


class SqlAssignments:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, lesson_id: str) -> Assignments:
        of_units = sa.select(unit_assignments).where(unit_assignments.c.lesson_id == lesson_id)
        of_members = sa.select(member_assignments).where(member_assignments.c.lesson_id == lesson_id)
        return Assignments(
            tuple(UnitAssignment(row.unit_id, row.venue_id) for row in self._connection.execute(of_units)),
            tuple(
                MemberAssignment(row.member_id, row.venue_id, row.expected)
                for row in self._connection.execute(of_members)
            ),
        )

    def choices(self, lesson_id: str, member_id: str | None = None) -> tuple[PlaceChoice, ...]:
        query = sa.select(place_choices).where(place_choices.c.lesson_id == lesson_id)
        if member_id is not None:
            query = query.where(place_choices.c.member_id == member_id)
        return tuple(PlaceChoice(row.member_id, row.venue_id) for row in self._connection.execute(query))

    def choose(self, lesson_id: str, choice: PlaceChoice, at: dt.datetime) -> None:
        row = insert(self._connection, place_choices).values(lesson_id=lesson_id, chosen_at=at, **asdict(choice))
        now = {"venue_id": row.excluded.venue_id, "chosen_at": row.excluded.chosen_at}
        self._connection.execute(row.on_conflict_do_update(index_elements=["lesson_id", "member_id"], set_=now))

    def replace(self, lesson_id: str, assignments: Assignments) -> None:
        for table, rows in ((unit_assignments, assignments.units), (member_assignments, assignments.members)):
            self._connection.execute(sa.delete(table).where(table.c.lesson_id == lesson_id))
            if rows:
                self._connection.execute(sa.insert(table), [{"lesson_id": lesson_id, **asdict(row)} for row in rows])
