"""A year of the demo organisation: who reaches the target, who is asked for more or nothing; on both databases."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.access import Role, RoleGrant
from server.domain.ledger import Award, EntryKind, extend
from server.domain.study_roles import StudyRole
from server.domain.year_rules import LoanCount, Position
from server.domain.year_standing import Place, StandingState
from server.services.demo import demo_id
from server.services.standing import member_standing, own_standing, unit_standings, units_standing
from server.services.study_roles import StudyRolePlan, add_study_role, end_study_role, list_study_roles
from server.services.year_months import unit_months
from server.services.year_rules import YearPlan, add_year_rule, list_year_rules
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import member
from tests.store.samples import NOW

YEAR = NOW.year
FIRST = dt.date(YEAR, 1, 1)
ROOT, BRANCH = demo_id("某集团党委"), demo_id("一车间党支部")


def plan(**changed):
    fields = {"unit_id": ROOT, "name": "年度学时", "since": FIRST, "until": None, "caps": {EntryKind.MICRO: 800}}
    targets = {Position.FULL: 3200, Position.SECRETARY: 5600}
    more = {"carry_most_hundredths": 500, "by_month": False, "loans": LoanCount.APART}
    return YearPlan(**{**fields, "targets": targets, **more, **changed})


async def grant(stage, number, at=NOW, **amounts):
    def enter(tx):
        head = tx.ledger.lock()
        awards = [
            Award(f"{number}:{kind}:{at}", EntryKind(kind), member(number), BRANCH, None, amount, "{}", "{}", "")
            for kind, amount in amounts.items()
        ]
        tx.ledger.append(head, extend(head, awards, at))

    await stage.records.write(enter)


async def rule(stage, by="admin", **changed):
    return await add_year_rule(stage.records, await stage.who(by), command_id(), plan(**changed), NOW)


async def role(stage, number, kind, by="admin"):
    asked = StudyRolePlan(None, number, kind, FIRST, None, "组织安排")
    return await add_study_role(stage.records, await stage.who(by), command_id(), asked, NOW)


async def of(stage, number, by="admin", year=None):
    return await member_standing(stage.records, await stage.who(by), member(number), year, NOW)


async def test_a_year_is_reckoned_from_the_ledger_by_the_rule_of_the_nearest_unit(stage):
    await grant(stage, "10061", lesson=2000, micro=1000)
    assert (await of(stage, "10061")).state is StandingState.UNASKED
    made = await rule(stage)
    standing = await of(stage, "10061")
    assert (standing.target, standing.earned, standing.counted, standing.short) == (3200, 3000, 2800, 400)
    assert (standing.state, standing.position, standing.rule.version) == (StandingState.SHORT, Position.FULL, 1)
    assert made.made_by.account_id == demo_id("admin")
    await rule(stage, unit_id=BRANCH, targets={Position.FULL: 2500}, caps={})
    assert (await of(stage, "10061")).state is StandingState.MET
    assert len(await list_year_rules(stage.records, await stage.who("admin"), NOW)) == 2
    assert await own_standing(stage.records, await stage.who("10061"), None, NOW) == await of(stage, "10061")


async def test_what_the_year_before_gave_above_its_target_comes_over(stage):
    await rule(stage)
    await stage.records.write(_begin_earlier)
    await grant(stage, "10061", NOW - dt.timedelta(days=365), lesson=4000)
    await grant(stage, "10061", lesson=2800)
    standing = await of(stage, "10061")
    assert (standing.counted, standing.carried, standing.total, standing.short) == (2800, 500, 3300, 0)
    assert (await of(stage, "10061", year=YEAR - 1)).total == 4000


def _begin_earlier(tx):
    """As if the rule had been there a year ago already, which no command can do."""
    import sqlalchemy as sa

    from server.store.schema import memberships, placements, year_rules

    early = FIRST.replace(year=YEAR - 1)
    for table in (year_rules, memberships, placements):
        tx.year_rules._connection.execute(sa.update(table).values(since=early))


async def test_secretaries_are_asked_for_more_and_the_exempt_for_nothing(stage):
    await rule(stage)
    await role(stage, "10061", StudyRole.SECRETARY)
    assert (await of(stage, "10061")).target == 5600
    made = await role(stage, "10061", StudyRole.EXEMPT)
    assert (await of(stage, "10061")).state is StandingState.EXEMPT
    assert await refused(role(stage, "10061", StudyRole.EXEMPT)) == "study_role_overlaps"
    order = (stage.records, await stage.who("admin"), made.id, command_id())
    ended = await end_study_role(*order, until=FIRST, now=NOW)
    assert (ended.holds, ended.ended_by) == (False, made.by)
    assert (await of(stage, "10061")).target == 5600
    listed = await list_study_roles(stage.records, await stage.who("admin"), BRANCH, NOW)
    assert [(one.member.id, one.holds) for one in listed.items if one.role is StudyRole.EXEMPT] == [
        (member("10061"), False)
    ]


async def test_roles_and_rules_are_the_schools(stage):
    assert await refused(role(stage, "10001", StudyRole.EXEMPT, by="secretary")) == "forbidden"
    assert await refused(role(stage, "10061", StudyRole.EXEMPT, by="secretary")) == "member_not_found"
    assert await refused(role(stage, "10061", StudyRole.EXEMPT, by="10001")) == "forbidden"
    assert await refused(role(stage, "10999", StudyRole.EXEMPT, by="10001")) == "forbidden"  # as of one there is
    assert await refused(role(stage, "10999", StudyRole.EXEMPT)) == "member_not_found"
    assert await refused(rule(stage, by="secretary")) == "forbidden"
    assert await refused(rule(stage, since=FIRST.replace(year=YEAR - 1))) == "past_fixed"
    await rule(stage)
    before = await list_year_rules(stage.records, await stage.who("admin"), NOW)
    assert await refused(rule(stage, targets={Position.FULL: 100})) == "rule_overlaps"
    assert await list_year_rules(stage.records, await stage.who("admin"), NOW) == before


async def test_nobody_enters_his_own(stage):
    own = RoleGrant(Role.SCHOOL_ADMIN, ROOT)
    principal = replace(await stage.who("10061"), grants=(own,))
    asked = StudyRolePlan(None, "10061", StudyRole.EXEMPT, FIRST, None, "自己登记")
    assert await refused(add_study_role(stage.records, principal, command_id(), asked, NOW)) == "study_role_own"


async def test_units_are_told_by_how_many_and_in_the_order_of_the_tree(stage):
    await rule(stage)
    await grant(stage, "10061", lesson=3200)
    await role(stage, "10062", StudyRole.EXEMPT)
    who = await stage.who("admin")
    page = await unit_standings(stage.records, who, BRANCH, None, NOW, limit=3)
    assert (page.tally.met, page.tally.exempt, len(page.items), page.next_cursor) == (1, 1, 3, "3")
    met = await unit_standings(stage.records, who, BRANCH, None, NOW, state=StandingState.MET)
    assert [one.member.id for one in met.items] == [member("10061")]
    shortest = await unit_standings(stage.records, who, BRANCH, None, NOW, shortest_first=True)
    lacking = [one.short for one in shortest.items]
    assert lacking == sorted(lacking, reverse=True)
    units = await units_standing(stage.records, who, ROOT, None, NOW)
    parts = [each.tally for each in units.units]
    assert sum(each.met for each in parts) == units.tally.met
    assert sum(each.short for each in parts) == units.tally.short
    people = await stage.records.read(lambda tx: tx.units.member_counts(NOW.date()))
    whole = units.tally
    assert whole.met + whole.short + whole.exempt + whole.unasked + whole.lent == sum(people.values())


async def test_who_is_on_loan_stands_apart_in_both_units(stage):
    await rule(stage)
    host = demo_id("二车间党支部")

    def lend(tx):
        from server.domain.members import Loan
        from server.domain.personnel import lent

        file = tx.members.lock(member("10061"))
        tx.members.save([lent(file, Loan(member("10061"), host, NOW.date()))])

    await stage.records.write(lend)
    who = await stage.who("admin")
    at_home = await unit_standings(stage.records, who, BRANCH, None, NOW)
    there = await unit_standings(stage.records, who, host, None, NOW)
    assert [one.place for one in at_home.items if one.member.id == member("10061")] == [Place.LENT]
    assert [one.place for one in there.items if one.member.id == member("10061")] == [Place.BORROWED]
    assert (at_home.tally.lent, there.tally.borrowed) == (1, 1)
    both = [one.in_total for page in (at_home, there) for one in page.items if one.member.id == member("10061")]
    assert both == [True, False]  # the own unit's sum has him
    assert at_home.tally.short + 1 == len(at_home.items)


@pytest.mark.parametrize("number", ["secretary", "auditor"])
async def test_whoever_looks_after_a_unit_sees_its_standings_and_nobody_elses(stage, number):
    who = await stage.who(number)
    with_units = {grant.unit_id for grant in who.grants}
    assert (await unit_standings(stage.records, who, next(iter(with_units)), None, NOW)).items
    elsewhere = demo_id("二车间党支部") if number == "secretary" else demo_id("没有这个支部")
    assert await refused(unit_standings(stage.records, who, elsewhere, None, NOW)) == "unit_not_found"
    assert await refused(unit_standings(stage.records, await stage.who("10001"), BRANCH, None, NOW)) == "forbidden"


async def test_a_years_months_are_those_of_the_schools_wall(stage):
    """Of twenty who are asked for 3,200: 10061 was granted 3,000 in January, and 200 an hour before midnight UTC of 31
    January, which is 1 February here.
    """
    await rule(stage)
    await grant(stage, "10061", dt.datetime(YEAR, 1, 10, tzinfo=dt.UTC), lesson=3000)
    await grant(stage, "10061", dt.datetime(YEAR, 1, 31, 23, tzinfo=dt.UTC), lesson=200)
    await grant(stage, "10062", dt.datetime(YEAR, 2, 10, tzinfo=dt.UTC), micro=1000)  # 800 count
    who = await stage.who("admin")
    found = await unit_months(stage.records, who, BRANCH, None, NOW)
    assert (found.people, [each.month for each in found.months]) == (20, list(range(1, NOW.month + 1)))
    january, february, march = found.months[:3]
    assert (january.added, january.total, january.on_time) == (150, 150, 50)  # 3,000 ÷ 20; one of twenty
    assert (february.added, february.total, february.on_time) == (50, 200, 100)  # 1,000 ÷ 20; two
    assert (march.added, march.on_time) == (0, 100)  # 800 are due, and are there
    whole = await unit_months(stage.records, who, ROOT, None, NOW)
    assert (whole.people, whole.months[1].total) == (120, 33)  # 4,000 ÷ 120
    secretary = await stage.who("secretary")
    assert await refused(unit_months(stage.records, secretary, BRANCH, None, NOW)) == "unit_not_found"
    assert await refused(unit_months(stage.records, await stage.who("10061"), BRANCH, None, NOW)) == "forbidden"
