"""Overseen items (督办) of the demo organisation: asked from above, answered, closed; on both databases."""

import datetime as dt

import sqlalchemy as sa

from server.domain.oversight import Shown, Step, Subject
from server.domain.retention_steps import STEPS
from server.services.demo import demo_id
from server.services.oversight import count_oversights, list_oversights, open_oversight, see_oversight, take_step
from server.store.schema import units
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

ROOT, BRANCH, OTHER = demo_id("某集团党委"), demo_id("综合党支部"), demo_id("一车间党支部")
DUE = NOW.date() + dt.timedelta(days=7)
LATER = NOW + dt.timedelta(days=9)


async def opened(stage, by="admin", unit=BRANCH, command=None, **more):
    facts = {"unit_id": unit, "subject": Subject.MISSING, "text": "请督促缺课学员补学", "due_on": DUE, **more}
    return await open_oversight(stage.records, await stage.who(by), command or command_id(), **facts, now=NOW)


async def step(stage, by, one, kind, at=NOW, **more):
    order = stage.records, await stage.who(by), one.id, command_id()
    return await take_step(*order, step=kind, text="说明", now=at, **more)


async def listed(stage, by, at=NOW, **more):
    wanted = {"unit_id": None, "state": None, "cursor": None, "limit": 50, **more}
    return await list_oversights(stage.records, await stage.who(by), **wanted, now=at)


async def test_a_branch_is_asked_answers_late_is_sent_back_and_the_item_is_closed(stage):
    one = await opened(stage)
    assert (one.state, one.above.id, one.may) == (Shown.OPEN, ROOT, (Step.WITHDRAW,))
    secretary = await stage.who("secretary")
    counts = await count_oversights(stage.records, secretary, LATER)
    assert (counts.to_answer, counts.states[Shown.OVERDUE], counts.units) == (1, 1, ())
    assert [each.state for each in (await listed(stage, "secretary", LATER, state=Shown.OVERDUE)).items] == [
        Shown.OVERDUE
    ]
    answered = await step(stage, "secretary", one, Step.ANSWER, LATER)
    assert (answered.state, answered.may) == (Shown.ANSWERED, ())
    new = LATER.date() + dt.timedelta(days=3)
    back = await step(stage, "admin", one, Step.RETURN, LATER, due_on=new)
    assert (back.state, back.due_on, back.returns) == (Shown.OPEN, new, 1)
    await step(stage, "secretary", one, Step.ANSWER, LATER)
    closed = await step(stage, "admin", one, Step.CLOSE, LATER)
    assert [each.step for each in closed.steps] == [Step.OPEN, Step.ANSWER, Step.RETURN, Step.ANSWER, Step.CLOSE]
    assert closed == await see_oversight(stage.records, await stage.who("admin"), one.id, LATER)
    assert (await count_oversights(stage.records, secretary, LATER)).to_answer == 0


async def test_nothing_is_asked_of_a_unit_that_is_dissolved(stage, database):
    gone = sa.update(units).where(units.c.id == OTHER).values(until=NOW.date())
    await database.write(lambda c: c.execute(gone))
    assert await refused(opened(stage, unit=OTHER)) == "unit_dissolved"
    counts = await count_oversights(stage.records, await stage.who("admin"), NOW)
    assert OTHER not in {one.id for one in counts.units}
    assert BRANCH in {one.id for one in counts.units}


async def test_only_from_above_and_only_the_own_branch_answers(stage):
    one = await opened(stage)
    elsewhere = await opened(stage, unit=OTHER)
    assert {each.id for each in (await listed(stage, "admin")).items} == {one.id, elsewhere.id}
    assert [each.id for each in (await listed(stage, "secretary")).items] == [one.id]
    assert await refused(opened(stage, "secretary")) == "forbidden"
    assert await refused(opened(stage, "secretary", OTHER)) == "unit_not_found"
    assert await refused(opened(stage, "admin", ROOT)) == "forbidden"
    assert await refused(opened(stage, "lecturer")) == "forbidden"
    assert await refused(step(stage, "secretary", elsewhere, Step.ANSWER)) == "oversight_not_found"
    assert await refused(step(stage, "admin", one, Step.ANSWER)) == "forbidden"
    assert await refused(step(stage, "secretary", one, Step.CLOSE)) == "forbidden"
    assert await refused(step(stage, "admin", one, Step.CLOSE)) == "oversight_state"
    assert await refused(listed(stage, "10061")) == "forbidden"
    assert (await see_oversight(stage.records, await stage.who("auditor"), one.id, NOW)).may == ()


async def test_pages_go_on_where_they_ended_and_a_retry_asks_once(stage):
    asked = command_id()
    first = await opened(stage, command=asked)
    assert await opened(stage, command=asked) == first
    for _ in range(2):
        await opened(stage)
    page = await listed(stage, "admin", limit=2, unit_id=ROOT)
    rest = await listed(stage, "admin", limit=2, unit_id=ROOT, cursor=page.next_cursor)
    assert (len(page.items), len(rest.items), rest.next_cursor) == (2, 1, None)
    assert len({each.id for each in (*page.items, *rest.items)}) == 3


async def test_a_unit_is_asked_for_fifty_things_at_most_and_by_a_day_to_come(stage):
    assert await refused(opened(stage, due_on=NOW.date() - dt.timedelta(days=2))) == "oversight_day_wrong"
    for _ in range(50):
        last = await opened(stage)
    assert await refused(opened(stage)) == "oversight_too_many"
    await step(stage, "admin", last, Step.WITHDRAW)
    await opened(stage)


async def test_what_is_done_goes_with_all_that_was_said_when_its_time_is_over_and_nothing_else_does(stage):
    done, open_still = await opened(stage), await opened(stage)
    await step(stage, "admin", done, Step.WITHDRAW)
    said, items = (next(one for one in STEPS if one.table == name) for name in ("oversight_steps", "oversights"))

    def sweep(tx):
        before = NOW + dt.timedelta(seconds=1)
        return [
            tx.retention.clear(kind, before, tx.retention.found(kind, before, None, 9))
            for kind in (items, said, items)  # an item stays as long as anything of it
        ]

    assert await stage.records.write(sweep) == [0, 2, 1]
    assert await refused(see_oversight(stage.records, await stage.who("admin"), done.id, NOW)) == "oversight_not_found"
    assert len((await see_oversight(stage.records, await stage.who("admin"), open_still.id, NOW)).steps) == 1
