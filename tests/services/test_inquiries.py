"""Members ask, staff decide, and each hears what may be seen."""

import datetime as dt
import json

import pytest

from server.domain.events import Listener
from server.domain.inquiries import InquiryState, InquiryStep, Order, support
from server.domain.wordlist import WordList
from server.services.chapters import list_chapters, mark_chapter, name_chapter, remove_chapter
from server.services.inquiries import ask_inquiry, list_inquiries, vote_inquiry
from server.services.inquiry_export import HEAD, inquiry_rows
from server.services.moderating import (
    DeskChange,
    answer_inquiry,
    assign_inquiry,
    decide_many,
    mute_asker,
    order_inquiries,
    set_desk,
    step_inquiry,
)
from tests.services.conftest import command_id, refused
from tests.services.test_hands import raised, seen
from tests.store.samples import NOW

MINUTE = dt.timedelta(minutes=1)
S, T = InquiryState, InquiryStep
MANY = 12


class Hall:
    """Short words for what people do."""

    def __init__(self, stage):
        self.stage, self.house, self.lesson_id = stage, stage.house, stage.lesson_id

    async def ask(self, text, by="10001", now=NOW, **more):
        who = await self.stage.who(by)
        return await ask_inquiry(self.house, who, self.lesson_id, more.get("command", command_id()), text=text, now=now)

    async def step(self, inquiry, step, by="director", now=NOW, into=None):
        who = await self.stage.who(by)
        target = into.id if into else None
        return await step_inquiry(
            self.house, who, inquiry.id, command_id(), step=InquiryStep(step), into=target, now=now
        )

    async def vote(self, inquiry, by, *, up=True):
        who = await self.stage.who(by)
        return await vote_inquiry(self.house, who, inquiry.id, command_id(), up=up, now=NOW)

    async def answer(self, inquiry, text, by="director"):
        who = await self.stage.who(by)
        return await answer_inquiry(self.house, who, inquiry.id, command_id(), answer=text, now=NOW)

    async def page(self, by="10002", **more):
        return await list_inquiries(self.house.records, await self.stage.who(by), self.lesson_id, now=NOW, **more)

    async def seen(self, by="10002"):
        return {each.text: each for each in (await self.page(by)).items}

    async def desk(self, **change):
        who = await self.stage.who("director")
        return await set_desk(self.house, who, self.lesson_id, command_id(), change=DeskChange(**change), now=NOW)

    async def log(self, by):
        """What the log holds for this one, as text."""
        who = await self.stage.who(by)
        heard = Listener(who.account_id)
        events = await self.house.records.read(lambda tx: tx.events.since(self.lesson_id, 0, heard, 1000))
        return json.dumps([dict(each.data) for each in events], ensure_ascii=False)

    async def chapters(self, by="10001"):
        return await list_chapters(self.house.records, await self.stage.who(by), self.lesson_id, NOW)


@pytest.fixture
def hall(live):
    return Hall(live)


async def test_it_waits_and_only_staff_and_who_asked_see_it(hall):
    await hall.ask("灭火器怎么用？")
    assert (await hall.seen("director"))["灭火器怎么用？"].name is not None
    own = (await hall.seen("10001"))["灭火器怎么用？"]
    assert (own.state, own.mine) == (S.WAITING, True)
    for other in ("10002", "venue1"):
        assert await hall.seen(other) == {}
        assert "灭火器" not in await hall.log(other)
    assert (await hall.page("director")).waiting == 1
    assert (await hall.page("10002")).waiting is None


async def test_what_is_taken_back_leaves_the_log_of_everybody(hall):
    asked = await hall.ask("灭火器怎么用？")
    for step, back in (("approve", "reopen"), ("approve", "decline")):
        await hall.step(asked, step)
        assert "灭火器" in await hall.log("10002")
        assert "灭火器怎么用？" in await hall.seen("10002")
        await hall.step(asked, back)
        assert "灭火器" not in await hall.log("10002")
        assert await hall.seen("10002") == {}
    assert (await hall.seen("10001"))["灭火器怎么用？"].state is S.DECLINED


