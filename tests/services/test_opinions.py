"""Opinions and word clouds through their use cases: decided on before others read them, and after the close, too."""

import pytest

from server.domain.erasures import Pseudonym
from server.domain.events import EVERYONE, STAFF
from server.domain.opinions import Ruling
from server.domain.personal_data import Person
from server.domain.quiz import AnswerChannel, QuestionKind
from server.services.answering import Attempt, answer_quiz
from server.services.demo import demo_id
from server.services.opinions import approved_opinions, opinion_desk, rule_opinions
from server.services.questions import QuestionPlan
from server.services.quiz_reports import quiz_report
from server.services.quiz_times import reopen_quiz
from server.services.quizzes import running_count
from server.store.erasing import SqlErasing
from tests.services.conftest import command_id, refused
from tests.services.test_quizzes import Classroom, after
from tests.store.samples import NOW

CLOUD = QuestionPlan(QuestionKind.WORD_CLOUD, "说到安全，您想到什么？")


class Forum(Classroom):
    async def write(self, quiz, number, *texts):
        attempt = Attempt(quiz.id, command_id(), texts, AnswerChannel.HTTPS, after(1))
        return await answer_quiz(self.house, await self.stage.who(number), attempt)

    async def desk(self, quiz, ruling=Ruling.WAITING, *, by="lecturer", offset=0, limit=50):
        page = {"offset": offset, "limit": limit}
        return await opinion_desk(self.records, await self.stage.who(by), quiz.id, ruling=ruling, **page, now=NOW)

    async def rule(self, quiz, ruling, *texts, by="lecturer", command=None):
        found = [one for each in Ruling for one in (await self.desk(quiz, each)).items]
        ids = [next(one.id for one in found if one.text == text) for text in texts]
        who = await self.stage.who(by)
        return await rule_opinions(
            self.house, who, quiz.id, command or command_id(), ids=ids, ruling=ruling, now=after(2).at
        )

    async def told(self, number):
        """What somebody sees of the newest quiz."""
        opinions = (await self.see(number))[-1].opinions
        return None if opinions is None else [(one.text, one.count) for one in opinions]


@pytest.fixture
async def forum(live):
    return await Forum(live).enrol()


@pytest.fixture
async def cloud(forum):
    quiz = await forum.launch(await forum.prepare(CLOUD))
    await forum.write(quiz, "10001", "责任", "防护")
    await forum.write(quiz, "10002", "责任。", "赌博")
    return quiz


async def test_screens_see_what_is_approved_at_once_and_members_after_the_close(forum, cloud):
    assert await forum.told("venue1") == []
    waiting = await forum.desk(cloud)
    assert [(one.text, one.count) for one in waiting.items] == [("责任", 2), ("赌博", 1), ("防护", 1)]
    assert waiting.counts == {Ruling.WAITING: 3, Ruling.APPROVED: 0, Ruling.HIDDEN: 0}
    await forum.rule(cloud, Ruling.APPROVED, "责任", "防护")
    await forum.rule(cloud, Ruling.HIDDEN, "赌博")
    assert await forum.told("venue1") == await forum.told("lecturer") == [("责任", 2), ("防护", 1)]
    assert (await forum.told("10001"), await forum.told("secretary")) == (None, None)
    assert [one.text for one in (await running_count(forum.records, forum.lesson_id)).opinions] == ["责任", "防护"]
    await forum.close(cloud)
    assert await forum.told("10001") == await forum.told("venue1") == [("责任", 2), ("防护", 1)]


async def test_what_was_approved_is_taken_back_and_what_comes_late_approved_after_the_close(forum, cloud):
    await forum.rule(cloud, Ruling.APPROVED, "责任")
    await forum.close(cloud)
    last = (await forum.stage.events())[-1].seq
    await forum.rule(cloud, Ruling.WAITING, "责任")
    assert await forum.told("10002") == []
    await forum.rule(cloud, Ruling.APPROVED, "防护")
    assert await forum.told("10002") == [("防护", 1)]
    said = await forum.stage.events(last)
    assert {(event.kind, event.audience) for event in said} == {("quiz.opinions", EVERYONE)}
    assert not [event for event in await forum.stage.events() if "责任" in str(event.data) or "防护" in str(event.data)]


async def test_a_closed_one_that_is_opened_again_tells_members_nothing_until_it_is_closed(forum, cloud):
    await forum.rule(cloud, Ruling.APPROVED, "责任")
    await forum.close(cloud)
    who = await forum.stage.who("lecturer")
    await reopen_quiz(forum.house, who, cloud.id, command_id(), seconds=60, reason="二车间断网", now=after(30))
    assert (await forum.told("10001"), await forum.told("venue1")) == (None, [("责任", 2)])


async def test_the_same_command_decides_once_and_is_kept_without_a_text(forum, cloud):
    command = command_id()
    done = await forum.rule(cloud, Ruling.APPROVED, "责任", command=command)
    assert done.changed == 1
    assert await forum.rule(cloud, Ruling.APPROVED, "责任", command=command) == done
    assert (await forum.rule(cloud, Ruling.APPROVED, "责任")).changed == 0
    events = [event for event in await forum.stage.events() if event.kind == "quiz.opinions"]
    assert [event.audience for event in events] == [STAFF]


@pytest.mark.parametrize("number", ["10001", "secretary", "venue1", "auditor", "10061"])
async def test_nobody_but_who_asks_the_lessons_questions_looks_or_decides(forum, cloud, number):
    assert await refused(forum.desk(cloud, by=number)) in {"forbidden", "quiz_not_found"}
    assert await refused(forum.rule(cloud, Ruling.APPROVED, "责任", by=number)) in {"forbidden", "quiz_not_found"}


async def test_a_question_with_a_right_answer_has_nothing_to_approve(forum):
    assert await refused(forum.desk(await forum.launch())) == "no_opinions"


async def test_reports_tell_what_was_approved_and_files_all_of_it(forum, cloud):
    await forum.rule(cloud, Ruling.APPROVED, "责任")
    await forum.close(cloud)
    for number in ("lecturer", "secretary", "auditor"):
        who = await forum.stage.who(number)
        [row] = (await quiz_report(forum.records, who, forum.lesson_id, NOW)).questions
        assert [(one.text, one.count) for one in row.opinions] == [("责任", 2)]
        [kept] = await approved_opinions(forum.records, who, forum.lesson_id, NOW)
        assert (kept.number, [one.text for one in kept.opinions]) == (row.number, ["责任"])
    who = await forum.stage.who("venue1")
    assert await refused(approved_opinions(forum.records, who, forum.lesson_id, NOW)) == "forbidden"


async def test_what_an_erased_person_alone_wrote_is_gone_and_what_others_wrote_too_stays(forum, cloud):
    await forum.rule(cloud, Ruling.APPROVED, "责任", "防护")
    await forum.close(cloud)
    person = Person(demo_id("10001"), demo_id("member 10001"), "10001", "学员甲01")
    pseudonym = Pseudonym("已注销学员 7F3A", "erased-7f3a")
    await forum.records.write(lambda tx: SqlErasing(tx._connection).erase(person, pseudonym, NOW, NOW.date()))
    # 10001 wrote 责任, which was approved in that spelling; the other one of it waits.
    assert await forum.told("10002") == []
    assert [one.text for one in (await forum.desk(cloud)).items] == ["责任。", "赌博"]
    [kept] = await forum.records.read(lambda tx: tx.quizzes.given(cloud.id, [person.member_id]))
    assert (kept.choice, await forum.rows(cloud)) == ((), 2)
