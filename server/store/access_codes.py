"""Codes for the first login, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.access_codes import AccessCode, CodeKind
from server.store.schema import access_codes


class SqlAccessCodes:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, codes: Sequence[AccessCode]) -> None:
        for code in codes:
            self._connection.execute(sa.delete(access_codes).where(_is(code.account_id, code.kind)))
        if codes:
            self._connection.execute(sa.insert(access_codes), [asdict(code) for code in codes])

    def get(self, account_id: str, kind: CodeKind) -> AccessCode | None:
        row = self._connection.execute(sa.select(access_codes).where(_is(account_id, kind))).one_or_none()
        return None if row is None else _code(row)

    def use(self, code: AccessCode, command_id: str, at: dt.datetime) -> bool:
        free = sa.or_(access_codes.c.used_command.is_(None), access_codes.c.used_command == command_id)
        same = sa.and_(_is(code.account_id, code.kind), access_codes.c.digest == code.digest, free)
        change = sa.update(access_codes).where(same).values(used_at=at, used_command=command_id)
        return self._connection.execute(change).rowcount == 1

    def withdraw(self, code: AccessCode) -> None:
        self._connection.execute(sa.delete(access_codes).where(_is(code.account_id, code.kind)))

    def forget_before(self, before: dt.datetime) -> int:
        return self._connection.execute(sa.delete(access_codes).where(access_codes.c.expires_at < before)).rowcount


def _is(account_id: str, kind: CodeKind) -> sa.ColumnElement[bool]:
    return sa.and_(access_codes.c.account_id == account_id, access_codes.c.kind == kind.value)


def _code(row: sa.Row[Any]) -> AccessCode:
    return AccessCode(**{**row._mapping, "kind": CodeKind(row.kind)})
