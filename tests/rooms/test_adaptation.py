"""Layers by what the path takes: down at once, up slowly and only after a try, sound before pictures."""

from __future__ import annotations

import itertools
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.adaptation import FREE_MS, MAX_WAIT_MS, MOVED_MS, NEXT_MS, TRIAL_MS, WAIT_MS, Adaptation, Change
from rooms.choice import Offers, allot, raised
from rooms.estimate import CONFIRM_MS, FALLS_WITHIN_MS, SETTLING_MS, PathEstimate
from rooms.probe import HOLD_MS, MAX_EXTRA_BPS, MAX_TICK_MS, PATIENCE_MS, RAMP_MS, Probe

LAYERS = (150_000.0, 500_000.0, 1_800_000.0)
SOUND = 40_000.0
LEAST = SOUND + LAYERS[0]
ONE = Offers((LAYERS,), SOUND)
NOW_MS = 50_000.0

PICTURES = st.lists(
    st.lists(st.floats(1000.0, 5e6), max_size=3).map(lambda rates: tuple(sorted(rates))), min_size=1, max_size=3
).map(tuple)


def offers_of(there: Offers):
    return lambda: there


# ---- sharing a budget


@given(PICTURES, st.floats(0.0, 1e5), st.floats(0.0, 2e7))
def test_what_is_allotted_fits_or_is_sound_only(pictures, sound_bps: float, budget_bps: float) -> None:
    offers = Offers(pictures, sound_bps)
    steps = allot(offers, budget_bps)
    assert all(0 <= step <= len(layers) for step, layers in zip(steps, pictures, strict=True))
    assert not any(steps) or offers.cost_bps(steps) <= budget_bps


@given(PICTURES, st.floats(0.0, 2e7))
def test_nothing_that_fits_is_kept_back(pictures, budget_bps: float) -> None:
    offers = Offers(pictures, 0.0)
    steps = allot(offers, budget_bps)
    better = raised(offers, steps, revive=False)
    assert better is None or offers.cost_bps(better) > budget_bps


@given(PICTURES)
def test_step_by_step_everything_is_reached(pictures) -> None:
    offers = Offers(pictures, 0.0)
    steps = (0,) * len(pictures)
    for _ in range(sum(offers.full)):
        better = raised(offers, steps)
        assert better is not None
        assert sum(better) == sum(steps) + 1
        steps = better
    assert steps == offers.full
    assert raised(offers, steps) is None


def test_every_picture_is_shown_before_one_is_sharper() -> None:
    offers = Offers((LAYERS, (300_000.0,)), SOUND)
    assert allot(offers, 500_000.0) == (1, 1)
    assert allot(offers, 860_000.0) == (2, 1)
    assert allot(offers, 300_000.0) == (1, 0)
    assert raised(offers, (2, 0)) == (2, 1)


# ---- what a path says


def test_a_low_estimate_that_does_not_fall_is_no_sign_of_trouble() -> None:
    path = PathEstimate()
    assert not path.remb(35_000, 24_000.0, LEAST, NOW_MS)
    assert not path.remb(36_000, 2_000_000.0, LEAST, NOW_MS + 1000)
    assert math.isinf(path.ceiling_bps)


def test_an_estimate_that_falls_far_below_what_is_sent_and_stays_there_is() -> None:
    path = PathEstimate()
    path.remb(2_000_000, 1_800_000.0, LEAST, NOW_MS)
    assert not path.remb(255_000, 1_800_000.0, LEAST, NOW_MS + 400), "not on the word of a moment"
    assert path.remb(255_000, 1_800_000.0, LEAST, NOW_MS + 400 + CONFIRM_MS)
    assert path.ceiling_bps == 255_000


def test_a_receiver_that_only_stalled_is_not_believed() -> None:
    path = PathEstimate()
    path.remb(2_000_000, 1_800_000.0, LEAST, NOW_MS)
    assert not any(path.remb(round(20_000 * 1.08**n), 1.8e6, LEAST, NOW_MS + 1000 * (n + 1)) for n in range(20))
    assert math.isinf(path.ceiling_bps)


