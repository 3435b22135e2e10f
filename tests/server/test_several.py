"""Several control processes with one PostgreSQL and one Redis are one school."""

import asyncio
import contextlib
import uuid

import pytest

from .conftest import open_school
from .test_quiz_secrecy import launched, prepared
from .test_sockets import Socket, ticket

pytestmark = pytest.mark.services


async def test_what_one_process_does_is_heard_at_the_other(tmp_path, postgres_url, redis_url):
    shared = {"database_url": postgres_url, "redis_url": redis_url, "presence_seconds": 15}
    async with open_school(tmp_path, **shared) as here, open_school(tmp_path, **shared) as there:
        admin, member = await here.person("admin"), await there.person("10001")
        lesson = await here.new_lesson(admin, until="open")
        phone = Socket(there)
        async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
            waiting = asyncio.create_task(member.get(f"/api/v1/lessons/{lesson['id']}/events?since=2&wait=25"))
            await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event="start")
            await phone.until(lambda name, data: name == "event" and data["data"].get("state") == "live")
            async with asyncio.timeout(20):  # less than it would have waited
                assert (await waiting).json["events"]
            stage = (await admin.get(f"/api/v1/lessons/{lesson['id']}/stage")).json
            assert stage["online"] == 1
        # A ticket from here is good there: the keys are in the shared folder.
        other = Socket(here)
        async with other.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
            assert (await other.ask("beat", {}))["server_time"]


async def test_logging_out_at_one_process_cuts_the_sockets_at_the_other(tmp_path, postgres_url, redis_url):
    shared = {"database_url": postgres_url, "redis_url": redis_url, "rights_seconds": 300}
    async with open_school(tmp_path, **shared) as here, open_school(tmp_path, **shared) as there:
        admin, member = await here.person("admin"), await here.person("10001")
        lesson = await here.new_lesson(admin, until="open")
        phone = Socket(there)
        async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
            async with asyncio.timeout(60):
                await there.control.house.fanout.listening.wait()
            await member.ask("DELETE", "/api/v1/session")
            farewell = await phone.until(lambda name, _: name == "bye")
            assert farewell["code"] == "not_logged_in"
            async with asyncio.timeout(60):
                await phone.closed.wait()


async def test_an_answer_given_here_is_the_same_there_and_both_desks_count_it_once(tmp_path, postgres_url, redis_url):
    shared = {"database_url": postgres_url, "redis_url": redis_url}
    async with open_school(tmp_path, **shared) as here, open_school(tmp_path, **shared) as there:
        admin, member = await here.person("admin"), await there.person("10001")
        lesson = await here.new_lesson(admin, until="live")
        desks, phone = [Socket(here), Socket(there)], Socket(there)
        async with contextlib.AsyncExitStack() as stack:
            for school, desk in zip((here, there), desks, strict=True):
                lecturer = await school.person("lecturer")
                pass_ = await ticket(lecturer, lesson)
                await stack.enter_async_context(desk.joined(ticket=pass_, lesson_id=lesson["id"], face="desk"))
            pass_ = await ticket(member, lesson)
            await stack.enter_async_context(phone.joined(ticket=pass_, lesson_id=lesson["id"]))
            lecturer = await here.person("lecturer")
            quiz = await launched(lecturer, lesson, await prepared(lecturer, lesson))
            await phone.until(lambda name, data: name == "event" and data["kind"] == "quiz.launched")
            body = {"command_id": str(uuid.uuid4()), "choice": [quiz["options"][1]["id"]]}
            first = await phone.ask("answer", {"quiz_id": quiz["id"], **body})
            again = await (await here.person("10001")).post(f"/api/v1/quizzes/{quiz['id']}/answer", body)
            assert again.json == first
            for desk in desks:
                await desk.until(lambda name, data: name == "quiz" and data["answered"] == 1)
        assert not any(data["answered"] > 1 for desk in desks for name, data in desk.heard if name == "quiz")
