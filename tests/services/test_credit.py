"""Settling, seeing verdicts and credit, reviews; on SQLite and PostgreSQL."""

import asyncio
import datetime as dt
from dataclasses import asdict, replace

import pytest
import sqlalchemy as sa

from server.domain.access import Role, RoleGrant
from server.domain.chain import Head
from server.domain.credit import ReviewState
from server.domain.lessons import LessonState
from server.domain.refusals import Refusal
from server.services.credit_rules import RulePlan, add_rule, list_rules
from server.services.demo import RULE, demo_id
from server.services.evidence import gather
from server.services.lessons import LessonChange, LessonPlan, change_lesson, create_lesson
from server.services.member_credit import member_credit, member_verdict
from server.services.reviews import ask_review, decide_review, list_reviews
from server.services.roster import list_roster
from server.services.verdicts import list_verdicts, own_credit, own_verdict
from server.store.audit import check_ledger
from server.store.database import Database
from server.store.records import SqlRecords
from server.store.schema import verdicts
from tests.services.conftest import command_id, make_stagehand, refused
from tests.services.credit_lesson import (
    ABSENT,
    AT_VENUE,
    BEGINS,
    ENDS,
    LEFT_EARLY,
    MINUTE,
    PASSES,
    PEOPLE,
    SILENT,
    facts,
    held,
    member,
    move,
    sign_in,
    venue_id,
)
from tests.store.samples import NOW

LATER = ENDS + 60 * MINUTE
YEAR = 2026


@pytest.fixture
async def ended(stage, database):
    return await held(stage, database)


@pytest.fixture
async def settled(ended):
    await move(ended, "settle", LATER)
    return ended


async def verdict_of(stage, number):
    return await own_verdict(stage.records, await stage.who(number), stage.lesson_id, LATER)


async def credit_of(stage, number, year=None):
    return await own_credit(stage.records, await stage.who(number), year, LATER)


async def listed(stage, by="admin", **more):
    page = await list_verdicts(stage.records, await stage.who(by), stage.lesson_id, limit=200, now=LATER, **more)
    return page.items


async def entries(stage):
    return await stage.records.read(lambda tx: tx.ledger.of_lesson(stage.lesson_id))


def failings(verdict):
    return [failing.code.value for failing in verdict.failings]


# ---- the rule --------------------------------------------------------------------------------------------


def a_rule(**changed):
    plan = {"unit_id": demo_id("生产党总支"), "name": "规则", "since": dt.date(2026, 1, 1), "until": None}
    least = {"least_present_percent": 50, "least_answered_percent": None, "least_right_percent": None}
    return RulePlan(**{**plan, "late_after_minutes": 5, **least, **changed})


async def add(stage, plan, by="admin", command=None):
    return await add_rule(stage.records, await stage.who(by), command or command_id(), plan, NOW)


async def test_opening_freezes_the_rule_in_force(stage):
    view = await move(stage, "open", NOW)
    assert (view.rule.name, view.rule.version, view.credit_hundredths) == ("集中学习学时规则", 1, 200)
    await add(stage, a_rule(unit_id=demo_id("某集团党委")))
    assert (await stage.lesson()).rule_id == view.rule.id


async def test_a_scheduled_lesson_has_no_rule_yet(stage):
    assert (await stage.lesson()).rule_id is None


async def test_without_a_rule_a_lesson_that_grants_credit_is_neither_scheduled_nor_opened(stage):
    root = demo_id("某集团党委")
    await add(stage, a_rule(unit_id=root, since=dt.date(2026, 1, 1), until=dt.date(2026, 2, 1)))
    assert await refused(move(stage, "open", NOW)) == "rule_missing"
    await move(stage, "reopen_draft", NOW)
    assert await refused(move(stage, "schedule", NOW)) == "rule_missing"
    lesson = await stage.lesson()
    assert lesson.state is LessonState.DRAFT
    free = LessonChange(credit_hundredths=0)
    admin = await stage.who("admin")
    await change_lesson(stage.records, admin, stage.lesson_id, free, version=lesson.version, now=NOW)
    await move(stage, "schedule", NOW)
    assert (await move(stage, "open", NOW)).rule is None


