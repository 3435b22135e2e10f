"""Quizzes through their use cases: prepared, launched, answered once, closed by the lecturer or by the clock."""

import asyncio
import datetime as dt
import random
from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.domain.access import Role, RoleGrant
from server.domain.members import MemberKind
from server.domain.quiz import CHOICES, AnswerChannel, Keep, QuestionKind, Tally, Terms
from server.domain.quiz_clock import CLOSING_MARGIN, Moment
from server.domain.roster import RosterEntry
from server.services.answering import Attempt, _answer_all, _Paper, answer_quiz
from server.services.closing import close_due, keep_time
from server.services.demo import ROOT, demo_id
from server.services.events import events_since
from server.services.questions import (
    QuestionChange,
    QuestionPlan,
    add_question,
    change_question,
    list_questions,
    remove_question,
)
from server.services.quiz_launches import launch_quiz
from server.services.quiz_times import extend_quiz, pause_quiz, reopen_quiz, resume_quiz
from server.services.quizzes import close_quiz, list_quizzes, running_count
from server.services.unanswered import unanswered
from server.store.database import Database
from server.store.quizzes import SqlQuizzes
from server.store.records import SqlRecords
from server.store.schema import roster_entries
from tests.services.conftest import command_id, make_stagehand, refused
from tests.store.samples import NOW

PLAN = QuestionPlan(QuestionKind.MULTIPLE, "哪些要戴安全帽？", ("车间", "食堂", "工地"), (0, 2), "有坠物风险", 60)
SECOND = dt.timedelta(seconds=1)
ON_ROSTER = ("10001", "10002", "10021")  # two of 综合党支部, one of 财务党支部


def after(seconds, *, wall=None):
    """``seconds`` after NOW on the steady clock; ``wall``: what the wall clock says meanwhile, if it was set."""
    at = NOW + dt.timedelta(seconds=seconds if wall is None else wall)
    return Moment(at, 1_000_000.0 + seconds * 1000)


class Classroom:
    """A live lesson with a roster, and short words for who does what."""

    def __init__(self, stage):
        self.stage, self.house, self.records, self.lesson_id = stage, stage.house, stage.records, stage.lesson_id

    async def enrol(self, numbers=ON_ROSTER):
        branches = {"10001": "综合党支部", "10002": "综合党支部", "10021": "财务党支部"}
        entries = [RosterEntry(demo_id(f"member {n}"), n, MemberKind.FULL, demo_id(branches[n]), None) for n in numbers]

        def expect(tx):
            """Opening expected the whole organisation."""
            tx._connection.execute(sa.delete(roster_entries).where(roster_entries.c.lesson_id == self.lesson_id))
            tx.roster.add(self.lesson_id, entries)

        await self.records.write(expect)
        return self

    async def prepare(self, plan=PLAN, by="lecturer", command=None):
        who = await self.stage.who(by)
        command = command or command_id()
        return await add_question(self.records, who, self.lesson_id, command, plan=plan, now=NOW)

    async def launch(self, question=None, *, by="lecturer", seconds=None, command=None, now=None, **terms):
        question = question or await self.prepare()
        return await launch_quiz(
            self.house,
            await self.stage.who(by),
            self.lesson_id,
            command or command_id(),
            question_id=question.id,
            terms=Terms(seconds, grace_ms=0, **terms),
            now=now or after(0),
        )

    async def answer(self, quiz, number, *places, command=None, now=None, **fields):
        choice = tuple(quiz.options[place].id for place in places)
        attempt = Attempt(quiz.id, command or command_id(), choice, AnswerChannel.HTTPS, now or after(1))
        return await answer_quiz(self.house, await self.stage.who(number), replace(attempt, **fields))

    async def close(self, quiz, *, by="lecturer", command=None, now=None):
        who = await self.stage.who(by)
        return await close_quiz(self.house, who, quiz.id, command or command_id(), now or after(10))

    async def see(self, number):
        return await list_quizzes(self.records, await self.stage.who(number), self.lesson_id, NOW)

    async def rows(self, quiz):
        return await self.records.read(lambda tx: tx.quizzes.answered(quiz.id))


