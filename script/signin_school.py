"""The organisation that ``script/bench signin`` signs in: imported through the store, before the server starts.

Sessions are written into the database directly: a login costs 33 ms of argon2 by design, is done once a week, and is
not what is measured.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

from server.domain.access import AccountKind, Role, RoleGrant
from server.domain.accounts import Account, Session
from server.domain.lessons import Lesson, LessonState
from server.domain.members import Member, MemberKind, Membership
from server.domain.roster import Assignments, UnitAssignment
from server.domain.units import Placement, Unit, UnitKind
from server.domain.venues import LessonVenue, Part, Venue
from server.services.login import digest
from server.services.records import Transaction
from server.store.database import Database
from server.store.records import SqlRecords

GENERAL_BRANCHES, BRANCHES, VENUES = 6, 60, 20
_DAWN = dt.date(2020, 1, 1)


def session_of(name: str) -> str:
    """The session cookie's value of an account."""
    return f"session-of-{name}"


@dataclass(frozen=True)
class School:
    """``at_venue``: member number → index of its venue; the others take part by phone."""

    members: int
    now: dt.datetime
    lesson_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    venue_ids: tuple[str, ...] = field(default_factory=lambda: tuple(str(uuid.uuid4()) for _ in range(VENUES)))
    lesson_venue_ids: tuple[str, ...] = field(default_factory=lambda: tuple(str(uuid.uuid4()) for _ in range(VENUES)))
    member_ids: tuple[str, ...] = ()

    def branch_of(self, number: int) -> int:
        return number % BRANCHES

    def venue_of(self, number: int) -> int | None:
        """Two branches of three gather, three or so in a venue; the third one takes part by phone."""
        branch = self.branch_of(number)
        return None if branch % 3 == 2 else branch % VENUES

    async def import_into(self, url: str) -> None:
        database = await Database.open(url)
        try:
            await SqlRecords(database).write(self._fill)
        finally:
            await database.close()

    def _fill(self, tx: Transaction) -> None:
        self._add_units(tx)
        tx.venues.add([Venue(id_, f"第{n:02}会场", "root", "", 60) for n, id_ in enumerate(self.venue_ids)])
        self._add_members(tx)
        self._add_staff(tx)
        tx.lessons.add(self._lesson())
        gathering = ((f"b{n}", self.venue_of(n)) for n in range(BRANCHES))
        units = tuple(UnitAssignment(unit, None if v is None else self.venue_ids[v]) for unit, v in gathering)
        tx.assignments.replace(self.lesson_id, Assignments(units))

    def _add_units(self, tx: Transaction) -> None:
        generals = [f"g{n}" for n in range(GENERAL_BRANCHES)]
        units = [Unit("root", "某集团党委", UnitKind.COMMITTEE)]
        units += [Unit(id_, f"第{n}党总支", UnitKind.GENERAL_BRANCH) for n, id_ in enumerate(generals)]
        units += [Unit(f"b{n}", f"第{n}党支部", UnitKind.BRANCH) for n in range(BRANCHES)]
        placed = [Placement("root", None, _DAWN), *(Placement(id_, "root", _DAWN) for id_ in generals)]
        placed += [Placement(f"b{n}", generals[n % GENERAL_BRANCHES], _DAWN) for n in range(BRANCHES)]
        tx.units.add(units, placed)

    def _add_members(self, tx: Transaction) -> None:
        numbers = range(self.members)
        tx.members.add(
            [Member(self.member_ids[n], f"学员{n:05}", MemberKind.FULL) for n in numbers],
            [Membership(self.member_ids[n], f"b{self.branch_of(n)}", _DAWN) for n in numbers],
        )
        accounts = [
            Account(f"a{n}", f"{n:05}", f"学员{n:05}", AccountKind.PERSON, member_id=self.member_ids[n])
            for n in numbers
        ]
        tx.accounts.add(accounts, [(f"a{n}", RoleGrant(Role.MEMBER, f"b{self.branch_of(n)}")) for n in numbers])
        for n in numbers:
            self._add_session(tx, f"a{n}")

    def _add_staff(self, tx: Transaction) -> None:
        director = Account("director", "director", "会控员", AccountKind.PERSON, unit_id="root")
        screens = [
            Account(f"v{n}", f"venue{n}", f"第{n:02}会场设备", AccountKind.DEVICE, unit_id="root", venue_id=id_)
            for n, id_ in enumerate(self.venue_ids)
        ]
        tx.accounts.add([director, *screens], [("director", RoleGrant(Role.DIRECTOR, "root"))])
        for account in (director, *screens):
            self._add_session(tx, account.id)

    def _add_session(self, tx: Transaction, account_id: str) -> None:
        ends = self.now + dt.timedelta(days=1)
        tx.sessions.add(Session(digest(session_of(account_id)), account_id, self.now, ends))

    def _lesson(self) -> Lesson:
        venues = zip(self.lesson_venue_ids, self.venue_ids, strict=True)
        return Lesson(
            id=self.lesson_id,
            title="安全生产",
            unit_id="root",
            lecturer_id=None,
            state=LessonState.SCHEDULED,
            starts_at=self.now,
            ends_at=self.now + dt.timedelta(hours=2),
            recorded=False,
            venues=tuple(
                LessonVenue(own, venue, f"第{n:02}会场", Part.MAIN if n == 0 else Part.BRANCH)
                for n, (own, venue) in enumerate(venues)
            ),
        )


def school_of(members: int, now: dt.datetime) -> School:
    return School(members, now, member_ids=tuple(str(uuid.uuid4()) for _ in range(members)))
