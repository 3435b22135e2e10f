"""What the record promises about rules, verdicts, the ledger and reviews, on SQLite and PostgreSQL."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.domain.chain import GENESIS, Head, head_after
from server.domain.credit import CreditRule, Evidence, Review, ReviewState, VerdictFilter, judge, overturn
from server.domain.ledger import Award, EntryKind, balance, extend, lesson_key
from server.domain.members import MemberKind
from server.domain.refusals import Refusal
from server.domain.roster import RosterEntry
from server.domain.sign_ins import SignIn, Way
from server.store.audit import check_ledger
from server.store.database import Database
from server.store.records import SqlRecords
from tests.store.samples import NOW, TODAY, a_lesson, populate

DAY = dt.timedelta(days=1)
RULE = CreditRule("r1", "root", "学时规则", 1, TODAY, None, 10, 80, 50, None)


def on_roster(member_id, name, unit_id="b1", lesson_venue_id=None):
    return RosterEntry(member_id, name, MemberKind.FULL, unit_id, lesson_venue_id)


def evidence(member_id, **changed):
    fields = {"signed_in_at": NOW, "way": Way.PHONE, "late": False, "present_percent": 90}
    return Evidence(member_id, "b1", **{**fields, "asked": 2, "answered": 1, "right": 0, **changed})


def award(member_id, lesson_id="l", hundredths=200):
    key = lesson_key(lesson_id, member_id)
    return Award(key, EntryKind.LESSON, member_id, "b1", lesson_id, hundredths, "{}", "{}", "核定学时", actor="admin")


def enter(tx, *awards, at=NOW):
    head = tx.ledger.lock()
    entries = extend(head, awards, at)
    tx.ledger.append(head, entries)
    return entries


@pytest.fixture
async def filled(records):
    def fill(tx):
        populate(tx)
        tx.lessons.add(a_lesson("l"))
        tx.roster.add("l", [on_roster("m1", "学员甲", "b2"), on_roster("m2", "学员乙", "b1", "l-1")])

    await records.write(fill)
    return records


# ---- rules -----------------------------------------------------------------------------------------------


async def test_rules_come_back_as_they_were_put_and_only_end(filled):
    later = replace(RULE, id="r2", version=2, since=TODAY + DAY, least_right_percent=60)
    await filled.write(lambda tx: [tx.credit_rules.add(rule) for rule in (RULE, later)])
    await filled.write(lambda tx: tx.credit_rules.end(replace(RULE, name="anders", until=TODAY + DAY)))
    ended = replace(RULE, until=TODAY + DAY)
    assert await filled.read(lambda tx: tx.credit_rules.of_units({"root", "b1"})) == (ended, later)
    assert await filled.read(lambda tx: tx.credit_rules.get("r1")) == ended
    assert await filled.read(lambda tx: tx.credit_rules.get("nowhere")) is None
    assert await filled.read(lambda tx: tx.credit_rules.named({"r2", "nowhere"})) == {"r2": later}
    assert await filled.write(lambda tx: tx.credit_rules.lock("b1")) == ()


# ---- verdicts --------------------------------------------------------------------------------------------


async def test_verdicts_come_back_as_they_were_put(filled):
    passed = judge(evidence("m1"), RULE, 200, NOW)
    failed = judge(evidence("m2", signed_in_at=None, way=None), RULE, 200, NOW)
    await filled.write(lambda tx: tx.verdicts.add("l", [passed, failed]))
    assert await filled.read(lambda tx: tx.verdicts.get("l", "m1")) == (passed, "学员甲")
    assert await filled.read(lambda tx: tx.verdicts.get("l", "m2")) == (failed, "学员乙")
    assert await filled.read(lambda tx: tx.verdicts.get("elsewhere", "m1")) is None
    after = overturn(failed, 200, "e", NOW + DAY)
    await filled.write(lambda tx: tx.verdicts.save("l", after))
    assert await filled.read(lambda tx: tx.verdicts.get("l", "m2")) == (after, "学员乙")


async def test_verdicts_are_listed_by_unit_and_name_page_by_page(filled):
    made = [judge(evidence("m1"), RULE, 200, NOW), judge(evidence("m2", present_percent=0), RULE, 200, NOW)]
    await filled.write(lambda tx: tx.verdicts.add("l", made))

    async def listed(wanted=VerdictFilter(), after=None, limit=9):  # noqa: B008 - frozen
        rows = await filled.read(lambda tx: tx.verdicts.listed("l", wanted, after, limit))
        return [(verdict.member_id, name) for verdict, name in rows]

    assert await listed() == [("m2", "学员乙"), ("m1", "学员甲")]  # b1 before b2
    assert await listed(limit=1) == [("m2", "学员乙")]
    assert await listed(after="m2") == [("m1", "学员甲")]
    assert await listed(after="m1") == []
    assert await listed(VerdictFilter(passed=True)) == [("m1", "学员甲")]
    assert await listed(VerdictFilter(passed=False)) == [("m2", "学员乙")]
    assert await listed(VerdictFilter(unit_ids=frozenset({"b2"}))) == [("m1", "学员甲")]
    assert await listed(VerdictFilter(lesson_venue_id="l-1")) == [("m2", "学员乙")]
    came = SignIn("m1", NOW, Way.QR, "l-1", "a1", "c")
    await filled.write(lambda tx: tx.sign_ins.add("l", came))
    assert await listed(VerdictFilter(lesson_venue_id="l-1")) == [("m2", "学员乙"), ("m1", "学员甲")]
    with pytest.raises(Refusal, match="invalid_body"):
        await listed(after="nobody")


# ---- the ledger ------------------------------------------------------------------------------------------


async def test_entries_come_back_as_they_were_put_and_fit_their_hashes(filled, database_url):
    first = await filled.write(lambda tx: enter(tx, award("m1"), award("m2")))
    (second,) = await filled.write(lambda tx: enter(tx, award("m1", None), at=NOW + DAY))
    assert first[0].previous_hash == GENESIS
    assert await filled.read(lambda tx: tx.ledger.of_lesson("l")) == first
    assert await filled.read(lambda tx: tx.ledger.named([second.id, "nowhere"])) == {second.id: second}
    assert await filled.write(lambda tx: tx.ledger.lock()) == head_after(second)
    assert await check_ledger(database_url) == head_after(second)


async def test_an_empty_ledger_has_a_head(records, database_url):
    assert await check_ledger(database_url) == Head()
    assert await records.write(lambda tx: tx.ledger.lock()) == Head()
    assert await check_ledger(database_url) == Head()


async def test_a_members_entries_are_those_of_the_lessons_of_the_time(filled):
    """A lesson counts when it was held, however late it was settled."""
    await filled.write(lambda tx: enter(tx, award("m1"), award("m2"), at=NOW + 400 * DAY))
    await filled.write(lambda tx: enter(tx, replace(award("m1", hundredths=25), lesson_id=None, idempotency_key="k")))

    async def of(member_id, since, until):
        return await filled.read(lambda tx: tx.ledger.of_member(member_id, since, until))

    entries = await of("m1", NOW, NOW + DAY)
    assert [entry.hundredths for entry in entries] == [25, 200]
    assert balance(entries) == 225
    assert await of("m1", NOW + DAY, NOW + 500 * DAY) == ()
    assert len(await of("m2", NOW, NOW + DAY)) == 1


async def test_the_same_occasion_is_entered_once(filled, database_url):
    """By the database, whoever forgot to look."""
    (entry,) = await filled.write(lambda tx: enter(tx, award("m1")))
    with pytest.raises(sa.exc.IntegrityError):
        await filled.write(lambda tx: enter(tx, award("m1")))
    assert await check_ledger(database_url) == head_after(entry)


async def test_a_fork_is_refused(filled, database_url):
    entries = await filled.write(lambda tx: enter(tx, award("m1"), award("m2")))
    (twig,) = extend(head_after(entries[0]), [award("m1", None)], NOW)
    with pytest.raises(sa.exc.IntegrityError):
        await filled.write(lambda tx: tx.ledger.append(head_after(entries[0]), [replace(twig, position=3)]))
    stale = extend(head_after(entries[1]), [award("m1", None)], NOW)
    with pytest.raises(Refusal, match="internal"):
        await filled.write(lambda tx: tx.ledger.append(head_after(entries[0]), stale))
    assert await check_ledger(database_url) == head_after(entries[1])


async def test_many_who_append_at_once_make_one_chain(filled, database_url):
    await asyncio.gather(
        *(filled.write(lambda tx, n=n: enter(tx, replace(award("m1"), idempotency_key=f"k{n}"))) for n in range(40))
    )
    head = await check_ledger(database_url)
    assert isinstance(head, Head)
    assert head.position == 40


@pytest.mark.services
async def test_several_processes_append_to_one_chain(migrated_postgres):
    """Several databases objects on one PostgreSQL stand for several control processes."""
    url = await migrated_postgres.new_url("ledger")
    databases = [await Database.open(url) for _ in range(3)]
    try:
        several = [SqlRecords(database) for database in databases]
        await several[0].write(populate)
        await several[0].write(lambda tx: tx.lessons.add(a_lesson("l")))
        await asyncio.gather(
            *(
                records.write(lambda tx, k=f"{n}-{m}": enter(tx, replace(award("m1"), idempotency_key=k)))
                for n, records in enumerate(several)
                for m in range(20)
            )
        )
        head = await check_ledger(url)
        assert isinstance(head, Head)
        assert head.position == 60
    finally:
        for database in databases:
            await database.close()
        await migrated_postgres.drop(url)


# ---- reviews ---------------------------------------------------------------------------------------------

REVIEW = Review("00000000-0000-0000-0000-000000000001", "l", "m1", "a1", "我在会场", NOW)


async def test_a_member_has_one_open_review_in_a_lesson(filled):
    assert await filled.write(lambda tx: tx.reviews.add(REVIEW))
    second = replace(REVIEW, id=REVIEW.id[:-1] + "2", asked_at=NOW + DAY)
    assert not await filled.write(lambda tx: tx.reviews.add(second))
    declined = replace(REVIEW, state=ReviewState.DECLINED, decided_at=NOW, decided_by="admin", answer="不符")
    await filled.write(lambda tx: tx.reviews.save(declined))
    assert await filled.read(lambda tx: tx.reviews.get(REVIEW.id)) == declined
    assert await filled.write(lambda tx: tx.reviews.add(second))
    assert await filled.read(lambda tx: tx.reviews.of("l", ["m1", "m2"])) == {"m1": second}
    assert await filled.read(lambda tx: tx.reviews.get("nowhere")) is None


async def test_reviews_are_listed_newest_first_in_units(filled):
    others = [replace(REVIEW, id=REVIEW.id[:-1] + str(n), member_id=f"m{n}") for n in (1, 2)]
    await filled.write(lambda tx: [tx.reviews.add(each) for each in others])

    async def listed(units=("root",), states=(), before=None, limit=9):
        rows = await filled.read(lambda tx: tx.reviews.listed(units, states, before, limit))
        return [(review.member_id, lesson.id) for review, lesson in rows]

    assert await listed() == [("m2", "l"), ("m1", "l")]
    assert await listed(limit=1) == [("m2", "l")]
    assert await listed(before=(NOW, others[1].id)) == [("m1", "l")]
    assert await listed(units=("b1",)) == []
    assert await listed(states=(ReviewState.OPEN,)) == [("m2", "l"), ("m1", "l")]
    assert await listed(states=(ReviewState.GRANTED,)) == []