@pytest.fixture
async def room(live):
    return await Classroom(live).enrol()


# ---- preparing -------------------------------------------------------------------------------------------


async def test_questions_are_prepared_in_order_and_a_retry_adds_none(stage):
    room, command = Classroom(stage), command_id()
    before = await list_questions(stage.records, await stage.who("lecturer"), stage.lesson_id, NOW)
    first = await room.prepare(command=command)
    assert await room.prepare(command=command) == first
    second = await room.prepare(replace(PLAN, kind=QuestionKind.TRUE_FALSE, options=(), correct=(1,)))
    assert [option.text for option in second.options] == ["正确", "错误"]
    listed = await list_questions(stage.records, await stage.who("director"), stage.lesson_id, NOW)
    assert listed == (*before, first, second)
    assert second.position == first.position + 1


@pytest.mark.parametrize("number", ["10001", "secretary", "venue1"])
async def test_who_does_not_launch_does_not_see_the_questions(opened, number):
    room = Classroom(opened)
    question = await room.prepare()
    who = await opened.who(number)
    assert await refused(list_questions(opened.records, who, opened.lesson_id, NOW)) == "forbidden"
    assert await refused(room.prepare(by=number)) == "forbidden"
    assert await refused(remove_question(opened.records, who, question.id, version=1, now=NOW)) == "forbidden"
    assert await refused(room.launch(question, by=number)) == "forbidden"


async def test_a_question_is_changed_under_its_version_and_a_launched_quiz_keeps_its_copy(room):
    lecturer = await room.stage.who("lecturer")
    question = await room.prepare()
    quiz = await room.launch(question)
    change = QuestionChange(text="改过", options=("甲", "乙"), correct=(1,))

    def try_it(version, changed=change):
        return change_question(room.records, lecturer, question.id, changed, version=version, now=NOW)

    assert await refused(try_it(7)) == "precondition_failed"
    changed = await try_it(1)
    assert (changed.version, changed.text, changed.correct) == (2, "改过", (changed.options[1].id,))
    assert await refused(try_it(2, QuestionChange(options=("一", "二")))) == "invalid_body"
    assert await refused(try_it(2, QuestionChange(correct=(2,)))) == "invalid_body"
    assert (await try_it(2, QuestionChange(seconds=30))).options == changed.options
    [seen] = await room.see("10001")
    assert (seen.text, seen.options) == (PLAN.text, quiz.options)
    await remove_question(room.records, lecturer, question.id, version=3, now=NOW)
    assert await refused(try_it(3)) == "question_not_found"
    assert len(await room.see("10001")) == 1


async def test_a_question_with_several_right_ones_cannot_become_one_with_one(room):
    question = await room.prepare()
    change = QuestionChange(kind=QuestionKind.SINGLE)
    who = await room.stage.who("lecturer")
    assert await refused(change_question(room.records, who, question.id, change, version=1, now=NOW)) == "invalid_body"


async def test_after_the_lesson_nothing_is_prepared_or_launched(room):
    question = await room.prepare()
    await room.stage.step("end")
    assert await refused(room.prepare()) == "not_editable"
    assert await refused(room.launch(question)) == "lesson_not_on_air"


async def test_the_demonstration_lesson_has_a_question_of_each_kind_of_choice(stage):
    who = await stage.who("lecturer")
    questions = await list_questions(stage.records, who, stage.lesson_id, NOW)
    assert {question.kind for question in questions} == CHOICES
    assert all(question.explanation for question in questions)


# ---- launching -------------------------------------------------------------------------------------------


