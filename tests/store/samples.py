"""A small organisation and a lesson to try the record with."""

import datetime as dt
import uuid

from server.domain.access import AccountKind, Role, RoleGrant
from server.domain.accounts import Account
from server.domain.lessons import Lesson, LessonState
from server.domain.members import Member, MemberKind, Membership
from server.domain.units import Placement, Unit, UnitKind
from server.domain.venues import LessonVenue, Part, Venue

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
DAWN = dt.date(2020, 1, 1)


def populate(tx):
    tx.units.add(
        [
            Unit("root", "党委", UnitKind.COMMITTEE),
            Unit("b1", "一支部", UnitKind.BRANCH),
            Unit("b2", "二支部", UnitKind.BRANCH),
        ],
        [Placement("root", None, DAWN), Placement("b1", "root", DAWN), Placement("b2", "root", DAWN)],
    )
    tx.venues.add([Venue("hall", "主会场", "root", "301", 60), Venue("room", "分会场", "b1", "102", 20)])
    tx.members.add(
        [Member("m1", "学员甲", MemberKind.FULL), Member("m2", "学员乙", MemberKind.PROBATIONARY)],
        [Membership("m1", "b1", DAWN, TODAY), Membership("m1", "b2", TODAY), Membership("m2", "b1", DAWN)],
    )
    tx.accounts.add(
        [
            Account("admin", "admin", "管理员", AccountKind.PERSON, "hash", unit_id="root"),
            Account("teacher", "teacher", "讲师", AccountKind.PERSON, unit_id="root"),
            Account("a1", "10001", "学员甲", AccountKind.PERSON, member_id="m1"),
            Account("gone", "gone", "停用", AccountKind.PERSON, unit_id="root", disabled=True),
            Account("tv", "tv", "设备", AccountKind.DEVICE, unit_id="b1", venue_id="room"),
        ],
        [
            ("admin", RoleGrant(Role.SCHOOL_ADMIN, "root")),
            ("teacher", RoleGrant(Role.LECTURER, "root")),
            ("gone", RoleGrant(Role.LECTURER, "root")),
        ],
    )


def a_lesson(lesson_id=None, **fields):
    lesson_id = lesson_id or str(uuid.uuid4())
    plan = {
        "title": "安全生产",
        "unit_id": "root",
        "lecturer_id": "teacher",
        "state": LessonState.SCHEDULED,
        "starts_at": NOW,
        "ends_at": NOW + dt.timedelta(hours=1),
        "recorded": True,
        "venues": (
            LessonVenue(f"{lesson_id}-0", "hall", "主会场", Part.MAIN),
            LessonVenue(f"{lesson_id}-1", "room", "分会场", Part.BRANCH),
        ),
    }
    return Lesson(id=lesson_id, **{**plan, **fields})
