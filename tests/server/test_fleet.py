"""Several media processes as one: each lesson in one of them, whichever names its connections carry."""

import asyncio

import pytest

from server.domain.refusals import Refusal
from server.link import fleet
from server.link.fleet import Fleet
from server.services.media import MediaLost, MediaReady, ProgrammeView, ViewerUp
from tests.services.media_twin import OFFER, Disk, MediaTwin


class Linked(MediaTwin):
    """A process that is there, or away."""

    def __init__(self, worker):
        super().__init__(Disk())
        self.worker, self.cost, self.away_ms = worker, 0.0, 0.0
        self.reports = asyncio.Queue()

    connected = property(lambda self: not self.away)

    async def events(self):
        while True:
            yield await self.reports.get()


@pytest.fixture
def links():
    return [Linked(0), Linked(1)]


@pytest.fixture
def plane(links):
    return Fleet(links)


async def opened(plane, name):
    await plane.open_room(name, f"recording of {name}", "H264", recording=True)


async def watched(plane, name):
    return (await plane.watch(name, "somebody", OFFER, ProgrammeView())).session_id


async def test_lessons_are_spread_and_each_stays_where_it_is(plane, links):
    for name in "abcd":
        await opened(plane, name)
    assert [set(link.rooms) for link in links] == [{"a", "c"}, {"b", "d"}]
    links[0].cost = 3.0
    await opened(plane, "a")
    assert set(links[0].rooms) == {"a", "c"}
    await opened(plane, "e")
    assert "e" in links[1].rooms


async def test_a_connection_is_found_by_its_name_alone(plane, links):
    await opened(plane, "a")
    await opened(plane, "b")
    first, second = await watched(plane, "a"), await watched(plane, "b")
    await plane.end_session(second)
    assert (len(links[0].rooms["a"].viewers), len(links[1].rooms["b"].viewers)) == (1, 0)
    await plane.add_candidates(first, "", "*")
    for name in ("", "7.x", "x", "-1.x", "1"):
        with pytest.raises(Refusal, match="session_unknown"):
            await plane.end_session(name)


async def test_who_is_lost_with_a_process_is_told(plane, links):
    for name in "abc":
        await opened(plane, name)
    events = plane.events()
    links[1].reports.put_nowait(MediaReady("i", 1))
    links[1].reports.put_nowait(ViewerUp("b", "s", "v"))
    links[1].reports.put_nowait(MediaLost(1))
    assert [await anext(events) for _ in range(3)] == [
        MediaReady("i", 1),
        ViewerUp("b", "1.s", "v"),
        MediaLost(1, frozenset("b")),
    ]
    await events.aclose()


async def test_a_lesson_waits_for_its_own_processs_successor(plane, links):
    await opened(plane, "a")
    links[0].away, links[0].away_ms = True, 100.0
    with pytest.raises(Refusal, match="media_unavailable"):
        await plane.room_state("a")
    links[0].restart()
    links[0].away_ms = 0.0
    with pytest.raises(Refusal, match="room_unknown"):
        await plane.room_state("a")
    await opened(plane, "a")
    assert "a" in links[0].rooms


async def test_a_lesson_whose_process_never_comes_back_is_given_to_another(plane, links):
    await opened(plane, "a")
    links[0].away, links[0].away_ms = True, fleet.PATIENCE_MS
    with pytest.raises(Refusal, match="room_unknown"):
        await plane.room_state("a")
    await opened(plane, "a")
    assert "a" in links[1].rooms


async def test_without_any_process_media_is_unavailable_and_nothing_is_unknown(plane, links):
    for link in links:
        link.away = True
    for asked in (plane.room_state("a"), plane.stats(), plane.finish_recording("r"), opened(plane, "a")):
        with pytest.raises(Refusal, match="media_unavailable"):
            await asked


async def test_a_closed_room_is_remembered_for_its_goodbyes(plane, links):
    await opened(plane, "a")
    name = await watched(plane, "a")
    await plane.close_room("a", grace_ms=10_000)
    await plane.end_session(name)
    assert await plane.finish_recording("recording of a")
    await plane.close_room("unknown", grace_ms=0)
    for number in range(3):
        await opened(plane, f"more {number}")
    assert [len(link.rooms) for link in links][1] >= 1


async def test_every_process_that_answers_is_counted(plane, links):
    assert len(await plane.stats()) == 2
    links[1].away = True
    assert len(await plane.stats()) == 1
