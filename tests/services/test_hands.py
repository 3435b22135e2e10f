"""The queue of hands, and a member's phone on the air and back."""

import asyncio
import dataclasses
import datetime as dt

import pytest

from server.domain.hands import CONNECTING, INVITATION
from server.domain.programme import PictureSlot
from server.domain.sign_ins import SignIn, Way
from server.services import hands
from server.services.following import follow
from server.services.guests import expire_invitations
from server.services.media import SourceDown, SourceState, SourceUp
from server.services.rights import end_lost_streams
from server.services.stage import see_stage, take
from server.services.streams import publish
from server.services.tickets import issue_publish_ticket, issue_watch_ticket
from server.services.watches import Watches
from server.services.watching import watch
from tests.services.conftest import command_id, refused
from tests.services.media_twin import OFFER
from tests.store.samples import NOW

SOON = NOW + dt.timedelta(seconds=1)


async def raised(stage, number, topic="想谈谈应急演练", now=NOW, command=None):
    who = await stage.who(number)
    return await hands.raise_hand(stage.house, who, stage.lesson_id, command or command_id(), topic=topic, now=now)


async def seen(stage, number):
    return await hands.see_hands(stage.records, await stage.who(number), stage.lesson_id, NOW)


async def next_hand(stage, by="director"):
    return await hands.take_next(stage.house, await stage.who(by), stage.lesson_id, command_id(), NOW)


async def act(stage, use_case, hand, by="director", now=NOW):
    return await use_case(stage.house, await stage.who(by), hand.id, command_id(), now)


async def connected(stage, number, hand, now=SOON):
    """The phone publishes, and the media process reports it."""
    who = await stage.who(number)
    ticket = await issue_publish_ticket(
        stage.records, stage.signer, who, stage.lesson_id, source=hand.source, client_id="phone", now=now
    )
    stream = await publish(
        stage.house, stage.signer, ticket.token, lesson_id=stage.lesson_id, source=hand.source, offer_sdp=OFFER, now=now
    )
    session = stage.room.sources[hand.source]
    await follow(stage.house, SourceUp(stage.lesson_id, hand.source, session), now)
    return stream, session


# ---- the queue -------------------------------------------------------------------------------------------


async def test_members_and_venues_wait_in_one_queue(live):
    await raised(live, "10001")
    await raised(live, "venue1", now=SOON)
    view = await seen(live, "director")
    assert [(one.kind, one.name, one.position) for one in view.queue] == [
        ("member", "学员甲01", 1),
        ("venue", "第一分会场", 2),
    ]
    assert view.queue[0].topic == "想谈谈应急演练"
    assert view.queue[0].unit


async def test_a_member_sees_the_own_place_and_nobodys_name(live):
    await raised(live, "10001")
    mine = await raised(live, "10002", now=SOON)
    view = await seen(live, "10002")
    assert (view.own.id, view.own.position, view.waiting) == (mine.id, 2, 2)
    assert (view.queue, view.ended, view.active) == ((), (), None)
    who = await live.who("10002")
    heard = [e for e in await live.events() if e.audience in ("everyone", f"account:{who.account_id}")]
    assert "学员甲01" not in str([event.data for event in heard])


async def test_a_hand_that_is_up_stays_as_it_is(live):
    first = await raised(live, "10001")
    again = await raised(live, "10001", topic="另一个题目", now=SOON)
    assert again == first
    assert (await live.kinds()).count("hand.raised") == 2  # to staff and to the member, once


async def test_two_raise_at_once_and_the_database_keeps_one(live):
    both = await asyncio.gather(raised(live, "10001"), raised(live, "10001"))
    assert both[0].id == both[1].id


async def test_nobody_raises_withdraws_or_connects_for_somebody_else(live):
    mine = await raised(live, "10001")
    assert await refused(act(live, hands.withdraw_hand, mine, by="10002")) == "hand_not_found"
    assert await refused(act(live, hands.withdraw_hand, mine, by="director")) == "hand_not_found"
    assert await refused(act(live, hands.take_hand, mine, by="10001")) == "forbidden"
    assert await refused(next_hand(live, by="venue1")) == "forbidden"
    await next_hand(live)
    assert await refused(connected(live, "10002", mine)) == "forbidden"


async def test_who_raises_again_and_again_is_slowed_down(live):
    mine = await raised(live, "10001")
    await act(live, hands.withdraw_hand, mine, by="10001")
    assert await refused(raised(live, "10001", now=SOON)) == "too_fast"
    assert (await raised(live, "10001", now=NOW + dt.timedelta(seconds=6))).position == 1


async def test_everybody_behind_learns_that_the_queue_moved_without_names(live):
    await raised(live, "10001")
    second = await raised(live, "10002", now=SOON)
    since = (await live.events())[-1].seq
    await act(live, hands.withdraw_hand, second, by="10002")
    moved = next(event for event in await live.events(since) if event.kind == "hands.moved")
    assert (moved.audience, moved.data) == ("everyone", {"position": 2})


