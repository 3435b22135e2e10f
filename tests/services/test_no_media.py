"""A lesson without sound and picture: the same chain, from the plan to the credit in the ledger."""

import datetime as dt

import pytest

from server.domain.credit import Failing
from server.domain.lesson_kinds import LessonKind
from server.domain.lessons import LessonStep
from server.domain.programme import PictureSlot
from server.domain.venues import Part
from server.services.assisting import assist, mark_departure
from server.services.curtain import begin_cut
from server.services.demo import demo_id
from server.services.following import restore_media
from server.services.hands import raise_hand
from server.services.lessons import (
    LessonChange,
    LessonPlan,
    VenuePlan,
    change_lesson,
    create_lesson,
    get_lesson,
    move_lesson,
)
from server.services.own_attendance import see_attendance
from server.services.preflights import list_readiness
from server.services.sign_ins import Browser, sign_in_by_phone
from server.services.stage import see_stage, take
from server.services.tickets import issue_live_grant, issue_publish_ticket, issue_watch_ticket
from server.services.verdicts import own_credit, own_verdict
from server.services.watching import watch
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

HOUR = dt.timedelta(hours=1)
BEGINS, ENDS = NOW + HOUR, NOW + 3 * HOUR
BROWSER = Browser("a browser", "192.0.2.7")


@pytest.fixture
async def meeting(stage):
    """主题党日 of the whole house, in one venue; planned, not opened."""
    venue = await stage.who("venue1")
    plan = LessonPlan(
        "主题党日:参观安全体验馆",
        demo_id("某集团党委"),
        BEGINS,
        ENDS,
        recorded=True,
        venues=(VenuePlan(venue.venue_id, Part.BRANCH),),
        credit_hundredths=200,
        watermark=True,
        kind=LessonKind.THEME_DAY,
        media=False,
    )
    stage.lesson_id = (await create_lesson(stage.records, await stage.who("admin"), command_id(), plan, NOW)).id
    await at(stage, "schedule", NOW)
    return stage


async def at(stage, step, when, by="admin"):
    who = await stage.who(by)
    return await move_lesson(stage.house, who, stage.lesson_id, command_id(), step=LessonStep(step), now=when)


async def helped(stage, number, when):
    by = await stage.who("venue1")
    member = demo_id(f"member {number}")
    return await assist(stage.house, by, stage.lesson_id, command_id(), member_id=member, reason="没有带手机", now=when)


async def test_from_the_plan_to_the_credit(meeting):
    stage = meeting
    await at(stage, "open", NOW)
    assert stage.lesson_id not in stage.media.rooms
    await helped(stage, "10001", BEGINS - dt.timedelta(minutes=5))
    await at(stage, "start", BEGINS)
    await helped(stage, "10002", BEGINS + HOUR)  # half of it: the demo's rule asks for more
    await at(stage, "end", ENDS)
    await at(stage, "settle", ENDS + HOUR)
    member = await stage.who("10001")
    verdict = await own_verdict(stage.records, member, stage.lesson_id, ENDS + HOUR)
    assert (verdict.passed, verdict.hundredths, verdict.evidence.present_percent) == (True, 200, 100)
    (entry,) = (await own_credit(stage.records, member, 2026, ENDS + HOUR)).entries
    assert entry.hundredths == 200
    late = await own_verdict(stage.records, await stage.who("10002"), stage.lesson_id, ENDS + HOUR)
    assert (late.passed, late.evidence.present_percent) == (False, 50)
    assert [failing.code for failing in late.failings] == [Failing.NOT_PRESENT_ENOUGH]
    absent = await own_verdict(stage.records, await stage.who("10003"), stage.lesson_id, ENDS + HOUR)
    assert [failing.code for failing in absent.failings] == [Failing.NOT_SIGNED_IN, Failing.NOT_PRESENT_ENOUGH]


