"""The chat by HTTPS and sockets: who sees what, what bad input gets, and that nothing unapproved reaches anybody."""

import asyncio
import contextlib
import uuid

import pytest

from server.domain.events import to_account
from server.services.demo import demo_id

from .conftest import problem_of
from .test_quiz_secrecy import Onlooker
from .test_sockets import Socket, ticket

MARK = "记号三六五一"


@pytest.fixture
async def lesson(school, admin):
    return await school.new_lesson(admin, until="live")


def path_of(lesson):
    return f"/api/v1/lessons/{lesson['id']}/chat"


async def say(person, lesson, text, status=201):
    answer = await person.command(path_of(lesson), text=text)
    assert answer.status == status, answer.text
    return answer.json


async def put(person, path, **fields):
    return await person.ask("PUT", path, json={"command_id": str(uuid.uuid4()), **fields})


async def opened(director, lesson, **fields):
    answer = await put(director, path_of(lesson), mode="open", **fields)
    assert answer.status == 200, answer.text


def texts(answer):
    return [item["text"] for item in answer.json["items"]]


async def test_nothing_unapproved_reaches_anybody_but_its_sender_and_staff(school, admin, director, member, lesson):
    """All traffic of other members, a venue's screen and a secretary is scanned; after approval the scan finds it."""
    async with contextlib.AsyncExitStack() as stack:

        async def onlooker(number, face, **auth):
            person, socket = await school.person(number), Socket(school)
            auth |= {"ticket": await ticket(person, lesson), "lesson_id": lesson["id"], "face": face}
            await stack.enter_async_context(socket.joined(**auth))
            return Onlooker(person, socket)

        others = [await onlooker("10002", "phone", batch=True), await onlooker("10003", "board")]
        others += [await onlooker("venue1", "venue"), await onlooker("secretary", "phone", batch=True)]
        own, staff = await onlooker("10001", "phone"), await onlooker("director", "console")
        line = await say(member, lesson, MARK)
        assert (line["state"], line["mine"], line["held"]) == ("waiting", True, False)
        for each in (own, staff):
            await each.socket.until(lambda name, data: name == "event" and data["kind"] == "chat.line")
        for each in others:
            await each.read_everything(lesson["id"], line["id"])
            assert problem_of(await each.person.get(path_of(lesson), params={"state": "waiting"}), 403, "forbidden")
            refused = await each.person.command(f"/api/v1/chat/{line['id']}/approve")
            problem_of(refused, 403, "forbidden")
            assert not [text for text in each.traffic if MARK in text]
        assert (await director.get(path_of(lesson), params={"state": "waiting"})).json["waiting"] == 1

        approved = await director.command(f"/api/v1/chat/{line['id']}/approve")
        assert approved.json["state"] == "shown"
        for each in others:
            await each.socket.until(lambda name, data: MARK in str(data))
            assert texts(each.keep(await each.person.get(path_of(lesson)))) == [MARK]
            assert not any(
                item["speaker_id"] or item["mine"] for item in (await each.person.get(path_of(lesson))).json["items"]
            )


async def test_what_was_deleted_is_gone_for_everybody_also_from_the_log(director, member, school, lesson):
    await opened(director, lesson)
    line = await say(member, lesson, MARK)
    other = await school.person("10002")
    assert MARK in (await other.get(f"/api/v1/lessons/{lesson['id']}/events")).text
    assert (await director.command(f"/api/v1/chat/{line['id']}/delete")).json["state"] == "deleted"
    for person in (other, member):
        assert MARK not in (await person.get(f"/api/v1/lessons/{lesson['id']}/events")).text
        assert texts(await person.get(path_of(lesson))) == []
    kinds = [event["kind"] for event in (await other.get(f"/api/v1/lessons/{lesson['id']}/events")).json["events"]]
    assert kinds[-1] == "chat.deleted"
    assert texts(await director.get(path_of(lesson), params={"state": "deleted"})) == [MARK]
    problem_of(await director.command(f"/api/v1/chat/{line['id']}/approve"), 409, "line_decided")


