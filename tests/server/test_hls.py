"""Live and replay HLS over HTTPS, by a grant in the path."""

import asyncio
import datetime as dt
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from server.domain.tickets import PlayGrant, Playing
from server.services.demo import demo_id
from server.web.hls import Recent, asks_for_all, from_memory

from .conftest import problem_of


async def until_playlist(person, url, lines):
    """The playlist, once it has that many segments."""
    async with asyncio.timeout(60):
        while True:
            answer = await person.get(url)
            if answer.status == 200 and answer.text.count("#EXTINF") >= lines:
                return answer
            if answer.status != 200:
                problem_of(answer, 404, "not_yet")
            await asyncio.sleep(0.1)


def names(playlist):
    files = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    init = re.search(r'#EXT-X-MAP:URI="([^"]+)"', playlist)[1]
    return init, files


async def until_on_disk(person, recording_id):
    """What is on disk comes after what is live; then its replay has addresses."""
    async with asyncio.timeout(60):
        while True:
            answer = await person.post(f"/api/v1/recordings/{recording_id}/play")
            if answer.status == 201:
                return answer
            await asyncio.sleep(0.2)


@pytest.fixture(scope="session")
async def recorded(school, admin):
    """A lesson with three seconds on disk, still live; its live playlist; and the playlist after its end."""
    lesson = await school.new_lesson(admin, until="live")
    member = await school.person("10005")
    live = await member.post(f"/api/v1/lessons/{lesson['id']}/hls")
    assert live.status == 201, live.text
    playlist = await until_playlist(member, live.json["camera"], 2)
    plain = await member.get(live.json["camera"], headers={"Accept-Encoding": "identity"})
    init, files = names(playlist.text)
    base = live.json["camera"].rpartition("/")[0]
    fetched = {name: await member.get(f"{base}/{name}") for name in (init, *files)}
    recording_id = (await member.get(f"/api/v1/lessons/{lesson['id']}/stage")).json["recording"]["id"]
    await until_on_disk(member, recording_id)
    ended = await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event="end")
    assert ended.status == 200
    recording = (await member.get(f"/api/v1/recordings?lesson_id={lesson['id']}")).json["items"][0]
    found = {"lesson": lesson, "live": live.json, "playlist": playlist, "plain": plain, "files": fetched}
    return found | {"recording": recording}


async def test_live_playlists_and_segments_have_their_types_and_ages(recorded):
    playlist = recorded["playlist"]
    assert playlist.headers["Content-Type"].startswith("application/vnd.apple.mpegurl")
    assert playlist.headers["Cache-Control"] == "no-store"
    for name, answer in recorded["files"].items():
        assert answer.status == 200, (name, answer.text)
        assert answer.body[4:8] in {b"ftyp", b"styp", b"moof", b"sidx", b"prft"}
        assert "immutable" in answer.headers["Cache-Control"]
        expected = "video/iso.segment" if name.endswith(".m4s") else "video/mp4"
        assert answer.headers["Content-Type"] == expected


async def test_live_segments_are_read_from_disk_once_for_everybody(school, recorded):
    """The second one gets what the first one's asking has read, though the file is gone meanwhile; a part is a part."""
    folder = school.settings.folder / "recordings" / recorded["recording"]["id"]
    path = min(folder.glob("camera-*.m4s"))
    name = path.name
    address = f"{recorded['live']['camera'].rpartition('/')[0]}/{name}"
    first, second = await school.stranger(), await school.stranger()
    whole = await first.get(address)
    part = await first.get(address, headers={"Range": "bytes=0-99"})
    assert (part.status, part.body) == (206, whole.body[:100])
    away = path.rename(path.with_suffix(".away"))
    try:
        again = await second.get(address)
    finally:
        away.rename(path)
    assert (again.status, again.body, again.headers["Content-Type"]) == (200, whole.body, whole.headers["Content-Type"])


async def test_a_live_playlist_is_packed_for_who_can_unpack_it(recorded):
    packed, plain = recorded["playlist"], recorded["plain"]
    assert (packed.headers["Content-Encoding"], plain.headers.get("Content-Encoding")) == ("gzip", None)
    assert packed.text.startswith("#EXTM3U\n")
    assert plain.text.startswith("#EXTM3U\n")
    assert packed.headers["Cache-Control"] == plain.headers["Cache-Control"] == "no-store"