async def test_lowering_all_leaves_who_speaks(live):
    first = await raised(live, "10001")
    await raised(live, "10002", now=SOON)
    await raised(live, "venue1", now=SOON)
    await next_hand(live)
    view = await hands.lower_all(live.house, await live.who("director"), live.lesson_id, command_id(), NOW)
    assert (view.waiting, view.active.id, len(view.ended)) == (0, first.id, 2)
    assert {one.state for one in view.ended} == {"declined"}


async def test_the_end_of_the_lesson_ends_the_queue(live):
    await raised(live, "10001")
    await raised(live, "10002", now=SOON)
    await next_hand(live)
    await live.step("end")
    view = await seen(live, "director")
    assert (view.queue, view.active) == ((), None)
    assert {one.state for one in view.ended} == {"missed"}
    assert (await live.lesson()).guest is None


# ---- a phone on the air ----------------------------------------------------------------------------------


async def test_a_phone_comes_on_the_air_and_the_former_picture_is_back(live):
    venue = await live.source_of("venue1")
    director, camera = await live.who("director"), PictureSlot.CAMERA
    await take(live.house, director, live.lesson_id, command_id(), slot=camera, source=venue, now=NOW)
    mine = await raised(live, "10001")
    assert (await next_hand(live)).state == "invited"
    assert live.room.camera == venue
    _, session = await connected(live, "10001", mine)
    assert (live.room.camera, live.room.opened) == (mine.source, {"main", mine.source})
    stage = await see_stage(live.house, await live.who("director"), live.lesson_id, NOW)
    shown = next(one for one in stage.sources if one.source == mine.source)
    assert shown.label == f"{mine.name} · {mine.unit}"
    done = await act(live, hands.finish_hand, mine)
    assert done.state == "done"
    assert (live.room.camera, live.room.opened) == (venue, {"main", venue})
    assert mine.source not in live.room.sources
    await follow(live.house, SourceDown(live.lesson_id, mine.source, session, "bye"), NOW)
    assert "source.down" not in await live.kinds()
    assert await refused(connected(live, "10001", mine)) == "source_unknown"


async def test_the_speaker_ends_the_own_turn(live):
    mine = await raised(live, "10001")
    await next_hand(live)
    await connected(live, "10001", mine)
    assert (await act(live, hands.withdraw_hand, mine, by="10001")).state == "done"
    assert (live.room.camera, live.room.opened) == ("main", {"main"})


async def test_one_at_a_time(live):
    await raised(live, "10001")
    second = await raised(live, "10002", now=SOON)
    await next_hand(live)
    assert await refused(next_hand(live)) == "hand_active"
    assert await refused(act(live, hands.take_hand, second)) == "hand_active"


async def test_an_invitation_that_nobody_answers_is_missed(live):
    mine = await raised(live, "10001")
    await next_hand(live)
    assert await expire_invitations(live.house, NOW + INVITATION) == 0
    assert await expire_invitations(live.house, NOW + INVITATION + CONNECTING) == 1
    assert (await seen(live, "director")).ended[0].state == "missed"
    assert (await live.lesson()).guest is None
    assert await refused(connected(live, "10001", mine)) == "source_unknown"


async def test_a_phone_that_cannot_be_hung_up_now_stays_in_the_record_until_it_can(live):
    mine = await raised(live, "10001")
    await next_hand(live)
    await connected(live, "10001", mine)
    live.media.away = True
    await act(live, hands.finish_hand, mine)

    async def publisher():
        return await live.records.read(lambda tx: tx.media_sessions.publisher(live.lesson_id, mine.source))

    assert await publisher() is not None
    live.media.away = False
    assert await end_lost_streams(live.house, SOON) == 1
    assert (await publisher(), mine.source in live.room.sources) == (None, False)


async def test_later_is_an_answer(live):
    mine = await raised(live, "10001")
    await next_hand(live)
    assert (await act(live, hands.withdraw_hand, mine, by="10001")).state == "declined"
    assert await refused(next_hand(live)) == "hands_none"


async def test_a_connection_that_breaks_shows_the_former_picture_until_it_is_back(live):
    mine = await raised(live, "10001")
    await next_hand(live)
    _, session = await connected(live, "10001", mine)
    del live.room.sources[mine.source]
    await follow(live.house, SourceDown(live.lesson_id, mine.source, session, "consent_expired"), NOW)
    assert live.room.camera == "main"
    assert (await seen(live, "10001")).own.state == "on_air"
    await connected(live, "10001", mine)
    assert live.room.camera == mine.source
    await act(live, hands.finish_hand, mine)
    assert live.room.camera == "main"