async def test_a_new_version_ends_the_older_one_and_both_are_listed(stage):
    admin = await stage.who("admin")
    command = command_id()
    first = await add(stage, a_rule(), command=command)
    assert await add(stage, a_rule(), command=command) == first
    second = await add(stage, a_rule(since=dt.date(2026, 12, 1), least_present_percent=70))
    rules = [rule for rule in await list_rules(stage.records, admin, NOW) if rule.unit.name == "生产党总支"]
    assert [(r.version, r.until, r.least_present_percent) for r in rules] == [
        (1, dt.date(2026, 12, 1), 50),
        (2, None, 70),
    ]
    assert rules[1] == second
    before = await list_rules(stage.records, admin, NOW)
    assert await refused(add(stage, a_rule(since=dt.date(2026, 11, 1)))) == "rule_overlaps"
    assert await list_rules(stage.records, admin, NOW) == before


async def test_rules_are_made_by_who_settles_in_the_own_scope(stage):
    for by in ("director", "lecturer", "secretary", "10001", "venue1"):
        assert await refused(add(stage, a_rule(), by=by)) == "forbidden"
        assert await refused(list_rules(stage.records, await stage.who(by), NOW)) == "forbidden"
    elsewhere = RoleGrant(Role.SCHOOL_ADMIN, demo_id("机关党总支"))
    admin = replace(await stage.who("admin"), grants=(elsewhere,))
    assert await refused(add_rule(stage.records, admin, command_id(), a_rule(), NOW)) == "forbidden"
    await add(stage, a_rule())
    seen_there = {rule.unit.name for rule in await list_rules(stage.records, admin, NOW)}
    assert seen_there == {"某集团党委"}, "what is above holds there, what is beside does not"


async def test_two_new_versions_at_once_are_two_versions(stage):
    days = [dt.date(2026, 1, day) for day in (1, 2, 3)]
    made = await asyncio.gather(*(add(stage, a_rule(since=day)) for day in days), return_exceptions=True)
    versions = sorted(view.version for view in made if not isinstance(view, Refusal))
    assert versions == list(range(1, len(versions) + 1))
    assert all(refusal.code == "rule_overlaps" for refusal in made if isinstance(refusal, Refusal))


@pytest.mark.parametrize("hundredths", [-1, 10_001])
async def test_a_lessons_credit_has_bounds(stage, hundredths):
    plan = LessonPlan("课", demo_id("某集团党委"), NOW, ENDS, credit_hundredths=hundredths)
    assert await refused(create_lesson(stage.records, await stage.who("admin"), command_id(), plan, NOW)) == (
        "invalid_body"
    )


# ---- evidence --------------------------------------------------------------------------------------------


async def test_evidence_joins_sign_in_presence_and_answers(ended):
    lesson = await ended.lesson()
    known = {each.member_id: each for each in await ended.records.read(lambda tx: gather(tx, lesson))}
    assert set(map(member, PEOPLE)) <= set(known)
    numbers = {n: known[member(n)] for n in PEOPLE}
    assert {n: e.present_percent for n, e in numbers.items()} == {
        PASSES: 100,
        AT_VENUE: 100,
        LEFT_EARLY: 78,
        SILENT: 100,
        ABSENT: 0,
    }
    assert {n: (e.asked, e.answered, e.right) for n, e in numbers.items()} == {
        PASSES: (2, 1, 1),
        AT_VENUE: (2, 2, 1),
        LEFT_EARLY: (2, 2, 2),
        SILENT: (2, 0, 0),
        ABSENT: (2, 0, 0),
    }
    assert (numbers[AT_VENUE].way, numbers[PASSES].way, numbers[ABSENT].way) == ("qr", "phone", None)


