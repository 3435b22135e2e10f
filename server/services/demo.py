"""A demonstration organisation, with invented names only."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from server.domain.access import AccountKind, Role, RoleGrant
from server.domain.accounts import Account
from server.domain.credit import CreditRule
from server.domain.events import lesson_changed
from server.domain.lessons import ON_AIR, Lesson, LessonState
from server.domain.make_up_terms import MakeUpTerms
from server.domain.members import Member, MemberKind, Membership
from server.domain.micro_terms import MicroTerms
from server.domain.quiz import QuestionKind
from server.domain.roster import Assignments, UnitAssignment
from server.domain.units import Placement, Unit, UnitKind
from server.domain.venues import LessonVenue, Part, Venue
from server.services.login import Passwords
from server.services.questions import QuestionPlan, prepared
from server.services.records import Records, Transaction


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A login to print. ``face`` is the path of the page that the role works on."""

    number: str
    name: str
    password: str
    role: Role
    face: str


_DAWN = dt.date(2020, 1, 1)
_SPACE = uuid.UUID("6f6b3c36-54a4-4c2e-9a7e-6d0f5f2a7c11")
"""Demo ids are derived from their names: the same in every demo, so that links can be kept."""
ROOT = "某集团党委"
BRANCHES = (
    ("机关党总支", ("综合党支部", "财务党支部", "后勤党支部")),
    ("生产党总支", ("一车间党支部", "二车间党支部", "维修党支部")),
)
MEMBERS_PER_BRANCH = 20
SERIES = "甲乙丙丁戊己"
TITLE = "安全生产基础知识"
PASSWORD = "dangxiao"  # noqa: S105 - printed at start, for demonstrations only
LONG = dt.timedelta(minutes=90)
LEAD = dt.timedelta(minutes=5)
"""At least, until the lesson begins: time to look around, and for the notices before it."""
CREDIT_HUNDREDTHS = 200
RULE = CreditRule(
    "",
    "",
    "集中学习学时规则",
    1,
    _DAWN,
    least_present_percent=80,
    least_answered_percent=50,
    make_up=MakeUpTerms(days=14),
    micro=MicroTerms(),
)
"""Who misses a recorded lesson is offered to make it up (补学)."""


def demo_id(name: str) -> str:
    return str(uuid.uuid5(_SPACE, name))


@dataclass(frozen=True, slots=True)
class _Staff:
    number: str
    name: str
    role: Role
    venue: str | None = None
    unit: str = ROOT


@dataclass(frozen=True, slots=True)
class _DemoVenue:
    name: str
    unit: str
    room: str
    seats: int
    part: Part


STAFF = (
    _Staff("admin", "管理员", Role.SCHOOL_ADMIN),
    _Staff("secadmin", "安全管理员", Role.SECURITY_ADMIN),
    _Staff("auditor", "审计管理员", Role.AUDIT_ADMIN),
    _Staff("director", "会控员", Role.DIRECTOR),
    _Staff("lecturer", "讲师", Role.LECTURER),
    _Staff("secretary", "综合支部书记", Role.SECRETARY, unit="综合党支部"),
    _Staff("venue0", "主会场设备", Role.VENUE_OPERATOR, venue="主会场"),
    _Staff("venue1", "第一分会场设备", Role.VENUE_OPERATOR, venue="第一分会场"),
    _Staff("venue2", "第二分会场设备", Role.VENUE_OPERATOR, venue="第二分会场"),
)
VENUES = (
    _DemoVenue("主会场", ROOT, "办公楼 301", 60, Part.MAIN),
    _DemoVenue("第一分会场", "一车间党支部", "一车间会议室", 24, Part.BRANCH),
    _DemoVenue("第二分会场", "维修党支部", "维修班活动室", 20, Part.BRANCH),
)
GATHERING = {"综合党支部": "主会场", "一车间党支部": "第一分会场", "维修党支部": "第二分会场"}
"""Which branch gathers where in the demonstration lesson; the others take part by phone."""

