"""The question bank through its use cases, on both databases."""

import csv
import io
import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.domain.bank import BankFilter, BankKind, Content
from server.domain.bank_sheet import TITLES, row_of
from server.domain.question_pictures import Brought, Picture
from server.domain.scoring import Scoring
from server.services import bank, bank_imports
from server.services.bank import add_to_bank, edit_bank, list_bank, retire_question, see_question, see_versions
from server.services.bank_imports import BankUpload, bank_rows, import_bank
from server.services.demo import demo_id
from server.services.questions import QuestionChange, change_question, list_questions, take_from_bank
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

BRANCH, BESIDE = "综合党支部", "财务党支部"
SINGLE = Content(BankKind.SINGLE, "火警电话是？", ("110", "119"), (1,), scoring=Scoring.EXACT, tags=("消防",))
FILLED = Content(BankKind.FILL_IN, "急救电话__", blanks=(("120", "一二〇"),), scoring=Scoring.BLANKS, tags=("急救",))
EVERYTHING = BankFilter(frozenset())


class Keeper:
    """The house and short words for who keeps what."""

    def __init__(self, stage):
        self.stage, self.records = stage, stage.records

    async def add(self, content=SINGLE, unit=BRANCH, by="admin", command=None):
        who = await self.stage.who(by)
        return await add_to_bank(
            self.records, who, command or command_id(), unit_id=demo_id(unit), content=content, now=NOW
        )

    async def list(self, by="admin", unit=None, cursor=None, limit=50, **wanted):
        who = await self.stage.who(by)
        unit_id = demo_id(unit) if unit else None
        narrowed = replace(EVERYTHING, **wanted)
        return await list_bank(self.records, who, narrowed, unit_id=unit_id, cursor=cursor, limit=limit, now=NOW)

    async def texts(self, **wanted):
        return [item.text for item in (await self.list(**wanted)).items]

    async def edit(self, one, content, by="admin", version=None):
        who, version = await self.stage.who(by), version or one.version
        return await edit_bank(self.records, who, one.id, command_id(), content=content, version=version, now=NOW)

    async def retire(self, one, by="admin", retired=True):
        return await retire_question(
            self.records, await self.stage.who(by), one.id, command_id(), retired=retired, now=NOW
        )

    async def take(self, *ids, by="admin"):
        who = await self.stage.who(by)
        return await take_from_bank(self.records, who, self.stage.lesson_id, command_id(), bank_ids=ids, now=NOW)


@pytest.fixture
def keeper(stage):
    return Keeper(stage)


async def test_a_question_is_kept_as_it_was_said_and_a_retry_makes_no_other(keeper):
    command = command_id()
    one = await keeper.add(command=command)
    assert await keeper.add(command=command) == one
    assert (one.kind, one.options, one.correct, one.scoring, one.number) == ("single", ("110", "119"), (1,), 1, 1)
    assert await see_question(keeper.records, await keeper.stage.who("admin"), one.id, NOW) == one
    two = await keeper.add(FILLED)
    assert two.blanks == (("120", "一二〇"),)
    assert await refused(keeper.add(replace(SINGLE, correct=()))) == "invalid_body"


async def test_a_list_is_narrowed_by_words_tag_kind_and_unit_and_goes_on_where_it_ended(keeper):
    await keeper.add()
    await keeper.add(FILLED)
    await keeper.add(replace(SINGLE, text="100%_安全？", tags=("消防", "用电")), unit=BESIDE)
    page = await keeper.list()
    assert page.total == 3
    assert [(tag.tag, tag.questions) for tag in page.tags] == [("消防", 2), ("急救", 1), ("用电", 1)]
    assert await keeper.texts(words="电话 消防") == ["火警电话是？"]
    assert await keeper.texts(words="%_") == ["100%_安全？"]
    assert await keeper.texts(tag="急救") == [FILLED.text]
    assert await keeper.texts(kind=BankKind.FILL_IN) == [FILLED.text]
    assert await keeper.texts(unit=BESIDE) == ["100%_安全？"]
    seen, cursor = [], None
    for _ in range(3):
        page = await keeper.list(cursor=cursor, limit=1)
        seen += [item.text for item in page.items]
        cursor = page.next_cursor
    assert cursor is None
    assert sorted(seen) == sorted(await keeper.texts())