async def test_names_are_shown_until_the_lesson_hides_them_also_in_the_log(hall):
    asked = await hall.ask("灭火器怎么用？")
    await hall.step(asked, "approve")
    name = (await hall.seen("director"))["灭火器怎么用？"].name
    assert (await hall.seen())["灭火器怎么用？"].name == name
    assert name in await hall.log("10002")
    assert not (await hall.desk(names=False)).names
    assert (await hall.seen())["灭火器怎么用？"].name is None
    await hall.step(asked, "stage")
    assert name not in await hall.log("10002")
    assert (await hall.seen("10001"))["灭火器怎么用？"].name == name
    await hall.desk(names=True)
    assert (await hall.seen())["灭火器怎么用？"].name == name


async def test_three_wait_and_ten_an_hour(hall):
    for number in range(3):
        last = await hall.ask(f"第 {number} 问")
    assert await refused(hall.ask("第四问")) == "inquiries_waiting"
    await hall.ask("别人的", by="10002")
    for number in range(3, 10):
        await hall.step(last, "decline")
        last = await hall.ask(f"第 {number} 问")
    await hall.step(last, "decline")
    assert await refused(hall.ask("第十一问")) == "inquiries_too_many"
    await hall.step(next(iter((await hall.seen("10001")).values())), "approve")
    await hall.ask("一小时后", now=NOW + 61 * MINUTE)


async def test_a_retry_asks_once(hall):
    command = command_id()
    first = await hall.ask("灭火器怎么用？", command=command)
    assert await hall.ask("灭火器怎么用？", command=command) == first
    assert len((await hall.page("director")).items) == 1
    assert await refused(hall.ask("另一问", command=command)) == "command_reused"


@pytest.mark.parametrize("who", ["lecturer", "director", "venue1"])
async def test_members_ask_nobody_else(hall, who):
    assert await refused(hall.ask("灭火器怎么用？", by=who)) == "forbidden"


async def test_a_member_decides_nothing_and_learns_of_nothing_that_waits(hall):
    asked = await hall.ask("灭火器怎么用？")
    assert await refused(hall.step(asked, "approve", by="10002")) == "inquiry_not_found"
    assert await refused(hall.vote(asked, "10002")) == "inquiry_not_found"
    await hall.step(asked, "approve")
    assert await refused(hall.step(asked, "decline", by="10002")) == "forbidden"
    assert await refused(hall.answer(asked, "……", by="10001")) == "forbidden"
    assert (await hall.seen())["灭火器怎么用？"].state is S.APPROVED


async def test_votes_count_each_member_once_and_follow_a_merge_and_come_back(hall):
    one, two = await hall.ask("灭火器怎么用？"), await hall.ask("怎样使用灭火器？", by="10002")
    for each in (one, two):
        await hall.step(each, "approve")
    for again in range(2):
        assert (await hall.vote(one, "10003")).votes == 1, again
    assert (await hall.vote(two, "10003")).votes == 1
    assert (await hall.vote(two, "10021")).votes == 1 + 1
    assert await refused(hall.vote(one, "10001")) == "forbidden"
    await hall.step(two, "merge", into=one)
    merged = (await hall.seen("director"))["灭火器怎么用？"]
    assert merged.votes == support("1", ["3", "3", "21"], ["2"]) == 3
    assert "怎样使用灭火器？" not in await hall.seen("10003")
    assert (await hall.seen("10002"))["怎样使用灭火器？"].state is S.MERGED
    assert await refused(hall.step(one, "merge", into=two)) == "inquiry_merge"
    assert (await hall.vote(one, "10003", up=False)).votes == 3  # voted for the other one, too
    await hall.step(two, "reopen")
    assert (await hall.seen("director"))["灭火器怎么用？"].votes == 0
    assert (await hall.seen("director"))["怎样使用灭火器？"].votes == 2


async def test_what_was_merged_goes_along_when_its_target_is_merged(hall):
    one, two, three = [
        await hall.ask(f"第 {number} 问", by=by) for number, by in enumerate(("10001", "10002", "10003"))
    ]
    await hall.step(one, "merge", into=two)
    await hall.step(two, "merge", into=three)
    seen = await hall.seen("director")
    assert {seen["第 0 问"].merged_into, seen["第 1 问"].merged_into} == {three.id}
    assert seen["第 2 问"].votes == 2


