"""Planned launches, through their use cases: by minutes, by a chapter, by a page; once, and never over something."""

import asyncio
import datetime as dt

import pytest

from server.domain.audit import AuditQuery
from server.domain.planned_launches import AFTER_MARK, LATEST, LEAD, Mark, MarkKind, Missed, Obstacle, PlanState
from server.domain.quiz import Terms
from server.services.chapters import mark_chapter
from server.services.curtain import end_standby, set_standby
from server.services.planned_launches import (
    LaunchPlan,
    cancel_planned,
    launch_due,
    launch_planned,
    list_planned,
    plan_launch,
    put_off_planned,
)
from server.services.questions import remove_question
from server.store.database import Database
from server.store.records import SqlRecords
from tests.services.conftest import command_id, make_stagehand, refused
from tests.services.test_quizzes import Classroom, after
from tests.services.test_slides import add_deck, show
from tests.store.samples import NOW

MINUTE = dt.timedelta(minutes=1)
SECOND = dt.timedelta(seconds=1)


class Planner(Classroom):
    async def plan(self, mark, *questions, by="lecturer", now=NOW, seconds=60):
        asked = questions or [await self.prepare()]
        wanted = LaunchPlan(tuple(each.id for each in asked), mark, Terms(seconds, grace_ms=0))
        return await plan_launch(
            self.house, await self.stage.who(by), self.lesson_id, command_id(), plan=wanted, now=now
        )

    async def at(self, now):
        """The house looks."""
        return await launch_due(self.house, now)

    async def of(self, planned):
        listed = await list_planned(self.records, await self.stage.who("lecturer"), self.lesson_id, NOW)
        return next(one for one in listed if one.id == planned.id)

    async def told(self):
        return [event.data for event in await self.stage.events() if event.kind == "quiz.planned"]


def minutes(number):
    return Mark(MarkKind.MINUTES, number)


@pytest.fixture
async def room(live):
    return await Planner(live).enrol()


async def test_what_was_planned_before_the_lesson_is_launched_so_long_after_its_start_once(opened):
    room = Planner(opened)
    planned = await room.plan(minutes(10))
    assert (planned.due_at, planned.state) == (None, PlanState.WAITING)
    await opened.step("start")
    assert (await room.of(planned)).due_at == NOW + 10 * MINUTE
    assert await room.at(NOW) == 600
    assert await room.see("10001") == ()
    await room.at(NOW + 10 * MINUTE)
    await asyncio.gather(*(room.at(NOW + 10 * MINUTE) for _ in range(3)))
    [quiz] = await room.see("10001")
    standing = await room.of(planned)
    assert (standing.state, standing.quiz_id, quiz.launched_at) == (PlanState.LAUNCHED, quiz.id, NOW + 10 * MINUTE)
    [line] = await room.records.read(lambda tx: tx.audit.page(AuditQuery(what="quizzes.planned"), None, 10))
    assert (line.actor, line.about) == (None, f"lesson/{room.lesson_id}")
    assert [data["state"] for data in await room.told()] == ["waiting", "waiting", "launched"]
    assert not {"text", "question_ids"} & set((await room.told())[0])


async def test_a_paper_at_a_chapter_and_a_question_at_a_page(room):
    questions = [await room.prepare() for _ in range(3)]
    paper = await room.plan(Mark(MarkKind.CHAPTER, 1), *questions[:2], seconds=300)
    deck = await add_deck(room.stage)
    page = await room.plan(Mark(MarkKind.PAGE, 2, deck.id), questions[2])
    assert page.mark.name == "消防课件"
    assert await refused(room.plan(Mark(MarkKind.PAGE, 4, deck.id))) == "page_unknown"
    assert await refused(room.plan(Mark(MarkKind.PAGE, 1, command_id()))) == "material_not_found"
    await show(room.stage, deck, 1)
    assert (await room.of(page)).due_at is None
    director = await room.stage.who("director")
    await mark_chapter(room.house, director, room.lesson_id, command_id(), title="", now=NOW + MINUTE)
    assert (await room.of(paper)).due_at == NOW + MINUTE + AFTER_MARK
    await show(room.stage, deck, 3, now=NOW + MINUTE + SECOND)
    await room.at(NOW + MINUTE + AFTER_MARK)
    seen = await room.see("lecturer")
    assert [quiz.run.size for quiz in seen] == [2, 2]
    standing = await room.of(page)
    assert (standing.state, standing.held) == (PlanState.WAITING, Obstacle.QUIZ)
    closed_at = NOW + 8 * MINUTE
    for minute in range(2, 8):  # somebody looked all the time
        for second in (0, 10, 20, 30, 40, 50):
            await room.at(NOW + minute * MINUTE + second * SECOND)
    await room.close(seen[0], now=after(480))
    await room.at(closed_at)
    assert ((await room.of(page)).held, (await room.of(page)).due_at) == (None, closed_at + LEAD)
    await room.at(closed_at + LEAD)
    assert (await room.of(page)).state is PlanState.LAUNCHED
    assert len([data for data in await room.told() if data["held"]]) == 1


