"""Who may talk back, and as whom."""

from dataclasses import replace

import pytest

from server.domain.access import standing
from server.domain.lessons import LessonState
from server.domain.refusals import Refusal
from server.domain.speakers import Speaker, SpeakerKind
from tests.domain.test_access import device, member, person, target


def refused(principal, there):
    with pytest.raises(Refusal) as caught:
        standing(principal, there)
    return caught.value.code


def test_a_member_whom_the_lesson_reaches_speaks_as_the_member():
    assert standing(member(("b1", "g1", "root")), target()) == (SpeakerKind.MEMBER, "m-someone")
    assert refused(member(("b3", "g2", "root")), target()) == "forbidden"


def test_a_guest_of_the_roster_speaks_whatever_the_unit():
    guest = member(("b3", "g2", "root"))
    assert standing(guest, replace(target(), guests=frozenset({"m-someone"}))) == (SpeakerKind.MEMBER, "m-someone")


def test_a_venue_speaks_for_its_room_where_it_has_a_part():
    assert standing(device("room"), target()) == (SpeakerKind.VENUE, "lv1")
    assert standing(device("hall"), target()) == (SpeakerKind.VENUE, "lv0")
    assert refused(device("elsewhere"), target()) == "forbidden"


def test_staff_without_a_place_of_their_own_do_not_speak():
    assert refused(person(director="root"), target()) == "forbidden"
    assert refused(person("teacher"), target()) == "forbidden"


@pytest.mark.parametrize("state", LessonState)
def test_nobody_speaks_before_the_opening_or_after_the_end(state):
    there = target(state)
    if there.lesson.on_air:
        assert standing(device("room"), there) == (SpeakerKind.VENUE, "lv1")
    else:
        assert refused(device("room"), there) == "lesson_not_on_air"


def test_a_speaker_is_a_member_or_a_venue():
    one = Speaker(SpeakerKind.MEMBER, "m1", "a1", "学员", "第一支部")
    assert (one.member_id, one.lesson_venue_id) == ("m1", None)
    room = replace(one, kind=SpeakerKind.VENUE)
    assert (room.member_id, room.lesson_venue_id) == (None, "m1")
