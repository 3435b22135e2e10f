"""The director's wall with a full page: sixteen and twenty-five pictures in one connection, each under its own name.

The rooms are room kits: small moving pictures of one page, sent by keys, each with its number in its stripes.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Playwright, Request

from server import clock
from server.domain.venues import Venue
from server.services.demo import demo_id, make_demo
from server.store.database import Database
from server.store.passwords import Argon2Passwords
from server.store.records import SqlRecords
from tests.browser.chromium import launch
from tests.browser.eyes import Face, until
from tests.browser.house import House
from tests.browser.people import control, enter

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

ROOMS = 23  # and the lecturer's camera and screen
OFFER_BYTES = 131_072
WITHIN = 60.0
# Six stripes say a number in black and white; a block that runs below them keeps the picture moving.
SEND = """async (rooms) => {
    window.kits = await Promise.all(rooms.map(async ({ number, url, key }) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 192, height: 108 });
        const brush = canvas.getContext('2d');
        let step = 0;
        const draw = () => {
            brush.fillStyle = '#777';
            brush.fillRect(0, 72, 192, 36);
            for (let bit = 0; bit < 6; bit += 1) {
                brush.fillStyle = number >> bit & 1 ? '#fff' : '#000';
                brush.fillRect(bit * 32, 0, 32, 72);
            }
            brush.fillStyle = '#eee';
            brush.fillRect(step++ * 8 % 184, 80, 8, 20);
        };
        draw();
        setInterval(draw, 200);
        const peer = new RTCPeerConnection();
        const sender = peer.addTransceiver(canvas.captureStream(5).getVideoTracks()[0], { direction: 'sendonly' });
        const codecs = RTCRtpSender.getCapabilities('video').codecs;
        sender.setCodecPreferences(codecs.filter(one => one.mimeType === 'video/H264'));
        await peer.setLocalDescription();
        const headers = { 'Content-Type': 'application/sdp', Authorization: `Bearer ${key}` };
        const answer = await fetch(url, { method: 'POST', headers, body: peer.localDescription.sdp });
        if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
        await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
        return peer;
    }));
}"""
# What each tile of the page shows: the number in its stripes, -1 while there is no picture yet.
SHOWN = """() => Object.fromEntries([...document.querySelectorAll('[data-testid^="tile-"]')].map((tile) => {
    const video = tile.querySelector('video');
    const name = tile.dataset.testid.slice('tile-'.length);
    if (!video || !video.videoWidth || video.getVideoPlaybackQuality().totalVideoFrames < 2) return [name, -1];
    const canvas = Object.assign(document.createElement('canvas'), { width: 192, height: 108 });
    const brush = canvas.getContext('2d');
    brush.drawImage(video, 0, 0, 192, 108);
    let number = 0;
    for (let bit = 0; bit < 6; bit += 1) number += (brush.getImageData(bit * 32 + 16, 36, 1, 1).data[0] > 128) << bit;
    return [name, number];
}))"""
DECODED = """() => [...document.querySelectorAll('[data-testid^="tile-"] video')]
    .map(video => video.getVideoPlaybackQuality().totalVideoFrames)"""


async def many_venues(folder: Path) -> None:
    """The demonstration with more rooms than it has by itself, before its server starts."""
    data = folder / "data"
    data.mkdir()
    database = await Database.open(f"sqlite+aiosqlite:///{data / 'dangxiao.sqlite3'}")
    try:
        records = SqlRecords(database)
        await make_demo(records, Argon2Passwords(), clock.utc_now())
        unit = demo_id("某集团党委")
        rooms = [Venue(demo_id(f"厅 {n}"), f"第{n:02}会议室", unit, "", 20) for n in range(1, ROOMS + 1)]
        await records.write(lambda tx: tx.venues.add(rooms))
    finally:
        await database.close()


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    await many_venues(folder)
    running = House.open(folder)
    try:
        yield running
    finally:
        running.close(artifacts / "server-test_wall.log")


@pytest.fixture
async def browsers(playwright: Playwright) -> AsyncIterator[tuple[Browser, Browser]]:
    opened = [await launch(playwright), await launch(playwright)]
    yield opened[0], opened[1]
    for browser in opened:
        await browser.close()


async def ask(face: Face, path: str, **body: Any) -> dict[str, Any]:
    sent = {"command_id": str(uuid.uuid4()), **body}
    url = f"{face.origin}/api/v1{path}"
    answer = await face.page.request.post(url, data=sent, headers={"Origin": face.origin})
    assert answer.ok, await answer.text()
    return await answer.json()


async def a_lesson(admin: Face) -> dict[str, Any]:
    venues = [{"venue_id": demo_id("主会场"), "part": "main"}]
    venues += [{"venue_id": demo_id(f"厅 {n}"), "part": "branch"} for n in range(1, ROOMS + 1)]
    times = {"starts_at": "2031-01-01T01:00:00Z", "ends_at": "2031-01-01T02:00:00Z"}
    lesson = await ask(
        admin,
        "/lessons",
        title="全员安全课",
        lecturer_id=demo_id("lecturer"),
        unit_id=demo_id("某集团党委"),
        venues=venues,
        **times,
    )
    for event in ("schedule", "open"):
        lesson = await ask(admin, f"/lessons/{lesson['id']}/transitions", event=event)
    return lesson


async def ticket_for(lecturer: Face, lesson: dict[str, Any], source: str) -> dict[str, Any]:
    url = f"{lecturer.origin}/api/v1/lessons/{lesson['id']}/tickets"
    wanted = {"use": "publish", "source": source, "client_id": source}
    answer = await lecturer.page.request.post(url, data=wanted, headers={"Origin": lecturer.origin})
    assert answer.ok, await answer.text()
    return await answer.json()


async def send_all(browser: Browser, admin: Face, lecturer: Face, lesson: dict[str, Any]) -> dict[str, int]:
    """The number in each source's stripes."""
    rooms, numbers = [], {}
    branches = [venue for venue in lesson["venues"] if venue["part"] == "branch"]
    for number, venue in enumerate(branches, 1):
        key = await ask(admin, f"/lessons/{lesson['id']}/venue-keys", lesson_venue_id=venue["id"])
        rooms.append({"number": number, "url": admin.origin + key["path"], "key": key["key"]})
        numbers[f"venue-{venue['id']}"] = number
    for number, source in enumerate(("main", "screen"), ROOMS + 1):
        ticket = await ticket_for(lecturer, lesson, source)
        rooms.append({"number": number, "url": ticket["url"], "key": ticket["token"]})
        numbers[source] = number
    context = await browser.new_context(ignore_https_errors=True)
    page = await context.new_page()
    await page.route("**/kits", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    await page.goto(f"{admin.origin}/kits")
    await page.evaluate(SEND, rooms)
    return numbers


def offers(page: Page) -> list[int]:
    """The sizes of the descriptions by which the wall asks for its pictures."""
    found: list[int] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/whep/" in request.url and "sources:" in request.url.replace("%3A", ":"):
            found.append(len(request.post_data_buffer or b""))

    page.on("request", note)
    return found


async def all_right(console: Face, numbers: dict[str, int], count: int) -> dict[str, int]:
    """Until so many tiles show their own rooms."""

    def right(shown: dict[str, int]) -> bool:
        rooms = {name: number for name, number in shown.items() if name in numbers}
        return len(rooms) == count and all(numbers[name] == number for name, number in rooms.items())

    return await until(lambda: console.page.evaluate(SHOWN), right, WITHIN, f"{count} rooms, each under its own name")


async def test_a_wall_of_sixteen_and_of_twenty_five(
    browsers: tuple[Browser, Browser], house: House, artifacts: Path
) -> None:
    staff, kits = browsers
    admin = await enter(staff, house, "manage", "admin", "/manage/lessons")
    lesson = await a_lesson(admin)
    lecturer = await enter(staff, house, "desk", "lecturer", "/")
    numbers = await send_all(kits, admin, lecturer, lesson)
    console = await enter(staff, house, "console", "director", "/")
    sizes = offers(console.page)
    await console.page.goto(f"{console.origin}/console/{lesson['id']}")

    first = await all_right(console, numbers, 16)
    await console.page.screenshot(path=artifacts / "screenshots" / "wall-16.png")
    await control(console, "wall-next").click()
    second = await all_right(console, numbers, len(numbers) - 16)
    assert not set(first) & set(second), "a room stands on one page"

    await control(console, "wall-size").select_option("25")
    whole = await all_right(console, numbers, 25)
    before = await console.page.evaluate(DECODED)
    await until(
        lambda: console.page.evaluate(DECODED),
        lambda now: len(now) == len(before) and all(a > b for a, b in zip(now, before, strict=True)),
        WITHIN,
        "every picture goes on",
    )
    await console.page.screenshot(path=artifacts / "screenshots" / "wall-25.png")
    assert sizes, "the wall asked"
    assert max(sizes) <= OFFER_BYTES
    said = {"tiles": len(whole), "offers_bytes": sizes}
    (artifacts / "wall.json").write_text(json.dumps(said), encoding="utf-8")
