"""Waves of notices and what becomes of each message, as rows. Claims: one claimer per channel at a time."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from server.domain.deliveries import Address, Channel, Delivery, DeliveryState, Tally
from server.domain.waves import MadeWave, Round, Wave
from server.store.batches import batched
from server.store.schema import accounts, claims, deliveries, members, sign_ins, waves
from server.store.upserts import insert

_FIELDS = tuple(field.name for field in dataclasses.fields(Delivery))
_PORTAL = deliveries.c.channel == Channel.PORTAL.value
_QUEUED = deliveries.c.state == DeliveryState.QUEUED.value
_ROWS_AT_ONCE = 1000


class SqlWaves:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, lesson_id: str) -> tuple[MadeWave, ...]:
        query = sa.select(waves).where(waves.c.lesson_id == lesson_id).order_by(waves.c.round, waves.c.made_at)
        return tuple(MadeWave(**{**row._mapping, "wave": Wave(row.wave)}) for row in self._connection.execute(query))

    def last_rounds(self, lesson_ids: Collection[str]) -> dict[str, Round]:
        found: dict[str, Round] = {}
        for some in batched(lesson_ids):
            query = sa.select(waves).where(waves.c.lesson_id.in_(some)).order_by(waves.c.lesson_id, waves.c.round)
            for row in self._connection.execute(query):
                last = found.get(row.lesson_id)
                made = last.made if last is not None and last.number == row.round else frozenset[Wave]()
                found[row.lesson_id] = Round(row.round, row.starts_at, made | {Wave(row.wave)})
        return found

    def add(self, made: MadeWave) -> bool:
        values = {**dataclasses.asdict(made), "wave": made.wave.value}
        added = insert(self._connection, waves).values(values).on_conflict_do_nothing()
        return self._connection.execute(added).rowcount == 1

    def told(self, keys: Collection[str]) -> dict[tuple[str, int], dt.datetime]:
        query = sa.select(waves.c.lesson_id, waves.c.round, waves.c.starts_at).where(waves.c.lesson_id.in_(keys))
        return {(row.lesson_id, row.round): row.starts_at for row in self._connection.execute(query)}


class SqlDeliveries:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, added: Sequence[Delivery]) -> None:
        rows = [_row(one) for one in added]
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            self._connection.execute(sa.insert(deliveries), rows[first : first + _ROWS_AT_ONCE])

    def write_again(self, one: Delivery) -> None:
        key = ("lesson_id", "round", "wave", "member_id", "channel")
        fresh = {"sent_at": one.sent_at, "read_at": None, "next_at": one.next_at}
        added = insert(self._connection, deliveries).values(_row(one))
        self._connection.execute(added.on_conflict_do_update(index_elements=key, set_=fresh))

    def get(self, delivery_id: str) -> Delivery | None:
        found = self._listed(sa.select(deliveries).where(deliveries.c.id == delivery_id))
        return found[0] if found else None

    def save(self, one: Delivery) -> None:
        self._connection.execute(sa.update(deliveries).where(deliveries.c.id == one.id).values(_row(one)))

    def begin(self, one: Delivery) -> bool:
        change = sa.update(deliveries).where(deliveries.c.id == one.id, _QUEUED).values(_row(one))
        return self._connection.execute(change).rowcount == 1

    def settle(self, one: Delivery) -> bool:
        mine = (deliveries.c.id == one.id, deliveries.c.claimed_by == one.claimed_by)
        begun = (deliveries.c.state == DeliveryState.SENDING.value, deliveries.c.tries == one.tries)
        change = sa.update(deliveries).where(*mine, *begun).values(_row(one))
        return self._connection.execute(change).rowcount == 1

    # ---- the queue ---------------------------------------------------------------------------------------

    def stop_queued(self, lesson_id: str, code: str, *, round_below: int | None = None) -> int:
        which = [deliveries.c.lesson_id == lesson_id, _QUEUED]
        if round_below is not None:
            which.append(deliveries.c.round < round_below)
        change = sa.update(deliveries).where(*which).values(state=DeliveryState.STOPPED.value, code=code)
        return self._connection.execute(change).rowcount

    def waiting_lessons(self) -> frozenset[str]:
        found = self._connection.execute(sa.select(deliveries.c.lesson_id).where(_QUEUED).distinct())
        return frozenset(found.scalars())

    def hold(self, channel: Channel, at: dt.datetime) -> None:
        held = insert(self._connection, claims).values(channel=channel.value, at=at)
        self._connection.execute(held.on_conflict_do_update(index_elements=["channel"], set_={"at": at}))

    def begun_since(self, channel: Channel, since: dt.datetime) -> int:
        recent = (deliveries.c.channel == channel.value, deliveries.c.claimed_at > since)
        return self._connection.execute(sa.select(sa.func.count()).select_from(deliveries).where(*recent)).scalar() or 0

    def next_queued(self, channel: Channel, now: dt.datetime, limit: int) -> tuple[Delivery, ...]:
        due = (_QUEUED, deliveries.c.channel == channel.value, deliveries.c.next_at <= now)
        query = sa.select(deliveries).where(*due).order_by(deliveries.c.next_at, deliveries.c.id).limit(limit)
        return self._listed(query)

    def lost(self, channel: Channel, before: dt.datetime, limit: int) -> tuple[Delivery, ...]:
        begun = (deliveries.c.state == DeliveryState.SENDING.value, deliveries.c.channel == channel.value)
        query = sa.select(deliveries).where(*begun, deliveries.c.claimed_at < before)
        return self._listed(query.order_by(deliveries.c.id).limit(limit))

    def addresses(self, member_ids: Collection[str]) -> dict[str, Address]:
        theirs = sa.and_(accounts.c.member_id == members.c.id, accounts.c.disabled.is_(False))
        query = sa.select(members.c.id, members.c.phone, accounts.c.number).outerjoin(accounts, theirs)
        found: dict[str, Address] = {}
        for some in batched(member_ids):
            rows = self._connection.execute(query.where(members.c.id.in_(some)))
            found |= {row.id: Address(row.number, row.phone) for row in rows}
        return found

    def signed_in(self, lesson_id: str, member_ids: Collection[str]) -> frozenset[str]:
        found: set[str] = set()
        for some in batched(member_ids):
            theirs = (sign_ins.c.lesson_id == lesson_id, sign_ins.c.member_id.in_(some))
            found.update(self._connection.execute(sa.select(sign_ins.c.member_id).where(*theirs)).scalars())
        return frozenset(found)

    # ---- seeing ------------------------------------------------------------------------------------------

    def tallies(self, lesson_id: str) -> tuple[Tally, ...]:
        by = (deliveries.c.round, deliveries.c.wave, deliveries.c.channel, deliveries.c.state)
        numbers = (sa.func.count().label("number"), sa.func.count(deliveries.c.read_at).label("opened"))
        waves_only = (deliveries.c.lesson_id == lesson_id, deliveries.c.wave != Wave.MAKE_UP.value)
        query = sa.select(*by, *numbers).where(*waves_only).group_by(*by)
        return tuple(
            Tally(row.round, Wave(row.wave), Channel(row.channel), DeliveryState(row.state), row.number, row.opened)
            for row in self._connection.execute(query)
        )

    def listed(
        self, lesson_id: str, states: Collection[DeliveryState], after: str | None, limit: int
    ) -> tuple[Delivery, ...]:
        wanted = [deliveries.c.lesson_id == lesson_id, sa.not_(_PORTAL)]
        wanted.append(deliveries.c.state.in_([state.value for state in states]))
        if after is not None:
            wanted.append(deliveries.c.id > after)
        return self._listed(sa.select(deliveries).where(*wanted).order_by(deliveries.c.id).limit(limit))

    def requeue(
        self, lesson_id: str, which: tuple[int, Wave], states: Collection[DeliveryState], now: dt.datetime
    ) -> int:
        number, wave = which
        told = (deliveries.c.lesson_id == lesson_id, deliveries.c.round == number, deliveries.c.wave == wave.value)
        theirs = (*told, sa.not_(_PORTAL))
        given_up = deliveries.c.state.in_([state.value for state in states])
        fresh = {"state": DeliveryState.QUEUED.value, "tries": 0, "next_at": now, "code": "", "unsure_since": None}
        return self._connection.execute(sa.update(deliveries).where(*theirs, given_up).values(fresh)).rowcount

    def written_to(self, lesson_id: str, round_number: int) -> frozenset[str]:
        theirs = (deliveries.c.lesson_id == lesson_id, deliveries.c.round == round_number, sa.not_(_PORTAL))
        return frozenset(self._connection.execute(sa.select(deliveries.c.member_id).where(*theirs)).scalars())

    def reached(self, lesson_id: str, round_number: int) -> frozenset[str]:
        went_out = sa.and_(sa.not_(_PORTAL), deliveries.c.state == DeliveryState.SENT.value)
        heard = sa.or_(went_out, sa.and_(_PORTAL, deliveries.c.read_at.is_not(None)))
        theirs = (deliveries.c.lesson_id == lesson_id, deliveries.c.round == round_number, heard)
        return frozenset(self._connection.execute(sa.select(deliveries.c.member_id).where(*theirs)).scalars())

    # ---- the inbox ---------------------------------------------------------------------------------------

    def letters(self, member_id: str, before: tuple[dt.datetime, str] | None, limit: int) -> tuple[Delivery, ...]:
        wanted = [deliveries.c.member_id == member_id, _PORTAL]
        if before is not None:
            at, last_id = before
            same = sa.and_(deliveries.c.sent_at == at, deliveries.c.id > last_id)
            wanted.append(sa.or_(deliveries.c.sent_at < at, same))
        newest = (deliveries.c.sent_at.desc(), deliveries.c.id)
        return self._listed(sa.select(deliveries).where(*wanted).order_by(*newest).limit(limit))

    def unread(self, member_id: str) -> int:
        new = (deliveries.c.member_id == member_id, _PORTAL, deliveries.c.read_at.is_(None))
        return self._connection.execute(sa.select(sa.func.count()).select_from(deliveries).where(*new)).scalar() or 0

    def mark(self, member_id: str, delivery_id: str | None, read_at: dt.datetime | None) -> int:
        theirs = [deliveries.c.member_id == member_id, _PORTAL]
        if delivery_id is not None:
            theirs.append(deliveries.c.id == delivery_id)
        else:
            theirs.append(deliveries.c.read_at.is_(None))
        return self._connection.execute(sa.update(deliveries).where(*theirs).values(read_at=read_at)).rowcount

    def _listed(self, query: sa.Select[Any]) -> tuple[Delivery, ...]:
        return tuple(_delivery(row) for row in self._connection.execute(query))


def _row(one: Delivery) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in _FIELDS}
    return values | {name: values[name].value for name in ("wave", "channel", "state")}


def _delivery(row: sa.Row[Any]) -> Delivery:
    values = {name: getattr(row, name) for name in _FIELDS}
    values |= {"wave": Wave(row.wave), "channel": Channel(row.channel), "state": DeliveryState(row.state)}
    return Delivery(**values)
