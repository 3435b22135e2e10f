"""The director talks to one venue's operator: only that venue hears it, and it ends with everything it hangs on."""

import datetime as dt

import pytest

from server.domain.presence import Device, Face
from server.domain.programme import PictureSlot
from server.services.attending import arrive
from server.services.rights import end_lost_streams
from server.services.stage import open_audio, see_stage, take
from server.services.talkbacks import begin_talkback, end_talkback
from server.services.watching import watch
from tests.services.conftest import command_id, refused
from tests.services.test_streams import look, publishing, send, watching
from tests.store.samples import NOW

SECOND = dt.timedelta(seconds=1)


async def venue_of(stage, number):
    return (await stage.source_of(number)).removeprefix("venue-")


async def talk(stage, number="venue1", by="director", *, confirmed=False, command=None):
    who, venue = await stage.who(by), await venue_of(stage, number)
    wish = {"lesson_venue_id": venue, "confirmed": confirmed, "now": NOW}
    return await begin_talkback(stage.house, who, stage.lesson_id, command or command_id(), **wish)


async def end(stage, number="venue1", by="director", *, source=None, command=None):
    who, venue = await stage.who(by), await venue_of(stage, number)
    wish = {"lesson_venue_id": venue, "source": source, "now": NOW}
    return await end_talkback(stage.house, who, stage.lesson_id, command or command_id(), **wish)


async def seen(stage, by):
    return (await see_stage(stage.house, await stage.who(by), stage.lesson_id, NOW)).talkbacks


@pytest.fixture
async def there(live):
    for number in ("venue1", "venue2"):
        await arrive(live.house, live.lesson_id, Device(number, "a", Face.VENUE, await venue_of(live, number)), NOW)
    return live


async def test_only_the_venue_that_is_spoken_to_may_hear_it(there):
    (talkback,) = (await talk(there)).talkbacks
    await send(there, "director", talkback.source)
    await look(there, "venue1", f"sources:{talkback.source}")
    for other in ("venue2", "director", "lecturer", "10001"):
        assert await refused(watching(there, other, f"sources:{talkback.source}")) == "source_unknown"
    mixed = f"sources:{talkback.source},{await there.source_of('venue1')}"
    assert await refused(watching(there, "venue1", mixed)) == "source_unknown"


async def test_only_who_began_it_may_be_its_voice(there):
    (talkback,) = (await talk(there)).talkbacks
    for other in ("lecturer", "admin", "venue1"):
        assert await refused(publishing(there, other, talkback.source)) == "source_unknown"
    assert await refused(publishing(there, "admin", talkback.source, replace=True)) == "source_unknown"


async def test_it_never_comes_into_the_programme(there):
    (talkback,) = (await talk(there)).talkbacks
    await send(there, "director", talkback.source)
    who = await there.who("director")
    wish = {"source": talkback.source, "now": NOW}
    for slot in PictureSlot:
        taken = take(there.house, who, there.lesson_id, command_id(), slot=slot, **wish)
        assert await refused(taken) == "source_unknown"
    assert await refused(open_audio(there.house, who, there.lesson_id, command_id(), opened=True, **wish)) == (
        "source_unknown"
    )
    assert await refused(there.media.open_audio(there.lesson_id, frozenset({talkback.source}))) == "source_unknown"
    assert talkback.source not in {source.source for source in (await see_stage_of(there)).sources}


async def see_stage_of(stage):
    return await see_stage(stage.house, await stage.who("director"), stage.lesson_id, NOW)


async def test_staff_and_the_venue_know_of_it_and_nobody_else(there):
    await talk(there)
    director = (await there.who("director")).account_id
    for staff in ("director", "lecturer"):
        assert [one.account_id for one in await seen(there, staff)] == [director]
    assert [one.by for one in await seen(there, "venue1")] == ["会控员"]
    for other in ("venue2", "10001"):
        assert await seen(there, other) == ()
    begun = [event for event in await there.events() if event.kind == "talkback.begun"]
    assert {event.audience for event in begun} == {"staff", f"venue:{await venue_of(there, 'venue1')}"}
    assert all("source" not in event.data for event in begun)


