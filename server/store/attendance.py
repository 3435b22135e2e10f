"""Sign-ins and the proofs they rest on, presence, and the server's own outages, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.presence import Channel, Outage, Span
from server.domain.sign_ins import Proof, SignIn, Way
from server.store.batches import batched
from server.store.places import place_of
from server.store.schema import credit_rules, lessons, outages, presence_spans, pulses, sign_in_proofs, sign_ins
from server.store.upserts import insert, padded

# Built once: a hall signs in within a minute, and building a statement costs as much as running it.
_MINE = sa.select(sign_ins).where(
    sign_ins.c.lesson_id == sa.bindparam("lesson"), sign_ins.c.member_id == sa.bindparam("member")
)
_GRACE = (
    sa.select(credit_rules.c.late_after_minutes)
    .join(lessons, lessons.c.rule_id == credit_rules.c.id)
    .where(lessons.c.id == sa.bindparam("lesson"))
)
_PROOF = sa.select(sign_in_proofs).where(sign_in_proofs.c.digest == sa.bindparam("proof"))
_SOME_PROOFS = sa.select(sign_in_proofs).where(sign_in_proofs.c.digest.in_(sa.bindparam("proofs", expanding=True)))


class SqlSignIns:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, lesson_id: str) -> tuple[SignIn, ...]:
        query = sa.select(sign_ins).where(sign_ins.c.lesson_id == lesson_id).order_by(sign_ins.c.at)
        return tuple(sign_in_of(row._asdict()) for row in self._connection.execute(query))

    def at(self, lesson_id: str, lesson_venue_id: str) -> tuple[SignIn, ...]:
        here = (sign_ins.c.lesson_id == lesson_id, place_of(sign_ins) == lesson_venue_id)
        rows = self._connection.execute(sa.select(sign_ins).where(*here))
        return tuple(sign_in_of(row._asdict()) for row in rows)

    def get(self, lesson_id: str, member_id: str) -> SignIn | None:
        return self._one(_MINE, {"lesson": lesson_id, "member": member_id})

    def add(self, lesson_id: str, sign_in: SignIn) -> None:
        self._connection.execute(sa.insert(sign_ins), _row(lesson_id, sign_in))

    def add_first(self, lesson_id: str, sign_in: SignIn) -> bool:
        """The constraints decide between two that come at once, also from two processes."""
        added = insert(self._connection, sign_ins).on_conflict_do_nothing()
        return self._connection.execute(added, _row(lesson_id, sign_in)).rowcount == 1

    def add_each(self, each: Sequence[tuple[str, SignIn]]) -> list[tuple[str, str, str]]:
        if not each:
            return []
        added = insert(self._connection, sign_ins).on_conflict_do_nothing()
        told = added.returning(sign_ins.c.lesson_id, sign_ins.c.member_id, sign_ins.c.command_id)
        rows = self._connection.execute(told, [_row(lesson_id, sign_in) for lesson_id, sign_in in each])
        return [(row.lesson_id, row.member_id, row.command_id) for row in rows]

    def any_by(self, lesson_id: str, account_ids: Collection[str]) -> bool:
        theirs = sa.and_(sign_ins.c.lesson_id == lesson_id, sign_ins.c.account_id.in_(account_ids))
        own = sa.and_(theirs, sign_ins.c.way.not_in([Way.ASSISTED.value, Way.KIOSK.value]))
        return bool(self._connection.execute(sa.select(sa.exists().where(own))).scalar())

    def of_proof(self, proof_digest: str) -> SignIn | None:
        return self._one(sa.select(sign_ins).where(sign_ins.c.proof_digest == proof_digest), {})

    def _one(self, query: sa.Select[Any], values: Mapping[str, str]) -> SignIn | None:
        row = self._connection.execute(query, values).one_or_none()
        return None if row is None else sign_in_of(row._asdict())

    def mark_left(self, lesson_id: str, member_id: str, at: dt.datetime | None, by: str) -> None:
        mine = sa.and_(sign_ins.c.lesson_id == lesson_id, sign_ins.c.member_id == member_id)
        self._connection.execute(sa.update(sign_ins).where(mine).values(left_at=at, left_by=by if at else None))

    def grace_minutes(self, lesson_id: str) -> int | None:
        return self._connection.execute(_GRACE, {"lesson": lesson_id}).scalar()


def _row(lesson_id: str, sign_in: SignIn) -> dict[str, Any]:
    return {"lesson_id": lesson_id, **asdict(sign_in), "way": sign_in.way.value}


def sign_in_of(row: Mapping[str, Any]) -> SignIn:
    fields = {name: value for name, value in row.items() if name != "lesson_id"}
    return SignIn(**{**fields, "way": Way(fields["way"])})


class SqlProofs:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, proofs: Sequence[Proof]) -> None:
        added = insert(self._connection, sign_in_proofs).on_conflict_do_nothing()
        self._connection.execute(added, [asdict(proof) for proof in proofs])

    def get(self, digest: str) -> Proof | None:
        row = self._connection.execute(_PROOF, {"proof": digest}).one_or_none()
        return None if row is None else Proof(**row._mapping)

    def those(self, digests: Collection[str]) -> dict[str, Proof]:
        found: dict[str, Proof] = {}
        for some in batched(digests):
            rows = self._connection.execute(_SOME_PROOFS, {"proofs": padded(some)})
            found |= {row.digest: Proof(**row._mapping) for row in rows}
        return found

    def forget_before(self, before: dt.datetime) -> int:
        return self._connection.execute(sa.delete(sign_in_proofs).where(sign_in_proofs.c.expires_at < before)).rowcount


class SqlSpans:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, lesson_id: str) -> tuple[Span, ...]:
        query = sa.select(presence_spans).where(presence_spans.c.lesson_id == lesson_id)
        return tuple(_span(row) for row in self._connection.execute(query.order_by(presence_spans.c.since)))

    def checkpoint(self, lesson_id: str, spans: Sequence[Span]) -> None:
        """A span is known by its device and beginning; a later end replaces an earlier one, never the other way."""
        if not spans:
            return
        added = insert(self._connection, presence_spans)
        moved = added.on_conflict_do_update(
            index_elements=["lesson_id", "device", "since"],
            set_={"until": added.excluded.until},
            where=presence_spans.c.until < added.excluded.until,
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

    def pulse(self, name: str, at: dt.datetime) -> None:
        beat = insert(self._connection, pulses).values(name=name, at=at)
        self._connection.execute(beat.on_conflict_do_update(index_elements=["name"], set_={"at": at}))

    def last_pulse(self, name: str) -> dt.datetime | None:
        return self._connection.execute(sa.select(pulses.c.at).where(pulses.c.name == name)).scalar()

    def pulses(self) -> dict[str, dt.datetime]:
        return {row.name: row.at for row in self._connection.execute(sa.select(pulses))}

    def rest(self, name: str) -> None:
        self._connection.execute(sa.delete(pulses).where(pulses.c.name == name))
