"""Looking at a rule before it is made, what a lesson is worth by it, and credit for who teaches; on both databases."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.domain.ledger import EntryKind
from server.domain.lesson_kinds import LessonKind
from server.domain.quiz_terms import QuizTerms
from server.domain.worth_terms import By, WorthTerms
from server.services.credit_rules import RulePlan, add_rule, list_rules
from server.services.demo import demo_id
from server.services.reviews import ask_review
from server.services.rule_previews import lesson_worth, preview_rule
from server.services.verdicts import own_verdict
from server.store.audit import check_ledger
from server.store.schema import lessons
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import AT_VENUE, BEGINS, ENDS, LEFT_EARLY, MINUTE, PASSES, held, member, move
from tests.store.samples import NOW

LATER = ENDS + 60 * MINUTE
ROOT = demo_id("某集团党委")
PLAN = RulePlan(ROOT, "新规则", dt.date(2026, 1, 1), None, 10, 80, 50, None)


async def add(stage, **changed):
    return await add_rule(stage.records, await stage.who("admin"), command_id(), replace(PLAN, **changed), NOW)


async def look(stage, by="admin", **changed):
    return await preview_rule(stage.records, await stage.who(by), stage.lesson_id, replace(PLAN, **changed), LATER)


async def test_a_preview_says_who_would_get_something_else_and_writes_nothing(stage, database, database_url):
    await held(stage, database)
    assert await refused(look(stage)) == "not_settled"
    await move(stage, "settle", LATER)
    head = await check_ledger(database_url)
    same = await look(stage)
    assert (same.items, same.more, same.less) == ((), 0, 0)
    found = await look(stage, least_present_percent=70)  # one left after 78 %
    assert [(one.member.id, one.before, one.after) for one in found.items] == [(member(LEFT_EARLY), 0, 200)]
    assert [each.code for each in found.items[0].failings_before] == ["not_present_enough"]
    assert (found.more, found.less, found.passed_after - found.passed_before) == (1, 0, 1)
    assert found.rule.version == 1
    assert await check_ledger(database_url) == head
    assert len(await list_rules(stage.records, await stage.who("admin"), NOW)) == 1
    assert await refused(look(stage, by="secretary")) == "forbidden"
    assert await refused(look(stage, by=PASSES)) == "forbidden"


async def test_quiz_weights_decide_at_settling(stage, database):
    """Of two questions, answering weighs 40 and answering right 60: both answered and one right are (80 + 60) / 200 =
    70 %, one answered and right is 50 %. Asked are 60 %.
    """
    await add(stage, least_present_percent=0, least_answered_percent=None, quiz=QuizTerms(40, 60, 60))
    await held(stage, database)
    await move(stage, "settle", LATER)
    found = {}
    for number in (PASSES, AT_VENUE, LEFT_EARLY):
        verdict = await own_verdict(stage.records, await stage.who(number), stage.lesson_id, LATER)
        found[number] = (verdict.hundredths, [failing.code for failing in verdict.failings])
    assert found == {PASSES: (0, ["not_scored_enough"]), AT_VENUE: (200, []), LEFT_EARLY: (200, [])}


async def test_a_rule_keeps_its_terms_and_who_made_it(stage):
    terms = {
        "quiz": QuizTerms(40, 60, 60),
        "worth": WorthTerms({LessonKind.THEME_DAY: 150}, 45),
        "teaching_percent": 300,
    }
    made = await add(stage, **terms)
    assert (made.quiz, made.worth, made.teaching_percent) == tuple(terms.values())
    assert (made.made_by.account_id, made.made_at) == (demo_id("admin"), NOW)
    listed = await list_rules(stage.records, await stage.who("admin"), NOW)
    assert listed[-1] == made
    wrong = add(stage, since=dt.date(2026, 12, 1), worth=WorthTerms({}, 45, 25, 180, 300, 180, 600))
    assert await refused(wrong) == "invalid_body"


async def test_a_planned_lesson_is_proposed_what_the_rule_of_its_day_says(stage):
    async def asked(by="admin", kind=LessonKind.LECTURE, minutes=90, unit=ROOT):
        until = BEGINS + minutes * MINUTE
        order = {"unit_id": unit, "kind": kind, "starts_at": BEGINS, "ends_at": until, "now": NOW}
        return await lesson_worth(stage.records, await stage.who(by), **order)

    assert (await asked()).hundredths is None
    await add(stage, worth=WorthTerms({LessonKind.THEME_DAY: 150}, 45))
    assert ((await asked()).hundredths, (await asked()).by) == (200, By.LENGTH)
    assert (await asked(kind=LessonKind.THEME_DAY)).hundredths == 150
    assert await refused(asked(minutes=0)) == "invalid_body"
    assert await refused(asked(by=PASSES)) == "forbidden"
    own = demo_id("综合党支部")
    assert (await asked(by="secretary", kind=LessonKind.THEME_DAY, unit=own)).hundredths == 150
    assert await refused(asked(by="secretary", unit=own)) == "forbidden"
    assert await refused(asked(by="secretary", kind=LessonKind.THEME_DAY)) == "forbidden"


@pytest.mark.parametrize(("number", "listened", "taught"), [(PASSES, 200, 400), (LEFT_EARLY, 0, 600)])
async def test_who_teaches_is_granted_what_the_rule_multiplies_once(  # noqa: PLR0917 - three fixtures, three numbers
    stage, database, database_url, number, listened, taught
):
    """核定学时 2.00, × 3 = 6.00 in all, with what listening gave."""
    await add(stage, teaching_percent=300)
    whose = sa.update(lessons).where(lessons.c.id == stage.lesson_id).values(lecturer_id=demo_id(number))
    await database.write(lambda c: c.execute(whose))
    await held(stage, database)
    await move(stage, "settle", LATER)
    entries = await stage.records.read(lambda tx: tx.ledger.of_lesson(stage.lesson_id))
    own = {entry.kind: entry for entry in entries if entry.member_id == member(number)}
    assert own[EntryKind.TEACHING].hundredths == taught
    assert sum(entry.hundredths for entry in own.values()) == listened + taught == 600
    assert (await check_ledger(database_url)).position == len(entries)
    again = ask_review(stage.house, await stage.who(number), stage.lesson_id, command_id(), text="?", now=LATER)
    assert await refused(again) == "already_credited"


async def test_a_lecturer_who_is_no_member_and_a_rule_without_it_grant_nothing(stage, database):
    await held(stage, database)
    await move(stage, "settle", LATER)
    entries = await stage.records.read(lambda tx: tx.ledger.of_lesson(stage.lesson_id))
    assert EntryKind.TEACHING not in {entry.kind for entry in entries}
