"""Who may read what, and what a file is."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import materials as rules
from server.domain.jobs import JobKind
from server.domain.lessons import Lesson, LessonState
from server.domain.materials import HEAD_BYTES, Material, MaterialKind, MaterialState, Release
from server.domain.refusals import MEANINGS, Refusal

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
ORDER = [Release.BEFORE, Release.DURING, Release.AFTER, Release.STAFF]


def lesson(state):
    return Lesson("l", "消防安全", "u", None, state, NOW, NOW + dt.timedelta(hours=1), recorded=True)


def material(**changes):
    values = {"state": MaterialState.READY, "release": Release.DURING, **changes}
    return Material("m", "l", MaterialKind.HANDOUT, "讲义", account_id="a", created_by="甲", created_at=NOW, **values)


@given(st.sampled_from(LessonState), st.sampled_from(MaterialState), st.sampled_from(Release))
def test_only_what_is_ready_and_not_for_staff_is_ever_released(state, standing, release):
    if rules.released(material(state=standing, release=release), lesson(state)):
        assert standing is MaterialState.READY
        assert release is not Release.STAFF
        assert state not in {LessonState.DRAFT, LessonState.CANCELLED}


@given(st.sampled_from(LessonState))
def test_an_earlier_release_never_shows_less_than_a_later_one(state):
    shown = [rules.released(material(release=release), lesson(state)) for release in ORDER]
    assert shown == sorted(shown, reverse=True)


@pytest.mark.parametrize(
    ("release", "states"),
    [(Release.BEFORE, ("scheduled", "open", "ended")), (Release.DURING, ("open", "live", "settled"))],
)
def test_released_from_its_time_on(release, states):
    assert all(rules.released(material(release=release), lesson(LessonState(state))) for state in states)


def test_after_is_not_while_it_runs():
    assert not rules.released(material(release=Release.AFTER), lesson(LessonState.LIVE))
    assert rules.released(material(release=Release.AFTER), lesson(LessonState.ENDED))


@given(st.binary(max_size=HEAD_BYTES - 5), st.binary(max_size=50))
def test_a_pdf_is_known_by_its_mark_wherever_readers_look_for_it(before, after):
    rules.check_content(MaterialKind.SLIDES, before + b"%PDF-" + after)


@given(st.binary(max_size=2000).filter(lambda head: b"%PDF-" not in head[:HEAD_BYTES]))
def test_anything_else_is_refused_whatever_its_name(head):
    for kind in (MaterialKind.SLIDES, MaterialKind.HANDOUT):
        with pytest.raises(Refusal) as caught:
            rules.check_content(kind, head)
        assert caught.value.code == "file_type_wrong"


@pytest.mark.parametrize("state", [LessonState.ARCHIVED, LessonState.CANCELLED])
def test_what_is_filed_takes_no_more_papers(state):
    with pytest.raises(Refusal):
        rules.check_open(lesson(state))
    rules.check_open(lesson(LessonState.ENDED))


def test_every_kind_has_its_limit():
    assert set(rules.TAKEN) == set(MaterialKind)
    assert "conversion_failed" in MEANINGS


DECK = {"pages": 2, "titles": ["急救", ""], "sizes": [[1920, 1080], [1080, 1920]]}
NOT_TRUE = [
    *({**DECK, "pages": pages} for pages in (0, 201, 3, "2", True, None)),
    *({**DECK, "titles": [title, ""]} for title in ("a\x00", "a\nb", "\ud800", "长" * 61, None)),
    *({**DECK, "sizes": [size, [2, 2]]} for size in ([0, 5], [5], [1921, 5], "ab", [1.5, 2], None)),
    *({name: value for name, value in DECK.items() if name != left} for left in DECK),
]


@pytest.mark.parametrize("result", NOT_TRUE, ids=repr)
def test_what_a_converter_says_is_believed_as_far_as_it_can_be_true(result):
    rules.check_result(JobKind.SLIDES, DECK)
    with pytest.raises(Refusal, match="conversion_failed"):
        rules.check_result(JobKind.SLIDES, result)


def test_a_clip_has_a_length_of_an_hour_at_most():
    rules.check_result(JobKind.CLIP, {"duration_ms": 3_600_040})
    for length in (0, -1, 2**40, "9", None):
        with pytest.raises(Refusal, match="conversion_failed"):
            rules.check_result(JobKind.CLIP, {"duration_ms": length})
