"""Films of micro-videos in pieces, and the work on them, on both databases; files are real."""

import asyncio
import dataclasses
import datetime as dt
import hashlib

import pytest

from server.domain.audit import AuditQuery
from server.domain.micro_videos import MicroState
from server.domain.refusals import Refusal
from server.domain.uploads import LASTS
from server.filmdepot import FolderFilmDepot
from server.services import micro_uploads as uploads
from server.services import micro_videos as micro
from server.services.courses import CoursePlan, add_course
from server.services.demo import demo_id
from server.services.keep_sweep import clear_films
from server.services.micro_work import Filmer
from server.services.retention_sweep import Sweeper
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

FILM = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 20
FACTS = {
    **{"duration_ms": 7000, "width": 1280, "height": 720, "sound": True, "copied": True, "bytes": 1000},
    "segments_ms": [4000, 3000],
}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database could do differently."""


class Bench:
    """A craft that does as it is told, in place of a process."""

    def __init__(self):
        self.going = asyncio.Event()
        self.going.set()
        self.begun = asyncio.Event()
        self.ended = 0

    async def __call__(self, source, into, progress):
        try:
            progress(40)
            self.begun.set()
            await self.going.wait()
            if b"broken" in source.read_bytes():
                raise Refusal("clip_broken")
            (into / "init.mp4").write_bytes(b"film")
            return FACTS
        finally:
            self.ended += 1


@pytest.fixture
async def shop(stage, tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    stage.folder = folder
    stage.house = dataclasses.replace(stage.house, films=FolderFilmDepot(folder, least_free_bytes=0))
    stage.bench = Bench()
    stage.filmer = Filmer(stage.house, stage.bench, lambda: NOW, look_s=0.01)
    admin = await stage.who("admin")
    plan = CoursePlan("消防安全微课", "")
    course = await add_course(stage.records, admin, command_id(), unit_id=demo_id("某集团党委"), plan=plan, now=NOW)
    stage.course_id = course.id
    made = await micro.add_micro_video(stage.records, admin, course.id, command_id(), title="灭火器的使用", now=NOW)
    stage.video_id = made.id
    return stage


async def no(code, awaitable):
    assert await refused(awaitable) == code


async def begin(shop, size=None, *, sha256="", command=None, by="admin", now=NOW, video_id=None):
    who = await shop.who(by)
    return await uploads.begin_upload(
        shop.house,
        who,
        video_id or shop.video_id,
        command or command_id(),
        size=len(FILM) if size is None else size,
        sha256=sha256,
        now=now,
    )


async def pieces(content, size=1000, then=None):
    for at in range(0, len(content), size):
        yield content[at : at + size]
    if then is not None:
        raise then


async def send(shop, upload, offset, chunks, *, sha256=None, by="admin", now=NOW):
    who = await shop.who(by)
    chunks = pieces(chunks) if isinstance(chunks, bytes) else chunks
    return await uploads.add_piece(shop.house, who, upload.id, offset=offset, chunks=chunks, sha256=sha256, now=now)


async def here(shop, upload, now=NOW, by="admin"):
    return (await uploads.see_upload(shop.house, await shop.who(by), upload.id, now)).offset


async def seen(shop, by="admin"):
    return (await micro.list_micro_videos(shop.records, await shop.who(by), shop.course_id, NOW)).items[0]


async def test_a_film_in_two_pieces_becomes_one_that_is_shown(shop):
    upload = await begin(shop, sha256=hashlib.sha256(FILM).hexdigest())
    assert (await seen(shop)).upload.id == upload.id
    first = await send(shop, upload, 0, FILM[:2500], now=NOW + dt.timedelta(hours=1))
    assert (first.offset, first.expires_at) == (2500, NOW + dt.timedelta(hours=1) + LASTS)
    last = await send(shop, upload, 2500, FILM[2500:])
    assert (last.offset, last.done, (await seen(shop)).state) == (len(FILM), True, MicroState.QUEUED)
    assert await shop.filmer.step()
    ready = await seen(shop)
    assert (ready.state, ready.duration_ms, ready.bytes, ready.progress) == (MicroState.READY, 7000, len(FILM), 100)
    assert [path.name for path in (shop.folder / upload.id).iterdir()] == ["made"]  # the original is not kept twice
    assert not await shop.filmer.step()
    shown = await micro.publish_micro_video(shop.records, await shop.who("admin"), ready.id, command_id(), NOW)
    assert shown.state is MicroState.PUBLISHED
    member = await seen(shop, by="10001")
    assert (member.title, member.upload, member.created_by) == ("灭火器的使用", None, "")


@on_sqlite
async def test_what_came_before_the_line_broke_is_kept_and_gone_on_with_after_a_restart(shop):
    upload = await begin(shop)
    with pytest.raises(Refusal) as broke:
        await send(shop, upload, 0, pieces(FILM[:1700], then=Refusal("upload_broken")))
    assert broke.value.code == "upload_broken"
    shop.house = dataclasses.replace(shop.house, films=FolderFilmDepot(shop.folder, least_free_bytes=0))
    assert await here(shop, upload) == 1700
    await no("upload_offset", send(shop, upload, 1000, FILM[1000:]))
    await no("upload_offset", send(shop, upload, 3000, FILM[3000:]))
    assert await here(shop, upload) == 1700
    assert (await send(shop, upload, 1700, FILM[1700:])).done
    whole = (shop.folder / upload.id / "original").read_bytes()
    assert whole == FILM


@on_sqlite
async def test_the_last_piece_again_is_answered_as_before(shop):
    upload = await begin(shop)
    await send(shop, upload, 0, FILM)
    again = await send(shop, upload, len(FILM), b"")
    assert again.done
    await no("upload_offset", send(shop, upload, 0, FILM))


@on_sqlite
async def test_a_process_that_ends_after_the_last_byte_loses_nothing(shop):
    upload = await begin(shop)
    await shop.house.films.append(upload.id, 0, pieces(FILM), len(FILM))
    assert await here(shop, upload) == len(FILM)
    assert (await send(shop, upload, len(FILM), b"")).done


@on_sqlite
async def test_a_piece_with_another_digest_is_not_kept(shop):
    upload = await begin(shop)
    await no("upload_digest", send(shop, upload, 0, FILM[:2000], sha256=hashlib.sha256(b"other").digest()))
    assert await here(shop, upload) == 0
    cut = pieces(FILM[:1500], then=Refusal("upload_broken"))
    await no("upload_broken", send(shop, upload, 0, cut, sha256=hashlib.sha256(FILM[:2000]).digest()))
    assert await here(shop, upload) == 0
    kept = await send(shop, upload, 0, FILM[:2000], sha256=hashlib.sha256(FILM[:2000]).digest())
    assert kept.offset == 2000


@on_sqlite
async def test_a_whole_that_is_not_what_was_announced_is_refused_and_gone(shop):
    upload = await begin(shop, sha256="0" * 64)
    await no("upload_digest", send(shop, upload, 0, FILM))
    failed = await seen(shop)
    assert (failed.state, failed.code) == (MicroState.FAILED, "upload_digest")
    assert not (shop.folder / upload.id).exists()
    assert (await begin(shop)).offset == 0  # and another may be sent


@on_sqlite
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n", "film_playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "film_playlist"),
        (b"MZ" + bytes(500), "clip_not_video"),
    ],
)
async def test_what_is_no_film_is_refused_by_its_content(shop, content, code):
    upload = await begin(shop, len(content))
    await no(code, send(shop, upload, 0, content))
    assert (await seen(shop)).code == code
    assert not (shop.folder / upload.id).exists()


@on_sqlite
async def test_more_than_was_announced_is_not_taken(shop):
    upload = await begin(shop, 2000)
    await no("file_too_large", send(shop, upload, 0, FILM))
    assert await here(shop, upload) <= 2000


@on_sqlite
async def test_a_link_in_the_place_of_the_file_is_not_followed(shop, tmp_path):
    upload = await begin(shop)
    secret = tmp_path / "secret"
    secret.write_bytes(b"untouched")
    part = shop.folder / upload.id / "part"
    part.unlink()
    part.symlink_to(secret)
    await no("upload_not_found", send(shop, upload, 0, FILM))
    assert secret.read_bytes() == b"untouched"


@on_sqlite
async def test_a_nearly_full_disk_takes_no_more(shop):
    upload = await begin(shop)
    shop.house = dataclasses.replace(shop.house, films=FolderFilmDepot(shop.folder, least_free_bytes=1 << 60))
    await no("disk_full", send(shop, upload, 0, FILM))


async def test_an_upload_is_its_accounts_own_while_it_keeps_the_course(shop):
    upload = await begin(shop)
    for other in ("director", "10001"):
        await no("upload_not_found", send(shop, upload, 0, FILM, by=other))
        await no("upload_not_found", here(shop, upload, by=other))
        await no("micro_not_found", begin(shop, by=other))


@on_sqlite
async def test_one_that_nobody_goes_on_with_expires(shop):
    upload = await begin(shop)
    await send(shop, upload, 0, FILM[:1000])
    late = NOW + LASTS
    await no("upload_expired", send(shop, upload, 1000, FILM[1000:], now=late))
    assert await uploads.forget_uploads(shop.house, late) == 1
    assert (await seen(shop)).state is MicroState.DRAFT
    assert list(shop.folder.iterdir()) == []


@on_sqlite
async def test_a_cancelled_one_is_gone_and_another_takes_its_place(shop):
    upload = await begin(shop)
    await send(shop, upload, 0, FILM[:1000])
    await uploads.cancel_upload(shop.house, await shop.who("admin"), upload.id, NOW)
    assert ((await seen(shop)).state, list(shop.folder.iterdir())) == (MicroState.DRAFT, [])
    await no("upload_not_found", send(shop, upload, 1000, FILM[1000:]))
    second, third = await begin(shop), await begin(shop)  # choosing another file replaces it
    await no("upload_not_found", here(shop, second))
    assert [path.name for path in shop.folder.iterdir()] == [third.id]


async def test_a_repeated_beginning_is_the_same_upload(shop):
    command = command_id()
    first = await begin(shop, command=command)
    await send(shop, first, 0, FILM[:1000])
    assert (await begin(shop, command=command)).id == first.id
    assert await here(shop, first) == 1000
    await no("command_reused", begin(shop, 5, command=command))


@on_sqlite
async def test_a_broken_film_says_why_and_a_cancelled_conversion_ends(shop):
    broken = FILM + b"broken"
    await send(shop, await begin(shop, len(broken)), 0, broken)
    assert await shop.filmer.step()
    assert ((await seen(shop)).state, (await seen(shop)).code) == (MicroState.FAILED, "clip_broken")

    shop.bench.going.clear()
    shop.bench.begun.clear()
    await send(shop, await begin(shop), 0, FILM)
    work = asyncio.create_task(shop.filmer.step())
    await shop.bench.begun.wait()
    admin = await shop.who("admin")
    gone = await micro.cancel_conversion(shop.records, admin, shop.video_id, command_id(), NOW)
    assert (gone.state, gone.code) == (MicroState.FAILED, "job_cancelled")
    await work
    assert (await seen(shop)).code == "job_cancelled"
    await no("micro_state", micro.cancel_conversion(shop.records, admin, shop.video_id, command_id(), NOW))


@on_sqlite
async def test_a_conversion_that_the_process_cut_off_is_begun_again(shop):
    await send(shop, await begin(shop), 0, FILM)
    shop.bench.going.clear()
    work = asyncio.create_task(shop.filmer.step())
    await shop.bench.begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (await seen(shop)).state is MicroState.CONVERTING
    shop.bench.going.set()
    assert await Filmer(shop.house, shop.bench, lambda: NOW, look_s=0.01).step()
    assert (await seen(shop)).state is MicroState.READY


async def test_order_and_removal(shop):
    admin = await shop.who("admin")
    second = await micro.add_micro_video(shop.records, admin, shop.course_id, command_id(), title="疏散", now=NOW)
    ids = [second.id, shop.video_id]
    after = await micro.order_micro_videos(shop.records, admin, shop.course_id, command_id(), ids=ids, now=NOW)
    assert [(each.id, each.position) for each in after.items] == [(second.id, 1), (shop.video_id, 2)]
    await no(
        "micro_order",
        micro.order_micro_videos(shop.records, admin, shop.course_id, command_id(), ids=ids[:1], now=NOW),
    )
    await micro.remove_micro_video(shop.house, admin, second.id, NOW)
    assert (await seen(shop)).id == shop.video_id
    await no("micro_not_found", micro.remove_micro_video(shop.house, admin, second.id, NOW))
    await no("micro_state", micro.publish_micro_video(shop.records, admin, shop.video_id, command_id(), NOW))
    other = await shop.who("10001")
    await no("micro_not_found", micro.publish_micro_video(shop.records, other, shop.video_id, command_id(), NOW))


@on_sqlite
async def test_an_old_command_that_comes_again_takes_no_newer_film_away(shop):
    command = command_id()
    older = await begin(shop, command=command)
    newer = await begin(shop)
    await send(shop, newer, 0, FILM[:2000])
    assert (await begin(shop, command=command)).id == older.id
    assert await here(shop, newer) == 2000
    assert await shop.house.films.ids() == {newer.id}


async def test_a_dead_line_in_another_process_takes_back_nothing_that_was_acknowledged(tmp_path):
    first, second = (FolderFilmDepot(tmp_path, least_free_bytes=0) for _ in range(2))
    film_id = "0b0e9f1c-0000-4000-8000-000000000001"
    await first.begin(film_id)
    begun, dead = asyncio.Event(), asyncio.Event()

    async def stalls():
        yield FILM[:100]
        begun.set()
        await dead.wait()
        raise ConnectionResetError

    async def piece(data):
        yield data

    announced = hashlib.sha256(FILM).digest()
    hanging = asyncio.create_task(first.append(film_id, 0, stalls(), len(FILM), announced))
    await begun.wait()
    await no("upload_broken", second.append(film_id, 0, piece(FILM), len(FILM), announced))
    dead.set()
    with pytest.raises(ConnectionResetError):
        await hanging
    assert await second.append(film_id, 0, piece(FILM), len(FILM), announced) == len(FILM)
    await no("upload_offset", first.append(film_id, 0, piece(FILM), len(FILM), announced))
    assert await second.here(film_id) == len(FILM)


@on_sqlite
async def test_another_device_is_told_by_what_it_knows_the_file_again(shop):
    upload, who = await begin(shop), await shop.who("admin")
    await send(shop, upload, 0, FILM[:2500])
    told = await uploads.see_upload(shop.house, who, upload.id, NOW, tail=True)
    assert (told.tail.since, told.tail.sha256) == (0, hashlib.sha256(FILM[:2500]).hexdigest())
    assert (await uploads.see_upload(shop.house, who, upload.id, NOW)).tail is None
    await no("upload_not_found", uploads.see_upload(shop.house, await shop.who("director"), upload.id, NOW, tail=True))


@on_sqlite
async def test_an_upload_that_a_process_left_behind_its_film_goes_with_the_housekeeping(shop):
    upload = await begin(shop)
    await send(shop, upload, 0, FILM)
    assert await shop.filmer.step()
    left = shop.folder / upload.id / "original"
    left.write_bytes(FILM)  # as when the process ends after the record and before the file
    await uploads.forget_uploads(shop.house, NOW)
    assert not left.exists()
    assert (shop.folder / upload.id / "made").exists()


@on_sqlite
async def test_the_film_of_a_retired_video_goes_when_an_ordinary_recording_would(shop):
    upload, who = await begin(shop), await shop.who("admin")
    await send(shop, upload, 0, FILM)
    assert await shop.filmer.step()
    for step in (micro.publish_micro_video, micro.retire_micro_video):
        await step(shop.records, who, shop.video_id, command_id(), NOW)
    late = NOW + dt.timedelta(days=1096)

    def before_that_was_kept(tx):
        tx.micro.put(dataclasses.replace(tx.micro.lock(shop.video_id), retired_at=None))
        return clear_films(tx, NOW)

    assert await shop.records.write(before_that_was_kept) == 0, "nobody knows since when: from then on"
    assert await shop.records.write(lambda tx: clear_films(tx, late - dt.timedelta(days=2))) == 0
    await Sweeper(shop.house, lambda: late).step()
    await uploads.forget_uploads(shop.house, late)
    assert not (shop.folder / upload.id).exists()
    gone = await seen(shop)
    assert (gone.state, gone.film_gone, gone.duration_ms) == (MicroState.RETIRED, True, 7000)
    await no("micro_state", micro.publish_micro_video(shop.records, who, shop.video_id, command_id(), late))
    lines = await shop.records.read(lambda tx: tx.audit.page(AuditQuery(), None, 50))
    assert "micro.film_deleted" in {line.action for line in lines}
