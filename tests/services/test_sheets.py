"""签到表: seen, confirmed, corrected, superseded, verified; on SQLite and PostgreSQL."""

import sqlalchemy as sa

from server.domain.attendance import Standing
from server.domain.attendance_sheets import WITHHELD
from server.domain.sign_ins import Way
from server.services.assisting import assist
from server.services.corrections import correct
from server.services.demo import demo_id
from server.services.leaves import ask_leave
from server.services.sheet_units import list_sheet_units
from server.services.sheets import Confirming, confirm_sheet, printable_sheet, see_draft, verify_sheet
from server.store.schema import attendance_sheets
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import BEGINS, ENDS, MINUTE, member, move, sign_in
from tests.store.samples import NOW

UNIT, FOREIGN = demo_id("综合党支部"), demo_id("财务党支部")
CAME, LATE, HELPED, AWAY, MISSED = "10001", "10002", "10003", "10004", "10005"


async def draft(stage, by="secretary", unit=UNIT):
    return await see_draft(stage.records, await stage.who(by), stage.lesson_id, unit, NOW)


async def confirm(stage, digest, *, by="secretary", unit=UNIT, command=None, at=ENDS, **more):
    wish = Confirming(unit, digest, more.get("reasons", {}), more.get("why", ""))
    return await confirm_sheet(stage.house, await stage.who(by), stage.lesson_id, command or command_id(), wish, now=at)


async def begun(stage):
    await move(stage, "open", NOW)
    secretary = await stage.who("secretary")
    order = stage.house, secretary, stage.lesson_id
    await ask_leave(*order, command_id(), reason="出差", member_id=member(AWAY), now=NOW)
    await sign_in(stage, CAME)
    await sign_in(stage, LATE, at=BEGINS + 30 * MINUTE)
    await assist(*order, command_id(), member_id=member(HELPED), reason="没有智能手机", now=BEGINS)
    return stage


async def held(stage):
    await begun(stage)
    await move(stage, "start", BEGINS)
    await move(stage, "end", ENDS)
    return stage


async def fix(stage, number, standing):
    order = stage.house, await stage.who("secretary"), stage.lesson_id, command_id()
    await correct(*order, member_id=member(number), standing=standing, reason="本人在场", now=ENDS)


async def test_a_draft_says_who_was_there_how_and_why_not(stage):
    await begun(stage)
    await move(stage, "start", BEGINS)
    said = await draft(stage)
    total = said.body.total
    assert (total.expected, total.present, total.late, total.on_leave, total.absent) == (20, 3, 1, 1, 16)
    assert (total.assisted, total.rates.of_expected, total.rates.of_due) == (1, 150, 157)
    rows = {line.member_id: line for line in said.body.lines}
    assert (rows[member(HELPED)].way, rows[member(HELPED)].reason) == (Way.ASSISTED, "没有智能手机")
    assert (rows[member(AWAY)].standing, rows[member(AWAY)].reason) == (Standing.ON_LEAVE, "出差")
    assert rows[member(LATE)].standing is Standing.LATE
    assert (said.code, said.changed, said.may_confirm, said.versions) == ("sheet_too_early", False, True, ())
    assert await refused(confirm(stage, said.digest)) == "sheet_too_early"


async def test_the_secretary_confirms_what_was_seen_and_nothing_else(stage):
    await held(stage)
    seen = await draft(stage)
    assert seen.code is None
    assert await refused(confirm(stage, "0" * 64)) == "sheet_changed"
    await fix(stage, MISSED, Standing.PRESENT)
    assert await refused(confirm(stage, seen.digest)) == "sheet_changed"
    command, digest = command_id(), (await draft(stage)).digest
    made = await confirm(stage, digest, command=command, reasons={member("10006"): "值班"})
    assert (made.version, made.previous, made.superseded_by, made.confirmed_by.name) == (1, None, None, "综合支部书记")
    assert await confirm(stage, digest, command=command, reasons={member("10006"): "值班"}) == made
    after = await draft(stage)
    assert (after.changed, after.digest, [each.id for each in after.versions]) == (False, digest, [made.id])
    assert next(line.reason for line in after.body.lines if line.member_id == member("10006")) == "值班"
    assert (await verify_sheet(stage.records, await stage.who("secretary"), made.id, NOW)).intact
    said = next(event for event in await stage.events() if event.kind == "sheet.confirmed")
    assert (said.audience, said.data["digest"], said.data["version"]) == ("staff", made.digest, 1)


