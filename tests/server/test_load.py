"""Which media process gets the next lesson, and when a silent one is given up."""

from hypothesis import given
from hypothesis import strategies as st

from server.link.load import Load, LoadMeter, least_loaded
from server.link.pulse import Limits, Pulse, Scheduling

COSTS = st.dictionaries(st.integers(0, 9), st.floats(0, 4), max_size=10)


@given(COSTS, st.dictionaries(st.integers(0, 9), st.integers(0, 50)))
def test_only_a_process_that_is_there_is_chosen(costs, rooms):
    chosen = least_loaded(costs, rooms)
    assert (chosen in costs) if costs else chosen is None


@given(COSTS, st.integers(0, 9))
def test_nobody_dearer_is_chosen_when_rooms_are_equal(costs, rooms):
    chosen = least_loaded(costs, dict.fromkeys(costs, rooms))
    assert chosen is None or costs[chosen] <= min(costs.values()) + 1e-9


def test_lessons_opened_at_once_are_spread_before_anybody_watches():
    rooms = {0: 0, 1: 0, 2: 0}
    for _ in range(9):
        rooms[least_loaded(dict.fromkeys(rooms, 0.0), rooms)] += 1
    assert rooms == {0: 3, 1: 3, 2: 3}


def test_a_busy_process_gets_nothing_while_an_idle_one_is_there():
    assert least_loaded({0: 0.8, 1: 0.1}, {0: 1, 1: 4}) == 1


def test_the_cost_follows_what_the_process_uses():
    meter = LoadMeter()
    assert meter.cost == 0
    for second in range(20):
        meter.take(Load(0, 1, 0, 0.5 * second, 1.0), float(second))
    assert abs(meter.cost - 0.5) < 1e-9
    meter.take(Load(1000, 1, 0, 0.5 * 20, 80.0), 20.0)
    assert meter.cost > 1.0  # many connections, and it lags


def test_a_process_that_says_nothing_is_given_up_at_the_limit():
    pulse = Pulse(Limits(silent=3, silent_and_starved=9))
    assert [pulse.tick(0, starved=False) for _ in range(3)] == [False, False, True]


def test_every_beat_begins_anew():
    pulse = Pulse(Limits(silent=3, silent_and_starved=9))
    assert not any(pulse.tick(tick // 2, starved=False) for tick in range(100))


def test_one_that_only_waits_for_a_processor_gets_more_time_but_not_for_ever():
    pulse = Pulse(Limits(silent=3, silent_and_starved=9))
    assert [pulse.tick(0, starved=True) for _ in range(9)] == [False] * 8 + [True]


def test_the_kernel_tells_who_waited_for_a_processor(tmp_path):
    scheduling = Scheduling(0)
    scheduling._path = tmp_path / "schedstat"

    def told(ran_s, waited_s):
        scheduling._path.write_text(f"{ran_s * 10**9:.0f} {waited_s * 10**9:.0f} 7\n")

    told(1.0, 1.0)
    assert not scheduling.starved(0.5)  # nothing to compare with yet
    told(1.01, 1.49)
    assert scheduling.starved(0.5)
    told(1.2, 1.8)  # turned in a circle, on a busy machine
    assert not scheduling.starved(0.5)
    told(1.2, 1.8)  # stopped
    assert not scheduling.starved(0.5)
    scheduling._path.unlink()
    assert not scheduling.starved(0.5)
