"""Pictures of questions, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.question_pictures import Brought
from server.store.schema import bank_versions, make_up_attempts, question_pictures, questions, quizzes
from server.store.upserts import insert

_its = question_pictures.c
_NAMED = tuple(
    sa.select(where.as_string()).where(where.as_string().is_not(None))
    for where in (
        bank_versions.c.content["picture", "sha256"],
        questions.c.picture["sha256"],
        quizzes.c.picture["sha256"],
    )
)


class SqlQuestionPictures:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, account_id: str, sha256: str) -> Brought | None:
        one = sa.select(question_pictures).where(_its.account_id == account_id, _its.sha256 == sha256)
        row = self._connection.execute(one).one_or_none()
        return None if row is None else Brought(**row._mapping)

    def put(self, brought: Brought) -> None:
        adding = insert(self._connection, question_pictures).values(asdict(brought))
        changed = {"at": adding.excluded.at, "kept": sa.or_(_its.kept, adding.excluded.kept)}
        self._connection.execute(adding.on_conflict_do_update(index_elements=["account_id", "sha256"], set_=changed))

    def count(self, account_id: str, since: dt.datetime) -> int:
        query = sa.select(sa.func.count()).select_from(question_pictures)
        return int(self._connection.execute(query.where(_its.account_id == account_id, _its.at >= since)).scalar_one())

    def drop_old(self, before: dt.datetime) -> int:
        return self._connection.execute(sa.delete(question_pictures).where(_its.at < before)).rowcount

    def known(self, digests: Collection[str]) -> frozenset[str]:
        """Attempts keep their questions as they were asked: they are searched for the few that nothing else names."""
        if not digests:
            return frozenset()
        named = set(self._connection.execute(sa.select(_its.sha256)).scalars())
        for query in _NAMED:
            named.update(self._connection.execute(query.distinct()).scalars())
        found = named & set(digests)
        return frozenset(found | {sha256 for sha256 in set(digests) - found if self._attempted(sha256)})

    def _attempted(self, sha256: str) -> bool:
        paper = sa.cast(make_up_attempts.c.paper, sa.String)
        query = sa.select(make_up_attempts.c.id).where(paper.contains(sha256, autoescape=True)).limit(1)
        return self._connection.execute(query).first() is not None
