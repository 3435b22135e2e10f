"""Lines of the chat, mutes and listed words, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.chat import ChatMode, ChatSettings, Line, LineQuery, LineState, Mute
from server.domain.speakers import SpeakerKind
from server.domain.wordlist import WordList
from server.store.schema import chat_lines, chat_settings, talk_mutes, word_lists
from server.store.upserts import insert

# Built once: a thousand lines a minute ask for these.
_SETTINGS = sa.select(chat_settings).where(chat_settings.c.lesson_id == sa.bindparam("lesson"))
_TIMES = (
    sa.select(chat_lines.c.at)
    .where(chat_lines.c.lesson_id == sa.bindparam("lesson"), chat_lines.c.speaker_id == sa.bindparam("speaker"))
    .order_by(chat_lines.c.at.desc())
    .limit(sa.bindparam("count"))
)
_COUNT = (
    sa.select(sa.func.count())
    .select_from(chat_lines)
    .where(chat_lines.c.lesson_id == sa.bindparam("lesson"), chat_lines.c.at > sa.bindparam("since"))
)
_ADD = sa.insert(chat_lines)
_MUTE = sa.select(talk_mutes).where(
    talk_mutes.c.lesson_id == sa.bindparam("lesson"), talk_mutes.c.speaker_id == sa.bindparam("speaker")
)


class SqlChat:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def settings(self, lesson_id: str) -> ChatSettings:
        row = self._connection.execute(_SETTINGS, {"lesson": lesson_id}).one_or_none()
        return ChatSettings() if row is None else ChatSettings(ChatMode(row.mode), row.slow_seconds)

    def set(self, lesson_id: str, settings: ChatSettings) -> None:
        values = {"mode": settings.mode.value, "slow_seconds": settings.slow_seconds}
        put = insert(self._connection, chat_settings).values(lesson_id=lesson_id, **values)
        self._connection.execute(put.on_conflict_do_update(index_elements=["lesson_id"], set_=values))

    def get(self, line_id: str) -> Line | None:
        row = self._connection.execute(sa.select(chat_lines).where(chat_lines.c.id == line_id)).one_or_none()
        return None if row is None else _line(row)

    def add(self, line: Line) -> None:
        self._connection.execute(_ADD, _row(line))

    def save(self, line: Line) -> None:
        self._connection.execute(sa.update(chat_lines).where(chat_lines.c.id == line.id).values(_row(line)))

    def listed(self, lesson_id: str, query: LineQuery, limit: int) -> tuple[Line, ...]:
        asked = sa.select(chat_lines).where(chat_lines.c.lesson_id == lesson_id, _among(query)).limit(limit)
        if query.after is not None:
            forward = asked.where(chat_lines.c.seq > query.after).order_by(chat_lines.c.seq)
            return tuple(_line(row) for row in self._connection.execute(forward))
        if query.before is not None:
            asked = asked.where(chat_lines.c.seq < query.before)
        rows = self._connection.execute(asked.order_by(chat_lines.c.seq.desc())).all()
        return tuple(_line(row) for row in reversed(rows))

    def waiting(self, lesson_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(chat_lines)
        mine = query.where(chat_lines.c.lesson_id == lesson_id, chat_lines.c.state == LineState.WAITING.value)
        return self._connection.execute(mine).scalar_one()

    def times(self, lesson_id: str, speaker_id: str, count: int) -> tuple[dt.datetime, ...]:
        asked = {"lesson": lesson_id, "speaker": speaker_id, "count": count}
        return tuple(self._connection.execute(_TIMES, asked).scalars())

    def count_since(self, lesson_id: str, at: dt.datetime) -> int:
        return self._connection.execute(_COUNT, {"lesson": lesson_id, "since": at}).scalar_one()


def _among(query: LineQuery) -> sa.ColumnElement[bool]:
    everybodys = chat_lines.c.state.in_([state.value for state in query.states])
    if query.own is None:
        return everybodys
    mine = sa.and_(chat_lines.c.speaker_id == query.own, chat_lines.c.state == LineState.WAITING.value)
    return sa.or_(everybodys, mine)


def _line(row: sa.Row[Any]) -> Line:
    return Line(**{**row._mapping, "kind": SpeakerKind(row.kind), "state": LineState(row.state)})


def _row(line: Line) -> dict[str, Any]:
    return {**asdict(line), "kind": line.kind.value, "state": line.state.value}


class SqlMutes:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, lesson_id: str, speaker_id: str) -> Mute | None:
        row = self._connection.execute(_MUTE, {"lesson": lesson_id, "speaker": speaker_id}).one_or_none()
        return None if row is None else Mute(**row._mapping)

    def of(self, lesson_id: str, now: dt.datetime) -> tuple[Mute, ...]:
        lasting = sa.and_(talk_mutes.c.lesson_id == lesson_id, talk_mutes.c.until > now)
        ordered = sa.select(talk_mutes).where(lasting).order_by(talk_mutes.c.until, talk_mutes.c.speaker_id)
        return tuple(Mute(**row._mapping) for row in self._connection.execute(ordered))

    def put(self, mute: Mute) -> None:
        values = asdict(mute)
        put = insert(self._connection, talk_mutes).values(values)
        self._connection.execute(put.on_conflict_do_update(index_elements=["lesson_id", "speaker_id"], set_=values))

    def remove(self, lesson_id: str, speaker_id: str) -> Mute | None:
        mute = self.get(lesson_id, speaker_id)
        mine = sa.and_(talk_mutes.c.lesson_id == lesson_id, talk_mutes.c.speaker_id == speaker_id)
        self._connection.execute(sa.delete(talk_mutes).where(mine))
        return mute


class SqlWords:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, unit_id: str) -> WordList:
        row = self._connection.execute(sa.select(word_lists).where(word_lists.c.unit_id == unit_id)).one_or_none()
        return WordList(unit_id) if row is None else WordList(**{**row._mapping, "words": tuple(row.words)})

    def of(self, unit_ids: Collection[str]) -> tuple[str, ...]:
        query = sa.select(word_lists.c.words).where(word_lists.c.unit_id.in_(unit_ids)).order_by(word_lists.c.unit_id)
        return tuple(word for words in self._connection.execute(query).scalars() for word in words)

    def put(self, words: WordList) -> bool:
        values = {**asdict(words), "words": list(words.words)}
        if words.version == 1:
            new = insert(self._connection, word_lists).values(values).on_conflict_do_nothing()
            return self._connection.execute(new).rowcount == 1
        before = sa.and_(word_lists.c.unit_id == words.unit_id, word_lists.c.version == words.version - 1)
        return self._connection.execute(sa.update(word_lists).where(before).values(values)).rowcount == 1
