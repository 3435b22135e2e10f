"""Roster, sign-ins, presence and the server's own outages, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.members import MemberKind
from server.domain.presence import Channel, Outage, Span
from server.domain.roster import RosterEntry
from server.domain.sign_ins import SignIn, Way
from server.store.schema import outages, presence_spans, roster_entries, sign_ins
from server.store.upserts import insert, padded

_AMONG = sa.select(roster_entries.c.member_id).where(
    roster_entries.c.lesson_id == sa.bindparam("lesson"),
    roster_entries.c.member_id.in_(sa.bindparam("members", expanding=True)),
)


class SqlRoster:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, lesson_id: str) -> tuple[RosterEntry, ...]:
        query = sa.select(roster_entries).where(roster_entries.c.lesson_id == lesson_id)
        ordered = query.order_by(roster_entries.c.unit_id, roster_entries.c.name, roster_entries.c.member_id)
        return tuple(_entry(row) for row in self._connection.execute(ordered))

    def among(self, lesson_id: str, member_ids: Collection[str]) -> frozenset[str]:
        found = self._connection.execute(_AMONG, {"lesson": lesson_id, "members": padded(member_ids)})
        return frozenset(found.scalars())

    def add(self, lesson_id: str, entries: Sequence[RosterEntry]) -> None:
        if entries:
            rows = [{"lesson_id": lesson_id, **asdict(entry), "kind": entry.kind.value} for entry in entries]
            self._connection.execute(sa.insert(roster_entries), rows)


def _entry(row: sa.Row[Any]) -> RosterEntry:
    return RosterEntry(
        row.member_id,
        row.name,
        MemberKind(row.kind),
        row.unit_id,
        row.lesson_venue_id,
        row.added_at,
        row.added_by,
        row.reason,
    )


class SqlSignIns:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, lesson_id: str) -> tuple[SignIn, ...]:
        query = sa.select(sign_ins).where(sign_ins.c.lesson_id == lesson_id).order_by(sign_ins.c.at)
        return tuple(sign_in_of(row) for row in self._connection.execute(query))

    def add(self, lesson_id: str, sign_in: SignIn) -> None:
        row = {"lesson_id": lesson_id, **asdict(sign_in), "way": sign_in.way.value}
        self._connection.execute(sa.insert(sign_ins), row)


def sign_in_of(row: sa.Row[Any]) -> SignIn:
    fields = {name: value for name, value in row._mapping.items() if name != "lesson_id"}
    return SignIn(**{**fields, "way": Way(row.way)})


class SqlSpans:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, lesson_id: str) -> tuple[Span, ...]:
        query = sa.select(presence_spans).where(presence_spans.c.lesson_id == lesson_id)
        return tuple(_span(row) for row in self._connection.execute(query.order_by(presence_spans.c.since)))

    def checkpoint(self, lesson_id: str, spans: Sequence[Span]) -> None:
        """A span is known by its device and beginning; a later checkpoint moves its end."""
        if not spans:
            return
        added = insert(self._connection, presence_spans)
        moved = added.on_conflict_do_update(
            index_elements=["lesson_id", "device", "since"], set_={"until": added.excluded.until}
        )
        rows = [{"lesson_id": lesson_id, **asdict(span), "channel": span.channel.value} for span in spans]
        self._connection.execute(moved, rows)


def _span(row: sa.Row[Any]) -> Span:
    return Span(row.device, row.since, row.until, Channel(row.channel), row.member_id, row.lesson_venue_id)


class SqlOutages:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def between(self, since: dt.datetime, until: dt.datetime) -> tuple[Outage, ...]:
        query = sa.select(outages).where(outages.c.until > since, outages.c.since < until)
        rows = self._connection.execute(query.order_by(outages.c.since))
        return tuple(Outage(row.since, row.until, row.cause) for row in rows)

    def add(self, outage: Outage) -> None:
        self._connection.execute(sa.insert(outages).values(asdict(outage)))