async def test_a_launch_tells_everybody_the_question_and_nothing_of_the_answer(room):
    quiz = await room.launch()
    event = (await room.stage.events())[-1]
    assert (event.kind, event.audience) == ("quiz.launched", "everyone")
    assert event.data == {
        "quiz_id": quiz.id,
        "question_id": quiz.question_id,
        "number": 1,
        "kind": "multiple",
        "text": PLAN.text,
        "options": [{"id": option.id, "text": option.text} for option in quiz.options],
        "seconds": 60,
        "deadline_at": "2026-11-22T01:01:00Z",
        "scored": True,
        "places": 0,
        "keep": "first",
        "picture": None,
    }


async def test_one_quiz_at_a_time_and_a_retry_launches_none(room):
    question, command = await room.prepare(), command_id()
    quiz = await room.launch(question, command=command)
    assert (await room.launch(question, command=command)).id == quiz.id
    assert await refused(room.launch(question)) == "quiz_running"
    await room.close(quiz)
    again = await room.launch(question, seconds=20)
    assert (again.number, again.seconds) == (2, 20)


async def test_a_question_of_another_lesson_is_not_launched(room):
    other = await room.records.write(lambda tx: _another_lesson(tx, room.stage))
    who = await room.stage.who("admin")
    foreign = await add_question(room.records, who, other, command_id(), plan=PLAN, now=NOW)
    assert await refused(room.launch(foreign)) == "question_not_found"


def _another_lesson(tx, stage, unit=None):
    lesson = tx.lessons.get(stage.lesson_id)
    other = replace(lesson, id=command_id(), venues=(), recording_id=None, unit_id=unit or lesson.unit_id)
    tx.lessons.add(other)
    return other.id


# ---- answering -------------------------------------------------------------------------------------------


async def test_an_answer_counts_once_however_often_it_is_sent(room):
    quiz, command = await room.launch(), command_id()
    first = await room.answer(quiz, "10001", 0, 2, command=command)
    assert first.received_at == NOW + SECOND
    for late in (2, 61, 3600):
        assert await room.answer(quiz, "10001", 2, 0, command=command, now=after(late)) == first
    await room.close(quiz)
    assert await room.answer(quiz, "10001", 0, 2, command=command) == first
    assert await room.rows(quiz) == 1


async def test_retries_at_the_same_time_count_once(room):
    quiz, command = await room.launch(), command_id()
    answers = await asyncio.gather(*(room.answer(quiz, "10001", 1, command=command) for _ in range(8)))
    assert len(set(answers)) == 1
    assert await room.rows(quiz) == 1


async def test_answers_that_come_together_are_written_in_one_order_whoever_comes_first(room, monkeypatch):
    """Two processes that write the same ones never wait for each other in a ring."""
    put, orders = SqlQuizzes.put, []

    def noted(self, new):
        orders.append([answer.key for answer in new])
        return put(self, new)

    monkeypatch.setattr(SqlQuizzes, "put", noted)
    quiz = await room.launch()
    choice, hall = (quiz.options[0].id,), [await room.stage.who(number) for number in ON_ROSTER]
    hall.sort(key=lambda who: who.member_id, reverse=True)
    papers = [
        _Paper(who, Attempt(quiz.id, command_id(), choice, AnswerChannel.HTTPS, after(1)), room.house.deadlines)
        for who in hall
    ]
    taken = await room.records.write(lambda tx: _answer_all(tx, papers))
    assert [view.choice for view in taken] == [choice] * len(hall)
    (order,) = orders
    assert order == sorted(order)
    assert len(order) == len(hall)


async def test_a_second_answer_is_refused_and_the_first_stays(room):
    quiz, command = await room.launch(), command_id()
    await room.answer(quiz, "10001", 0, 2, command=command)
    assert await refused(room.answer(quiz, "10001", 1)) == "already_answered"
    assert await refused(room.answer(quiz, "10001", 1, command=command)) == "command_reused"
    assert await refused(room.answer(quiz, "10002", 1, command=command)) == "command_reused"
    assert [view.my_choice for view in await room.see("10001")] == [(quiz.options[0].id, quiz.options[2].id)]
    assert await room.rows(quiz) == 1


