"""先审后发: what is not approved reaches no other member and no venue's screen. Everything that is sent to them is
scanned: REST, sockets, the log as each hears it. Once it is approved the same scan finds it, so it can find.
"""

import contextlib
import json

import pytest

from server import clock
from server.services.counting import Told, count_all

from .conftest import problem_of
from .test_quiz_secrecy import Onlooker
from .test_sockets import Socket, ticket

WAITING, DECLINED, MERGED, BACK = "记号待审四一", "记号退回五二", "记号合并六三", "记号收回七四"
MARKS = (WAITING, DECLINED, MERGED, BACK)
TARGET = "采纳的一条"


@pytest.fixture
async def lesson(school, admin):
    return await school.new_lesson(admin, until="live")


async def asked(person, lesson, text):
    answer = await person.command(f"/api/v1/lessons/{lesson['id']}/inquiries", text=text)
    assert answer.status == 201, answer.text
    return answer.json


async def decided(staff, inquiry, step, **more):
    answer = await staff.command(f"/api/v1/inquiries/{inquiry['id']}/steps", step=step, **more)
    assert answer.status == 200, answer.text
    return answer.json


def found(onlooker, marks=MARKS):
    return {mark for mark in marks for text in onlooker.traffic if mark in text}


async def shown_to(onlooker, inquiry):
    def heard(name, data):
        return name == "event" and data["kind"] == "inquiry.shown" and data["data"]["inquiry"]["id"] == inquiry["id"]

    return await onlooker.socket.until(heard)


async def test_nothing_that_is_not_approved_reaches_anybody_else(school, director, lesson):
    lesson_id = lesson["id"]
    async with contextlib.AsyncExitStack() as stack:

        async def onlooker(number, face):
            person, socket = await school.person(number), Socket(school)
            auth = {"ticket": await ticket(person, lesson), "lesson_id": lesson_id, "face": face}
            await stack.enter_async_context(socket.joined(**auth))
            return Onlooker(person, socket)

        watching = [
            await onlooker("10002", "phone"),
            await onlooker("10003", "console"),
            await onlooker("venue1", "venue"),
            await onlooker("secretary", "board"),
        ]
        author, other = await school.person("10001"), await school.person("10004")
        waiting, declined = await asked(author, lesson, WAITING), await asked(author, lesson, DECLINED)
        merged, back = await asked(author, lesson, MERGED), await asked(other, lesson, BACK)
        target = await asked(other, lesson, TARGET)
        await decided(director, declined, "decline")
        await decided(director, target, "approve")
        await decided(director, merged, "merge", into=target["id"])
        await director.command(f"/api/v1/inquiries/{waiting['id']}/assign", to="讲师")
        for each in watching:
            await shown_to(each, target)
            for inquiry in (waiting, declined, merged):
                path = f"/api/v1/inquiries/{inquiry['id']}"
                each.keep(await each.person.command(f"{path}/vote", up=True))
                each.keep(await each.person.command(f"{path}/steps", step="approve"))
                each.keep(await each.person.command(f"{path}/answer", answer="……"))
                each.keep(await each.person.command(f"{path}/steps", step="merge", into=target["id"]))
            await each.read_everything(lesson_id, lesson_id)
            each.keep(await each.person.get(f"/api/v1/lessons/{lesson_id}/inquiries/export"))
            each.bodies.append(json.dumps(await each.socket.ask("since", {"seq": 0}), ensure_ascii=False))
            assert found(each) == set()
            assert found(each, (TARGET,)) == {TARGET}  # the scan can find

        # What was shown and taken back is in nothing that is sent from now on.
        await decided(director, back, "approve")
        for each in watching:
            await shown_to(each, back)
            assert found(each) == {BACK}
        await decided(director, back, "decline")
        for each in watching:
            await each.socket.until(lambda name, data: name == "event" and data["kind"] == "inquiry.hidden")
            each.bodies.clear()
            each.socket.heard.clear()
            await each.read_everything(lesson_id, lesson_id)
            each.bodies.append(json.dumps(await each.socket.ask("since", {"seq": 0}), ensure_ascii=False))
            assert found(each) == set()

        own = [each["text"] for each in (await author.get(f"/api/v1/lessons/{lesson_id}/inquiries")).json["items"]]
        assert own == [WAITING, DECLINED, MERGED, TARGET]
        staff = (await director.get(f"/api/v1/lessons/{lesson_id}/inquiries")).json
        assert {each["text"] for each in staff["items"]} == {*MARKS, TARGET}