async def test_ending_it_cuts_the_voice_and_is_written_down(there):
    (talkback,) = (await talk(there)).talkbacks
    await send(there, "director", talkback.source)
    assert (await end(there)).talkbacks == ()
    assert talkback.source not in there.room.sources
    assert await refused(publishing(there, "director", talkback.source)) == "source_unknown"
    assert [event.data["reason"] for event in await there.events() if event.kind == "talkback.ended"] == ["ended"] * 2
    await end(there)  # there is none any more
    assert (await there.kinds()).count("talkback.ended") == 2


async def test_whoever_lets_go_late_ends_no_talkback_of_a_colleague(there):
    (own,) = (await talk(there)).talkbacks
    await end(there, by="lecturer")  # a colleague's may be ended, too
    (other,) = (await talk(there, by="lecturer")).talkbacks
    assert [one.source for one in (await end(there, source=own.source)).talkbacks] == [other.source]
    assert (await end(there, source=other.source)).talkbacks == ()
    ended = [event.data["by"] for event in await there.events() if event.kind == "talkback.ended"]
    assert ended == ["讲师"] * 2 + ["会控员"] * 2


async def test_the_same_end_with_another_source_is_another_command(there):
    (talkback,) = (await talk(there)).talkbacks
    command = command_id()
    await end(there, command=command)
    assert await refused(end(there, source=talkback.source, command=command)) == "command_reused"


async def test_talking_to_the_next_venue_leaves_the_one_before(there):
    (first,) = (await talk(there)).talkbacks
    await send(there, "director", first.source)
    (second,) = (await talk(there, "venue2")).talkbacks
    assert first.source not in there.room.sources
    assert second.source != first.source
    assert await refused(watching(there, "venue1", f"sources:{second.source}")) == "source_unknown"


async def test_a_venue_on_the_air_is_talked_to_only_when_confirmed(there):
    venue = await there.source_of("venue1")
    who = await there.who("director")
    await take(there.house, who, there.lesson_id, command_id(), slot=PictureSlot.CAMERA, source=venue, now=NOW)
    assert await refused(talk(there)) == "talkback_on_air"
    await talk(there, confirmed=True)
    await watch(there.house, NOW + SECOND)
    assert len(await seen(there, "director")) == 1


async def test_coming_on_the_air_ends_it_at_the_next_look(there):
    (talkback,) = (await talk(there)).talkbacks
    await send(there, "director", talkback.source)
    venue, who = await there.source_of("venue1"), await there.who("director")
    await take(there.house, who, there.lesson_id, command_id(), slot=PictureSlot.CAMERA, source=venue, now=NOW)
    await watch(there.house, NOW + SECOND)
    assert await seen(there, "director") == ()
    assert talkback.source not in there.room.sources
    assert [event.data["reason"] for event in await there.events() if event.kind == "talkback.ended"] == ["on_air"] * 2


async def test_a_voice_that_stays_away_ends_it(there):
    await talk(there)
    await watch(there.house, NOW + 11 * SECOND)
    assert len(await seen(there, "director")) == 1
    await watch(there.house, NOW + 12 * SECOND)
    assert await seen(there, "director") == ()


async def test_a_voice_that_is_there_goes_on(there):
    (talkback,) = (await talk(there)).talkbacks
    await send(there, "director", talkback.source)
    for seconds in (10, 20, 30):
        await watch(there.house, NOW + seconds * SECOND)
    assert len(await seen(there, "director")) == 1
    await end_lost_streams(there.house, NOW)
    assert talkback.source in there.room.sources


async def test_the_end_of_the_lesson_ends_it(there):
    await talk(there)
    await there.step("end")
    assert (await there.lesson()).talkbacks == ()


async def test_nobody_talks_to_a_page_that_is_not_open_and_only_staff_talks(live):
    assert await refused(talk(live)) == "talkback_away"
    for by in ("venue1", "venue0", "10001", "secretary"):
        assert await refused(talk(live, by=by)) == "forbidden"


async def test_a_retry_begins_nothing_new(there):
    command = command_id()
    (first,) = (await talk(there, command=command)).talkbacks
    (again,) = (await talk(there, command=command)).talkbacks
    assert first == again
