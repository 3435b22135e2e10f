"""One lesson from the first click to a recording that plays, at every face, with real browsers, cameras and sound.

The picture and the sound tell whose they are (see `media.py`), so each step asserts what a person sees and hears.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face, until
from tests.browser.house import House
from tests.browser.inspection import assert_flawless, defects
from tests.browser.media import CAMERA, LECTURER, VENUE
from tests.browser.people import (
    BIG_SCREEN,
    PHONE,
    confirm,
    control,
    create_lesson,
    enter,
    hold,
    on_line,
    press,
    publishing,
    read,
    state,
    take,
)
from tests.browser.replay import decode, fetch

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


LATE_AT_MOST_S = 60.0  # what may be lost at the beginning, on a machine that runs every other test beside it

# Chromium calls a fake camera by its file's path: no name for a picture that people look at.
PLAIN_CAMERA_NAME = """() => {
    for (const one of document.querySelectorAll("option")) {
        if (one.textContent.includes(".y4m")) one.textContent = "USB Camera";
        if (one.textContent.includes("Fake Default")) one.textContent = "USB Microphone";
    }
}"""


@dataclass
class Notes:
    """What was measured and photographed on the way; written down whatever happens."""

    folder: Path
    began: float = field(default_factory=time.monotonic)
    figures: dict[str, object] = field(default_factory=dict)
    steps: dict[str, float] = field(default_factory=dict)
    defects: list[str] = field(default_factory=list)
    faces: list[Face] = field(default_factory=list)

    async def photograph(self, face: Face, name: str = "") -> None:
        size = face.page.viewport_size or {"width": 0}
        await face.page.evaluate(PLAIN_CAMERA_NAME)
        path = self.folder / "screenshots" / f"{name or face.name}-{size['width']}.png"
        await face.page.screenshot(path=path)

    def reached(self, step: str) -> None:
        """Seconds since the beginning, for whoever wants the test faster."""
        now = time.monotonic()
        self.steps[step] = round(now - self.began, 1)

    async def inspect(self, *faces: Face) -> None:
        """What is wrong with these pages now; the test fails for it at its end, when the lesson has been held."""
        for found in await asyncio.gather(*(defects(face) for face in faces)):
            self.defects += [each for each in found if each not in self.defects]

    async def close(self) -> None:
        figures = {**self.figures, "steps_s": self.steps, "defects": self.defects}
        (self.folder / "lesson.json").write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
        for face in self.faces:
            if face.page.is_closed():
                continue
            await self.photograph(face, f"last-{face.name}")
            lines = await face.page.evaluate("[...eyes.links, ...eyes.traffic]")
            (self.folder / f"traffic-{face.name}.txt").write_text("\n".join(lines) + "\n")


@dataclass
class Browsers:
    lecturer: Browser
    venue: Browser
    others: Browser
    without_udp: Browser


async def grown(face, source):
    """The picture is there at its full size: a publisher's browser begins low and finds out what its uplink takes."""
    for _ in range(60):
        picture = await face.sees(source, within=60)
        if picture.size == CAMERA:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"the picture stayed at {picture.size}")


@pytest.fixture
async def browsers(playwright: Playwright) -> AsyncIterator[Browsers]:
    opened = await asyncio.gather(
        launch(playwright, LECTURER), launch(playwright, VENUE), launch(playwright), launch(playwright, udp=False)
    )
    yield Browsers(*opened)
    await asyncio.gather(*(browser.close() for browser in opened))


@pytest.fixture
async def notes(artifacts: Path) -> AsyncIterator[Notes]:
    taken = Notes(artifacts)
    yield taken
    await taken.close()


