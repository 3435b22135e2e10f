"""An organisation for the benches: one committee, six general branches, sixty branches, as many members as wanted, and
a lesson on the air that expects them all. Invented names only.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from server import clock
from server.domain.access import AccountKind, Role, RoleGrant
from server.domain.accounts import Account, Session
from server.domain.lessons import Lesson, LessonState
from server.domain.members import Member, MemberKind, Membership
from server.domain.programme import Programme
from server.domain.recordings import Recording, RecordingState
from server.domain.roster import RosterEntry
from server.domain.units import Placement, Unit, UnitKind
from server.services.login import digest
from server.services.records import Transaction
from server.store.database import Database
from server.store.passwords import Argon2Passwords
from server.store.records import SqlRecords

LECTURER, PASSWORD = "lecturer", "dangxiao"
GENERAL_BRANCHES, BRANCHES = 6, 60
_DAWN = dt.date(2020, 1, 1)


@dataclass(frozen=True)
class School:
    lesson_id: str
    lecturer_id: str
    account_ids: list[str]


async def fill(url: str, members: int, *, recorded: bool = False) -> School:
    """The database, migrated and filled; the lesson is live, and on nobody's record unless ``recorded``."""
    database = await Database.open(url)
    try:
        password = await Argon2Passwords().hash(PASSWORD)
        return await SqlRecords(database).write(lambda tx: _fill(tx, members, password, recorded=recorded))
    finally:
        await database.close()


def _fill(tx: Transaction, count: int, password: str, *, recorded: bool) -> School:
    root, branches = _units(tx)
    ids = [(str(uuid.uuid4()), str(uuid.uuid4()), branches[n % BRANCHES]) for n in range(count)]
    people = [Member(member, f"学员{n:05}", MemberKind.FULL) for n, (member, _, _) in enumerate(ids)]
    tx.members.add(people, [Membership(member, branch, _DAWN) for member, _, branch in ids])
    accounts = [
        Account(account, f"{10001 + n}", f"学员{n:05}", AccountKind.PERSON, member_id=member)
        for n, (member, account, _) in enumerate(ids)
    ]
    teacher = Account(str(uuid.uuid4()), LECTURER, "讲师", AccountKind.PERSON, password, unit_id=root)
    roles = [(account, RoleGrant(Role.MEMBER, branch)) for _, account, branch in ids]
    tx.accounts.add([teacher, *accounts], [(teacher.id, RoleGrant(Role.LECTURER, root)), *roles])
    now = clock.utc_now()
    for account in (teacher.id, *(account for _, account, _ in ids)):
        tx.sessions.add(Session(login_of(account), account, now, now + dt.timedelta(days=1)))
    lesson_id = _lesson(tx, root, teacher.id, recorded=recorded)
    roster = [
        RosterEntry(person.id, person.name, person.kind, branch, None)
        for person, (_, _, branch) in zip(people, ids, strict=True)
    ]
    tx.roster.add(lesson_id, roster)
    return School(lesson_id, teacher.id, [account for _, account, _ in ids])


def token_of(account_id: str) -> str:
    """What the member's browser has as its cookie."""
    return f"login-of-{account_id}"


def login_of(account_id: str) -> str:
    """The digest of the login that each member's socket hangs on."""
    return digest(token_of(account_id))


def _units(tx: Transaction) -> tuple[str, list[str]]:
    units = [Unit(str(uuid.uuid4()), "某集团党委", UnitKind.COMMITTEE)]
    root = units[0].id
    placements = [Placement(root, None, _DAWN)]
    for n in range(GENERAL_BRANCHES):
        units.append(Unit(str(uuid.uuid4()), f"第{n + 1}党总支", UnitKind.GENERAL_BRANCH))
        placements.append(Placement(units[-1].id, root, _DAWN))
    for n in range(BRANCHES):
        units.append(Unit(str(uuid.uuid4()), f"第{n + 1}党支部", UnitKind.BRANCH))
        placements.append(Placement(units[-1].id, units[1 + n % GENERAL_BRANCHES].id, _DAWN))
    tx.units.add(units, placements)
    return root, [unit.id for unit in units[1 + GENERAL_BRANCHES :]]


def _lesson(tx: Transaction, unit_id: str, lecturer_id: str, *, recorded: bool) -> str:
    now = clock.utc_now()
    lesson = Lesson(
        id=str(uuid.uuid4()),
        title="安全生产基础知识",
        unit_id=unit_id,
        lecturer_id=lecturer_id,
        state=LessonState.LIVE,
        starts_at=now,
        ends_at=now + dt.timedelta(hours=1),
        recorded=recorded,
        opened_at=now,
        live_at=now,
        recording_id=str(uuid.uuid4()),
    )
    tx.lessons.add(lesson)
    assert lesson.recording_id is not None
    tx.recordings.add(
        Recording(lesson.recording_id, lesson.id, RecordingState.RUNNING if recorded else RecordingState.OFF)
    )
    tx.programmes.save(lesson.id, Programme())
    return lesson.id
