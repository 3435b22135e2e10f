"""Signals are counted, and a hint needs many."""

import pytest

from server.domain.signals import Signal, SignalCounts, counted

UNCLEAR, CLEAR, FAST = Signal.UNCLEAR, Signal.CLEAR, Signal.FAST


def test_each_kind_is_counted():
    assert counted([CLEAR, FAST, CLEAR, UNCLEAR], 100) == SignalCounts(2, 1, 1, hint=False)
    assert counted([], 0) == SignalCounts()


@pytest.mark.parametrize(
    ("unclear", "listeners", "hint"), [(4, 10, False), (5, 50, True), (5, 51, False), (200, 2000, True), (5, 0, True)]
)
def test_five_and_a_tenth_of_the_phones_are_a_hint(unclear, listeners, hint):
    assert counted([UNCLEAR] * unclear + [CLEAR] * 30, listeners).hint is hint
