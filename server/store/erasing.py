"""Taking a person out of every table, as the inventory says; in one transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from server.domain.access import ADMINISTRATORS, Role, RoleGrant
from server.domain.attendance_sheets import canonical, digest_of
from server.domain.erasures import Pseudonym, Redaction, Standing, pseudonym_of
from server.domain.exports import ExportKind
from server.domain.jobs import OVER, JobState
from server.domain.lessons import LessonState
from server.domain.personal_data import Fate, Holding, Person
from server.domain.personal_inventory import INVENTORY
from server.domain.quiz import UNSCORED
from server.store.opinions import retell
from server.store.personal import owned
from server.store.schema import (
    accounts,
    answers,
    attendance_sheets,
    commands,
    data_exports,
    exports,
    legal_holds,
    lesson_events,
    lessons,
    loans,
    member_assignments,
    members,
    memberships,
    metadata,
    quizzes,
    recordings,
    role_grants,
    roster_entries,
    sheet_bundles,
    told_chapters,
    unit_groups,
)

_UNSETTLED = (LessonState.OPEN.value, LessonState.LIVE.value, LessonState.ENDED.value)
_PLANNED = (LessonState.DRAFT.value, LessonState.SCHEDULED.value)
_OF_THEIR_OWN = ("inquiry.%", "chat.%", "hand.%", "talk.%", "help.%", "leave.%", "review.%")
_SHEETS_APART = frozenset({"attendance_sheets", "lesson_events"})
_BATCH = 500


class SqlErasing:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def standing(self, person: Person) -> Standing:
        """What stands against it."""
        mine = self._lessons_of(person)
        unsettled = sa.select(sa.func.count()).where(lessons.c.id.in_(mine), lessons.c.state.in_(_UNSETTLED))
        teaches = (lessons.c.lecturer_id == person.account_id, lessons.c.state.in_((*_UNSETTLED, *_PLANNED[1:])))
        taught = sa.select(sa.func.count()).select_from(lessons).where(*teaches)
        return Standing(
            lessons=self._count(unsettled) + self._count(taught),
            held=self._held(person),
            grants=self._grants(person),
            others={role: self._others(role, person) for role in ADMINISTRATORS},
        )

    def pseudonym(self, person: Person) -> Pseudonym:
        query = sa.select(accounts.c.number).where(accounts.c.number.startswith("erased-"))
        return pseudonym_of(person.account_id, frozenset(self._connection.execute(query).scalars()))

    def longer(self, person: Person) -> frozenset[str]:
        """Names of others, now or on rosters of the past, in which this one stands."""
        columns = (accounts.c.name, members.c.name, roster_entries.c.name)
        among = [
            sa.select(name).where(name.contains(person.name, autoescape=True), name != person.name) for name in columns
        ]
        return frozenset(self._connection.execute(sa.union(*among)).scalars()) if person.name else frozenset()

    def erase(self, person: Person, pseudonym: Pseudonym, now: dt.datetime, today: dt.date) -> dict[str, int]:
        """How many rows of each table were changed or deleted."""
        namesakes = (
            sa.select(sa.func.count())
            .select_from(accounts)
            .where(accounts.c.name == person.name, accounts.c.id != person.account_id)
        )
        alone, longer = self._count(namesakes) == 0, self.longer(person)
        redaction = Redaction(person, pseudonym, self._ids(person), unique=alone, longer=longer)
        self._stop_exports(person, now)
        lesson_ids = self._touched(person)
        counts: Counter[str] = Counter()
        counts["exports"] = self._end_packages(lesson_ids, now)
        counts["sheet_bundles"] = self._end_bundles(lesson_ids, now)
        counts["lesson_events"] = self._events(redaction, lesson_ids)
        self._told_anew(lesson_ids)
        counts["attendance_sheets"] = self._sheets(redaction, lesson_ids, now)
        for name, held in INVENTORY.items():
            if name not in _SHEETS_APART:
                counts[name] += self._walk(name, held, redaction)
        counts["answers"] += self._opinions(person)
        for name, held in INVENTORY.items():
            counts[name] += self._table(name, held, redaction)
        self._leave(person, pseudonym, today)
        counts["commands"] += self._results(redaction)
        return {name: count for name, count in sorted(counts.items()) if count}

    # ---- rows ------------------------------------------------------------------------------------------

    def _table(self, name: str, held: Holding, redaction: Redaction) -> int:
        table, person = metadata.tables[name], redaction.person
        if name == "audit_lines":
            return 0  # of which only the details can go, and a line says so
        if held.personal and held.fate is Fate.DELETE:
            return self._connection.execute(sa.delete(table).where(owned(table, held, person))).rowcount
        changed = 0
        values = {**dict.fromkeys(held.names, redaction.pseudonym.name), **_emptied(table, held)}
        if held.personal and values:
            own = sa.update(table).where(owned(table, held, person)).values(values)
            changed = self._connection.execute(own).rowcount
        for column in held.by_names if redaction.unique else ():
            named = sa.update(table).where(table.c[column] == person.name)
            changed += self._connection.execute(named.values({column: redaction.pseudonym.name})).rowcount
        return changed

    def _leave(self, person: Person, pseudonym: Pseudonym, today: dt.date) -> None:
        """The account serves no more, and nobody expects the member any more; what was before stays as it was."""
        gone = {"number": pseudonym.number, "password_hash": None, "disabled": True, "disabled_because": None}
        self._connection.execute(sa.update(accounts).where(accounts.c.id == person.account_id).values(gone))
        if person.member_id is None:
            return
        for table in (memberships, loans):
            open_ones = (table.c.member_id == person.member_id, sa.or_(table.c.until.is_(None), table.c.until > today))
            last = sa.case((table.c.since > today, table.c.since), else_=today)
            self._connection.execute(sa.update(table).where(*open_ones).values(until=last))
        led = sa.update(unit_groups).where(unit_groups.c.leader_id == person.member_id)
        self._connection.execute(led.values(leader_id=None))
        planned = sa.select(lessons.c.id).where(lessons.c.state.in_(_PLANNED))
        own = (member_assignments.c.member_id == person.member_id, member_assignments.c.lesson_id.in_(planned))
        self._connection.execute(sa.delete(member_assignments).where(*own))

    def _stop_exports(self, person: Person, now: dt.datetime) -> None:
        """One that is being made has read what goes now: its end finds it cancelled, and keeps nothing."""
        its = data_exports.c
        going = (its.account_id == person.account_id, its.state.not_in([state.value for state in OVER]))
        gone = {"state": JobState.CANCELLED.value, "ended_at": now}
        self._connection.execute(sa.update(data_exports).where(*going).values(gone))

    def _end_packages(self, lesson_ids: list[str], now: dt.datetime) -> int:
        """Sealed packages that may name the person: nobody fetches one any more, and the house takes it off the disk.
        One that is being made ends by its own look.
        """
        its, ended = exports.c, 0
        for start in range(0, len(lesson_ids), _BATCH):
            some = (its.kind == ExportKind.PACKAGE.value, its.lesson_id.in_(lesson_ids[start : start + _BATCH]))
            there = sa.update(exports).where(*some, its.until > now).values(until=now)
            going = its.state.not_in([state.value for state in OVER])
            gone = {"state": JobState.CANCELLED.value, "ended_at": now}
            ended += self._connection.execute(there).rowcount
            ended += self._connection.execute(sa.update(exports).where(*some, going).values(gone)).rowcount
        return ended

    def _end_bundles(self, lesson_ids: list[str], now: dt.datetime) -> int:
        """Archives of sign-in sheets that may name the person are empty from now on."""
        its, ended = sheet_bundles.c, 0
        for start in range(0, len(lesson_ids), _BATCH):
            some = its.lesson_id.in_(lesson_ids[start : start + _BATCH])
            going = its.state.not_in([state.value for state in OVER])
            gone = {"state": JobState.CANCELLED.value, "ended_at": now}
            ended += self._connection.execute(sa.update(sheet_bundles).where(some, going).values(gone)).rowcount
            there = sa.update(sheet_bundles).where(some, its.content.is_not(None)).values(content=None, bytes=0)
            ended += self._connection.execute(there).rowcount
        return ended

    # ---- words among others ----------------------------------------------------------------------------

    def _walk(self, name: str, held: Holding, redaction: Redaction) -> int:
        table, changed = metadata.tables[name], 0
        for column in (table.c[each] for each in held.walked):
            said = sa.cast(column, sa.Text)
            speaks = [said.contains(word, autoescape=True) for word in self._words(redaction)]
            mine = owned(table, held, redaction.person) if held.personal else sa.false()
            query = sa.select(*table.primary_key, column, mine.label("mine")).where(sa.or_(mine, *speaks))
            for row in self._connection.execute(query).all():
                after = redaction.of(row._mapping[column.name], mine=bool(row.mine))
                if after != row._mapping[column.name]:
                    self._put(table, row, {column.name: after})
                    changed += 1
        return changed

    def _opinions(self, person: Person) -> int:
        """What the person wrote to opinions and word clouds goes; that there was an answer stays. What is shown of them
        is told anew: a text that nobody else wrote is gone from there, too.
        """
        theirs = (answers.c.member_id == person.member_id, quizzes.c.kind.in_([kind.value for kind in UNSCORED]))
        query = sa.select(answers).join(quizzes, quizzes.c.id == answers.c.quiz_id).where(*theirs)
        written = self._connection.execute(query.order_by(answers.c.quiz_id)).all()
        for row in written:
            turns = [[of, nth, [], at, in_round] for of, nth, _, at, in_round in row.turns]
            self._put(answers, row, {"choice": [], "turns": turns})
            retell(self._connection, row.quiz_id)
        return len(written)

    def _events(self, redaction: Redaction, lesson_ids: list[str]) -> int:
        """Every event keeps its place and its kind: only what it says of the person goes."""
        changed, its = 0, lesson_events.c
        account_id = redaction.person.account_id
        said = sa.cast(its.data, sa.Text)
        speaks = [said.contains(word, autoescape=True) for word in self._words(redaction)]
        theirs = (its.actor == account_id, its.audience == f"account:{account_id}")
        about = sa.or_(*theirs, *speaks, *(its.kind.like(kind) for kind in _OF_THEIR_OWN))
        for start in range(0, len(lesson_ids), _BATCH):
            some = its.lesson_id.in_(lesson_ids[start : start + _BATCH])
            for row in self._connection.execute(sa.select(lesson_events).where(some, about)).all():
                after = redaction.of(row.data)
                if after != row.data:
                    self._put(lesson_events, row, {"data": after})
                    changed += 1
        return changed

    def _told_anew(self, lesson_ids: list[str]) -> None:
        """Chapters that were told from the log for the search: they are told again from what is left of it.

        The recordings first: whoever tells one holds its row, and what that wrote is deleted with the rest.
        """
        for start in range(0, len(lesson_ids), _BATCH):
            some = lesson_ids[start : start + _BATCH]
            again = sa.update(recordings).where(recordings.c.lesson_id.in_(some)).values(told_at=None)
            self._connection.execute(again)
            self._connection.execute(sa.delete(told_chapters).where(told_chapters.c.lesson_id.in_(some)))

    def _sheets(self, redaction: Redaction, lesson_ids: list[str], now: dt.datetime) -> int:
        """A sheet keeps the digest under which it was confirmed; another one holds what is left of it."""
        its, changed = attendance_sheets.c, 0
        speaks = [its.content.contains(word, autoescape=True) for word in self._words(redaction)]
        for start in range(0, len(lesson_ids), _BATCH):
            some = its.lesson_id.in_(lesson_ids[start : start + _BATCH])
            for row in self._connection.execute(sa.select(attendance_sheets).where(some, sa.or_(*speaks))).all():
                before = json.loads(row.content)
                after = redaction.of({**before, "body": self._body(before["body"], redaction)})
                if after == before:
                    continue
                content = canonical(after)
                sound = digest_of(canonical(before)) == (row.redacted_digest or row.digest)
                left = digest_of(content) if sound else row.redacted_digest
                self._put(attendance_sheets, row, {"content": content, "redacted_at": now, "redacted_digest": left})
                changed += 1
        return changed

    @staticmethod
    def _body(body: dict[str, Any], redaction: Redaction) -> dict[str, Any]:
        """The other lines are other people's."""
        return {**body, "lines": [redaction.of(line) for line in body["lines"]]}

    def _results(self, redaction: Redaction) -> int:
        """What others were answered of this person, and would be again at a retry."""
        its, changed, person = commands.c, 0, redaction.person
        number, instead = (json.dumps(each, ensure_ascii=False) for each in (person.number, redaction.pseudonym.number))
        numbered = its.result.contains(number, autoescape=True)
        named = its.result.contains(person.name, autoescape=True) if redaction.unique else sa.false()
        for row in self._connection.execute(sa.select(its.command_id, its.result).where(sa.or_(numbered, named))).all():
            after = redaction.renamed(row.result).replace(number, instead)
            if after != row.result:
                self._put(commands, row, {"result": after})
                changed += 1
        return changed

    def _put(self, table: sa.Table, row: sa.Row[*tuple[Any, ...]], values: dict[str, Any]) -> None:
        which = [column == row._mapping[column.name] for column in table.primary_key]
        self._connection.execute(sa.update(table).where(*which).values(values))

    # ---- looking ---------------------------------------------------------------------------------------

    @staticmethod
    def _words(redaction: Redaction) -> list[str]:
        person = redaction.person
        return [word for word in (person.name, person.number, person.account_id, person.member_id) if word]

    def _held(self, person: Person) -> bool:
        """By a hold on the person, or on a lesson of which anything would be changed: whoever taught or served, too."""
        its = legal_holds.c
        stands = sa.select(its.account_id, its.lesson_id).where(its.lifted_at.is_(None))
        holds = self._connection.execute(stands).all()
        if any(row.account_id == person.account_id for row in holds):
            return True
        kept = {row.lesson_id for row in holds if row.lesson_id}
        return bool(kept) and not kept.isdisjoint(self._touched(person))

    def _ids(self, person: Person) -> frozenset[str]:
        """Of the person, and of what is theirs."""
        found = set(person.ids)
        for name, held in INVENTORY.items():
            table = metadata.tables[name]
            if held.personal and "id" in table.c and isinstance(table.c.id.type, sa.String):
                found.update(
                    self._connection.execute(sa.select(table.c.id).where(owned(table, held, person))).scalars()
                )
        return frozenset(found)

    def _touched(self, person: Person) -> list[str]:
        """Every lesson that may say something of the person."""
        acted = sa.select(lesson_events.c.lesson_id).where(lesson_events.c.actor == person.account_id)
        taught = sa.select(lessons.c.id).where(lessons.c.lecturer_id == person.account_id)
        parts = [acted, taught, *self._by_table(person)]
        return sorted(self._connection.execute(sa.union(*parts)).scalars())

    @staticmethod
    def _by_table(person: Person) -> Iterator[sa.Select[Any]]:
        for name, held in INVENTORY.items():
            table = metadata.tables[name]
            if held.personal and "lesson_id" in table.c:
                its = table.c.lesson_id
                yield sa.select(its).where(owned(table, held, person), its.is_not(None))

    @staticmethod
    def _lessons_of(person: Person) -> sa.Select[Any]:
        return sa.select(roster_entries.c.lesson_id).where(roster_entries.c.member_id == person.member_id)

    def _grants(self, person: Person) -> tuple[RoleGrant, ...]:
        query = sa.select(role_grants).where(role_grants.c.account_id == person.account_id)
        return tuple(RoleGrant(Role(row.role), row.unit_id) for row in self._connection.execute(query))

    def _others(self, role: Role, person: Person) -> int:
        held = sa.join(role_grants, accounts, accounts.c.id == role_grants.c.account_id)
        which = (role_grants.c.role == role.value, accounts.c.id != person.account_id, accounts.c.disabled.is_(False))
        return self._count(sa.select(sa.func.count()).select_from(held).where(*which))

    def _count(self, query: sa.Select[Any]) -> int:
        return int(self._connection.execute(query).scalar_one())


def _emptied(table: sa.Table, held: Holding) -> dict[str, Any]:
    columns = (table.c[name] for name in (*held.texts, *held.traces, *held.secrets))
    return {column.name: None if column.nullable else "" for column in columns}