async def test_a_retry_writes_one_line_and_markup_is_text(director, member, lesson):
    await opened(director, lesson)
    script = "<script>alert(1)</script>"
    body = {"command_id": str(uuid.uuid4()), "text": script}
    first, again = await asyncio.gather(member.post(path_of(lesson), body), member.post(path_of(lesson), body))
    assert first.json == again.json
    assert first.headers["Content-Type"].startswith("application/json")
    assert texts(await member.get(path_of(lesson))) == [script]
    problem_of(await member.post(path_of(lesson), {**body, "text": "另一句"}), 409, "command_reused")


async def test_modes_and_slow_mode_hold_while_the_lesson_is_live(school, director, member, lesson):
    problem_of(await put(member, path_of(lesson), mode="open"), 403, "forbidden")
    await opened(director, lesson, slow_seconds=60)
    await say(member, lesson, "一")
    refused = await member.command(path_of(lesson), text="二")
    problem_of(refused, 429, "slow_mode")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    seen = (await member.get(path_of(lesson))).json
    assert (seen["mode"], seen["slow_seconds"], seen["may_write"]) == ("open", 60, True)
    assert seen["next_at"] > seen["items"][0]["at"]
    await say(await school.person("10002"), lesson, "别人不受影响")
    assert (await put(director, path_of(lesson), mode="off")).status == 200
    problem_of(await member.command(path_of(lesson), text="三"), 409, "chat_off")
    problem_of(await put(director, path_of(lesson), mode="loud"), 422, "invalid_body")


async def test_a_listed_word_is_held_or_refused_in_any_disguise(school, admin, director, member, lesson):
    unit = demo_id("某集团党委")
    words = f"/api/v1/units/{unit}/words"
    problem_of(await member.get(words), 403, "forbidden")
    before = (await admin.get(words)).headers["ETag"]
    problem_of(await admin.ask("PUT", words, json={"words": ["…"]}, headers={"If-Match": before}), 422, "invalid_body")
    kept = await admin.ask("PUT", words, json={"words": ["赌博", "casino"]}, headers={"If-Match": before})
    assert (kept.status, kept.json["words"]) == (200, ["赌博", "casino"])
    problem_of(
        await admin.ask("PUT", words, json={"words": []}, headers={"If-Match": before}), 412, "precondition_failed"
    )
    line = await say(member, lesson, "来 赌\u200b博 吧")
    assert (line["state"], line["held"]) == ("waiting", True)
    await opened(director, lesson)
    for disguise in ("赌\u200b博", "赌　博", "赌·博", "ＣＡＳＩＮＯ", "саsin0", "c\u0301asino"):
        refused = problem_of(await member.command(path_of(lesson), text=f"去{disguise}！"), 422, "word_listed")
        assert "受限词语" in refused["title"]
    assert texts(await (await school.person("10002")).get(path_of(lesson))) == []
    assert (await admin.ask("PUT", words, json={"words": []}, headers={"If-Match": kept.headers["ETag"]})).status == 200
    await say(member, lesson, "赌博有害")


async def test_ten_thousand_lines_of_one_client_are_ten(director, member, lesson, time_stands):
    await opened(director, lesson)
    said = [await member.command(path_of(lesson), text=f"第{n}句") for n in range(30)]
    assert [answer.status for answer in said] == [201] * 10 + [429] * 20
    problem_of(said[-1], 429, "too_fast")
    assert len(texts(await member.get(path_of(lesson)))) == 10


async def test_who_is_muted_says_nothing_until_it_is_over_or_taken_back(school, director, member, lesson):
    line = await say(member, lesson, "刷屏")
    path = f"/api/v1/chat/{line['id']}/mute"
    problem_of(await member.command(path, minutes=5, reason="x"), 403, "forbidden")
    problem_of(await director.command(path, minutes=0, reason="x"), 422, "invalid_body")
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        mute = (await director.command(path, minutes=5, reason="请勿刷屏")).json
        told = await phone.until(lambda name, data: name == "event" and data["kind"] == "talk.muted")
        assert (told["data"]["reason"], told["data"]["until"][:16]) == ("请勿刷屏", mute["until"][:16])
    problem_of(await member.command(path_of(lesson), text="再来"), 403, "talk_muted")
    seen = (await member.get(path_of(lesson))).json
    assert (seen["may_write"], seen["muted_reason"]) == (False, "请勿刷屏")
    assert [each["name"] for each in (await director.get(f"/api/v1/lessons/{lesson['id']}/mutes")).json["items"]] == [
        mute["name"]
    ]
    await say(await school.person("10002"), lesson, "别人可以说")
    undone = await director.command(f"/api/v1/lessons/{lesson['id']}/unmute", speaker_id=mute["speaker_id"])
    assert undone.status == 204
    await say(member, lesson, "好的")


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "x" * 501, "x" * 5000, 7, None, "a\x00b"])
async def test_what_is_no_line_is_refused(member, lesson, text):
    problem_of(await member.command(path_of(lesson), text=text), 422, "invalid_body")


