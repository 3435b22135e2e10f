"""Papers asked as a whole: everybody's own order, and one time for all questions."""

import datetime as dt
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.paper_runs import (
    PaperRun,
    check_choice,
    launched_together,
    moved,
    options_of,
    own_order,
    place_of,
    through,
)
from server.domain.quiz import Option, Question, QuestionKind, Terms
from server.domain.quiz_clock import extended, paused, reopened, resumed
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 27, 9, 0, tzinfo=dt.UTC)
WORDS = st.text("abcdef0123456789-", min_size=1, max_size=12)
IDS = st.lists(WORDS, min_size=1, max_size=20, unique=True)


def run(count=4, **fields):
    ids = tuple(f"q{n}" for n in range(count))
    known = {"name": "消防", "draw_id": None, "seed": "5eed", "mix_questions": True, "mix_options": True}
    return PaperRun(**{"id": "run", "lesson_id": "lesson", **known, "quiz_ids": ids, **fields}, **BY)


BY = {"launched_by": "lecturer", "launched_at": NOW}


def question(n, kind=QuestionKind.SINGLE):
    options = tuple(Option(f"o{place}", f"选项 {place}") for place in range(4))
    return Question(f"question {n}", "lesson", n, kind, f"第 {n} 题", options, ("o0",), "", 30)


def launched(count=4, seconds=300):
    return launched_together(run(count), [question(n) for n in range(count)], 7, terms=Terms(seconds), now=NOW)


@given(WORDS, WORDS, IDS)
def test_an_order_has_everything_once_and_follows_from_seed_and_member_alone(seed, member, ids):
    order = own_order(seed, member, ids)
    assert sorted(order) == sorted(ids)
    assert own_order(seed, member, list(reversed(ids))) == order
    ranks = [hashlib.sha256("\n".join((seed, member, each)).encode()).digest() for each in order]
    assert ranks == sorted(ranks), "as docs/decisions/0130 tells an auditor to compute it"


def test_members_have_orders_of_their_own_and_screens_the_common_one():
    one = run(20)
    orders = {tuple(sorted(one.quiz_ids, key=lambda each: place_of(one, each, f"m{n}"))) for n in range(10)}
    assert len(orders) == 10
    assert [place_of(one, each, None) for each in one.quiz_ids] == list(range(1, 21))
    plain = run(20, mix_questions=False)
    assert [place_of(plain, each, "m1") for each in plain.quiz_ids] == list(range(1, 21))


@pytest.mark.parametrize("kind", QuestionKind)
def test_only_the_options_of_choices_are_mixed(kind):
    quizzes = launched_together(run(2), [question(n, kind) for n in range(2)], 1, terms=Terms(60), now=NOW)
    quiz = quizzes[0]
    orders = {options_of(run(2), quiz, f"m{n}") for n in range(12)}
    assert (len(orders) > 1) is (kind in {QuestionKind.SINGLE, QuestionKind.MULTIPLE})
    assert {frozenset(each) for each in orders} == {frozenset(quiz.options)}
    assert options_of(run(2), quiz, None) == quiz.options
    assert options_of(run(2, mix_options=False), quiz, "m1") == quiz.options


@given(st.lists(st.tuples(st.sampled_from(["pause", "resume", "extend", "close", "reopen"]), st.integers(1, 400))))
def test_whatever_is_done_all_questions_keep_one_time(steps):
    quizzes, now = launched(), NOW
    acts = {
        "pause": lambda quiz: paused(quiz, now),
        "resume": lambda quiz: resumed(quiz, now),
        "extend": lambda quiz: extended(quiz, 60, now),
        "reopen": lambda quiz: reopened(quiz, 60, "断线", now),
        "close": lambda quiz: _closed(quiz, now),
    }
    for name, seconds in steps:
        now += dt.timedelta(seconds=seconds)
        try:
            quizzes = moved(quizzes, acts[name])
        except Refusal:
            continue
        times = {(q.deadline_at, q.seconds, q.paused_at, q.closed_at, q.round) for q in quizzes}
        assert len(times) == 1


def _closed(quiz, now):
    return replace(quiz, closed_at=now, paused_at=None)


def test_its_questions_are_numbered_on_and_share_the_deadline():
    quizzes = launched()
    assert [(q.number, q.run_place, q.run_id) for q in quizzes] == [(7 + n, 1 + n, "run") for n in range(4)]
    assert {q.deadline_at for q in quizzes} == {NOW + dt.timedelta(seconds=300)}


@pytest.mark.parametrize(
    ("ids", "before"), [(["a"], 0), (["a", "a"], 0), ([str(n) for n in range(51)], 0), (["a", "b"], 199)]
)
def test_too_few_too_many_or_one_twice_is_no_paper(ids, before):
    with pytest.raises(Refusal) as caught:
        check_choice(ids, before)
    assert caught.value.code == "invalid_body"


@given(st.dictionaries(st.integers(1, 5), st.datetimes(timezones=st.just(dt.UTC))), st.booleans())
def test_the_last_handing_in_is_told_and_collected_is_only_who_answered_and_never_handed_in(handed_in, answered):
    end = through(handed_in, answered=answered)
    assert (end.at is None) == (not handed_in)
    assert end.collected == (answered and not handed_in)
    if handed_in:
        assert (end.round, end.at) == (max(handed_in), handed_in[max(handed_in)])
