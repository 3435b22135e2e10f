"""A paper asked as a whole, through its use cases: one time, each in the own order, nothing told before its end."""

import pytest
import sqlalchemy as sa

from server.domain.paper_runs import own_order
from server.domain.quiz import Keep, Terms
from server.domain.quiz_clock import CLOSING_MARGIN
from server.services.closing import close_due
from server.services.events import events_since
from server.services.hand_ins import hand_in
from server.services.paper_runs import RunPlan, launch_run, list_runs
from server.services.quiz_reports import quiz_members, quiz_report
from server.services.quiz_times import extend_quiz, pause_quiz, reopen_quiz, resume_quiz
from server.services.quizzes import running_count
from server.services.unanswered import unanswered
from server.store.quizzes import SqlQuizzes
from server.store.schema import paper_runs
from tests.services.conftest import command_id, refused
from tests.services.test_quizzes import Classroom, after


class Hall(Classroom):
    async def ask(self, count=3, *, seconds=300, by="lecturer", command=None, mixed=True, now=None, keep=Keep.FIRST):
        prepared = [await self.prepare() for _ in range(count)]
        plan = RunPlan(tuple(each.id for each in prepared), mix_questions=mixed, mix_options=mixed)
        command = command or command_id()
        who, terms = await self.stage.who(by), Terms(seconds, keep=keep, grace_ms=0)
        fields = {"plan": plan, "terms": terms, "now": now or after(0)}
        return plan, await launch_run(self.house, who, self.lesson_id, command, **fields)

    async def hand_in(self, quiz, number, now=None):
        return await hand_in(self.house, await self.stage.who(number), quiz.id, now or after(5))

    async def open_ones(self, number):
        return [quiz for quiz in await self.see(number) if quiz.closed_at is None]


@pytest.fixture
async def hall(live):
    return await Hall(live).enrol()


async def test_everybody_gets_all_of_it_in_an_own_order_and_a_retry_launches_nothing(hall):
    command = command_id()
    plan, run = await hall.ask(8, command=command)
    who, terms = await hall.stage.who("lecturer"), Terms(300, grace_ms=0)
    again = await launch_run(hall.house, who, hall.lesson_id, command, plan=plan, terms=terms, now=after(0))
    assert again == run
    assert [quiz.question_id for quiz in run.items] == list(plan.question_ids)
    orders = []
    for number in ("10001", "10002"):
        seen = await hall.open_ones(number)
        member = (await hall.stage.who(number)).member_id
        mine = [quiz.id for quiz in sorted(seen, key=lambda quiz: quiz.run.place)]
        assert mine == list(own_order(run.seed, member, [quiz.id for quiz in run.items]))
        for quiz in seen:
            ids = tuple(option.id for option in quiz.options)
            assert ids == own_order(run.seed, member, ids)
            assert (quiz.result, quiz.answered, quiz.expected, quiz.run.size) == (None, None, None, 8)
        orders.append(mine)
    assert orders[0] != orders[1]
    assert [quiz.run.place for quiz in await hall.open_ones("venue1")] == list(range(1, 9))
    page = await events_since(
        hall.records, hall.house.fanout, await hall.stage.who("10001"), hall.lesson_id, 0, now=after(0).at
    )
    told = [event for event in page.events if event.kind.startswith(("paper.", "quiz."))]
    assert [event.kind for event in told] == ["paper.launched"]
    assert not {"seed", "text", "options", "correct"} & set(told[0].data)


async def test_nothing_else_is_asked_meanwhile_and_only_by_who_may(hall):
    assert await refused(hall.ask(by="10001")) == "forbidden"
    _, run = await hall.ask()
    assert await refused(hall.launch()) == "quiz_running"
    assert await refused(hall.ask()) == "quiz_running"
    await hall.close(run.items[2])
    await hall.launch()
    assert await refused(hall.ask()) == "quiz_running"


