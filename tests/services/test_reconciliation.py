"""Verifying holds every verdict against the entry it points at; on SQLite and PostgreSQL."""

import pytest
import sqlalchemy as sa

from server.domain.chain import Flaw, Head
from server.services.reviews import ask_review, decide_review
from server.store.audit import audit, report
from server.store.schema import credit_entries, verdicts
from tests.services.conftest import command_id
from tests.services.credit_lesson import ABSENT, ENDS, MINUTE, PASSES, held, member, move
from tests.store.test_audit import forge

LATER = ENDS + 60 * MINUTE


@pytest.fixture
async def settled(stage, database):
    ended = await held(stage, database)
    await move(ended, "settle", LATER)
    return ended


async def asked_and_granted(stage, number):
    who = await stage.who(number)
    review = await ask_review(stage.house, who, stage.lesson_id, command_id(), text="我在场", now=LATER)
    admin = await stage.who("admin")
    await decide_review(stage.house, admin, review.id, command_id(), grant=True, answer="已核实", now=LATER)


async def entries(stage):
    return await stage.records.read(lambda tx: tx.ledger.of_lesson(stage.lesson_id))


def of_(number):
    return sa.update(verdicts).where(verdicts.c.member_id == member(number))


async def discords(url):
    found = await audit(url)
    assert found.sound is not bool(found.mismatches)
    return {(each.member_id, each.discord.value) for each in found.mismatches}


async def test_a_settled_lesson_agrees_with_its_entries_after_reviews_too(settled, database_url):
    assert await discords(database_url) == set()
    await asked_and_granted(settled, ABSENT)
    assert await discords(database_url) == set()
    assert (await report(database_url))[1] == 0


@pytest.mark.parametrize(
    ("number", "forged"),
    [
        (PASSES, ({"hundredths": 500}, "amount")),
        (PASSES, ({"entry_id": None}, "missing")),
        (PASSES, ({"entry_id": "of nobody"}, "missing")),
        (PASSES, ({"passed": False}, "unearned")),
        (PASSES, ({"hundredths": 0}, "unearned")),
        (ABSENT, ({"passed": True, "hundredths": 200}, "missing")),
    ],
)
async def test_a_verdict_that_was_changed_is_named(settled, database, database_url, number, forged):
    values, discord = forged
    await forge(database, of_(number).values(values))
    assert (member(number), discord) in await discords(database_url)
    assert isinstance((await audit(database_url)).chain, Head), "the chain itself is sound"
    said, code = await report(database_url)
    assert code == 1
    assert member(number) in said
    assert settled.lesson_id in said


async def test_an_entry_of_somebody_else_is_no_entry_of_ones_own(settled, database, database_url):
    [entry] = [each for each in await entries(settled) if each.member_id == member(PASSES)]
    await forge(database, of_(ABSENT).values(passed=True, hundredths=entry.hundredths, entry_id=entry.id))
    assert await discords(database_url) == {(member(ABSENT), "another")}


async def test_an_entry_that_no_verdict_points_at_is_named(settled, database, database_url):
    await forge(database, sa.delete(verdicts).where(verdicts.c.member_id == member(PASSES)))
    assert await discords(database_url) == {(member(PASSES), "stray")}


async def test_a_deleted_entry_is_named_beside_the_flaw(settled, database, database_url):
    await forge(database, sa.delete(credit_entries).where(credit_entries.c.member_id == member(PASSES)))
    found = await audit(database_url)
    assert isinstance(found.chain, Flaw)
    assert [(each.member_id, each.discord.value) for each in found.mismatches] == [(member(PASSES), "missing")]
