"""Clips on the air, on both databases: started, paused, cut, stopped, and ended by themselves."""

import dataclasses
import datetime as dt
import uuid

import pytest

from server.depot import FolderDepot
from server.domain.clips import CLIP_FILE
from server.domain.materials import Material, MaterialKind, MaterialState, Release
from server.domain.programme import PictureSlot
from server.services.clips import clip_over, end_overdue, pause_clip, play_clip, stop_clip
from server.services.following import follow, restore_media
from server.services.materials import delete_material
from server.services.media import ClipOver, MediaLost, SourceDown, SourceUp
from server.services.stage import see_stage, take
from server.services.watching import watch
from tests.services.conftest import command_id, refused
from tests.services.media_twin import OFFER
from tests.store.samples import NOW

DURATION = 60_000


def after(seconds):
    return NOW + dt.timedelta(seconds=seconds)


class Theatre:
    """A live lesson with one clip in its materials."""

    def __init__(self, stage, clip):
        self.stage, self.clip = stage, clip

    @property
    def house(self):
        return self.stage.house

    async def play(self, at=NOW, *, by="director", material=None, command=None):
        who = await self.stage.who(by)
        wanted = material or self.clip.id
        return await play_clip(
            self.house, who, self.stage.lesson_id, command or command_id(), material_id=wanted, now=at
        )

    async def pause(self, paused, at, *, by="director"):
        who = await self.stage.who(by)
        return await pause_clip(self.house, who, self.stage.lesson_id, command_id(), paused=paused, now=at)

    async def stop(self, at=NOW, *, by="director"):
        return await stop_clip(self.house, await self.stage.who(by), self.stage.lesson_id, command_id(), at)

    async def take(self, source, at=NOW):
        who, slot = await self.stage.who("director"), PictureSlot.CAMERA
        return await take(self.house, who, self.stage.lesson_id, command_id(), slot=slot, source=source, now=at)

    async def seen(self, at=NOW, by="director"):
        return await see_stage(self.house, await self.stage.who(by), self.stage.lesson_id, at)

    async def clip_events(self):
        return [event for event in await self.stage.events() if event.kind.startswith("clip.")]

    async def over(self, reason, at, order=None):
        order = order or (await self.stage.lesson()).clip.order
        self.stage.media.clip_ended(self.stage.lesson_id)
        await clip_over(self.house, ClipOver(self.stage.lesson_id, "clip", order, reason), at)

    async def film(self, name, state=MaterialState.READY, kind=MaterialKind.CLIP):
        who = await self.stage.who("director")
        made = Material(
            id=str(uuid.uuid4()),
            lesson_id=self.stage.lesson_id,
            kind=kind,
            name=name,
            state=state,
            release=Release.STAFF,
            account_id=who.account_id,
            created_by=who.name,
            created_at=NOW,
            result={"duration_ms": DURATION} if state is MaterialState.READY else None,
        )
        await self.house.records.write(lambda tx: tx.materials.put(made))
        (await self.house.depot.workplace(made.id) / CLIP_FILE).write_bytes(b"film")
        await self.house.depot.keep(made.id)
        return made


@pytest.fixture
async def theatre(live, tmp_path):
    live.house = dataclasses.replace(live.house, depot=FolderDepot(tmp_path, least_free_bytes=0))
    theatre = Theatre(live, None)
    theatre.clip = await theatre.film("消防演示")
    return theatre


async def test_a_clip_takes_the_picture_and_is_heard_alone(theatre):
    view = await theatre.play()
    assert (view.slots.camera, view.opened_audio) == ("clip", ("clip",))
    assert (view.clip.name, view.clip.duration_ms, view.clip.position_ms, view.clip.paused) == (
        "消防演示",
        DURATION,
        0,
        False,
    )
    room = theatre.stage.room
    assert (room.camera, room.opened) == ("clip", {"clip"})
    (played,) = [call for call in theatre.stage.media.calls if call[0] == "play_clip"]
    assert (played[1], played[2].at_ms, played[2].paused) == ("clip", 0, False)
    assert played[2].file == await theatre.house.depot.file(theatre.clip.id, CLIP_FILE)
    kinds = await theatre.stage.kinds()
    assert kinds[-4:] == ["stage.taken", "stage.audio", "clip.started", "chapter.marked"]
    taken = (await theatre.stage.events())[-4]
    assert taken.data == {"slot": "camera", "source": "clip", "label": "消防演示", "by": "会控员"}


async def test_everybody_is_told_what_the_picture_is(theatre):
    """Phones show no empty picture: the clip is a source of the stage as long as it plays."""
    await theatre.play()
    for who in ("director", "10001"):
        sources = {one.source: one for one in (await theatre.seen(by=who)).sources}
        assert (sources["clip"].label, sources["clip"].connected, sources["clip"].has_video) == ("消防演示", True, True)
    await theatre.stop()
    assert "clip" not in {one.source for one in (await theatre.seen()).sources}


