"""Materials over HTTPS: a real PDF, a real conversion, and who may have it."""

import asyncio
import base64
import hashlib
import uuid

import aiohttp
import pytest

from server.services.demo import demo_id
from tests.converting import papers
from tests.converting.films import film

from .conftest import problem_of

DECK = papers.slides(["Fire safety", "First aid"])


@pytest.fixture
async def opened(school, admin):
    return await school.new_lesson(admin, until="open")


async def send(who, lesson, content=DECK, *, kind="slides", name="消防课件", headers=None, command=None, **more):
    query = {"command_id": command or str(uuid.uuid4()), "kind": kind, "name": name, **more}
    headers = headers or {"Content-Type": "application/octet-stream"}
    return await who.ask(
        "POST", f"/api/v1/lessons/{lesson['id']}/materials", params=query, data=content, headers=headers
    )


async def converted(who, lesson):
    """The lesson's one material, when its job is over."""
    while True:
        (material,) = (await who.get(f"/api/v1/lessons/{lesson['id']}/materials")).json["items"]
        if material["state"] in {"ready", "failed"}:
            return material
        await asyncio.sleep(0.05)


async def test_a_deck_from_upload_to_deletion(lecturer, member, opened):
    sent = await send(lecturer, opened, release="during")
    assert (sent.status, sent.json["state"]) == (201, "queued")
    material = await converted(lecturer, opened)
    assert (material["state"], material["pages"], material["titles"]) == ("ready", 2, ["Fire safety", "First aid"])
    job = (await lecturer.get(f"/api/v1/jobs/{material['job_id']}")).json
    assert (job["state"], job["progress"], job["code"]) == ("done", 100, None)
    problem_of(await lecturer.post(f"/api/v1/jobs/{material['job_id']}/cancel"), 409, "job_over")
    file = await member.get(f"/api/v1/materials/{material['id']}/file")
    assert (file.status, file.body) == (200, DECK)
    assert file.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E6%B6%88")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    renamed = await lecturer.ask(
        "PATCH",
        f"/api/v1/materials/{material['id']}",
        json={"command_id": str(uuid.uuid4()), "name": "<b>急救", "release": "staff"},
    )
    assert renamed.json["name"] == "<b>急救"
    problem_of(await member.get(f"/api/v1/materials/{material['id']}/file"), 404, "material_not_found")
    assert (await lecturer.ask("DELETE", f"/api/v1/materials/{material['id']}")).status == 204
    problem_of(await lecturer.get(f"/api/v1/materials/{material['id']}/file"), 404, "material_not_found")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (papers.encrypted(), "pdf_encrypted"),
        (papers.many_pages(10_000), "pdf_too_many_pages"),
        (DECK[:500], "pdf_broken"),
    ],
    ids=["encrypted", "10000", "cut"],
)
async def test_a_bad_pdf_fails_with_its_reason(lecturer, member, opened, content, code):
    assert (await send(lecturer, opened, content, release="before")).status == 201
    failed = await converted(lecturer, opened)
    assert (failed["state"], failed["code"]) == ("failed", code)
    assert failed["text"]
    assert (await member.get(f"/api/v1/lessons/{opened['id']}/materials")).json["items"] == []
    problem_of(await lecturer.get(f"/api/v1/materials/{failed['id']}/file"), 409, "material_not_ready")


async def test_what_is_no_pdf_or_too_large_or_not_a_file_is_refused_at_once(school, lecturer, opened):
    problem_of(await send(lecturer, opened, b"MZ" + bytes(100)), 415, "file_type_wrong")
    problem_of(await send(lecturer, opened, headers={"Content-Type": "text/plain"}), 415, "unsupported_media_type")
    problem_of(await send(lecturer, opened, kind="song"), 422, "invalid_body")
    problem_of(await send(lecturer, opened, name="../../x"), 422, "invalid_body")
    problem_of(await send(lecturer, opened, name="长" * 121), 422, "invalid_body")
    assert (await lecturer.get(f"/api/v1/lessons/{opened['id']}/materials")).json["items"] == []
    assert not list((school.settings.folder / "materials").glob("*/part"))


async def test_a_member_brings_nothing_and_sees_no_job(lecturer, member, opened):
    problem_of(await send(member, opened), 403, "forbidden")
    sent = (await send(lecturer, opened)).json
    problem_of(await member.get(f"/api/v1/jobs/{sent['job_id']}"), 404, "job_not_found")
    problem_of(await member.ask("DELETE", f"/api/v1/materials/{sent['id']}"), 403, "forbidden")
    problem_of(await member.get(f"/api/v1/jobs/{uuid.uuid4()}"), 404, "job_not_found")


