"""Courses, series, the rhythm of kinds of lessons and calendars' addresses, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.courses import Course, Repeat, Repeats, Series
from server.domain.feeds import Feed
from server.domain.lesson_kinds import Every, KindRule, LessonKind
from server.store.batches import batched
from server.store.schema import calendar_feeds, courses, kind_rules, lesson_series


class SqlCourses:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, course_id: str) -> Course | None:
        return self._one(sa.select(courses).where(courses.c.id == course_id))

    def lock(self, course_id: str) -> Course | None:
        return self._one(sa.select(courses).where(courses.c.id == course_id).with_for_update())

    def _one(self, query: sa.Select[Any]) -> Course | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Course(**row._mapping)

    def of_units(self, unit_ids: Collection[str]) -> tuple[Course, ...]:
        found = [
            Course(**row._mapping)
            for some in batched(unit_ids)
            for row in self._connection.execute(sa.select(courses).where(courses.c.unit_id.in_(some)))
        ]
        return tuple(sorted(found, key=lambda course: (course.title, course.id)))

    def titles(self, course_ids: Collection[str]) -> dict[str, str]:
        if not course_ids:
            return {}
        query = sa.select(courses.c.id, courses.c.title).where(courses.c.id.in_(course_ids))
        return {row.id: row.title for row in self._connection.execute(query)}

    def add(self, course: Course) -> None:
        self._connection.execute(sa.insert(courses).values(asdict(course)))

    def save(self, course: Course) -> None:
        self._connection.execute(sa.update(courses).where(courses.c.id == course.id).values(asdict(course)))

    def series(self, series_id: str) -> Series | None:
        query = sa.select(lesson_series).where(lesson_series.c.id == series_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        repeats = Repeats(**{**row.repeats, "every": Repeat(row.repeats["every"])})
        return Series(**{**row._mapping, "repeats": repeats})

    def add_series(self, series: Series) -> None:
        self._connection.execute(sa.insert(lesson_series).values(asdict(series)))

    def undo_series(self, series_id: str, at: dt.datetime) -> None:
        change = sa.update(lesson_series).where(lesson_series.c.id == series_id)
        self._connection.execute(change.values(undone_at=at))


class SqlKindRules:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def all(self) -> tuple[KindRule, ...]:
        rows = self._connection.execute(sa.select(kind_rules))
        return tuple(
            KindRule(**{**row._mapping, "kind": LessonKind(row.kind), "every": Every(row.every)}) for row in rows
        )

    def put(self, rule: KindRule) -> None:
        same = (kind_rules.c.unit_id == rule.unit_id, kind_rules.c.kind == rule.kind.value)
        self._connection.execute(sa.delete(kind_rules).where(*same, kind_rules.c.since == rule.since))
        values = {**asdict(rule), "kind": rule.kind.value, "every": rule.every.value}
        self._connection.execute(sa.insert(kind_rules).values(values))


class SqlFeeds:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of_account(self, account_id: str) -> Feed | None:
        return self._one(calendar_feeds.c.account_id == account_id)

    def by_digest(self, token_digest: str) -> Feed | None:
        return self._one(calendar_feeds.c.token_digest == token_digest)

    def _one(self, condition: sa.ColumnElement[bool]) -> Feed | None:
        row = self._connection.execute(sa.select(calendar_feeds).where(condition)).one_or_none()
        return None if row is None else Feed(**row._mapping)

    def put(self, feed: Feed) -> None:
        self.drop(feed.account_id)
        self._connection.execute(sa.insert(calendar_feeds).values(asdict(feed)))

    def drop(self, account_id: str) -> None:
        self._connection.execute(sa.delete(calendar_feeds).where(calendar_feeds.c.account_id == account_id))

    def used(self, feed_id: str, at: dt.datetime) -> None:
        change = sa.update(calendar_feeds).where(calendar_feeds.c.id == feed_id)
        self._connection.execute(change.values(used_at=at))
