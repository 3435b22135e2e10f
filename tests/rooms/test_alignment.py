"""From RTP timestamps to the room's clock."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rooms.alignment import DISCONTINUITY_MS, PATIENCE_MS, STEP_MS, SenderClock, TrackClock


def test_before_any_report_the_quickest_arrival_is_the_capture_time() -> None:
    clock = TrackClock(90_000, SenderClock())
    assert clock.media_ms(0, 1000.0) == 1000.0
    assert clock.media_ms(90 * 40, 1030.0) == 1030.0  # 10 ms quicker than the first
    assert clock.media_ms(90 * 80, 1200.0) == 1070.0  # late, so captured earlier than it came


@given(st.lists(st.floats(0, 80), min_size=2, max_size=100))
def test_media_time_is_linear_in_the_timestamp_once_reported(jitter: list[float]) -> None:
    clock = TrackClock(48_000, SenderClock())
    clock.media_ms(0, 1000.0)
    clock.reported(500.0, 0, 1000.0)
    values = [clock.media_ms(960 * n, 1000.0 + 20 * n + late) for n, late in enumerate(jitter)]
    assert all(abs((b - a) - 20) < 1e-6 for a, b in itertools.pairwise(values))


@given(st.floats(0, 1e7), st.floats(0, 400), st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF))
def test_sound_and_picture_of_one_source_captured_together_carry_one_media_time(
    ntp_ms: float, video_late: float, audio_timestamp: int, video_timestamp: int
) -> None:
    sender = SenderClock()
    audio, video = TrackClock(48_000, sender), TrackClock(90_000, sender)
    audio.media_ms(audio_timestamp, 1000.0)
    video.media_ms(video_timestamp, 1000.0 + video_late)
    audio.reported(ntp_ms, audio_timestamp, 1000.0)
    video.reported(ntp_ms, video_timestamp, 1000.0)
    assert abs(audio.media_ms(audio_timestamp, 1001.0) - video.media_ms(video_timestamp, 1001.0)) < 0.01


def test_later_reports_correct_slowly() -> None:
    clock = TrackClock(90_000, SenderClock())
    clock.media_ms(0, 0.0)
    clock.reported(0.0, 0, 0.0)
    before = clock.media_ms(0, 0.0)
    clock.reported(1000.0, 90 * 900, 1000.0)
    assert abs(clock.media_ms(0, 0.0) - before) <= 2.0


@given(st.floats(STEP_MS + 1, DISCONTINUITY_MS - 1))
def test_a_sound_clock_that_fell_far_behind_is_put_right_at_once(behind_ms: float) -> None:
    clock = TrackClock(48_000, SenderClock())
    clock.media_ms(0, 0.0)
    clock.reported(0.0, 0, 0.0)
    at = round(48 * (10_000 - behind_ms))
    clock.reported(10_000.0, at, 10_000.0)
    assert abs(clock.media_ms(at, 10_000.0) - 10_000.0) < 0.1


def test_a_jump_of_timestamps_begins_anew_from_arrival() -> None:
    clock = TrackClock(90_000, SenderClock())
    clock.media_ms(0, 1000.0)
    assert clock.media_ms(int(90 * DISCONTINUITY_MS * 3), 1040.0) == 1040.0


@given(st.integers(0, 0xFFFFFFFF), st.floats(0, 4000))
def test_the_timestamp_of_now_is_the_inverse_of_media_time(timestamp: int, later_ms: float) -> None:
    clock = TrackClock(90_000, SenderClock())
    clock.media_ms(timestamp, 1000.0)
    clock.reported(5_000_000.0, timestamp, 1000.0)
    at = clock.timestamp_at(1000.0 + later_ms)
    assert at is not None
    assert abs(at - timestamp - later_ms * 90) <= 1


def test_nothing_is_said_of_a_clock_that_may_still_report_for_the_first_time() -> None:
    clock = TrackClock(48_000, SenderClock())
    clock.media_ms(0, 1000.0)
    assert clock.timestamp_at(1000.0 + PATIENCE_MS - 1) is None
    assert clock.timestamp_at(1000.0 + PATIENCE_MS) == PATIENCE_MS * 48


def test_corrections_that_are_no_drift_are_counted() -> None:
    sender = SenderClock()
    clock, other = TrackClock(48_000, sender), TrackClock(48_000, sender)
    other.reported(0.0, 0, 1000.0)
    clock.media_ms(0, 1060.0)
    assert clock.steps == 0
    clock.reported(0.0, 0, 1060.0)
    assert clock.steps == 1
    clock.reported(1000.0, 48_000 + 24, 2060.0)
    assert clock.steps == 1