@pytest.mark.parametrize("seconds", [60, 60.001, 86_400])
async def test_late_by_the_servers_clock_is_refused(room, seconds):
    quiz = await room.launch()
    assert await refused(room.answer(quiz, "10001", 0, now=after(seconds))) == "quiz_closed"
    await room.answer(quiz, "10002", 0, now=after(59.999))
    assert await room.rows(quiz) == 1


@pytest.mark.parametrize("jump", [-86_400, 86_400])
async def test_a_wall_clock_set_during_the_quiz_makes_nobody_late_or_early(room, jump):
    quiz = await room.launch()
    await room.answer(quiz, "10001", 0)  # the deadline is mapped now
    await room.answer(quiz, "10002", 0, now=after(59, wall=59 + jump))
    assert await refused(room.answer(quiz, "10021", 0, now=after(61, wall=61 + jump))) == "quiz_closed"


async def test_after_closing_nothing_is_taken_even_with_time_left(room):
    quiz = await room.launch()
    await room.close(quiz)
    assert await refused(room.answer(quiz, "10001", 0, now=after(1))) == "quiz_closed"
    assert await room.rows(quiz) == 0


@pytest.mark.parametrize(
    ("choice", "code"), [(("nowhere",), "option_unknown"), ((), "invalid_body"), (("0", "0"), "option_unknown")]
)
async def test_a_choice_that_is_none_is_refused(room, choice, code):
    quiz = await room.launch()
    assert await refused(room.answer(quiz, "10001", choice=choice)) == code
    assert await room.rows(quiz) == 0


async def test_two_options_of_a_single_choice_are_refused(room):
    quiz = await room.launch(await room.prepare(replace(PLAN, kind=QuestionKind.SINGLE, correct=(0,))))
    assert await refused(room.answer(quiz, "10001", 0, 1)) == "invalid_body"
    await room.answer(quiz, "10001", 0)


@pytest.mark.parametrize("number", ["10003", "lecturer", "venue1", "secretary"])
async def test_only_the_roster_answers(room, number):
    quiz = await room.launch()
    assert await refused(room.answer(quiz, number, 0)) == "not_on_roster"
    assert await room.rows(quiz) == 0


async def test_a_quiz_of_another_lesson_does_not_exist_for_a_socket_or_a_stranger(room):
    quiz = await room.launch()
    assert await refused(room.answer(quiz, "10001", 0, lesson_id=command_id())) == "quiz_not_found"
    assert await refused(room.answer(quiz, "10001", 0, quiz_id=command_id())) == "quiz_not_found"
    other = await room.records.write(lambda tx: _another_lesson(tx, room.stage, demo_id("一车间党支部")))
    question = await add_question(room.records, await room.stage.who("admin"), other, command_id(), plan=PLAN, now=NOW)
    foreign = await launch_quiz(
        room.house,
        await room.stage.who("admin"),
        other,
        command_id(),
        question_id=question.id,
        terms=Terms(),
        now=after(0),
    )
    assert await refused(room.answer(foreign, "10001", 0)) == "quiz_not_found"
    assert await refused(room.close(foreign, by="10001")) == "quiz_not_found"


# ---- seeing ----------------------------------------------------------------------------------------------


async def test_before_closing_members_and_venues_see_no_result_and_staff_do(room):
    quiz = await room.launch()
    await room.answer(quiz, "10001", 0, 2)
    for number in ("10001", "10002", "secretary"):
        [seen] = await room.see(number)
        assert (seen.result, seen.answered, seen.expected, seen.closed_at) == (None, None, None, None)
    [screen] = await room.see("venue1")
    assert (screen.result, screen.answered, screen.expected) == (None, 1, 3)
    [desk] = await room.see("lecturer")
    assert (desk.answered, desk.expected, desk.result.right) == (1, 3, 1)
    assert sum(desk.result.distribution.values()) == 2
    assert len(desk.result.units) == 2