async def test_late_is_reckoned_from_the_later_of_plan_and_start(stage):
    await move(stage, "open", NOW)
    await move(stage, "start", BEGINS + 5 * MINUTE)
    await sign_in(stage, PASSES, at=BEGINS + 15 * MINUTE)
    await sign_in(stage, SILENT, at=BEGINS + 15 * MINUTE + dt.timedelta(seconds=1))
    await move(stage, "end", ENDS)
    lesson = await stage.lesson()
    known = {each.member_id: each for each in await stage.records.read(lambda tx: gather(tx, lesson))}
    assert [known[member(n)].late for n in (PASSES, SILENT, ABSENT)] == [False, True, False]


# ---- settling --------------------------------------------------------------------------------------------


async def test_settling_grants_those_who_passed_and_tells_the_others_why(settled, database_url):
    assert (await settled.lesson()).settled_at == LATER
    verdict = await verdict_of(settled, PASSES)
    assert (verdict.passed, verdict.hundredths, verdict.failings) == (True, 200, ())
    assert (verdict.entry.kind, verdict.entry.hundredths, verdict.entry.rule.version) == ("lesson", 200, 1)
    assert (verdict.name, verdict.unit.name) == ("学员甲01", "综合党支部")
    assert failings(await verdict_of(settled, LEFT_EARLY)) == ["not_present_enough"]
    assert failings(await verdict_of(settled, SILENT)) == ["not_answered_enough"]
    absent = await verdict_of(settled, ABSENT)
    assert failings(absent) == ["not_signed_in", "not_present_enough", "not_answered_enough"]
    assert (absent.hundredths, absent.entry) == (0, None)
    assert all(failing.text and failing.text_en for failing in absent.failings)
    head = await check_ledger(database_url)
    assert head == Head(2, (await entries(settled))[-1].hash)


async def test_everybody_on_the_roster_has_a_verdict(settled):
    roster = await settled.records.read(lambda tx: tx.roster.of(settled.lesson_id))
    assert {v.member_id for v in await listed(settled)} == {entry.member_id for entry in roster}


async def test_an_entry_holds_the_evidence_and_the_rule_of_then(settled):
    entry = next(each for each in await entries(settled) if each.member_id == member(PASSES))
    assert facts(entry.evidence)["present_percent"] == 100
    assert facts(entry.rule) | {"id": "", "unit_id": ""} == {
        **{"id": "", "unit_id": "", "name": "集中学习学时规则", "version": 1, "since": "2020-01-01", "until": None},
        **{"late_after_minutes": 10, "least_present_percent": 80},
        **{"least_answered_percent": 50, "least_right_percent": None, "left_early_minutes": None},
        **{"checks": 0, "checks_in_rooms": False, "least_checks_percent": None},
        **{"make_up": asdict(RULE.make_up), "micro": asdict(RULE.micro), "quiz": None, "teaching_percent": None},
    }
    assert (entry.actor, entry.unit_id) == (demo_id("admin"), demo_id("综合党支部"))


async def test_everybody_hears_that_the_lesson_is_settled(settled):
    last = (await settled.events())[-1]
    assert (last.kind, last.audience, last.data) == ("lesson.changed", "everyone", {"state": "settled"})


async def test_settling_twice_settles_once(ended, database_url):
    command = command_id()
    first = await move(ended, "settle", LATER, command=command)
    again = await move(ended, "settle", LATER + MINUTE, command=command)
    assert again == first
    before = await entries(ended), await ended.kinds()
    assert await refused(move(ended, "settle", LATER)) == "illegal_transition"
    assert (await entries(ended), await ended.kinds()) == before
    assert (await check_ledger(database_url)).position == 2