async def test_a_merge_of_many_can_be_taken_back_one_by_one_with_its_votes(hall):
    """As the console undoes it: the one that was merged, then each that had gone along with it."""
    along, middle, target = await hall.ask("甲"), await hall.ask("乙", by="10002"), await hall.ask("丙", by="10003")
    for each in (middle, target):
        await hall.step(each, "approve")
    await hall.vote(middle, "10004")
    await hall.step(along, "merge", into=middle)
    before = {text: (each.state, each.votes, each.merged_into) for text, each in (await hall.seen("director")).items()}
    assert before["乙"] == (S.APPROVED, 2, None)
    await hall.step(middle, "merge", into=target)
    assert (await hall.seen("director"))["丙"].votes == 3
    for step in ("reopen", "approve"):
        await hall.step(middle, step)
    await hall.step(along, "reopen")
    await hall.step(along, "merge", into=middle)
    after = {text: (each.state, each.votes, each.merged_into) for text, each in (await hall.seen("director")).items()}
    assert after == before


async def test_one_is_on_stage_and_its_answer_becomes_a_chapter(hall):
    one, two = await hall.ask("灭火器怎么用？"), await hall.ask("几年一换？")
    for each in (one, two):
        await hall.step(each, "approve")
    await hall.step(one, "stage")
    await hall.step(two, "stage", now=NOW + MINUTE)
    assert (await hall.seen())["灭火器怎么用？"].state is S.APPROVED
    await hall.step(two, "answer", now=NOW + 3 * MINUTE)
    [chapter] = await hall.chapters()
    assert (chapter.at, chapter.title, chapter.inquiry_id) == (NOW + MINUTE, "几年一换？", two.id)
    await hall.step(two, "reopen")
    assert await hall.chapters() == ()
    assert (await hall.seen())["几年一换？"].state is S.APPROVED


async def test_answered_in_writing_after_the_lesson_for_everybody(hall):
    asked = await hall.ask("灭火器怎么用？")
    await hall.step(asked, "approve")
    await hall.stage.step("end")
    assert await refused(hall.step(asked, "stage")) == "lesson_not_on_air"
    assert await refused(hall.ask("晚了")) == "lesson_not_on_air"
    await hall.answer(asked, "提、拔、握、压。")
    seen = (await hall.seen())["灭火器怎么用？"]
    assert (seen.state, seen.answer) == (S.ANSWERED, "提、拔、握、压。")
    assert await hall.chapters() == ()


async def test_many_at_once_leaves_what_was_decided_meanwhile(hall):
    asked = [await hall.ask(f"第 {n} 问", by=by) for n, by in enumerate(("10001", "10002", "10003"))]
    await hall.step(asked[0], "decline")
    who = await hall.stage.who("director")
    ids = [each.id for each in asked]
    more = {"step": T.DECLINE, "ids": ids, "now": NOW}
    changed = await decide_many(hall.house, who, hall.lesson_id, command_id(), **more)
    assert [each.id for each in changed] == ids[1:]
    unknown = {**more, "ids": [command_id()]}
    assert await refused(decide_many(hall.house, who, hall.lesson_id, command_id(), **unknown)) == "inquiry_not_found"


async def test_a_listed_word_is_marked_for_staff_and_approved_by_itself_alone(hall):
    unit = (await hall.stage.who("director")).grants[0].unit_id
    words = WordList(
        unit, ("赌博",), version=1, changed_by=(await hall.stage.who("director")).account_id, changed_at=NOW
    )
    await hall.house.records.write(lambda tx: tx.words.put(words))
    bad, good = await hall.ask("去賭\u200b博吗？"), await hall.ask("灭火器怎么用？", by="10002")
    assert (bad.listed, good.listed) == ((), ())  # its author is not taught the list
    staff = await hall.seen("director")
    assert [staff[each.text].listed for each in (bad, good)] == [("賭\u200b博",), ()]
    who, more = await hall.stage.who("director"), {"ids": [bad.id, good.id], "now": NOW}
    changed = await decide_many(hall.house, who, hall.lesson_id, command_id(), step=T.APPROVE, **more)
    assert [each.id for each in changed] == [good.id]
    await hall.step(bad, "approve")
    assert (await hall.seen())[bad.text].listed == ()
    assert "listed" not in await hall.log("10002") or '"listed": []' in await hall.log("10002")
    changed = await decide_many(hall.house, who, hall.lesson_id, command_id(), step=T.DECLINE, **more)
    assert [each.id for each in changed] == [bad.id, good.id]