async def test_a_lesson_from_the_first_click_to_a_recording_that_plays(
    house: House, browsers: Browsers, notes: Notes
) -> None:
    # The school's admin creates, schedules and opens a lesson with two venues.
    admin = await enter(browsers.others, house, "manage", "admin", "/manage/lessons")
    notes.faces.append(admin)
    lesson_id = await create_lesson(admin, "安全生产月专题学习", main="主会场", branches=("第一分会场", "第二分会场"))
    lesson = await state(admin, lesson_id, "open")
    venue_source = next(v["source"] for v in lesson["venues"] if v["venue"]["name"] == "第一分会场")

    notes.reached("lesson open")

    # Lecturer, sub-venue and director come in; the lecturer and the venue send their cameras.
    desk, venue, console = await asyncio.gather(
        enter(browsers.lecturer, house, "desk", "lecturer", f"/desk/{lesson_id}"),
        enter(browsers.venue, house, "venue", "venue1", f"/venue/{lesson_id}", **BIG_SCREEN),
        enter(browsers.others, house, "console", "director", f"/console/{lesson_id}"),
    )
    notes.faces += [desk, venue, console]
    await press(desk, "open-devices")
    await desk.shows(LECTURER, within=60)
    await press(desk, "publish")
    await expect(control(venue, "venue-start")).to_be_visible()
    await notes.photograph(venue, "venue-start")
    await venue.page.keyboard.press("Enter")
    await asyncio.gather(publishing(desk), publishing(venue))
    await confirm(console, "start-lesson")
    began = await state(console, lesson_id, "live")

    notes.reached("live")

    # Two phones: one tap each; the one without UDP gets there by HLS.
    phone, steady = await asyncio.gather(
        enter(browsers.others, house, "phone", "10001", f"/m/{lesson_id}", **PHONE),
        enter(browsers.without_udp, house, "phone-hls", "10061", f"/m/{lesson_id}", **PHONE),
    )
    notes.faces += [phone, steady]
    await press(steady, "phone-start")
    await press(phone, "phone-start")
    notes.reached("phones in")
    picture = await phone.sees(LECTURER, within=60)
    notes.reached("phone sees")
    assert picture.size[1] >= CAMERA[1] // 4 - 1  # the smallest of three layers, its lines even
    assert picture.live
    first_frames = {"phone_cold": [await phone.first_frame_ms()], "phone_warm": []}
    notes.figures["whep_post_to_first_frame_ms"] = first_frames
    await phone.hears(LECTURER, within=60)
    await on_line(phone, "webrtc")
    await grown(venue, LECTURER)
    await venue.hears(LECTURER, within=60)
    await grown(desk, LECTURER)
    await console.shows(VENUE, within=60)
    await console.shows(LECTURER, within=60)
    notes.reached("everybody sees")
    await grown(steady, LECTURER)
    picture = await steady.sees(LECTURER, within=60)
    assert not picture.live, "the phone without UDP is on WebRTC"
    await on_line(steady, "hls")
    notes.figures["whep_post_to_hls_frame_ms"] = await steady.first_frame_ms()
    await steady.hears(LECTURER, within=60)
    for face in (desk, venue, console, phone, steady):
        await notes.photograph(face)

    notes.reached("hls too")
    first_frames["phone_warm"] = [await second_look(phone) for _ in range(3)]
    notes.reached("looked again")

    # The venue on the air: same connections, other picture; sound once its microphone is open; never its own.
    links = {face.name: await face.peers_made() for face in (phone, venue, console)}
    await take(console, venue_source)
    switched = await phone.sees(VENUE, within=60)
    assert switched.live
    await phone.hears(LECTURER, within=60)
    await venue.page.keyboard.press("3")
    await expect(control(venue, "microphone")).to_have_attribute("data-state", "speaking")
    await phone.hears(LECTURER, VENUE, within=60)
    await venue.sees(VENUE, within=60)
    await venue.hears(LECTURER, within=60)
    await steady.sees(VENUE, within=60)
    await steady.hears(LECTURER, VENUE, within=60)
    await console.sees(VENUE, within=60)
    assert {face.name: await face.peers_made() for face in (phone, venue, console)} == links
    for face in (desk, venue, console, phone):
        await notes.photograph(face, f"{face.name}-venue-on-air")
    await press(console, "take-main")
    await phone.sees(LECTURER, within=60)
    await phone.hears(LECTURER, within=60)
    await steady.sees(LECTURER, within=60)
    await steady.hears(LECTURER, within=60)
    assert {face.name: await face.peers_made() for face in (phone, venue, console)} == links

    notes.reached("venue on the air and back")

    # The lecturer shares the screen: everybody has both, the steady line too; then it goes away again.
    await press(desk, "share-screen")
    await expect(control(desk, "screen-state")).to_have_attribute("data-link", "up", timeout=60_000)
    await asyncio.gather(*(press(face, "show-screen") for face in (phone, steady)))
    await asyncio.gather(*(face.sees_screen(within=60) for face in (phone, venue, console, steady)))
    for face in (phone, venue):
        await notes.photograph(face, f"{face.name}-screen")
    await press(desk, "unshare-screen")
    await asyncio.gather(*(face.sees(LECTURER, within=60) for face in (phone, venue)))
    notes.reached("screen shared")

    # The director cuts: a slate and silence for everybody, by either way; the wall goes on. Then it is undone.
    await hold(console, "cut")
    watching = (phone, venue, console, steady, desk)
    await asyncio.gather(*(expect(control(face, "slate")).to_be_visible(timeout=60_000) for face in watching))
    await asyncio.gather(*(face.hears(within=60) for face in (phone, venue, steady)))
    await expect(control(desk, "desk-cut")).to_be_visible()
    await console.shows(VENUE, within=60)
    for face in (phone, venue, console, desk):
        await notes.photograph(face, f"{face.name}-cut")
    await hold(console, "cut-end")
    await asyncio.gather(
        *(expect(face.page.get_by_test_id("slate")).to_have_count(0, timeout=60_000) for face in watching)
    )
    await asyncio.gather(*(face.sees(LECTURER, within=60) for face in (phone, venue)))
    await steady.sees(LECTURER, within=60)
    await asyncio.gather(*(face.hears(LECTURER, within=60) for face in (phone, steady)))
    assert (await phone.peers_made(), await venue.peers_made()) == (links["phone"], links["venue"])
    notes.reached("cut and back")

    # The roll is called: the venue answers by its key, the director takes what the house proposes, then 未应答 by key.
    await press(console, "tab-roll")
    await press(console, "roll-start")
    await expect(control(venue, "roll-prompt")).to_be_visible(timeout=60_000)
    await notes.photograph(venue, "venue-called")
    await venue.page.keyboard.press("5")
    await expect(control(venue, "roll-prompt")).to_be_hidden(timeout=60_000)
    await expect(control(console, "roll-answered")).to_have_attribute("data-proposed", "true", timeout=60_000)
    await notes.photograph(console, "console-roll")
    await console.page.keyboard.press("Enter")
    await expect(control(venue, "roll-state")).to_have_attribute("data-state", "answered", timeout=60_000)
    await expect(control(console, "roll-absent")).to_have_attribute("data-proposed", "true", timeout=60_000)
    await console.page.keyboard.press("4")
    await expect(control(console, "roll-summary")).to_have_attribute("data-failing", "1", timeout=60_000)
    await press(console, "roll-finish")
    await expect(control(console, "roll-start")).to_be_visible(timeout=60_000)
    notes.reached("roll called")
    await notes.inspect(admin, desk, venue, console, phone, steady)
    notes.reached("inspected")

    # The media process dies. Nobody clicks; everything comes back.
    killed_at = asyncio.get_running_loop().time()
    gone = house.kill_media()
    await asyncio.gather(returns(phone), returns(venue), returns(steady, within=60), returns(desk), returns(console))
    away_s = asyncio.get_running_loop().time() - killed_at
    notes.figures["back_after_kill_s"] = round(away_s, 1)
    assert house.media_pid() != gone
    await asyncio.gather(publishing(desk), publishing(venue))
    await phone.hears(LECTURER, within=60)
    await console.shows(VENUE, within=60)
    assert (await read(console, f"/lessons/{lesson_id}"))["state"] == "live"

    notes.reached("back after the kill")

    # The end, and the recording.
    await confirm(console, "end-lesson")
    ended = await state(console, lesson_id, "ended")
    for face in (desk, venue, phone, steady):
        await expect(face.page.get_by_text("已下课").first).to_be_visible(timeout=60_000)
    await asyncio.gather(*(browser.close() for browser in (browsers.lecturer, browsers.venue, browsers.without_udp)))
    notes.faces[:] = [admin, console, phone]
    await plays(admin, lesson_id, notes)
    notes.reached("played")
    await lasts(admin, lesson_id, notes, live_at=began["live_at"], ended_at=ended["ended_at"], away_s=away_s)
    notes.reached("decoded")
    assert_flawless(notes.defects)


