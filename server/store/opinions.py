"""What staff decided on opinions and words of clouds, as rows; and what may be shown of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from server.domain import opinions as rules
from server.domain.opinions import Ruled, Ruling
from server.domain.quiz import UNSCORED, Opinion, QuestionKind
from server.domain.quiz_answers import Counted
from server.store.schema import answers, opinion_rulings, quizzes
from server.store.upserts import insert

_CHANGED = ("text_id", "ruling", "by", "at")
_KEPT = sa.select(quizzes.c.kind, quizzes.c.outcome).where(quizzes.c.id == sa.bindparam("quiz"))
KEPT_LOCKED = _KEPT.with_for_update(key_share=True)
"""Before it is looked at what was written and decided: on PostgreSQL a decision and an erasure that come at once each
find what the other one did, and neither writes back what the other one took away.
"""


class SqlOpinions:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def ruled(self, quiz_id: str) -> dict[str, Ruled]:
        return _ruled(self._connection, quiz_id)

    def rule(self, decided: Sequence[Ruled]) -> None:
        if not decided:
            return
        put = insert(self._connection, opinion_rulings)
        put = put.on_conflict_do_update(
            index_elements=["quiz_id", "key"], set_={name: put.excluded[name] for name in _CHANGED}
        )
        self._connection.execute(put, [{**asdict(each), "ruling": each.ruling.value} for each in decided])

    def retell(self, quiz_id: str) -> None:
        retell(self._connection, quiz_id)


def counted(connection: sa.Connection, quiz_id: str) -> list[Counted]:
    """Equal choices are written equally, so the database counts them by their text."""
    text = sa.cast(answers.c.choice, sa.Text)
    query = sa.select(text, answers.c.marks, sa.func.count()).where(answers.c.quiz_id == quiz_id)
    rows = connection.execute(query.group_by(text, answers.c.marks))
    return [Counted(tuple(json.loads(row[0])), row[1], int(row[2])) for row in rows]


def opinions_of(connection: sa.Connection, quiz_id: str, given: Sequence[Counted]) -> tuple[Opinion, ...]:
    """Of an unscored quiz, what may be shown."""
    return rules.shown(rules.sayings(given, _ruled(connection, quiz_id)))


def retell(connection: sa.Connection, quiz_id: str) -> None:
    """What was kept when the quiz was closed says anew what may be shown; of one that runs nothing is kept."""
    kind, outcome = connection.execute(_KEPT, {"quiz": quiz_id}).one()
    if outcome is None or QuestionKind(kind) not in UNSCORED:
        return  # while it runs its row is the answers'
    outcome = connection.execute(KEPT_LOCKED, {"quiz": quiz_id}).one().outcome
    if outcome is None:
        return  # opened again meanwhile
    told = [asdict(each) for each in opinions_of(connection, quiz_id, counted(connection, quiz_id))]
    changed = sa.update(quizzes).where(quizzes.c.id == quiz_id)
    connection.execute(changed.values(outcome={**outcome, "opinions": told}))


def _ruled(connection: sa.Connection, quiz_id: str) -> dict[str, Ruled]:
    query = sa.select(opinion_rulings).where(opinion_rulings.c.quiz_id == quiz_id)
    rows = connection.execute(query)
    return {row.key: Ruled(**{**row._mapping, "ruling": Ruling(row.ruling)}) for row in rows}
