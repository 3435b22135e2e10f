"""The question bank, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.bank import BankFilter, BankKind, BankQuestion, Content, Difficulty, Version
from server.domain.question_pictures import Picture
from server.domain.scoring import Scoring
from server.store.batches import batched
from server.store.schema import bank_questions, bank_tags, bank_versions
from server.store.upserts import padded

_questions, _versions = bank_questions.c, bank_versions.c
_NEWEST = (_questions.created_at.desc(), _questions.id)
_any_version = bank_versions.alias()
_USED = sa.exists().where(_any_version.c.question_id == _questions.id, _any_version.c.used_at.is_not(None))
_JOINED = sa.select(
    bank_questions,
    _versions.number,
    _versions.content,
    _versions.created_by,
    _versions.created_at.label("version_at"),
    _versions.used_at,
    _USED.label("used"),
).join(bank_versions, _versions.id == _questions.latest_id)
_SAVE = (
    sa.update(bank_questions)
    .where(_questions.id == sa.bindparam("new_id"))
    .values({column.name: sa.bindparam(f"new_{column.name}") for column in _questions if column.name != "id"})
)


class SqlBank:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    # ---- looking ---------------------------------------------------------------------------------------

    def get(self, bank_id: str) -> BankQuestion | None:
        row = self._connection.execute(_JOINED.where(_questions.id == bank_id)).one_or_none()
        return None if row is None else _question(row)

    def lock(self, bank_id: str) -> BankQuestion | None:
        locked = sa.select(_questions.id).where(_questions.id == bank_id).with_for_update()
        return self.get(bank_id) if self._connection.execute(locked).one_or_none() else None

    def locked(self, bank_ids: Collection[str]) -> dict[str, BankQuestion]:
        found: dict[str, BankQuestion] = {}
        for some in batched(bank_ids):
            these = _questions.id.in_(padded(some))
            lock = sa.select(_questions.id).where(these).order_by(_questions.id).with_for_update()
            self._connection.execute(lock).all()
            found.update({row.id: _question(row) for row in self._connection.execute(_JOINED.where(these))})
        return found

    def listed(self, wanted: BankFilter, after: str | None, limit: int) -> tuple[BankQuestion, ...]:
        query = _JOINED.where(*matching(wanted))
        if after is not None:
            last = sa.select(_questions.created_at).where(_questions.id == after).scalar_subquery()
            later = sa.and_(_questions.created_at == last, _questions.id > after)
            query = query.where(sa.or_(_questions.created_at < last, later))
        return tuple(_question(row) for row in self._connection.execute(query.order_by(*_NEWEST).limit(limit)))

    def count(self, wanted: BankFilter) -> int:
        query = sa.select(sa.func.count()).select_from(bank_questions).where(*matching(wanted))
        return self._connection.execute(query).scalar_one()

    def tags(self, unit_ids: Collection[str], limit: int) -> tuple[tuple[str, int], ...]:
        times = sa.func.count()
        query = (
            sa.select(bank_tags.c.tag, times)
            .join(bank_questions, _questions.id == bank_tags.c.question_id)
            .where(_questions.unit_id.in_(padded(sorted(unit_ids))), _questions.retired_at.is_(None))
            .group_by(bank_tags.c.tag)
            .order_by(times.desc(), bank_tags.c.tag)
        )
        return tuple((row[0], int(row[1])) for row in self._connection.execute(query.limit(limit)))

    def count_in(self, unit_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(bank_questions).where(_questions.unit_id == unit_id)
        return self._connection.execute(query).scalar_one()

    def alike(self, unit_id: str, texts: Collection[str]) -> dict[tuple[BankKind, str], list[BankQuestion]]:
        found: dict[tuple[BankKind, str], list[BankQuestion]] = {}
        for some in batched(set(texts)):
            query = _JOINED.where(
                _questions.unit_id == unit_id, _questions.retired_at.is_(None), _questions.text.in_(padded(some))
            )
            for row in reversed(self._connection.execute(query.order_by(*_NEWEST)).all()):
                found.setdefault((BankKind(row.kind), row.text), []).append(_question(row))
        return found

    def versions(self, bank_id: str) -> tuple[Version, ...]:
        query = sa.select(bank_versions).where(_versions.question_id == bank_id).order_by(_versions.number.desc())
        return tuple(_version(dict(row._mapping)) for row in self._connection.execute(query))

    # ---- changing --------------------------------------------------------------------------------------

    def add(self, questions: Sequence[BankQuestion]) -> None:
        if questions:
            self._connection.execute(sa.insert(bank_questions), [_row(question) for question in questions])
            self._put_versions([question.latest for question in questions])

    def succeed(self, questions: Sequence[BankQuestion]) -> None:
        self._save(questions)
        for some in batched([question.id for question in questions]):
            self._connection.execute(sa.delete(bank_tags).where(bank_tags.c.question_id.in_(padded(some))))
        self._put_versions([question.latest for question in questions])

    def save(self, question: BankQuestion) -> None:
        self._save([question])

    def _save(self, questions: Sequence[BankQuestion]) -> None:
        """One statement for all: a table's two thousand would hold up everybody who waits to write."""
        rows = [{f"new_{name}": value for name, value in _row(question).items()} for question in questions]
        if rows:
            self._connection.execute(_SAVE, rows)

    def _put_versions(self, versions: Sequence[Version]) -> None:
        rows = [{**asdict(version), "content": _plain(version.content)} for version in versions]
        if rows:
            self._connection.execute(sa.insert(bank_versions), rows)
        tags = [
            {"question_id": version.question_id, "tag": tag} for version in versions for tag in version.content.tags
        ]
        if tags:
            self._connection.execute(sa.insert(bank_tags), tags)

    def use(self, version_ids: Collection[str], at: dt.datetime) -> None:
        for some in batched(version_ids):
            fresh = sa.and_(_versions.id.in_(padded(some)), _versions.used_at.is_(None))
            self._connection.execute(sa.update(bank_versions).where(fresh).values(used_at=at))


