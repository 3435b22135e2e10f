"""Quizzes by HTTPS and Socket.IO alike, and what bad input gets: a code, and nothing changed."""

import asyncio
import contextlib
import io
import json
import uuid

import openpyxl
import pytest
from socketio.exceptions import SocketIOError

from .conftest import problem_of
from .test_quiz_secrecy import launched, lesson, prepared
from .test_sockets import Socket, ticket

__all__ = ["lesson"]


@pytest.fixture
async def quiz(lecturer, lesson):
    return await launched(lecturer, lesson, await prepared(lecturer, lesson))


def choose(quiz, *places):
    return [quiz["options"][place]["id"] for place in places]


def path_of(quiz):
    return f"/api/v1/quizzes/{quiz['id']}/answer"


async def answered(lecturer, quiz):
    """How many rows there are, as staff see it."""
    items = (await lecturer.get(f"/api/v1/lessons/{quiz['lesson_id']}/quizzes")).json["items"]
    return next(item["answered"] for item in items if item["id"] == quiz["id"])


async def test_an_answer_by_either_way_is_the_same_one(school, lecturer, member, lesson, quiz):
    phone, command = Socket(school), str(uuid.uuid4())
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        first = await phone.ask("answer", {"quiz_id": quiz["id"], "command_id": command, "choice": choose(quiz, 1)})
        again = await member.post(path_of(quiz), {"command_id": command, "choice": choose(quiz, 1)})
        assert again.json == first
        told = {"quiz_id": quiz["id"], "choice": choose(quiz, 1), "received_at": first["received_at"]}
        told |= {"round": 1, "nth": 1}
        assert first == told
        other = {"quiz_id": quiz["id"], "command_id": str(uuid.uuid4()), "choice": choose(quiz, 0)}
        assert (await phone.ask("answer", other))["code"] == "already_answered"
    assert await answered(lecturer, quiz) == 1
    [seen] = (await member.get(f"/api/v1/lessons/{lesson['id']}/quizzes")).json["items"]
    assert seen["my_choice"] == choose(quiz, 1)


async def test_retries_by_both_ways_at_once_count_once(school, lecturer, member, lesson, quiz):
    phone, command = Socket(school), str(uuid.uuid4())
    body = {"command_id": command, "choice": choose(quiz, 2)}
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        *called, asked = await asyncio.gather(
            *(member.post(path_of(quiz), body) for _ in range(5)), phone.ask("answer", {"quiz_id": quiz["id"], **body})
        )
    assert all(answer.json == asked for answer in called)
    assert await answered(lecturer, quiz) == 1


BAD = [
    ({"choice": ["nowhere"]}, 422, "option_unknown"),
    ({"choice": [0, 1]}, 422, "invalid_body"),
    ({"choice": []}, 422, "invalid_body"),
    ({"choice": "text"}, 422, "invalid_body"),
    ({"choice": ["a"] * 11}, 422, "invalid_body"),
    ({"choice": [0], "command_id": "not a uuid"}, 422, "invalid_body"),
    ({"choice": [0], "member_id": str(uuid.uuid4())}, 422, "invalid_body"),
    ({"choice": [0], "received_at": "2020-01-01T00:00:00Z"}, 422, "invalid_body"),
]


@pytest.mark.parametrize("bad", BAD, ids=str)
async def test_bad_answers_by_either_way_are_refused_and_nothing_is_written(school, lecturer, member, quiz, bad):
    """Numbers in ``choice`` stand for options of the quiz. Two of them are one too many here."""
    fields, status, code = bad
    lesson = {"id": quiz["lesson_id"]}
    choice = fields["choice"]
    if isinstance(choice, list):
        choice = [choose(quiz, each)[0] if isinstance(each, int) else each for each in choice]
    body = {"command_id": str(uuid.uuid4()), **fields, "choice": choice}
    problem_of(await member.post(path_of(quiz), body), status, code)
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        assert (await phone.ask("answer", {"quiz_id": quiz["id"], **body}))["code"] == code
    assert await answered(lecturer, quiz) == 0


@pytest.mark.parametrize("data", [None, [], "text", {}, {"quiz_id": 7}])
async def test_what_is_no_answer_gets_a_problem(school, member, lesson, data):
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        assert (await phone.ask("answer", data))["code"] == "invalid_body"


