"""Rights live as long as they are held, over the wire: sockets and streams end with login, account and role."""

import asyncio

import pytest
import sqlalchemy as sa

from server.services.demo import demo_id
from server.store.schema import accounts, media_sessions, role_grants

from .conftest import open_school
from .test_sockets import Socket, ticket
from .test_streams import opened


def database(school):
    return school.control.house.records._records._database  # below the audit log


async def change(school, statement):
    await database(school).write(lambda connection: connection.execute(statement))


def disabled(number):
    return sa.update(accounts).where(accounts.c.id == demo_id(number)).values(disabled=True)


async def ended(socket, code):
    farewell = await socket.until(lambda name, _: name == "bye")
    assert farewell["code"] == code
    assert farewell["retry_after_ms"] >= 0
    async with asyncio.timeout(60):
        await socket.closed.wait()
    return farewell


async def until(holds):
    async with asyncio.timeout(60):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.01)


@pytest.fixture
async def lesson(school, admin):
    return await school.new_lesson(admin, until="open")


async def test_logging_out_cuts_the_sockets_of_that_login_at_once_and_no_other(school, lesson):
    mine, elsewhere = await school.person("10007"), await school.person("10007")
    phone, other = Socket(school), Socket(school)
    async with (
        phone.joined(ticket=await ticket(mine, lesson), lesson_id=lesson["id"]),
        other.joined(ticket=await ticket(elsewhere, lesson), lesson_id=lesson["id"]),
    ):
        assert (await mine.ask("DELETE", "/api/v1/session")).status == 204
        farewell = await ended(phone, "not_logged_in")
        assert farewell["title"]
        assert farewell["title_en"]
        assert (await other.ask("beat", {}))["server_time"]


async def test_logging_out_ends_the_streams_of_that_login_at_once(school, lesson):
    viewer = await school.person("10008")
    answer = await opened(viewer, lesson, "watch", "recvonly", view="programme")
    assert answer.status == 201, answer.text
    assert (await viewer.ask("DELETE", "/api/v1/session")).status == 204
    tag = {"If-Match": "*", "Content-Type": "application/trickle-ice-sdpfrag"}

    async def unknown():
        patched = await viewer.ask("PATCH", answer.headers["Location"], data=b"", headers=tag, origin=None)
        return patched.status == 404

    await until(unknown)


@pytest.mark.process
async def test_who_lost_account_or_role_is_sent_away_at_the_next_look(tmp_path):
    async with open_school(tmp_path, rights_seconds=1) as school:
        admin = await school.person("admin")
        lesson = await school.new_lesson(admin, until="open")
        director, member, stays = [await school.person(number) for number in ("director", "10001", "10002")]
        console, phone, third = Socket(school), Socket(school), Socket(school)
        async with (
            console.joined(ticket=await ticket(director, lesson), lesson_id=lesson["id"], face="console"),
            phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]),
            third.joined(ticket=await ticket(stays, lesson), lesson_id=lesson["id"]),
        ):
            await change(school, disabled("10001"))
            await change(school, sa.delete(role_grants).where(role_grants.c.account_id == demo_id("director")))
            await ended(phone, "not_logged_in")
            await ended(console, "lesson_not_found")
            assert (await third.ask("beat", {}))["server_time"]
            metrics = (await admin.get("/metrics")).text
            assert 'dangxiao_sockets_cut_total{reason="not_logged_in"}' in metrics


@pytest.mark.process
async def test_who_may_hear_less_than_before_comes_again_for_it(tmp_path):
    async with open_school(tmp_path, rights_seconds=1) as school:
        admin, lecturer = await school.person("admin"), await school.person("lecturer")
        lesson = await school.new_lesson(admin, until="open")
        desk = Socket(school)
        async with desk.joined(ticket=await ticket(lecturer, lesson), lesson_id=lesson["id"], face="desk"):
            grants = sa.insert(role_grants).values(
                account_id=demo_id("lecturer"), role="secretary", unit_id=demo_id("某集团党委")
            )
            await change(school, grants)
            teaches = sa.text("UPDATE lessons SET lecturer_id = NULL WHERE id = :id").bindparams(id=lesson["id"])
            await change(school, teaches)
            farewell = await ended(desk, "rights_changed")
            assert "title" not in farewell
        again = Socket(school)
        async with again.joined(ticket=await ticket(lecturer, lesson), lesson_id=lesson["id"], face="desk"):
            assert (await again.ask("beat", {}))["server_time"]


@pytest.mark.process
async def test_streams_of_a_disabled_account_end_at_the_next_look(tmp_path):
    async with open_school(tmp_path, rights_seconds=1) as school:
        admin, lecturer = await school.person("admin"), await school.person("lecturer")
        lesson = await school.new_lesson(admin, until="open")
        answer = await opened(lecturer, lesson, "publish", "sendonly", source="main")
        assert answer.status == 201, answer.text
        await change(school, disabled("lecturer"))
        query = sa.select(media_sessions.c.ended_at)

        async def noted():
            return await database(school).read(lambda c: c.execute(query).scalar_one())

        await until(noted)
        assert (await school.control.house.media.stats())[0].sessions == 0
