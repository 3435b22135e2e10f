"""From a ticket to a peer connection."""

import asyncio
import datetime as dt

import pytest

from server.domain.refusals import Refusal
from server.domain.venues import LECTURER_SOURCES
from server.services.admitting import admit_socket
from server.services.following import follow
from server.services.media import ProgrammeView, SourceDown, SourcesView, Track
from server.services.stage import see_stage
from server.services.streams import add_candidates, hang_up, look_at, publish, watch
from server.services.tickets import (
    issue_live_grant,
    issue_publish_ticket,
    issue_socket_ticket,
    issue_watch_ticket,
)
from tests.services.conftest import refused
from tests.services.media_twin import OFFER
from tests.store.samples import NOW

MINUTE = dt.timedelta(seconds=60)
HOUR = dt.timedelta(hours=1)


async def publishing(stage, by, source, client="tab", replace=False):
    who = await stage.who(by)
    return await issue_publish_ticket(
        stage.records, stage.signer, who, stage.lesson_id, source=source, client_id=client, replace=replace, now=NOW
    )


async def watching(stage, by, view="programme"):
    who = await stage.who(by)
    return await issue_watch_ticket(
        stage.records, stage.signer, who, stage.lesson_id, view=view, client_id="tab", now=NOW
    )


async def send(stage, by, source="main", client="tab", *, offer=OFFER, **options):
    ticket = await publishing(stage, by, source, client, **options)
    return await redeem(stage, ticket.token, source, offer)


async def redeem(stage, token, source="main", offer=OFFER, *, now=NOW, lesson_id=None):
    lesson_id = lesson_id or stage.lesson_id
    return await publish(stage.house, stage.signer, token, lesson_id=lesson_id, source=source, offer_sdp=offer, now=now)


async def look(stage, by, view="programme", now=NOW):
    ticket = await watching(stage, by, view)
    return await watch(
        stage.house, stage.signer, ticket.token, lesson_id=stage.lesson_id, view=view, offer_sdp=OFFER, now=now
    )


async def test_the_wall_turns_its_page_in_one_connection_by_the_right_of_who_opened_it(opened):
    stage = opened
    places = [one.source for one in (await stage.lesson()).venues]
    wall = await look(stage, "director", f"sources:{places[0]}")

    async def turn(resource, *sources, at=NOW):
        return await look_at(stage.house, resource, sources, at)

    await turn(wall.resource, *reversed(places))
    [session] = await stage.records.read(lambda tx: tx.media_sessions.open_of_lesson(stage.lesson_id))
    assert session.name == "sources:" + ",".join(reversed(places))  # what is checked again when rights change
    assert await refused(turn(wall.resource, "venue-0")) == "source_unknown"
    assert await refused(turn(wall.resource, places[0], places[0])) == "source_unknown"
    assert await refused(turn("nobody", places[0])) == "session_unknown"
    assert await refused(turn((await look(stage, "director")).resource, places[0])) == "session_unknown"
    assert await refused(turn((await send(stage, "lecturer")).resource, places[0])) == "session_unknown"
    own = await look(stage, "venue1", f"sources:{await stage.source_of('venue1')}")
    assert await refused(turn(own.resource, *places)) == "forbidden"


async def test_the_lecturer_publishes_and_hangs_up(opened):
    ticket = await publishing(opened, "lecturer", "main")
    assert ticket.path == f"/whip/{opened.lesson_id}/main"
    assert ticket.expires_at == NOW + MINUTE
    stream = await redeem(opened, ticket.token)
    assert stream.sdp == "answer for main"
    assert len(stream.resource) >= 43
    owner, fragment = await add_candidates(opened.house, stream.resource, "fragment", stream.etag)
    assert (owner.lesson_id, fragment) == (opened.lesson_id, None)
    await hang_up(opened.house, stream.resource, NOW)
    assert opened.room.sources == {}
    assert await hang_up(opened.house, stream.resource, NOW) == owner
    assert await refused(add_candidates(opened.house, stream.resource, "fragment", stream.etag)) == "session_unknown"
    assert await refused(hang_up(opened.house, "guess", NOW)) == "session_unknown"
    assert await refused(add_candidates(opened.house, "guess", "fragment", stream.etag)) == "session_unknown"


@pytest.mark.parametrize(
    ("by", "source", "code"),
    [
        ("10001", "main", "forbidden"),
        ("secretary", "main", "forbidden"),
        ("director", "main", "forbidden"),
        ("venue1", "main", "forbidden"),
        ("venue1", "screen", "forbidden"),
        ("lecturer", "venue-nowhere", "source_unknown"),
    ],
)
async def test_who_has_no_part_publishes_nothing(opened, by, source, code):
    assert await refused(publishing(opened, by, source)) == code


async def test_a_venue_publishes_its_own_source_only(opened):
    own, other = await opened.source_of("venue1"), await opened.source_of("venue2")
    await send(opened, "venue1", own)
    assert await refused(publishing(opened, "venue1", other)) == "forbidden"
    assert await refused(publishing(opened, "lecturer", own)) == "forbidden"
    await send(opened, "venue0", "main")
    assert set(opened.room.sources) == {own, "main"}


