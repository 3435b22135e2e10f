"""Materials from upload to deletion, and the work on them, on both databases."""

import asyncio
import dataclasses
import datetime as dt

import pytest

from server.depot import FolderDepot
from server.domain.jobs import JobKind, JobState
from server.domain.lessons import LessonState
from server.domain.materials import MOST_MATERIALS, MaterialKind, MaterialState, Release
from server.domain.refusals import Refusal
from server.services import materials, workshop
from server.services.jobs import cancel_job, claim, failed, note_progress, resume, see_job, take_over
from server.services.materials import Upload, change_material, delete_material, forget_strays, list_materials, upload
from server.services.workshop import Workshop
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

PDF = b"%PDF-1.7\n" + bytes(3000)


async def pieces(content, size=1000):
    for at in range(0, len(content), size):
        yield content[at : at + size]


class PlainPages:
    def sign_page(self, grant):
        return f"{'all' if grant.whole else 'shown'}.{grant.account_id}"


class Bench:
    """A craft that does as it is told, in place of a process."""

    def __init__(self):
        self.going = asyncio.Event()
        self.going.set()
        self.begun = asyncio.Event()
        self.over = asyncio.Event()
        self.ended = 0

    async def __call__(self, source, into, progress):
        try:
            progress(40)
            self.begun.set()
            await self.going.wait()
            if b"broken" in source.read_bytes():
                raise Refusal("pdf_broken")
            (into / "screen-001.webp").write_bytes(b"picture")
            return {"pages": 1, "titles": ["一"], "sizes": [[1920, 1080]]}
        finally:
            self.ended += 1
            self.over.set()


@pytest.fixture
async def shop(stage, tmp_path):
    folder = tmp_path / "materials"
    folder.mkdir()
    stage.house = dataclasses.replace(stage.house, depot=FolderDepot(folder, least_free_bytes=0))
    stage.folder = folder
    stage.bench = Bench()
    stage.workshop = Workshop(stage.house, {JobKind.SLIDES: stage.bench}, lambda: NOW, look_s=0.01)
    return stage


async def send(
    shop, content=PDF, *, command=None, release=Release.DURING, kind=MaterialKind.SLIDES, by="lecturer", now=NOW
):
    said = Upload(kind, "消防课件", release)
    who = await shop.who(by)
    chunks = content if hasattr(content, "__anext__") else pieces(content)
    return await upload(shop.house, who, shop.lesson_id, command or command_id(), said=said, chunks=chunks, now=now)


async def seen(shop, by="director"):
    return await list_materials(shop.house, PlainPages(), await shop.who(by), shop.lesson_id, NOW)


def on_disk(shop):
    return sorted(path.name for path in shop.folder.iterdir())


async def test_an_upload_waits_is_converted_and_is_there(shop):
    sent = await send(shop)
    assert (sent.state, sent.bytes, sent.progress) == (MaterialState.QUEUED, len(PDF), 0)
    assert await shop.workshop.step()
    (ready,) = await seen(shop)
    assert (ready.state, ready.pages, ready.titles, ready.progress) == (MaterialState.READY, 1, ("一",), 100)
    assert (await shop.house.depot.file(sent.id, "screen-001.webp")).read_bytes() == b"picture"
    assert (await shop.house.depot.file(sent.id, "original")).read_bytes() == PDF
    assert not await shop.workshop.step()
    kinds = [(event.data["state"], event.audience) for event in await shop.events() if event.kind == "material.changed"]
    # Nothing of it was readable before the lesson is open.
    assert kinds == [("queued", "staff"), ("converting", "staff"), ("ready", "staff")]


async def test_what_fails_says_why_and_can_be_deleted(shop):
    sent = await send(shop, PDF + b"broken")
    await shop.workshop.step()
    (failed,) = await seen(shop)
    assert (failed.state, failed.code, failed.text) == (MaterialState.FAILED, "pdf_broken", "PDF 已损坏或不完整")
    await delete_material(shop.house, await shop.who("lecturer"), sent.id, NOW)
    assert (await seen(shop), on_disk(shop)) == ((), [])
    assert await refused(delete_material(shop.house, await shop.who("lecturer"), sent.id, NOW)) == "material_not_found"