async def test_it_is_paused_extended_closed_and_reopened_as_one_whichever_question_is_named(hall):
    _, run = await hall.ask()
    first, second, third = run.items
    who, house = await hall.stage.who("lecturer"), hall.house
    await hall.answer(first, "10001", 0)
    await pause_quiz(house, who, second.id, command_id(), after(100))
    assert await refused(hall.answer(third, "10001", 0, now=after(101))) == "quiz_paused"
    await resume_quiz(house, who, third.id, command_id(), after(200))
    await extend_quiz(house, who, first.id, command_id(), seconds=60, now=after(201))
    late = after(450)
    assert (await hall.answer(third, "10001", 0, now=late)).quiz_id == third.id
    await hall.close(second, now=after(451))
    seen = await hall.see("10001")
    assert [(quiz.closed_at, quiz.result is not None) for quiz in seen if quiz.run] == [(after(451).at, True)] * 3
    assert await refused(hall.answer(second, "10001", 0, now=after(452))) == "quiz_closed"

    await reopen_quiz(house, who, third.id, command_id(), seconds=60, reason="断线", now=after(500))
    assert [quiz.result for quiz in await hall.open_ones("10001")] == [None] * 3
    assert [quiz.my_choice is not None for quiz in await hall.see("10001") if quiz.run].count(True) == 2
    page = await events_since(
        hall.records, hall.house.fanout, await hall.stage.who("10001"), hall.lesson_id, 0, now=after(500).at
    )
    closed = [event.data for event in page.events if event.kind == "quiz.closed"]
    assert len(closed) == 3
    assert not any("correct" in data for data in closed), "kept back again"
    await hall.answer(second, "10001", 0, now=after(501))
    assert await refused(hall.launch()) == "quiz_running"


async def test_its_rows_are_taken_in_the_order_in_which_answers_hold_them(hall, monkeypatch):
    taken = []

    def noted(name):
        real = getattr(SqlQuizzes, name)

        def work(self, quiz, *more):
            taken.append(quiz.id)
            return real(self, quiz, *more)

        monkeypatch.setattr(SqlQuizzes, name, work)

    _, run = await hall.ask(5)
    noted("save")
    noted("close")
    in_order = sorted(quiz.id for quiz in run.items)
    await extend_quiz(
        hall.house, await hall.stage.who("lecturer"), run.items[0].id, command_id(), seconds=60, now=after(1)
    )
    await hall.close(run.items[1])
    assert taken == in_order * 2
    told = await events_since(
        hall.records, hall.house.fanout, await hall.stage.who("lecturer"), hall.lesson_id, 0, now=after(11).at
    )
    closed = [event.data["number"] for event in told.events if event.kind == "quiz.closed"]
    assert closed == sorted(closed), "told in the paper's own order"


async def test_the_clock_closes_all_of_it_at_once(hall):
    _, run = await hall.ask(seconds=60)
    await close_due(hall.house, after(60 + CLOSING_MARGIN.total_seconds() + 0.01))
    assert {quiz.closed_at for quiz in await hall.see("10001") if quiz.run} == {after(60).at}
    assert (await hall.stage.kinds()).count("quiz.closed") == len(run.items)


async def test_screens_count_who_began_and_who_has_answered_every_question(hall):
    _, run = await hall.ask()
    for quiz in run.items:
        await hall.answer(quiz, "10001", 0)
    await hall.answer(run.items[0], "10002", 0)
    count = await running_count(hall.records, hall.lesson_id)
    assert (count.run_id, count.answered, count.begun, count.expected, count.distribution) == (run.id, 1, 2, 3, {})


async def test_what_an_order_follows_from_is_kept(hall):
    _, run = await hall.ask()
    (kept,) = await hall.records.read(lambda tx: tx.papers.runs(hall.lesson_id))
    assert (kept.id, kept.seed, kept.draw_id) == (run.id, run.seed, None)
    assert kept.quiz_ids == tuple(quiz.id for quiz in run.items)
    rows = await hall.records.read(lambda tx: tx._connection.execute(sa.select(paper_runs)).all())
    assert len(rows) == 1


# ---- 交卷 ------------------------------------------------------------------------------------------------


async def test_who_has_handed_in_changes_nothing_any_more_until_it_is_opened_again(hall):
    _, run = await hall.ask(keep=Keep.LAST)
    first, second, _ = run.items
    command = command_id()
    await hall.answer(first, "10001", 0, command=command)
    handed = await hall.hand_in(second, "10001")
    assert (handed.run_id, handed.round, handed.at) == (run.id, 1, after(5).at)
    assert await hall.hand_in(first, "10001", now=after(9)) == handed, "again is the same"
    assert await refused(hall.answer(first, "10001", 1, nth=2, now=after(6))) == "paper_handed_in"
    assert await refused(hall.answer(second, "10001", 0, now=after(6))) == "paper_handed_in"
    again = await hall.answer(first, "10001", 0, command=command, now=after(7))
    assert again.choice == (first.options[0].id,), "an answer on its way twice is told what it made"
    assert {quiz.run.handed_in_at for quiz in await hall.open_ones("10001")} == {after(5).at}
    assert {quiz.run.handed_in_at for quiz in await hall.open_ones("10002")} == {None}
    await hall.answer(second, "10002", 0, now=after(8))

    await hall.close(first, now=after(10))
    lecturer = await hall.stage.who("lecturer")
    await reopen_quiz(hall.house, lecturer, first.id, command_id(), seconds=60, reason="断线", now=after(20))
    assert {quiz.run.handed_in_at for quiz in await hall.open_ones("10001")} == {None}
    await hall.answer(first, "10001", 1, nth=2, now=after(21))