async def test_who_operates_a_room_sees_the_result_of_the_own_unit_as_every_member(room):
    quiz = await room.launch()
    await room.answer(quiz, "10021", 1)
    await room.close(quiz)
    grants, operates = (RoleGrant(Role.MEMBER, ROOT),), ((await room.stage.who("venue1")).venue_id,)
    operator = replace(await room.stage.who("10001"), grants=grants, operates=operates)
    (seen,) = await list_quizzes(room.records, operator, room.lesson_id, NOW)
    assert [unit.name for unit in seen.result.units] == ["综合党支部"]


async def test_after_closing_everybody_sees_the_result_and_members_their_own_unit(room):
    quiz = await room.launch()
    await room.answer(quiz, "10001", 0, 2)
    await room.answer(quiz, "10021", 1)
    await room.close(quiz)
    ids = [option.id for option in quiz.options]
    [seen] = await room.see("10001")
    assert seen.result.distribution == {ids[0]: 1, ids[1]: 1, ids[2]: 1}
    assert (seen.result.answered, seen.result.right, seen.expected) == (2, 1, 3)
    assert (seen.result.correct, seen.result.explanation) == ((ids[0], ids[2]), PLAN.explanation)
    assert [(unit.name, unit.expected, unit.answered, unit.right) for unit in seen.result.units] == [
        ("综合党支部", 2, 1, 1)
    ]
    assert [unit.name for unit in (await room.see("secretary"))[0].result.units] == ["综合党支部"]
    assert len((await room.see("director"))[0].result.units) == 2
    event = (await room.stage.events())[-1]
    assert (event.kind, event.audience, event.data["right"]) == ("quiz.closed", "everyone", 1)
    assert event.data["distribution"] == seen.result.distribution


async def test_the_running_count_follows_the_answers_and_ends_with_the_quiz(room):
    assert await running_count(room.records, room.lesson_id) is None
    quiz = await room.launch()
    await room.answer(quiz, "10001", 0)
    count = await running_count(room.records, room.lesson_id)
    assert (count.quiz_id, count.answered, count.expected) == (quiz.id, 1, 3)
    assert sum(count.distribution.values()) == 1
    await room.close(quiz)
    assert await running_count(room.records, room.lesson_id) is None


# ---- closing ---------------------------------------------------------------------------------------------


async def test_closing_twice_is_told_once(room):
    quiz, command = await room.launch(), command_id()
    closed = await room.close(quiz, command=command)
    assert closed.closed_at == NOW + 10 * SECOND
    assert await room.close(quiz, command=command) == closed
    assert (await room.close(quiz, now=after(20))).closed_at == closed.closed_at
    await asyncio.gather(*(close_due(room.house, after(100)) for _ in range(3)))
    assert (await room.stage.kinds()).count("quiz.closed") == 1


async def test_the_clock_closes_at_the_deadline_with_room_for_what_still_waits(room):
    quiz = await room.launch()
    margin_s = CLOSING_MARGIN / SECOND
    assert await close_due(room.house, after(10)) == 5.0  # looks again sooner than it is due
    assert await close_due(room.house, after(59)) == pytest.approx(1 + margin_s)
    await close_due(room.house, after(60))
    # It arrived in time and had to wait: it counts.
    await room.answer(quiz, "10001", 0, 2, now=after(59.9))
    await close_due(room.house, after(60 + margin_s))
    [seen] = await room.see("10001")
    assert (seen.closed_at, seen.result.answered) == (seen.deadline_at, 1)


async def test_the_clock_is_not_moved_by_a_wall_clock_that_is_set(room):
    await room.launch()
    await close_due(room.house, after(1))
    await close_due(room.house, after(30, wall=86_430))
    assert (await room.see("10001"))[0].closed_at is None
    await close_due(room.house, after(61, wall=-86_000))
    assert (await room.see("10001"))[0].closed_at is not None


async def test_a_quiz_whose_time_ended_while_nobody_ran_is_closed_at_the_start(room):
    await room.launch()
    clock = asyncio.create_task(keep_time(room.house, lambda: after(3600)))
    async with room.house.fanout.subscribe(room.lesson_id) as hints:
        while (await room.see("10001"))[0].closed_at is None:
            async with asyncio.timeout(60):
                await hints.next()
    clock.cancel()
    await asyncio.wait([clock])
    [seen] = await room.see("10001")
    assert seen.closed_at == seen.deadline_at