async def test_a_refused_upload_leaves_nothing(shop, monkeypatch):
    async def cut():
        yield PDF
        raise Refusal("upload_broken")

    assert await refused(send(shop, b"PK\x03\x04" + bytes(2000))) == "file_type_wrong"
    assert await refused(send(shop, cut())) == "upload_broken"
    small = dataclasses.replace(materials.TAKEN[MaterialKind.SLIDES], most_bytes=100)
    monkeypatch.setitem(materials.TAKEN, MaterialKind.SLIDES, small)
    assert await refused(send(shop)) == "file_too_large"
    assert (await seen(shop), on_disk(shop), "material.changed" in await shop.kinds()) == ((), [], False)


async def test_a_disk_that_is_nearly_full_takes_no_papers(shop):
    shop.house = dataclasses.replace(shop.house, depot=FolderDepot(shop.folder, least_free_bytes=1 << 60))
    assert await refused(send(shop)) == "disk_full"
    assert (await seen(shop), on_disk(shop)) == ((), [])


async def test_an_upload_that_is_sent_twice_is_one(shop):
    command = command_id()
    first, again = [await send(shop, command=command) for _ in range(2)]
    assert first.id == again.id
    assert len(await seen(shop)) == len(on_disk(shop)) == 1
    assert await refused(send(shop, command=command, kind=MaterialKind.HANDOUT)) == "command_reused"
    assert len(on_disk(shop)) == 1


@pytest.mark.parametrize("by", ["10001", "venue1", "secretary"])
async def test_only_who_prepares_the_lesson_brings_names_or_deletes(shop, by):
    sent = await send(shop)
    await shop.step("open")
    who = await shop.who(by)
    assert await refused(send(shop, by=by)) == "forbidden"
    assert await refused(delete_material(shop.house, who, sent.id, NOW)) == "forbidden"
    change = change_material(shop.house, who, sent.id, command_id(), name="别的", now=NOW)
    assert await refused(change) == "forbidden"
    assert await refused(see_job(shop.house, who, sent.job_id, NOW)) == "job_not_found"
    assert await refused(cancel_job(shop.house, who, sent.job_id, NOW)) == "job_not_found"


async def test_others_see_only_what_is_released_to_them_from_its_time_on(shop):
    sent = await send(shop, release=Release.DURING)
    await shop.workshop.step()
    assert await seen(shop, "10001") == ()
    assert await refused(materials.readable_file(shop.house, await shop.who("10001"), sent.id, NOW)) == (
        "material_not_found"
    )
    await shop.step("open")
    assert [one.id for one in await seen(shop, "10001")] == [sent.id]
    lecturer = await shop.who("lecturer")
    await change_material(shop.house, lecturer, sent.id, command_id(), release=Release.AFTER, now=NOW)
    assert await seen(shop, "10001") == ()
    told = [event.audience for event in await shop.events() if event.kind == "material.changed"]
    assert told[-1] == "everyone"  # they could read it, and can no more
    await shop.step("start", "end")
    assert [one.id for one in await seen(shop, "10001")] == [sent.id]


async def test_cancelling_ends_the_work_and_fails_the_material(shop):
    sent = await send(shop)
    shop.bench.going.clear()
    work = asyncio.ensure_future(shop.workshop.step())
    lecturer = await shop.who("lecturer")
    await shop.bench.begun.wait()
    assert (await cancel_job(shop.house, lecturer, sent.job_id, NOW)).state is JobState.CANCELLED
    assert await work
    assert shop.bench.ended == 1
    (failed,) = await seen(shop)
    assert (failed.state, failed.code) == (MaterialState.FAILED, "job_cancelled")
    assert (await cancel_job(shop.house, lecturer, sent.job_id, NOW)).state is JobState.CANCELLED


async def test_deleting_ends_the_work_too(shop):
    sent = await send(shop)
    shop.bench.going.clear()
    work = asyncio.ensure_future(shop.workshop.step())
    lecturer = await shop.who("lecturer")
    await shop.bench.begun.wait()
    await delete_material(shop.house, lecturer, sent.id, NOW)
    assert await work
    assert (shop.bench.ended, on_disk(shop)) == (1, [])