async def test_an_upload_that_breaks_off_leaves_nothing(school, lecturer, opened):
    async def half():
        yield DECK
        raise ConnectionError

    with pytest.raises(aiohttp.ClientOSError):
        await send(lecturer, opened, half())
    for _ in range(1200):  # the server learns of it when it reads on
        left = (await lecturer.get(f"/api/v1/lessons/{opened['id']}/materials")).json["items"]
        parts = list((school.settings.folder / "materials").glob("*/part"))
        if not left and not parts:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"left: {left}, {parts}")


async def test_pages_are_shown_up_to_where_the_lecturer_is_and_only_by_their_grant(school, lecturer, member, opened):
    await send(lecturer, opened, papers.slides(["A", "B", "C", "D"]))
    deck = await converted(lecturer, opened)
    path = f"/api/v1/lessons/{opened['id']}/slides"
    assert (await member.get(f"/api/v1/lessons/{opened['id']}/materials")).json["items"] == []
    shown = await lecturer.command(f"{path}/open", material_id=deck["id"], page=1)
    assert (shown.status, shown.json["slides"]["page"]) == (200, 1)
    (seen,) = (await member.get(f"/api/v1/lessons/{opened['id']}/materials")).json["items"]
    page = await member.get(f"{seen['base']}phone-001.webp")
    assert (page.status, page.headers["Content-Type"], page.body[8:12]) == (200, "image/webp", b"WEBP")
    assert "immutable" in page.headers["Cache-Control"]
    stranger = await school.stranger()
    assert (await stranger.get(f"{seen['base']}phone-002.webp")).status == 200  # the next one, before it is turned to
    problem_of(await member.get(f"{seen['base']}phone-003.webp"), 404, "material_not_found")
    assert (await lecturer.get(f"{deck['base']}screen-004.webp")).status == 200
    for wrong in ("original", "words.json", "phone-999.webp", "phone-1.webp", "..%2foriginal"):
        problem_of(await lecturer.get(f"{deck['base']}{wrong}"), 404, "material_not_found")
    forged = seen["base"].replace("/shown-", "/all-")
    problem_of(await member.get(f"{forged}phone-003.webp"), 403, "grant_invalid")
    problem_of(
        await member.get(f"/pages/{uuid.uuid4()}/{seen['base'].split('/')[3]}/phone-001.webp"), 403, "grant_invalid"
    )
    problem_of(await member.get(f"/api/v1/materials/{deck['id']}/file"), 404, "material_not_found")
    problem_of(await lecturer.ask("DELETE", f"/api/v1/materials/{deck['id']}"), 409, "material_on_stage")
    turned = await lecturer.command(f"{path}/turn", material_id=deck["id"], page=4)
    assert turned.json["slides"]["reached"] == 4
    problem_of(await lecturer.command(f"{path}/turn", material_id=deck["id"], page=5), 422, "page_unknown")
    problem_of(await member.command(f"{path}/turn", material_id=deck["id"], page=1), 403, "forbidden")
    assert [turn["page"] for turn in (await member.get(path)).json["items"]] == [1, 4]
    assert (await lecturer.command(f"{path}/close")).json["slides"] is None


async def test_pages_are_there_for_as_long_as_the_login(school, lecturer, opened):
    await send(lecturer, opened, release="during")
    await converted(lecturer, opened)
    reader = await school.person("10001")
    (deck,) = (await reader.get(f"/api/v1/lessons/{opened['id']}/materials")).json["items"]
    player = await school.stranger()
    assert (await player.get(f"{deck['base']}phone-001.webp")).status == 200
    account, login = deck["base"].split("/")[3].split("-")[2:4]
    for forged in (deck["base"].replace(login, "0"), deck["base"].replace(account, account[::-1])):
        problem_of(await player.get(f"{forged}phone-001.webp"), 403, "grant_invalid")
    assert (await reader.ask("DELETE", "/api/v1/session")).status == 204
    problem_of(await player.get(f"{deck['base']}phone-001.webp"), 403, "grant_invalid")


async def test_who_has_https_alone_turns_the_page_with_the_lecturer(lecturer, member, opened):
    """No socket: the question waits, and its answer comes with the turn."""
    await send(lecturer, opened)
    deck = await converted(lecturer, opened)
    path = f"/api/v1/lessons/{opened['id']}"
    await lecturer.command(f"{path}/slides/open", material_id=deck["id"], page=1)
    seq = (await member.get(f"{path}/events?since=0")).json["seq"]
    asked = asyncio.create_task(member.get(f"{path}/events?since={seq}&wait=25"))
    done, _ = await asyncio.wait([asked], timeout=0.2)
    assert not done, "nothing is new yet"
    await lecturer.command(f"{path}/slides/turn", material_id=deck["id"], page=2)
    told = (await asked).json
    assert [(event["kind"], event["data"]["page"]) for event in told["events"]] == [("slides.turned", 2)]
    assert told["seq"] >= told["events"][0]["seq"] > seq, "what staff alone hear has numbers, too"
    await lecturer.command(f"{path}/slides/close")
    closed = (await member.get(f"{path}/events?since={told['seq']}&wait=25")).json["events"]
    assert [event["kind"] for event in closed] == ["slides.closed"]


