"""Correcting credit that was entered: never less than an entry more, by who settles; on SQLite and PostgreSQL."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.domain.access import Role, RoleGrant
from server.domain.credit_sums import of_members
from server.domain.ledger import Award, EntryKind, micro_key
from server.domain.refusals import Refusal
from server.services.credit_rules import RulePlan, add_rule
from server.services.demo import demo_id
from server.services.entry_corrections import correct_entry
from server.services.inbox import see_inbox
from server.services.member_credit import member_credit
from server.services.reviews import ask_review, decide_review
from server.services.settling_entries import enter_alone
from server.services.verdicts import list_verdicts, own_credit, own_verdict
from server.store.audit import audit, report
from server.store.schema import credit_entries, entry_corrections, lessons
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import ABSENT, ENDS, MINUTE, PASSES, SILENT, facts, held, member, move
from tests.store.samples import NOW
from tests.store.test_audit import forge

LATER = ENDS + 60 * MINUTE


@pytest.fixture
async def settled(stage, database):
    ended = await held(stage, database)
    await move(ended, "settle", LATER)
    return ended


async def entry_of(stage, number=PASSES):
    found = await stage.records.read(lambda tx: tx.ledger.of_lesson(stage.lesson_id))
    return next(each for each in found if each.member_id == member(number))


async def correct(stage, entry_id, hundredths, seen, *, by="admin", reason="核实为代签", now=LATER, command=None):
    who = by if not isinstance(by, str) else await stage.who(by)
    return await correct_entry(
        stage.house,
        who,
        entry_id,
        command or command_id(),
        hundredths=hundredths,
        seen=seen,
        reason=reason,
        now=now,
    )


async def balance_of(stage, number=PASSES, year=None):
    return (await own_credit(stage.records, await stage.who(number), year, LATER)).hundredths


async def verdict_of(stage, number=PASSES):
    return await own_verdict(stage.records, await stage.who(number), stage.lesson_id, LATER)


async def test_credit_that_should_not_have_been_is_taken_back_and_given_again(settled, database_url):
    entry = await entry_of(settled)
    assert await balance_of(settled) == 200
    taken = await correct(settled, entry.id, 0, 200)
    assert (taken.id, taken.hundredths, taken.comes_to, taken.may_correct) == (entry.id, 200, 0, True)
    assert await balance_of(settled) == 0
    verdict = await verdict_of(settled)
    assert (verdict.passed, verdict.hundredths, verdict.entry.id) == (False, 0, entry.id)
    assert [each.code for each in verdict.failings] == ["taken_back"]
    assert verdict.evidence.present_percent == 100, "what was seen stays"
    assert (await audit(database_url)).sound

    again = await correct(settled, entry.id, 150, 0, reason="重新核实，部分认定")
    assert again.comes_to == 150
    assert await balance_of(settled) == 150
    assert ((await verdict_of(settled)).passed, (await verdict_of(settled)).hundredths) == (True, 150)
    found = await audit(database_url)
    assert found.sound
    assert found.trial.members[member(PASSES)] == 150


async def test_the_correction_is_an_entry_with_its_reason_and_person_and_no_words_in_the_ledger(settled):
    entry = await entry_of(settled)
    await correct(settled, entry.id, 0, 200)
    newest, granting = (await own_credit(settled.records, await settled.who(PASSES), None, LATER)).entries
    assert (newest.kind, newest.hundredths, newest.comes_to, newest.reason) == ("lesson", -200, 0, "学时更正")
    told = newest.correcting
    assert (told.entry_id, told.before, told.after, told.reason) == (entry.id, 200, 0, "核实为代签")
    assert told.by.name == "管理员"
    assert (granting.comes_to, granting.correcting, granting.may_correct) == (0, None, False)
    made = (await settled.records.read(lambda tx: tx.ledger.of_lesson(settled.lesson_id)))[-1]
    assert made.corrects == f"lesson:{settled.lesson_id}:{member(PASSES)}"
    assert facts(made.evidence) == {"corrected_entry": entry.id, "before": 200, "after": 0}
    assert made.actor == demo_id("admin")
    assert "代签" not in str(made), "the ledger outlives a person's words"


async def test_the_member_is_told_and_nobody_else(settled):
    await correct(settled, (await entry_of(settled)).id, 0, 200)
    inbox = await see_inbox(settled.records, await settled.who(PASSES), cursor=None, limit=9, now=LATER)
    (letter,) = [each for each in inbox.items if each.correction]
    told = letter.correction
    lesson = await settled.lesson()
    assert (letter.wave, letter.read, told.title, told.year) == ("credit_corrected", False, lesson.title, 2026)
    assert (told.before, told.after, told.reason, told.by) == (200, 0, "核实为代签", "管理员")
    for by in (SILENT, "secretary", "admin"):
        seen = await see_inbox(settled.records, await settled.who(by), cursor=None, limit=9, now=LATER)
        assert [each for each in seen.items if each.correction] == []


async def test_who_settles_corrects_and_nobody_else_and_never_the_own(settled):
    entry = await entry_of(settled)
    for by in ("director", "lecturer", "secretary", "venue1", PASSES, SILENT):
        assert await refused(correct(settled, entry.id, 0, 200, by=by)) == "forbidden"
    admin = await settled.who("admin")
    elsewhere = replace(admin, grants=(RoleGrant(Role.SCHOOL_ADMIN, demo_id("机关党总支")),), unit_line=("x",))
    assert await refused(correct(settled, entry.id, 0, 200, by=elsewhere)) == "entry_not_found"
    assert await refused(correct(settled, command_id(), 0, 200)) == "entry_not_found"
    oneself = replace(admin, member_id=member(PASSES))
    assert await refused(correct(settled, entry.id, 0, 200, by=oneself)) == "entry_own"
    page = await list_verdicts(settled.records, oneself, settled.lesson_id, passed=True, limit=200, now=LATER)
    assert {each.member_id: each.entry.may_correct for each in page.items if each.entry}[member(PASSES)] is False
    assert await balance_of(settled) == 200


async def test_what_changed_meanwhile_is_not_corrected_and_a_retry_is_the_same(settled, database_url):
    entry = await entry_of(settled)
    command = command_id()
    first = await correct(settled, entry.id, 100, 200, command=command)
    assert await correct(settled, entry.id, 100, 200, command=command) == first
    assert await refused(correct(settled, entry.id, 0, 200)) == "entry_changed"
    assert await refused(correct(settled, entry.id, 100, 100)) == "entry_same"
    correcting = (await own_credit(settled.records, await settled.who(PASSES), None, LATER)).entries[0]
    assert await refused(correct(settled, correcting.id, 0, 0)) == "entry_correcting"
    results = await asyncio.gather(*(correct(settled, entry.id, 0, 100) for _ in range(4)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["CreditEntryView", "Refusal", "Refusal", "Refusal"]
    assert {each.code for each in results if isinstance(each, Refusal)} == {"entry_changed"}
    assert await balance_of(settled) == 0
    assert (await audit(database_url)).sound


async def test_what_was_taken_back_may_be_reviewed_and_is_granted_by_another_entry(settled, database_url):
    entry = await entry_of(settled)
    await correct(settled, entry.id, 0, 200)
    who, admin = await settled.who(PASSES), await settled.who("admin")
    review = await ask_review(settled.house, who, settled.lesson_id, command_id(), text="本人到场", now=LATER)
    decided = await decide_review(settled.house, admin, review.id, command_id(), grant=True, answer="核实", now=LATER)
    assert decided.entry.hundredths == 200
    assert await balance_of(settled) == 200
    assert await refused(correct(settled, entry.id, 200, 0)) == "entry_changed", "it would be granted twice"
    assert (await audit(database_url)).sound
    await correct(settled, decided.entry.id, 50, 200)
    assert await balance_of(settled) == 50
    assert (await audit(database_url)).sound


async def test_a_part_that_was_taken_back_may_be_reviewed_and_comes_back_by_a_correction(settled, database_url):
    entry = await entry_of(settled)
    await correct(settled, entry.id, 1, 200)
    assert ((await verdict_of(settled)).passed, await balance_of(settled)) == (True, 1)
    who, admin = await settled.who(PASSES), await settled.who("admin")
    review = await ask_review(settled.house, who, settled.lesson_id, command_id(), text="本人到场", now=LATER)
    decided = await decide_review(settled.house, admin, review.id, command_id(), grant=True, answer="属实", now=LATER)
    assert (decided.entry.hundredths, decided.entry.correcting.after) == (199, 200)
    assert await balance_of(settled) == 200
    call = ask_review(settled.house, who, settled.lesson_id, command_id(), text="再问", now=LATER)
    assert await refused(call) == "already_credited"
    assert (await audit(database_url)).sound


async def test_what_a_review_replaced_shows_no_button(settled):
    entry = await entry_of(settled)
    await correct(settled, entry.id, 0, 200)
    who, admin = await settled.who(PASSES), await settled.who("admin")
    review = await ask_review(settled.house, who, settled.lesson_id, command_id(), text="本人到场", now=LATER)
    await decide_review(settled.house, admin, review.id, command_id(), grant=True, answer="核实", now=LATER)
    seen = await member_credit(settled.records, admin, member(PASSES), None, LATER)
    assert [(each.kind, each.hundredths, each.may_correct) for each in seen.entries] == [
        *(("correction", 200, True), ("lesson", -200, False), ("lesson", 200, False)),
    ]


NOTES = {
    "gone": sa.delete(entry_corrections),
    "another amount": sa.update(entry_corrections).values(after=150),
    "another year": sa.update(entry_corrections).values(counts_at=NOW),
    "of another entry": sa.update(entry_corrections).values(corrected_id="x"),
}


@pytest.mark.parametrize("forged", NOTES.values(), ids=NOTES)
async def test_a_note_that_was_changed_beside_the_ledger_is_found(settled, database, database_url, forged):
    await correct(settled, (await micro_entry(settled)).id, 10, 50)
    assert (await audit(database_url)).sound
    await forge(database, forged)
    assert {each.discord.value for each in (await audit(database_url)).mismatches} == {"note"}


async def test_a_correction_of_somebody_elses_or_of_nothing_is_found(settled, database, database_url):
    entry = await entry_of(settled)
    await correct(settled, entry.id, 0, 200)
    await forge(database, sa.delete(credit_entries).where(credit_entries.c.id == entry.id))
    assert {each.discord.value for each in (await audit(database_url)).mismatches} >= {"missing", "loose"}
    said, code = await report(database_url)
    assert code == 1
    assert "更正所指的入账不存在" in said


async def test_a_correction_that_the_verdict_does_not_say_is_found(settled, database, database_url):
    await correct(settled, (await entry_of(settled)).id, 100, 200)
    theirs = credit_entries.c.idempotency_key.startswith("correct:")
    await forge(database, sa.update(credit_entries).where(theirs).values(hundredths=-150))
    assert [each.discord.value for each in (await audit(database_url)).mismatches] == ["amount", "note"]


async def micro_entry(stage, number=PASSES, at=LATER, kind=EntryKind.MICRO):
    """As a micro-video grants it."""
    award = Award(
        *(micro_key("v", member(number)), kind, member(number), demo_id("综合党支部"), None, 50),
        *("{}", "{}", "微视频"),
    )
    return await stage.records.write(lambda tx: enter_alone(tx, award, at))


async def test_credit_of_no_lesson_is_corrected_by_the_school_and_in_its_own_year(settled, database_url):
    entry = await micro_entry(settled)
    assert await refused(correct(settled, entry.id, 0, 50, by="secretary")) == "forbidden"
    assert await refused(correct(settled, entry.id, 0, 50, by=PASSES)) == "forbidden"
    next_year = LATER + dt.timedelta(days=200)
    await correct(settled, entry.id, 0, 50, now=next_year)
    assert await balance_of(settled, year=2026) == 200
    assert await balance_of(settled, year=2027) == 0
    bounds = [dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2026, 2027)]
    sums = await settled.records.read(lambda tx: tx.ledger.sums([demo_id("综合党支部")], *bounds))
    mine = next(each for each in of_members(sums) if each.member_id == member(PASSES))
    assert (mine.kinds["lesson"], mine.kinds["micro"], mine.hundredths) == (200, 0, 200)
    seen = await member_credit(settled.records, await settled.who("admin"), member(PASSES), 2026, LATER)
    assert [each.may_correct for each in seen.entries] == [False, True, True]
    assert (await audit(database_url)).sound


async def test_teaching_that_was_taken_back_leaves_a_review_to_ask(stage, database, database_url):
    rule = {"least_present_percent": 80, "least_answered_percent": 50, "least_right_percent": None}
    plan = RulePlan(demo_id("某集团党委"), "规则", dt.date(2026, 11, 1), None, 10, **rule, teaching_percent=300)
    await add_rule(stage.records, await stage.who("admin"), command_id(), plan, NOW)
    whose = sa.update(lessons).where(lessons.c.id == stage.lesson_id).values(lecturer_id=demo_id(ABSENT))
    await database.write(lambda c: c.execute(whose))
    await held(stage, database)
    await move(stage, "settle", LATER)
    taught = await entry_of(stage, ABSENT)
    assert (taught.kind, taught.hundredths) == ("teaching", 600)
    who = await stage.who(ABSENT)
    call = ask_review(stage.house, who, stage.lesson_id, command_id(), text="?", now=LATER)
    assert await refused(call) == "already_credited"
    await correct(stage, taught.id, 0, 600, reason="由他人授课")
    asked = await ask_review(stage.house, who, stage.lesson_id, command_id(), text="本人听课", now=LATER)
    assert asked.state == "open"
    admin = await stage.who("admin")
    await correct(stage, taught.id, 600, 0, reason="仍由本人授课")
    call = decide_review(stage.house, admin, asked.id, command_id(), grant=True, answer="好", now=LATER)
    assert await refused(call) == "already_credited", "it was given again since it was asked"
    await correct(stage, taught.id, 0, 600, reason="由他人授课")
    await decide_review(stage.house, admin, asked.id, command_id(), grant=True, answer="好", now=LATER)
    assert await refused(correct(stage, taught.id, 600, 0)) == "entry_changed", "it would be granted twice"
    assert await balance_of(stage, ABSENT) == 200
    assert (await audit(database_url)).sound


async def test_outside_credit_has_its_own_corrections(settled):
    entry = await micro_entry(settled, kind=EntryKind.OUTSIDE)
    assert await refused(correct(settled, entry.id, 0, 50)) == "entry_of_outside"
