"""Hands by HTTPS: what bad input gets, and that nobody raises one for somebody else."""

import uuid

import pytest

from .conftest import problem_of


@pytest.fixture
async def lesson(school, admin):
    return await school.new_lesson(admin, until="live")


def path_of(lesson):
    return f"/api/v1/lessons/{lesson['id']}/hands"


async def queue(director, lesson):
    return (await director.get(path_of(lesson))).json["queue"]


async def test_a_hand_for_somebody_else_is_refused_and_nothing_is_raised(school, director, member, lesson):
    other = (await (await school.person("10002")).get("/api/v1/session")).json
    for field in ("speaker_id", "member_id", "account_id", "name"):
        forged = await member.command(path_of(lesson), topic="", **{field: other["account_id"]})
        assert field in problem_of(forged, 422, "invalid_body")["errors"][0]["field"]
    problem_of(await director.command(path_of(lesson), topic="会控"), 403, "forbidden")
    assert await queue(director, lesson) == []
    own = (await (await school.person("10002")).command(path_of(lesson), topic="想谈谈应急演练")).json
    for step, status, code in (("withdraw", 404, "hand_not_found"), ("take", 403, "forbidden"), ("lower", 403, None)):
        refused = await member.command(f"/api/v1/hands/{own['id']}/{step}")
        problem_of(refused, status, code or "forbidden")
    assert [hand["name"] for hand in await queue(director, lesson)] == [other["name"]]


async def test_raised_again_and_again_it_is_one_hand_and_afterwards_too_fast(director, member, lesson, time_stands):
    said = [await member.command(path_of(lesson), topic=f"第{n}次") for n in range(20)]
    assert {answer.status for answer in said} == {201}
    assert len({answer.json["id"] for answer in said}) == 1
    assert [hand["topic"] for hand in await queue(director, lesson)] == ["第0次"]
    assert (await member.command(f"/api/v1/hands/{said[0].json['id']}/withdraw")).status == 200
    assert problem_of(await member.command(path_of(lesson), topic=""), 429, "too_fast")


@pytest.mark.parametrize("topic", ["x" * 101, "钟\u0007声", 7, None, ["x"]], ids=["long", "bell", "7", "null", "list"])
async def test_what_is_no_topic_is_refused(director, member, lesson, topic):
    problem_of(await member.command(path_of(lesson), topic=topic), 422, "invalid_body")
    assert await queue(director, lesson) == []


async def test_a_script_in_a_topic_stays_text(director, member, lesson):
    await member.command(path_of(lesson), topic="<script>alert(1)</script>")
    assert [hand["topic"] for hand in await queue(director, lesson)] == ["<script>alert(1)</script>"]


async def test_who_is_muted_hears_so_and_for_how_long_when_raising_a_hand_or_asking(director, member, lesson):
    chat = f"/api/v1/lessons/{lesson['id']}/chat"
    line = (await member.command(chat, text="刷屏")).json
    hand = (await member.command(path_of(lesson), topic="")).json
    mute = await director.command(f"/api/v1/chat/{line['id']}/mute", minutes=5, reason="请勿刷屏")
    assert mute.status == 200
    assert await queue(director, lesson) == []  # the one that waited was put down
    problem_of(await member.command(f"/api/v1/hands/{hand['id']}/withdraw"), 409, "hand_over")
    inquiries = f"/api/v1/lessons/{lesson['id']}/inquiries"
    for path, fields in ((path_of(lesson), {"topic": ""}), (inquiries, {"text": "问"})):
        refused = await member.command(path, **fields)
        assert "暂停发言" in problem_of(refused, 403, "talk_muted")["title"]
        assert 290 <= int(refused.headers["Retry-After"]) <= 300
    undone = await director.command(f"/api/v1/lessons/{lesson['id']}/unmute", speaker_id=mute.json["speaker_id"])
    assert undone.status == 204
    assert (await member.command(inquiries, text="可以了")).status == 201
    problem_of(await member.command(f"/api/v1/hands/{uuid.uuid4()}/withdraw"), 404, "hand_not_found")