async def test_what_a_restart_cut_off_is_begun_again_and_given_up_at_last(shop):
    sent = await send(shop)
    lecturer = await shop.who("lecturer")
    for _ in range(3):
        assert (await claim(shop.house, NOW)).id == sent.job_id
        assert await claim(shop.house, NOW) is None
        assert await resume(shop.house, NOW) == 1
    job = await see_job(shop.house, lecturer, sent.job_id, NOW)
    assert (job.state, job.code) == (JobState.FAILED, "job_interrupted")
    (failed,) = await seen(shop)
    assert (failed.state, failed.code) == (MaterialState.FAILED, "job_interrupted")


async def test_progress_is_kept_and_says_whether_it_is_wanted(shop):
    sent = await send(shop)
    lecturer = await shop.who("lecturer")
    assert not await note_progress(shop.house, sent.job_id, 10)
    await claim(shop.house, NOW)
    assert await note_progress(shop.house, sent.job_id, 40)
    assert await note_progress(shop.house, sent.job_id, 30)
    assert (await see_job(shop.house, lecturer, sent.job_id, NOW)).progress == 40
    await cancel_job(shop.house, lecturer, sent.job_id, NOW)
    assert not await note_progress(shop.house, sent.job_id, 50)


async def test_the_work_of_another_process_is_left_to_it(shop):
    await send(shop)
    other = dataclasses.replace(shop.house, name="other")
    assert await claim(other, NOW) is None
    assert await claim(shop.house, NOW) is not None


async def test_the_work_of_a_process_that_is_gone_is_done_by_another_that_has_the_file(shop):
    sent = await send(shop)
    lecturer = await shop.who("lecturer")
    other = dataclasses.replace(shop.house, name="other")
    await take_over(shop.house, NOW)
    later = NOW + dt.timedelta(seconds=90)
    assert await take_over(other, later) == 0  # it may be on its way back
    assert await claim(shop.house, later) is not None
    gone = NOW + dt.timedelta(minutes=3)
    assert await take_over(other, gone) == 1
    assert not await note_progress(shop.house, sent.job_id, 50)  # not its own any more
    assert (await see_job(shop.house, lecturer, sent.job_id, NOW)).state is JobState.QUEUED
    assert await Workshop(other, {JobKind.SLIDES: shop.bench}, lambda: gone, look_s=0.01).step()
    assert [(one.id, one.state) for one in await seen(shop)] == [(sent.id, MaterialState.READY)]


async def test_who_was_taken_for_gone_writes_nothing_over_the_work_of_its_heir(shop):
    await send(shop)
    begun = await claim(shop.house, NOW)
    other = dataclasses.replace(shop.house, name="other")
    assert await take_over(other, NOW + dt.timedelta(minutes=3)) == 1
    assert await refused(failed(shop.house, begun, "conversion_failed", NOW)) == "job_over"
    assert [one.state for one in await seen(shop)] == [MaterialState.QUEUED]


async def test_when_the_record_was_away_for_all_nobody_takes_over_from_who_lives(shop):
    """The first one that is back finds old signs: the others have had no way to give newer ones."""
    await send(shop)
    other = dataclasses.replace(shop.house, name="other")
    for process in (shop.house, other):
        await take_over(process, NOW)
    assert await claim(shop.house, NOW) is not None
    back = NOW + dt.timedelta(minutes=5)
    assert await take_over(other, back) == 0
    assert await take_over(shop.house, back + dt.timedelta(seconds=20)) == 0
    assert await take_over(other, back + dt.timedelta(seconds=30)) == 0
    assert [one.state for one in await seen(shop)] == [MaterialState.CONVERTING]