async def test_a_launch_wakes_the_clock(room):
    at = [after(0)]
    clock = asyncio.create_task(keep_time(room.house, lambda: at[0]))
    async with room.house.fanout.subscribe(room.lesson_id) as hints:
        at[0] = after(6)
        await room.launch(seconds=5)
        while (await room.see("10001"))[0].closed_at is None:
            async with asyncio.timeout(60):
                await hints.next()
    clock.cancel()
    await asyncio.wait([clock])


@pytest.mark.parametrize("step", ["end", "cancel"])
async def test_a_lesson_that_is_over_closes_its_quiz(opened, step):
    room = await Classroom(opened).enrol()
    if step == "end":
        await opened.step("start")
    quiz = await room.launch()
    await room.answer(quiz, "10001", 0, 2)
    await opened.step(step, by="admin")
    kinds = await opened.kinds()
    assert kinds.count("quiz.closed") == 1
    kept = await room.records.read(lambda tx: tx.quizzes.of(room.lesson_id))
    assert (kept[0][0].closed_at, kept[0][1].answered) == (NOW, 1)
    assert await refused(room.answer(quiz, "10002", 0)) in {"quiz_closed", "quiz_not_found"}


# ---- its time is stopped, moved and given back -----------------------------------------------------------


async def timed(room, act, quiz, *, now, by="lecturer", **fields):
    return await act(room.house, await room.stage.who(by), quiz.id, command_id(), now=now, **fields)


async def test_a_paused_quiz_waits_goes_on_with_what_was_left_and_may_have_longer(room):
    quiz = await room.launch(seconds=20)
    assert await refused(timed(room, pause_quiz, quiz, now=after(5), by="10001")) == "forbidden"
    stopped = await timed(room, pause_quiz, quiz, now=after(5))
    assert stopped.paused_at == NOW + 5 * SECOND
    assert await refused(room.answer(quiz, "10001", 0, 2, now=after(6))) == "quiz_paused"
    await close_due(room.house, after(60))
    assert (await room.see("10001"))[-1].closed_at is None
    on = await timed(room, resume_quiz, quiz, now=after(100))
    assert (on.paused_at, on.deadline_at) == (None, NOW + 115 * SECOND)
    longer = await timed(room, extend_quiz, quiz, now=after(101), seconds=30)
    assert (longer.deadline_at, longer.seconds) == (NOW + 145 * SECOND, 50)
    await room.answer(quiz, "10001", 0, 2, now=after(144))
    assert await refused(room.answer(quiz, "10002", 0, now=after(145))) == "quiz_closed"
    await close_due(room.house, after(146))
    closed = (await room.see("10001"))[-1]
    assert (closed.closed_at, closed.result.answered) == (NOW + 145 * SECOND, 1)
    assert await refused(timed(room, extend_quiz, quiz, now=after(147), seconds=30)) == "quiz_closed"
    assert (await room.stage.kinds()).count("quiz.timed") == 3