async def test_a_lesson_that_ended_plays_at_once(school, recorded):
    member = await school.person("10006")
    playing = await member.post(f"/api/v1/recordings/{recorded['recording']['id']}/play")
    assert playing.status == 201, playing.text
    assert playing.json["duration_ms"] > 0
    player = await school.stranger()
    playlist = await player.get(playing.json["camera"], origin=None)
    assert playlist.status == 200
    assert "#EXT-X-ENDLIST" in playlist.text
    init, files = names(playlist.text)
    base = playing.json["camera"].rpartition("/")[0]
    for name in (init, *files):
        whole = await player.get(f"{base}/{name}")
        part = await player.get(f"{base}/{name}", headers={"Range": "bytes=0-99"})
        assert (whole.status, part.status) == (200, 206)
        assert part.body == whole.body[:100]


async def test_a_grant_is_for_one_recording_and_for_a_time(school, recorded):
    player = await school.stranger()
    recording_id = recorded["recording"]["id"]
    grants = school.control.site.grants
    then = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    old = grants.sign_grant(PlayGrant(recording_id, "a", Playing.REPLAY, then))
    problem_of(await player.get(f"/hls/{recording_id}/{old}/camera.m3u8"), 403, "grant_expired")
    other = grants.sign_grant(PlayGrant("another", "a", Playing.REPLAY, then + dt.timedelta(hours=1)))
    for grant in (other, "nonsense", "a-b-c"):
        problem_of(await player.get(f"/hls/{recording_id}/{grant}/camera.m3u8"), 403, "grant_invalid")


async def test_a_grant_opens_the_playlists_of_its_kind_only(school, recorded):
    player = await school.stranger()
    recording_id = recorded["recording"]["id"]
    playing = await (await school.person("10006")).post(f"/api/v1/recordings/{recording_id}/play")
    assert 0 < playing.json["renew_after_s"] < school.settings.grant_minutes * 60
    live, replay = (each.rpartition("/")[0] for each in (recorded["live"]["camera"], playing.json["camera"]))
    for base, track in ((live, ""), (replay, "live-")):
        for name in (f"{track}camera.m3u8", f"{track}screen.m3u8"):
            problem_of(await player.get(f"{base}/{name}"), 403, "grant_invalid")
    init = names(recorded["playlist"].text)[0]
    assert [(await player.get(f"{base}/{init}")).status for base in (live, replay)] == [200, 200]


async def test_a_grant_that_ran_out_goes_on_with_its_holders_login_and_nobody_elses(school, recorded):
    """A browser's own player can't be given another address: the cookie that it sends counts."""
    recording_id, init = recorded["recording"]["id"], names(recorded["playlist"].text)[0]
    now = dt.datetime.now(dt.UTC)

    def base(hours):
        until = now - dt.timedelta(hours=hours)
        sealed = school.control.site.grants.sign_grant(PlayGrant(recording_id, demo_id("10006"), Playing.REPLAY, until))
        return f"/hls/{recording_id}/{sealed}"

    holder, other, gone = [await school.person(number) for number in ("10006", "10007", "10006")]
    for name in ("camera.m3u8", init):
        assert (await holder.get(f"{base(1)}/{name}")).status == 200
        for person in (await school.stranger(), other):
            problem_of(await person.get(f"{base(1)}/{name}"), 403, "grant_expired")
        problem_of(await holder.get(f"{base(12.1)}/{name}"), 403, "grant_expired")
    problem_of(await holder.get(f"{base(1)}/live-camera.m3u8"), 403, "grant_invalid")
    cookie = f"__Host-session={next(iter(gone.session.cookie_jar)).value}"
    await gone.ask("DELETE", "/api/v1/session")
    late = await (await school.stranger()).get(f"{base(1)}/camera.m3u8", headers={"Cookie": cookie})
    problem_of(late, 403, "grant_expired")


async def test_a_live_grant_goes_on_while_the_lesson_does(school, admin):
    lesson = await school.new_lesson(admin, until="open")
    recording_id = await school.control.house.records.read(lambda tx: tx.lessons.get(lesson["id"]).recording_id)
    member = await school.person("10006")
    until = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5)
    sealed = [
        school.control.site.grants.sign_grant(PlayGrant(recording_id, demo_id("10006"), Playing.LIVE, moment))
        for moment in (until, until - dt.timedelta(seconds=5))
    ]
    answer = await member.get(f"/hls/{recording_id}/{sealed[0]}/live-screen.m3u8")
    assert answer.json["code"] == "not_yet", answer.text
    for event in ("start", "end"):
        await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event=event)
    answer = await member.get(f"/hls/{recording_id}/{sealed[1]}/live-screen.m3u8")
    problem_of(answer, 403, "grant_expired")


@pytest.mark.parametrize(
    "name",
    [
        "manifest.jsonl",
        "..%2f..%2fdangxiao.sqlite3",
        "%2e%2e%2fmanifest.jsonl",
        "camera-1%00.m4s",
        "nothing.m4s",
        ".hidden",
        "camera.mp4.bak.x",
    ],
)
async def test_only_listed_files_are_served(school, recorded, name):
    player = await school.stranger()
    grant = recorded["live"]["camera"].split("/")[3]
    answer = await player.get(f"/hls/{recorded['recording']['id']}/{grant}/{name}")
    assert answer.status == 404
    assert answer.json["code"] in {"recording_not_found", "no_such_page"}