async def test_work_whose_file_nobody_has_waits_a_day_and_is_given_up(shop, tmp_path):
    sent = await send(shop)
    lecturer = await shop.who("lecturer")
    (tmp_path / "elsewhere").mkdir()
    other = dataclasses.replace(shop.house, name="other", depot=FolderDepot(tmp_path / "elsewhere"))
    assert await take_over(other, NOW + dt.timedelta(hours=23)) == 0
    assert await take_over(other, NOW + dt.timedelta(hours=25)) == 0
    assert await take_over(other, NOW + dt.timedelta(hours=25, seconds=30)) == 1
    job = await see_job(shop.house, lecturer, sent.job_id, NOW)
    assert (job.state, job.code) == (JobState.FAILED, "job_interrupted")
    assert [(one.state, one.code) for one in await seen(shop)] == [(MaterialState.FAILED, "job_interrupted")]


@pytest.mark.parametrize("state", [LessonState.ARCHIVED, LessonState.CANCELLED])
async def test_the_papers_of_a_lesson_that_is_put_away_stay_as_they_are(shop, state):
    sent = await send(shop)
    lecturer = await shop.who("lecturer")

    def put_away(tx):
        lesson = tx.lessons.lock(shop.lesson_id)
        tx.lessons.save(dataclasses.replace(lesson, state=state))

    await shop.house.records.write(put_away)
    change = change_material(shop.house, lecturer, sent.id, command_id(), name="别的", now=NOW)
    assert await refused(change) == "materials_closed"
    assert await refused(delete_material(shop.house, lecturer, sent.id, NOW)) == "materials_closed"
    assert [one.name for one in await seen(shop)] == ["消防课件"]


async def test_what_a_crash_left_of_an_upload_is_swept_up(shop):
    kept = await send(shop)
    (shop.folder / command_id()).mkdir()
    (shop.folder / "lost+found").mkdir()
    assert await forget_strays(shop.house, NOW) == 1
    assert on_disk(shop) == sorted([kept.id, "lost+found"])
    lecturer = await shop.who("lecturer")
    begun = await materials._begin(
        shop.house, lecturer, shop.lesson_id, Upload(MaterialKind.SLIDES, "x", Release.STAFF), NOW
    )
    await forget_strays(shop.house, NOW + dt.timedelta(minutes=59))
    assert begun.id in [one.id for one in await seen(shop)]
    await forget_strays(shop.house, NOW + dt.timedelta(minutes=61))
    assert [one.id for one in await seen(shop)] == [kept.id]


async def test_there_is_a_bound_to_the_papers_of_a_lesson(shop, monkeypatch):
    assert MOST_MATERIALS == 60
    monkeypatch.setattr("server.domain.materials.MOST_MATERIALS", 1)
    await send(shop)
    assert await refused(send(shop)) == "materials_used"


async def test_no_name_leads_out_of_the_folder(shop):
    sent = await send(shop)
    for name in ("../original", "/etc/passwd", "..", "made/../original", "screen-001.webp\n", "", "a" * 200):
        assert await refused(shop.house.depot.file(sent.id, name)) == "material_not_found"
    assert await refused(shop.house.depot.file("../x", "original")) == "material_not_found"


# ---- what goes wrong ----------------------------------------------------------------------------------------


async def test_one_that_is_deleted_while_it_comes_stays_deleted(shop):
    async def deleted_meanwhile():
        (coming,) = await seen(shop)
        yield PDF
        await delete_material(shop.house, await shop.who("director"), coming.id, NOW)

    command = command_id()
    assert await refused(send(shop, deleted_meanwhile(), command=command)) == "upload_broken"
    assert (await seen(shop), on_disk(shop), await claim(shop.house, NOW)) == ((), [], None)
    assert (await send(shop, command=command)).state is MaterialState.QUEUED


class Restless:
    """A record that is away from time to time, before it does what it is asked or after."""

    def __init__(self, records):
        self.records, self.away, self.deaf, self.refused = records, False, False, asyncio.Event()

    async def read(self, fn):
        self._check()
        return await self.records.read(fn)

    async def write(self, fn):
        self._check()
        done = await self.records.write(fn)
        if self.deaf:
            self.deaf = False
            raise Refusal("unavailable")
        return done

    def _check(self):
        if self.away:
            self.refused.set()
            raise Refusal("unavailable")