def test_one_small_fall_is_tolerated_a_second_one_is_not() -> None:
    path = PathEstimate()
    path.remb(1_900_000, 1_840_000.0, LEAST, NOW_MS)
    assert not path.remb(1_560_000, 1_840_000.0, LEAST, NOW_MS + 400)
    assert not path.remb(1_570_000, 1_840_000.0, LEAST, NOW_MS + 400 + CONFIRM_MS)
    assert not path.remb(1_450_000, 1_840_000.0, LEAST, NOW_MS + FALLS_WITHIN_MS)
    assert path.remb(1_450_000, 1_840_000.0, LEAST, NOW_MS + FALLS_WITHIN_MS + CONFIRM_MS)


def test_the_loss_of_a_bad_radio_never_costs_the_lowest_picture() -> None:
    path = PathEstimate()
    for second in range(60):
        path.loss(0.2, 190_000.0, 190_000.0, NOW_MS + 1000 * second)
    assert path.ceiling_bps >= 190_000.0


def test_heavy_loss_counts_at_once_light_loss_when_it_stays_little_loss_never() -> None:
    for fraction, reports in ((0.3, 1), (0.12, 2)):
        path = PathEstimate()
        said = [path.loss(fraction, 1_840_000.0, 190_000.0, NOW_MS + 1000 * number) for number in range(reports)]
        assert said == [False] * (reports - 1) + [True]
    path = PathEstimate()
    assert not any(path.loss(0.09, 1_840_000.0, 190_000.0, NOW_MS + 1000 * number) for number in range(60))


# ---- one viewer


def test_a_viewer_without_trouble_has_everything_and_is_never_probed() -> None:
    adaptation = Adaptation()
    for second in range(100):
        now_ms = NOW_MS + 1000 * second
        assert adaptation.remb(1_000_000 + 5000 * second, offers_of(ONE), now_ms) is Change.NONE
        assert adaptation.loss(0.02, offers_of(ONE), now_ms) is Change.NONE
        assert adaptation.on_tick(ONE, now_ms, may_probe=True) is Change.NONE
    assert not adaptation.limited
    assert adaptation.allowed(0, 3) == 3


def narrowed(remb_bps: int = 255_000) -> Adaptation:
    adaptation = Adaptation()
    adaptation.remb(2_000_000, offers_of(ONE), NOW_MS - CONFIRM_MS - 400)
    adaptation.remb(remb_bps, offers_of(ONE), NOW_MS - CONFIRM_MS)
    assert adaptation.remb(remb_bps, offers_of(ONE), NOW_MS) is Change.URGENT
    return adaptation


def test_down_at_once_to_what_fits_else_to_sound() -> None:
    assert narrowed(255_000).steps == (1,)
    assert narrowed(600_000).steps == (2,)
    deaf = narrowed(20_000)
    assert deaf.steps == (0,)
    assert deaf.sound_only


def test_what_is_said_while_the_old_queue_drains_takes_no_last_picture() -> None:
    adaptation = narrowed()
    for moment in range(1, 10):
        adaptation.remb(round(255_000 * 0.8**moment), offers_of(ONE), NOW_MS + SETTLING_MS * moment / 10)
    assert adaptation.steps == (1,)


def probed(adaptation: Adaptation, began_ms: float, *, report: bool = True) -> tuple[Change, float]:
    """Until the probe is decided, with reports that complain of nothing."""
    now_ms = began_ms
    while adaptation.probe is not None:
        now_ms += 200.0
        if report:
            adaptation.padding_arrives(now_ms)
        change = adaptation.on_tick(ONE, now_ms, may_probe=True)
    return change, now_ms


def until_probe(adaptation: Adaptation, now_ms: float) -> float:
    while adaptation.probe is None:
        now_ms += 200.0
        adaptation.on_tick(ONE, now_ms, may_probe=True)
        assert now_ms < NOW_MS + 3_600_000.0
    return now_ms


