"""设备自检 of venues: who runs, sees and signs it; what the server measures itself; fallbacks chosen beforehand."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.preflight import CheckName, PreflightState, Thresholds
from server.domain.venues import Part
from server.services.kit_looks import KitView
from server.services.lessons import LessonChange, VenuePlan, change_lesson
from server.services.preflight_lines import close_line, look_at_source, open_line
from server.services.preflights import (
    begin_preflight,
    choose_fallback,
    list_readiness,
    note_check,
    note_clock,
    note_device,
    sign_off,
)
from tests.domain.test_preflight import GOOD
from tests.services.conftest import command_id, refused
from tests.services.media_twin import OFFER
from tests.services.test_kits import Kit, issue
from tests.services.test_streams import send
from tests.store.samples import NOW

SECOND = dt.timedelta(seconds=1)
DEVICE = "采集卡 | 会议麦克风"
CLAIMED = (CheckName.BROWSER, CheckName.CAMERA, CheckName.MICROPHONE, CheckName.SPEAKER)


class Screen:
    """A venue's page."""

    def __init__(self, stage, number="venue1"):
        self.stage, self.number, self.id = stage, number, None

    async def call(self, use_case, *command, now=NOW, **more):
        who = await self.stage.who(self.number)
        return await use_case(self.stage.house, who, self.stage.lesson_id, *command, now=now, **more)

    async def begin(self, now=NOW):
        view = await self.call(begin_preflight, command_id(), device=DEVICE, client="Chromium", now=now)
        self.id = view.id
        return view

    async def note(self, name, now=NOW, **values):
        return await self.call(note_check, preflight_id=self.id, name=name, values={**GOOD[name], **values}, now=now)

    async def whole(self, **camera):
        await self.begin()
        for name in CheckName:
            view = await self.note(name, **(camera if name is CheckName.CAMERA else {}))
        return view

    async def sign(self, now=NOW, name="", reason=""):
        return await self.call(sign_off, command_id(), preflight_id=self.id, name=name, reason=reason, now=now)


async def readiness(stage, by="director", now=NOW):
    items = await list_readiness(stage.house, await stage.who(by), stage.lesson_id, now)
    return {item.name: item for item in items}


async def states(stage, by="director", now=NOW):
    return {name: item.state for name, item in (await readiness(stage, by, now)).items()}


async def test_the_day_before_a_venue_runs_it_and_signs_and_staff_sees_it(stage):
    screen = Screen(stage)
    assert set((await states(stage)).values()) == {PreflightState.NONE}
    await screen.whole()
    assert (await states(stage))["第一分会场"] is PreflightState.PASSED
    signed = await screen.sign(name="值班操作员")
    assert (signed.state, signed.signed_by) == (PreflightState.SIGNED, "值班操作员")
    assert (await states(stage, "admin"))["第一分会场"] is PreflightState.SIGNED
    assert (await states(stage))["第二分会场"] is PreflightState.NONE
    assert (await states(stage, now=NOW + dt.timedelta(hours=25)))["第一分会场"] is PreflightState.STALE


async def test_a_venue_sees_itself_a_member_nothing(stage):
    await Screen(stage).whole(black=True)
    assert await states(stage, "venue1") == {"第一分会场": PreflightState.FAILED}
    assert await states(stage, "venue2") == {"第二分会场": PreflightState.NONE}
    assert await refused(readiness(stage, "10001")) == "forbidden"
    assert len(await states(stage, "secretary")) == 3


async def test_only_the_venue_runs_and_signs_its_own(stage):
    screen = Screen(stage)
    await screen.whole()
    for number in ("director", "10001"):
        assert await refused(Screen(stage, number).begin()) == "forbidden"
    other = Screen(stage, "venue2")
    other.id = screen.id
    assert await refused(other.sign()) == "preflight_missing"
    assert await refused(other.note(CheckName.CLOCK)) == "preflight_missing"


async def test_a_newer_run_takes_the_place_of_the_older(stage):
    screen = Screen(stage)
    await screen.whole()
    await screen.sign()
    first = screen.id
    await screen.begin(NOW + SECOND)
    assert (await states(stage, now=NOW + SECOND))["第一分会场"] is PreflightState.RUNNING
    screen.id = first
    assert await refused(screen.sign(NOW + 2 * SECOND)) == "preflight_missing"


