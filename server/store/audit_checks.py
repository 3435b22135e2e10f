"""Verifications of the audit log, as rows."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa

from server.domain.audit_checks import UNFINISHED, AuditCheck
from server.domain.jobs import JobState
from server.store.schema import audit_checks
from server.store.upserts import insert

_checks = audit_checks.c


class SqlAuditChecks:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, check_id: str, *, lock: bool = False) -> AuditCheck | None:
        query = sa.select(audit_checks).where(_checks.id == check_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _check(row)

    def put(self, one: AuditCheck) -> None:
        fields = {**asdict(one), "result": dict(one.result) if one.result is not None else None}
        adding = insert(self._connection, audit_checks).values(fields)
        changed = {name: adding.excluded[name] for name in fields if name != "id"}
        self._connection.execute(adding.on_conflict_do_update(index_elements=["id"], set_=changed))

    def newest(self, limit: int) -> tuple[AuditCheck, ...]:
        query = sa.select(audit_checks).order_by(_checks.created_at.desc(), _checks.id).limit(limit)
        return tuple(_check(row) for row in self._connection.execute(query))

    def unfinished(self) -> tuple[AuditCheck, ...]:
        query = sa.select(audit_checks).where(_checks.state.in_([state.value for state in UNFINISHED]))
        return tuple(_check(row) for row in self._connection.execute(query.order_by(_checks.created_at, _checks.id)))


def _check(row: sa.Row[*tuple[object, ...]]) -> AuditCheck:
    return AuditCheck(**{**row._mapping, "state": JobState(row.state)})