async def test_two_settlers_at_once_settle_once(ended, database_url):
    results = await asyncio.gather(
        *(move(ended, "settle", LATER, by=by) for by in ("admin", "admin", "admin")), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["LessonView", "Refusal", "Refusal"]
    assert (await check_ledger(database_url)).position == 2


async def test_processes_that_settle_one_lesson_at_once_enter_it_once(ended, database_url):
    """Databases opened for themselves stand for the server's other processes: only the database holds them apart."""
    databases = [await Database.open(database_url) for _ in range(3)]
    try:
        houses = [make_stagehand(SqlRecords(each), ended.lesson_id) for each in databases]
        results = await asyncio.gather(*(move(each, "settle", LATER) for each in houses), return_exceptions=True)
    finally:
        for each in databases:
            await each.close()
    assert sorted(r.code if isinstance(r, Refusal) else r.state for r in results) == [
        *["illegal_transition"] * 2,
        LessonState.SETTLED,
    ]
    assert {entry.member_id for entry in await entries(ended)} == {member(PASSES), member(AT_VENUE)}
    assert [e.data for e in await ended.events() if e.kind == "lesson.changed"].count({"state": "settled"}) == 1
    assert (await check_ledger(database_url)).position == 2


async def test_what_stands_in_the_ledger_already_is_not_entered_again(ended, database, database_url):
    """As after a database was put back to before the settling, but not its ledger."""
    await move(ended, "settle", LATER)
    before = await entries(ended)

    def undo(tx):
        lesson = tx.lessons.lock(ended.lesson_id)
        tx.lessons.save(replace(lesson, state=LessonState.ENDED, settled_at=None))

    await ended.records.write(undo)
    await database.write(lambda c: c.execute(sa.delete(verdicts)))
    await move(ended, "settle", LATER + MINUTE)
    assert await entries(ended) == before
    assert (await verdict_of(ended, PASSES)).entry.id in {entry.id for entry in before}
    assert (await check_ledger(database_url)).position == 2


async def test_a_settling_that_fails_leaves_nothing(ended, database):
    """The last thing that is written cannot be: everything before is undone with it."""
    await database.write(
        lambda c: c.execute(
            sa.insert(verdicts).values(
                lesson_id=ended.lesson_id,
                member_id=member(ABSENT),
                passed=False,
                failings=[],
                evidence={},
                hundredths=0,
                at=NOW,
            )
        )
    )
    with pytest.raises(sa.exc.IntegrityError):
        await move(ended, "settle", LATER)
    assert (await ended.lesson()).state is LessonState.ENDED
    assert await entries(ended) == ()


@pytest.mark.parametrize("by", ["director", "lecturer", "secretary", "venue1", "10001"])
async def test_only_who_settles_may_settle(ended, by):
    assert await refused(move(ended, "settle", LATER, by=by)) == "forbidden"


async def test_a_lesson_is_settled_after_its_end_only(stage):
    assert await refused(move(stage, "settle", NOW)) == "illegal_transition"
    await move(stage, "open", NOW)
    assert await refused(move(stage, "settle", NOW)) == "illegal_transition"
    await move(stage, "start", BEGINS)
    assert await refused(move(stage, "settle", NOW)) == "illegal_transition"


async def test_a_lesson_that_grants_nothing_has_verdicts_and_no_entries(stage, database):
    lesson, admin = await stage.lesson(), await stage.who("admin")
    free = LessonChange(credit_hundredths=0)
    await change_lesson(stage.records, admin, stage.lesson_id, free, version=lesson.version, now=NOW)
    await held(stage, database)
    await move(stage, "settle", LATER)
    verdict = await verdict_of(stage, PASSES)
    assert (verdict.passed, verdict.hundredths, verdict.entry) == (True, 0, None)
    assert await entries(stage) == ()


# ---- who sees what ---------------------------------------------------------------------------------------


async def test_before_settling_there_is_no_verdict(ended):
    assert await refused(verdict_of(ended, PASSES)) == "not_settled"
    assert await refused(listed(ended)) == "not_settled"


async def test_a_person_who_operates_a_room_sees_nobodys_verdict(settled):
    room = (await settled.who("venue1")).venue_id
    operator = replace(await settled.who("10001"), operates=(room,))
    board = await list_roster(settled.records, operator, settled.lesson_id, now=LATER)
    assert board.items
    assert await refused(list_verdicts(settled.records, operator, settled.lesson_id, now=LATER)) == "forbidden"
    secretary = replace(await settled.who("secretary"), operates=(room,))
    own = await list_verdicts(settled.records, secretary, settled.lesson_id, limit=200, now=LATER)
    assert own.items == await listed(settled, by="secretary")


async def test_who_is_not_on_the_roster_has_no_verdict(settled):
    assert await refused(verdict_of(settled, "admin")) == "not_on_roster"


async def test_a_foreign_lesson_does_not_exist(settled):
    stranger = replace(await settled.who("10001"), member_id="nobody", unit_line=("elsewhere",), grants=())
    for call in (
        own_verdict(settled.records, stranger, settled.lesson_id, LATER),
        list_verdicts(settled.records, stranger, settled.lesson_id, now=LATER),
        ask_review(settled.house, stranger, settled.lesson_id, command_id(), text="?", now=LATER),
    ):
        assert await refused(call) == "lesson_not_found"


async def test_a_verdict_stays_the_members_after_a_move_to_another_unit(settled):
    moved = replace(await settled.who(PASSES), unit_line=("elsewhere",), grants=())
    assert (await own_verdict(settled.records, moved, settled.lesson_id, LATER)).passed


async def test_from_a_member_to_the_entries_and_from_an_entry_to_what_stands_behind_it(settled):
    await ask(settled, SILENT)

    async def entries(number, by):
        return await member_credit(settled.records, await settled.who(by), member(number), None, LATER)

    async def evidence(number, by, lesson_id=settled.lesson_id):
        return await member_verdict(settled.records, await settled.who(by), member(number), lesson_id, LATER)

    for by in ("secretary", "admin", "auditor"):
        seen = await entries(PASSES, by)
        assert [entry.may_correct for entry in seen.entries] == [by == "admin"]
        same = replace(seen, entries=tuple(replace(entry, may_correct=False) for entry in seen.entries))
        assert same == await credit_of(settled, PASSES)
        assert (await evidence(PASSES, by)).evidence == (await verdict_of(settled, PASSES)).evidence
    assert (await verdict_of(settled, SILENT)).review is not None
    assert (await evidence(SILENT, "secretary")).review is None  # for who decides it
    for look in (entries, evidence):
        assert await refused(look(AT_VENUE, "secretary")) == "member_not_found"  # another branch's
        assert await refused(look("10999", "admin")) == "member_not_found"
        for by in ("director", "lecturer", "venue1", PASSES):
            assert await refused(look(PASSES, by)) == "forbidden"
    assert await refused(evidence(PASSES, "admin", command_id())) == "lesson_not_found"


async def test_staff_see_all_a_secretary_his_branch_a_venue_its_people(settled):
    everybody = {verdict.member_id for verdict in await listed(settled)}
    assert everybody >= set(map(member, PEOPLE))
    assert {v.member_id for v in await listed(settled, by="director")} == everybody
    branch = await listed(settled, by="secretary")
    assert {v.unit.name for v in branch} == {"综合党支部"}
    assert member(PASSES) in {v.member_id for v in branch}
    venue = await venue_id(settled, "venue1")
    roster = await settled.records.read(lambda tx: tx.roster.of(settled.lesson_id))
    assigned = {entry.member_id for entry in roster if entry.lesson_venue_id == venue}
    at_venue = {v.member_id for v in await listed(settled, by="venue1")}
    assert at_venue == assigned | {member(AT_VENUE)}
    assert member(PASSES) not in at_venue
    assert await refused(listed(settled, by=PASSES)) == "forbidden"


async def test_what_is_written_for_a_review_is_for_who_decides_it(settled):
    await ask(settled, LEFT_EARLY)
    for by in ("director", "lecturer", "secretary"):
        assert {v.review for v in await listed(settled, by=by)} == {None}
    assert [v.review.member.id for v in await listed(settled) if v.review] == [member(LEFT_EARLY)]
    assert (await verdict_of(settled, LEFT_EARLY)).review is not None


async def test_verdicts_are_filtered_and_paged(settled):
    passed = {v.member_id for v in await listed(settled, passed=True)}
    assert passed == {member(PASSES), member(AT_VENUE)}
    below = await listed(settled, passed=True, unit_id=demo_id("生产党总支"))
    assert [v.member_id for v in below] == [member(AT_VENUE)]
    assert await listed(settled, by="secretary", unit_id=demo_id("生产党总支")) == ()
    admin, found, cursor = await settled.who("admin"), [], None
    while True:
        page = await list_verdicts(settled.records, admin, settled.lesson_id, cursor=cursor, limit=2, now=LATER)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert tuple(found) == await listed(settled)
    for forged in ("x", "00000000-0000-0000-0000-000000000000"):
        call = list_verdicts(settled.records, admin, settled.lesson_id, cursor=forged, now=LATER)
        assert await refused(call) == "invalid_body"


async def test_a_members_credit_is_the_sum_of_the_entries(settled):
    credit = await credit_of(settled, PASSES)
    assert (credit.year, credit.hundredths, len(credit.entries)) == (YEAR, 200, 1)
    assert credit.entries[0].lesson.id == settled.lesson_id
    assert (await credit_of(settled, SILENT)).hundredths == 0
    assert (await credit_of(settled, PASSES, YEAR - 1)).entries == ()
    assert (await credit_of(settled, "director")).entries == ()


# ---- reviews ---------------------------------------------------------------------------------------------


async def ask(stage, number=SILENT, text="我回答过", command=None):
    who = await stage.who(number)
    return await ask_review(stage.house, who, stage.lesson_id, command or command_id(), text=text, now=LATER)


async def decide(stage, review, *, grant, by="admin", command=None):
    who = await stage.who(by)
    return await decide_review(
        stage.house, who, review.id, command or command_id(), grant=grant, answer="已核实", now=LATER + MINUTE
    )


async def test_a_granted_review_becomes_a_correcting_entry(settled, database_url):
    review = await ask(settled)
    assert (review.state, review.entry, review.member.name) == ("open", None, "学员甲03")
    decided = await decide(settled, review, grant=True)
    assert (decided.state, decided.answer, decided.decided_by.name) == ("granted", "已核实", "管理员")
    assert (decided.entry.kind, decided.entry.hundredths, decided.entry.position) == ("correction", 200, 3)
    verdict = await verdict_of(settled, SILENT)
    assert (verdict.passed, verdict.hundredths, verdict.failings) == (True, 200, ())
    assert (verdict.entry, verdict.review) == (decided.entry, decided)
    assert verdict.evidence.answered == 0, "the evidence stays what it was"
    assert (await credit_of(settled, SILENT)).hundredths == 200
    entry = (await entries(settled))[-1]
    assert entry.corrects == f"lesson:{settled.lesson_id}:{member(SILENT)}"
    assert facts(entry.evidence)["review_id"] == review.id
    assert "我回答过" not in str(entry), "the ledger outlives a person's words"
    assert await check_ledger(database_url) == Head(3, entry.hash)


async def test_a_declined_review_changes_no_verdict(settled):
    before = await entries(settled)
    decided = await decide(settled, await ask(settled), grant=False)
    assert (decided.state, decided.entry) == ("declined", None)
    verdict = await verdict_of(settled, SILENT)
    assert (verdict.passed, verdict.review) == (False, decided)
    assert await entries(settled) == before
    assert (await ask(settled)).state == "open", "it may be asked again"


async def test_staff_and_the_member_hear_of_a_review_nobody_else(settled):
    review = await ask(settled)
    await decide(settled, review, grant=True)
    said = [event for event in await settled.events() if event.kind.startswith("review.")]
    account = f"account:{demo_id(SILENT)}"
    assert [(e.kind, e.audience) for e in said] == [
        ("review.asked", "staff"),
        ("review.asked", account),
        ("review.decided", "staff"),
        ("review.decided", account),
    ]
    assert said[-1].data == {"review_id": review.id, "granted": True}


async def test_one_review_is_open_at_a_time_and_a_retry_is_the_same_one(settled):
    command = command_id()
    results = await asyncio.gather(*(ask(settled, command=command) for _ in range(3)))
    assert results == [results[0]] * 3
    assert await refused(ask(settled)) == "review_open"
    with_others = await asyncio.gather(*(ask(settled, ABSENT) for _ in range(3)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in with_others) == ["Refusal", "Refusal", "ReviewView"]


async def test_who_has_the_credit_or_no_verdict_has_nothing_to_ask(settled):
    assert await refused(ask(settled, PASSES)) == "already_credited"
    assert await refused(ask(settled, "director")) == "not_on_roster"


async def test_before_settling_there_is_nothing_to_review(ended):
    assert await refused(ask(ended)) == "not_settled"


async def test_a_review_is_decided_once(settled, database_url):
    review = await ask(settled)
    command = command_id()
    first = await decide(settled, review, grant=True, command=command)
    assert await decide(settled, review, grant=True, command=command) == first
    assert await refused(decide(settled, review, grant=False)) == "review_decided"
    assert (await check_ledger(database_url)).position == 3


async def test_two_who_decide_at_once_grant_once(settled, database_url):
    review = await ask(settled)
    results = await asyncio.gather(*(decide(settled, review, grant=True) for _ in range(4)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["Refusal"] * 3 + ["ReviewView"]
    assert (await check_ledger(database_url)).position == 3
    assert (await credit_of(settled, SILENT)).hundredths == 200


async def test_reviews_are_decided_by_who_settles_and_not_for_oneself(settled):
    review = await ask(settled)
    for by in ("director", "lecturer", "secretary", "venue1", SILENT):
        assert await refused(decide(settled, review, grant=True, by=by)) == "forbidden"
    member_admin = replace(await settled.who("admin"), member_id=member(SILENT))
    own = decide_review(settled.house, member_admin, review.id, command_id(), grant=True, answer="x", now=LATER)
    assert await refused(own) == "forbidden"
    stranger = replace(await settled.who("10001"), member_id=None, unit_line=("elsewhere",), grants=())
    hidden = decide_review(settled.house, stranger, review.id, command_id(), grant=True, answer="x", now=LATER)
    assert await refused(hidden) == "review_not_found"
    unknown = replace(review, id="00000000-0000-0000-0000-000000000000")
    assert await refused(decide(settled, unknown, grant=True)) == "review_not_found"
    assert (await verdict_of(settled, SILENT)).passed is False


async def test_reviews_are_listed_for_who_settles(settled):
    first, second = await ask(settled, SILENT), await ask(settled, ABSENT)
    await decide(settled, first, grant=False)
    admin = await settled.who("admin")

    async def ids(**more):
        return [each.id for each in (await list_reviews(settled.records, admin, now=LATER, **more)).items]

    assert set(await ids()) == {first.id, second.id}
    assert await ids(states=[ReviewState.OPEN]) == [second.id]
    page = await list_reviews(settled.records, admin, limit=1, now=LATER)
    rest = await list_reviews(settled.records, admin, limit=1, cursor=page.next_cursor, now=LATER)
    assert {page.items[0].id, rest.items[0].id} == {first.id, second.id}
    assert rest.next_cursor is None
    assert await refused(list_reviews(settled.records, await settled.who("director"), now=LATER)) == "forbidden"
    elsewhere = replace(admin, grants=(RoleGrant(Role.SCHOOL_ADMIN, demo_id("机关党总支")),))
    assert (await list_reviews(settled.records, elsewhere, now=LATER)).items == ()


async def test_an_archived_lesson_can_still_be_reviewed(settled):
    await move(settled, "archive", LATER)
    assert (await decide(settled, await ask(settled), grant=True)).state == "granted"
