"""Venues, as rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.registry import VenueChange, VenueChangeKind
from server.domain.venues import Venue
from server.store.schema import lesson_venues, venue_changes, venues
from server.store.upserts import padded


class SqlVenues:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, venue_id: str) -> Venue | None:
        row = self._connection.execute(sa.select(venues).where(venues.c.id == venue_id)).one_or_none()
        return None if row is None else _venue(row._asdict())

    def all(self) -> tuple[Venue, ...]:
        rows = self._connection.execute(sa.select(venues).order_by(venues.c.name, venues.c.id))
        return tuple(_venue(row._asdict()) for row in rows)

    def add(self, added: Sequence[Venue]) -> None:
        if added:
            rows = [{**asdict(venue), "networks": list(venue.networks)} for venue in added]
            self._connection.execute(sa.insert(venues), rows)

    def of_places(self, lesson_venue_ids: Collection[str]) -> dict[str, Venue]:
        rows = self._connection.execute(_OF_PLACES, {"places": padded(lesson_venue_ids)}).all()
        return {row.place: _venue({name: row._mapping[name] for name in _FIELDS}) for row in rows}

    def set_network(self, venue_id: str, networks: Sequence[str], *, shares_device: bool) -> None:
        change = sa.update(venues).where(venues.c.id == venue_id)
        self._connection.execute(change.values(networks=list(networks), shares_device=shares_device))

    def save(self, venue: Venue) -> None:
        said = {name: getattr(venue, name) for name in ("name", "room", "seats", "notes", "retired", "version")}
        self._connection.execute(sa.update(venues).where(venues.c.id == venue.id).values(said))

    def note(self, change: VenueChange) -> None:
        fields = {**asdict(change), "kind": change.kind.value, "facts": dict(change.facts)}
        self._connection.execute(sa.insert(venue_changes).values(fields))

    def history(self, venue_id: str, limit: int) -> tuple[VenueChange, ...]:
        query = sa.select(venue_changes).where(venue_changes.c.venue_id == venue_id)
        rows = self._connection.execute(query.order_by(venue_changes.c.position.desc()).limit(limit))
        return tuple(VenueChange(row.at, row.actor, VenueChangeKind(row.kind), row.venue_id, row.facts) for row in rows)


_FIELDS = tuple(column.name for column in venues.c)
_OF_PLACES = (
    sa.select(lesson_venues.c.id.label("place"), *venues.c)
    .join(venues, venues.c.id == lesson_venues.c.venue_id)
    .where(lesson_venues.c.id.in_(sa.bindparam("places", expanding=True)))
)


def _venue(fields: Mapping[str, Any]) -> Venue:
    return Venue(**{**fields, "networks": tuple(fields["networks"])})
