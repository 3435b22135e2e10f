"""What the sweep does with each table, and which moment of a row counts; for the rest, who looks after it instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.personal_data import DataClass

_D = DataClass
Key = tuple[Any, ...]
"""The primary key of a row, one value for each column of it."""


@dataclass(frozen=True, slots=True)
class Step:
    """Rows of ``table`` go, or with ``blanks`` only these columns are emptied.

    ``moment``: the column that counts; empty: the moment the lesson was settled, and rows of one that is not are left.
    ``through``: the column and table that lead to the lesson; empty: the row's own ``lesson_id``. ``nouns``: of events,
    those whose kind begins so. ``closed``: the column that is empty once nothing is open. ``after_make_up``: not before
    the member's make-up study is as old. ``begun``: where ``moment`` is empty, this other table's column counts, of the
    row with the same key. ``parent``: the column and table that lead to the row whose ``moment`` counts.
    ``childless``: the table (and its column) that must have no row of it left.
    """

    kind: DataClass
    table: str
    moment: str = ""
    through: tuple[str, str] | None = None
    blanks: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    closed: str = ""
    after_make_up: bool = False
    begun: tuple[str, str] | None = None
    parent: tuple[str, str] | None = None
    childless: tuple[str, str] | None = None

    @property
    def of_lesson(self) -> bool:
        return not self.moment


STEPS: tuple[Step, ...] = (
    Step(_D.LOGIN_TRACES, "media_sessions", "ended_at"),
    Step(_D.EVIDENCE, "sign_ins", blanks=("address", "device_digest", "proof_digest")),
    Step(_D.EVIDENCE, "sign_in_flags"),
    Step(_D.EVIDENCE, "findings"),
    Step(_D.PRESENCE, "presence_spans"),
    Step(_D.PRESENCE, "replay_watches", through=("recording_id", "recordings"), after_make_up=True),
    Step(_D.PRESENCE, "micro_watches", "spent_at", begun=("micro_studies", "began_at")),
    Step(_D.VOUCHING, "leaves", blanks=("reason", "answer"), closed="open_key"),
    Step(_D.VOUCHING, "corrections", blanks=("reason", "answer"), closed="open_key"),
    Step(_D.VOUCHING, "reviews", blanks=("text", "answer"), closed="open_key"),
    Step(_D.VOUCHING, "roster_entries", blanks=("reason",)),
    Step(_D.VOUCHING, "sign_ins", blanks=("reason",)),
    Step(_D.VOUCHING, "outside_credits", "decided_at", blanks=("proof_id", "answer")),
    Step(_D.VOUCHING, "oversight_steps", "done_at", parent=("oversight_id", "oversights")),
    Step(_D.VOUCHING, "oversights", "done_at", childless=("oversight_steps", "oversight_id")),
    Step(_D.ANSWERS, "answers", through=("quiz_id", "quizzes")),
    Step(_D.ANSWERS, "paper_hand_ins", through=("run_id", "paper_runs")),
    Step(_D.ANSWERS, "quiz_remark_marks", through=("remark_id", "quiz_remarks")),
    Step(_D.ANSWERS, "check_answers", through=("check_id", "presence_checks")),
    Step(_D.ANSWERS, "make_up_attempts", through=("make_up_id", "make_ups"), after_make_up=True),
    Step(_D.ANSWERS, "make_up_marks", through=("make_up_id", "make_ups"), after_make_up=True),
    Step(_D.ANSWERS, "micro_attempts", "submitted_at"),
    Step(_D.ANSWERS, "micro_marks", "at"),
    Step(_D.TALK, "chat_lines"),
    Step(_D.TALK, "talk_mutes"),
    Step(_D.TALK, "hands"),
    Step(_D.TALK, "helps"),
    Step(_D.TALK, "lesson_events", nouns=("chat", "hand", "talk", "help")),
    Step(_D.INQUIRIES, "inquiry_votes", through=("inquiry_id", "inquiries")),
    Step(_D.INQUIRIES, "inquiries", childless=("inquiry_votes", "inquiry_id")),
    Step(_D.INQUIRIES, "lesson_events", nouns=("inquiry",)),
    Step(_D.NOTICES, "deliveries"),
    Step(_D.NOTICES, "letters", "sent_at"),
    Step(_D.NOTICES, "year_reminders", "at"),
    Step(_D.WORK, "commands", "at"),
    Step(_D.WORK, "roster_imports", "ended_at"),
    Step(_D.WORK, "exports", "ended_at"),
    Step(_D.WORK, "sheet_bundles", "ended_at"),
    Step(_D.WORK, "audit_checks", "ended_at"),
)

ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "audit_lines": ("从头整段裁剪并留下锚点", "cut from the beginning on, and where the rest begins is kept"),
    "sessions": ("到期即清除；登录另记审计日志", "gone when they expire; logins stand in the audit log"),
    "login_failures": ("锁定时间过后即清除；另记审计日志", "gone when the lock is over; they stand in the audit log"),
    "sign_in_proofs": ("几分钟内自动清除", "gone within minutes by itself"),
    "uploads": ("放弃时或到期后即清除", "gone when they are given up or expire"),
    "question_pictures": (
        "一天后清除；题目引用的配图随题目保存，不再被引用的文件随之清除",
        "gone after a day; what a question names stays with it, and a file that nothing names goes",
    ),
    "outside_proofs": (
        "登记的学时不再引用证明材料时，文件随之清除；学时账中留有其摘要",
        "gone with its file once no credit names it; the ledger keeps its digest",
    ),
    "jobs": ("课件的一部分，随课件保存", "part of the paper that was converted, and kept with it"),
}
"""Tables of a class with a period that the sweep does not touch, and why."""


def steps_of(data_class: DataClass) -> tuple[Step, ...]:
    return tuple(step for step in STEPS if step.kind is data_class)
