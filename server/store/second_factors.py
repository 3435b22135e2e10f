"""Second factors, as rows."""

from __future__ import annotations

import sqlalchemy as sa

from server.domain.second_factor import SecondFactor
from server.store.schema import second_factors


class SqlSecondFactors:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, account_id: str) -> SecondFactor | None:
        row = self._connection.execute(sa.select(second_factors).where(_of(account_id))).one_or_none()
        return None if row is None else SecondFactor(**{**row._mapping, "recovery": tuple(row.recovery)})

    def put(self, factor: SecondFactor) -> None:
        self.remove(factor.account_id)
        self._connection.execute(
            sa.insert(second_factors).values(
                account_id=factor.account_id,
                secret=factor.secret,
                enrolled_at=factor.enrolled_at,
                confirmed_at=factor.confirmed_at,
                last_step=factor.last_step,
                recovery=list(factor.recovery),
            )
        )

    def remove(self, account_id: str) -> None:
        self._connection.execute(sa.delete(second_factors).where(_of(account_id)))


def _of(account_id: str) -> sa.ColumnElement[bool]:
    return second_factors.c.account_id == account_id