async def test_editing_makes_a_version_and_the_ones_before_stay(keeper):
    one = await keeper.add()
    assert await keeper.edit(one, SINGLE) == one
    two = await keeper.edit(one, replace(SINGLE, text="发现火情拨打？", tags=("电话",)))
    assert (two.number, two.version) == (2, 2)
    assert await keeper.texts(tag="消防") == []
    assert await keeper.texts(tag="电话") == ["发现火情拨打？"]
    assert await refused(keeper.edit(one, FILLED)) == "precondition_failed"
    versions = await see_versions(keeper.records, await keeper.stage.who("admin"), one.id, NOW)
    assert [(each.number, each.text) for each in versions.items] == [(2, "发现火情拨打？"), (1, SINGLE.text)]
    assert all(each.by for each in versions.items)


async def test_a_retired_question_is_offered_no_more_until_it_is_restored(keeper):
    one = await keeper.add()
    gone = await keeper.retire(one)
    assert gone.retired_at == NOW
    assert (await keeper.retire(one)).version == gone.version
    assert await keeper.texts() == []
    assert await keeper.texts(retired=True) == [SINGLE.text]
    assert await refused(keeper.edit(gone, FILLED)) == "bank_retired"
    assert await refused(keeper.take(one.id)) == "bank_retired"
    back = await keeper.retire(one, retired=False)
    assert await keeper.texts() == [SINGLE.text]
    assert (await keeper.edit(back, FILLED)).number == 2


async def test_a_bank_is_kept_at_and_below_the_unit_of_the_role_and_answers_leak_to_nobody_else(keeper):
    own, above = await keeper.add(), await keeper.add(unit="机关党总支")
    assert [item.id for item in (await keeper.list(by="secretary")).items] == [own.id]
    who = await keeper.stage.who("secretary")
    assert await refused(see_question(keeper.records, who, above.id, NOW)) == "bank_question_not_found"
    assert await refused(keeper.edit(above, FILLED, by="secretary")) == "bank_question_not_found"
    assert await refused(keeper.retire(above, by="secretary")) == "bank_question_not_found"
    assert await refused(keeper.add(unit=BESIDE, by="secretary")) == "unit_not_found"
    assert await refused(keeper.list(by="secretary", unit=BESIDE)) == "unit_not_found"
    for nobody in ("10001", "secadmin", "auditor", "venue1"):
        assert await refused(keeper.list(by=nobody)) == "forbidden"
        assert await refused(keeper.add(by=nobody)) == "forbidden"
        reader = await keeper.stage.who(nobody)
        assert await refused(see_question(keeper.records, reader, own.id, NOW)) == "forbidden"


async def prepared(keeper):
    who = await keeper.stage.who("admin")
    return [each.text for each in await list_questions(keeper.records, who, keeper.stage.lesson_id, NOW)]


async def test_a_lesson_takes_versions_and_keeps_them_when_the_bank_goes_on(keeper):
    one = await keeper.add()
    taken = await keeper.take(one.id)
    assert [(each.text, each.from_bank) for each in taken] == [(SINGLE.text, True)]
    seen = await see_question(keeper.records, await keeper.stage.who("admin"), one.id, NOW)
    assert seen.used
    await keeper.edit(seen, replace(SINGLE, text="另一种问法"))
    who = await keeper.stage.who("admin")
    assert (await prepared(keeper))[-1] == SINGLE.text
    versions = await see_versions(keeper.records, who, one.id, NOW)
    assert [each.used_at for each in versions.items] == [None, NOW]