async def test_who_left_was_there_until_the_mark(meeting):
    stage = meeting
    await at(stage, "open", NOW)
    await helped(stage, "10001", NOW)
    await at(stage, "start", BEGINS)
    venue, member = await stage.who("venue1"), demo_id("member 10001")
    await mark_departure(stage.house, venue, stage.lesson_id, command_id(), member_id=member, now=BEGINS + HOUR / 2)
    await at(stage, "end", ENDS)
    await at(stage, "settle", ENDS)
    verdict = await own_verdict(stage.records, await stage.who("10001"), stage.lesson_id, ENDS)
    assert verdict.evidence.present_percent == 25


async def test_nothing_is_recorded_and_everybody_is_expected_on_the_spot(meeting):
    stage = meeting
    view = await get_lesson(stage.records, await stage.who("admin"), stage.lesson_id, NOW)
    assert (view.media, view.recorded, view.watermark, view.kind) == (False, False, False, LessonKind.THEME_DAY)
    member = await stage.who("10001")
    before = await see_attendance(stage.records, member, stage.lesson_id, NOW)
    await at(stage, "open", NOW)
    after = await see_attendance(stage.records, member, stage.lesson_id, NOW)
    assert before.lesson_venue == after.lesson_venue
    assert after.lesson_venue.id == view.venues[0].id
    phone = sign_in_by_phone(stage.house, member, stage.lesson_id, command_id(), browser=BROWSER, now=NOW)
    assert await refused(phone) == "sign_in_on_the_spot"


async def test_sound_and_picture_are_refused_with_one_word(meeting):
    stage = meeting
    await at(stage, "open", NOW)
    admin, venue, member = [await stage.who(number) for number in ("admin", "venue1", "10001")]
    house, lesson_id = stage.house, stage.lesson_id
    watching = {"view": "programme", "client_id": "page", "now": NOW}
    refusals = [
        take(house, admin, lesson_id, command_id(), slot=PictureSlot.CAMERA, source=None, now=NOW),
        begin_cut(house, admin, lesson_id, command_id(), reason="", now=NOW),
        raise_hand(house, member, lesson_id, command_id(), topic="", now=NOW),
        issue_watch_ticket(stage.records, stage.signer, member, lesson_id, **watching),
        issue_watch_ticket(stage.records, stage.signer, admin, lesson_id, **watching),
        issue_publish_ticket(
            stage.records,
            stage.signer,
            venue,
            lesson_id,
            source=await stage.source_of("venue1"),
            client_id="pc",
            now=NOW,
        ),
        issue_live_grant(stage.records, stage.media, stage.signer, member, lesson_id, lifetime=HOUR, now=NOW),
    ]
    assert [await refused(one) for one in refusals] == ["no_media"] * len(refusals)


async def test_no_media_process_is_missed(meeting):
    stage = meeting
    await at(stage, "open", NOW)
    await restore_media(stage.house, NOW)
    await watch(stage.house, NOW)
    seen = await see_stage(stage.house, await stage.who("admin"), stage.lesson_id, NOW)
    assert (seen.media_ok, seen.sources, seen.recording, seen.standby, seen.alarms) == (True, (), None, None, ())
    assert await list_readiness(stage.house, await stage.who("admin"), stage.lesson_id, NOW) == ()
    assert stage.media.rooms.keys().isdisjoint({stage.lesson_id})


async def test_a_plan_gets_its_media_back(meeting):
    stage = meeting
    admin = await stage.who("admin")
    await at(stage, "reopen_draft", NOW)
    lesson = await stage.lesson()
    back = LessonChange(media=True, recorded=True)
    changed = await change_lesson(stage.records, admin, lesson.id, back, version=lesson.version, now=NOW)
    assert (changed.media, changed.recorded) == (True, True)
    again = LessonChange(media=False)
    changed = await change_lesson(stage.records, admin, lesson.id, again, version=changed.version, now=NOW)
    assert (changed.media, changed.recorded) == (False, False)
