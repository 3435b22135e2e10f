"""Venues, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.venues import Venue
from server.store.schema import venues


class SqlVenues:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, venue_id: str) -> Venue | None:
        row = self._connection.execute(sa.select(venues).where(venues.c.id == venue_id)).one_or_none()
        return None if row is None else _venue(row)

    def all(self) -> tuple[Venue, ...]:
        rows = self._connection.execute(sa.select(venues).order_by(venues.c.name, venues.c.id))
        return tuple(_venue(row) for row in rows)

    def add(self, added: Sequence[Venue]) -> None:
        if added:
            rows = [{**asdict(venue), "networks": list(venue.networks)} for venue in added]
            self._connection.execute(sa.insert(venues), rows)

    def set_network(self, venue_id: str, networks: Sequence[str], *, shares_device: bool) -> None:
        change = sa.update(venues).where(venues.c.id == venue_id)
        self._connection.execute(change.values(networks=list(networks), shares_device=shares_device))


def _venue(row: sa.Row[Any]) -> Venue:
    return Venue(**{**row._mapping, "networks": tuple(row.networks)})
