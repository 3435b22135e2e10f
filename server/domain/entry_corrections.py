"""Corrections of credit that was entered (学时更正): an entry more that gives or takes the difference.

It is of the same kind, member, unit and lesson as the entry it corrects: so it goes against the very account that
granted, counts under the same cap and in the same year. Its occasion is the corrected entry and a number; what a person
wrote why stands beside the ledger. Outside credit has its own corrections (:mod:`server.domain.outside`). Hundredths of
学时. Source of the rules: docs/decisions/0146.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.domain.credit import Failing, Verdict
from server.domain.ledger import Award, Entry, EntryKind, correcting_key, is_correcting
from server.domain.refusals import Refusal

REASON = "学时更正"
MOST_CORRECTIONS = 20
"""Of one entry."""


@dataclass(frozen=True, slots=True)
class EntryCorrection:
    """``entry_id``: the correcting entry, ``corrected_id``: the one that granted. ``number`` counts from 1 for each.

    ``before``, ``after``: what the granting entry came to with all its corrections. ``counts_at``: to which moment the
    correcting entry counts: that of the corrected one.
    """

    entry_id: str
    corrected_id: str
    number: int
    member_id: str
    before: int
    after: int
    reason: str
    by: str  # account
    counts_at: dt.datetime
    at: dt.datetime


def comes_to(entry: Entry, corrections: Sequence[EntryCorrection]) -> int:
    """``corrections``: of this entry, in their order."""
    return corrections[-1].after if corrections else entry.hundredths


def check_correctable(entry: Entry) -> None:
    """Raises ``entry_of_outside``, ``entry_correcting``."""
    if entry.kind == EntryKind.OUTSIDE:
        raise Refusal("entry_of_outside", entry.id)
    if is_correcting(entry.idempotency_key):
        raise Refusal("entry_correcting", entry.corrects or entry.id)


def correct(
    entry: Entry,
    corrections: Sequence[EntryCorrection],
    after: int,
    *,
    seen: int,
    evidence: str,
    actor: str,
) -> Award:
    """``seen``: what the person who corrects saw it to come to.

    Raises ``entry_changed`` when that is no longer so, ``entry_same``, ``entry_corrections_full``, and as
    :func:`check_correctable`.
    """
    check_correctable(entry)
    before = comes_to(entry, corrections)
    if before != seen:
        raise Refusal("entry_changed", f"{before}")
    if before == after:
        raise Refusal("entry_same", f"{after}")
    if len(corrections) >= MOST_CORRECTIONS:
        raise Refusal("entry_corrections_full", entry.id)
    return Award(
        idempotency_key=correcting_key(entry.id, len(corrections) + 1),
        kind=EntryKind(entry.kind),
        member_id=entry.member_id,
        unit_id=entry.unit_id,
        lesson_id=entry.lesson_id,
        hundredths=after - before,
        rule=entry.rule,
        evidence=evidence,
        reason=REASON,
        corrects=entry.idempotency_key,
        actor=actor,
    )


def verdict_after(verdict: Verdict, entry: Entry, after: int, at: dt.datetime) -> Verdict:
    """Of a verdict that points at ``entry``, as it does when all was taken back. What was seen stays as evidence.

    Raises ``entry_changed`` when meanwhile another entry stands for the verdict.
    """
    if verdict.entry_id != entry.id:
        raise Refusal("entry_changed", entry.id)
    failings = () if after else (Failing.TAKEN_BACK,)
    return replace(verdict, passed=after > 0, failings=failings, hundredths=after, at=at)
