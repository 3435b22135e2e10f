"""Papers through their use cases, on both databases."""

from dataclasses import replace

import pytest

from server.domain.papers import Draw, Plan
from server.services.bank import add_to_bank, edit_bank
from server.services.demo import demo_id
from server.services.papers import add_paper, edit_paper, list_papers, retire_paper, see_draws, take_paper
from server.services.questions import list_questions
from tests.services.conftest import command_id, refused
from tests.services.test_bank import BESIDE, BRANCH, SINGLE, Keeper
from tests.store.samples import NOW


@pytest.fixture
async def keeper(stage):
    return Keeper(stage)


async def paper(keeper, plan, by="admin", unit=BRANCH, command=None):
    who = await keeper.stage.who(by)
    return await add_paper(keeper.records, who, command or command_id(), unit_id=demo_id(unit), plan=plan, now=NOW)


async def take(keeper, one, by="admin", command=None):
    stage = keeper.stage
    who, command = await stage.who(by), command or command_id()
    return await take_paper(keeper.records, who, stage.lesson_id, command, paper_id=one.id, now=NOW)


async def questions(keeper):
    return await list_questions(keeper.records, await keeper.stage.who("admin"), keeper.stage.lesson_id, NOW)


async def filled(keeper, count=6):
    return [await keeper.add(replace(SINGLE, text=f"第 {n} 题")) for n in range(count)]


async def test_what_is_fixed_stays_in_its_version_and_the_rest_is_drawn_with_evidence(keeper):
    kept = await filled(keeper)
    one = await paper(keeper, Plan("消防", (kept[0].version_id,), (Draw(3, "消防"),)))
    assert (one.questions, one.draws[0].available, one.fixed[0].outdated) == (4, 6, False)
    who = await keeper.stage.who("admin")
    later = replace(SINGLE, text="改过的题")
    await edit_bank(keeper.records, who, kept[0].id, command_id(), content=later, version=1, now=NOW)
    before, command = len(await questions(keeper)), command_id()
    taken = await take(keeper, one, command=command)
    assert await take(keeper, one, command=command) == taken
    asked = (await questions(keeper))[before:]
    assert [each.text for each in asked] == [each.text for each in taken.items]
    assert (asked[0].text, len({each.text for each in asked}), len(asked)) == ("第 0 题", 4, 4)
    (drawn,) = await see_draws(keeper.records, who, one.id, keeper.stage.lesson_id, NOW)
    assert (drawn.id, drawn.seed, drawn.holds, len(drawn.candidates[0])) == (taken.drawn_id, taken.seed, True, 6)
    assert (await list_papers(keeper.records, who, unit_id=None, retired=False, now=NOW))[0].fixed[0].outdated
    listed = {each.id: each for each in (await keeper.list()).items}
    assert listed[kept[0].id].used, "in an older version"


async def test_a_paper_that_can_not_be_drawn_takes_nothing(keeper):
    await filled(keeper, 2)
    one, before = await paper(keeper, Plan("消防", (), (Draw(3),))), len(await questions(keeper))
    assert await refused(take(keeper, one)) == "paper_too_few"
    assert len(await questions(keeper)) == before


async def test_papers_are_kept_like_the_bank_downwards_only(keeper):
    (mine,) = await filled(keeper, 1)
    other = await add_to_bank(
        keeper.records, await keeper.stage.who("admin"), command_id(), unit_id=demo_id(BESIDE), content=SINGLE, now=NOW
    )
    plan = Plan("消防", (mine.version_id,))
    one = await paper(keeper, plan, by="secretary")
    assert await refused(paper(keeper, plan, by="10001")) == "forbidden"
    assert await refused(paper(keeper, plan, by="secretary", unit=BESIDE)) == "unit_not_found"
    assert await refused(paper(keeper, Plan("x", (other.version_id,)), by="secretary")) == "bank_question_not_found"
    elsewhere = await paper(keeper, Plan("x", (other.version_id,)), unit=BESIDE)
    secretary = await keeper.stage.who("secretary")
    fields = {"plan": plan, "version": 1, "now": NOW}
    assert (
        await refused(edit_paper(keeper.records, secretary, elsewhere.id, command_id(), **fields)) == "paper_not_found"
    )
    seen = await list_papers(keeper.records, secretary, unit_id=None, retired=False, now=NOW)
    assert [each.id for each in seen] == [one.id]


async def test_a_retired_paper_is_offered_no_more_and_again_later(keeper):
    (mine,) = await filled(keeper, 1)
    one, who = await paper(keeper, Plan("消防", (mine.version_id,))), await keeper.stage.who("admin")
    gone = await retire_paper(keeper.records, who, one.id, command_id(), retired=True, now=NOW)
    assert gone.retired_at == NOW
    assert await refused(take(keeper, one)) == "paper_retired"
    assert await list_papers(keeper.records, who, unit_id=None, retired=False, now=NOW) == ()
    await retire_paper(keeper.records, who, one.id, command_id(), retired=False, now=NOW)
    assert len((await take(keeper, one)).items) == 1