async def test_a_taken_question_that_is_edited_in_the_lesson_is_no_version_of_the_bank_any_more(keeper):
    one = await keeper.add()
    (taken,) = await keeper.take(one.id)
    who = await keeper.stage.who("admin")
    longer = await change_question(
        keeper.records, who, taken.id, QuestionChange(seconds=90), version=taken.version, now=NOW
    )
    assert longer.from_bank
    other = await change_question(
        keeper.records, who, taken.id, QuestionChange(text="改了"), version=longer.version, now=NOW
    )
    assert not other.from_bank


async def test_all_of_what_is_taken_or_none(keeper):
    one, before = await keeper.add(), await prepared(keeper)
    assert await refused(keeper.take(one.id, one.id)) == "invalid_body"
    assert await refused(keeper.take(one.id, command_id())) == "bank_question_not_found"
    assert await prepared(keeper) == before


async def test_a_unit_has_room_for_so_many(keeper, monkeypatch):
    monkeypatch.setattr(bank, "MOST_IN_UNIT", 1)
    await keeper.add()
    assert await refused(keeper.add(FILLED)) == "bank_full"
    await keeper.add(FILLED, unit=BESIDE)


# ---- tables ----------------------------------------------------------------------------------------------


class Reader:
    """The craft without its process."""

    async def __call__(self, source, into, _progress):
        rows = list(csv.reader(io.StringIO(source.read_text("utf-8"))))
        (into / "table.json").write_text(json.dumps({"sheet": "题目", "rows": rows}))
        return {}


def table(*contents, more=()):
    out = io.StringIO()
    csv.writer(out).writerows([TITLES, *(row_of(content) for content in contents), *more])
    return out.getvalue().encode()


async def bring(keeper, content, plan=None, *, by="admin", unit=BRANCH, command=None):
    who = await keeper.stage.who(by)
    return await import_bank(
        *(keeper.records, Reader(), who, command or command_id()),
        unit_id=demo_id(unit),
        upload=BankUpload("题目.csv", content, plan),
        now=NOW,
    )


async def test_a_table_is_looked_through_then_all_of_it_is_there_and_a_second_time_changes_nothing(keeper):
    content = table(SINGLE, FILLED)
    looked = await bring(keeper, content)
    assert (looked.created, looked.changed, looked.unchanged, looked.errors, looked.applied) == (2, 0, 0, 0, False)
    assert await keeper.texts() == []
    command = command_id()
    done = await bring(keeper, content, looked.plan, command=command)
    assert done.applied
    assert await bring(keeper, content, looked.plan, command=command) == done
    assert await keeper.texts() == [SINGLE.text, FILLED.text]
    again = await bring(keeper, content)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
    better = await bring(keeper, table(replace(SINGLE, explanation="全国统一")))
    assert (better.created, better.changed) == (0, 1)
    await bring(keeper, table(replace(SINGLE, explanation="全国统一")), better.plan)
    first = (await keeper.list()).items[0]
    assert (first.number, first.explanation) == (2, "全国统一")


PICTURES = [Picture(digit * 64, "图", 640, 480) for digit in "ab"]


async def with_pictures(keeper):
    """Two questions that say the same of different pictures."""

    def put(tx):
        for sha256 in (each.sha256 for each in PICTURES):
            tx.question_pictures.put(Brought(demo_id("admin"), sha256, 640, 480, 1000, NOW, kept=True))

    await keeper.records.write(put)
    return [replace(SINGLE, picture=each) for each in PICTURES]


async def test_a_table_brings_no_picture_and_takes_none_away(keeper):
    contents = await with_pictures(keeper)
    first, second = [await keeper.add(content) for content in contents]
    again = await bring(keeper, table(*contents))
    assert (again.created, again.changed, again.unchanged, again.unpictured) == (0, 0, 2, ())
    better = table(*(replace(each, explanation="全国统一") for each in contents))
    looked = await bring(keeper, better)
    assert (looked.created, looked.changed) == (0, 2)
    await bring(keeper, better, looked.plan)
    who = await keeper.stage.who("admin")
    after = [await see_question(keeper.records, who, each.id, NOW) for each in (first, second)]
    assert [(each.number, each.picture) for each in after] == [(2, each) for each in PICTURES]
    plain = table(replace(SINGLE, explanation="没有配图一列"))
    await bring(keeper, plain, (await bring(keeper, plain)).plan)
    kept = [await see_question(keeper.records, who, each.id, NOW) for each in (first, second)]
    assert sorted(each.explanation for each in kept) == ["全国统一", "没有配图一列"], (
        "one of the two, as old as the other"
    )
    assert [each.picture for each in kept] == PICTURES


