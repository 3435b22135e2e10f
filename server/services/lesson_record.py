"""What the record holds of a lesson, as documents for a sealed package: JSON, or a JSON object a line.

Whole rows, as they are kept: an auditor reads them years later without this program. What only served the way there
(command ids, digests of cookies and of codes) stays at home.
"""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from server.domain.credit import VerdictFilter
from server.domain.events import Event
from server.domain.exports import Export
from server.domain.inquiries import MOST_IN_A_LESSON
from server.services.finding import found
from server.services.records import Transaction
from server.services.shelves.exports import Record

_AT_ONCE = 1000
_AT_HOME = frozenset({"command_id", "device_digest", "proof_digest"})
README = """封存包 · sealed package

recording/   录像分片与清单 · the segments of the recording and their manifest
record/      课程事件、应到、签到、在线时段、请假、签到表、测验、核定、学时明细、提问、章节 · what the record holds
index.json   全部文件的长度与摘要 · length and digest of every file
index.sig    对 index.json 的 Ed25519 签名 · signature over index.json

核验 · to verify:  dangxiao archive verify package.tar --key <指纹 fingerprint>
指纹须由制作单位以其他途径告知。Ask whoever made it for the fingerprint, by another way than this file.
"""


def record_of(tx: Transaction, one: Export, now: dt.datetime) -> Record:
    """Of the export's lesson, in one reading."""
    lesson_id = one.lesson_id
    lesson = found(tx.lessons.get(lesson_id))
    sheets = [each for unit in tx.sheets.newest(lesson_id) for each in tx.sheets.versions(lesson_id, unit)]
    lists: dict[str, Iterable[Any]] = {
        "roster": tx.roster.of(lesson_id),
        "sign_ins": tx.sign_ins.of(lesson_id),
        "presence": tx.spans.of(lesson_id),
        "leaves": tx.leaves.of(lesson_id),
        "sheets": sheets,
        "verdicts": (verdict for verdict, _ in _verdicts(tx, lesson_id)),
        "ledger": tx.ledger.of_lesson(lesson_id),
        "chapters": tx.chapters.of(lesson_id),
        "inquiries": tx.inquiries.listed(lesson_id, None, None, MOST_IN_A_LESSON),
        "events": _events(tx, lesson_id),
    }
    asked = [quiz for quiz, _ in tx.quizzes.of(lesson_id)]
    quizzes = [{"quiz": asdict(quiz), "outcome": asdict(tx.quizzes.outcome(quiz))} for quiz in asked]
    documents = {f"{name}.jsonl": b"".join(_line(asdict(row)) for row in rows) for name, rows in lists.items()}
    documents |= {"quizzes.jsonl": b"".join(map(_line, quizzes)), "lesson.json": _line(asdict(lesson))}
    documents["README.txt"] = README.encode()
    said = {
        "recording": one.recording_id,
        "lesson": lesson_id,
        "title": lesson.full_title,
        "starts_at": lesson.starts_at.isoformat(),
        "sealed_at": now.isoformat(),
        "sealed_by": one.created_by,
    }
    return Record(said, documents)


def _events(tx: Transaction, lesson_id: str) -> Iterator[Event]:
    seq = 0
    while page := tx.events.since(lesson_id, seq, None, _AT_ONCE):
        yield from page
        seq = page[-1].seq


def _verdicts(tx: Transaction, lesson_id: str) -> Iterator[tuple[Any, str]]:
    after = None
    while page := tx.verdicts.listed(lesson_id, VerdictFilter(), after, _AT_ONCE):
        yield from page
        after = page[-1][0].member_id


def _line(fields: Mapping[str, Any]) -> bytes:
    kept = {name: value for name, value in fields.items() if name not in _AT_HOME}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, default=_plain).encode() + b"\n"


def _plain(value: object) -> object:
    match value:
        case dt.datetime() | dt.date():
            return value.isoformat()
        case enum.Enum():
            return value.value
        case dt.timedelta():
            return value.total_seconds()
        case frozenset() | set() | tuple():
            return sorted(value, key=str)
        case Mapping():
            return dict(value)
    raise TypeError(type(value).__name__)
