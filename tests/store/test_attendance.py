"""What the record promises of assignments, rosters, sign-ins and presence, on SQLite and PostgreSQL."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from server.domain.board import Cell, Sight, tally
from server.domain.members import MemberKind
from server.domain.presence import Channel, Outage, Span
from server.domain.refusals import Refusal
from server.domain.roster import (
    PHONE,
    Assignments,
    MemberAssignment,
    Person,
    RosterEntry,
    RosterFilter,
    RosterState,
    UnitAssignment,
)
from server.domain.sign_ins import Door, Proof, SignIn, Way
from server.store.database import Database
from server.store.records import SqlRecords
from tests.store.samples import NOW, TODAY, a_lesson, populate

MINUTE = dt.timedelta(minutes=1)
FULL = MemberKind.FULL


@pytest.fixture
async def filled(records):
    await records.write(populate)
    await records.write(lambda tx: tx.lessons.add(a_lesson("l")))
    await records.write(lambda tx: tx.lessons.add(a_lesson("other")))
    return records


def signed(member_id="m1", *, at=NOW, venue="l-1", **more):
    return SignIn(member_id, at, Way.QR, venue, "a1", f"c-{member_id}", **more)


async def test_a_line_is_walked_as_the_tree_says(filled):
    for unit in ("root", "b1", "b2"):
        alone = await filled.read(lambda tx, u=unit: tx.units.line(u, TODAY))
        assert alone == await filled.read(lambda tx, u=unit: tx.units.tree().line(u, TODAY))
    assert await filled.read(lambda tx: tx.units.line("b1", dt.date(1999, 1, 1))) == ("b1",)
    with pytest.raises(Refusal, match="unit_not_found"):
        await filled.read(lambda tx: tx.units.line("nowhere", TODAY))


async def test_people_are_found_by_unit_and_by_id_as_of_a_day(filled):
    yesterday = TODAY - dt.timedelta(days=1)
    assert await filled.read(lambda tx: tx.members.people(["b1"], TODAY)) == (
        Person("m2", "学员乙", MemberKind.PROBATIONARY, "b1"),
    )
    assert {p.member_id for p in await filled.read(lambda tx: tx.members.people(["b1"], yesterday))} == {"m1", "m2"}
    found = await filled.read(lambda tx: tx.members.found(["m1", "nobody"], TODAY))
    assert found == {"m1": Person("m1", "学员甲", FULL, "b2")}
    assert await filled.read(lambda tx: tx.accounts.numbers(["m1", "m2"])) == {"m1": "10001"}


async def test_assignments_are_replaced_as_a_whole(filled):
    first = Assignments((UnitAssignment("b1", "room"), UnitAssignment("b2", None)), (MemberAssignment("m1", "hall"),))
    second = Assignments((UnitAssignment("root", "hall"),), (MemberAssignment("m2", None, expected=False),))
    assert await filled.read(lambda tx: tx.assignments.of("l")) == Assignments()
    for plan in (first, second):
        await filled.write(lambda tx, p=plan: tx.assignments.replace("l", p))
        again = await filled.read(lambda tx: tx.assignments.of("l"))
        assert (set(again.units), set(again.members)) == (set(plan.units), set(plan.members))
    assert await filled.read(lambda tx: tx.assignments.of("other")) == Assignments()


ROSTER = (
    RosterEntry("m1", "学员甲", FULL, "b1", "l-1"),
    RosterEntry("m2", "学员乙", MemberKind.PROBATIONARY, "b1", None, NOW, "admin", "借调"),
)


async def test_a_roster_comes_back_as_it_was_put(filled):
    await filled.write(lambda tx: tx.roster.add("l", ROSTER))
    assert set(await filled.read(lambda tx: tx.roster.of("l"))) == set(ROSTER)
    assert await filled.read(lambda tx: tx.roster.get("l", "m2")) == ROSTER[1]
    assert await filled.read(lambda tx: tx.roster.get("other", "m2")) is None


async def test_a_member_stands_on_a_roster_once(filled):
    await filled.write(lambda tx: tx.roster.add("l", ROSTER))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await filled.write(lambda tx: tx.roster.add("l", [replace(ROSTER[0], name="again")]))


async def test_the_venue_of_a_lesson_leads_to_the_lesson(filled):
    lesson = a_lesson("l")
    assert await filled.read(lambda tx: tx.lessons.holding("l-1")) == replace(lesson, venues=lesson.venues[1:])
    assert await filled.read(lambda tx: tx.lessons.holding("nowhere")) is None
    assert set(await filled.read(lambda tx: tx.lessons.venues(["l-0", "l-1", "no"]))) == set(lesson.venues)
    assert await filled.read(lambda tx: tx.lessons.venues([])) == ()


async def test_the_door_knows_all_that_is_asked_at_once(filled):
    await filled.write(lambda tx: tx.roster.add("l", ROSTER))
    lesson = replace(a_lesson("l"), venues=())
    assert await filled.read(lambda tx: tx.roster.door("l", "m1")) == Door(lesson, ROSTER[0], None)
    await filled.write(lambda tx: tx.sign_ins.add("l", signed()))
    assert await filled.read(lambda tx: tx.roster.door("l", "m1")) == Door(lesson, ROSTER[0], signed())
    assert await filled.read(lambda tx: tx.roster.door("l", "m9")) is None
    assert await filled.read(lambda tx: tx.roster.door("other", "m1")) is None


# ---- sign-ins --------------------------------------------------------------------------------------------


async def test_the_first_sign_in_of_a_member_counts(filled):
    first = signed(device_digest="d1", proof_digest="p1", slot=7, address="192.0.2.1")
    assert await filled.write(lambda tx: tx.sign_ins.add_first("l", first))
    for again in (first, signed(at=NOW + MINUTE, venue=None, device_digest="d2", proof_digest="p2")):
        assert not await filled.write(lambda tx, one=again: tx.sign_ins.add_first("l", one))
    assert await filled.read(lambda tx: tx.sign_ins.get("l", "m1")) == first
    assert await filled.read(lambda tx: tx.sign_ins.of("l")) == (first,)


async def test_of_many_at_once_each_member_device_and_proof_counts_once(filled):
    many = [
        ("l", signed("m1", device_digest="d")),
        ("l", signed("m1", at=NOW + MINUTE)),
        ("l", signed("m2", device_digest="d")),
        ("other", signed("m2", venue=None, device_digest="d")),
    ]
    assert sorted(await filled.write(lambda tx: tx.sign_ins.add_each(many))) == [
        ("l", "m1", "c-m1"),
        ("other", "m2", "c-m2"),
    ]
    assert await filled.write(lambda tx: tx.sign_ins.add_each(many)) == []
    assert await filled.read(lambda tx: tx.sign_ins.of("l")) == (many[0][1],)


async def test_one_device_signs_in_one_member_of_a_lesson(filled):
    mine = signed(device_digest="d")
    assert await filled.write(lambda tx: tx.sign_ins.add_first("l", mine))
    assert not await filled.write(lambda tx: tx.sign_ins.add_first("l", signed("m2", device_digest="d")))
    assert await filled.read(lambda tx: tx.sign_ins.of("l")) == (mine,)
    assert await filled.write(lambda tx: tx.sign_ins.add_first("other", signed("m2", venue=None, device_digest="d")))


async def test_whether_one_of_these_accounts_signed_itself_in(filled):
    mine = signed(device_digest="d")
    await filled.write(lambda tx: tx.sign_ins.add_first("l", mine))
    helped = replace(signed("m2"), way=Way.ASSISTED, account_id="admin", command_id="c-h")
    await filled.write(lambda tx: tx.sign_ins.add_first("l", helped))
    asked = [("l", {mine.account_id, "tv"}), ("l", {"admin"}), ("other", {mine.account_id}), ("l", set())]
    assert [await filled.read(lambda tx, q=q: tx.sign_ins.any_by(*q)) for q in asked] == [True, False, False, False]


async def test_one_proof_signs_in_one_member(filled):
    assert await filled.write(lambda tx: tx.sign_ins.add_first("l", signed(proof_digest="p")))
    assert not await filled.write(lambda tx: tx.sign_ins.add_first("l", signed("m2", proof_digest="p")))
    assert (await filled.read(lambda tx: tx.sign_ins.of_proof("p"))).member_id == "m1"
    assert await filled.read(lambda tx: tx.sign_ins.of_proof("q")) is None


async def test_many_without_device_and_proof_are_no_conflict(filled):
    for member in ("m1", "m2"):
        assert await filled.write(lambda tx, m=member: tx.sign_ins.add_first("l", signed(m)))


async def test_two_processes_that_sign_in_one_member_at_once_make_one_row(database_url, filled):
    """SQLite has one process by design; here its two writers stand for the two processes of PostgreSQL."""
    there = await Database.open(database_url)
    try:
        each = [signed(device_digest=f"d{n}", proof_digest=f"p{n}") for n in range(20)]
        sides = (filled, SqlRecords(there))
        done = await asyncio.gather(
            *(sides[n % 2].write(lambda tx, s=one: tx.sign_ins.add_first("l", s)) for n, one in enumerate(each))
        )
        assert sum(done) == 1
        assert len(await filled.read(lambda tx: tx.sign_ins.of("l"))) == 1
    finally:
        await there.close()


async def test_a_mark_of_leaving_can_be_taken_back(filled):
    await filled.write(lambda tx: tx.sign_ins.add("l", signed()))
    await filled.write(lambda tx: tx.sign_ins.mark_left("l", "m1", NOW + MINUTE, "admin"))
    assert await filled.read(lambda tx: tx.sign_ins.get("l", "m1")) == signed(left_at=NOW + MINUTE, left_by="admin")
    await filled.write(lambda tx: tx.sign_ins.mark_left("l", "m1", None, "admin"))
    assert await filled.read(lambda tx: tx.sign_ins.get("l", "m1")) == signed()


async def test_without_a_rule_there_is_no_grace_period_on_record(filled):
    assert await filled.read(lambda tx: tx.sign_ins.grace_minutes("l")) is None


async def test_a_proof_is_kept_until_it_is_long_over(filled):
    proof = Proof("p", "l", "l-1", 7, NOW, NOW + 10 * MINUTE, "192.0.2.1")
    for one in (proof, replace(proof, slot=8)):
        await filled.write(lambda tx, p=one: tx.proofs.add([p]))
    assert await filled.read(lambda tx: tx.proofs.get("p")) == proof
    assert await filled.write(lambda tx: tx.proofs.forget_before(NOW + 10 * MINUTE)) == 0
    assert await filled.write(lambda tx: tx.proofs.forget_before(NOW + 11 * MINUTE)) == 1
    assert await filled.read(lambda tx: tx.proofs.get("p")) is None


# ---- listed and counted ----------------------------------------------------------------------------------


@pytest.fixture
async def hall(filled):
    await filled.write(lambda tx: tx.roster.add("l", ROSTER))
    await filled.write(lambda tx: tx.sign_ins.add("l", signed(at=NOW + 20 * MINUTE, venue="l-0", left_at=NOW)))
    return filled


async def ids(records, after=None, limit=10, **narrowed):
    found = await records.read(lambda tx: tx.roster.listed("l", RosterFilter(**narrowed), after, limit))
    return [entry.member_id for entry, _ in found]


async def test_a_roster_is_listed_with_its_sign_ins_page_by_page(hall):
    listed = await hall.read(lambda tx: tx.roster.listed("l", RosterFilter(), None, 10))
    assert [(e.member_id, s and s.lesson_venue_id) for e, s in listed] == [("m2", None), ("m1", "l-0")]
    assert await ids(hall, limit=1) == ["m2"]
    assert await ids(hall, after="m2") == ["m1"]
    assert await ids(hall, after="m1") == []
    assert await ids(hall, after="nobody") == ["m2", "m1"]


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ({"state": RosterState.PRESENT}, ["m1"]),
        ({"state": RosterState.MISSING}, ["m2"]),
        ({"state": RosterState.LEFT}, ["m1"]),
        ({"state": RosterState.ADDED}, ["m2"]),
        ({"state": RosterState.LATE, "late_after": NOW}, ["m1"]),
        ({"state": RosterState.LATE, "late_after": NOW + 60 * MINUTE}, []),
        ({"state": RosterState.LATE}, []),
        ({"place": "l-0"}, ["m1"]),
        ({"place": "l-1"}, []),
        ({"place": PHONE}, ["m2"]),
        ({"unit_ids": frozenset({"b1"})}, ["m2", "m1"]),
        ({"unit_ids": frozenset({"b2"})}, []),
        ({"venue": "l-0"}, ["m1"]),
        ({"venue": "l-1"}, ["m1"]),
        ({"venue": "elsewhere"}, []),
    ],
)
async def test_a_roster_is_narrowed(hall, narrowed, found):
    assert await ids(hall, **narrowed) == found


async def test_the_cells_of_the_board_count_everybody_once(hall):
    assert set(await hall.read(lambda tx: tx.roster.cells("l", NOW))) == {
        Cell("b1", FULL, "l-1", "l-0", True, True, True, True, 1),
        Cell("b1", MemberKind.PROBATIONARY, None, None, False, False, False, False, 1),
    }
    nobody_late = await hall.read(lambda tx: tx.roster.cells("l", None))
    assert not any(cell.late for cell in nobody_late)
    total = tally(nobody_late, Sight()).total
    assert (total.expected, total.added, total.present, total.missing) == (1, 1, 1, 1)
    assert await hall.read(lambda tx: tx.roster.cells("other", None)) == ()


async def test_the_stamp_differs_whenever_the_board_may(hall):
    changes = (
        lambda tx: tx.sign_ins.add("l", signed("m2")),
        lambda tx: tx.sign_ins.mark_left("l", "m2", NOW + MINUTE, "admin"),
        lambda tx: tx.sign_ins.mark_left("l", "m1", None, "admin"),
    )
    seen = [await hall.read(lambda tx: tx.roster.stamp("l"))]
    for change in changes:
        await hall.write(change)
        seen.append(await hall.read(lambda tx: tx.roster.stamp("l")))
    assert len(set(seen)) == len(seen)
    assert await hall.read(lambda tx: tx.roster.stamp("l")) == seen[-1]


# ---- presence --------------------------------------------------------------------------------------------


async def test_a_checkpoint_moves_the_end_of_a_span(filled):
    span = Span("d", NOW, NOW + MINUTE, Channel.SOCKET, member_id="m1")
    room = Span("tv", NOW, NOW + MINUTE, Channel.VENUE, lesson_venue_id="l-1")
    await filled.write(lambda tx: tx.spans.checkpoint("l", [span, room]))
    later = replace(span, until=NOW + 2 * MINUTE)
    await filled.write(lambda tx: tx.spans.checkpoint("l", [later]))
    assert set(await filled.read(lambda tx: tx.spans.of("l"))) == {later, room}


async def test_a_span_never_gets_shorter(filled):
    """Two writes of one span may come in any order."""
    span = Span("d", NOW, NOW + 2 * MINUTE, Channel.SOCKET, member_id="m1")
    await filled.write(lambda tx: tx.spans.checkpoint("l", [span]))
    await filled.write(lambda tx: tx.spans.checkpoint("l", [replace(span, until=NOW + MINUTE)]))
    assert await filled.read(lambda tx: tx.spans.of("l")) == (span,)


async def test_outages_and_pulses(filled):
    outage = Outage(NOW, NOW + MINUTE, "restart")
    await filled.write(lambda tx: tx.outages.add(outage))
    assert await filled.read(lambda tx: tx.outages.between(NOW - MINUTE, NOW + 2 * MINUTE)) == (outage,)
    assert await filled.read(lambda tx: tx.outages.between(NOW + MINUTE, NOW + 2 * MINUTE)) == ()
    assert await filled.read(lambda tx: tx.outages.last_pulse("here")) is None
    for minute in (0, 1):
        await filled.write(lambda tx, m=minute: tx.outages.pulse("here", NOW + m * MINUTE))
    await filled.write(lambda tx: tx.outages.pulse("there", NOW))
    assert await filled.read(lambda tx: tx.outages.last_pulse("here")) == NOW + MINUTE
    assert await filled.read(lambda tx: tx.outages.pulses()) == {"here": NOW + MINUTE, "there": NOW}
    await filled.write(lambda tx: tx.outages.rest("here"))
    assert await filled.read(lambda tx: tx.outages.last_pulse("here")) is None
    assert await filled.read(lambda tx: tx.outages.last_pulse("there")) == NOW
