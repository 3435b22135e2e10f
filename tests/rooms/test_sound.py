"""The node over loopback, with light clients: who is heard, and by whom."""

from __future__ import annotations

import pytest

from rooms.interface import AUDIO_SLOTS, ProgrammeView
from tests.rooms.conftest import ROOM, until
from tests.rooms.studio import Camera, Studio

pytestmark = pytest.mark.media


async def test_only_opened_sources_are_heard(studio: Studio) -> None:
    a, b = [await studio.camera(name) for name in "ab"]
    viewer = await studio.watcher("viewer", ProgrammeView(), ("audio", "audio"))

    async def heard_after(closed: Camera, opened: Camera) -> list[str]:
        """Of a closed source's sound and then an opened one's: when the second is here, the first could be."""
        before = len(viewer.heard())
        arrived = packets_of(studio, closed) + 3
        for _ in range(3):
            closed.sound()
        await until(lambda: packets_of(studio, closed) >= arrived)
        opened.sound()
        await until(lambda: opened.name in viewer.heard()[before:])
        return viewer.heard()[before:]

    await studio.node.open_audio(ROOM, frozenset({"a"}))
    assert await heard_after(closed=b, opened=a) == ["a"]
    await studio.node.open_audio(ROOM, frozenset({"b"}))
    assert await heard_after(closed=a, opened=b) == ["b"]


def packets_of(studio: Studio, camera: Camera) -> int:
    states = studio.node.room_state(ROOM).sources
    return next(state.packets_received for state in states if state.source_id == camera.name)


async def test_a_venue_never_hears_itself(studio: Studio) -> None:
    venue, lecturer = await studio.camera("venue"), await studio.camera("lecturer")
    await studio.node.open_audio(ROOM, frozenset({"venue", "lecturer"}))
    hall = await studio.watcher("hall", ProgrammeView(minus_sources=("venue",)), ("audio",) * 3)
    phone = await studio.watcher("phone", ProgrammeView(), ("audio",) * 3)
    for _ in range(10):
        venue.sound()
        lecturer.sound()
    await until(lambda: len(phone.heard()) == 20 and len(hall.heard()) == 10)
    assert set(hall.heard()) == {"lecturer"}
    assert sorted(set(phone.heard())) == ["lecturer", "venue"]


async def test_the_three_loudest_of_the_opened_are_seated(studio: Studio) -> None:
    cameras = [await studio.camera(name) for name in "abcd"]
    await studio.node.open_audio(ROOM, frozenset("abcd"))
    assert sorted(filter(None, map(studio.node.room_state(ROOM).slots.get, AUDIO_SLOTS))) == ["a", "b", "c"]

    def d_sits() -> bool:
        for camera in cameras:
            camera.sound(level=10 if camera.name == "d" else 90 if camera.name == "a" else 40)
        return "d" in studio.node.room_state(ROOM).slots.values()

    await until(d_sits)
    assert "a" not in studio.node.room_state(ROOM).slots.values()