async def second_look(phone: Face) -> float | None:
    """The same person opens the page once more, in a browser that is warm by now: POST to first frame in ms."""
    again = await Face.beside(phone, "phone-again")
    await press(again, "phone-start")
    await again.sees(LECTURER, within=60, frames=1)
    measured = await again.first_frame_ms()
    await again.page.close()
    return measured


async def returns(face: Face, within: float = 60) -> None:
    """After the media process died: the lecturer's picture moves again, on new frames."""
    await face.sees(LECTURER, within, frames=30)


async def plays(admin: Face, lesson_id: str, notes: Notes) -> None:
    """The recording is in the list, and its player shows and plays it."""
    await admin.page.goto(f"{admin.origin}/manage/recordings")
    recording = (await read(admin, f"/recordings?lesson_id={lesson_id}"))["items"][0]
    await expect(control(admin, f"play-{recording['id']}")).to_be_visible()
    await notes.photograph(admin, "recordings")
    await control(admin, "archive-words").fill("没有这样的课")
    await expect(admin.page.get_by_text("没有找到符合条件的录像")).to_be_visible()
    await press(admin, "archive-clear")
    await press(admin, f"play-{recording['id']}")
    await press(admin, "replay-play")
    seen = await admin.sees(LECTURER, within=60)
    later = await until(admin.largest, lambda p: p is not None and p.time > seen.time + 2, 15, "the recording runs on")
    assert later is not None
    assert later.failure is None
    assert later.frames > seen.frames
    await admin.hears(LECTURER, within=60)
    await notes.photograph(admin, "player")


