"""协助作答: who may answer for whom, and that it is an answer like any, shown as what it is."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.quiz import AnswerChannel, Keep, Terms
from server.domain.sign_ins import SignIn, Way
from server.services.answering import Attempt, Helped, answer_for
from server.services.demo import demo_id
from server.services.hand_ins import hand_in
from server.services.helped_answers import helped_answers
from server.services.helping import to_be_helped
from server.services.paper_runs import RunPlan, launch_run
from server.services.quiz_reports import quiz_members, quiz_report
from tests.services.conftest import command_id, refused
from tests.services.test_quizzes import Classroom, after
from tests.store.samples import NOW

ELDER = demo_id("member 10001")
OPERATORS = {"operator1": ("10041", "第一分会场"), "operator2": ("10041", "第二分会场")}
"""People at rooms, who have no answer of their own here."""
REASON = "没有带手机"


class Room(Classroom):
    """10001 and 10021 sit in the first sub-venue, 10002 watches on a phone."""

    async def seat(self):
        lesson = await self.stage.lesson()
        self.here = next(one.id for one in lesson.venues if one.venue_id == demo_id("第一分会场"))
        places = {"10001": self.here, "10021": self.here, "10002": None}

        def sit(tx):
            for number, place in places.items():
                who = demo_id(f"member {number}")
                tx.sign_ins.add(self.lesson_id, SignIn(who, NOW, Way.ASSISTED, place, demo_id("venue1"), command_id()))

        await self.records.write(sit)
        return self

    async def who(self, by):
        if by not in OPERATORS:
            return await self.stage.who(by)
        number, room = OPERATORS[by]
        return replace(await self.stage.who(number), operates=(demo_id(room),))

    async def help(self, quiz, *places, by="operator1", member=ELDER, command=None, now=None, **fields):
        choice, helped = tuple(quiz.options[place].id for place in places), Helped(member, REASON)
        attempt = Attempt(quiz.id, command or command_id(), choice, AnswerChannel.ASSISTED, now or after(1))
        return await answer_for(self.house, await self.who(by), replace(attempt, helped=helped, **fields))

    async def waiting(self, quiz, by="operator1", room=None):
        page = {"lesson_venue_id": room, "offset": 0, "limit": 10}
        found = await to_be_helped(self.records, await self.who(by), quiz.id, **page, now=NOW)
        return [one.member.name for one in found.items]


@pytest.fixture
async def room(live):
    return await (await Room(live).enrol()).seat()


async def test_an_operator_answers_for_who_is_in_the_room_and_it_counts_and_is_told(room):
    quiz = await room.launch()
    assert await room.waiting(quiz) == ["10001", "10021"]
    await room.help(quiz, 0, 2)
    assert await room.waiting(quiz) == ["10021"]
    [seen] = await room.see("10001")
    assert (len(seen.my_choice), seen.my_helped) == (2, REASON)
    [kept] = await room.records.read(lambda tx: tx.quizzes.given(quiz.id, [ELDER]))
    assert (kept.channel, kept.account_id, kept.reason, kept.right) == (
        *(AnswerChannel.ASSISTED, demo_id("10041"), REASON),
        True,
    )
    closed = await room.close(quiz)
    assert (closed.result.answered, closed.result.right) == (1, 1)
    who = await room.stage.who("lecturer")
    [row] = (await quiz_report(room.records, who, room.lesson_id, NOW)).questions
    members = (await quiz_members(room.records, who, room.lesson_id, now=NOW)).items
    assert (row.helped, {one.member.name: one.helped for one in members}["10001"]) == (1, 1)


async def test_it_never_takes_the_place_of_an_answer_and_a_retry_makes_no_other(room):
    quiz, command = await room.launch(keep=Keep.LAST), command_id()
    await room.answer(quiz, "10001", 0)
    assert await refused(room.help(quiz, 1)) == "already_answered"
    first = await room.help(quiz, 1, member=demo_id("member 10021"), command=command)
    assert await room.help(quiz, 1, member=demo_id("member 10021"), command=command) == first
    assert await refused(room.help(quiz, 2, member=demo_id("member 10021"))) == "already_answered"
    assert await refused(room.help(quiz, 2, member=demo_id("member 10021"), command=command)) == "command_reused"
    [seen] = await room.see("10001")
    assert (seen.my_choice, seen.my_helped) == ((quiz.options[0].id,), None)


async def test_who_finds_a_phone_changes_it_where_answers_may_be_changed_and_nowhere_else(room):
    quiz = await room.launch(keep=Keep.LAST)
    await room.help(quiz, 1)
    [seen] = await room.see("10001")
    await room.answer(quiz, "10001", 0, nth=seen.my_nth + 1)
    [seen] = await room.see("10001")
    assert (seen.my_choice, seen.my_helped) == ((quiz.options[0].id,), None)
    await room.close(quiz)
    other = await room.launch(now=after(20))
    await room.help(other, 1, now=after(21))
    assert await refused(room.answer(other, "10001", 0, now=after(22), nth=2)) == "already_answered"


async def test_only_who_sits_in_the_room_or_is_of_the_own_units_is_helped_and_nobody_oneself(room):
    quiz = await room.launch()
    phone, stranger = demo_id("member 10002"), demo_id("member 10061")
    for by in ("operator1", "secretary", "director"):
        assert await refused(room.help(quiz, 0, by=by, member=phone)) == "member_not_found", "watches on a phone"
        assert await refused(room.help(quiz, 0, by=by, member=stranger)) == "member_not_found", "not on the roster"
    assert await refused(room.help(quiz, 0, by="operator2")) == "forbidden"
    assert await refused(room.help(quiz, 0, by="secretary", member=demo_id("member 10021"))) == "forbidden"
    assert await refused(room.help(quiz, 0, by="10001")) == "forbidden"
    assert await refused(room.help(quiz, 0, by="10002")) == "forbidden"
    assert await room.waiting(quiz, "secretary") == ["10001"]
    assert await room.waiting(quiz, "director", room.here) == ["10001", "10021"]
    assert await room.waiting(quiz, "operator2") == []
    assert await refused(room.waiting(quiz, "10002")) == "forbidden"
    assert (await room.rows(quiz), len((await room.help(quiz, 0, by="secretary")).choice)) == (0, 1)


async def test_who_left_is_helped_no_more_and_late_is_late(room):
    quiz = await room.launch(seconds=10)
    assert await refused(room.help(quiz, 0, now=after(11))) == "quiz_closed"
    await room.records.write(
        lambda tx: tx.sign_ins.mark_left(room.lesson_id, ELDER, NOW + dt.timedelta(seconds=1), demo_id("venue1"))
    )
    assert await refused(room.help(quiz, 0)) == "member_not_found"
    assert await room.waiting(quiz) == ["10021"]


async def test_a_rooms_screen_answers_for_nobody_and_lists_nobody(room):
    quiz = await room.launch()
    assert await refused(room.help(quiz, 0, by="venue1")) == "forbidden"
    assert await refused(room.waiting(quiz, "venue1")) == "forbidden"
    assert await room.rows(quiz) == 0


async def test_of_a_closed_one_nobody_is_told_who_did_not_answer(room):
    quiz = await room.launch()
    await room.close(quiz)
    assert [await room.waiting(quiz, by) for by in ("operator1", "secretary", "director")] == [[], [], []]


async def test_who_handed_a_paper_in_waits_for_no_help(room):
    prepared = [await room.prepare() for _ in range(2)]
    plan, terms = RunPlan(tuple(each.id for each in prepared)), Terms(300, keep=Keep.LAST, grace_ms=0)
    who, fields = await room.stage.who("lecturer"), {"plan": plan, "terms": terms, "now": after(0)}
    run = await launch_run(room.house, who, room.lesson_id, command_id(), **fields)
    [first, second] = run.items
    await hand_in(room.house, await room.stage.who("10001"), first.id, after(5))
    assert [await room.waiting(each) for each in (first, second)] == [["10021"], ["10021"]]
    assert await refused(room.help(second, 0)) == "paper_handed_in"


async def test_afterwards_the_secretary_reads_who_was_helped_by_whom_and_why_and_not_what_was_answered(room):
    quiz = await room.launch(keep=Keep.LAST)
    await room.help(quiz, 0)
    await room.help(quiz, 1, member=demo_id("member 10021"), now=after(2))

    async def listed(by, **page):
        page = {"offset": 0, "limit": 10, **page}
        return await helped_answers(room.records, await room.who(by), room.lesson_id, **page, now=NOW)

    [one] = (await listed("secretary")).items
    assert (one.member.name, one.number, one.text, one.reason) == ("10001", 1, quiz.text, REASON)
    assert (one.by.id, one.unit.name, one.at) == (demo_id("10041"), "综合党支部", after(1).at)
    assert not {"choice", "right", "marks"} & set(one.__dataclass_fields__)
    first = await listed("director", limit=1)
    assert ([each.member.name for each in first.items], first.next_cursor) == (["10021"], "1")
    for by in ("10001", "operator1", "venue1"):
        assert await refused(listed(by)) == "forbidden"
    await room.answer(quiz, "10001", 0, 2, nth=2, now=after(3))
    assert (await listed("secretary")).items == (), "changed by its member: the own answer now"