QUESTIONS = (
    QuestionPlan(
        QuestionKind.SINGLE,
        "发现电气设备着火，首先应当做什么？",
        ("切断电源", "用水扑救", "打开门窗通风", "搬走设备"),
        (0,),
        "带电时用水会触电，通风会助燃：先断电，再用干粉或二氧化碳灭火器。",
        45,
    ),
    QuestionPlan(
        QuestionKind.MULTIPLE,
        "进入有限空间作业前，必须做到哪些？",
        ("先通风", "再检测气体", "办理作业审批", "一人单独进入"),
        (0, 1, 2),
        "“先通风、再检测、后作业”，经审批并有人在外监护，严禁单独作业。",
        60,
    ),
    QuestionPlan(
        QuestionKind.TRUE_FALSE,
        "安全出口在工作时间可以上锁，只要有人保管钥匙。",
        (),
        (1,),
        "有人在的场所，安全出口必须保持畅通，不得上锁或堵塞。",
        30,
    ),
)
"""Prepared for each demonstration lesson."""


async def make_demo(records: Records, passwords: Passwords, now: dt.datetime) -> tuple[DemoAccount, ...]:
    """Makes it when there are no accounts at all, and a scheduled lesson when none is planned or on the air.

    Returns the accounts to print; () when the database is somebody's real one.
    """
    if await records.read(lambda tx: tx.accounts.count()) == 0:
        one_hash = await passwords.hash(PASSWORD)
        await records.write(lambda tx: _populate(tx, one_hash))
    if await records.read(lambda tx: tx.accounts.get(demo_id("admin"))) is None:
        return ()
    await records.write(_see_to_rule)
    lesson_id = await records.write(lambda tx: _see_to_lesson(tx, now))
    return _printed(lesson_id)


def _populate(tx: Transaction, password_hash: str) -> None:
    if tx.accounts.count():
        return  # another process was faster
    tx.units.add(*_units())
    tx.venues.add([Venue(demo_id(v.name), v.name, demo_id(v.unit), v.room, v.seats) for v in VENUES])
    _add_members(tx, password_hash)
    _add_staff(tx, password_hash)


def _units() -> tuple[list[Unit], list[Placement]]:
    units = [Unit(demo_id(ROOT), ROOT, UnitKind.COMMITTEE)]
    placements = [Placement(demo_id(ROOT), None, _DAWN)]
    for general_name, branch_names in BRANCHES:
        units.append(Unit(demo_id(general_name), general_name, UnitKind.GENERAL_BRANCH))
        placements.append(Placement(demo_id(general_name), demo_id(ROOT), _DAWN))
        for name in branch_names:
            units.append(Unit(demo_id(name), name, UnitKind.BRANCH))
            placements.append(Placement(demo_id(name), demo_id(general_name), _DAWN))
    return units, placements


def _add_members(tx: Transaction, password_hash: str) -> None:
    """120 members: 学员甲01 … 学员己20, numbers 10001 … 10120, twenty in each branch."""
    branches = [name for _, names in BRANCHES for name in names]
    people = [
        (10001 + index, f"学员{SERIES[index // MEMBERS_PER_BRANCH]}{index % MEMBERS_PER_BRANCH + 1:02}", branch)
        for index, branch in enumerate(branch for branch in branches for _ in range(MEMBERS_PER_BRANCH))
    ]
    tx.members.add(
        [Member(demo_id(f"member {number}"), name, MemberKind.FULL, f"138000{number}") for number, name, _ in people],
        [Membership(demo_id(f"member {number}"), demo_id(branch), _DAWN) for number, _, branch in people],
    )
    accounts = [
        Account(
            id=demo_id(str(number)),
            number=str(number),
            name=name,
            kind=AccountKind.PERSON,
            password_hash=password_hash,
            member_id=demo_id(f"member {number}"),
        )
        for number, name, _ in people
    ]
    roles = [(demo_id(str(number)), RoleGrant(Role.MEMBER, demo_id(branch))) for number, _, branch in people]
    tx.accounts.add(accounts, roles)


