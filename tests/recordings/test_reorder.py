"""RTP order restored, with properties."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.reorder import ReorderBuffer

HOLD = 100.0


def drain(buffer: ReorderBuffer[int], sent: list[tuple[int, float]]) -> list[tuple[int, int]]:
    out = []
    for number, now in sent:
        out += [(one.item, one.lost_before) for one in buffer.push(number & 0xFFFF, number, now)]
    out += [(one.item, one.lost_before) for one in buffer.flush()]
    return out


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 0xFFFF), st.integers(1, 300), st.integers(0, 2**32), st.integers(1, 20))
def test_shuffled_within_the_hold_time_comes_out_in_order(first, count, seed, reach):
    source = random.Random(seed)
    numbers = list(range(first, first + count))
    # The first to arrive sets where the stream begins, so it stays in place.
    keyed = sorted(numbers[1:], key=lambda number: number + source.uniform(0, reach))
    out = drain(ReorderBuffer(HOLD), [(number, 0.0) for number in numbers[:1] + keyed])
    assert out == [(number, 0) for number in numbers]


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 0xFFFF), st.lists(st.booleans(), min_size=1, max_size=300))
def test_every_loss_is_told_once_and_nothing_twice(first, arrive):
    sent = [(first, 0.0)]
    sent += [(first + 1 + n, n * 10.0) for n, here in enumerate(arrive) if here for _ in range(2)]
    buffer: ReorderBuffer[int] = ReorderBuffer(HOLD)
    out = drain(buffer, sent)
    items = [item for item, _ in out]
    assert items == sorted({number for number, _ in sent})
    assert sum(lost for _, lost in out) == items[-1] - first + 1 - len(items)


def test_a_hole_is_waited_for_until_the_hold_time():
    buffer: ReorderBuffer[str] = ReorderBuffer(HOLD)
    buffer.push(10, "a", 0.0)
    assert buffer.push(12, "c", 5.0) == []
    assert buffer.expire(104.0) == []
    (released,) = buffer.expire(105.0)
    assert (released.item, released.lost_before) == ("c", 1)
    assert buffer.push(11, "b", 106.0) == []
    assert buffer.late == 1


def test_what_waits_is_bounded():
    buffer: ReorderBuffer[int] = ReorderBuffer(HOLD, capacity=8)
    buffer.push(0, 0, 0.0)
    released = [one for number in range(2, 40) for one in buffer.push(number, number, 0.0)]
    assert [one.item for one in released] == list(range(2, 40))


def test_a_stream_that_starts_anew_elsewhere_is_followed():
    buffer: ReorderBuffer[int] = ReorderBuffer(HOLD)
    buffer.push(100, 1, 0.0)
    assert [one.item for one in buffer.push(40_000, 2, 1.0)] == [2]
    assert [one.item for one in buffer.push(40_001, 3, 2.0)] == [3]
