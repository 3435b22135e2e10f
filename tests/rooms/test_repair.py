"""Cache, NACK and keyframe requests: bounded, merged, never a storm."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rooms import rtcp
from rooms.cache import PacketCache
from rooms.keyframes import MIN_INTERVAL_MS, KeyframeRequests
from rooms.nack import (
    ECHO_MS,
    GIVE_UP_MS,
    LOSSY,
    MAX_MISSING,
    MAX_PER_ROUND,
    MAX_SERVE_AGAIN_MS,
    MAX_TRIES,
    REORDER_MS,
    SERVE_AGAIN_MS,
    SERVED_BURST,
    SERVED_PER_ROUND,
    SERVED_PER_SECOND,
    Gaps,
    RepairBudget,
    RoundTrip,
)
from rooms.rtp import RtpPacket


def packet(index: int, *, keyframe: bool = False) -> RtpPacket:
    return RtpPacket(96, False, index & 0xFFFF, 0, 1, b"x", index=index, keyframe=keyframe)


@given(st.lists(st.integers(0, 400), max_size=300))
def test_the_cache_holds_exactly_the_newest_of_each_place(indexes: list[int]) -> None:
    cache = PacketCache(64)
    accepted = {}
    for index in indexes:
        held = max((i for i in accepted if i % 64 == index % 64), default=-1)
        assert cache.put(packet(index), 0.0) == (index > held)
        if index > held:
            accepted = {i: i for i in accepted if i % 64 != index % 64} | {index: index}
    for index in range(401):
        found = cache.get(index)
        assert (found is not None) == (index in accepted)


def test_a_joiner_begins_at_a_keyframe_only_while_it_is_fresh() -> None:
    cache = PacketCache(64)
    cache.put(packet(1), 0.0)
    cache.put(packet(2, keyframe=True), 0.0)
    assert cache.fresh_keyframe(1000.0, 1000.0) == 2
    assert cache.fresh_keyframe(1000.1, 1000.0) is None


def test_a_keyframe_that_the_ring_has_overwritten_is_no_place_to_begin() -> None:
    cache = PacketCache(4)
    cache.put(packet(0, keyframe=True), 0.0)
    for index in range(1, 5):
        cache.put(packet(index), 0.0)
    assert cache.fresh_keyframe(1.0, 1000.0) is None


@given(st.sets(st.integers(1, 150), max_size=100))
def test_exactly_the_missing_packets_are_asked_for_once_they_are_not_merely_late(lost: set[int]) -> None:
    gaps = Gaps()
    gaps.received(0, 0.0)
    for index in range(1, 152):
        if index not in lost:
            gaps.received(index, 0.0)
    assert gaps.due(REORDER_MS - 1) == []
    asked = gaps.due(REORDER_MS + 1)
    assert asked == sorted(lost)[:MAX_PER_ROUND]


def test_reordered_packets_are_never_asked_for() -> None:
    gaps = Gaps()
    for index in (0, 2, 1, 4, 3):
        gaps.received(index, 0.0)
    assert gaps.due(REORDER_MS + 1) == []


@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0, 50)), max_size=200))
def test_requests_never_exceed_the_bound_per_round_trip(arrivals: list[tuple[int, float]]) -> None:
    gaps, now, index = Gaps(), 0.0, 0
    requests: list[tuple[float, int]] = []
    for step, passed in arrivals:
        now, index = now + passed, index + step
        gaps.received(index, now)
        assert len(gaps) <= MAX_MISSING
        requests.append((now, len(gaps.due(now))))
    for start, _ in requests:
        window = sum(n for at, n in requests if start <= at < start + gaps.rtt_ms)
        assert window <= 2 * MAX_PER_ROUND  # a window may straddle two rounds


def test_a_packet_is_asked_for_a_few_times_and_then_forgotten() -> None:
    gaps = Gaps()
    gaps.received(0, 0.0)
    gaps.received(2, 0.0)
    asked = sum(len(gaps.due(now)) for now in range(0, int(2 * GIVE_UP_MS), 5))
    assert 1 < asked <= MAX_TRIES
    assert len(gaps) == 0


def test_a_flood_of_losses_asks_for_a_keyframe_instead() -> None:
    gaps = Gaps()
    gaps.received(0, 0.0)
    gaps.received(MAX_MISSING + 2, 0.0)
    assert gaps.overflowed
    assert gaps.due(100.0) == []


def test_the_round_trip_is_learnt_from_packets_that_came_at_first_asking() -> None:
    gaps, now = Gaps(), 0.0
    for index in range(0, 200, 2):
        gaps.received(index, now)
        now += REORDER_MS + 1
        for missing in gaps.due(now):
            gaps.received(missing, now + 20)
        now += 40
    assert 15 < gaps.rtt_ms < 30


def test_an_answer_is_waited_for_as_long_as_answers_take() -> None:
    gaps, now, index = Gaps(), 0.0, 0

    def lose_one() -> int:
        """One of a hundred: not much."""
        nonlocal index
        for _ in range(98):
            gaps.received(index, now)
            index += 1
        gaps.received(index + 1, now)
        index += 2
        return index - 2

    for _ in range(40):
        lost = lose_one()
        now += REORDER_MS + 1
        assert gaps.due(now) == [lost]
        gaps.received(lost, now + 60)
        now += 80
    lost = lose_one()
    asked_at = now + REORDER_MS
    assert gaps.due(asked_at) == [lost]
    assert gaps.due(asked_at + 60) == []
    assert gaps.due(asked_at + 80) == [lost]


def test_on_a_way_that_loses_much_each_try_is_said_twice_and_no_more() -> None:
    gaps = Gaps()
    for index in range(0, 400, 10):  # one of ten comes
        gaps.received(index, 0.0)
        gaps.due(0.0)
    assert gaps.loss > LOSSY
    gaps = Gaps()
    for index in range(400):
        if index % 10:
            gaps.received(index, 0.0)
    for index in range(0, 400, 10):
        gaps.received(index, 0.0)  # all repaired: the loss is what it was
    assert gaps.loss > LOSSY
    gaps.received(401, 1000.0)
    first = 1000.0 + REORDER_MS
    assert gaps.due(first) == [400]
    assert gaps.due(first + ECHO_MS - 1) == []
    assert gaps.due(first + ECHO_MS) == [400]
    assert gaps.due(first + gaps.retry_ms - 1) == []
    assert gaps.due(first + gaps.retry_ms) == [400]


def test_a_single_loss_is_asked_for_once_until_an_answer_should_have_come() -> None:
    gaps = Gaps()
    for index in range(300):
        gaps.received(index, 0.0)
    gaps.received(301, 0.0)
    assert gaps.due(REORDER_MS) == [300]
    assert gaps.due(REORDER_MS + gaps.retry_ms - 1) == []


@given(st.lists(st.booleans(), min_size=300, max_size=600))
def test_the_loss_that_is_known_lies_between_none_and_all(came: list[bool]) -> None:
    gaps = Gaps()
    for index, there in enumerate(came):
        if there:
            gaps.received(index, 0.0)
        assert 0 <= gaps.loss <= 1
    for index in range(1000, 6000):
        gaps.received(index, 0.0)
    assert gaps.loss == 0


def test_a_viewer_does_not_get_the_same_packet_twice_at_once() -> None:
    budget = RepairBudget(RoundTrip())
    assert budget.copies(1, 0.0)
    assert not budget.copies(1, SERVE_AGAIN_MS - 1)
    assert budget.copies(1, SERVE_AGAIN_MS)


def test_a_viewer_that_is_far_away_does_not_get_the_same_packet_twice_within_a_round_trip() -> None:
    trip = RoundTrip()
    for sample_ms in (180.0, 150.0, 170.0):
        trip.measured(sample_ms)
    budget = RepairBudget(trip)
    assert budget.copies(1, 0.0)
    assert not budget.copies(1, 149.0)
    assert budget.copies(2, 149.0)
    assert budget.copies(1, 150.0)


def test_who_asks_a_second_time_or_loses_much_gets_two_copies() -> None:
    budget = RepairBudget(RoundTrip())
    assert budget.copies(1, 0.0) == 1
    assert budget.copies(1, SERVE_AGAIN_MS) == 2
    assert budget.copies(2, SERVE_AGAIN_MS, lossy=True) == 2
    assert budget.copies(2, SERVE_AGAIN_MS + 1, lossy=True) == 0


@given(st.lists(st.tuples(st.integers(0, 300), st.floats(0, 30), st.booleans()), max_size=400), st.floats(1, 600))
def test_whatever_is_asked_nothing_is_sent_twice_within_a_round_trip_and_its_rounds_are_bounded(
    asked: list[tuple[int, float, bool]], trip_ms: float
) -> None:
    trip = RoundTrip()
    trip.measured(trip_ms)
    budget, now, sent = RepairBudget(trip), 0.0, list[tuple[float, int, int]]()
    for key, passed, lossy in asked:
        now += passed
        if copies := budget.copies(key, now, lossy=lossy):
            sent.append((now, key, copies))
    for at, key, _ in sent:
        assert not any(k == key and at < later < at + trip.serve_again_ms - 1e-6 for later, k, _ in sent)
        window = sum(copies for when, _, copies in sent if at <= when < at + trip.serve_again_ms)
        assert window <= 2 * SERVED_PER_ROUND  # a window may straddle two rounds


def test_what_reports_say_of_the_round_trip_is_believed_for_four_of_them_and_never_without_bound() -> None:
    trip = RoundTrip()
    assert trip.serve_again_ms == SERVE_AGAIN_MS
    trip.measured(3.0)
    assert trip.serve_again_ms == SERVE_AGAIN_MS
    for _ in range(4):
        trip.measured(4000.0)
    assert trip.least_ms == 4000.0
    assert trip.serve_again_ms == MAX_SERVE_AGAIN_MS


@given(st.floats(0, 1e9), st.floats(0, 4000), st.floats(0, 3000))
def test_the_round_trip_is_what_passed_since_our_report_less_what_the_receiver_held_it(
    sent_ms: float, trip_ms: float, held_ms: float
) -> None:
    last_sr = rtcp.ntp_of(sent_ms) >> 16 & 0xFFFFFFFF
    block = rtcp.ReportBlock(1, 0, 0, 0, 0, last_sr, round(held_ms * 65.536))
    measured = rtcp.round_trip_ms(block, sent_ms + trip_ms + held_ms)
    if last_sr and measured is not None:
        assert abs(measured - trip_ms) < 0.05
    assert measured is not None or not last_sr or trip_ms < 0.05


def test_a_report_upon_nothing_or_upon_the_future_says_nothing_of_the_round_trip() -> None:
    last_sr = rtcp.ntp_of(1000.0) >> 16
    assert rtcp.round_trip_ms(rtcp.ReportBlock(1, 0, 0, 0, 0, 0, 0), 1000.0) is None
    assert rtcp.round_trip_ms(rtcp.ReportBlock(1, 0, 0, 0, 0, last_sr, 0), 999.0) is None
    assert rtcp.round_trip_ms(rtcp.ReportBlock(1, 0, 0, 0, 0, last_sr, 0xFFFFFFF), 1100.0) is None


def test_a_viewer_that_asks_for_everything_gets_a_bounded_amount_in_each_round_trip() -> None:
    trip = RoundTrip()
    trip.measured(100.0)
    budget = RepairBudget(trip)
    assert sum(budget.copies(key, 0.0) for key in range(10_000)) == SERVED_PER_ROUND
    assert sum(budget.copies(key, 99.0) for key in range(10_000, 20_000)) == 0
    assert sum(budget.copies(key, 100.0) for key in range(20_000, 30_000)) == SERVED_PER_ROUND


def test_a_viewer_that_asks_for_everything_all_the_time_gets_what_the_bucket_holds() -> None:
    budget, key, served = RepairBudget(RoundTrip()), itertools.count(), 0
    for now_ms in range(0, 2000, 5):
        served += sum(budget.copies(next(key), now_ms) for _ in range(200))
    assert served <= SERVED_BURST + 2 * SERVED_PER_SECOND


@given(st.lists(st.tuples(st.floats(0, 300), st.booleans()), max_size=200))
def test_keyframe_requests_of_all_viewers_merge_into_two_a_second(wants: list[tuple[float, bool]]) -> None:
    requests, now, asked = KeyframeRequests(), 0.0, []
    for passed, arrived in wants:
        now += passed
        if arrived:
            requests.satisfied()
        else:
            requests.want()
        if requests.due(now):
            asked.append(now)
    assert all(later - earlier >= 500 for earlier, later in itertools.pairwise(asked)), "one in 500 ms, as promised"


def test_a_request_that_came_too_early_goes_out_when_it_may() -> None:
    requests = KeyframeRequests()
    requests.want()
    assert requests.due(0.0)
    requests.want()
    assert not requests.due(MIN_INTERVAL_MS - 1)
    assert requests.due(MIN_INTERVAL_MS)


def test_a_keyframe_answers_every_request_before_it() -> None:
    requests = KeyframeRequests()
    requests.want()
    requests.satisfied()
    assert not requests.due(0.0)