async def test_an_upload_whose_commit_was_not_heard_of_is_there_all_the_same(shop):
    plain, records = shop.house, Restless(shop.house.records)

    async def then_deaf():
        yield PDF
        records.deaf = True

    command = command_id()
    shop.house = dataclasses.replace(plain, records=records)
    assert await refused(send(shop, then_deaf(), command=command)) == "unavailable"
    shop.house = plain
    again = await send(shop, command=command)
    assert [one.id for one in await seen(shop)] == on_disk(shop) == [again.id]
    assert (await plain.depot.file(again.id, "original")).read_bytes() == PDF


async def test_a_record_that_is_away_for_a_while_costs_no_work(shop):
    sent, records = await send(shop), Restless(shop.house.records)
    house = dataclasses.replace(shop.house, records=records)
    shop.bench.going.clear()
    work = asyncio.ensure_future(Workshop(house, {JobKind.SLIDES: shop.bench}, lambda: NOW, look_s=0.01).step())
    await shop.bench.begun.wait()
    records.away = True
    await records.refused.wait()  # while it works
    records.refused.clear()
    shop.bench.going.set()
    await shop.bench.over.wait()
    await records.refused.wait()  # when it is to be written down
    records.away = False
    assert await work
    assert [(one.id, one.state) for one in await seen(shop)] == [(sent.id, MaterialState.READY)]


async def test_a_fault_over_one_job_ends_neither_the_workshop_nor_the_house(shop, monkeypatch):
    faults = iter([ValueError("a fault of ours")] * 3)

    async def faulty(*args):
        for fault in faults:
            raise fault
        return await claim(*args)

    monkeypatch.setattr(workshop, "claim", faulty)
    await send(shop)
    running = asyncio.ensure_future(shop.workshop.run())
    async with asyncio.timeout(60):
        while [one.state for one in await seen(shop)] != [MaterialState.READY]:
            await asyncio.wait({running}, timeout=0.01)
            assert not running.done()
    running.cancel()
    await asyncio.wait({running})


async def test_what_a_failed_conversion_left_goes(shop):
    async def half(source, into, progress):
        (into / "clip.mp4").write_bytes(bytes(1000))
        raise Refusal("clip_broken")

    sent = await send(shop)
    await Workshop(shop.house, {JobKind.SLIDES: half}, lambda: NOW, look_s=0.01).step()
    assert [(one.state, one.code) for one in await seen(shop)] == [(MaterialState.FAILED, "clip_broken")]
    assert [path.name for path in (shop.folder / sent.id).iterdir()] == ["original"]


async def test_nothing_is_converted_onto_a_disk_that_is_nearly_full(shop):
    await send(shop)
    full = dataclasses.replace(shop.house, depot=FolderDepot(shop.folder, least_free_bytes=1 << 60))
    await Workshop(full, {JobKind.SLIDES: shop.bench}, lambda: NOW, look_s=0.01).step()
    assert [(one.state, one.code) for one in await seen(shop)] == [(MaterialState.FAILED, "disk_full")]


async def test_a_result_that_cannot_be_is_none(shop):
    async def lying(source, into, progress):
        return {"pages": 1, "titles": ["\x00"], "sizes": [[1920, 1080]]}

    await send(shop)
    await Workshop(shop.house, {JobKind.SLIDES: lying}, lambda: NOW, look_s=0.01).step()
    assert [(one.state, one.code) for one in await seen(shop)] == [(MaterialState.FAILED, "conversion_failed")]


async def test_a_deck_does_not_wait_behind_films(shop):
    async def film(source, into, progress):
        await asyncio.Event().wait()

    film_head = b"\0\0\0\x18ftypisom" + bytes(2000)
    for _ in range(2):
        await send(shop, film_head, kind=MaterialKind.CLIP)
    deck = await send(shop, now=NOW + dt.timedelta(seconds=1))
    crafts = {JobKind.CLIP: film, JobKind.SLIDES: shop.bench}
    running = asyncio.ensure_future(Workshop(shop.house, crafts, lambda: NOW, look_s=0.01).run())
    async with asyncio.timeout(60):
        while deck.id not in [one.id for one in await seen(shop) if one.state is MaterialState.READY]:
            await asyncio.wait({running}, timeout=0.01)
            assert not running.done()
    running.cancel()
    await asyncio.wait({running})
