"""Outside credit, its proofs and its entries, as rows. ``standing_key`` is unique and set while it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.outside import OutsideCredit, OutsideEntry, OutsideState, Proof, ProofKind, standing_key
from server.store.schema import memberships, outside_credits, outside_entries, outside_proofs
from server.store.upserts import insert

_its, _proofs, _entries = outside_credits.c, outside_proofs.c, outside_entries.c
_AT_ONCE = 500


class SqlOutside:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, outside_id: str, *, lock: bool = False) -> OutsideCredit | None:
        query = sa.select(outside_credits).where(_its.id == outside_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _outside(row)

    def of_member(self, member_id: str, since: dt.date, until: dt.date) -> tuple[OutsideCredit, ...]:
        mine = (_its.member_id == member_id, _its.held_on >= since, _its.held_on < until)
        query = sa.select(outside_credits).where(*mine).order_by(_its.held_on.desc(), _its.entered_at.desc(), _its.id)
        return tuple(map(_outside, self._connection.execute(query)))

    def listed(
        self,
        unit_ids: Collection[str],
        on: dt.date,
        *,
        state: OutsideState | None,
        year: int | None,
        before: tuple[dt.datetime, str] | None,
        limit: int,
    ) -> tuple[OutsideCredit, ...]:
        here = (memberships.c.since <= on, sa.or_(memberships.c.until.is_(None), memberships.c.until > on))
        today = sa.select(memberships.c.member_id).where(memberships.c.unit_id.in_(unit_ids), *here)
        query = sa.select(outside_credits).where(sa.or_(_its.unit_id.in_(unit_ids), _its.member_id.in_(today)))
        if state is not None:
            query = query.where(_its.state == state.value)
        if year is not None:
            query = query.where(_its.held_on >= dt.date(year, 1, 1), _its.held_on < dt.date(year + 1, 1, 1))
        if before is not None:
            last = sa.tuple_(sa.literal(before[0], _its.entered_at.type), sa.literal(before[1]))
            query = query.where(sa.tuple_(_its.entered_at, _its.id) < last)
        rows = self._connection.execute(query.order_by(_its.entered_at.desc(), _its.id.desc()).limit(limit))
        return tuple(map(_outside, rows))

    def waiting(self, member_ids: Collection[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        listed = sorted(member_ids)
        for start in range(0, len(listed), _AT_ONCE):
            theirs = _its.member_id.in_(listed[start : start + _AT_ONCE])
            query = sa.select(_its.member_id, sa.func.count()).where(theirs, _its.state == OutsideState.ASKED.value)
            found |= {row[0]: row[1] for row in self._connection.execute(query.group_by(_its.member_id))}
        return found

    def standing(self, keys: Collection[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        listed = sorted(keys)
        for start in range(0, len(listed), _AT_ONCE):
            query = sa.select(_its.standing_key, _its.hundredths)
            rows = self._connection.execute(query.where(_its.standing_key.in_(listed[start : start + _AT_ONCE])))
            found |= {row.standing_key: row.hundredths for row in rows}
        return found

    def add(self, one: OutsideCredit) -> bool:
        added = insert(self._connection, outside_credits).values(_row(one))
        return self._connection.execute(added.on_conflict_do_nothing(index_elements=["standing_key"])).rowcount == 1

    def save(self, one: OutsideCredit) -> None:
        self._connection.execute(sa.update(outside_credits).where(_its.id == one.id).values(_row(one)))

    # ---- entries ---------------------------------------------------------------------------------------

    def enter(self, entry: OutsideEntry) -> None:
        self._connection.execute(sa.insert(outside_entries).values(asdict(entry)))

    def entries(self, outside_ids: Collection[str]) -> tuple[OutsideEntry, ...]:
        query = sa.select(outside_entries).where(_entries.outside_id.in_(outside_ids))
        rows = self._connection.execute(query.order_by(_entries.at, _entries.entry_id))
        return tuple(OutsideEntry(**row._mapping) for row in rows)

    def of_entries(self, entry_ids: Collection[str]) -> dict[str, OutsideCredit]:
        """By the entry's id."""
        joined = outside_entries.join(outside_credits, _its.id == _entries.outside_id)
        query = sa.select(_entries.entry_id.label("of_entry"), outside_credits).select_from(joined)
        rows = self._connection.execute(query.where(_entries.entry_id.in_(entry_ids)))
        return {row.of_entry: _outside(row) for row in rows}

    # ---- proofs ----------------------------------------------------------------------------------------

    def proofs(self, proof_ids: Collection[str]) -> dict[str, Proof]:
        rows = self._connection.execute(sa.select(outside_proofs).where(_proofs.id.in_(proof_ids)))
        return {row.id: Proof(**{**row._mapping, "kind": ProofKind(row.kind)}) for row in rows}

    def put_proof(self, proof: Proof) -> None:
        values = {**asdict(proof), "kind": proof.kind.value}
        adding = insert(self._connection, outside_proofs).values(values)
        changed = {name: adding.excluded[name] for name in ("kind", "bytes", "sha256")}
        self._connection.execute(adding.on_conflict_do_update(index_elements=["id"], set_=changed))

    def drop_proof(self, proof_id: str) -> None:
        self._connection.execute(sa.delete(outside_proofs).where(_proofs.id == proof_id))

    def with_proof(self, proof_id: str, limit: int) -> tuple[OutsideCredit, ...]:
        query = sa.select(outside_credits).where(_its.proof_id == proof_id).order_by(_its.id).limit(limit)
        return tuple(map(_outside, self._connection.execute(query)))

    def sharers(self, proof_ids: Collection[str]) -> dict[str, int]:
        """Of how many members each is."""
        people = sa.func.count(sa.distinct(_its.member_id))
        query = sa.select(_its.proof_id, people).where(_its.proof_id.in_(proof_ids)).group_by(_its.proof_id)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def loose(self, account_id: str) -> int:
        mine = (_proofs.account_id == account_id, _unused())
        return int(
            self._connection.execute(sa.select(sa.func.count()).select_from(outside_proofs).where(*mine)).scalar_one()
        )

    def drop_loose(self, before: dt.datetime) -> int:
        return self._connection.execute(sa.delete(outside_proofs).where(_proofs.at < before, _unused())).rowcount

    def kept_proofs(self) -> frozenset[str]:
        return frozenset(self._connection.execute(sa.select(_proofs.id)).scalars())


def _unused() -> sa.ColumnElement[bool]:
    return ~sa.exists().where(_its.proof_id == _proofs.id)


def _row(one: OutsideCredit) -> dict[str, Any]:
    return {**asdict(one), "state": one.state.value, "standing_key": standing_key(one)}


def _outside(row: sa.Row[Any]) -> OutsideCredit:
    own = {name: value for name, value in row._mapping.items() if name not in {"standing_key", "of_entry"}}
    return OutsideCredit(**{**own, "state": OutsideState(row.state)})