async def test_a_clip_plays_while_the_disk_of_the_recording_is_away(theatre):
    theatre.stage.media.attached.clear()
    theatre.stage.media.disk_away = True
    await theatre.play()
    assert [call for call in theatre.stage.media.calls if call[0] == "play_clip"]


async def test_a_chapter_of_the_clips_name_begins(theatre):
    await theatre.play(after(5))
    (chapter,) = await theatre.house.records.read(lambda tx: tx.chapters.of(theatre.stage.lesson_id))
    assert (chapter.title, chapter.at) == ("消防演示", after(5))


async def test_a_lecturer_may_play_it_and_a_member_may_not(theatre):
    assert (await theatre.play(by="lecturer")).slots.camera == "clip"
    for act in (theatre.play(by="10001"), theatre.pause(True, NOW, by="10001"), theatre.stop(by="venue1")):
        assert await refused(act) == "forbidden"


async def test_a_command_that_comes_twice_plays_once(theatre):
    command = command_id()
    await theatre.play(command=command)
    await theatre.play(after(3), command=command)
    assert [event.kind for event in await theatre.clip_events()] == ["clip.started"]
    assert len([call for call in theatre.stage.media.calls if call[0] == "play_clip"]) == 1


async def test_only_a_clip_of_the_lesson_that_is_ready_is_played(theatre):
    converting = await theatre.film("消防演示二", MaterialState.CONVERTING)
    slides = await theatre.film("课件", kind=MaterialKind.SLIDES)
    assert await refused(theatre.play(material=converting.id)) == "material_not_ready"
    for other in (slides.id, str(uuid.uuid4())):
        assert await refused(theatre.play(material=other)) == "material_not_found"
    assert (await theatre.seen()).clip is None
    assert (await theatre.seen()).slots.camera == "main"


async def test_at_its_end_the_former_picture_and_sound_are_back(theatre):
    venue = await theatre.stage.source_of("venue1")
    await theatre.take(venue)
    await theatre.play()
    await theatre.over("played", after(60))
    view = await theatre.seen(after(60))
    assert (view.slots.camera, view.opened_audio, view.clip) == (venue, tuple(sorted(["main", venue])), None)
    assert (theatre.stage.room.camera, theatre.stage.room.opened) == (venue, {"main", venue})
    ended = (await theatre.clip_events())[-1]
    assert (ended.kind, ended.data["reason"], ended.actor) == ("clip.ended", "played", None)


async def test_a_clip_that_breaks_gives_the_picture_back_and_says_so(theatre):
    await theatre.play()
    await theatre.over("broken", after(3))
    assert (await theatre.seen()).slots.camera == "main"
    assert (await theatre.clip_events())[-1].data["reason"] == "broken"


async def test_the_end_of_an_older_order_ends_nothing(theatre):
    await theatre.play()
    first = (await theatre.stage.lesson()).clip.order
    second = await theatre.film("消防演示二")
    await theatre.play(after(2), material=second.id)
    await clip_over(theatre.house, ClipOver(theatre.stage.lesson_id, "clip", first, "played"), after(2))
    assert (await theatre.seen(after(2))).clip.name == "消防演示二"


async def test_another_clip_in_its_place_ends_it_and_the_first_picture_comes_back(theatre):
    await theatre.play()
    second = await theatre.film("消防演示二")
    await theatre.play(after(2), material=second.id)
    assert [(e.kind, e.data.get("reason")) for e in await theatre.clip_events()] == [
        ("clip.started", None),
        ("clip.ended", "replaced"),
        ("clip.started", None),
    ]
    view = await theatre.stop(after(4))
    assert (view.slots.camera, view.opened_audio) == ("main", ("main",))


async def test_it_pauses_at_a_keyframe_and_goes_on_there(theatre):
    await theatre.play()
    view = await theatre.pause(True, after(7.9))
    assert (view.clip.paused, view.clip.position_ms) == (True, 6_000)
    assert (theatre.stage.room.clip.at_ms, theatre.stage.room.clip.paused) == (6_000, True)
    await theatre.pause(True, after(9))
    await theatre.pause(False, after(100))
    assert (theatre.stage.room.clip.at_ms, theatre.stage.room.clip.paused) == (6_000, False)
    assert [event.kind for event in await theatre.clip_events()] == ["clip.started", "clip.paused", "clip.resumed"]


async def test_what_stops_is_over(theatre):
    await theatre.play()
    view = await theatre.stop(after(3))
    assert (view.clip, view.slots.camera, view.opened_audio) == (None, "main", ("main",))
    assert theatre.stage.room.clip is None
    assert await refused(theatre.stop(after(4))) == "clip_not_playing"
    assert await refused(theatre.pause(True, after(4))) == "clip_not_playing"


async def test_another_picture_in_its_place_ends_it(theatre):
    """Nothing plays on unseen; the lecturer is heard again."""
    venue = await theatre.stage.source_of("venue1")
    await theatre.play()
    view = await theatre.take(venue, after(3))
    assert (view.clip, view.slots.camera, set(view.opened_audio)) == (None, venue, {"main", venue})
    assert theatre.stage.room.clip is None
    assert (await theatre.clip_events())[-1].data["reason"] == "cut"


