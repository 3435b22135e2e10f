"""The desired stage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.programme import (
    PictureSlot,
    Programme,
    Speech,
    bring_on,
    hand_over,
    leave_clip,
    let_speak,
    mute_all,
    open_audio,
    pause_recording,
    show_clip,
    speech_of,
    take,
    take_off,
)
from server.domain.refusals import Refusal
from server.domain.venues import LecturerDesk

KNOWN = ("main", "screen", "venue-a", "venue-b")
SPARED = (*KNOWN, "spare", "spare-screen", "member-x")
CAMERA, SCREEN = PictureSlot.CAMERA, PictureSlot.SCREEN


def test_at_opening_only_the_lecturer_is_seen_and_heard():
    assert (Programme().camera, Programme().screen, Programme().opened) == ("main", "screen", {"main"})


def test_a_venue_put_on_air_is_opened_for_sound():
    assert take(Programme(), CAMERA, "venue-a", KNOWN).opened == {"main", "venue-a"}


def test_taking_main_back_closes_the_venue():
    on_air = take(Programme(), CAMERA, "venue-a", KNOWN)
    back = take(on_air, CAMERA, "main", KNOWN)
    assert (back.camera, back.opened) == ("main", {"main"})


def test_the_next_venue_on_air_closes_the_one_before():
    first = take(Programme(), CAMERA, "venue-a", KNOWN)
    assert take(first, CAMERA, "venue-b", KNOWN).opened == {"main", "venue-b"}


def test_a_venue_opened_by_hand_stays_open_while_another_comes_on_air():
    opened = open_audio(Programme(), "venue-b", KNOWN, opened=True)
    assert take(opened, CAMERA, "venue-a", KNOWN).opened == {"main", "venue-a", "venue-b"}


def test_the_screen_slot_never_touches_sound():
    assert take(Programme(), SCREEN, "venue-a", KNOWN).opened == {"main"}
    assert take(Programme(), SCREEN, None, KNOWN).screen is None


def test_a_lecturer_closed_by_hand_is_not_opened_by_a_switch():
    closed = open_audio(Programme(), "main", KNOWN, opened=False)
    assert take(take(closed, CAMERA, "venue-a", KNOWN), CAMERA, "main", KNOWN).opened == frozenset()


def test_mute_all_leaves_the_lecturer_as_he_is():
    both = open_audio(Programme(), "venue-a", KNOWN, opened=True)
    assert mute_all(both).opened == {"main"}
    assert mute_all(open_audio(both, "main", KNOWN, opened=False)).opened == frozenset()


def test_an_unknown_source_is_refused():
    for refused in (lambda: take(Programme(), CAMERA, "venue-x", KNOWN), _open_unknown):
        with pytest.raises(Refusal, match="source_unknown"):
            refused()


def _open_unknown():
    return open_audio(Programme(), "venue-x", KNOWN, opened=True)


def test_what_changes_nothing_keeps_the_version():
    assert take(Programme(), CAMERA, "main", KNOWN) == Programme()
    assert pause_recording(Programme(), paused=False) == Programme()
    assert pause_recording(Programme(), paused=True).version == Programme().version + 1


def test_a_muted_venue_is_closed_and_neither_a_switch_nor_a_click_opens_it():
    muted = let_speak(open_audio(Programme(), "venue-a", KNOWN, opened=True), "venue-a", Speech.MUTED, KNOWN)
    assert (speech_of(muted, "venue-a"), muted.opened) == (Speech.MUTED, {"main"})
    assert take(muted, CAMERA, "venue-a", KNOWN).opened == {"main"}
    with pytest.raises(Refusal, match="venue_muted"):
        open_audio(muted, "venue-a", KNOWN, opened=True)
    assert let_speak(muted, "venue-a", Speech.SPEAKING, KNOWN).opened == {"main", "venue-a"}


def test_who_may_speak_again_is_not_heard_by_itself():
    muted = let_speak(Programme(), "venue-a", Speech.MUTED, KNOWN)
    allowed = let_speak(muted, "venue-a", Speech.ALLOWED, KNOWN)
    assert (speech_of(allowed, "venue-a"), allowed.opened) == (Speech.ALLOWED, {"main"})


@pytest.mark.parametrize("source", ["main", "screen", "venue-x"])
def test_the_lecturer_is_never_silenced_that_way(source):
    with pytest.raises(Refusal, match="source_unknown"):
        let_speak(Programme(), source, Speech.MUTED, KNOWN)


def test_the_spare_machine_takes_over_picture_screen_and_sound():
    over = hand_over(Programme(), LecturerDesk.SPARE)
    assert (over.camera, over.screen, over.opened, over.desk) == (
        "spare",
        "spare-screen",
        {"spare"},
        LecturerDesk.SPARE,
    )
    back = hand_over(over, LecturerDesk.MAIN)
    assert (back.camera, back.screen, back.opened, back.desk) == ("main", "screen", {"main"}, LecturerDesk.MAIN)


def test_a_venue_that_speaks_keeps_the_picture_while_the_lecturer_changes_the_machine():
    on_air = take(Programme(), CAMERA, "venue-a", KNOWN)
    over = hand_over(on_air, LecturerDesk.SPARE)
    assert (over.camera, over.opened) == ("venue-a", {"spare", "venue-a"})


def test_putting_the_other_machine_into_the_picture_hands_over_its_sound_too():
    over = take(take(Programme(), CAMERA, "venue-a", SPARED), CAMERA, "spare", SPARED)
    assert (over.camera, over.screen, over.opened, over.desk) == (
        "spare",
        "spare-screen",
        {"spare"},
        LecturerDesk.SPARE,
    )
    assert over.version == 3
    assert take(over, SCREEN, "spare", SPARED).desk is LecturerDesk.SPARE


def test_a_screen_that_nobody_shows_is_not_shown_by_taking_over():
    hidden = take(Programme(), SCREEN, None, KNOWN)
    assert hand_over(hidden, LecturerDesk.SPARE).screen is None


def test_a_clip_is_heard_alone_while_the_lecturer_changes_the_machine():
    playing = take(open_audio(Programme(), "main", KNOWN, opened=False), CAMERA, "clip", (*SPARED, "clip"))
    over = hand_over(playing, LecturerDesk.SPARE)
    assert (over.camera, over.desk) == ("clip", LecturerDesk.SPARE)
    assert "spare" not in over.opened


def test_taking_over_from_itself_changes_nothing():
    assert hand_over(Programme(), LecturerDesk.MAIN) == Programme()


def test_who_spoke_meanwhile_gives_the_picture_back_to_the_machine_that_teaches_now():
    speaking = bring_on(Programme(), "member-x", SPARED, picture=True)
    over = hand_over(speaking, LecturerDesk.SPARE)
    done = take_off(over, "member-x", "main", SPARED)
    assert (done.camera, done.opened) == ("spare", {"spare"})


def test_mute_all_leaves_the_machine_that_teaches():
    over = open_audio(hand_over(Programme(), LecturerDesk.SPARE), "venue-a", KNOWN, opened=True)
    assert mute_all(over).opened == {"spare"}


@given(st.lists(st.sampled_from([*LecturerDesk, "venue-a", "main", "spare", None]), max_size=20))
def test_only_one_of_the_two_machines_is_ever_heard(steps):
    programme = Programme()
    for step in steps:
        desk = isinstance(step, LecturerDesk)
        programme = hand_over(programme, step) if desk else take(programme, CAMERA, step, SPARED)
        assert programme.desk.source in programme.opened
        assert programme.desk.other.source not in programme.opened
        assert programme.camera != programme.desk.other.source


_takes = st.tuples(st.just("take"), st.sampled_from(PictureSlot), st.sampled_from([*KNOWN, None]))
_audios = st.tuples(st.just("audio"), st.sampled_from(KNOWN), st.booleans())
_mutes = st.just(("mute",))
_speeches = st.tuples(st.just("speech"), st.sampled_from(KNOWN[2:]), st.sampled_from(Speech))


@given(st.lists(st.one_of(_takes, _audios, _mutes, _speeches), max_size=40))
def test_versions_never_go_back_and_only_known_sources_are_on_the_air(commands):
    programme = Programme()
    for name, *rest in commands:
        before = programme
        if name == "take":
            programme = take(programme, rest[0], rest[1], KNOWN)
            if rest[0] is CAMERA and str(rest[1]).startswith("venue-") and before.camera != rest[1]:
                assert (rest[1] in programme.opened) == (rest[1] not in programme.muted)
        elif name == "audio" and not (rest[1] and rest[0] in programme.muted):
            programme = open_audio(programme, rest[0], KNOWN, opened=rest[1])
            assert (rest[0] in programme.opened) == rest[1]
        elif name == "audio":
            with pytest.raises(Refusal, match="venue_muted"):
                open_audio(programme, rest[0], KNOWN, opened=True)
        elif name == "speech":
            programme = let_speak(programme, rest[0], rest[1], KNOWN)
            assert speech_of(programme, rest[0]) is rest[1]
        else:
            programme = mute_all(programme)
            assert programme.opened <= {"main"}
        assert programme.version == before.version + (programme != before)
        assert programme.opened <= set(KNOWN)
        assert not programme.opened & programme.muted
        assert {programme.camera, programme.screen} <= {*KNOWN, None}


# ---- clips -------------------------------------------------------------------------------------------------


def test_a_clip_is_seen_and_heard_alone():
    on_air = show_clip(take(Programme(), CAMERA, "venue-a", KNOWN))
    assert (on_air.camera, on_air.screen, on_air.opened) == ("clip", "screen", {"clip"})


def back_from_clip(during, before, known=KNOWN):
    return leave_clip(during, before.camera, before.opened, known)


def test_after_a_clip_everything_is_as_it_was():
    before = take(open_audio(Programme(), "venue-b", KNOWN, opened=True), CAMERA, "venue-a", KNOWN)
    back = back_from_clip(show_clip(before), before)
    assert (back.camera, back.opened) == ("venue-a", {"main", "venue-a", "venue-b"})
    assert back.version == before.version + 2


def test_a_lecturer_who_was_closed_stays_closed_after_a_clip():
    before = open_audio(Programme(), "main", KNOWN, opened=False)
    assert back_from_clip(show_clip(before), before).opened == frozenset()


def test_a_venue_silenced_during_a_clip_stays_silent():
    before = take(Programme(), CAMERA, "venue-a", KNOWN)
    during = let_speak(show_clip(before), "venue-a", Speech.MUTED, KNOWN)
    assert back_from_clip(during, before).opened == {"main"}


def test_who_was_opened_beside_a_clip_stays_open():
    during = open_audio(show_clip(Programme()), "venue-b", KNOWN, opened=True)
    assert back_from_clip(during, Programme()).opened == {"main", "venue-b"}


def test_a_picture_taken_in_place_of_a_clip_stays_and_the_lecturer_is_heard_again():
    before = take(Programme(), CAMERA, "venue-a", KNOWN)
    during = take(show_clip(before), CAMERA, "venue-b", KNOWN)
    assert during.opened == {"venue-b"}
    back = back_from_clip(during, before)
    assert (back.camera, back.opened) == ("venue-b", {"main", "venue-b"})


def test_after_a_clip_the_lecturer_is_the_machine_that_took_over_meanwhile():
    during = hand_over(show_clip(Programme()), LecturerDesk.SPARE)
    back = back_from_clip(during, Programme(), SPARED)
    assert (back.camera, back.screen, back.opened) == ("spare", "spare-screen", {"spare"})


def test_a_phone_that_has_left_during_a_clip_gives_the_picture_to_the_lecturer():
    before = take(Programme(), CAMERA, "member-x", SPARED)
    back = back_from_clip(show_clip(before), before, KNOWN)
    assert (back.camera, back.opened) == ("main", {"main"})


def test_mute_all_leaves_a_clip_its_sound():
    during = open_audio(show_clip(Programme()), "venue-b", KNOWN, opened=True)
    assert mute_all(during).opened == {"clip"}
