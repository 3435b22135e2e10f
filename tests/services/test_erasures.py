"""Erasing a person: asked for, decided, refused while something stands against it; chains and figures stay."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.access import Role, RoleGrant
from server.domain.erasures import Hold
from server.domain.exports import Export, ExportKind
from server.domain.jobs import JobState
from server.services.data_exports import DataExporter, ask_of, file_of
from server.services.demo import ROOT, demo_id
from server.services.erasures import (
    ask_erasure,
    erase,
    list_erasures,
    own_erasure,
    refuse_erasure,
    see_subject,
    withdraw_erasure,
)
from server.services.legal_holds import (
    LessonHoldView,
    find_lessons,
    hold_of_lesson,
    lift_hold,
    list_holds,
    set_hold,
)
from server.services.members import transfer_member
from server.services.roles import set_disabled
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

MEMBER = "10005"


async def asked(stage, number=MEMBER, now=NOW):
    return await ask_erasure(stage.house, await stage.who(number), command_id(), note="不再参加", now=now)


async def gone(stage, number=MEMBER, *, by="secadmin", confirm=None):
    who = await stage.who(by)
    return await erase(
        *(stage.house, who, demo_id(number), command_id()), reason="本人申请", confirm=confirm or number, now=NOW
    )


async def test_a_request_waits_until_it_is_decided_or_withdrawn(stage):
    one = await asked(stage)
    assert (await asked(stage)).id == one.id
    who, security = await stage.who(MEMBER), await stage.who("secadmin")
    assert [each.number for each in await list_erasures(stage.house, security, NOW)] == [MEMBER]
    assert (await withdraw_erasure(stage.house, who, command_id(), NOW)).state == "withdrawn"
    assert await refused(withdraw_erasure(stage.house, who, command_id(), NOW)) == "erasure_over"
    again = await asked(stage, now=NOW + dt.timedelta(minutes=1))
    said = await refuse_erasure(stage.house, security, again.id, command_id(), reason="档案未移交", now=NOW)
    assert (said.state, (await own_erasure(stage.house, who)).reason) == ("refused", "档案未移交")


async def test_an_erased_person_is_nobody_any_more(stage):
    await asked(stage)
    done = await gone(stage)
    assert (done.state, done.own, done.note) == ("done", True, "")
    assert done.name.startswith("已注销学员 ")
    assert await stage.who(MEMBER) is None
    assert await stage.records.read(lambda tx: tx.accounts.by_number(MEMBER)) is None
    security = await stage.who("secadmin")
    assert await refused(see_subject(stage.house, security, MEMBER, NOW)) == "account_not_found"


@pytest.mark.parametrize("number", ["10001", "admin", "auditor", "secretary", "venue1"])
async def test_nobody_but_the_security_administrator_erases(stage, number):
    assert await refused(gone(stage, by=number)) == "forbidden"
    who = await stage.who(number)
    assert await refused(list_erasures(stage.house, who, NOW)) == "forbidden"
    assert await refused(list_holds(stage.house, who, NOW)) == "forbidden"
    assert await refused(see_subject(stage.house, who, MEMBER, NOW)) == "forbidden"


async def test_the_number_is_typed_to_confirm(stage):
    assert await refused(gone(stage, confirm="10006")) == "confirmation_wrong"
    assert await stage.who(MEMBER) is not None


async def test_nobody_is_erased_out_of_a_lesson_that_is_not_settled(stage):
    await stage.step("open")
    assert await refused(gone(stage)) == "erasure_in_lesson"
    subject = await see_subject(stage.house, await stage.who("secadmin"), MEMBER, NOW)
    assert (subject.code, subject.account_id) == ("erasure_in_lesson", demo_id(MEMBER))


async def test_nobody_is_erased_under_a_legal_hold(stage):
    security = await stage.who("secadmin")
    held = await set_hold(
        *(stage.house, security, command_id()), number=MEMBER, lesson_id=None, reason="核查中", now=NOW
    )
    assert await refused(gone(stage)) == "erasure_held"
    await lift_hold(stage.house, security, held.id, command_id(), NOW)
    assert (await gone(stage)).state == "done"


async def test_the_last_administrator_stays(stage):
    assert await refused(gone(stage, "auditor")) == "erasure_last_administrator"
    grant = RoleGrant(Role.AUDIT_ADMIN, demo_id(ROOT))
    await stage.records.write(lambda tx: tx.accounts.add([], [(demo_id("10006"), grant)]))
    assert (await gone(stage, "auditor")).state == "done"


async def test_a_lesson_is_found_by_its_title_held_and_who_plans_it_is_told_but_not_why(stage):
    security, admin = await stage.who("secadmin"), await stage.who("admin")
    title = (await stage.lesson()).title
    found = await find_lessons(stage.house, security, title[1:4], NOW)
    assert [(one.id, one.held) for one in found if one.id == stage.lesson_id] == [(stage.lesson_id, False)]
    assert await find_lessons(stage.house, security, "%", NOW) == ()
    assert await hold_of_lesson(stage.house, admin, stage.lesson_id, NOW) == LessonHoldView(None, "")
    order = (stage.house, security, command_id())
    held = await set_hold(*order, number="", lesson_id=stage.lesson_id, reason="第 12 号函", now=NOW)
    assert (held.kind, held.what, held.lifted_by) == ("lesson", title, "")
    assert await hold_of_lesson(stage.house, admin, stage.lesson_id, NOW) == LessonHoldView(NOW, security.name)
    assert next(one.held for one in await find_lessons(stage.house, security, "", NOW) if one.id == stage.lesson_id)
    lifted = await lift_hold(stage.house, security, held.id, command_id(), NOW)
    assert lifted.lifted_by == security.name
    assert (await hold_of_lesson(stage.house, admin, stage.lesson_id, NOW)).since is None


@pytest.mark.parametrize("number", ["10001", "director", "secretary"])
async def test_who_does_not_plan_the_lesson_is_not_told_that_it_is_held(stage, number):
    who = await stage.who(number)
    assert await refused(hold_of_lesson(stage.house, who, stage.lesson_id, NOW)) == "forbidden"
    assert await refused(find_lessons(stage.house, who, "", NOW)) == "forbidden"


async def test_who_was_erased_never_comes_back(stage):
    member_id = (await stage.who(MEMBER)).member_id
    await gone(stage)
    security, admin = await stage.who("secadmin"), await stage.who("admin")
    back = set_disabled(stage.house, security, demo_id(MEMBER), command_id(), disabled=False, now=NOW)
    assert await refused(back) == "account_erased"
    await set_disabled(stage.house, security, demo_id(MEMBER), command_id(), disabled=True, now=NOW)
    file = await stage.records.read(lambda tx: tx.members.files([member_id])[member_id])
    moved = transfer_member(
        *(stage.house, admin, member_id, command_id()),
        unit_id=demo_id("维修党支部"),
        since=NOW.date() + dt.timedelta(days=1),
        version=file.member.version,
        now=NOW,
    )
    assert await refused(moved) == "account_erased"
    assert await stage.who(MEMBER) is None


async def test_files_that_were_made_before_go_with_the_person(stage):
    await stage.step("open", "start", "end")
    await stage.step("settle", by="admin")
    [recording] = await stage.records.read(lambda tx: tx.recordings.of_lesson(stage.lesson_id))
    security = await stage.who("secadmin")
    await ask_of(stage.house, security, command_id(), number=MEMBER, reason="本人书面申请", now=NOW)
    assert await DataExporter(stage.house, lambda: NOW).step()
    made = Export("films", ExportKind.FILMS, recording.id, stage.lesson_id, security.account_id, "", NOW, "stage")
    week = {"state": JobState.DONE, "ended_at": NOW, "until": NOW + dt.timedelta(days=7)}
    package, going = replace(made, id="package", kind=ExportKind.PACKAGE), replace(made, id="going")
    for one in (replace(made, **week), replace(package, **week), replace(going, kind=ExportKind.PACKAGE)):
        await stage.records.write(lambda tx, one=one: tx.exports.put(one))
    await gone(stage)
    (file,) = await stage.records.read(lambda tx: tx.data_exports.of_others(5))
    assert await refused(file_of(stage.house, security, file.id, NOW)) == "export_gone"
    after = await stage.records.read(lambda tx: [tx.exports.get(each) for each in ("films", "package", "going")])
    assert [one.kept(NOW) for one in after] == [True, False, False]


async def test_nobody_erases_oneself(stage):
    assert await refused(gone(stage, "secadmin")) == "own_account"


async def test_who_was_erased_is_expected_in_no_later_lesson_and_logs_stay_sound(stage):
    before = await stage.records.read(lambda tx: tx.audit.examine(None, lambda _read: None))
    await gone(stage)
    after = await stage.records.read(lambda tx: tx.audit.examine(None, lambda _read: None))
    assert (before.sound, after.sound) == (True, True)
    await stage.step("open")
    roster = await stage.records.read(lambda tx: tx.roster.of(stage.lesson_id))
    expected = {entry.member_id for entry in roster}
    assert (demo_id(f"member {MEMBER}") in expected, demo_id("member 10006") in expected) == (False, True)


async def test_every_hold_that_stands_is_listed_however_many_there_are(stage):
    security = await stage.who("secadmin")

    def put(tx):
        for n in range(120):
            since, lifted = NOW + dt.timedelta(seconds=n), NOW if n % 6 == 0 else None
            who = (demo_id(MEMBER), None, f"第 {n} 号函", security.account_id, since)
            tx.erasures.put_hold(Hold(demo_id(f"hold {n}"), *who, lifted_by=None, lifted_at=lifted))
        for n in range(30):
            tx.erasures.put_hold(Hold(demo_id(f"more {n}"), demo_id(MEMBER), None, "", security.account_id, NOW))

    await stage.records.write(put)
    listed = await list_holds(stage.house, security, NOW)
    assert [one.lifted_at is None for one in listed] == [True] * 130 + [False] * 20