async def test_votes_are_told_together_and_signals_to_staff_alone(school, director, lesson):
    member, voter = await school.person("10001"), await school.person("10002")
    inquiry = await asked(member, lesson, "如何报告险情？")
    await decided(director, inquiry, "approve")
    phone, console = Socket(school), Socket(school)
    async with (
        phone.joined(ticket=await ticket(voter, lesson), lesson_id=lesson["id"], face="phone"),
        console.joined(ticket=await ticket(director, lesson), lesson_id=lesson["id"], face="console"),
    ):
        vote = await voter.command(f"/api/v1/inquiries/{inquiry['id']}/vote", up=True)
        assert vote.json == {"inquiry_id": inquiry["id"], "up": True, "votes": 1}
        for each in (phone, console):
            heard = await each.until(lambda name, data: name == "event" and data["kind"] == "inquiry.votes")
            assert (heard["data"], heard.get("actor")) == ({"votes": {inquiry["id"]: 1}}, None)
        path = f"/api/v1/lessons/{lesson['id']}/signals"
        assert (await voter.post(path, {"signal": "unclear"})).status == 204
        told = await console.until(lambda name, data: name == "signals" and data["unclear"] == 1)
        assert told == {"clear": 0, "unclear": 1, "fast": 0, "hint": False}
        assert (await director.get(path)).json == told
        problem_of(await voter.get(path), 403, "forbidden")
        problem_of(await voter.post(path, {"signal": "loud"}), 422, "invalid_body")
        logged = await console.until(lambda name, data: name == "event" and data["kind"] == "signals.counted")
        assert logged["data"] == told
        assert not [name for name, _ in phone.heard if name == "signals"]
        log = (await voter.get(f"/api/v1/lessons/{lesson['id']}/events?since=0")).json["events"]
        assert not [each for each in log if each["kind"] == "signals.counted"]


async def test_nobody_is_named_by_a_signal(school, director, lesson):
    """Whatever is written while it is given and counted: its count in the log, and who gave it nowhere."""
    member = await school.person("10111")  # whom no other test lets in
    me = (await member.get("/api/v1/session")).json
    path = f"/api/v1/lessons/{lesson['id']}/signals"

    def everything(tx):
        connection = tx.inquiries._connection
        tables = connection.dialect.get_table_names(connection)
        return {
            (table, repr(row)) for table in tables for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"')
        }

    records = school.control.house.records
    before = await records.read(everything)
    assert (await member.post(path, {"signal": "fast"})).status == 204
    assert (await director.get(path)).json == {"clear": 0, "unclear": 0, "fast": 1, "hint": False}
    await count_all(school.control.house, Told(), clock.utc_now())
    written = await records.read(everything) - before
    assert [row for table, row in written if "signals.counted" in row]
    box = repr(vars(school.control.house.signals))
    for name in (me["account_id"], me["member_id"], me["name"], "10111"):
        assert name
        assert name not in repr(written)
        assert name not in box


async def test_signals_are_paced(school, lesson, time_stands):
    member = await school.person("10005")
    path = f"/api/v1/lessons/{lesson['id']}/signals"
    answers = [await member.post(path, {"signal": "clear"}) for _ in range(12)]
    assert answers[0].status == 204
    assert problem_of(answers[-1], 429, "too_fast")


@pytest.mark.parametrize(
    "text",
    ["", " \n", "问" * 501, "钟\u0007声", 7, None, ["x"]],
    ids=["empty", "space", "long", "bell", "7", "null", "list"],
)
async def test_what_is_no_question_is_refused_and_nothing_is_written(school, director, lesson, text):
    member = await school.person("10001")
    path = f"/api/v1/lessons/{lesson['id']}/inquiries"
    problem_of(await member.command(path, text=text), 422, "invalid_body")
    assert (await director.get(path)).json["items"] == []


async def test_a_script_stays_text_and_a_formula_is_none_in_the_table(school, director, lesson):
    member = await school.person("10001")
    path = f"/api/v1/lessons/{lesson['id']}/inquiries"
    for text in ("<script>alert(1)</script>", "=HYPERLINK(1)", "＝１＋１"):
        await asked(member, lesson, text)
    listed = (await director.get(path)).json["items"]
    assert listed[0]["text"] == "<script>alert(1)</script>"
    table = await director.get(f"{path}/export")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table.body.startswith(b"\xef\xbb\xbf")
    text = table.body.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert "'＝１＋１" in text


async def test_many_are_approved_at_once_and_chapters_by_https(school, director, lesson):
    ids = []
    for number in range(1, 6):
        ids.append((await asked(await school.person(f"1000{number}"), lesson, f"第 {number} 问"))["id"])
    path = f"/api/v1/lessons/{lesson['id']}"
    done = await director.command(f"{path}/inquiries/decisions", step="approve", ids=ids)
    assert [each["state"] for each in done.json["items"]] == ["approved"] * 5
    placed = await director.command(f"{path}/inquiries/order", ids=ids[::-1])
    assert placed.json == {"ids": ids[::-1]}
    desk = await director.command(f"{path}/inquiries/desk", band=False)
    assert desk.json == {"names": True, "order": "hand", "band": False}
    marked = (await director.command(f"{path}/chapters", title="开场")).json
    named = await director.command(f"/api/v1/chapters/{marked['id']}", title="导入")
    assert named.json == {**marked, "title": "导入"}
    member = await school.person("10001")
    assert (await member.get(f"{path}/chapters")).json == {"items": [named.json]}
    assert (await director.ask("DELETE", f"/api/v1/chapters/{marked['id']}")).status == 204