async def test_an_answer_after_closing(lecturer, member, quiz):
    await lecturer.command(f"/api/v1/quizzes/{quiz['id']}/close")
    problem_of(await member.command(path_of(quiz), choice=choose(quiz, 0)), 409, "quiz_closed")
    assert await answered(lecturer, quiz) == 0


@pytest.mark.parametrize("days", [-1, 1])
async def test_a_phone_whose_clock_is_a_day_off_answers_like_any_other(lecturer, member, quiz, days):
    when = f"{'Sun' if days < 0 else 'Tue'}, 0{2 - days} Nov 2026 10:00:00 GMT"
    body = {"command_id": str(uuid.uuid4()), "choice": choose(quiz, 0)}
    answer = await member.post(path_of(quiz), body, headers={"Date": when, "If-Unmodified-Since": when})
    assert answer.status == 200
    assert quiz["launched_at"] <= answer.json["received_at"] < quiz["deadline_at"]


async def test_a_quiz_of_another_lesson(school, admin, lecturer, member, quiz):
    """By a socket of one lesson nothing is answered in another, nor by who may not know it."""
    other = await school.new_lesson(admin, until="live")
    phone = Socket(school)
    body = {"quiz_id": quiz["id"], "command_id": str(uuid.uuid4()), "choice": choose(quiz, 0)}
    async with phone.joined(ticket=await ticket(member, other), lesson_id=other["id"]):
        assert (await phone.ask("answer", body))["code"] == "quiz_not_found"
    hidden = await school.new_lesson(admin, unit="一车间党支部", until="live", venues=False)
    foreign = await launched(admin, hidden, await prepared(admin, hidden))
    problem_of(await member.command(path_of(foreign), choice=choose(foreign, 0)), 404, "quiz_not_found")
    unknown = {**quiz, "id": str(uuid.uuid4())}
    problem_of(await member.command(path_of(unknown), choice=choose(quiz, 0)), 404, "quiz_not_found")
    problem_of(await member.command(f"/api/v1/quizzes/{foreign['id']}/close"), 404, "quiz_not_found")
    assert await answered(lecturer, quiz) == 0


async def test_a_question_of_another_lesson_is_not_launched(school, admin, lesson):
    question = await prepared(admin, lesson)
    other = await school.new_lesson(admin, until="live")
    answer = await admin.command(f"/api/v1/lessons/{other['id']}/quizzes", question_id=question["id"])
    problem_of(answer, 404, "question_not_found")


async def test_a_forged_session_answers_for_nobody(school, lecturer, quiz):
    stranger = await school.stranger()
    body = {"command_id": str(uuid.uuid4()), "choice": choose(quiz, 0)}
    problem_of(await stranger.post(path_of(quiz), body), 401, "not_logged_in")
    forged = {"Cookie": f"__Host-session={'x' * 43}"}
    problem_of(await stranger.post(path_of(quiz), body, headers=forged), 401, "not_logged_in")
    assert await answered(lecturer, quiz) == 0


async def test_a_command_of_somebody_else(school, lecturer, member, quiz):
    command = str(uuid.uuid4())
    assert (await member.post(path_of(quiz), {"command_id": command, "choice": choose(quiz, 0)})).status == 200
    other = await school.person("10002")
    reused = {"command_id": command, "choice": choose(quiz, 1)}
    problem_of(await other.post(path_of(quiz), reused), 409, "command_reused")
    problem_of(await member.post(path_of(quiz), reused), 409, "command_reused")
    assert await answered(lecturer, quiz) == 1


async def test_a_member_neither_prepares_nor_launches_nor_closes(member, lecturer, lesson, quiz):
    path = f"/api/v1/lessons/{lesson['id']}"
    [question] = (await lecturer.get(f"{path}/questions")).json["items"]
    problem_of(await member.get(f"{path}/questions"), 403, "forbidden")
    problem_of(await member.command(f"{path}/quizzes", question_id=question["id"]), 403, "forbidden")
    problem_of(await member.command(f"/api/v1/quizzes/{quiz['id']}/close"), 403, "forbidden")
    tagged = {"headers": {"If-Match": '"1"'}}
    problem_of(await member.ask("DELETE", f"/api/v1/questions/{question['id']}", **tagged), 403, "forbidden")
    assert [item["id"] for item in (await lecturer.get(f"{path}/questions")).json["items"]] == [question["id"]]