def test_up_only_after_a_probe_that_nobody_complained_of() -> None:
    adaptation = narrowed()
    began_ms = until_probe(adaptation, NOW_MS)
    assert began_ms - NOW_MS >= WAIT_MS
    assert adaptation.steps == (1,)
    change, now_ms = probed(adaptation, began_ms)
    assert (change, adaptation.steps) == (Change.UP, (2,))
    assert now_ms - began_ms >= RAMP_MS + HOLD_MS
    again_ms = until_probe(adaptation, now_ms)
    assert again_ms - now_ms >= NEXT_MS


def test_a_probe_that_nobody_reports_on_has_failed() -> None:
    adaptation = narrowed()
    change, _ = probed(adaptation, until_probe(adaptation, NOW_MS), report=False)
    assert (change, adaptation.steps) == (Change.NONE, (1,))


def test_a_fall_or_loss_during_a_probe_ends_it_and_costs_no_picture() -> None:
    for complaint in ("remb", "loss"):
        adaptation = narrowed()
        adaptation.remb(280_000, offers_of(ONE), NOW_MS + 3000)
        now_ms = until_probe(adaptation, NOW_MS) + 800
        if complaint == "remb":
            assert adaptation.remb(250_000, offers_of(ONE), now_ms) is Change.NONE
        else:
            assert adaptation.loss(0.4, offers_of(ONE), now_ms) is Change.NONE
        assert adaptation.probe is None
        assert adaptation.steps == (1,)
        assert until_probe(adaptation, now_ms) - now_ms >= 2 * WAIT_MS


def test_failures_are_followed_by_ever_longer_waits() -> None:
    adaptation, now_ms, waits = narrowed(), NOW_MS, []
    for _ in range(8):
        began_ms = until_probe(adaptation, now_ms)
        waits.append(began_ms - now_ms)
        now_ms = began_ms + 800
        adaptation.loss(0.4, offers_of(ONE), now_ms)
    assert all(later >= earlier for earlier, later in itertools.pairwise(waits))
    assert waits[3] >= 8 * WAIT_MS
    assert waits[-1] <= MAX_WAIT_MS * 1.25 + 200


def test_an_upswitch_that_does_not_last_has_failed_too() -> None:
    adaptation = narrowed()
    _, now_ms = probed(adaptation, until_probe(adaptation, NOW_MS))
    assert adaptation.steps == (2,)
    now_ms += TRIAL_MS / 2
    adaptation.remb(600_000, offers_of(ONE), now_ms)
    adaptation.remb(300_000, offers_of(ONE), now_ms + 200)
    adaptation.remb(300_000, offers_of(ONE), now_ms + 200 + CONFIRM_MS)
    assert adaptation.steps == (1,)
    assert until_probe(adaptation, now_ms + 200) - now_ms >= 2 * WAIT_MS


def test_who_is_full_and_untroubled_for_long_is_limited_no_longer() -> None:
    adaptation, now_ms = narrowed(), NOW_MS
    while adaptation.steps != (3,):
        _, now_ms = probed(adaptation, until_probe(adaptation, now_ms))
    adaptation.on_tick(ONE, now_ms + FREE_MS - 1, may_probe=True)
    assert adaptation.limited
    adaptation.on_tick(ONE, now_ms + FREE_MS, may_probe=True)
    assert not adaptation.limited


def test_on_another_path_nothing_counts_that_was_lost_between_the_two() -> None:
    there = Offers(((150_000, 500_000, 1_800_000),), 40_000)
    adaptation = Adaptation()
    adaptation.remb(2_500_000, offers_of(there), NOW_MS)
    adaptation.moved(NOW_MS + 100)
    assert adaptation.loss(0.9, offers_of(there), NOW_MS + 1000) is Change.NONE
    assert adaptation.remb(60_000, offers_of(there), NOW_MS + 1200) is Change.NONE
    assert adaptation.remb(50_000, offers_of(there), NOW_MS + 1400) is Change.NONE
    assert not adaptation.limited
    later = NOW_MS + 100 + MOVED_MS
    assert adaptation.loss(0.5, offers_of(there), later) is not Change.NONE, "the new one may be narrow, too"


