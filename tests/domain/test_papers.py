"""Papers: what may be one, and that a draw follows from its seed and nothing else."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.papers import Draw, Drawn, Paper, Plan, checked, drawn, edited, redrawn, retired
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC)
IDS = st.lists(st.sampled_from([f"v{n}" for n in range(30)]), unique=True)
PAPER = Paper("p", "u", Plan("消防", ("v1",)), "a", NOW, NOW)


def code(call, *args, **fields):
    with pytest.raises(Refusal) as caught:
        call(*args, **fields)
    return caught.value.code


@given(st.text(max_size=8), IDS, st.lists(st.tuples(IDS, st.integers(1, 5)), max_size=4), st.booleans(), st.randoms())
def test_a_draw_follows_from_its_seed_and_takes_each_question_once(seed, fixed, draws, mixed, random):
    candidates, counts = [list(each) for each, _ in draws], [count for _, count in draws]
    try:
        first = drawn(seed, fixed, candidates, counts, mixed=mixed)
    except Refusal:
        return
    for each in candidates:
        random.shuffle(each)
    assert drawn(seed, fixed, candidates, counts, mixed=mixed) == first
    assert len(set(first)) == len(first) == len(fixed) + sum(counts)
    assert set(fixed) <= set(first) <= set(fixed).union(*candidates)
    assert mixed or first[: len(fixed)] == tuple(fixed)


def test_another_seed_draws_others_and_every_candidate_has_its_turn():
    pool = [f"v{n}" for n in range(10)]
    seen = [drawn(str(seed), (), [pool], [3], mixed=False) for seed in range(300)]
    times = [sum(one in each for each in seen) for one in pool]
    assert len(set(seen)) > 100
    assert min(times) > 50, "each of ten is in about 90 of 300 papers"


def test_the_evidence_is_drawn_again_and_a_changed_one_does_not_hold():
    made = drawn("s", ("v1",), [["v2", "v3", "v4"]], [2], mixed=True)
    kept = Drawn("d", "p", 1, "l", "s", ("v1",), (2,), (("v4", "v3", "v2"),), True, made, "a", NOW)
    assert redrawn(kept)
    assert not redrawn(replace(kept, version_ids=made[::-1]))
    assert not redrawn(replace(kept, version_ids=made[:2]))
    assert not redrawn(replace(kept, counts=(9,)))
    assert code(drawn, "s", (), [["v1"]], [2], mixed=False) == "paper_too_few"


def test_a_paper_has_a_name_and_one_to_fifty_questions():
    assert checked(Plan(" 消防 ", (), (Draw(2, " 急救 "),))) == Plan("消防", (), (Draw(2, "急救"),))
    assert Plan("n", ("a",), (Draw(2), Draw(3))).questions == 6
    for wrong in (
        *(
            Plan("", ("a",)),
            Plan("n"),
            Plan("n", ("a", "a")),
            Plan("n", (), (Draw(51),)),
            Plan("n", ("a",), (Draw(0),)),
        ),
        *(Plan("n", (), (Draw(1, "标" * 21),)), Plan("n", (), (Draw(1),) * 11)),
    ):
        assert code(checked, wrong) == "invalid_body"


def test_a_retired_paper_is_not_edited_and_an_old_look_changes_nothing():
    changed = edited(PAPER, Plan("急救", ("v2",)), 1, NOW)
    assert (changed.plan.name, changed.revision) == ("急救", 2)
    assert code(edited, changed, PAPER.plan, 1, NOW) == "precondition_failed"
    gone = retired(changed, NOW)
    assert retired(gone, NOW) == gone
    assert code(edited, gone, PAPER.plan, gone.revision, NOW) == "paper_retired"
    assert edited(retired(gone, None), PAPER.plan, 4, NOW).revision == 5