async def test_what_was_saved_counts_when_the_time_is_over_and_nothing_else(hall):
    _, run = await hall.ask(seconds=60, keep=Keep.LAST)
    first, second, _ = run.items
    await hall.answer(first, "10001", 1, nth=1, now=after(10))
    await hall.answer(first, "10001", 0, 2, nth=2, now=after(50))
    await close_due(hall.house, after(60 + CLOSING_MARGIN.total_seconds() + 0.01))
    seen = {quiz.id: quiz for quiz in await hall.see("10001")}
    assert seen[first.id].my_choice == (first.options[0].id, first.options[2].id)
    assert seen[second.id].my_choice is None
    assert await refused(hall.hand_in(first, "10001", now=after(61))) == "quiz_closed"
    assert await refused(hall.answer(second, "10001", 0, now=after(61))) == "quiz_closed"


async def test_many_marks_of_one_question_are_saved_and_the_newest_stands(hall):
    _, run = await hall.ask(keep=Keep.LAST)
    for nth in range(1, 31):
        await hall.answer(run.items[0], "10001", nth % 3, nth=nth, now=after(nth / 10))
    (mine,) = [quiz for quiz in await hall.see("10001") if quiz.id == run.items[0].id]
    assert (mine.my_nth, mine.my_choice) == (30, (run.items[0].options[0].id,))


async def test_a_paper_is_handed_in_by_who_is_expected_and_only_a_paper(hall):
    single = await hall.launch()
    assert await refused(hall.hand_in(single, "10001")) == "not_a_paper"
    await hall.close(single, now=after(1))
    _, run = await hall.ask(now=after(2))
    assert await refused(hall.hand_in(run.items[0], "lecturer")) == "not_on_roster"
    lecturer = await hall.stage.who("lecturer")
    await pause_quiz(hall.house, lecturer, run.items[0].id, command_id(), after(3))
    assert await refused(hall.hand_in(run.items[0], "10001", now=after(4))) == "quiz_paused"


async def test_who_is_not_through_is_named_with_how_far_and_the_seed_is_seen_by_who_asks(hall):
    _, run = await hall.ask()
    for quiz in run.items:
        await hall.answer(quiz, "10001", 0)
    await hall.answer(run.items[1], "10002", 0)
    await hall.answer(run.items[1], "10021", 0)
    await hall.hand_in(run.items[0], "10021")
    lecturer = await hall.stage.who("lecturer")
    found = await unanswered(hall.records, lecturer, run.items[2].id, offset=0, limit=10, now=after(6).at)
    assert (found.questions, found.missing, [(each.member.name, each.given) for each in found.items]) == (
        *(3, 1),
        [("10002", 1)],
    )
    count = await running_count(hall.records, hall.lesson_id)
    assert (count.answered, count.begun, count.handed_in) == (1, 3, 1)
    (kept,) = await list_runs(hall.records, lecturer, hall.lesson_id, after(6).at)
    assert (kept.seed, kept.common, kept.handed_in) == (run.seed, tuple(quiz.id for quiz in run.items), 1)
    assert await refused(list_runs(hall.records, await hall.stage.who("10001"), hall.lesson_id, after(6).at)) == (
        "forbidden"
    )


async def test_reports_say_when_a_paper_was_handed_in_and_who_was_collected(hall):
    _, run = await hall.ask(2, keep=Keep.LAST)
    for number in ("10001", "10021"):
        await hall.answer(run.items[0], number, 0)
    await hall.hand_in(run.items[0], "10001", after(7))
    await hall.close(run.items[0], now=after(20))
    who = await hall.stage.who("lecturer")
    report = await quiz_report(hall.records, who, hall.lesson_id, after(21).at)
    [paper] = report.papers
    assert (paper.run_id, paper.questions, paper.handed_in, paper.collected, paper.round) == (run.id, 2, 1, 1, 1)
    assert paper.closed_at == after(20).at
    page = await quiz_members(hall.records, who, hall.lesson_id, now=after(21).at)
    ends = {row.member.name: row.papers[0] for row in page.items}
    assert (ends["10001"].handed_in_at, ends["10001"].round) == (after(7).at, 1)
    assert [(ends[each].handed_in_at, ends[each].collected) for each in ("10021", "10002")] == [
        (None, True),
        (None, False),
    ]
    secretary = await hall.stage.who("secretary")
    [own] = (await quiz_report(hall.records, secretary, hall.lesson_id, after(21).at)).papers
    assert (own.handed_in, own.collected) == (1, 0), "of the own units' people alone"
