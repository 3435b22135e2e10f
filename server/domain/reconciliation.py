"""Verdicts beside the ledger: what a member reads about a lesson, and what was entered for it, are the same."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Discord(enum.StrEnum):
    """How a verdict and its entry disagree."""

    MISSING = "missing"
    ANOTHER = "another"
    AMOUNT = "amount"
    UNEARNED = "unearned"
    STRAY = "stray"
    LOOSE = "loose"
    NOTE = "note"


SENTENCES: dict[Discord, tuple[str, str]] = {
    Discord.MISSING: ("通过了却没有入账", "passed, and nothing was entered"),
    Discord.ANOTHER: ("所指的入账属于别人或别的课", "its entry is somebody else's, or another lesson's"),
    Discord.AMOUNT: ("核定与入账的学时不同", "verdict and entry grant different amounts"),
    Discord.UNEARNED: (
        "没有学时却指向入账，或未通过却有学时",
        "an entry without credit, or credit without passing",
    ),
    Discord.STRAY: ("有入账而没有对应的核定", "an entry without a verdict that it belongs to"),
    Discord.LOOSE: (
        "更正所指的入账不存在，或属于别人、别的课或别的类别",
        "a correction of an entry that is not there, or of another member, lesson or kind",
    ),
    Discord.NOTE: ("更正与旁注不符", "a correction and the note beside the ledger do not agree"),
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Amounts in hundredths, as they were found; None: there is none."""

    lesson_id: str
    member_id: str
    discord: Discord
    verdict_hundredths: object = None
    entry_hundredths: object = None


@dataclass(frozen=True, slots=True)
class Beside:
    """A verdict with the entry that it points at, whatever state the two are in; ``entry_id`` None: at nothing.

    ``found_corrected``: what the entry's corrections sum up to.
    """

    lesson_id: str
    member_id: str
    passed: object
    hundredths: object
    entry_id: str | None
    found_lesson_id: str | None
    found_member_id: str | None
    found_hundredths: object
    found_kind: str | None
    found_corrected: object = 0


OF_VERDICTS = ("lesson", "correction")
"""Kinds of entries that a verdict points at."""


def discord(beside: Beside) -> Discord | None:
    """None: they agree."""
    if beside.hundredths == 0 and beside.entry_id is None:
        return None
    if not beside.passed and beside.hundredths != 0:
        return Discord.UNEARNED
    if beside.found_kind is None:
        return Discord.MISSING
    whose = (beside.found_lesson_id, beside.found_member_id)
    if whose != (beside.lesson_id, beside.member_id) or beside.found_kind not in OF_VERDICTS:
        return Discord.ANOTHER
    if together(beside.found_hundredths, beside.found_corrected) == beside.hundredths:
        return None
    return Discord.AMOUNT if beside.hundredths else Discord.UNEARNED


def together(granted: object, corrected: object) -> object:
    """What an entry comes to with its corrections; None where one of them is no number any more."""
    return granted + corrected if isinstance(granted, int) and isinstance(corrected, int) else None
