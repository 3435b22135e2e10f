"""Which layers a publisher need not send: what is wanted is so at once, what is not only after a while."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rooms.demand import LONGEST_REMIND_MS, REMIND_MS, RETURN_MS, UNWANTED_MS, Demand

RANKS = frozenset({0, 1, 2})


@given(st.lists(st.tuples(st.sets(st.sampled_from([0, 1, 2])), st.floats(1.0, 8000.0)), max_size=60))
def test_the_lowest_and_whatever_is_wished_for_is_wanted_and_nothing_is_dropped_early(steps) -> None:
    demand, now_ms = Demand(RANKS), 1000.0
    wished_at = dict.fromkeys(RANKS, 1000.0)
    for wished, passed_ms in steps:
        now_ms += passed_ms
        for rank in range(max(wished, default=0) + 1):
            wished_at[rank] = now_ms
        before = demand.wanted
        assert demand.update(wished, now_ms) == (demand.wanted != before)
        assert set(range(max(wished, default=0) + 1)) <= demand.wanted <= RANKS
        for rank in before - demand.wanted:
            assert now_ms - wished_at[rank] >= UNWANTED_MS


def test_a_layer_that_was_let_go_can_be_had_until_it_fails_to_come() -> None:
    demand = Demand(RANKS)
    demand.update({0}, 0.0)
    demand.update({0}, UNWANTED_MS)
    assert demand.wanted == {0}
    assert demand.can_come(2, UNWANTED_MS)
    demand.update({2}, UNWANTED_MS + 1)
    assert demand.wanted == RANKS
    assert demand.can_come(2, UNWANTED_MS + RETURN_MS)
    assert not demand.can_come(2, UNWANTED_MS + 1 + RETURN_MS)
    assert not demand.can_come(1, UNWANTED_MS + 1 + RETURN_MS)


def test_what_is_wanted_and_does_not_come_is_said_again_ever_more_seldom() -> None:
    demand, said = Demand(RANKS), list[float]()
    for second in range(4000):
        if demand.remind(True, 1000.0 * second):
            said.append(1000.0 * second)
    pauses = [after - before for before, after in itertools.pairwise([0.0, *said])]
    assert pauses[0] == REMIND_MS
    assert max(pauses) == LONGEST_REMIND_MS
    assert pauses == sorted(pauses)
    assert not demand.remind(False, 4e6)
    assert not demand.remind(True, 4e6 + 1)
    assert demand.remind(True, 4e6 + 1 + REMIND_MS)
