"""Reports on quizzes: what they count, of whom, for whom; on SQLite and PostgreSQL."""

import pytest
import sqlalchemy as sa

from server.domain.bank import BankKind, Content
from server.domain.quiz_figures import discrimination
from server.domain.scoring import Scoring
from server.services.bank import add_to_bank
from server.services.bank_figures import bank_report
from server.services.demo import demo_id
from server.services.quiz_reports import quiz_members, quiz_report
from server.store.schema import answers, quizzes
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import AT_VENUE, LEFT_EARLY, PASSES, held, member, move
from tests.store.samples import NOW


@pytest.fixture
async def over(stage, database):
    return await held(stage, database)


async def report(stage, who="admin"):
    return await quiz_report(stage.records, await stage.who(who), stage.lesson_id, NOW)


async def members(stage, who="admin", **more):
    return await quiz_members(stage.records, await stage.who(who), stage.lesson_id, limit=500, now=NOW, **more)


async def test_closed_questions_are_counted_and_a_few_answers_give_no_figure(over):
    found = await report(over)
    assert (found.asked, found.expected, found.people) == (2, 120, 3)
    counts = [(row.number, row.answered, row.whole, row.difficulty, row.discrimination) for row in found.questions]
    assert counts == [(1, 3, 3, None, None), (2, 2, 1, None, None)]
    top = found.units[0]
    assert (top.name, top.depth, top.expected, top.people, top.whole, top.share) == ("某集团党委", 0, 120, 3, 4, None)


async def test_of_forty_answers_to_three_questions_both_figures_are_given(stage, database):
    """Even ones know the first, the first ten the second, the later half the third: P is 20, 10 and 20 of 40."""
    await move(stage, "open", NOW)
    people = [one.member_id for one in await stage.records.read(lambda tx: tx.roster.of(stage.lesson_id))][:40]
    knows = [lambda n: n % 2 == 0, lambda n: n < 10, lambda n: n >= 20]
    common = {"lesson_id": stage.lesson_id, "question_id": "q", "kind": "single", "text": "?", "options": []}
    common |= {"correct": [], "explanation": "", "seconds": 60, "launched_by": demo_id("lecturer")}
    common |= {"launched_at": NOW, "deadline_at": NOW, "closed_at": NOW}
    asked = [{**common, "id": f"quiz {n}", "number": n} for n in (1, 2, 3)]
    account = demo_id("10001")
    given = [
        {
            **{"quiz_id": quiz["id"], "member_id": person, "command_id": command_id(), "choice": []},
            **{"right": know(n), "marks": 100 * know(n), "received_at": NOW, "account_id": account, "channel": "https"},
        }
        for quiz, know in zip(asked, knows, strict=True)
        for n, person in enumerate(people)
    ]
    await database.write(lambda c: (c.execute(sa.insert(quizzes), asked), c.execute(sa.insert(answers), given)))
    rows = (await report(stage)).questions
    assert [(row.answered, row.difficulty) for row in rows] == [(40, 500), (40, 250), (40, 500)]
    rest = [sum(know(n) for know in (knows[0], knows[1])) for n in range(40)]
    beside = [(100 * knows[2](n), 100 * each) for n, each in enumerate(rest)]
    assert rows[2].discrimination == discrimination(beside)
    assert rows[2].discrimination is not None


async def test_people_are_listed_by_tree_and_name_and_not_by_marks(over):
    found = (await members(over)).items
    assert len(found) == 120
    reached = {row.member.id: (row.answered, row.whole, row.marks) for row in found if row.answered}
    assert reached == {member(PASSES): (1, 1, 100), member(AT_VENUE): (2, 1, 100), member(LEFT_EARLY): (2, 2, 200)}
    branch = (await members(over, unit_id=demo_id("综合党支部"))).items
    assert {row.unit.name for row in branch} == {"综合党支部"}
    assert [row.member.id for row in branch] == [row.member.id for row in found if row.unit.name == "综合党支部"]


async def test_a_secretary_sees_the_own_units_people_and_figures_of_them_alone(over):
    whole = await report(over, "secretary")
    assert 0 < whole.expected < 120
    assert {row.unit.name for row in (await members(over, "secretary")).items} <= {row.name for row in whole.units}
    assert sum(row.expected for row in whole.units if row.depth == 0) == whole.expected


@pytest.mark.parametrize("who", ["10001", "venue1"])
async def test_neither_members_nor_rooms_see_it(over, who):
    for call in (report, members):
        assert await refused(call(over, who)) == "forbidden"


async def test_a_question_of_the_bank_is_told_over_its_uses_by_version(over, database):
    admin = await over.who("admin")
    content = Content(BankKind.SINGLE, "火警电话是？", ("110", "119"), (1,), scoring=Scoring.EXACT)
    kept = await add_to_bank(over.records, admin, command_id(), unit_id=demo_id("综合党支部"), content=content, now=NOW)
    unused = await bank_report(over.records, admin, kept.id, NOW)
    assert (unused.total.uses, unused.versions, unused.more) == (0, (), False)
    await asked_as(over, database, kept.id)
    one = await bank_report(over.records, admin, kept.id, NOW)
    assert (one.total.uses, one.total.answered, one.total.whole, one.total.difficulty) == (1, 3, 3, None)
    assert [(row.number, row.uses) for row in one.versions] == [(1, 1)]
    assert await refused(bank_report(over.records, await over.who("10001"), kept.id, NOW)) == "forbidden"


async def asked_as(stage, database, bank_id):
    """The first quiz of the lesson was this question's newest version."""
    latest = await stage.records.read(lambda tx: tx.bank.get(bank_id).latest.id)
    link = sa.update(quizzes).where(quizzes.c.id == "quiz 1").values(bank_version_id=latest)
    await database.write(lambda c: c.execute(link))