async def test_a_lesson_that_is_not_on_air_gives_no_tickets(stage):
    assert await refused(publishing(stage, "lecturer", "main")) == "lesson_not_on_air"
    assert await refused(watching(stage, "10001")) == "lesson_not_on_air"


async def test_bad_tickets_are_refused_and_leave_no_trace(opened):
    good = (await publishing(opened, "lecturer", "main")).token
    watch_ticket = (await watching(opened, "10001")).token
    assert await refused(redeem(opened, "forged")) == "ticket_invalid"
    assert await refused(redeem(opened, good, now=NOW + MINUTE)) == "ticket_expired"
    assert await refused(redeem(opened, good, source="screen")) == "ticket_foreign"
    assert await refused(redeem(opened, good, lesson_id="another")) == "ticket_foreign"
    assert await refused(redeem(opened, watch_ticket)) == "ticket_foreign"
    await opened.step("start", "end")
    assert await refused(redeem(opened, good)) == "lesson_not_on_air"
    assert opened.room.sources == {}


async def test_a_second_lecturer_for_a_taken_slot_is_refused(opened):
    await send(opened, "lecturer")
    held = dict(opened.room.sources)
    assert await refused(send(opened, "venue0", client="hall")) == "source_taken"
    assert opened.room.sources == held


async def test_the_same_client_or_account_takes_its_own_place_again(opened):
    first = await send(opened, "lecturer", client="tab-1")
    second = await send(opened, "lecturer", client="tab-1")
    third = await send(opened, "lecturer", client="tab-2")
    assert len({first.resource, second.resource, third.resource}) == 3
    assert len(opened.room.sources) == 1


async def test_two_machines_of_one_account_do_not_push_each_other_out_in_turn(opened):
    """Who was pushed out dials again by itself: that must not cost the other one its place."""

    async def dial(client, seconds, *, replace=False):
        ticket = await publishing(opened, "lecturer", "main", client, replace)
        await redeem(opened, ticket.token, now=NOW + dt.timedelta(seconds=seconds))
        return opened.room.sources["main"]

    await dial("old", 0)
    taken = await dial("new", 1)
    assert await refused(dial("old", 2)) == "source_taken"
    assert opened.room.sources["main"] == taken
    assert await dial("new", 3) != taken
    forced = await dial("old", 4, replace=True)
    assert await refused(dial("new", 5)) == "source_taken"
    assert opened.room.sources["main"] == forced


async def test_two_screens_of_one_venue_do_not_push_each_other_out_in_turn(opened):
    """Nobody is in the hall to settle it: the first one tries on, and is back once the other one is gone."""
    source = await opened.source_of("venue1")

    async def dial(client, seconds):
        ticket = await publishing(opened, "venue1", source, client)
        await redeem(opened, ticket.token, source=source, now=NOW + dt.timedelta(seconds=seconds))
        return opened.room.sources[source]

    await dial("old", 0)
    taken = await dial("new", 20)
    for seconds in (21, 40, 55):
        with pytest.raises(Refusal) as told:
            await dial("old", seconds)
        assert (told.value.code, told.value.retry_after_s) == ("source_taken", 5)
    assert opened.room.sources[source] == taken
    assert await dial("new", 56) != taken
    gone = opened.room.sources.pop(source)
    await follow(opened.house, SourceDown(opened.lesson_id, source, gone, "consent_expired"), NOW)
    back = await dial("old", 57)
    assert await refused(dial("new", 58)) == "source_taken"
    assert opened.room.sources[source] == back


async def test_who_was_pushed_out_does_not_come_back_while_the_other_one_connects(opened):
    """To the media process nobody holds the source until the handshake is through."""

    async def dial(by, seconds, *, replace=False):
        ticket = await publishing(opened, by, "main", by, replace)
        await redeem(opened, ticket.token, now=NOW + dt.timedelta(seconds=seconds))

    await dial("venue0", 0)
    await dial("lecturer", 20, replace=True)
    del opened.room.sources["main"]
    assert await refused(dial("venue0", 21)) == "source_taken"
    await dial("venue0", 31)  # the handshake came to nothing, and nobody said so


async def test_the_director_takes_over_by_force_and_the_main_venue_may_not(opened):
    await send(opened, "lecturer")
    assert await refused(publishing(opened, "venue0", "main", replace=True)) == "forbidden"
    await send(opened, "director", client="console", replace=True)
    assert await refused(send(opened, "venue0", client="hall")) == "source_taken"
    assert len(opened.room.sources) == 1


async def test_the_lecturer_takes_the_own_sources_over_by_force_and_no_venue(opened):
    await send(opened, "venue0", client="hall")
    assert await refused(send(opened, "lecturer", client="desk")) == "source_taken"
    await send(opened, "lecturer", client="desk", replace=True)
    assert await refused(publishing(opened, "lecturer", await opened.source_of("venue1"), replace=True)) == "forbidden"