async def test_a_question_is_changed_under_its_tag(lecturer, lesson):
    question = await prepared(lecturer, lesson)
    path = f"/api/v1/questions/{question['id']}"
    problem_of(await lecturer.ask("PATCH", path, json={"text": "新"}), 428, "precondition_required")
    problem_of(
        await lecturer.ask("PATCH", path, json={"text": "新"}, headers={"If-Match": '"9"'}), 412, "precondition_failed"
    )
    changed = await lecturer.ask("PATCH", path, json={"text": "新", "seconds": 20}, headers={"If-Match": '"1"'})
    assert (changed.json["text"], changed.json["seconds"], changed.headers["ETag"]) == ("新", 20, '"2"')
    assert changed.json["options"] == question["options"]
    removed = await lecturer.ask("DELETE", path, headers={"If-Match": '"2"'})
    assert (removed.status, removed.body) == (204, b"")
    assert (await lecturer.get(f"/api/v1/lessons/{lesson['id']}/questions")).json["items"] == []


async def test_the_report_as_a_workbook_says_what_was_asked_and_who_reached_what(lecturer, member, admin, lesson, quiz):
    own = (await member.get("/api/v1/session")).json
    right = await member.post(path_of(quiz), {"command_id": str(uuid.uuid4()), "choice": choose(quiz, 0)})
    assert right.status == 200, right.text
    await lecturer.command(f"/api/v1/quizzes/{quiz['id']}/close")
    path = f"/api/v1/lessons/{lesson['id']}/quiz-report/export"
    file = await admin.get(path)
    book = openpyxl.load_workbook(io.BytesIO(file.body), read_only=True)
    questions, _units, people = ([*sheet.values] for sheet in book.worksheets[:3])
    assert (questions[1][0], questions[1][2], questions[1][3]) == ("1", quiz["text"], "1")
    rows = {row[0]: row for row in people[1:] if row[0]}
    assert rows[own["name"]][3] == "1"
    assert sum(row[3] == "1" for row in rows.values()) == 1
    csv = await admin.get(path, params={"format": "csv", "by": "member"})
    assert own["name"] in csv.text
    assert (await member.get(path)).status == 403


async def test_a_flood_of_answers_ends_that_phone_writes_one_and_keeps_nobody_waiting(
    school, lecturer, member, lesson, quiz
):
    flooding, other = Socket(school), Socket(school)
    neighbour = await school.person("10002")
    async with (
        flooding.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]),
        other.joined(ticket=await ticket(neighbour, lesson), lesson_id=lesson["id"]),
    ):
        with contextlib.suppress(SocketIOError):
            for _ in range(10_000):
                body = {"quiz_id": quiz["id"], "command_id": str(uuid.uuid4()), "choice": choose(quiz, 0)}
                await flooding.client.emit("answer", body, namespace="/live")
                if flooding.closed.is_set():
                    break
        async with asyncio.timeout(60):
            await flooding.closed.wait()
        body = {"quiz_id": quiz["id"], "command_id": str(uuid.uuid4()), "choice": choose(quiz, 1)}
        assert (await other.ask("answer", body))["choice"] == choose(quiz, 1)
    assert await answered(lecturer, quiz) == 2


async def test_an_answer_of_64_kib_and_a_byte_more_writes_nothing_and_keeps_nobody_waiting(
    school, lecturer, member, lesson, quiz
):
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        body = {"quiz_id": quiz["id"], "command_id": str(uuid.uuid4()), "choice": choose(quiz, 0)}
        # Blanks mean nothing in JSON: but for its length it is an answer that would be taken.
        head = f"42/live,{json.dumps(['answer', body])[:-1]}"
        await phone.client.eio.ws.send_str(head.ljust(64 << 10) + "]")
        async with asyncio.timeout(60):
            await phone.closed.wait()
    assert await answered(lecturer, quiz) == 0
    body = {"command_id": str(uuid.uuid4()), "choice": choose(quiz, 1)}
    assert (await member.post(path_of(quiz), body)).status == 200
