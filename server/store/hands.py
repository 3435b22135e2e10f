"""Hands, as rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from server.domain.hands import OPEN, Hand, HandState
from server.domain.speakers import SpeakerKind
from server.store.schema import hands

_FIELDS: tuple[str, ...] = ("id", "lesson_id", "kind", "speaker_id", "account_id", "name", "unit", "topic", "through")
_FIELDS += ("source", "state", "raised_at", "invited_at", "on_air_at", "ended_at", "ended_by", "former")
_IN_ORDER = (hands.c.raised_at, hands.c.id)


class SqlHands:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, hand_id: str) -> Hand | None:
        return self._one(hands.c.id == hand_id)

    def waiting(self, lesson_id: str) -> tuple[Hand, ...]:
        return self._listed(sa.select(hands).where(_waiting(lesson_id)).order_by(*_IN_ORDER))

    def waiting_count(self, lesson_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(hands).where(_waiting(lesson_id))
        return self._connection.execute(query).scalar_one()

    def active(self, lesson_id: str) -> Hand | None:
        return self._one(hands.c.active_key == lesson_id)

    def all_invited(self) -> tuple[Hand, ...]:
        invited = sa.and_(hands.c.active_key.is_not(None), hands.c.state == HandState.INVITED.value)
        return self._listed(sa.select(hands).where(invited).order_by(hands.c.invited_at))

    def open_of(self, lesson_id: str, speaker_id: str) -> Hand | None:
        return self._one(hands.c.open_key == _open_key(lesson_id, speaker_id))

    def raised_at(self, lesson_id: str, speaker_id: str) -> tuple[dt.datetime, ...]:
        mine = sa.and_(hands.c.lesson_id == lesson_id, hands.c.speaker_id == speaker_id)
        return tuple(self._connection.execute(sa.select(hands.c.raised_at).where(mine)).scalars())

    def ended(self, lesson_id: str, limit: int) -> tuple[Hand, ...]:
        over = sa.and_(hands.c.lesson_id == lesson_id, hands.c.ended_at.is_not(None))
        newest = (hands.c.ended_at.desc(), hands.c.id)
        return self._listed(sa.select(hands).where(over).order_by(*newest).limit(limit))

    def add(self, hand: Hand) -> None:
        self._connection.execute(sa.insert(hands).values(_row(hand)))

    def save(self, hand: Hand) -> None:
        self._connection.execute(sa.update(hands).where(hands.c.id == hand.id).values(_row(hand)))

    def _one(self, condition: sa.ColumnElement[bool]) -> Hand | None:
        return next(iter(self._listed(sa.select(hands).where(condition))), None)

    def _listed(self, query: sa.Select[Any]) -> tuple[Hand, ...]:
        return tuple(_hand(row) for row in self._connection.execute(query))


def _waiting(lesson_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(hands.c.lesson_id == lesson_id, hands.c.state == HandState.WAITING.value)


def _open_key(lesson_id: str, speaker_id: str) -> str:
    return f"{lesson_id} {speaker_id}"


def _hand(row: sa.Row[Any]) -> Hand:
    fields = {name: getattr(row, name) for name in _FIELDS}
    return Hand(**{**fields, "kind": SpeakerKind(row.kind), "state": HandState(row.state)})


def _row(hand: Hand) -> dict[str, Any]:
    return {
        **{name: getattr(hand, name) for name in _FIELDS},
        "kind": hand.kind.value,
        "state": hand.state.value,
        "active_key": hand.lesson_id if hand.active else None,
        "open_key": _open_key(hand.lesson_id, hand.speaker_id) if hand.state in OPEN else None,
    }