async def test_staff_write_by_their_part_and_wait_for_nobody(school, admin, director, member, lesson):
    await put(director, path_of(lesson), mode="approved", slow_seconds=600)
    lecturer = await school.person("lecturer")
    for person, kind in ((director, "director"), (lecturer, "lecturer"), (director, "director")):
        line = await say(person, lesson, f"{kind}：十分钟后休息")
        assert (line["kind"], line["state"], line["mine"]) == (kind, "shown", True)
    assert len(texts(await member.get(path_of(lesson)))) == 3
    seen = (await director.get(path_of(lesson))).json
    assert (seen["may_write"], seen["next_at"], seen["items"][0]["mine"]) == (True, None, True)
    mute = await admin.command(f"/api/v1/chat/{line['id']}/mute", minutes=5, reason="x")
    problem_of(mute, 403, "forbidden")
    words, unit = f"/api/v1/units/{demo_id('某集团党委')}/words", {"If-Match": '"0"'}
    unit["If-Match"] = (await admin.get(words)).headers["ETag"]
    kept = await admin.ask("PUT", words, json={"words": ["赌博"]}, headers=unit)
    problem_of(await director.command(path_of(lesson), text="赌博"), 422, "word_listed")
    await admin.ask("PUT", words, json={"words": []}, headers={"If-Match": kept.headers["ETag"]})
    await put(director, path_of(lesson), mode="off")
    problem_of(await director.command(path_of(lesson), text="关了"), 409, "chat_off")


async def test_only_who_has_a_part_writes_and_only_on_the_air(school, admin, director, member, lesson):
    assert (await say(await school.person("venue1"), lesson, "会场"))["kind"] == "venue"
    await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event="end")
    problem_of(await member.command(path_of(lesson), text="晚了"), 409, "lesson_not_on_air")
    problem_of(await member.command(f"/api/v1/chat/{uuid.uuid4()}/approve"), 404, "line_not_found")


async def test_pages_go_back_and_the_queue_goes_on(school, director, member, lesson):
    for n in range(5):
        await say(member, lesson, f"第{n}句")
    first = (await director.get(path_of(lesson), params={"state": "waiting", "limit": "2"})).json
    assert [item["text"] for item in first["items"]] == ["第0句", "第1句"]
    more = {"state": "waiting", "limit": "200", "cursor": first["next_cursor"]}
    assert texts(await director.get(path_of(lesson), params=more)) == ["第2句", "第3句", "第4句"]
    newest = (await member.get(path_of(lesson), params={"limit": "2"})).json
    assert [item["text"] for item in newest["items"]] == ["第3句", "第4句"]
    older = (await member.get(path_of(lesson), params={"cursor": newest["next_cursor"]})).json
    assert [item["text"] for item in older["items"]] == ["第0句", "第1句", "第2句"]
    assert older["next_cursor"] is None
    problem_of(await member.get(path_of(lesson), params={"cursor": "x"}), 422, "invalid_body")


async def test_a_chat_says_where_in_the_log_it_was_read(director, member, lesson):
    await opened(director, lesson)
    await say(member, lesson, "一")
    seen = (await member.get(path_of(lesson))).json
    log = (await member.get(f"/api/v1/lessons/{lesson['id']}/events")).json
    assert seen["seq"] == log["seq"]
    assert seen["items"][-1]["seq"] == [each for each in log["events"] if each["kind"] == "chat.line"][-1]["seq"]
    assert to_account(demo_id("10001")) not in str(log)
