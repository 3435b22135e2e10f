"""Recordings taken out of the archive, over HTTPS."""

import asyncio
import io
import uuid

import av
import pytest

from .conftest import problem_of
from .test_hls import until_playlist


@pytest.fixture(scope="module")
async def recording(school, admin):
    """Of a lesson that has ended, with a few seconds in it."""
    lesson = await school.new_lesson(admin, until="live")
    live = await admin.post(f"/api/v1/lessons/{lesson['id']}/hls")
    await until_playlist(admin, live.json["camera"], 2)  # the slate has few frames in each
    stage = (await admin.get(f"/api/v1/lessons/{lesson['id']}/stage")).json
    path = f"/api/v1/recordings/{stage['recording']['id']}"
    problem_of(await admin.command(f"{path}/exports"), 409, "recording_not_finished")
    assert (await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event="end")).status == 200
    return path


async def ended(person, export_id):
    async with asyncio.timeout(60):
        while True:
            answer = await person.get(f"/api/v1/exports/{export_id}")
            assert answer.status == 200, answer.text
            if answer.json["state"] not in {"queued", "running"}:
                return answer.json
            await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
async def exported(admin, recording):
    asked = await admin.command(f"{recording}/exports")
    assert asked.status == 202, asked.text
    return await ended(admin, asked.json["id"])


async def test_a_film_is_made_once_and_fetched_whole_and_in_ranges(admin, recording, exported):
    again = await admin.command(f"{recording}/exports")
    assert again.json["id"] == exported["id"]
    done = again.json
    assert (done["state"], done["progress"], done["code"]) == ("done", 100, None)
    [film] = done["files"]
    assert film["name"] == "camera.mp4"
    path = f"/api/v1/exports/{done['id']}/files/camera.mp4"
    whole = await admin.get(path)
    assert (whole.status, len(whole.body)) == (200, film["bytes"])
    assert "attachment" in whole.headers["Content-Disposition"]
    part = await admin.get(path, headers={"Range": "bytes=100-299"})
    assert (part.status, part.body) == (206, whole.body[100:300])
    with av.open(io.BytesIO(whole.body)) as container:
        assert {stream.type for stream in container.streams} == {"video", "audio"}
        assert abs(container.duration / 1000 - film["duration_ms"]) < 30
        assert sum(1 for _ in container.decode(video=0)) >= 2
    listed = (await admin.get(f"{recording}/exports")).json["items"]
    assert [one["id"] for one in listed] == [done["id"]]
    problem_of(await admin.command(f"/api/v1/exports/{done['id']}/cancel"), 409, "job_over")


@pytest.mark.parametrize("name", ["screen.mp4", "..%2fcamera.mp4", "%2e%2e", "camera.mp4%00", "manifest.jsonl"])
async def test_only_what_was_made_is_given(admin, exported, name):
    answer = await admin.get(f"/api/v1/exports/{exported['id']}/files/{name}")
    assert answer.status == 404, answer.text


async def test_whoever_only_watches_takes_nothing_along(school, admin, recording, exported):
    """Members learn that they may not, strangers to the lesson nothing at all."""
    member = await school.person("10005")
    problem_of(await member.command(f"{recording}/exports"), 403, "forbidden")
    problem_of(await member.get(f"{recording}/exports"), 403, "forbidden")
    for answer in (
        await member.get(f"/api/v1/exports/{exported['id']}"),
        await member.get(f"/api/v1/exports/{exported['id']}/files/camera.mp4"),
        await member.command(f"/api/v1/exports/{exported['id']}/cancel"),
    ):
        problem_of(answer, 404, "job_not_found")
    problem_of(await admin.command(f"/api/v1/recordings/{uuid.uuid4()}/exports"), 404, "recording_not_found")


async def test_a_lesson_that_is_not_recorded_leaves_no_media_on_disk(school, admin):
    """不录制: it is watched live all the same, and nothing of it can be resumed, replayed or exported."""
    lesson = await school.new_lesson(admin, until="live", recorded=False)
    path = f"/api/v1/lessons/{lesson['id']}"
    live = (await admin.post(f"{path}/hls")).json
    await until_playlist(admin, live["camera"], 2)
    recording_id = (await admin.get(f"{path}/stage")).json["recording"]["id"]
    assert (await admin.command(f"{path}/recording", action="resume")).status == 409
    assert (await admin.command(f"{path}/transitions", event="end")).status == 200
    folder = school.settings.folder
    assert not [str(one) for one in folder.rglob("*") if recording_id in str(one)]
    assert (await admin.get(f"/api/v1/recordings?lesson_id={lesson['id']}")).json["items"] == []
    problem_of(await admin.command(f"/api/v1/recordings/{recording_id}/exports"), 409, "nothing_recorded")
