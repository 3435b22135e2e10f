"""Venues, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.venues import Venue
from server.store.schema import venues


class SqlVenues:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, venue_id: str) -> Venue | None:
        row = self._connection.execute(sa.select(venues).where(venues.c.id == venue_id)).one_or_none()
        return None if row is None else Venue(**row._mapping)

    def all(self) -> tuple[Venue, ...]:
        rows = self._connection.execute(sa.select(venues).order_by(venues.c.name, venues.c.id))
        return tuple(Venue(**row._mapping) for row in rows)

    def add(self, added: Sequence[Venue]) -> None:
        if added:
            self._connection.execute(sa.insert(venues), [asdict(venue) for venue in added])
