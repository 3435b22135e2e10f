"""What a settled lesson would have given under another rule: reckoned from the kept evidence, nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from server.domain.credit import CreditRule, Failing, Verdict, judge
from server.domain.lessons import Lesson
from server.domain.sign_ins import is_late, late_after
from server.domain.worth_terms import By, worth


@dataclass(frozen=True, slots=True)
class Differs:
    """Somebody whom the other rule would give something else, in hundredths. ``failings_after``: what the other rule
    would hold against it. ``by_person``: passed by somebody's decision, which stands under any rule. What a person took
    back stays taken back.
    """

    member_id: str
    name: str
    unit_id: str
    before: int
    after: int
    failings_before: tuple[Failing, ...]
    failings_after: tuple[Failing, ...]
    by_person: bool


@dataclass(slots=True)
class Preview:
    """``hundredths_*``: the lesson's 核定学时. ``late_*``: how many stand as late. ``by``: from what of the other rule
    the worth follows, None: it does not say, so the lesson keeps its own.
    """

    hundredths_before: int
    hundredths_after: int
    by: By | None
    people: int = 0
    passed_before: int = 0
    passed_after: int = 0
    late_before: int = 0
    late_after: int = 0
    more: int = 0
    less: int = 0


def preview(
    lesson: Lesson, verdicts: Iterable[tuple[Verdict, str]], before: CreditRule | None, after: CreditRule
) -> tuple[Preview, tuple[Differs, ...]]:
    """``verdicts``: with the names, as settling kept them. ``before``: the rule that was frozen.

    What depends on the moment somebody left (早退) and how many checks were asked stays as it was then.
    """
    found = worth(after.worth, lesson.kind, int((lesson.ends_at - lesson.starts_at).total_seconds()) // 60)
    hundredths = found.hundredths if found else lesson.credit_hundredths
    whole = Preview(lesson.credit_hundredths, hundredths, found.by if found else None)
    limit = late_after(lesson, after.late_after_minutes)
    differing = list[Differs]()
    for verdict, name in verdicts:
        evidence = verdict.evidence
        by_person = verdict.passed and not judge(evidence, before, 0, verdict.at).passed
        judged = judge(evidence, after, hundredths, verdict.at)
        passes = (by_person or judged.passed) and Failing.TAKEN_BACK not in verdict.failings
        gets = hundredths if passes else 0
        whole.people += 1
        whole.passed_before += verdict.passed
        whole.passed_after += passes
        whole.late_before += evidence.late
        whole.late_after += evidence.signed_in_at is not None and is_late(evidence.signed_in_at, limit)
        whole.more += gets > verdict.hundredths
        whole.less += gets < verdict.hundredths
        if gets != verdict.hundredths:
            failings = () if by_person else judged.failings
            differing.append(
                Differs(
                    *(verdict.member_id, name, evidence.unit_id, verdict.hundredths, gets),
                    *(verdict.failings, failings),
                    by_person=by_person,
                )
            )
    return whole, tuple(differing)