@pytest.mark.usefixtures("time_stands")
async def test_unknown_names_reach_the_media_process_only_so_often(school, admin):
    lesson = await school.new_lesson(admin, until="open")
    person = await school.person("10009")
    base = (await person.post(f"/api/v1/lessons/{lesson['id']}/hls")).json["camera"].rpartition("/")[0]
    asked = []
    media, ring_file = school.control.house.media, school.control.house.media.ring_file
    media.ring_file = lambda recording_id, name: asked.append(name) or ring_file(recording_id, name)
    try:
        answers = [await person.get(f"{base}/guess-{number}.m4s") for number in range(400)]
        other = await school.person("10010")
        base = (await other.post(f"/api/v1/lessons/{lesson['id']}/hls")).json["camera"].rpartition("/")[0]
        problem_of(await other.get(f"{base}/guess.m4s"), 404, "recording_not_found")
    finally:
        del media.ring_file
    refused = [answer for answer in answers if answer.status == 429]
    problem_of(refused[0], 429, "too_fast")
    assert len(asked) == 401 - len(refused)
    assert len(refused) > 100


async def test_numbers_of_segments_to_wait_for_reach_the_media_process_only_so_often(school, admin, monkeypatch):
    lesson = await school.new_lesson(admin, until="open")
    person = await school.person("10112")  # who has missed nothing yet
    live = (await person.post(f"/api/v1/lessons/{lesson['id']}/hls")).json["camera"]
    asked = []

    async def live_playlist(_recording_id, _track, asking=None):
        asked.append(asking)
        return "#EXTM3U"

    monkeypatch.setattr(school.control.house.media, "live_playlist", live_playlist)
    answers = [(await person.get(f"{live}?wait=next&_HLS_msn={number}")).status for number in range(400)]
    assert answers.count(200) == len(asked) < 300
    assert answers.count(429) > 100
    assert [(await person.get(f"{live}{query}")).status for query in ("", "?wait=next", "?wait=lifted")] == [200] * 3


async def test_many_who_ask_at_once_are_one_question():
    asked, answer = [], asyncio.Event()

    async def ask():
        asked.append(1)
        await answer.wait()
        return b"x" * 10

    recent = Recent(age_ms=60_000, most_bytes=25)
    waiting = [asyncio.create_task(recent.get("a", ask)) for _ in range(10)]
    await asyncio.sleep(0)
    answer.set()
    assert await asyncio.gather(*waiting) == [b"x" * 10] * 10
    assert len(asked) == 1
    await recent.get("b", ask)
    await recent.get("c", ask)
    await recent.get("a", ask)
    assert len(asked) == 4, "the oldest made room"


async def test_a_line_that_takes_nothing_holds_no_copy_of_all_of_it():
    content, lines = b"x" * (8 << 20), []

    async def answer(request):
        lines.append(request.transport)
        return from_memory(content, {"Content-Type": "video/iso.segment"})

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    reader, writer = await asyncio.open_connection(*runner.addresses[0][:2], limit=1024)
    try:
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(60):
            while not lines:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        assert lines[0].get_write_buffer_size() < 1 << 20
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        assert (b"Content-Length: 8388608" in head, body == content) == (True, True)
    finally:
        writer.transport.abort()
        await runner.cleanup()


