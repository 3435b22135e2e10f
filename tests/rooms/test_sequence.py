"""Numbers that wrap, and the continuous numbering that a receiver sees."""

from hypothesis import given
from hypothesis import strategies as st

from rooms import rtp, vp8
from rooms.rtp import RtpPacket
from rooms.sequence import LAST_SAFE_START, Delta, Shift, StreamMap, Tail, Unwrapper, nearest

STEPS = st.lists(st.integers(1, 50), min_size=1, max_size=60)


def packet(index: int, timestamp: int = 0, payload: bytes = b"x") -> RtpPacket:
    return RtpPacket(96, False, index & 0xFFFF, timestamp & 0xFFFFFFFF, 1, payload, index=index)


@given(st.integers(0, 0xFFFF), st.lists(st.integers(-1000, 1000), max_size=200))
def test_unwrapped_numbers_keep_their_distance_over_any_number_of_wraps(start: int, steps: list[int]) -> None:
    unwrapper = Unwrapper(16)
    true_index = unwrapper.unwrap(start)
    highest = true_index
    for step in steps:
        true_index = highest + step
        assert unwrapper.unwrap(true_index & 0xFFFF) == true_index
        highest = max(highest, true_index)


@given(st.integers(0, 1 << 40), st.integers(-32768, 32767))
def test_nearest_finds_the_index_within_half_a_cycle(reference: int, distance: int) -> None:
    assert nearest((reference + distance) & 0xFFFF, reference, 1 << 16) == reference + distance


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), STEPS), min_size=1, max_size=6), st.data())
def test_a_receiver_sees_no_gap_at_a_cut_and_every_gap_inside_a_stream(
    spans: list[tuple[int, list[int]]], data: st.DataObject
) -> None:
    stream_map = StreamMap(90_000)
    sent: list[int] = []
    now_ms = 0.0
    for number, (first, steps) in enumerate(spans):
        indexes = [first]
        for step in steps:
            indexes.append(indexes[-1] + step)
        now_ms += data.draw(st.floats(0, 500))
        delta = stream_map.enter(number, Tail(first, 7, now_ms))
        if sent:
            assert first + delta.sequence == sent[-1] + 1
        sent += [index + delta.sequence for index in indexes]
        assert [b - a for a, b in zip(sent[-len(indexes) :], sent[-len(indexes) + 1 :], strict=False)] == steps
        stream_map.leave(Tail(indexes[-1], 7, now_ms))
    assert sent == sorted(set(sent))


@given(st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF), st.floats(0, 10_000))
def test_timestamps_advance_by_the_capture_time_between_two_sources(a: int, b: int, passed_ms: float) -> None:
    stream_map = StreamMap(90_000)
    before = stream_map.enter("a", Tail(0, a, 1000.0))
    stream_map.leave(Tail(0, a, 1000.0))
    after = stream_map.enter("b", Tail(0, b, 1000.0 + passed_ms))
    assert (b + after.timestamp) - (a + before.timestamp) == max(1, round(passed_ms * 90))


@given(st.lists(st.integers(1, 300), min_size=1, max_size=7), st.data())
def test_a_nacked_number_leads_back_to_the_packet_that_was_sent_under_it(
    lengths: list[int], data: st.DataObject
) -> None:
    stream_map = StreamMap(90_000)
    sent: dict[int, tuple[int, int]] = {}
    newest = 0
    for stream, length in enumerate(lengths):
        first = data.draw(st.integers(0, 1 << 20))
        delta = stream_map.enter(stream, Tail(first, 0, 0.0))
        for newest in range(first, first + length):
            sent[newest + delta.sequence] = (stream, newest)
        if stream < len(lengths) - 1:
            stream_map.leave(Tail(newest, 0, 0.0))
    number, (stream, index) = data.draw(st.sampled_from(sorted(sent.items())))
    found = stream_map.origin(number & 0xFFFF, newest)
    assert found is not None
    assert (found[0].stream, found[1]) == (stream, index)


def test_leaving_before_anything_was_sent_changes_nothing() -> None:
    stream_map = StreamMap(90_000)
    stream_map.enter("a", Tail(10, 0, 0.0))
    stream_map.leave(Tail(9, 0, 0.0))
    assert stream_map.enter("b", Tail(77, 0, 0.0)) == Delta(0, 0)


def test_a_joiner_goes_in_step_with_the_slot() -> None:
    assert StreamMap(90_000).enter("a", Tail(5, 0, 0.0), Delta(3, 4)) == Delta(3, 4)


@given(st.integers(0, 0xFFFF), st.integers(-0xFFFF, 0xFFFF))
def test_no_stream_begins_just_before_the_wrap(index: int, step: int) -> None:
    delta = StreamMap(90_000).enter("a", Tail(index, 0, 0.0), Delta(step, 0))
    assert (index + delta.sequence) & 0xFFFF <= LAST_SAFE_START


@given(st.integers(0, 1 << 40), st.integers(0, 0xFFFFFFFF), st.integers(-(1 << 33), 1 << 33), st.booleans())
def test_a_shifted_packet_parses_back_with_moved_numbers(index: int, timestamp: int, by: int, marker: bool) -> None:
    original = packet(index, timestamp, b"payload")
    original.marker = marker
    parsed = rtp.parse(Shift(42, 97, by, by).apply(original))
    assert (parsed.ssrc, parsed.payload_type, parsed.marker, parsed.payload) == (42, 97, marker, b"payload")
    assert parsed.sequence == (index + by) & 0xFFFF
    assert parsed.timestamp == (timestamp + by) & 0xFFFFFFFF


@given(st.integers(0, 0x7FFF), st.integers(0, 0xFF), st.integers(0, 0x7FFF), st.integers(0, 0xFF))
def test_vp8_picture_numbers_move_modulo_their_width(picture: int, tl0: int, by: int, tl0_by: int) -> None:
    payload = bytes((0x90, 0xE0, 0x80 | picture >> 8, picture & 0xFF, tl0, 0x20)) + b"frame"
    moved = vp8.shifted(payload, by, tl0_by)
    described = vp8.describe(moved)
    assert described.picture_id == (picture + by) & 0x7FFF
    assert described.tl0 == (tl0 + tl0_by) & 0xFF
    assert moved[described.length :] == b"frame"


def test_vp8_picture_numbers_go_on_across_a_cut() -> None:
    stream_map = StreamMap(90_000)
    stream_map.enter("a", Tail(0, 0, 0.0, picture=100, tl0=7))
    stream_map.leave(Tail(9, 0, 0.0, picture=110, tl0=9))
    delta = stream_map.enter("b", Tail(0, 0, 40.0, picture=5, tl0=200))
    assert (5 + delta.picture, 200 + delta.tl0) == (111, 10)
