"""Make-up study, as rows."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.attendance import Standing
from server.domain.make_up_terms import MakeUpTerms
from server.domain.make_ups import Attempt, Extension, MakeUp, MakeUpState
from server.domain.marks import MarkAnswer
from server.domain.question_pictures import Picture
from server.domain.quiz import Option, Question, QuestionKind
from server.domain.replays import Anchor, Span, Watch, union
from server.domain.scoring import Scoring
from server.store.batches import batched
from server.store.schema import make_up_attempts, make_up_marks, make_ups, replay_watches
from server.store.upserts import insert

_FIELDS = tuple(field.name for field in dataclasses.fields(MakeUp))
_TIMES = ("at", "deadline_at")


class SqlMakeUps:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, make_up_id: str) -> MakeUp | None:
        return self._one(sa.select(make_ups).where(make_ups.c.id == make_up_id))

    def lock(self, make_up_id: str) -> MakeUp | None:
        return self._one(sa.select(make_ups).where(make_ups.c.id == make_up_id).with_for_update())

    def of(self, lesson_id: str, member_id: str) -> MakeUp | None:
        mine = (make_ups.c.lesson_id == lesson_id, make_ups.c.member_id == member_id)
        return self._one(sa.select(make_ups).where(*mine).with_for_update())

    def seen(self, lesson_id: str, member_id: str) -> MakeUp | None:
        mine = (make_ups.c.lesson_id == lesson_id, make_ups.c.member_id == member_id)
        return self._one(sa.select(make_ups).where(*mine))

    def of_lesson(self, lesson_id: str, member_ids: Collection[str]) -> dict[str, MakeUp]:
        found: dict[str, MakeUp] = {}
        for some in batched(set(member_ids)):
            query = sa.select(make_ups).where(make_ups.c.lesson_id == lesson_id, make_ups.c.member_id.in_(some))
            found |= {row.member_id: _make_up(row) for row in self._connection.execute(query)}
        return found

    def of_member(self, member_id: str, limit: int) -> tuple[MakeUp, ...]:
        return self._listed(sa.select(make_ups).where(make_ups.c.member_id == member_id), limit)

    def among(self, make_up_ids: Collection[str], *, lock: bool = False) -> tuple[MakeUp, ...]:
        found: list[MakeUp] = []
        for some in batched(set(make_up_ids)):
            query = sa.select(make_ups).where(make_ups.c.id.in_(some)).order_by(make_ups.c.id)
            rows = self._connection.execute(query.with_for_update() if lock else query)
            found += [_make_up(row) for row in rows]
        return tuple(found)

    def listed(
        self,
        unit_ids: Collection[str],
        *,
        lesson_id: str | None,
        open_at: dt.datetime | None,
        before: tuple[dt.datetime, str] | None,
        limit: int,
    ) -> tuple[MakeUp, ...]:
        wanted: list[sa.ColumnElement[bool]] = [make_ups.c.unit_id.in_(unit_ids)]
        if lesson_id is not None:
            wanted.append(make_ups.c.lesson_id == lesson_id)
        if open_at is not None:
            wanted += [make_ups.c.state == MakeUpState.OPEN.value, make_ups.c.deadline_at > open_at]
        if before is not None:
            place = sa.tuple_(make_ups.c.deadline_at, make_ups.c.id)
            last = sa.tuple_(sa.literal(before[0], make_ups.c.deadline_at.type), sa.literal(before[1]))
            wanted.append(place < last if open_at is None else place > last)
        return self._listed(sa.select(make_ups).where(*wanted), limit, nearest=open_at is not None)

    def add(self, made: Sequence[MakeUp]) -> None:
        if made:
            added = insert(self._connection, make_ups).on_conflict_do_nothing()
            self._connection.execute(added, [_row(each) for each in made])

    def save(self, make_up: MakeUp) -> None:
        self._connection.execute(sa.update(make_ups).where(make_ups.c.id == make_up.id).values(_row(make_up)))

    def attempts(self, make_up_id: str) -> tuple[Attempt, ...]:
        theirs = make_up_attempts.c.make_up_id == make_up_id
        rows = self._connection.execute(sa.select(make_up_attempts).where(theirs).order_by(make_up_attempts.c.number))
        return tuple(attempt_of(row) for row in rows)

    def tried(self, lesson_id: str) -> tuple[tuple[MakeUp, tuple[Attempt, ...]], ...]:
        joined = sa.select(make_up_attempts).join(make_ups, make_ups.c.id == make_up_attempts.c.make_up_id)
        rows = self._connection.execute(
            joined.where(make_ups.c.lesson_id == lesson_id).order_by(make_up_attempts.c.number)
        )
        found: defaultdict[str, list[Attempt]] = defaultdict(list)
        for row in rows:
            found[row.make_up_id].append(attempt_of(row))
        return tuple((each, tuple(found[each.id])) for each in self.among(found))

    def add_attempt(self, attempt: Attempt) -> None:
        self._connection.execute(sa.insert(make_up_attempts).values(attempt_row(attempt)))

    def save_attempt(self, attempt: Attempt) -> None:
        change = sa.update(make_up_attempts).where(make_up_attempts.c.id == attempt.id)
        self._connection.execute(change.values(attempt_row(attempt)))

    def marked(self, make_up_ids: Collection[str]) -> dict[str, tuple[MarkAnswer, ...]]:
        kept: defaultdict[str, list[MarkAnswer]] = defaultdict(list)
        marks = make_up_marks.c
        for some in batched(set(make_up_ids)):
            query = sa.select(make_up_marks).where(marks.make_up_id.in_(some)).order_by(marks.at, marks.quiz_id)
            for row in self._connection.execute(query):
                said = (row.quiz_id, row.member_id, tuple(row.choice))
                kept[row.make_up_id].append(MarkAnswer(*said, row.right, row.at))
        return {make_up_id: tuple(given) for make_up_id, given in kept.items()}

    def mark(self, make_up_id: str, answer: MarkAnswer) -> None:
        values = {**asdict(answer), "choice": list(answer.choice), "make_up_id": make_up_id}
        values["quiz_id"] = values.pop("question_id")
        self._connection.execute(insert(self._connection, make_up_marks).on_conflict_do_nothing().values(values))

    def _one(self, query: sa.Select[Any]) -> MakeUp | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _make_up(row)

    def _listed(self, query: sa.Select[Any], limit: int, *, nearest: bool = False) -> tuple[MakeUp, ...]:
        place = (make_ups.c.deadline_at, make_ups.c.id)
        order = place if nearest else tuple(each.desc() for each in place)
        return tuple(_make_up(row) for row in self._connection.execute(query.order_by(*order).limit(limit)))


class SqlWatches:
    """``table``: with a column that names what is watched, ``watched``, beside those of ``replay_watches``."""

    def __init__(
        self, connection: sa.Connection, table: sa.Table = replay_watches, watched: str = "recording_id"
    ) -> None:
        self._connection, self._table, self._watched = connection, table, watched

    def add(self, recording_id: str, member_ids: Collection[str]) -> None:
        new = {self._watched: recording_id, "watched": [], "fetched": [], "anchors": [], "position_ms": 0}
        rows = [{**new, "member_id": member_id} for member_id in sorted(member_ids)]
        if rows:
            self._connection.execute(insert(self._connection, self._table).on_conflict_do_nothing(), rows)

    def is_kept(self, recording_id: str, member_id: str) -> bool:
        query = sa.select(self._table.c.member_id).where(*self._mine(recording_id, member_id))
        return self._connection.execute(query).first() is not None

    def get(self, recording_id: str, member_id: str, *, lock: bool = False) -> tuple[Watch, tuple[Span, ...]] | None:
        query = sa.select(self._table).where(*self._mine(recording_id, member_id))
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else (_watch(row), _spans(row.fetched))

    def save(self, recording_id: str, member_id: str, watch: Watch) -> None:
        anchors = [{**asdict(each), "at": each.at.isoformat()} for each in watch.anchors]
        kept = {"watched": watch.watched, "anchors": anchors, "position_ms": watch.position_ms}
        change = sa.update(self._table).where(*self._mine(recording_id, member_id))
        self._connection.execute(change.values({**kept, "spent_at": watch.spent_at}))

    def fetch(self, recording_id: str, member_id: str, spans: Sequence[Span]) -> None:
        mine = self._mine(recording_id, member_id)
        row = self._connection.execute(sa.select(self._table.c.fetched).where(*mine).with_for_update()).one_or_none()
        if row is not None:
            change = sa.update(self._table).where(*mine)
            self._connection.execute(change.values(fetched=union([*_spans(row.fetched), *spans])))

    def _mine(self, recording_id: str, member_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
        return self._table.c[self._watched] == recording_id, self._table.c.member_id == member_id


def _spans(kept: Sequence[Sequence[int]]) -> tuple[Span, ...]:
    return tuple((since, until) for since, until in kept)


def _watch(row: sa.Row[Any]) -> Watch:
    anchors = tuple(Anchor(**{**each, "at": dt.datetime.fromisoformat(each["at"])}) for each in row.anchors)
    return Watch(_spans(row.watched), row.position_ms, row.spent_at, anchors)


def _row(make_up: MakeUp) -> dict[str, Any]:
    values = {name: getattr(make_up, name) for name in _FIELDS}
    extended = [
        {**asdict(each), **{name: getattr(each, name).isoformat() for name in _TIMES}} for each in make_up.extensions
    ]
    words = {"standing": make_up.standing.value, "state": make_up.state.value}
    return {**values, **words, "terms": asdict(make_up.terms), "extensions": extended}


def _make_up(row: sa.Row[Any]) -> MakeUp:
    values = {name: getattr(row, name) for name in _FIELDS}
    words = {"standing": Standing(row.standing), "state": MakeUpState(row.state)}
    extended = tuple(_extension(each) for each in row.extensions)
    return MakeUp(**{**values, **words, "terms": MakeUpTerms(**row.terms), "extensions": extended})


def _extension(kept: Mapping[str, Any]) -> Extension:
    return Extension(**{**kept, **{name: dt.datetime.fromisoformat(kept[name]) for name in _TIMES}})


def attempt_row(attempt: Attempt, of: str = "make_up_id") -> dict[str, Any]:
    """``of``: the column that says what it is an attempt at."""
    values = {field.name: getattr(attempt, field.name) for field in dataclasses.fields(Attempt)}
    values[of] = values.pop("make_up_id")
    return values | {"paper": [{**asdict(each), "kind": each.kind.value} for each in attempt.paper]}


def attempt_of(row: sa.Row[Any], of: str = "make_up_id") -> Attempt:
    paper = tuple(question_of(each) for each in row.paper)
    choices = None if row.choices is None else {each: tuple(chosen) for each, chosen in row.choices.items()}
    values = {**row._mapping, "paper": paper, "choices": choices}
    values["make_up_id"] = values.pop(of)
    return Attempt(**values)


def question_of(kept: Mapping[str, Any]) -> Question:
    options = tuple(Option(**each) for each in kept["options"])
    known: dict[str, Any] = {"kind": QuestionKind(kept["kind"]), "options": options, "correct": tuple(kept["correct"])}
    known["scoring"] = Scoring(kept.get("scoring", Scoring.EXACT))  # papers are older than rules
    known["blanks"] = tuple(tuple(accepted) for accepted in kept.get("blanks", ()))
    known["picture"] = Picture(**kept["picture"]) if kept.get("picture") else None
    return Question(**{**kept, **known})