async def test_staff_and_the_venue_hear_when_its_state_changes_and_not_of_every_check(stage):
    screen = Screen(stage)
    await screen.whole()
    await screen.sign()
    heard = [(e.audience.split(":")[0], e.data["state"]) for e in await stage.events() if e.kind == "preflight.changed"]
    assert heard == [(who, state) for state in ("running", "passed", "signed") for who in ("staff", "venue")]


async def test_the_clock_is_held_against_ours_and_the_shortest_way_counts(stage):
    screen = Screen(stage)
    await screen.begin()
    for late_ms in (900, 40, 700):
        now = NOW + dt.timedelta(milliseconds=late_ms)
        view = await screen.call(note_clock, preflight_id=screen.id, client_at=NOW, now=now)
    (check,) = view.checks
    assert (check.code, check.values["offset_ms"]) == ("ok", -40)
    far = NOW + dt.timedelta(hours=9)
    later = NOW + dt.timedelta(minutes=1)
    view = await screen.call(note_clock, preflight_id=screen.id, client_at=far, now=later)
    assert view.checks[0].code == "wrong"


async def test_a_test_picture_goes_into_a_room_of_nobody_and_is_counted_there(stage):
    screen = Screen(stage)
    await screen.begin()
    assert await refused(screen.call(close_line, preflight_id=screen.id)) == "probe_unknown"
    answer = await screen.call(open_line, preflight_id=screen.id, offer_sdp=OFFER)
    assert answer.sdp
    (room,) = stage.media.rooms
    assert room != stage.lesson_id
    assert stage.media.attached == {}
    view = await screen.call(close_line, preflight_id=screen.id)
    (check,) = view.checks
    assert check.name is CheckName.LINE
    assert await refused(Screen(stage, "10001").call(open_line, preflight_id=screen.id, offer_sdp=OFFER)) == "forbidden"


async def test_a_room_kit_is_looked_at_where_its_source_arrives(opened):
    screen = Screen(opened)
    await screen.begin()
    look = lambda at=NOW: screen.call(look_at_source, preflight_id=screen.id, now=at)  # noqa: E731
    assert [check.code for check in (await look()).checks] == ["missing", "missing", "too_slow", "no_packets"]
    await opened.media.publish(opened.lesson_id, await opened.source_of("venue1"), OFFER, replace=False)
    for second in (1, 2):
        view = await look(NOW + second * SECOND)
    assert [(check.name.value, check.code) for check in view.checks] == [
        (n, "ok") for n in ("camera", "microphone", "uplink", "line")
    ]
    assert view.missing == (CheckName.BROWSER, CheckName.SPEAKER, CheckName.CLOCK)
    other = Screen(opened, "venue2")
    other.id = screen.id
    assert await refused(other.call(look_at_source, preflight_id=screen.id)) == "preflight_missing"
    opened.media.away = True
    assert await refused(look(NOW + 10 * SECOND)) == "media_unavailable"


async def kit_of(stage):
    """A room kit that sends by its own key."""
    kit = Kit(stage, await issue(stage))
    await kit.dial()
    return kit


async def test_a_kit_is_looked_at_before_the_lesson_is_open(stage):
    screen = Screen(stage)
    await screen.begin()
    look = lambda at=NOW: screen.call(look_at_source, preflight_id=screen.id, now=at)  # noqa: E731
    assert [check.code for check in (await look()).checks] == ["missing", "missing", "too_slow", "no_packets"]
    await kit_of(stage)
    for second in (1, 2):
        view = await look(NOW + second * SECOND)
    assert [check.code for check in view.checks] == ["ok"] * 4
    stage.media.away = True
    assert await refused(look()) == "media_unavailable"


async def test_a_kit_is_listed_with_its_venue_and_the_second_look_tells(stage):
    async def seen(at=0):
        return {name: item.kit for name, item in (await readiness(stage, now=NOW + at * SECOND)).items()}

    assert set((await seen()).values()) == {None}
    kit = await kit_of(stage)
    first = (await seen())["第一分会场"]
    assert (first.sends, first.rehearses, first.checks) == (True, True, ())
    kits = await seen(10)
    assert [(check.name.value, check.code) for check in kits["第一分会场"].checks] == [
        (n, "ok") for n in ("camera", "microphone", "uplink", "line")
    ]
    assert kits["第二分会场"] is None
    await stage.step("open")
    assert (await seen(11))["第一分会场"] == KitView(sends=False, rehearses=False)
    await send(stage, "venue1", kit.source, client="page")
    assert not (await seen(11))["第一分会场"].sends, "its page does"
    await kit.dial(12)
    assert (await seen(13))["第一分会场"].sends
    stage.media.away = True
    assert not (await seen(14))["第一分会场"].sends


