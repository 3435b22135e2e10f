"""A micro-video from its title to its retirement, its order, and what is believed of a conversion."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import micro_videos as rules
from server.domain.jobs import MOST_ATTEMPTS
from server.domain.micro_videos import TRANSITIONS, MicroState, MicroStep, MicroVideo
from server.domain.refusals import Refusal
from server.services.replay_passes import timeline

NOW = dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC)
FACTS = {
    **{"duration_ms": 7000, "width": 1280, "height": 720, "sound": True, "copied": True, "bytes": 1000},
    "segments_ms": [4000, 3000],
}


def video(state=MicroState.DRAFT, number=1, **fields):
    return MicroVideo(f"video {number}", "course", number, "灭火器的使用", "account", "甲", NOW, state, **fields)


def code(call, *arguments):
    with pytest.raises(Refusal) as refused:
        call(*arguments)
    return refused.value.code


@pytest.mark.parametrize(("state", "step"), list(itertools.product(MicroState, MicroStep)))
def test_a_step_is_in_the_table_or_refused(state, step):
    if (state, step) in TRANSITIONS:
        assert rules.moved(video(state), step).state is TRANSITIONS[state, step]
    else:
        assert code(rules.moved, video(state), step) == "micro_state"


def test_the_way_of_a_film():
    one = rules.arrived(rules.uploading(video(), "film"), 10, "digest", "control")
    one = rules.progressed(rules.begun(one, "control"), 40)
    assert (one.state, one.progress, rules.progressed(one, 30).progress, rules.progressed(one, 100).progress) == (
        MicroState.CONVERTING,
        *(40, 40, 99),
    )
    shown = rules.published(rules.finished(one, FACTS), NOW)
    assert (shown.duration_ms, shown.published_at) == (7000, NOW)
    again = rules.published(rules.retired(shown, NOW), NOW + dt.timedelta(days=1))
    assert (again.published_at, again.retired_at) == (NOW, None)
    left = rules.without_film(rules.retired(again, NOW))
    assert (left.film_id, left.duration_ms) == (None, 7000), "what was learnt from it stays"
    assert code(rules.published, left, NOW) == code(rules.without_film, shown) == "micro_state"
    assert code(rules.uploading, shown, "another") == "micro_state"  # what was watched stays what it was


def test_work_that_ends_the_process_every_time_is_given_up():
    one = video(MicroState.QUEUED)
    for _ in range(MOST_ATTEMPTS):
        one = rules.begun(one, "control")
        assert one.state is MicroState.CONVERTING
    assert (rules.begun(one, "control").state, rules.begun(one, "control").code) == (
        MicroState.FAILED,
        "job_interrupted",
    )


@pytest.mark.parametrize("state", MicroState)
def test_only_what_nobody_can_have_watched_is_removed(state):
    if state in rules.REMOVABLE:
        rules.check_removable(video(state))
        assert code(rules.check_removable, video(state, published_at=NOW)) == "micro_state"
    else:
        assert code(rules.check_removable, video(state)) == "micro_state"


@given(st.permutations(range(1, 7)))
def test_an_order_is_of_all_and_each_once(order):
    videos = [video(number=n) for n in range(1, 7)]
    changed = {one.id: one for one in rules.ordered(videos, [f"video {n}" for n in order])}
    after = sorted((changed.get(one.id, one) for one in videos), key=lambda one: one.position)
    assert [one.id for one in after] == [f"video {n}" for n in order]
    assert all(one.position != int(one.id.split()[1]) for one in changed.values())
    for wrong in ([], ["video 1"] * 6, [f"video {n}" for n in range(2, 8)]):
        assert code(rules.ordered, videos, wrong) == "micro_order"


@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=200))
def test_a_playlist_is_ours_and_its_places_are_the_segments(lengths):
    read = timeline(rules.playlist(lengths))
    assert read.total_ms == sum(lengths)
    assert list(read.places) == [rules.segment_name(n) for n in range(len(lengths))]
    for place, length in zip(read.places.values(), lengths, strict=True):
        assert abs(place[1] - place[0] - length) <= 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"segments_ms": []},
        {"segments_ms": "4000"},
        {"segments_ms": [4000, -1]},
        {"segments_ms": [4000, 10**9]},
        {"segments_ms": [True, 3000]},
        {"duration_ms": 10**12},
        {"duration_ms": 700_000},
        {"width": 0},
        {"bytes": None},
        {"sound": "yes"},
    ],
)
def test_what_cannot_be_true_of_a_conversion_is_not_believed(wrong):
    rules.check_facts(FACTS)
    assert code(rules.check_facts, FACTS | wrong) == "conversion_failed"