async def test_nothing_is_launched_behind_a_curtain_or_after_the_lesson(room):
    planned, other = await room.plan(minutes(1)), await room.plan(minutes(30))
    director = await room.stage.who("director")
    await set_standby(room.house, director, room.lesson_id, command_id(), seconds=None, note="课间休息", now=NOW)
    await room.at(NOW + MINUTE)
    assert ((await room.of(planned)).held, await room.see("10001")) == (Obstacle.CURTAIN, ())
    await end_standby(room.house, director, room.lesson_id, command_id(), now=NOW + MINUTE)
    await room.stage.step("end")
    assert [(await room.of(each)).state for each in (planned, other)] == [PlanState.OVER] * 2
    await room.at(NOW + 31 * MINUTE)
    assert await room.see("10001") == ()


async def test_a_house_that_was_away_says_so_and_a_person_decides(room):
    planned = await room.plan(minutes(1))
    await room.at(NOW + MINUTE + LATEST + SECOND)
    standing = await room.of(planned)
    assert (standing.state, standing.missed, await room.see("10001")) == (PlanState.MISSED, Missed.AWAY, ())
    lecturer = await room.stage.who("lecturer")
    now = NOW + 3 * MINUTE
    again = await put_off_planned(room.house, lecturer, planned.id, command_id(), now)
    assert (again.state, again.due_at) == (PlanState.WAITING, now + 5 * MINUTE)
    done = await launch_planned(room.house, lecturer, planned.id, command_id(), after(181))
    [quiz] = await room.see("10001")
    assert (done.state, done.quiz_id) == (PlanState.LAUNCHED, quiz.id)
    assert await refused(cancel_planned(room.house, lecturer, planned.id, command_id(), now)) == "planned_over"


async def test_what_was_asked_by_hand_or_removed_meanwhile_is_not_launched_by_itself(room):
    first, second = await room.prepare(), await room.prepare()
    asked, gone = await room.plan(minutes(1), first), await room.plan(minutes(2), second)
    await room.close(await room.launch(first))
    lecturer = await room.stage.who("lecturer")
    await remove_question(room.records, lecturer, second.id, version=1, now=NOW)
    await room.at(NOW + MINUTE)
    await room.at(NOW + 2 * MINUTE)
    assert (await room.of(asked)).missed is Missed.ASKED
    standing = await room.of(gone)
    assert (standing.missed, standing.gone, standing.text) == (Missed.QUESTION_GONE, 1, "")
    assert len(await room.see("10001")) == 1


async def test_who_may_and_what_is_refused(room):
    assert await refused(room.plan(minutes(1), await room.prepare(), by="10001")) == "forbidden"
    planned = await room.plan(minutes(5))
    stranger = await room.stage.who("10001")
    for step in (cancel_planned, put_off_planned):
        assert await refused(step(room.house, stranger, planned.id, command_id(), NOW)) == "forbidden"
    assert await refused(launch_planned(room.house, stranger, planned.id, command_id(), after(0))) == "forbidden"
    assert await refused(list_planned(room.records, stranger, room.lesson_id, NOW)) == "forbidden"
    lecturer = await room.stage.who("lecturer")
    assert await refused(cancel_planned(room.house, lecturer, command_id(), command_id(), NOW)) == "planned_not_found"
    assert await refused(room.plan(minutes(1), now=NOW + 2 * MINUTE)) == "mark_passed"
    command = command_id()
    done = await cancel_planned(room.house, lecturer, planned.id, command, NOW)
    assert await cancel_planned(room.house, lecturer, planned.id, command, NOW) == done
    await room.at(NOW + 5 * MINUTE)
    assert await room.see("10001") == ()


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.services)], indirect=True)
async def test_two_control_processes_launch_it_once(room, database_url):
    planned = await room.plan(minutes(1))
    other = await Database.open(database_url)
    try:
        second = make_stagehand(SqlRecords(other), room.lesson_id)
        houses = [room.house, second.house] * 4
        await asyncio.gather(*(launch_due(house, NOW + MINUTE) for house in houses))
    finally:
        await other.close()
    assert len(await room.see("10001")) == 1
    assert (await room.of(planned)).state is PlanState.LAUNCHED