async def lasts(admin: Face, lesson_id: str, notes: Notes, *, live_at: str, ended_at: str, away_s: float) -> None:
    """It begins with the lesson, its length is the lesson's (± 2 s, less what the kill cost), every byte decodes.

    ``away_s``: from the kill until everybody had a picture again; the recording is back no later than they are. How
    long that is on a machine with nothing else to do is a figure of ``script/bench failover``.
    """

    async def last() -> dict[str, Any]:
        return (await read(admin, f"/recordings?lesson_id={lesson_id}"))["items"][0]

    recording = await until(last, lambda one: one["state"] == "finished", 30, "the recording is finished")
    answer = await admin.page.request.post(
        f"{admin.origin}/api/v1/recordings/{recording['id']}/play", headers={"Origin": admin.origin}
    )
    assert answer.status == 201, await answer.text()
    grant = await answer.json()
    tracks = [decode(data) for _, data in await fetch(admin.page.request, admin.origin + grant["camera"])]
    notes.figures["recording"] = {
        "live_at": live_at,
        "ended_at": ended_at,
        "recording": recording,
        "runs": [vars_of(track) for track in tracks],
    }
    assert recording["gaps_ms"] > 0, "the kill cost something, and the manifest must say so"
    assert recording["gaps_ms"] <= away_s * 1000
    assert 0 <= seconds_between(live_at, recording["started_at"]) < LATE_AT_MOST_S
    lasted = seconds_between(recording["started_at"], ended_at)
    assert lasted == pytest.approx((recording["duration_ms"] + recording["gaps_ms"]) / 1000, abs=2)
    assert sum(t.video_seconds for t in tracks) == pytest.approx(recording["duration_ms"] / 1000, abs=2)
    assert sum(t.audio_seconds for t in tracks) == pytest.approx(recording["duration_ms"] / 1000, abs=2)
    whose = [name for track in tracks for name in track.sources]
    assert LECTURER.name in whose
    assert VENUE.name in whose
    assert {track.size for track in tracks} >= {CAMERA}


def vars_of(track: object) -> dict[str, object]:
    return {name: getattr(track, name) for name in track.__slots__}


def seconds_between(one: str, other: str) -> float:
    return (dt.datetime.fromisoformat(other) - dt.datetime.fromisoformat(one)).total_seconds()
