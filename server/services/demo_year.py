"""The demonstration's year: what it asks, and lessons of past months with who came, settled as every lesson is."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

from server.domain.access import Principal
from server.domain.dated_rules import succeed
from server.domain.lesson_kinds import LessonKind
from server.domain.lessons import Lesson, LessonState, LessonStep
from server.domain.sign_ins import SignIn, Way
from server.domain.study_roles import RoleRow, StudyRole
from server.domain.worth_terms import WorthTerms
from server.domain.year_rules import Position, YearRule
from server.services.demo import ROOT, demo_id
from server.services.house import House
from server.services.lessons import move_lesson
from server.services.records import Transaction

NAME = "年度学时要求"
TARGETS = {Position.FULL: 3200, Position.SECRETARY: 5600, Position.COMMITTEE: 5600}
WORTH = 400
PROPOSED = WorthTerms(
    credit_minutes=45, half_day_minutes=180, half_day_hundredths=WORTH, day_minutes=360, day_hundredths=2 * WORTH
)
"""An hour of 45 minutes, a half day of four, a day of eight: one of the plans there are."""
LONG = dt.timedelta(minutes=180)
TITLES = (
    *("安全用电常识", "节能降耗经验交流", "现场急救基础", "消防器材使用"),
    *("高温作业防护", "汛期应急演练", "职业健康常识", "岗位操作规程"),
)
"""One a month, from February on, as far as they are past: eight are 32 学时."""
MISSES = 7
"""The n-th member misses every lesson whose number and n leave the same rest: most miss some, a few none."""


async def make_demo_year(house: House, now: dt.datetime) -> int:
    """Once, in the demonstration's database only. Returns how many past lessons were made."""
    admin = await house.records.read(lambda tx: tx.accounts.principal(demo_id("admin"), now.date()))
    if admin is None or not await house.records.write(lambda tx: _asked(tx, now)):
        return 0
    days = await house.records.read(lambda tx: _days(tx, now))
    past = [day for day in days if day + LONG < now]
    for at, begins in enumerate(past):
        await _held(house, admin, at, TITLES[at], begins)
    return len(past)


def _days(tx: Transaction, now: dt.datetime) -> list[dt.datetime]:
    year = tx.calendar.day(now).year
    nine = dt.timedelta(hours=9)
    return [tx.calendar.begins(dt.date(year, 2 + at, 15)) + nine for at in range(len(TITLES))]


def _asked(tx: Transaction, now: dt.datetime) -> bool:
    """False: it is there already."""
    root, first = demo_id(ROOT), dt.date(tx.calendar.day(now).year, 1, 1)
    if tx.year_rules.lock(root):
        return False
    admin = demo_id("admin")
    rule = YearRule(demo_id(NAME), root, NAME, 1, first, targets=TARGETS, made_by=admin, made_at=now)
    tx.year_rules.add(replace(rule, carry_most_hundredths=800))
    _propose(tx, root, first)
    who = (("10001", StudyRole.SECRETARY, "支部书记"), ("10020", StudyRole.EXEMPT, "长期病假"))
    for number, role, reason in who:
        one = demo_id(f"member {number}")
        tx.study_roles.add(RoleRow(demo_id(f"role {number}"), one, role, first, None, reason, admin, now))
    return True


def _propose(tx: Transaction, root: str, first: dt.date) -> None:
    """The rule of lessons says from this year on what one is worth."""
    older = tx.credit_rules.lock(root)
    last = max(older, key=lambda rule: rule.version)
    made = succeed(older, replace(last, id=demo_id(f"{last.name} {first}"), since=first, until=None, worth=PROPOSED))
    if made.ended is not None:
        tx.credit_rules.end(made.ended)
    tx.credit_rules.add(made.rule)


async def _held(house: House, admin: Principal, number: int, title: str, begins: dt.datetime) -> None:
    lesson = _lesson(number, title, begins)
    await house.records.write(lambda tx: tx.lessons.add(lesson))

    async def move(step: LessonStep, at: dt.datetime) -> None:
        await move_lesson(house, admin, lesson.id, str(uuid.uuid4()), step=step, now=at)

    await move(LessonStep.OPEN, begins - dt.timedelta(minutes=30))
    await house.records.write(lambda tx: _come(tx, lesson, number))
    await move(LessonStep.START, begins)
    await move(LessonStep.END, begins + LONG)
    await move(LessonStep.SETTLE, begins + LONG + dt.timedelta(hours=1))


def _lesson(number: int, title: str, begins: dt.datetime) -> Lesson:
    return Lesson(
        id=demo_id(f"past lesson {number}"),
        title=title,
        unit_id=demo_id(ROOT),
        lecturer_id=demo_id("lecturer"),
        state=LessonState.SCHEDULED,
        starts_at=begins,
        ends_at=begins + LONG,
        recorded=False,
        credit_hundredths=WORTH,
        venues=(),
        kind=LessonKind.THEME_DAY,
        media=False,
    )


def _come(tx: Transaction, lesson: Lesson, number: int) -> None:
    roster = sorted(tx.roster.of(lesson.id), key=lambda entry: entry.member_id)
    for at, entry in enumerate(roster):
        if at % MISSES == number % MISSES and at % 5:
            continue
        came = lesson.starts_at - dt.timedelta(minutes=1 + at % 20)
        tx.sign_ins.add(lesson.id, SignIn(entry.member_id, came, Way.PHONE, None, demo_id("admin"), str(uuid.uuid4())))
