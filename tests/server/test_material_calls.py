"""Materials over HTTPS: a real PDF, a real conversion, and who may have it."""

import asyncio
import uuid

import aiohttp
import pytest

from tests.converting import papers

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
    for _ in range(200):  # the server learns of it when it reads on
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
    assert told["seq"] == seq + 1
    await lecturer.command(f"{path}/slides/close")
    closed = (await member.get(f"{path}/events?since={told['seq']}&wait=25")).json["events"]
    assert [event["kind"] for event in closed] == ["slides.closed"]
