"""How long a hall spreads its return: by what one return costs this machine."""

from hypothesis import given
from hypothesis import strategies as st

from server.domain.streams import (
    LEAST_EACH_MS,
    LEAST_RETURN_MS,
    LEAST_RETURNS,
    MOST_EACH_MS,
    MOST_RETURN_MS,
    RETURN_MS_EACH,
    ROOM_FOR_OTHERS,
    ReturnCost,
    return_window_ms,
)


def seconds(*busy: tuple[int, int, float]) -> ReturnCost:
    """Of ``(returned, first times, processor milliseconds)``."""
    cost = ReturnCost()
    for returned, first, cpu_ms in busy:
        for number in range(returned + first):
            cost.came(back=number < returned)
        cost.weigh(cpu_ms)
    return cost


def test_until_it_was_measured_it_is_what_another_machine_needed():
    assert ReturnCost().each_ms == RETURN_MS_EACH
    assert seconds((LEAST_RETURNS - 1, 0, 900.0)).each_ms == RETURN_MS_EACH, "too few to tell"
    assert seconds((40, 40, 900.0)).each_ms == RETURN_MS_EACH, "first times cost more"


def test_a_second_in_which_many_return_says_what_each_costs_with_room_for_others():
    assert seconds((200, 0, 1000.0)).each_ms == ROOM_FOR_OTHERS * 5


def test_it_follows_slowly_and_forgets_who_came_before():
    cost = seconds((100, 0, 400.0))
    assert cost.each_ms == ROOM_FOR_OTHERS * 4
    cost.weigh(1000.0)
    assert cost.each_ms == ROOM_FOR_OTHERS * 4, "nobody came in that second"
    for _ in range(60):
        for _ in range(100):
            cost.came(back=True)
        cost.weigh(800.0)
    assert abs(cost.each_ms - ROOM_FOR_OTHERS * 8) < 0.01


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.floats(0, 1e6)), max_size=20), st.integers(0, 10**6)
)
def test_whatever_was_measured_the_window_is_bounded(busy, connections):
    each_ms = seconds(*busy).each_ms
    assert LEAST_EACH_MS <= each_ms <= MOST_EACH_MS
    assert LEAST_RETURN_MS <= return_window_ms(connections, each_ms) <= MOST_RETURN_MS