def test_a_limit_of_the_path_before_is_tried_at_once_on_the_next() -> None:
    there = Offers(((150_000, 500_000, 1_800_000),), 40_000)
    adaptation = narrowed()
    assert adaptation.limited
    before = adaptation.allowed(0, 3)
    adaptation.moved(NOW_MS + 1000)
    assert adaptation.on_tick(there, NOW_MS + 1000 + MOVED_MS - 1, may_probe=True) is Change.NONE
    assert adaptation.on_tick(there, NOW_MS + 1000 + 2 * MOVED_MS, may_probe=True) is not Change.DOWN
    assert adaptation.allowed(0, 3) > before


def test_another_source_is_fitted_into_the_same_path() -> None:
    adaptation = narrowed(600_000)
    other = Offers(((400_000.0, 900_000.0), (300_000.0,)), SOUND, "another")
    assert adaptation.on_tick(other, NOW_MS + 200, may_probe=True) is Change.OTHER
    assert adaptation.steps == (1, 0) or other.cost_bps(adaptation.steps) <= 600_000


def test_without_leave_to_probe_a_viewer_waits() -> None:
    adaptation = narrowed()
    for second in range(60):
        adaptation.on_tick(ONE, NOW_MS + 1000 * second, may_probe=False)
    assert adaptation.probe is None
    assert adaptation.steps == (1,)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["remb", "remb", "loss", "wait"]),
        st.floats(0.0, 1.0),
        st.floats(50.0, 3000.0),
    ),
    max_size=120,
)


@settings(max_examples=200, deadline=None)
@given(EVENTS, st.floats(0.0, 1.0))
def test_whatever_is_said_it_never_flutters_and_never_goes_beyond(events, jitter: float) -> None:
    adaptation, now_ms, remb_bps = Adaptation(jitter), NOW_MS, 2_000_000
    ups, downs, before = list[float](), list[float](), 3
    tick_ms = now_ms
    for what, amount, passed_ms in events:
        now_ms += passed_ms
        while tick_ms + 200 <= now_ms:
            tick_ms += 200
            adaptation.on_tick(ONE, tick_ms, may_probe=True)
            before = note(adaptation, before, tick_ms, ups, downs)
        if what == "remb":
            remb_bps = round(2_500_000 * amount**2)
            adaptation.remb(remb_bps, offers_of(ONE), now_ms)
        elif what == "loss":
            change = adaptation.loss(amount, offers_of(ONE), now_ms)
            assert change is not Change.UP
        before = note(adaptation, before, now_ms, ups, downs)
        if adaptation.limited and downs and downs[-1] == now_ms:
            fits = ONE.cost_bps(adaptation.steps) <= adaptation.path.ceiling_bps
            assert fits or adaptation.steps == (0,), "what is left fits, sound comes first"
    for up in ups:
        assert not any(0 <= up - down < WAIT_MS for down in downs), "no way up soon after a way down"
    assert all(later - earlier >= NEXT_MS for earlier, later in itertools.pairwise(ups))


def note(adaptation: Adaptation, before: int, now_ms: float, ups: list[float], downs: list[float]) -> int:
    present = adaptation.allowed(0, 3)
    assert 0 <= present <= 3
    if present > before:
        ups.append(now_ms)
    if present < before:
        downs.append(now_ms)
    return present


# ---- probes


@given(st.floats(0.0, 2e7), st.lists(st.floats(0.0, 500.0), min_size=1, max_size=400))
def test_a_probe_is_bounded_in_time_in_rate_and_in_all(extra_bps: float, steps: list[float]) -> None:
    probe = Probe(extra_bps + 200_000.0, 200_000.0, 0.0)
    now_ms, total, most = 0.0, 0, MAX_EXTRA_BPS * MAX_TICK_MS / 8000
    for step in steps:
        now_ms += step
        due = probe.due(now_ms)
        assert due <= most + 1
        assert not due or now_ms < RAMP_MS + HOLD_MS
        probe.sent(due)
        total += due
    assert total <= min(extra_bps, MAX_EXTRA_BPS) * (RAMP_MS + HOLD_MS) / 8000 + 1
    assert Probe(1.0, 0.0, 0.0).passed(RAMP_MS + HOLD_MS + PATIENCE_MS) is False