async def test_where_a_picture_is_not_the_table_says_in_which_rows(keeper):
    contents = await with_pictures(keeper)
    content = table(*contents, more=[["单选", "图中是？", "甲", "乙", *[""] * 8, "A", *[""] * 6, "图一.png"]])
    looked = await bring(keeper, content, unit=BESIDE)
    assert (looked.created, looked.errors, looked.unpictured) == (3, 0, ("T2", "T3", "T4"))
    await bring(keeper, content, looked.plan, unit=BESIDE)
    assert [each.picture for each in (await keeper.list(unit=BESIDE)).items] == [None] * 3
    again = await bring(keeper, content, unit=BESIDE)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 3)


async def test_with_an_error_nothing_of_it_is_imported(keeper):
    content = table(SINGLE, more=[["单选", "没有答案", "甲", "乙"]])
    looked = await bring(keeper, content)
    assert [(issue.cell, issue.fault) for issue in looked.issues] == [("M3", "answer_letters")]
    assert await refused(bring(keeper, content, looked.plan)) == "bank_import_has_errors"
    assert await keeper.texts() == []


async def test_what_was_confirmed_is_what_is_done(keeper):
    content = table(SINGLE, FILLED)
    looked = await bring(keeper, content)
    await keeper.add()
    assert await refused(bring(keeper, content, looked.plan)) == "bank_import_outdated"
    assert await refused(bring(keeper, table(FILLED), looked.plan)) == "bank_import_outdated"
    assert await keeper.texts() == [SINGLE.text]


async def test_a_table_goes_into_a_unit_of_the_own_care_only(keeper):
    assert await refused(bring(keeper, table(SINGLE), by="secretary", unit=BESIDE)) == "unit_not_found"
    assert await refused(bring(keeper, table(SINGLE), by="10001")) == "forbidden"
    assert await refused(bring(keeper, b"a,b\n1,2\n")) == "table_no_titles"


async def test_what_is_exported_is_what_the_list_is_narrowed_to(keeper):
    await keeper.add()
    await keeper.add(FILLED)
    who = await keeper.stage.who("admin")
    rows = await bank_rows(keeper.records, who, replace(EVERYTHING, tag="急救"), unit_id=None, now=NOW)
    assert rows == [TITLES, row_of(FILLED)]


async def test_however_many_questions_come_they_are_written_in_a_few_statements(keeper, monkeypatch):
    """Everybody else who signs in or answers waits for the writer meanwhile."""
    many = [replace(SINGLE, text=f"第 {number} 题") for number in range(120)]
    counts = []
    execute = sa.Connection.execute

    def counted(connection, *args, **kwargs):
        counts.append(1)
        return execute(connection, *args, **kwargs)

    for content in (table(*many), table(*(replace(one, source="教材") for one in many))):
        plan = (await bring(keeper, content)).plan
        with monkeypatch.context() as patch:
            patch.setattr(sa.Connection, "execute", counted)
            assert (await bring(keeper, content, plan)).applied
    assert len(counts) < len(many)
    assert {(item.number, item.source) for item in (await keeper.list(limit=200)).items} == {(2, "教材")}


async def test_an_export_leaves_nothing_out(keeper, monkeypatch):
    await keeper.add()
    await keeper.add(FILLED)
    monkeypatch.setattr(bank_imports, "MOST_EXPORTED", 1)
    asked = bank_rows(keeper.records, await keeper.stage.who("admin"), EVERYTHING, unit_id=None, now=NOW)
    assert await refused(asked) == "bank_export_too_large"