def matching(wanted: BankFilter) -> list[sa.ColumnElement[bool]]:
    """What a question of the bank has to be, as conditions."""
    found: list[sa.ColumnElement[bool]] = [_questions.unit_id.in_(padded(sorted(wanted.unit_ids)))]
    found.append(_questions.retired_at.is_not(None) if wanted.retired else _questions.retired_at.is_(None))
    found += [_questions.search.contains(word, autoescape=True) for word in wanted.words.lower().split()]
    if wanted.kind is not None:
        found.append(_questions.kind == wanted.kind.value)
    if wanted.difficulty is not None:
        found.append(_questions.difficulty == wanted.difficulty.value)
    if wanted.tag:
        tagged = sa.select(bank_tags.c.question_id).where(bank_tags.c.tag == wanted.tag)
        found.append(_questions.id.in_(tagged))
    return found


def _row(question: BankQuestion) -> dict[str, Any]:
    content = question.latest.content
    return {
        "id": question.id,
        "unit_id": question.unit_id,
        "latest_id": question.latest.id,
        "kind": content.kind.value,
        "difficulty": content.difficulty.value,
        "text": content.text,
        "search": "\n".join((content.text, content.source, *content.tags)).lower(),
        "created_at": question.created_at,
        "retired_at": question.retired_at,
        "retired_by": question.retired_by,
        "revision": question.revision,
    }


def _question(row: sa.Row[Any]) -> BankQuestion:
    version = Version(
        row.latest_id, row.id, row.number, content_of(row.content), row.created_by, row.version_at, row.used_at
    )
    kept = (row.created_at, row.retired_at, row.retired_by, row.revision)
    return BankQuestion(row.id, row.unit_id, version, *kept, used=bool(row.used))


def _version(row: Mapping[str, Any]) -> Version:
    return Version(**{**row, "content": content_of(row["content"])})


def _plain(content: Content) -> dict[str, Any]:
    """JSON types."""
    return {
        **asdict(content),
        "kind": content.kind.value,
        "difficulty": content.difficulty.value,
        "scoring": content.scoring.value,
    }


def content_of(kept: Mapping[str, Any]) -> Content:
    return Content(
        **{
            **kept,
            "kind": BankKind(kept["kind"]),
            "options": tuple(kept["options"]),
            "correct": tuple(kept["correct"]),
            "blanks": tuple(tuple(accepted) for accepted in kept["blanks"]),
            "scoring": Scoring(kept["scoring"]),
            "tags": tuple(kept["tags"]),
            "difficulty": Difficulty(kept["difficulty"]),
            "picture": Picture(**kept["picture"]) if kept.get("picture") else None,
        }
    )