async def test_one_that_is_opened_again_says_why_keeps_its_result_back_and_marks_the_later_answers(room):
    quiz = await room.launch(seconds=20)
    await room.answer(quiz, "10001", 0)
    await room.close(quiz)
    assert await refused(timed(room, reopen_quiz, quiz, now=after(30), seconds=10, reason=" ")) == "invalid_body"
    again = await timed(room, reopen_quiz, quiz, now=after(30), seconds=10, reason="二车间网络中断")
    assert (again.round, again.closed_at, again.deadline_at) == (2, None, NOW + 40 * SECOND)
    seen = (await room.see("10001"))[-1]
    assert (seen.result, seen.reopen_reason, seen.my_round, seen.my_marks) == (None, "二车间网络中断", 1, None)
    member = await room.stage.who("10002")
    page = await events_since(room.records, room.house.fanout, member, room.lesson_id, 0, now=NOW)
    (told,) = [event.data for event in page.events if event.kind == "quiz.closed"]
    assert not {"correct", "explanation", "distribution", "right"} & told.keys()
    assert (await room.answer(quiz, "10002", 0, 2, now=after(31))).round == 2
    assert await refused(room.answer(quiz, "10001", 0, 2, now=after(31))) == "already_answered"
    await room.close(quiz, now=after(35))
    closed = (await room.see("10002"))[-1]
    assert (closed.result.answered, closed.my_round, closed.my_marks) == (2, 2, 100)
    other = await room.launch()
    assert await refused(timed(room, reopen_quiz, quiz, now=after(50), seconds=10, reason="再来")) == "quiz_running"
    assert await refused(timed(room, reopen_quiz, other, now=after(50), seconds=10, reason="再来")) == "quiz_open"


async def test_a_fill_in_is_marked_by_its_list_and_partly_right_is_not_whole(room):
    plan = QuestionPlan(QuestionKind.FILL_IN, "火警 __，急救 __。", blanks=(("119",), ("120", "急救")))
    quiz = await room.launch(await room.prepare(plan))
    assert (quiz.places, quiz.result.blanks, quiz.options) == (2, plan.blanks, ())
    seen = (await room.see("10001"))[-1]
    assert (seen.places, seen.result) == (2, None)

    async def write(number, *texts):
        attempt = Attempt(quiz.id, command_id(), texts, AnswerChannel.HTTPS, after(1))
        return await answer_quiz(room.house, await room.stage.who(number), attempt)

    assert await refused(write("10001", "119")) == "invalid_body"
    assert (await write("10001", " 一一九", "")).choice == ("一一九", "")
    await write("10002", "119", "一二〇")
    closed = await room.close(quiz)
    assert (closed.result.answered, closed.result.right, closed.result.marks) == (2, 1, 150)
    assert closed.result.distribution == {"1": 2, "2": 1}
    assert (await room.see("10001"))[-1].my_marks == 50
    tallies = await room.records.read(lambda tx: tx.quizzes.tallies(room.lesson_id))
    assert tallies[demo_id("member 10001")] == Tally(1, 0)


async def test_an_opinion_counts_for_nobodys_credit(room):
    quiz = await room.launch(await room.prepare(QuestionPlan(QuestionKind.OPINION, "您的建议？")))
    attempt = Attempt(quiz.id, command_id(), ("多些实操",), AnswerChannel.HTTPS, after(1))
    await answer_quiz(room.house, await room.stage.who("10001"), attempt)
    closed = await room.close(quiz)
    assert (closed.scored, closed.result.answered, closed.result.distribution) == (False, 1, {})
    assert "多些实操" not in str(closed)
    assert await room.records.read(lambda tx: tx.quizzes.asked(room.lesson_id)) == 0
    assert await room.records.read(lambda tx: tx.quizzes.tallies(room.lesson_id)) == {}


async def test_where_the_last_answer_counts_it_is_changed_until_the_close_and_nothing_late_overwrites_it(room):
    quiz = await room.launch(keep=Keep.LAST)
    first, second, late = command_id(), command_id(), command_id()
    given = await room.answer(quiz, "10001", 0, command=first)
    changed = await room.answer(quiz, "10001", 0, 2, command=second, now=after(2), nth=3)
    assert (changed.nth, changed.choice) == (3, tuple(quiz.options[place].id for place in (0, 2)))
    assert await refused(room.answer(quiz, "10001", 1, command=late, now=after(3), nth=2)) == "already_answered"
    assert await room.answer(quiz, "10001", 0, command=first, now=after(4)) == given
    assert await refused(room.answer(quiz, "10001", 1, command=first, now=after(4))) == "command_reused"
    [seen] = await room.see("10001")
    assert (seen.my_choice, seen.my_nth, await room.rows(quiz)) == (changed.choice, 3, 1)
    closed = await room.close(quiz, now=after(5))
    assert (closed.result.answered, closed.result.right) == (1, 1)
    assert await refused(room.answer(quiz, "10001", 1, now=after(6), nth=4)) == "quiz_closed"
    assert await room.answer(quiz, "10001", 0, 2, command=second, now=after(7), nth=3) == changed
    [kept] = await room.records.read(lambda tx: tx.quizzes.given(quiz.id, [demo_id("member 10001")]))
    assert [turn.choice for turn in kept.turns] == [given.choice, changed.choice]