async def test_a_spare_machine_is_set_up_by_the_lecturer_the_main_venue_or_who_runs_the_lesson(opened):
    for number in ("lecturer", "venue0", "director"):
        await publishing(opened, number, "spare")
        await publishing(opened, number, "spare-screen")
    for number in ("venue1", "10001", "secretary"):
        assert await refused(publishing(opened, number, "spare")) == "forbidden"
    assert await refused(publishing(opened, "director", "main")) == "forbidden"


async def test_after_the_holder_is_gone_its_place_is_free(opened):
    await send(opened, "lecturer")
    session_id = opened.room.sources.pop("main")
    await follow(opened.house, SourceDown(opened.lesson_id, "main", session_id, "consent_expired"), NOW)
    await send(opened, "venue0", client="hall")
    assert await refused(send(opened, "lecturer")) == "source_taken"


async def test_a_refusal_of_the_media_process_reaches_the_publisher(opened):
    assert await refused(send(opened, "lecturer", offer="nonsense")) == "bad_sdp"
    opened.media.away = True
    assert await refused(send(opened, "lecturer")) == "media_unavailable"


async def test_a_media_process_that_was_just_replaced_gets_the_room_first(opened):
    opened.media.restart()
    await send(opened, "lecturer")
    assert set(opened.room.sources) == {"main"}
    assert (opened.room.camera, opened.room.opened) == ("main", {"main"})
    assert (await opened.kinds())[-1] == "media.moved"


async def test_everybody_reached_watches_the_programme(opened):
    for by in ("10001", "director", "secretary"):
        await look(opened, by)
    own = f"member-{(await opened.who('10001')).member_id}"  # never heard back, should they come on the air
    assert list(opened.room.viewers.values()) == [ProgrammeView((own,)), ProgrammeView(), ProgrammeView()]


async def test_nobody_hears_his_own_sound_back(opened):
    own = await opened.source_of("venue1")
    for by, minus in (("venue1", (own,)), ("venue0", LECTURER_SOURCES), ("lecturer", LECTURER_SOURCES)):
        await look(opened, by)
        assert list(opened.room.viewers.values())[-1] == ProgrammeView(minus)


async def test_the_wall_is_for_staff_and_a_venue_sees_itself(opened):
    own, other = await opened.source_of("venue1"), await opened.source_of("venue2")
    await look(opened, "director", f"sources:main,{own},{other}")
    assert list(opened.room.viewers.values()) == [SourcesView(("main", own, other))]
    await look(opened, "venue1", f"sources:{own}")
    assert await refused(watching(opened, "venue1", f"sources:{other}")) == "forbidden"
    assert await refused(watching(opened, "10001", "sources:main")) == "forbidden"
    assert await refused(watching(opened, "director", "sources:venue-nowhere")) == "source_unknown"
    assert await refused(watching(opened, "director", "everything")) == "source_unknown"


async def test_a_socket_ticket_admits_its_account_to_its_lesson(opened):
    who = await opened.who("venue1")
    ticket = await issue_socket_ticket(opened.records, opened.signer, who, opened.lesson_id, now=NOW)
    admission = await admit_socket(opened.house.admissions, opened.signer, ticket.ticket, opened.lesson_id, NOW)
    assert (admission.principal, admission.seq) == (who, 3)
    assert admission.listener.lesson_venue_id == (await opened.source_of("venue1")).removeprefix("venue-")

    async def admit(token, lesson_id=opened.lesson_id, now=NOW):
        return await refused(admit_socket(opened.house.admissions, opened.signer, token, lesson_id, now))

    assert await admit(ticket.ticket, lesson_id="another") == "ticket_foreign"
    assert await admit(ticket.ticket, now=NOW + MINUTE) == "ticket_expired"
    assert await admit((await watching(opened, "10001")).token) == "ticket_foreign"
    assert await admit("forged") == "ticket_invalid"


async def test_live_playlists_are_for_who_may_watch(opened):
    who = await opened.who("10001")

    async def issued():
        media, records, signer = opened.house.media, opened.records, opened.signer
        return await issue_live_grant(records, media, signer, who, opened.lesson_id, lifetime=HOUR, now=NOW)

    lists = await issued()
    recording_id = (await opened.lesson()).recording_id
    assert lists.camera.startswith(f"/hls/{recording_id}/")
    assert lists.camera.endswith("/live-camera.m3u8")
    assert lists.expires_at == NOW + HOUR
    assert lists.screen is None, "there is no screen before its first segment"
    opened.house.media.playlists[recording_id, Track.SCREEN] = "#EXTM3U\n"
    assert (await issued()).screen.endswith("/live-screen.m3u8")


async def test_the_stage_shows_a_publisher_as_soon_as_it_is_answered(opened):
    director = await opened.who("director")
    assert not (await see_stage(opened.house, director, opened.lesson_id, NOW)).sources[0].connected
    await send(opened, "lecturer")
    assert (await see_stage(opened.house, director, opened.lesson_id, NOW)).sources[0].connected


async def test_of_two_lecturers_at_once_exactly_one_gets_the_place(opened):
    results = await asyncio.gather(
        send(opened, "lecturer", client="a"), send(opened, "venue0", client="b"), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["OpenedStream", "Refusal"]
