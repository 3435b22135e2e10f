"""Re-marking by the right key: what may be one, what changes, what becomes of credit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.credit import Evidence, judge
from server.domain.quiz import QuestionKind
from server.domain.quiz_answers import marks_of
from server.domain.refusals import Refusal
from server.domain.remarking import Change, CreditEffect, differences, effect_on, rekeyed, verdict_after
from server.domain.scoring import Key, Scoring

from .test_credit import RULE
from .test_quiz import NOW, quiz

CLOSED = quiz(closed_at=NOW)
IDS = [option.id for option in CLOSED.options]
SOME = st.lists(st.sampled_from(IDS), unique=True, min_size=1).map(tuple)


def code(call, *args):
    with pytest.raises(Refusal) as caught:
        call(*args)
    return caught.value.code


def test_only_a_closed_scored_quiz_gets_another_key_and_only_one_that_it_could_have():
    other = Key((IDS[1],))
    assert code(rekeyed, quiz(), other) == "quiz_open"
    assert code(rekeyed, replace(CLOSED, scoring=Scoring.NONE), other) == "remark_unscored"
    assert code(rekeyed, CLOSED, Key(CLOSED.correct)) == "remark_same"
    single = replace(CLOSED, kind=QuestionKind.SINGLE, correct=(IDS[0],))
    for wrong in (Key(), Key(("?",)), Key((IDS[1], IDS[1])), Key((IDS[0], IDS[1])), Key((IDS[1],), (("x",),))):
        assert code(rekeyed, single, wrong) == "invalid_body"
    ordering = replace(CLOSED, kind=QuestionKind.ORDERING, correct=tuple(IDS), scoring=Scoring.ORDER)
    assert code(rekeyed, ordering, Key(tuple(IDS[:1]))) == "invalid_body"
    assert rekeyed(ordering, Key(tuple(reversed(IDS)))).correct == tuple(reversed(IDS))
    written = replace(
        CLOSED, kind=QuestionKind.FILL_IN, options=(), correct=(), blanks=(("119",),), scoring=Scoring.BLANKS
    )
    for blanks in ((), (("，",),), (("1",), ("2",))):
        assert code(rekeyed, written, Key(blanks=blanks)) == "invalid_body"
    assert rekeyed(written, Key(blanks=(("119", " 一一九 "),))).blanks == (("119", "一一九"),)


@given(st.lists(SOME, max_size=30), SOME, SOME, st.sampled_from([Scoring.EXACT, Scoring.HALF, Scoring.SHARES]))
def test_every_answer_ends_with_the_marks_that_the_right_key_gives_and_back_again_as_it_was(given_, old, new, scoring):
    first = replace(CLOSED, kind=QuestionKind.MULTIPLE, correct=old, scoring=scoring)
    second = replace(first, correct=new)
    answers = [(f"m{at}", choice, marks_of(first, choice)) for at, choice in enumerate(given_)]
    changes = {each.member_id: each for each in differences(second, answers)}
    for member_id, choice, before in answers:
        after = marks_of(second, choice)
        assert (member_id in changes) == (before != after)
        assert member_id not in changes or (changes[member_id].before, changes[member_id].after) == (before, after)
    again = [(member_id, choice, marks_of(second, choice)) for member_id, choice, _ in answers]
    assert {(each.member_id, each.after) for each in differences(first, again)} == {
        (each.member_id, each.before) for each in changes.values()
    }


def verdict(right, **asked):
    evidence = Evidence("m", "u", NOW, None, late=False, present_percent=100, asked=2, answered=2, right=right)
    return judge(evidence, replace(RULE, **asked), 200, NOW)


ASKS = {"least_present_percent": 0, "least_answered_percent": None, "least_right_percent": 50}
HALF = replace(RULE, **ASKS)


def test_who_reaches_it_now_is_granted_it_and_who_would_not_keeps_it():
    up, down = Change("m", 0, 100), Change("m", 100, 0)
    failed, passed = verdict(0, **ASKS), verdict(1, **ASKS)
    now = verdict_after(failed, up, HALF, 200)
    assert (now.passed, now.hundredths, now.evidence.right) == (True, 200, 1)
    assert effect_on(failed, now, HALF) is CreditEffect.GRANTED
    still = verdict_after(passed, down, HALF, 200)
    assert (still.passed, still.hundredths, still.evidence.right) == (True, 200, 0)
    assert effect_on(passed, still, HALF) is CreditEffect.KEPT
    better = verdict_after(passed, up, HALF, 200)
    assert effect_on(passed, better, HALF) is None


def test_half_marks_are_no_right_answer_before_and_after():
    part = Change("m", 0, 50)
    assert verdict_after(verdict(0, **ASKS), part, HALF, 200).evidence.right == 0
