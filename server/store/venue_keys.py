"""Keys of room kits, as rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.kits import VenueKey
from server.store.schema import venue_keys


class SqlVenueKeys:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, key_id: str) -> VenueKey | None:
        return next(iter(self._loaded(venue_keys.c.id == key_id)), None)

    def by_digest(self, digest: str) -> VenueKey | None:
        return next(iter(self._loaded(venue_keys.c.digest == digest)), None)

    def of_lesson(self, lesson_id: str) -> tuple[VenueKey, ...]:
        return self._loaded(venue_keys.c.lesson_id == lesson_id)

    def add(self, key: VenueKey) -> None:
        self._connection.execute(sa.insert(venue_keys), [asdict(key)])

    def use(self, key_id: str, at: dt.datetime) -> bool:
        """Beside a revocation of another process the row decides, not what was read of it before."""
        change = sa.update(venue_keys).where(venue_keys.c.id == key_id, venue_keys.c.revoked_at.is_(None))
        return self._connection.execute(change.values(used_at=at)).rowcount == 1

    def save(self, key: VenueKey) -> None:
        change = sa.update(venue_keys).where(venue_keys.c.id == key.id)
        self._connection.execute(change.values(revoked_at=key.revoked_at, revoked_by=key.revoked_by))

    def _loaded(self, condition: sa.ColumnElement[bool]) -> tuple[VenueKey, ...]:
        query = sa.select(venue_keys).where(condition).order_by(venue_keys.c.issued_at, venue_keys.c.id)
        return tuple(VenueKey(**row._mapping) for row in self._connection.execute(query))
