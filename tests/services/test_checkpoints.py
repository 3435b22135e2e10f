"""Presence reaches the record: at checkpoints, at every going, and never what is after the end."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.lessons import LessonState, LessonStep
from server.domain.presence import Channel, Device, Face, Outage
from server.domain.refusals import Refusal
from server.services.attending import arrive, depart
from server.services.checkpoints import (
    EVERY,
    checkpoint,
    note_restart,
    see_listener,
    see_segment,
)
from server.services.demo import demo_id
from server.services.following import follow
from server.services.lessons import move_lesson
from server.services.media import MediaLost, MediaReady, ViewerDown, ViewerUp
from server.services.sightings import Sightings
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)


def phone(number, device="sid"):
    return Device(device, demo_id(str(number)), Face.PHONE, None, demo_id(f"member {number}"))


async def spans(stage):
    return await stage.records.read(lambda tx: tx.spans.of(stage.lesson_id))


def times(span):
    return (span.since - NOW) // SECOND, (span.until - NOW) // SECOND


async def test_a_phone_is_present_from_joining_to_leaving(live):
    device = phone(10001)
    await arrive(live.house, live.lesson_id, device, NOW)
    await checkpoint(live.house, NOW + EVERY)
    assert [times(span) for span in await spans(live)] == [(0, 15)]
    await arrive(live.house, live.lesson_id, device, NOW + 16 * SECOND)
    await depart(live.house, live.lesson_id, device, NOW + 20 * SECOND)
    (span,) = await spans(live)
    assert times(span) == (0, 20)
    assert (span.channel, span.member_id, span.device) == (Channel.SOCKET, demo_id("member 10001"), "sid")
    await depart(live.house, live.lesson_id, device, NOW + 30 * SECOND)
    assert await spans(live) == (span,)


async def test_a_page_that_is_put_away_is_another_span_until_it_is_in_front_again(live):
    device = phone(10001)
    await arrive(live.house, live.lesson_id, device, NOW)
    await arrive(live.house, live.lesson_id, device, NOW + 10 * SECOND, hidden=True)
    await arrive(live.house, live.lesson_id, device, NOW + 25 * SECOND, hidden=True)
    await arrive(live.house, live.lesson_id, device, NOW + 40 * SECOND)
    await checkpoint(live.house, NOW + 45 * SECOND)
    await arrive(live.house, live.lesson_id, device, NOW + 50 * SECOND, hidden=True)
    await depart(live.house, live.lesson_id, device, NOW + 55 * SECOND)
    told = {(span.channel, *times(span)) for span in await spans(live)}
    assert told == {("socket", 0, 10), ("hidden", 10, 40), ("socket", 40, 50), ("hidden", 50, 55)}
    assert {span.member_id for span in await spans(live)} == {demo_id("member 10001")}


async def test_a_venues_screen_is_there_whatever_its_page_says(live):
    venue = next(iter((await live.lesson()).venues))
    screen = Device("screen", demo_id("venue1"), Face.VENUE, venue.id)
    await arrive(live.house, live.lesson_id, screen, NOW, hidden=True)
    await depart(live.house, live.lesson_id, screen, NOW + 20 * SECOND)
    assert [(span.channel, *times(span)) for span in await spans(live)] == [("venue", 0, 20)]


async def test_a_silent_socket_counts_for_its_time_to_live_and_then_begins_anew(live):
    device = phone(10001)
    await arrive(live.house, live.lesson_id, device, NOW)
    await checkpoint(live.house, NOW + 5 * MINUTE)
    await arrive(live.house, live.lesson_id, device, NOW + 6 * MINUTE)
    await depart(live.house, live.lesson_id, device, NOW + 6 * MINUTE + 5 * SECOND)
    assert [times(span) for span in await spans(live)] == [(0, 45), (360, 365)]


async def test_staff_and_screens_without_a_member_are_not_anybodys_presence(live):
    await arrive(live.house, live.lesson_id, Device("a", demo_id("director"), Face.CONSOLE), NOW)
    await checkpoint(live.house, NOW + EVERY)
    assert await spans(live) == ()


async def test_a_venues_screen_is_the_venues_presence(live):
    venue = (await live.lesson()).venues[1].id
    await arrive(live.house, live.lesson_id, Device("tv", demo_id("venue1"), Face.VENUE, venue), NOW)
    await checkpoint(live.house, NOW + EVERY)
    (span,) = await spans(live)
    assert (span.channel, span.lesson_venue_id, span.member_id, times(span)) == (Channel.VENUE, venue, None, (0, 15))


async def test_a_media_viewer_is_present_while_connected(live):
    up = ViewerUp(live.lesson_id, "s1", demo_id("10001"))
    await follow(live.house, up, NOW)
    await checkpoint(live.house, NOW + 10 * MINUTE)
    assert [times(span) for span in await spans(live)] == [(0, 600)]
    await follow(live.house, ViewerDown(live.lesson_id, "s1", demo_id("10001"), "bye"), NOW + 11 * MINUTE)
    (span,) = await spans(live)
    assert (span.channel, times(span)) == (Channel.MEDIA, (0, 660))


async def test_a_venues_media_connection_speaks_for_the_venue_and_a_directors_for_nobody(live):
    await follow(live.house, ViewerUp(live.lesson_id, "s1", demo_id("venue1")), NOW)
    await follow(live.house, ViewerUp(live.lesson_id, "s2", demo_id("director")), NOW)
    await checkpoint(live.house, NOW + EVERY)
    (span,) = await spans(live)
    assert (span.channel, span.lesson_venue_id) == (Channel.VENUE, (await live.lesson()).venues[1].id)


async def test_a_media_process_that_is_lost_is_our_outage(live):
    await follow(live.house, ViewerUp(live.lesson_id, "s1", demo_id("10001")), NOW)
    await follow(live.house, MediaLost(), NOW + 10 * SECOND)
    assert [times(span) for span in await spans(live)] == [(0, 10)]
    await follow(live.house, MediaReady("new"), NOW + 13 * SECOND)
    await follow(live.house, MediaReady("new"), NOW + 14 * SECOND)
    known = await live.records.read(lambda tx: tx.outages.between(NOW, NOW + MINUTE))
    assert known == (Outage(NOW + 10 * SECOND, NOW + 13 * SECOND, "media"),)


async def test_an_hls_player_is_present_while_it_fetches_segments(live):
    recording_id = (await live.lesson()).recording_id
    for second in range(0, 31, 2):
        await see_segment(live.house, recording_id, demo_id("10001"), NOW + second * SECOND)
    await checkpoint(live.house, NOW + 5 * MINUTE)
    (span,) = await spans(live)
    assert (span.channel, times(span)) == (Channel.HLS, (0, 45))
    await see_segment(live.house, demo_id("no recording"), demo_id("10001"), NOW)


async def test_who_waits_for_events_by_plain_https_is_present(live):
    for second in (0, 25, 50):
        see_listener(live.house, live.lesson_id, await live.who("10001"), NOW + second * SECOND)
    see_listener(live.house, live.lesson_id, await live.who("director"), NOW)
    await checkpoint(live.house, NOW + MINUTE)
    assert [times(span) for span in await spans(live)] == [(0, 60)]


async def test_nothing_counts_after_the_end(live):
    await arrive(live.house, live.lesson_id, phone(10001), NOW)
    await follow(live.house, ViewerUp(live.lesson_id, "s1", demo_id("10002")), NOW)
    await checkpoint(live.house, NOW + EVERY)
    ended_at = NOW + 20 * SECOND
    await live.records.write(lambda tx: _end(tx, live.lesson_id, ended_at))
    await arrive(live.house, live.lesson_id, phone(10001), NOW + 25 * SECOND)
    await checkpoint(live.house, NOW + 30 * SECOND)
    assert [times(span) for span in await spans(live)] == [(0, 20), (0, 20)]
    await arrive(live.house, live.lesson_id, phone(10001), NOW + 40 * SECOND)
    await checkpoint(live.house, NOW + 45 * SECOND)
    assert len(await spans(live)) == 2
    assert live.house.sightings.lessons == frozenset()


def _end(tx, lesson_id, at):
    tx.lessons.save(replace(tx.lessons.get(lesson_id), state=LessonState.ENDED, ended_at=at))


async def test_the_end_of_a_lesson_is_written_at_once(live):
    await arrive(live.house, live.lesson_id, phone(10001), NOW - 10 * SECOND)
    await live.step("end")
    assert [times(span) for span in await spans(live)] == [(-10, 0)]


# ---- several control processes ---------------------------------------------------------------------------


def beside(stage, name):
    """Another control process, of the same record: what it saw is its own until it writes it."""
    return replace(stage.house, name=name, sightings=Sightings())


async def settle(stage, now):
    return await move_lesson(
        stage.house, await stage.who("admin"), stage.lesson_id, command_id(), step=LessonStep.SETTLE, now=now
    )


async def end(stage, at):
    who = await stage.who("director")
    await move_lesson(stage.house, who, stage.lesson_id, command_id(), step=LessonStep.END, now=at)


async def percent_of(stage, number):
    verdict, _ = await stage.records.read(lambda tx: tx.verdicts.get(stage.lesson_id, demo_id(f"member {number}")))
    return verdict.evidence.present_percent


async def test_settling_waits_for_what_another_process_saw(live):
    other = beside(live, "other")
    await arrive(other, live.lesson_id, phone(10001), NOW)
    await checkpoint(other, NOW + SECOND)
    await checkpoint(live.house, NOW + SECOND)
    await arrive(other, live.lesson_id, phone(10001), NOW + 30 * SECOND)
    await end(live, NOW + 40 * SECOND)
    with pytest.raises(Refusal) as caught:
        await settle(live, NOW + 41 * SECOND)
    assert (caught.value.code, caught.value.retry_after_s) == ("presence_pending", 2)
    assert (await live.lesson()).state == "ended"
    await arrive(other, live.lesson_id, phone(10001), NOW + 45 * SECOND)
    await checkpoint(other, NOW + 46 * SECOND)
    assert (await settle(live, NOW + 47 * SECOND)).state == "settled"
    assert await percent_of(live, 10001) == 100


async def test_how_long_it_may_take_is_said(live):
    await checkpoint(beside(live, "other"), NOW + 38 * SECOND)
    await end(live, NOW + 40 * SECOND)
    with pytest.raises(Refusal) as caught:
        await settle(live, NOW + 41 * SECOND)
    assert caught.value.retry_after_s == 12


async def test_a_process_that_died_is_not_waited_for(live):
    await checkpoint(beside(live, "dead"), NOW)
    await end(live, NOW + 40 * SECOND)
    assert await refused(settle(live, NOW + 44 * SECOND)) == "presence_pending"
    assert (await settle(live, NOW + 45 * SECOND)).state == "settled"


async def test_a_process_that_is_alone_settles_at_once_and_by_what_it_saw_itself(live):
    await checkpoint(live.house, NOW)
    await arrive(live.house, live.lesson_id, phone(10001), NOW)
    await end(live, NOW + 10 * SECOND)
    assert (await settle(live, NOW + 10 * SECOND)).state == "settled"
    assert await percent_of(live, 10001) == 100


async def test_a_process_that_begins_in_a_lesson_is_waited_for(live):
    await note_restart(live.records, "new", NOW)
    await end(live, NOW + 10 * SECOND)
    assert await refused(settle(live, NOW + 11 * SECOND)) == "presence_pending"


async def test_a_restart_during_a_lesson_is_our_outage_and_one_between_lessons_is_none(live):
    assert await note_restart(live.records, live.house.name, NOW) is None
    await checkpoint(live.house, NOW)
    assert await note_restart(live.records, "there", NOW + MINUTE) is None
    outage = await note_restart(live.records, live.house.name, NOW + 20 * SECOND)
    assert outage == Outage(NOW, NOW + 20 * SECOND, "restart")
    assert await live.records.read(lambda tx: tx.outages.between(NOW, NOW + MINUTE)) == (outage,)
    await live.step("end")
    await checkpoint(live.house, NOW + 30 * SECOND)
    assert await note_restart(live.records, live.house.name, NOW + MINUTE) is None


async def test_yesterdays_pulse_is_no_outage_of_today(live):
    await checkpoint(live.house, NOW)
    assert await note_restart(live.records, live.house.name, NOW + 24 * 60 * MINUTE) is None


async def test_a_database_that_was_away_gets_it_all_later(live):
    await arrive(live.house, live.lesson_id, phone(10001), NOW)
    kept = live.house.sightings
    kept.gone(live.lesson_id, "sid", NOW + 10 * SECOND)  # its write failed
    await arrive(live.house, live.lesson_id, phone(10002, "other"), NOW + 5 * SECOND)
    await checkpoint(live.house, NOW + EVERY)
    assert [times(span) for span in await spans(live)] == [(0, 10), (5, 15)]
    assert kept.ended(live.lesson_id) == ()


def test_what_is_written_is_not_written_again():
    seen = Sightings()
    seen.seen("l", "d", Channel.HLS, NOW, member_id="m")
    spans = seen.due(NOW + MINUTE)["l"]
    seen.written("l", spans)
    assert seen.due(NOW + 2 * MINUTE) == {}


def test_a_clock_that_goes_backwards_makes_no_span_backwards():
    seen = Sightings()
    seen.seen("l", "d", Channel.SOCKET, NOW, member_id="m")
    seen.seen("l", "d", Channel.SOCKET, NOW - MINUTE, member_id="m")
    assert all(span.since <= span.until for span in seen.due(NOW - MINUTE)["l"])


async def told(stage, device, *words):
    """``words``: second and whether the page is put away, one after the other."""
    for second, hidden in words:
        await arrive(stage.house, stage.lesson_id, device, NOW + second * SECOND, hidden=hidden)


async def test_a_page_that_turns_at_every_message_writes_no_span_for_each(live):
    device = phone(10001)
    await told(live, device, *((number / 20, number % 2 == 1) for number in range(100)))  # the fastest, for 5 s
    await depart(live.house, live.lesson_id, device, NOW + 5 * SECOND)
    assert len(await spans(live)) <= 2 * 5 + 1


async def test_back_in_front_within_the_second_is_believed_at_the_next_beat(live):
    device = phone(10001)
    await told(live, device, (0, False), (30, True), (30.5, False), (45, False))
    await depart(live.house, live.lesson_id, device, NOW + 50 * SECOND)
    found = sorted((times(span)[0], times(span)[1], span.channel) for span in await spans(live))
    assert found == [(0, 30, Channel.SOCKET), (30, 45, Channel.HIDDEN), (45, 50, Channel.SOCKET)]


@pytest.mark.parametrize("face", [Face.CONSOLE, Face.DESK, Face.BOARD])
async def test_who_works_at_a_desk_may_have_another_page_in_front(live, face):
    device = replace(phone(10001), face=face)
    await told(live, device, (0, False), (20, True), (35, True))
    await depart(live.house, live.lesson_id, device, NOW + 40 * SECOND)
    (span,) = await spans(live)
    assert (span.channel, times(span)) == (Channel.SOCKET, (0, 40))