# ---- films of micro-videos, in pieces (tus 1.0) ------------------------------------------------------------

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}


async def begun(who, size, *, name="消防 第1讲.mp4", headers=TUS, **said):
    course = await who.command("/api/v1/courses", unit_id=demo_id("某集团党委"), title="消防安全微课")
    video = await who.command(f"/api/v1/courses/{course.json['id']}/micro-videos", title="灭火器的使用")
    words = {"filename": name, **said}
    told = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in words.items())
    path = f"/api/v1/micro-videos/{video.json['id']}/uploads"
    more = {**headers, "Upload-Length": str(size), "Upload-Metadata": told}
    return await who.ask("POST", path, params={"command_id": str(uuid.uuid4())}, headers=more), course.json["id"]


async def test_a_film_comes_in_pieces_and_becomes_what_is_watched(admin, member, tmp_path):
    whole = film(tmp_path / "a.mp4", seconds=5).read_bytes()
    began, course_id = await begun(admin, len(whole), sha256=hashlib.sha256(whole).hexdigest())
    assert (began.status, began.headers["Upload-Offset"]) == (201, "0")
    place, half = began.headers["Location"], len(whole) // 2
    checksum = {"Upload-Checksum": "sha256 " + base64.b64encode(hashlib.sha256(whole[:half]).digest()).decode()}
    first = await admin.ask("PATCH", place, data=whole[:half], headers={**PIECE, **checksum, "Upload-Offset": "0"})
    assert (first.status, first.headers["Upload-Offset"]) == (204, str(half))
    wrong = await admin.ask("PATCH", place, data=whole[half:], headers={**PIECE, "Upload-Offset": "0"})
    problem_of(wrong, 409, "upload_offset")
    flipped = {**PIECE, **checksum, "Upload-Offset": str(half)}
    problem_of(await admin.ask("PATCH", place, data=whole[half:], headers=flipped), 460, "upload_digest")
    where = await admin.ask("HEAD", place)
    assert (where.status, where.headers["Upload-Offset"], where.body) == (200, str(half), b"")
    problem_of(await member.get(place), 404, "upload_not_found")
    last = await admin.ask("PATCH", place, data=whole[half:], headers={**PIECE, "Upload-Offset": str(half)})
    assert (last.status, (await admin.get(place)).json["done"]) == (204, True)
    while (video := (await admin.get(f"/api/v1/courses/{course_id}/micro-videos")).json["items"][0])[
        "state"
    ] != "ready":
        assert video["state"] in {"queued", "converting"}, video
        await asyncio.sleep(0.05)
    assert (video["copied"], video["bytes"], round(video["duration_ms"], -2)) == (True, len(whole), 5000)


async def test_what_an_upload_is_refused_for(admin, member):
    began, _ = await begun(admin, 100, headers={"Tus-Resumable": "0.2.2"})
    problem_of(began, 412, "upload_version")
    for name in ("../../etc/passwd", "a\x00.mp4", "a\\b.mp4"):
        problem_of((await begun(admin, 100, name=name))[0], 422, "upload_name")
    problem_of((await begun(admin, 3 << 30))[0], 413, "file_too_large")
    problem_of((await begun(admin, 0))[0], 422, "upload_empty")
    list_of_names = b"#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n"
    place = (await begun(admin, len(list_of_names)))[0].headers["Location"]
    plain = {**TUS, "Content-Type": "application/octet-stream", "Upload-Offset": "0"}
    problem_of(await admin.ask("PATCH", place, data=list_of_names, headers=plain), 415, "unsupported_media_type")
    none = {**PIECE, "Upload-Offset": "-1"}
    problem_of(await admin.ask("PATCH", place, data=list_of_names, headers=none), 422, "invalid_body")
    sent = await admin.ask("PATCH", place, data=list_of_names, headers={**PIECE, "Upload-Offset": "0"})
    problem_of(sent, 415, "film_playlist")
    for path in ("..%2f..%2fetc%2fpasswd", "%2e%2e", "%00"):
        assert (await admin.get(f"/api/v1/uploads/{path}")).status == 404
    spoken = await admin.ask("OPTIONS", place)
    assert (spoken.status, spoken.headers["Tus-Version"]) == (204, "1.0.0")
    place = (await begun(admin, 100))[0].headers["Location"]
    assert (await admin.ask("DELETE", place, headers=TUS)).status == 204
    problem_of(await admin.get(place), 404, "upload_not_found")