def _add_staff(tx: Transaction, password_hash: str) -> None:
    accounts = [
        Account(
            id=demo_id(staff.number),
            number=staff.number,
            name=staff.name,
            kind=AccountKind.DEVICE if staff.venue else AccountKind.PERSON,
            password_hash=password_hash,
            unit_id=demo_id(staff.unit),
            venue_id=demo_id(staff.venue) if staff.venue else None,
        )
        for staff in STAFF
    ]
    tx.accounts.add(accounts, [(demo_id(s.number), RoleGrant(s.role, demo_id(s.unit))) for s in STAFF])


def _see_to_rule(tx: Transaction) -> None:
    """Without one no lesson could grant credit."""
    root = demo_id(ROOT)
    if not tx.credit_rules.lock(root):
        tx.credit_rules.add(replace(RULE, id=demo_id(RULE.name), unit_id=root))


def _see_to_lesson(tx: Transaction, now: dt.datetime) -> str:
    """The lesson on the air, else the next one planned that is not over, else a new one that begins soon."""
    waiting = tx.lessons.in_states({*ON_AIR, LessonState.SCHEDULED})
    usable = [lesson for lesson in waiting if lesson.on_air or lesson.ends_at > now]
    if usable:
        return min(usable, key=lambda lesson: (not lesson.on_air, lesson.starts_at)).id
    lesson = _lesson(now)
    tx.lessons.add(lesson)
    gathering = tuple(UnitAssignment(demo_id(unit), demo_id(venue)) for unit, venue in GATHERING.items())
    tx.assignments.replace(lesson.id, Assignments(gathering))
    for position, plan in enumerate(QUESTIONS, 1):
        tx.questions.add(prepared(lesson.id, position, plan))
    tx.events.append(lesson.id, [lesson_changed(lesson.state)], now, None)
    return lesson.id


def begins_at(now: dt.datetime) -> dt.datetime:
    """The first quarter of an hour that leaves ``LEAD``."""
    soon = now + LEAD
    return soon.replace(minute=soon.minute // 15 * 15, second=0, microsecond=0) + dt.timedelta(minutes=15)


def _lesson(now: dt.datetime) -> Lesson:
    starts_at = begins_at(now)
    return Lesson(
        id=str(uuid.uuid4()),
        title=TITLE,
        unit_id=demo_id(ROOT),
        lecturer_id=demo_id("lecturer"),
        state=LessonState.SCHEDULED,
        starts_at=starts_at,
        ends_at=starts_at + LONG,
        recorded=True,
        credit_hundredths=CREDIT_HUNDREDTHS,
        venues=tuple(LessonVenue(str(uuid.uuid4()), demo_id(v.name), v.name, v.part) for v in VENUES),
    )


_FACES = {
    Role.SCHOOL_ADMIN: "/manage",
    Role.SECURITY_ADMIN: "/accounts",
    Role.AUDIT_ADMIN: "/manage/audit",
    Role.DIRECTOR: "/console/{}",
    Role.LECTURER: "/desk/{}",
    Role.SECRETARY: "/",
    Role.VENUE_OPERATOR: "/venue/{}",
}


def _printed(lesson_id: str) -> tuple[DemoAccount, ...]:
    staff = [DemoAccount(s.number, s.name, PASSWORD, s.role, _FACES[s.role].format(lesson_id)) for s in STAFF]
    first_two = [("10001", f"学员{SERIES[0]}01"), ("10061", f"学员{SERIES[3]}01")]
    members = [DemoAccount(number, name, PASSWORD, Role.MEMBER, f"/m/{lesson_id}") for number, name in first_two]
    return (*staff, *members)