async def test_an_asker_who_goes_away_does_not_take_the_answer_along():
    answer = asyncio.Event()

    async def ask():
        await answer.wait()
        return b"x"

    recent = Recent(age_ms=60_000, most_bytes=100)
    first, second = (asyncio.create_task(recent.get("a", ask)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    answer.set()
    assert await second == b"x"


async def test_a_cut_takes_back_what_players_have_kept_also_from_disk(school, admin):
    lesson = await school.new_lesson(admin, until="live")
    director, member = await school.person("director"), await school.person("10007")
    path = f"/api/v1/lessons/{lesson['id']}"
    live = (await member.post(f"{path}/hls")).json["camera"]
    base = live.rpartition("/")[0]
    init, files = names((await until_playlist(member, live, 3)).text)
    before = [f"{base}/{name}" for name in files]
    assert [(await member.get(url)).status for url in before] == [200] * len(before)
    recording_id = (await member.get(f"{path}/stage")).json["recording"]["id"]
    replay = (await until_on_disk(member, recording_id)).json["camera"]
    again = f"{replay.rpartition('/')[0]}/{files[0]}"
    assert [(await member.get(url)).status for url in (replay, again)] == [200, 200]
    cut = await director.command(f"{path}/cut", reason="误播")
    assert cut.json["cut"]["by"] is not None, cut.text
    async with asyncio.timeout(60):
        while True:
            if {(await member.get(url)).status for url in (*before, replay, again)} == {404}:
                break
            await asyncio.sleep(0.1)
    assert (await member.get(f"{base}/{init}")).status == 200
    slate = names((await until_playlist(member, live, 1)).text)[1]
    assert not set(slate) & set(files)
    assert (await member.get(f"{base}/{slate[-1]}")).status == 200
    again = (await member.post(f"{path}/hls")).json["camera"].rpartition("/")[0]
    assert (await member.get(f"{again}/{files[0]}")).status == 404, "nor by a new address"
    for person in (member, director):
        problem_of(await person.post(f"/api/v1/recordings/{recording_id}/play"), 404, "recording_not_found")
    lifted = await director.command(f"{path}/cut/end")
    assert lifted.json["cut"] is None, lifted.text
    assert (await member.get(before[0])).status == 404, "nor when it is over"
    await director.command(f"{path}/transitions", event="end")
    recording = (await member.get(f"/api/v1/recordings?lesson_id={lesson['id']}")).json["items"][0]
    replay = (await member.post(f"/api/v1/recordings/{recording['id']}/play")).json["camera"]
    kept = await member.get(replay)
    assert files[-1] in names(kept.text)[1], "the archive keeps what came before it"


async def test_what_was_asked_for_between_a_cut_and_its_curtain_is_not_kept(school, admin, monkeypatch):
    lesson = await school.new_lesson(admin, until="live")
    director, member = await school.person("director"), await school.person("10007")
    path = f"/api/v1/lessons/{lesson['id']}"
    there = [b"from before the cut"]

    async def ring_file(_recording_id, _name):
        return there[0] if there else None

    monkeypatch.setattr(school.control.house.media, "ring_file", ring_file)
    monkeypatch.setattr("server.web.hls.SETTLING", dt.timedelta(hours=1))
    late = (await member.post(f"{path}/hls")).json["camera"].rpartition("/")[0] + "/late.mp4"
    assert (await director.command(f"{path}/cut")).status == 200
    assert (await member.get(late)).status == 200
    there.clear()  # the curtain has fallen
    monkeypatch.setattr("server.web.hls.SETTLING", dt.timedelta(0))  # however long this machine took
    async with asyncio.timeout(60):
        while True:
            if (await member.get(late)).status == 404:
                break
            await asyncio.sleep(0.1)


async def test_who_may_not_run_the_lesson_neither_cuts_nor_lifts(school, recorded):
    path, member = f"/api/v1/lessons/{recorded['lesson']['id']}", await school.person("10008")
    director = await school.person("director")
    for call, fields in (("cut", {}), ("cut/end", {}), ("standby", {"seconds": 60}), ("standby/end", {})):
        problem_of(await member.command(f"{path}/{call}", **fields), 403, "forbidden")
        problem_of(await director.command(f"{path}/{call}", **fields), 409, "lesson_not_on_air")
    for fields in (
        {"seconds": 0},
        {"seconds": 50_000},
        {"seconds": 60, "note": "x" * 41},
        {"seconds": 60, "note": "a\nb"},
    ):
        problem_of(await director.command(f"{path}/standby", **fields), 422, "invalid_body")


@pytest.mark.parametrize(
    ("method", "headers", "whole"),
    [
        ("GET", {}, True),
        ("HEAD", {}, False),
        ("GET", {"Range": "bytes=0-"}, True),
        ("GET", {"Range": "bytes=0-999"}, True),
        ("GET", {"Range": "bytes=0-5000"}, True),
        ("GET", {"Range": "bytes=-1000"}, True),
        ("GET", {"Range": "bytes=0-998"}, False),
        ("GET", {"Range": "bytes=1-"}, False),
        ("GET", {"Range": "bytes=-999"}, False),
        ("GET", {"Range": "bytes=0-0,999-999"}, False),
        ("GET", {"Range": "lines=1-2"}, False),
        ("GET", {"If-None-Match": '"a"'}, False),
        ("GET", {"If-Modified-Since": "Tue, 24 Nov 2026 08:00:00 GMT"}, False),
        ("HEAD", {"Range": "bytes=0-"}, False),
    ],
)
def test_only_who_asks_for_all_of_a_segment_gets_it_counted(tmp_path, method, headers, whole):
    path = tmp_path / "camera-1.m4s"
    path.write_bytes(bytes(1000))
    assert asks_for_all(make_mocked_request(method, "/", headers=headers), path) is whole
