"""Outside credit over HTTPS: the proof's way in and out, and a table."""

import asyncio
import uuid

from server.services.demo import demo_id

from .conftest import problem_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(500)
BYTES = {"Content-Type": "application/octet-stream"}


def query(**more):
    return {"command_id": str(uuid.uuid4()), "name": "证书.png", **more}


async def test_a_proof_comes_is_confirmed_and_is_shown_to_nobody_else(school, member):
    sent = await member.ask("POST", "/api/v1/outside-proofs", params=query(), data=PNG, headers=BYTES)
    assert (sent.status, sent.json["kind"], sent.json["bytes"]) == (201, "png", len(PNG))
    body = {"title": "急救培训", "organiser": "红十字会", "held_on": "2026-01-05", "hundredths": 400}
    made = await member.command("/api/v1/outside-credits", proof_id=sent.json["id"], **body)
    assert (made.status, made.json["may"]) == (201, ["prove", "withdraw"]), made.text
    problem_of(await member.command("/api/v1/outside-credits", **body), 409, "outside_twice")
    secretary = await school.person("secretary")
    listed = (await secretary.get("/api/v1/outside-credits?state=asked")).json["items"]
    assert made.json["id"] in {one["id"] for one in listed}
    path = f"/api/v1/outside-proofs/{sent.json['id']}/file"
    shown = await secretary.get(path)
    assert (shown.body, shown.headers["Content-Type"]) == (PNG, "image/png")
    assert shown.headers["Content-Disposition"].startswith("attachment")
    problem_of(await (await school.person("10061")).get(path), 404, "proof_not_found")
    decided = await secretary.command("/api/v1/outside-credits/decisions", outside_ids=[made.json["id"]], confirm=True)
    assert decided.json["items"][0]["entries"][0]["hundredths"] == 400, decided.text
    mine = (await member.get("/api/v1/outside-credits/mine?year=2026")).json["items"]
    assert [one["state"] for one in mine if one["id"] == made.json["id"]] == ["confirmed"]


async def test_a_proof_of_100_mb_is_refused_before_it_is_read(member):
    """Its length says enough: the body never comes, and the answer does."""

    async def endless():
        yield PNG
        await asyncio.Event().wait()

    headers = {**BYTES, "Content-Length": str(100 << 20)}
    answer = await asyncio.wait_for(
        member.ask("POST", "/api/v1/outside-proofs", params=query(), data=endless(), headers=headers), 20
    )
    problem_of(answer, 413, "file_too_large")
    wrong = await member.ask("POST", "/api/v1/outside-proofs", params=query(), data=b"MZ", headers=BYTES)
    problem_of(wrong, 415, "proof_type_wrong")
    form = await member.ask(
        "POST", "/api/v1/outside-proofs", params=query(), data=PNG, headers={"Content-Type": "image/png"}
    )
    problem_of(form, 415, "unsupported_media_type")


async def test_the_template_filled_in_is_read_as_it_is_given_out(school):
    secretary = await school.person("secretary")
    template = await secretary.get("/api/v1/outside-template")
    assert template.status == 200
    where = query(name="登记表.xlsx", unit_id=demo_id("综合党支部"))
    empty = await secretary.ask("POST", "/api/v1/outside-imports", params=where, data=template.body, headers=BYTES)
    assert (empty.status, empty.json["rows"], empty.json["errors"]) == (201, 0, 0), empty.text
    table = "姓名,学习内容,举办单位,日期,学时\r\n没有此人,急救,红十字会,2026-01-05,4\r\n".encode()
    where = query(name="登记表.csv", unit_id=demo_id("综合党支部"))
    dry = await secretary.ask("POST", "/api/v1/outside-imports", params=where, data=table, headers=BYTES)
    assert [(one["cell"], one["fault"]) for one in dry.json["issues"]] == [("A2", "name_unknown")]