async def test_a_clip_is_taken_by_playing_it_only(theatre):
    """It is no source that could be taken, opened or published by hand."""
    assert await refused(theatre.take("clip")) == "source_unknown"
    await theatre.play()
    assert await refused(theatre.take("clip")) == "source_unknown"
    publish = theatre.stage.media.publish(theatre.stage.lesson_id, "clip", OFFER, replace=False)
    assert await refused(publish) == "source_taken"


async def test_it_ends_with_the_lesson(theatre):
    await theatre.play()
    await theatre.stage.step("end")
    assert (await theatre.stage.lesson()).clip is None
    assert (await theatre.clip_events())[-1].kind == "clip.ended"


async def test_a_clip_in_play_is_not_deleted(theatre):
    who = await theatre.stage.who("director")
    await theatre.play()
    assert await refused(delete_material(theatre.house, who, theatre.clip.id, NOW)) == "clip_playing"
    await theatre.stop()
    await delete_material(theatre.house, who, theatre.clip.id, NOW)
    assert await refused(theatre.play()) == "material_not_found"


async def test_after_the_media_process_died_it_goes_on_where_it_would_be(theatre):
    await theatre.play()
    await follow(theatre.house, MediaLost(), after(10))
    theatre.stage.media.restart()
    await restore_media(theatre.house, after(12))
    assert theatre.stage.room.clip.at_ms == 12_000
    assert theatre.stage.room.camera == "clip"


async def test_what_ended_while_nobody_looked_is_over_and_not_played_again(theatre):
    await theatre.play()
    theatre.stage.media.restart()
    await restore_media(theatre.house, after(61))
    assert theatre.stage.room.clip is None
    await end_overdue(theatre.house, after(61))
    assert (await theatre.seen(after(61))).clip is not None
    await end_overdue(theatre.house, after(66))
    view = await theatre.seen(after(66))
    assert (view.clip, view.slots.camera) == (None, "main")


async def test_orders_that_the_media_process_did_not_hear_are_given_again(theatre):
    media = theatre.stage.media
    media.away = True
    await theatre.play()
    media.away = False
    await watch(theatre.house, after(3))
    assert (theatre.stage.room.clip.at_ms, theatre.stage.room.camera) == (3_000, "clip")
    media.away = True
    await theatre.stop(after(10))
    media.away = False
    await watch(theatre.house, after(11))
    assert (theatre.stage.room.clip, theatre.stage.room.camera) == (None, "main")


async def test_a_clip_that_came_to_its_end_a_little_early_is_not_begun_again(theatre):
    await theatre.play()
    theatre.stage.media.clip_ended(theatre.stage.lesson_id)
    await watch(theatre.house, after(59))
    assert theatre.stage.room.clip is None


async def test_a_clip_that_a_slow_disk_has_made_late_is_played_to_its_end(theatre):
    await theatre.play()
    room = theatre.stage.room
    room.clip = dataclasses.replace(room.clip, at_ms=DURATION - 1_000)
    await end_overdue(theatre.house, after(66))
    assert (await theatre.seen(after(66))).clip is not None
    room.clip = dataclasses.replace(room.clip, at_ms=DURATION)
    await end_overdue(theatre.house, after(68))
    assert (await theatre.seen(after(68))).clip is None


async def test_a_clip_that_hangs_is_not_waited_for_for_ever(theatre):
    await theatre.play()
    await end_overdue(theatre.house, after(119))
    assert (await theatre.seen(after(119))).clip is not None
    await end_overdue(theatre.house, after(121))
    assert (await theatre.seen(after(121))).clip is None


async def test_reports_about_its_source_are_told_while_it_plays(theatre):
    await theatre.play()
    lesson_id = theatre.stage.lesson_id
    await follow(theatre.house, SourceUp(lesson_id, "clip", "s"), NOW)
    assert (await theatre.stage.events())[-1].data == {"source": "clip", "label": "消防演示"}
    await theatre.stop()
    told = len(await theatre.stage.events())
    await follow(theatre.house, SourceDown(lesson_id, "clip", "s", "stopped"), NOW)
    await follow(theatre.house, SourceUp(lesson_id, "clip", "s"), NOW)
    assert len(await theatre.stage.events()) == told


async def test_before_the_lesson_is_live_it_plays_without_a_chapter(opened, tmp_path):
    opened.house = dataclasses.replace(opened.house, depot=FolderDepot(tmp_path, least_free_bytes=0))
    theatre = Theatre(opened, None)
    theatre.clip = await theatre.film("候场短片")
    assert (await theatre.play()).slots.camera == "clip"
    assert await theatre.house.records.read(lambda tx: tx.chapters.of(opened.lesson_id)) == ()


async def test_a_film_that_is_gone_from_the_disk_is_ordered_all_the_same(theatre):
    """Whoever plays it finds out that it cannot be read."""
    await theatre.house.depot.remove(theatre.clip.id)
    await theatre.play()
    (played,) = [call for call in theatre.stage.media.calls if call[0] == "play_clip"]
    assert not played[2].file.exists()