async def test_answers_of_one_member_that_wait_beside_each_other_are_taken_by_the_members_count(room):
    quiz = await room.launch(keep=Keep.LAST)
    many = [room.answer(quiz, "10001", number % 3, nth=number) for number in (2, 5, 1, 4, 3)]
    answers = await asyncio.gather(*many, room.answer(quiz, "10002", 0), return_exceptions=True)
    assert [getattr(each, "nth", getattr(each, "code", None)) for each in answers[-1:]] == [1]
    [seen] = await room.see("10001")
    assert (seen.my_nth, seen.my_choice, await room.rows(quiz)) == (5, (quiz.options[2].id,), 2)


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.services)], indirect=True)
async def test_two_control_processes_that_change_answers_at_once_keep_the_highest_and_every_turn(room, database_url):
    """Each has a writer of its own; what a phone sends goes to both, in no order."""
    quiz = await room.launch(keep=Keep.LAST)
    other = await Database.open(database_url)
    try:
        second = Classroom(make_stagehand(SqlRecords(other), room.lesson_id))
        sent = [(number, nth, command_id()) for number in ON_ROSTER for nth in range(1, 13)]
        tries = [(process, *each) for each in sent for process in (room, second)]
        random.Random(1).shuffle(tries)
        told = await asyncio.gather(
            *(process.answer(quiz, who, nth % 3, nth=nth, command=command) for process, who, nth, command in tries),
            return_exceptions=True,
        )
    finally:
        await other.close()
    taken: dict[str, list] = {}
    for (_, _, _, command), answer in zip(tries, told, strict=True):
        taken.setdefault(command, []).append(getattr(answer, "code", answer))
    assert all(first == again for first, again in taken.values())  # a retry is told the same, by whomever
    for number in ON_ROSTER:
        own = {nth: taken[command][0] for who, nth, command in sent if who == number}
        counted = [nth for nth, answer in own.items() if answer != "already_answered"]
        [kept] = await room.records.read(lambda tx, n=number: tx.quizzes.given(quiz.id, [demo_id(f"member {n}")]))
        assert max(counted) == 12
        assert [own[nth].choice for nth in counted] == [turn.choice for turn in kept.turns]
    assert await room.rows(quiz) == len(ON_ROSTER)


async def test_who_has_not_answered_is_told_by_name_to_whom_they_are_of_business(room):
    quiz = await room.launch()
    await room.answer(quiz, "10001", 0)

    async def missing(who, quiz_id=quiz.id, **page):
        page = {"offset": 0, "limit": 10} | page
        return await unanswered(room.records, await room.stage.who(who), quiz_id, **page, now=NOW)

    for who in ("lecturer", "director", "admin"):
        found = await missing(who)
        assert (found.expected, found.missing, len(found.items)) == (3, 2, 2)
        assert {each.member.name for each in found.items} == {"10002", "10021"}
        assert [(each.expected, each.missing) for each in found.units if each.unit.name == "综合党支部"] == [(2, 1)]
    first = await missing("lecturer", limit=1)
    assert first.next_cursor == "1"
    assert [*first.items, *(await missing("lecturer", offset=1)).items] == list(found.items)
    own = await missing("secretary")
    assert 0 < own.expected < 3
    assert {each.unit_id for each in own.items} <= {demo_id("综合党支部")}
    for who in ("10001", "venue1"):
        assert await refused(missing(who)) == "forbidden"
    assert await refused(missing("lecturer", command_id())) == "quiz_not_found"
