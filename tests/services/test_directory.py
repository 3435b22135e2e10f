"""Units, venues and lecturers in scope."""

from server.services.demo import demo_id
from server.services.directory import list_lecturers, list_units, list_venues
from tests.store.samples import NOW


async def test_the_admin_sees_the_whole_tree_parents_first_with_everybody_counted(stage):
    units = await list_units(stage.records, await stage.who("admin"), NOW)
    assert (units[0].name, units[0].parent_id, units[0].members) == ("某集团党委", None, 120)
    seen = set()
    for unit in units:
        assert unit.parent_id is None or unit.parent_id in seen
        seen.add(unit.id)
    assert [unit.members for unit in units] == [120, 60, 60, *[20] * 6]


async def test_a_secretary_and_a_member_see_their_branch(stage):
    for by in ("secretary", "10001"):
        (unit,) = await list_units(stage.records, await stage.who(by), NOW)
        assert (unit.name, unit.parent_id, unit.members) == ("综合党支部", None, 20)


async def test_venues_and_lecturers_in_scope(stage):
    admin, secretary = await stage.who("admin"), await stage.who("secretary")
    assert {venue.name for venue in await list_venues(stage.records, admin, NOW)} == {
        "主会场",
        "第一分会场",
        "第二分会场",
    }
    assert await list_venues(stage.records, secretary, NOW) == ()
    for who in (admin, secretary):  # the committee's lecturer teaches the branch too
        assert [person.name for person in await list_lecturers(stage.records, who, NOW)] == ["讲师"]


async def test_a_unit_is_listed_by_its_name_of_today_and_not_when_it_is_dissolved(stage):
    branch, other, today = demo_id("综合党支部"), demo_id("财务党支部"), NOW.date()

    def change(tx):
        tx.units.save(tx.units.tree().rename(branch, "新名党支部", today, today), branch)
        tx.units.save(tx.units.tree().dissolve(other, today, today), other)

    await stage.records.write(change)
    names = {unit.name for unit in await list_units(stage.records, await stage.who("admin"), NOW)}
    assert "新名党支部" in names
    assert not names & {"综合党支部", "财务党支部"}