async def test_who_was_muted_for_an_inquiry_asks_and_raises_no_hand_until_it_is_over(hall):
    asked = await hall.ask("……")
    hand = await raised(hall.stage, "10001")
    who = await hall.stage.who("director")
    muted = mute_asker(hall.house, who, asked.id, command_id(), minutes=5, reason="请勿刷屏", now=NOW)
    assert (await muted).until == NOW + 5 * MINUTE
    assert (await seen(hall.stage, "director")).queue == ()
    assert hand.id in [each.id for each in (await seen(hall.stage, "director")).ended]
    assert await refused(hall.ask("再问")) == "talk_muted"
    assert await refused(raised(hall.stage, "10001", now=NOW + MINUTE)) == "talk_muted"
    assert (await hall.ask("别人可以问", by="10002")).text
    member = await hall.stage.who("10002")
    again = mute_asker(hall.house, member, asked.id, command_id(), minutes=5, reason="x", now=NOW)
    assert await refused(again) == "inquiry_not_found"
    assert (await hall.ask("时间到了", now=NOW + 5 * MINUTE)).text
    assert (await raised(hall.stage, "10001", now=NOW + 5 * MINUTE)).id


async def test_order_by_hand_and_whom_it_is_for(hall):
    asked = [await hall.ask(f"第 {n} 问", by=by) for n, by in enumerate(("10001", "10002", "10003"))]
    for each in asked[:2]:
        await hall.step(each, "approve")
    who = await hall.stage.who("director")
    ids = [asked[1].id, asked[2].id, asked[0].id]
    placed = await order_inquiries(hall.house, who, hall.lesson_id, command_id(), ids=ids, now=NOW)
    assert placed == (asked[1].id, asked[0].id)  # the third one still waits
    page = await hall.page()
    assert page.desk.order is Order.HAND
    assert {each.text: each.position for each in page.items} == {"第 1 问": 0, "第 0 问": 1}
    await assign_inquiry(hall.house, who, asked[0].id, command_id(), to="第一分会场", now=NOW)
    assert (await hall.seen())["第 0 问"].assigned_to == "第一分会场"


async def test_pages_follow_each_other_without_gap(hall):
    for number in range(MANY):
        await hall.step(await hall.ask(f"{number}", by=f"1000{1 + number % 3}", now=NOW + number * MINUTE), "approve")
    found, cursor = [], None
    while True:
        page = await hall.page(limit=5, cursor=cursor)
        found += [each.text for each in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == [str(number) for number in range(MANY)]
    assert page.seq == await hall.house.records.read(lambda tx: tx.events.seq(hall.lesson_id))


async def test_the_table_for_staff_has_everything(hall):
    one, two = await hall.ask("灭火器怎么用？"), await hall.ask("=1+1", by="10002")
    await hall.step(two, "merge", into=one)
    rows = await inquiry_rows(hall.house.records, await hall.stage.who("director"), hall.lesson_id, NOW)
    assert rows[0] == HEAD
    assert {row[4]: (row[3], row[9]) for row in rows[1:]} == {
        "灭火器怎么用？": ("待审", ""),
        "=1+1": ("已合并", "灭火器怎么用？"),
    }
    assert (
        await refused(inquiry_rows(hall.house.records, await hall.stage.who("10001"), hall.lesson_id, NOW))
        == "forbidden"
    )


async def test_chapters_are_marked_named_and_taken_away_by_staff(hall):
    director, member = await hall.stage.who("director"), await hall.stage.who("10001")
    marked = await mark_chapter(hall.house, director, hall.lesson_id, command_id(), title="", now=NOW)
    assert (
        await refused(mark_chapter(hall.house, member, hall.lesson_id, command_id(), title="", now=NOW)) == "forbidden"
    )
    await name_chapter(hall.house, director, marked.id, command_id(), title="灭火器", now=NOW)
    assert await refused(name_chapter(hall.house, member, marked.id, command_id(), title="x", now=NOW)) == "forbidden"
    assert [(each.title, each.at) for each in await hall.chapters()] == [("灭火器", NOW)]
    await remove_chapter(hall.house, director, marked.id, NOW)
    assert await hall.chapters() == ()
    assert await refused(remove_chapter(hall.house, director, marked.id, NOW)) == "chapter_not_found"
    assert "chapter.marked" not in [each.kind for each in await hall.stage.events() if each.audience != "staff"]
