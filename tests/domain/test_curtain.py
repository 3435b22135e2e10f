"""The curtain over the programme: emergency cut and standby."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.curtain import LONGEST_STANDBY, Curtain, Standby, standby
from server.domain.programme import PictureSlot as Slot
from server.domain.programme import Programme, begin_cut, end_cut, mute_all, set_standby, take
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(seconds=90)
BREAK = standby(NOW, 600, "课间休息")


def test_a_cut_says_since_when_by_whom_and_why():
    cut = begin_cut(Programme(), "会控员", "误播", NOW)
    assert (cut.curtain, cut.cut.since, cut.cut.by, cut.cut.reason) == (Curtain.CUT, NOW, "会控员", "误播")
    assert cut.last_cut_at == NOW


def test_a_second_cut_is_the_first_one():
    cut = begin_cut(Programme(), "会控员", "", NOW)
    assert begin_cut(cut, "管理员", "again", LATER) == cut


def test_a_cut_leaves_the_stage_as_it_is_and_its_end_gives_it_back():
    before = take(Programme(), Slot.CAMERA, "venue-a", ("main", "screen", "venue-a"))
    after = end_cut(begin_cut(before, "会控员", "", NOW))
    assert (after.camera, after.screen, after.opened) == (before.camera, before.screen, before.opened)
    assert after.curtain is None
    assert after.last_cut_at == NOW, "what was before it is never given to live viewers again"


def test_the_stage_changes_behind_the_curtain_without_lifting_it():
    cut = begin_cut(Programme(), "会控员", "", NOW)
    assert mute_all(take(cut, Slot.CAMERA, None, ("main",))).curtain is Curtain.CUT


def test_a_cut_goes_before_a_standby_and_leaves_it():
    cut = begin_cut(set_standby(Programme(), BREAK), "会控员", "", NOW)
    assert cut.curtain is Curtain.CUT
    assert end_cut(cut).curtain is Curtain.STANDBY


def test_another_countdown_is_the_same_standby():
    first = set_standby(Programme(), BREAK)
    moved = set_standby(first, standby(LATER, 300, "课间休息"))
    assert moved.standby == Standby(NOW, LATER + dt.timedelta(seconds=300), "课间休息")


@pytest.mark.parametrize("seconds", [0, -1, int(LONGEST_STANDBY.total_seconds()) + 1])
def test_a_countdown_goes_forward_and_not_for_ever(seconds):
    with pytest.raises(Refusal, match="invalid_body"):
        standby(NOW, seconds, "")


def test_a_standby_may_have_no_end():
    assert standby(NOW, None, "").until is None


steps = st.lists(st.sampled_from(["cut", "uncut", "standby", "resume", "take", "mute"]), max_size=20)


@given(steps)
def test_the_curtain_is_down_as_long_as_either_wants_it(script):
    programme, cut, waits, at = Programme(), False, False, NOW
    for step in script:
        before, at = programme, at + dt.timedelta(seconds=1)
        if step == "cut":
            programme, cut = begin_cut(programme, "会控员", "", at), True
        elif step == "uncut":
            programme, cut = end_cut(programme), False
        elif step == "standby":
            programme, waits = set_standby(programme, standby(at, 60, "")), True
        elif step == "resume":
            programme, waits = set_standby(programme, None), False
        else:
            programme = mute_all(programme) if step == "mute" else take(programme, Slot.CAMERA, None, ("main",))
        assert programme.curtain is (Curtain.CUT if cut else Curtain.STANDBY if waits else None)
        assert programme.version == before.version + (programme != before)
        assert before.last_cut_at is None or (programme.last_cut_at or NOW) >= before.last_cut_at
