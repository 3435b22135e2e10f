"""Venues' devices and the screens that wait to become one, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.pairing import Device, Pairing
from server.store.batches import batched
from server.store.schema import pairings, venue_devices


class SqlDevices:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def wait(self, pairing: Pairing) -> None:
        self._connection.execute(sa.insert(pairings).values(asdict(pairing)))

    def waiting(self, now: dt.datetime) -> tuple[Pairing, ...]:
        query = sa.select(pairings).where(pairings.c.expires_at > now, pairings.c.device_id.is_(None))
        return tuple(Pairing(**row._mapping) for row in self._connection.execute(query))

    def drop(self, pairing_id: str) -> None:
        self._connection.execute(sa.delete(pairings).where(pairings.c.id == pairing_id, pairings.c.device_id.is_(None)))

    def of_account(self, account_id: str) -> Device | None:
        query = sa.select(venue_devices).where(venue_devices.c.account_id == account_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Device(**row._mapping)

    def pairing(self, pairing_id: str) -> Pairing | None:
        row = self._connection.execute(sa.select(pairings).where(pairings.c.id == pairing_id)).one_or_none()
        return None if row is None else Pairing(**row._mapping)

    def shown(self, code_digest: str, *, lock: bool = False) -> Pairing | None:
        query = sa.select(pairings).where(pairings.c.code_digest == code_digest)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else Pairing(**row._mapping)

    def claim(self, pairing_id: str, device_id: str) -> None:
        self._connection.execute(sa.update(pairings).where(pairings.c.id == pairing_id).values(device_id=device_id))

    def add(self, device: Device) -> None:
        self._connection.execute(sa.insert(venue_devices).values(asdict(device)))

    def get(self, device_id: str) -> Device | None:
        row = self._connection.execute(sa.select(venue_devices).where(venue_devices.c.id == device_id)).one_or_none()
        return None if row is None else Device(**row._mapping)

    def of_venue(self, venue_id: str) -> tuple[Device, ...]:
        query = sa.select(venue_devices).where(venue_devices.c.venue_id == venue_id)
        ordered = query.order_by(venue_devices.c.paired_at.desc(), venue_devices.c.id)
        return tuple(Device(**row._mapping) for row in self._connection.execute(ordered))

    def counted(self, venue_ids: Collection[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in batched(venue_ids):
            query = sa.select(venue_devices.c.venue_id, sa.func.count().label("devices")).where(
                venue_devices.c.venue_id.in_(some), venue_devices.c.revoked_at.is_(None)
            )
            rows = self._connection.execute(query.group_by(venue_devices.c.venue_id))
            found |= {row.venue_id: row.devices for row in rows}
        return found

    def revoke(self, device_id: str, by: str, at: dt.datetime) -> None:
        change = sa.update(venue_devices).where(venue_devices.c.id == device_id, venue_devices.c.revoked_at.is_(None))
        self._connection.execute(change.values(revoked_by=by, revoked_at=at))

    def forget_before(self, before: dt.datetime) -> int:
        return self._connection.execute(sa.delete(pairings).where(pairings.c.expires_at <= before)).rowcount
