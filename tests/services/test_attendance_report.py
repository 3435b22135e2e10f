"""What reports over many lessons count, of whom, for whom."""

import datetime as dt

import pytest

from server.domain.attendance import Standing
from server.domain.attendance_report import By, Loans, Narrowed
from server.domain.lesson_kinds import LessonKind
from server.domain.lessons import LessonStep
from server.domain.members import MemberKind
from server.services import attendance_report as reports
from server.services.attendance_report import Asked, attendance_records, report_attendance
from server.services.demo import demo_id
from server.services.lessons import LessonPlan, create_lesson, move_lesson
from server.services.units import move_unit
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import ENDS, MINUTE, held, member, move
from tests.store.samples import NOW

LATER = ENDS + 60 * MINUTE
YEAR = Asked()


@pytest.fixture
async def settled(stage, database):
    await held(stage, database)
    await move(stage, "settle", LATER)
    return stage


async def report(stage, who="admin", by=By.UNIT, asked=YEAR, **more):
    return await report_attendance(stage.records, await stage.who(who), by, asked, now=LATER, **more)


def counts(row):
    one = row.sum
    return one.expected, one.present, one.late, one.left_early, one.on_leave, one.absent


async def test_a_lesson_counts_when_it_is_settled_and_not_before(stage, database):
    await held(stage, database)
    before = await report(stage)
    assert (before.lessons, before.unsettled, before.items, before.total.expected) == (0, 1, (), 0)
    await move(stage, "settle", LATER)
    after = await report(stage)
    assert (after.lessons, after.unsettled, after.total.expected, after.total.came) == (1, 0, 120, 4)
    assert after.total.rates.of_expected == 33


async def test_by_unit_each_with_what_stands_below_it_in_the_order_of_the_tree(settled):
    found = await report(settled)
    names = [(row.name, row.depth, row.sum.expected, row.sum.came) for row in found.items]
    assert names[0] == ("某集团党委", 0, 120, 4)
    assert ("机关党总支", 1, 60, 3) in names
    assert ("一车间党支部", 2, 20, 1) in names
    assert len(names) == 9
    assert {row.under for row in found.items if row.depth == 1} == {demo_id("某集团党委")}


async def test_by_member_venue_and_lesson_the_same_people_are_counted(settled):
    for by in By:
        found = await report(settled, by=by)
        if by is not By.UNIT:
            assert sum(row.sum.expected for row in found.items) == 120
            assert sum(row.sum.came for row in found.items) == 4
        assert found.total == (await report(settled)).total
    people = (await report(settled, by=By.MEMBER)).items
    assert [row.id for row in people if row.sum.came][:1] == [member("10001")]
    assert [row.unit for row in people[::20]][:3] == ["后勤党支部", "综合党支部", "财务党支部"]
    venues = [(row.name, row.sum.expected, row.sum.came) for row in (await report(settled, by=By.VENUE)).items]
    assert ("第一分会场", 20, 1) in venues
    assert venues[-1] == ("手机参加", 60, 0)


async def test_long_lists_come_in_pages_that_hold_everybody_once(settled):
    seen, offset = [], 0
    while True:
        page = await report(settled, by=By.MEMBER, offset=offset, limit=50)
        seen += [row.id for row in page.items]
        if page.next_cursor is None:
            break
        offset = int(page.next_cursor)
    assert len(seen) == len(set(seen)) == 120


async def test_a_secretary_sees_the_own_branch_and_who_looks_after_nobody_is_refused(settled):
    found = await report(settled, "secretary")
    assert [(row.name, row.sum.expected) for row in found.items] == [("综合党支部", 20)]
    foreign = Asked(unit_id=demo_id("财务党支部"))
    assert (await report(settled, "secretary", asked=foreign)).items == ()
    assert (await attendance_records(settled.records, await settled.who("secretary"), foreign, now=LATER)).items == ()
    for who in ("director", "lecturer", "10001", "venue1"):
        assert await refused(report(settled, who)) == "forbidden"


async def test_what_others_hold_does_not_count_against_a_report(settled, monkeypatch):
    admin = await settled.who("admin")
    begins, over = LATER + 5 * MINUTE, LATER + 65 * MINUTE
    plan = LessonPlan("支委会", demo_id("一车间党支部"), begins, over, kind=LessonKind.COMMITTEE_MEETING, media=False)
    made = await create_lesson(settled.records, admin, command_id(), plan, LATER)
    for step, at in (("schedule", LATER), ("open", LATER), ("start", begins), ("end", over)):
        await move_lesson(settled.house, admin, made.id, command_id(), step=LessonStep(step), now=at)
    monkeypatch.setattr(reports, "MOST_LESSONS", 1)
    assert (await report(settled, "secretary")).lessons == 1
    assert await refused(report(settled)) == "invalid_body"
    monkeypatch.setattr(reports, "MOST_LESSONS", 2)
    assert (await report(settled)).unsettled == 1


async def test_a_unit_that_is_moved_today_changes_no_report_of_the_past(settled):
    before = await report(settled)
    await move_unit(
        *(settled.house.records, await settled.who("admin"), demo_id("一车间党支部"), command_id()),
        parent_id=demo_id("机关党总支"),
        since=LATER.date() + dt.timedelta(days=1),
        version=1,
        now=LATER,
    )
    after = await report_attendance(
        settled.records, await settled.who("admin"), By.UNIT, YEAR, now=LATER + dt.timedelta(days=3)
    )
    assert [(row.name, counts(row)) for row in after.items] == [(row.name, counts(row)) for row in before.items]


async def test_narrowed_by_kind_loan_place_and_period(settled):
    async def expected(**asked):
        return (await report(settled, asked=Asked(**asked))).total.expected

    assert await expected(lesson_kind=LessonKind.THEME_DAY) == 0
    assert await expected(lesson_kind=LessonKind.LECTURE) == 120
    assert await expected(narrowed=Narrowed(kind=MemberKind.GUEST)) == 0
    assert await expected(narrowed=Narrowed(loans=Loans.ONLY)) == 0
    assert await expected(narrowed=Narrowed(loans=Loans.WITHOUT)) == 120
    assert await expected(narrowed=Narrowed(place="phone")) == 60
    assert await expected(narrowed=Narrowed(place=demo_id("主会场"))) == 20
    assert await expected(until=NOW.date() - dt.timedelta(days=1), since=NOW.date() - dt.timedelta(days=9)) == 0
    assert await refused(report(settled, asked=Asked(since=dt.date(2020, 1, 1)))) == "invalid_body"
    assert await refused(report(settled, asked=Asked(unit_id="nowhere"))) == "unit_not_found"


async def test_a_number_leads_to_its_records(settled):
    admin = await settled.who("admin")
    missing = Asked(narrowed=Narrowed(standing=Standing.ABSENT))
    first = await attendance_records(settled.records, admin, missing, limit=100, now=LATER)
    rest = await attendance_records(settled.records, admin, missing, offset=100, limit=100, now=LATER)
    assert (first.next_cursor, len(first.items), len(rest.items), rest.next_cursor) == ("100", 100, 16, None)
    own = Asked(narrowed=Narrowed(member_id=member("10061")))
    (one,) = (await attendance_records(settled.records, admin, own, now=LATER)).items
    assert (one.number, one.unit.name, one.place, one.standing) == ("10061", "一车间党支部", "第一分会场", "present")
    assert one.lesson.id == settled.lesson_id
