"""The sweep, table by table: the old goes, the young, the held and the unsettled stay; a second run finds nothing."""

import datetime as dt

import pytest
import sqlalchemy as sa

from server.domain.retention_steps import STEPS
from server.store.retaining import SqlRetention
from server.store.schema import legal_holds, lesson_events, lessons, make_ups, metadata, micro_studies, micro_watches
from tests.store.people import ANNA, BERT, connect, lesson_of, populate
from tests.store.samples import NOW

PARENTS = ("recordings", "quizzes", "presence_checks", "make_ups", "inquiries")
LATER = NOW + dt.timedelta(days=1)


def prepared():
    """Everything of both is old and settled; keys lead to the parents, and nothing is open."""
    connection = connect()
    populate(connection, ANNA, BERT)
    for step in STEPS:
        table = metadata.tables[step.table]
        if step.closed:
            connection.execute(sa.update(table).values({step.closed: None}))
        if step.through:
            column, parent = step.through
            for person in (ANNA, BERT):
                name = metadata.tables[parent]
                row = connection.execute(sa.select(name.c.id).where(name.c.lesson_id == lesson_of(person)))
                mine = table.c[column].startswith(person.name)
                connection.execute(sa.update(table).where(mine).values({column: row.scalar_one()}))
        if step.parent:
            column, parent = step.parent
            for person in (ANNA, BERT):
                its = metadata.tables[parent].c.id
                first = connection.execute(sa.select(its).where(its.startswith(person.name))).scalars().first()
                mine = table.c[column].startswith(person.name)
                connection.execute(sa.update(table).where(mine).values({column: first}))
    connection.execute(sa.update(lesson_events).values(kind="chat.line"))
    connection.execute(sa.delete(legal_holds))
    return connection


def hold(connection, *, account_id=None, lesson_id=None):
    row = {"id": "hold", "account_id": account_id, "lesson_id": lesson_id, "reason": "核查", "set_by": "x"}
    connection.execute(sa.insert(legal_holds).values(**row, set_at=NOW, lifted_at=None))


def rows(connection, name):
    return [dict(row._mapping) for row in connection.execute(sa.select(metadata.tables[name]))]


@pytest.fixture
def connection():
    with prepared() as connection:
        yield connection


def dues(connection, before=LATER):
    return {(step.kind, step.table): SqlRetention(connection).due(step, before) for step in STEPS if not step.childless}


def test_the_old_goes_and_a_second_run_finds_nothing(connection):
    connection.execute(sa.update(lesson_events).values(kind="inquiry.asked").where(lesson_events.c.seq == 1))
    retention = SqlRetention(connection)
    for step in STEPS:
        before, due = rows(connection, step.table), retention.due(step, LATER)
        assert due >= 1, step
        found = retention.found(step, LATER, None, 500)
        assert len(found) == due
        assert retention.found(step, LATER, None, 1) == found[:1]
        assert retention.found(step, LATER, found[0], 500) == found[1:]
        assert (retention.clear(step, LATER, found[:1]), retention.clear(step, LATER, found)) == (1, due - 1)
        assert (retention.due(step, LATER), retention.clear(step, LATER, found)) == (0, 0)
        assert retention.found(step, LATER, None, 500) == ()
        after = rows(connection, step.table)
        if step.blanks:
            assert len(after) == len(before)
            assert not any(row[name] for row in after for name in step.blanks)
            kept = [name for name in before[0] if name not in step.blanks]
            assert [[row[name] for name in kept] for row in after] == [[row[name] for name in kept] for row in before]
        else:
            assert len(after) == len(before) - due


def test_the_young_stays(connection):
    assert set(dues(connection, NOW).values()) == {0}


@pytest.mark.parametrize("state", ["draft", "scheduled", "open", "live", "ended"])
def test_nothing_of_a_lesson_that_is_not_settled(connection, state):
    connection.execute(sa.update(lessons).values(state=state))
    assert {table for (_, table), due in dues(connection).items() if due} == {
        step.table for step in STEPS if not step.of_lesson and not step.childless
    }


def test_nothing_of_a_lesson_under_a_legal_hold(connection):
    before = dues(connection)
    hold(connection, lesson_id=lesson_of(ANNA))
    after = dues(connection)
    lost = {key for key in before if after[key] == before[key] - 1}
    assert lost == {(step.kind, step.table) for step in STEPS if step.of_lesson and before.get((step.kind, step.table))}


@pytest.mark.parametrize("held", ["lesson", "person"])
def test_a_hold_that_comes_between_finding_and_clearing_counts(connection, held):
    retention = SqlRetention(connection)
    found = {step: retention.found(step, LATER, None, 500) for step in STEPS}
    hold(connection, **({"lesson_id": lesson_of(ANNA)} if held == "lesson" else {"account_id": ANNA.account_id}))
    still = {step: set(retention.found(step, LATER, None, 500)) for step in STEPS}
    assert any(len(still[step]) < len(keys) for step, keys in found.items())
    for step, keys in found.items():
        table = metadata.tables[step.table]
        if keys:
            retention.clear(step, LATER, keys)
        there = {tuple(row) for row in connection.execute(sa.select(*table.primary_key))}
        assert set(keys) - still[step] <= there, step


def test_nothing_of_a_person_under_a_legal_hold(connection):
    hold(connection, account_id=ANNA.account_id)
    retention = SqlRetention(connection)
    assert retention.held()
    assert retention.audit_due(LATER) == 0
    before = {step.table: [row for row in rows(connection, step.table) if of(row, ANNA)] for step in STEPS}
    for step in STEPS:
        found = retention.found(step, LATER, None, 500)
        if found:
            retention.clear(step, LATER, found)
    assert {step.table: [row for row in rows(connection, step.table) if of(row, ANNA)] for step in STEPS} == before
    connection.execute(sa.update(legal_holds).values(lifted_at=NOW))
    assert not retention.held()
    assert sum(dues(connection).values()) >= 20


def of(row, person):
    return {person.account_id, person.member_id, lesson_of(person)} & {
        value for value in row.values() if isinstance(value, str)
    }


def test_what_is_watched_for_make_up_study_stays_until_that_is_old(connection):
    late = {"deadline_at": LATER + dt.timedelta(days=30)}
    connection.execute(sa.update(make_ups).values(late))
    due = dues(connection)
    assert {table for (_, table), count in due.items() if not count} >= {"replay_watches", "make_up_attempts"}


def test_an_open_request_keeps_its_words(connection):
    for name in ("leaves", "corrections", "reviews"):
        table = metadata.tables[name]
        connection.execute(sa.update(table).where(table.c.member_id == ANNA.member_id).values(open_key="open"))
    due = dues(connection)
    assert [due["vouching", name] for name in ("leaves", "corrections", "reviews")] == [1, 1, 1]


def test_what_was_never_watched_goes_by_when_it_was_begun(connection):
    [step] = [step for step in STEPS if step.table == "micro_watches"]
    retention = SqlRetention(connection)
    before = retention.due(step, LATER)
    for video_id, member_id in connection.execute(sa.select(micro_watches.c.video_id, micro_watches.c.member_id)).all():
        theirs = sa.update(micro_studies).where(micro_studies.c.member_id == member_id)
        connection.execute(theirs.values(video_id=video_id, began_at=NOW))
    connection.execute(sa.update(micro_watches).values(spent_at=None))
    assert (retention.due(step, LATER), retention.due(step, NOW)) == (before, 0)
    connection.execute(sa.update(micro_studies).values(began_at=LATER))
    assert retention.due(step, LATER) == 0