async def test_the_look_at_rights_leaves_who_speaks_alone(live):
    mine = await raised(live, "10001")
    await next_hand(live)
    await connected(live, "10001", mine)
    assert await end_lost_streams(live.house, NOW) == 0
    assert mine.source in live.room.sources


async def test_no_phone_ever_hears_itself(live):
    """The watching connection of before goes on: it never carries the own sound."""
    who = await live.who("10001")
    ticket = await issue_watch_ticket(
        live.records, live.signer, who, live.lesson_id, view="programme", client_id="phone", now=NOW
    )
    sealed = live.signer.read(ticket.token)
    assert (sealed.minus_source, sealed.role) == (f"member-{who.member_id}", "member")


async def test_a_repeated_command_is_done_once(live):
    command = command_id()
    mine = await raised(live, "10001", command=command)
    await next_hand(live)
    assert await raised(live, "10001", command=command) == mine
    assert await refused(raised(live, "10002", command=command)) == "command_reused"


# ---- rooms -----------------------------------------------------------------------------------------------


async def test_a_venue_is_on_the_air_at_once_and_back(live):
    mine = await raised(live, "venue1")
    venue = await live.source_of("venue1")
    assert (await next_hand(live)).state == "on_air"
    assert (live.room.camera, live.room.opened) == (venue, {"main", venue})
    await act(live, hands.finish_hand, mine)
    assert (live.room.camera, live.room.opened) == ("main", {"main"})


async def test_who_sits_in_a_room_is_heard_by_the_room(live):
    who, place = await live.who("10021"), await live.source_of("venue1")
    await live.records.write(lambda tx: _seat(tx, live.lesson_id, who, place.removeprefix("venue-")))
    mine = await raised(live, "10021")
    assert (mine.through, mine.source) == (place.removeprefix("venue-"), place)
    assert (await next_hand(live)).state == "on_air"
    assert live.room.camera == place
    assert (await live.lesson()).guest is None
    told = [e for e in await live.events() if e.kind == "hand.changed" and e.audience == f"venue:{mine.through}"]
    assert told[-1].data["name"] == mine.name


def _seat(tx, lesson_id, who, lesson_venue_id):
    tx.sign_ins.add(lesson_id, SignIn(who.member_id, NOW, Way.QR, lesson_venue_id, who.account_id, command_id()))


class Phone:
    """A member's phone on the air, second by second."""

    def __init__(self, stage):
        self.stage, self.now, self.packets = stage, NOW, 0
        stage.media.sends = lambda name: SourceState(name, True, True, True, "H264", self.packets, 0, 900_000, 40)

    async def seconds(self, count, *, sends=True):
        for _ in range(count):
            self.now += dt.timedelta(seconds=1)
            self.packets += 100 * sends
            await watch(self.stage.house, self.now)
        return (await seen(self.stage, "director")).active


async def test_a_phone_that_sends_nothing_for_fifteen_seconds_has_had_its_turn(live):
    mine = await raised(live, "10001")
    await next_hand(live)
    await connected(live, "10001", mine)
    phone = Phone(live)
    assert (await phone.seconds(30)).state == "on_air"
    assert (await phone.seconds(14, sends=False)).state == "on_air"
    assert (await phone.seconds(1)).state == "on_air"  # it is back
    assert await phone.seconds(15, sends=False) is None
    assert (live.room.camera, live.room.opened, mine.source in live.room.sources) == ("main", {"main"}, False)
    assert (await seen(live, "director")).ended[0].state == "done"
    told = next(event for event in await live.events() if event.kind == "guest.lost")
    assert (told.audience, told.data) == ("staff", {"name": mine.name, "seconds": 15})


@pytest.mark.parametrize("restarted", [True, False])
async def test_while_we_were_away_nobody_was_silent(live, restarted):
    """After a restart, or after the media process was away: a phone is given the same time to come back."""
    mine = await raised(live, "10001")
    await next_hand(live)
    await connected(live, "10001", mine)
    phone = Phone(live)
    await phone.seconds(30)
    del live.room.sources[mine.source]
    phone.now += dt.timedelta(seconds=20)
    if restarted:
        live.house = dataclasses.replace(live.house, watches=Watches())
    assert (await phone.seconds(14)).state == "on_air"
    assert (await phone.seconds(1)).state == "on_air"
    assert await phone.seconds(1) is None


async def test_a_phone_that_never_comes_back_makes_room_for_the_next(live):
    mine = await raised(live, "10001")
    await raised(live, "10002", now=SOON)
    await next_hand(live)
    _, session = await connected(live, "10001", mine)
    phone = Phone(live)
    await phone.seconds(3)
    del live.room.sources[mine.source]
    await follow(live.house, SourceDown(live.lesson_id, mine.source, session, "consent_expired"), phone.now)
    assert (await phone.seconds(14)).state == "on_air"
    assert await phone.seconds(1) is None
    assert (await next_hand(live)).state == "invited"
