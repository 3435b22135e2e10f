"""Token buckets."""

from hypothesis import given
from hypothesis import strategies as st

from server.pacing import Bucket, Buckets, Rate

SIXTY = Rate(per_minute=60, burst=3)


def test_a_burst_passes_and_then_one_a_second():
    bucket = Bucket(SIXTY, 0)
    assert [bucket.take(0) for _ in range(3)] == [0, 0, 0]
    assert bucket.take(0) == 1000
    assert bucket.take(400) == 600
    assert bucket.take(1000) == 0


def test_one_asker_does_not_pay_for_another():
    buckets = Buckets(SIXTY, most=10)
    assert [buckets.take("a", 0) for _ in range(4)][-1] > 0
    assert buckets.take("b", 0) == 0


def test_the_table_is_bounded_and_forgets_the_quiet_first():
    buckets = Buckets(SIXTY, most=5)
    for asker in range(50):
        buckets.take(str(asker), 0)
    assert len(buckets) == 5


def test_askers_whose_bucket_is_full_again_are_forgotten():
    buckets = Buckets(SIXTY, most=1000)
    for asker in range(50):
        buckets.take(str(asker), 0)
    buckets.take("late", 10_000)
    assert len(buckets) == 1


@given(st.lists(st.floats(0, 500), max_size=200))
def test_never_more_than_burst_and_rate_allow(pauses):
    bucket, now_ms, taken = Bucket(SIXTY, 0), 0.0, 0
    for pause in pauses:
        now_ms += pause
        taken += bucket.take(now_ms) == 0
    assert taken <= SIXTY.burst + now_ms * SIXTY.per_ms + 1e-6