async def test_an_installation_sets_what_is_good_and_for_how_long(stage):
    limits = Thresholds(good_for=dt.timedelta(hours=1), uplink_good_bps=9_000_000, tone_heard_db=30.0)
    stage.house = replace(stage.house, thresholds=limits)
    screen = Screen(stage)
    view = await screen.whole()
    wrong = [(check.name.value, check.code) for check in view.checks if check.code != "ok"]
    assert (view.state, wrong) == (PreflightState.FAILED, [("speaker", "unheard"), ("uplink", "slow")])
    await screen.note(CheckName.SPEAKER, confirmed=True)
    assert (await screen.sign(reason="够用")).state is PreflightState.SIGNED
    assert (await states(stage, now=NOW + dt.timedelta(hours=2)))["第一分会场"] is PreflightState.STALE


async def test_other_devices_make_it_stale(stage):
    screen = Screen(stage)
    await screen.whole()
    await screen.sign()
    assert (await screen.call(note_device, device=DEVICE)).state is PreflightState.SIGNED
    assert (await screen.call(note_device, device="另一个摄像头")).state is PreflightState.STALE
    assert (await states(stage))["第一分会场"] is PreflightState.STALE
    assert (await screen.call(note_device, device=DEVICE)).state is PreflightState.SIGNED


async def test_nothing_is_run_when_the_lesson_is_over(live):
    await live.step("end")
    assert await refused(Screen(live).begin()) == "lesson_not_on_air"


# ---- fallbacks -------------------------------------------------------------------------------------------


async def fall_back(stage, venue, to, by="admin"):
    who = await stage.who(by)
    return await choose_fallback(
        stage.house, who, stage.lesson_id, command_id(), lesson_venue_id=venue, fallback=to, now=NOW
    )


async def test_a_fallback_is_chosen_beforehand_and_taken_back(stage):
    _, first, second = [venue.id for venue in (await stage.lesson()).venues]
    assert (await fall_back(stage, first, second)).fallback == second
    assert (await fall_back(stage, second, "phone", by="director")).fallback == "phone"
    assert {name: item.fallback for name, item in (await readiness(stage)).items()} == {
        "主会场": None,
        "第一分会场": second,
        "第二分会场": "phone",
    }
    assert (await fall_back(stage, first, None)).fallback is None
    assert (await fall_back(stage, first, None)).fallback is None
    told = [e for e in await stage.events() if e.kind == "venue.fallback"]
    assert {e.audience for e in told} == {"staff"}
    assert [(e.data["lesson_venue_id"], e.data["fallback"]) for e in told] == [
        (first, second),
        (second, "phone"),
        (first, None),
    ]
    assert await refused(fall_back(stage, first, first)) == "failover_same"
    assert await refused(fall_back(stage, first, "nowhere")) == "venue_not_found"
    for by in ("venue1", "secretary", "10001"):
        assert await refused(fall_back(stage, first, second, by=by)) == "forbidden"


@pytest.mark.parametrize("kept", [True, False])
async def test_a_changed_plan_keeps_what_was_found_of_the_venues_that_stay(stage, kept):
    await Screen(stage).whole()
    lesson = await stage.lesson()
    main, first, second = lesson.venues
    await fall_back(stage, first.id, second.id)
    plans = [VenuePlan(v.venue_id, v.part) for v in ((first, main, second) if kept else (main, first))]
    who = await stage.who("admin")
    await change_lesson(
        stage.records, who, lesson.id, LessonChange(venues=tuple(plans)), version=lesson.version, now=NOW
    )
    items = await readiness(stage)
    assert next(iter(items)) == ("第一分会场" if kept else "主会场")
    assert items["第一分会场"].state is PreflightState.PASSED
    assert items["第一分会场"].fallback == (second.id if kept else None)
    assert main.part is Part.MAIN
