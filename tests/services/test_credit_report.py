"""A unit's year of credit is what the ledger holds, for who looks after the unit."""

from collections import Counter
from dataclasses import replace

import pytest

from server.domain.credit_sums import KindSum, of_members
from server.domain.ledger import EntryKind
from server.services.credit_report import unit_year
from server.services.demo import demo_id
from server.services.reviews import ask_review, decide_review
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import ABSENT, ENDS, MINUTE, held, move
from tests.store.samples import NOW
from tests.store.test_credit_shelves import DAY, award, enter, filled  # noqa: F401 - a fixture

LATER = ENDS + 60 * MINUTE
ROOT = demo_id("某集团党委")


@pytest.fixture
async def settled(stage, database):
    await held(stage, database)
    await move(stage, "settle", LATER)
    who = await stage.who(ABSENT)
    review = await ask_review(stage.house, who, stage.lesson_id, command_id(), text="我在场", now=LATER)
    admin = await stage.who("admin")
    await decide_review(stage.house, admin, review.id, command_id(), grant=True, answer="已核实", now=LATER)
    return stage


async def year(stage, who="admin", unit_id=ROOT, asked=None, **more):
    return await unit_year(stage.records, await stage.who(who), unit_id, asked, LATER, **more)


async def test_it_adds_up_to_what_the_ledger_holds_by_kind(settled):
    entries = await settled.records.read(lambda tx: tx.ledger.of_lesson(settled.lesson_id))
    found = await year(settled)
    assert found.hundredths == sum(entry.hundredths for entry in entries) > 0
    assert found.members == len({entry.member_id for entry in entries})
    kinds = Counter()
    for row in found.items:
        assert row.hundredths == sum(row.kinds.values())
        kinds.update(row.kinds)
    assert kinds[EntryKind.CORRECTION] > 0
    assert kinds[EntryKind.LESSON] + kinds[EntryKind.CORRECTION] == found.hundredths
    assert (await year(settled, asked=found.year - 1)).items == ()


async def test_page_by_page_it_is_the_same(settled):
    whole = await year(settled)
    paged, offset = [], 0
    while True:
        page = await year(settled, offset=offset, limit=2)
        assert (page.hundredths, page.members) == (whole.hundredths, whole.members)
        paged += page.items
        if page.next_cursor is None:
            break
        offset = int(page.next_cursor)
    assert tuple(paged) == whole.items


async def test_a_secretary_sees_the_own_unit_and_no_other(settled):
    own = demo_id("综合党支部")
    found = await year(settled, "secretary", own)
    assert {row.unit.id for row in found.items} <= {own}
    assert await refused(year(settled, "secretary", ROOT)) == "unit_not_found"
    assert await refused(year(settled, "secretary", demo_id("nowhere"))) == "unit_not_found"
    assert await refused(year(settled, "10001")) == "forbidden"


async def test_a_lesson_counts_in_the_year_it_began_and_the_rest_when_it_was_entered(filled):  # noqa: F811
    late = replace(award("m1", None, 25), idempotency_key="k", kind=EntryKind.MICRO)
    await filled.write(lambda tx: enter(tx, award("m1"), award("m2"), at=NOW + 400 * DAY))
    await filled.write(lambda tx: enter(tx, late, at=NOW))

    async def of(since, until):
        return await filled.read(lambda tx: tx.ledger.sums(["b1", "b2"], since, until))

    lessons = tuple(KindSum("b1", who, "lesson", 200, 1) for who in ("m1", "m2"))
    assert await of(NOW, NOW + DAY) == (lessons[0], KindSum("b1", "m1", "micro", 25, 1), lessons[1])
    assert await of(NOW + DAY, NOW + 500 * DAY) == ()
    assert await filled.read(lambda tx: tx.ledger.sums(["b2"], NOW, NOW + DAY)) == ()


def test_who_changed_units_has_a_row_for_each():
    sums = [
        KindSum("b1", "m", "lesson", 200, 1),
        KindSum("b1", "m", "micro", 50, 2),
        KindSum("b2", "m", "lesson", 100, 1),
    ]
    first, second = of_members(sums)
    assert (first.unit_id, first.hundredths, first.entries, first.kinds[EntryKind.MICRO]) == ("b1", 250, 3, 50)
    assert (second.unit_id, second.hundredths, second.kinds[EntryKind.MICRO]) == ("b2", 100, 0)
    with pytest.raises(ValueError, match="gift"):
        of_members([KindSum("b1", "m", "gift", 1, 1)])
