"""Course certificates (结业证书), as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from server.domain.course_certificates import CourseCertificate, searched
from server.store.schema import course_certificates
from server.store.upserts import insert, padded

_FIELDS = tuple(field.name for field in fields(CourseCertificate))
_ITS = course_certificates.c


class SqlCertificates:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, certificate_id: str, *, lock: bool = False) -> CourseCertificate | None:
        query = sa.select(course_certificates).where(_ITS.id == certificate_id)
        return self._one(query.with_for_update() if lock else query)

    def numbered(self, number: str) -> CourseCertificate | None:
        return self._one(sa.select(course_certificates).where(_ITS.number == number))

    def of(self, course_id: str, member_id: str) -> CourseCertificate | None:
        return self._one(sa.select(course_certificates).where(_ITS.course_id == course_id, _ITS.member_id == member_id))

    def of_member(self, member_id: str) -> tuple[CourseCertificate, ...]:
        query = sa.select(course_certificates).where(_ITS.member_id == member_id)
        rows = self._connection.execute(query.order_by(_ITS.issued_at.desc(), _ITS.id))
        return tuple(_certificate(row) for row in rows)

    def of_course(
        self, course_id: str, unit_ids: Collection[str], limit: int, after: str | None, text: str = ""
    ) -> tuple[CourseCertificate, ...]:
        query = sa.select(course_certificates).where(_ITS.course_id == course_id, _ITS.unit_id.in_(padded(unit_ids)))
        if text:
            named = (_ITS.name.icontains(text, autoescape=True), _ITS.unit.icontains(text, autoescape=True))
            number = searched(text)
            numbered = (_ITS.number.contains(number, autoescape=True),) if number else ()
            query = query.where(sa.or_(*named, *numbered))
        last = self.get(after) if after else None
        if last is not None:
            same = sa.and_(_ITS.issued_at == last.issued_at, _ITS.id > last.id)
            query = query.where(sa.or_(_ITS.issued_at < last.issued_at, same))
        rows = self._connection.execute(query.order_by(_ITS.issued_at.desc(), _ITS.id).limit(limit))
        return tuple(_certificate(row) for row in rows)

    def add(self, one: CourseCertificate) -> None:
        added = insert(self._connection, course_certificates).values(asdict(one))
        self._connection.execute(added.on_conflict_do_nothing(index_elements=["course_id", "member_id"]))

    def save(self, one: CourseCertificate) -> None:
        self._connection.execute(sa.update(course_certificates).where(_ITS.id == one.id).values(asdict(one)))

    def withdraw_of(self, member_id: str, now: dt.datetime) -> None:
        theirs = (_ITS.member_id == member_id, _ITS.withdrawn_at.is_(None))
        self._connection.execute(sa.update(course_certificates).where(*theirs).values(withdrawn_at=now))

    def _one(self, query: sa.Select[Any]) -> CourseCertificate | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _certificate(row)


def _certificate(row: sa.Row[Any]) -> CourseCertificate:
    return CourseCertificate(**{name: getattr(row, name) for name in _FIELDS})