async def test_a_correction_makes_a_new_version_and_the_former_stays_as_it_was(stage):
    await held(stage)
    first = await confirm(stage, (await draft(stage)).digest, reasons={member("10006"): "值班"})
    told = {member("10006"): "值班"}
    assert await refused(confirm(stage, (await draft(stage)).digest, reasons=told, why="再来")) == "sheet_same"
    await fix(stage, MISSED, Standing.PRESENT)
    now = await draft(stage)
    assert now.changed
    assert await refused(confirm(stage, now.digest, reasons=told)) == "sheet_needs_reason"
    second = await confirm(stage, now.digest, reasons=told, why="补录一人")
    assert (second.version, second.previous, second.why) == (2, first.digest, "补录一人")
    old = await printable_sheet(stage.records, await stage.who("admin"), first.id, NOW)
    assert (old.sheet.superseded_by, old.body.total.present, len(old.trail)) == (2, 3, 2)
    new = await printable_sheet(stage.records, await stage.who("admin"), second.id, NOW)
    assert (new.sheet.superseded_by, new.body.total.present) == (None, 4)
    rows = {line.member_id: line for line in new.body.lines}
    assert (rows[member(MISSED)].corrected, rows[member(MISSED)].reason) == (True, "本人在场")


async def test_a_row_that_was_changed_in_the_database_does_not_verify(stage, database):
    await held(stage)
    made = await confirm(stage, (await draft(stage)).digest)
    changed = sa.func.replace(attendance_sheets.c.content, "出差", "旅游")
    await database.write(lambda connection: connection.execute(sa.update(attendance_sheets).values(content=changed)))
    found = await verify_sheet(stage.records, await stage.who("admin"), made.id, NOW)
    assert (found.intact, found.digest == found.computed) == (False, False)


async def test_what_settling_kept_is_what_a_later_sheet_says(stage):
    await held(stage)
    before = await draft(stage)
    await move(stage, "settle", ENDS)
    assert (await draft(stage)).body.total == before.body.total


async def test_only_the_units_secretary_confirms_and_others_learn_of_nothing(stage):
    await held(stage)
    digest = (await draft(stage)).digest
    for by in ("admin", "director"):
        assert await refused(confirm(stage, digest, by=by)) == "forbidden"
        assert not (await draft(stage, by=by)).may_confirm
    made = await confirm(stage, digest)
    for by in ("10001", "venue1"):
        assert await refused(draft(stage, by=by)) == "forbidden"
        assert await refused(printable_sheet(stage.records, await stage.who(by), made.id, NOW)) == "sheet_not_found"
    assert await refused(draft(stage, unit=FOREIGN)) == "unit_not_found"
    assert await refused(confirm(stage, digest, unit=FOREIGN)) == "unit_not_found"
    assert await refused(draft(stage, by="admin", unit="nowhere")) == "unit_not_found"


async def test_why_somebody_was_away_is_told_to_who_vouches_for_them_only(stage):
    await held(stage)
    own = await draft(stage)
    made = await confirm(stage, own.digest, reasons={member("10006"): "值班"})

    def away(body):
        said = {line.member_id: line.reason for line in body.lines}
        return [said[member(AWAY)], said[member("10006")]]

    for by, told in (("secretary", ["出差", "值班"]), ("admin", ["出差", "值班"]), ("director", [WITHHELD, WITHHELD])):
        seen = await draft(stage, by=by)
        printed = await printable_sheet(stage.records, await stage.who(by), made.id, NOW)
        assert away(seen.body) == away(printed.body) == told, by
        assert (seen.digest, printed.digest) == (own.digest, made.digest)
        assert {line.reason for line in seen.body.lines if line.way is Way.ASSISTED} == {"没有智能手机"}


async def test_before_the_opening_there_is_no_sheet(stage):
    assert await refused(draft(stage)) == "sheet_not_yet"


async def test_units_are_listed_with_what_was_confirmed(stage):
    await held(stage)
    await confirm(stage, (await draft(stage)).digest)
    mine = await list_sheet_units(stage.records, await stage.who("secretary"), stage.lesson_id, NOW)
    assert [(one.unit.id, one.expected, one.version, one.may_confirm) for one in mine] == [(UNIT, 20, 1, True)]
    everybody = await list_sheet_units(stage.records, await stage.who("admin"), stage.lesson_id, NOW)
    assert len(everybody) == 6
    assert {one.version for one in everybody} == {1, None}
