"""Doubts about sign-ins and what came of them, as rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.findings import Finding, Flag, Outcome
from server.domain.proof import Doubt
from server.store.schema import findings, sign_in_flags
from server.store.upserts import insert


class SqlFindings:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def flag(self, lesson_id: str, member_id: str, doubt: Doubt, account_id: str, at: dt.datetime) -> None:
        row = {"lesson_id": lesson_id, "member_id": member_id, "code": doubt.value, "account_id": account_id, "at": at}
        self._connection.execute(insert(self._connection, sign_in_flags).values(row).on_conflict_do_nothing())

    def flags(self, lesson_id: str) -> tuple[Flag, ...]:
        query = sa.select(sign_in_flags).where(sign_in_flags.c.lesson_id == lesson_id)
        rows = self._connection.execute(query.order_by(sign_in_flags.c.at, sign_in_flags.c.code))
        return tuple(Flag(row.member_id, Doubt(row.code), row.account_id, row.at) for row in rows)

    def add(self, finding: Finding) -> None:
        values = {
            **asdict(finding),
            "outcome": finding.outcome.value,
            "doubts": [each.value for each in finding.doubts],
        }
        self._connection.execute(sa.insert(findings).values(values))

    def of(self, lesson_id: str) -> tuple[Finding, ...]:
        query = sa.select(findings).where(findings.c.lesson_id == lesson_id).order_by(findings.c.at, findings.c.id)
        return tuple(
            Finding(
                **{
                    **row._mapping,
                    "outcome": Outcome(row.outcome),
                    "doubts": tuple(Doubt(code) for code in row.doubts),
                }
            )
            for row in self._connection.execute(query)
        )
