"""WHIP and WHEP clients that are not ours (``whip-whep`` from npm), on a page that is not ours, with only a ticket."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Playwright, Route

from tests.browser.chromium import launch
from tests.browser.eyes import Face, until
from tests.browser.house import CLIENT, House
from tests.browser.media import LECTURER
from tests.browser.people import enter, read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

PACKAGE = CLIENT / "node_modules" / "whip-whep"
WITHIN = 60.0
CALL = """async ([path, body]) => {
    const options = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await fetch(`/api/v1${path}`, options);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.json();
}"""
PUBLISH = """async ([url, token]) => {
    const { WHIPClient } = await import('/generic/whip.js');
    const media = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 }, audio: true });
    window.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    for (const track of media.getTracks()) pc.addTransceiver(track, { direction: 'sendonly', streams: [media] });
    window.client = new WHIPClient();
    await client.publish(pc, url, token);
    return client.resourceURL.href;
}"""
VIEW = """async ([url, token]) => {
    const { WHEPClient } = await import('/generic/whep.js');
    window.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true, playsInline: true });
    document.body.replaceChildren(video);
    pc.ontrack = ({ track, streams }) => { if (track.kind === 'video') video.srcObject = streams[0]; };
    for (const kind of ['audio', 'video']) pc.addTransceiver(kind, { direction: 'recvonly' });
    window.client = new WHEPClient();
    await client.view(pc, url, token);
    return client.resourceURL.href;
}"""
SEEN = """async () => {
    const found = { packets: {}, frames: 0, width: 0 };
    for (const one of (await pc.getStats()).values()) {
        if (one.type !== 'inbound-rtp') continue;
        found.packets[one.kind] = one.packetsReceived;
        if (one.kind === 'video') Object.assign(found, { frames: one.framesDecoded, width: one.frameWidth });
    }
    return found;
}"""


@pytest.fixture
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    opened = await launch(playwright, LECTURER)
    yield opened
    await opened.close()


async def call(face: Face, path: str, body: dict[str, object]) -> Any:
    return await face.page.evaluate(CALL, [path, body])


async def foreign_page(browser: Browser, house: House) -> Page:
    """Somebody's page with the package's own files, beside our server; no cookie, no session."""

    async def file(route: Route) -> None:
        name = Path(route.request.url).name
        if name.endswith(".js"):
            await route.fulfill(path=PACKAGE / name, content_type="text/javascript")
        else:
            await route.fulfill(body="<!doctype html><title>somebody's</title>", content_type="text/html")

    context = await browser.new_context(ignore_https_errors=True, permissions=["camera", "microphone"])
    page = await context.new_page()
    await page.route("**/generic/*", file)
    await page.goto(f"{house.origin}/generic/page.html")
    return page


async def test_a_generic_client_publishes_and_another_watches(house: House, browser: Browser) -> None:
    admin = await enter(browser, house, "manage", "admin", "/manage/lessons")
    lesson_id = (await read(admin, "/lessons?state=scheduled"))["items"][0]["id"]
    await call(admin, f"/lessons/{lesson_id}/transitions", {"command_id": str(uuid.uuid4()), "event": "open"})

    lecturer = await enter(browser, house, "desk", "lecturer", "/")
    publish = {"use": "publish", "source": "main", "client_id": "generic-publisher"}
    ticket = await call(lecturer, f"/lessons/{lesson_id}/tickets", publish)
    publisher = await foreign_page(browser, house)
    resource = await publisher.evaluate(PUBLISH, [ticket["url"], ticket["token"]])
    assert resource.startswith(f"{house.origin}/whip/resource/")

    async def main_source() -> dict[str, Any]:
        stage = await read(admin, f"/lessons/{lesson_id}/stage")
        return next((one for one in stage["sources"] if one["source"] == "main"), {})

    source = await until(main_source, lambda one: one.get("bitrate_bps"), WITHIN, "the generic client is heard")
    assert (source["connected"], source["has_audio"], source["video_codec"]) == (True, True, "H264")

    watch = {"use": "watch", "view": "programme", "client_id": "generic-viewer"}
    ticket = await call(admin, f"/lessons/{lesson_id}/tickets", watch)
    viewer = await foreign_page(browser, house)
    resource = await viewer.evaluate(VIEW, [ticket["url"], ticket["token"]])
    assert resource.startswith(f"{house.origin}/whep/resource/")
    seen = await until(
        lambda: viewer.evaluate(SEEN), lambda one: one["frames"] >= 25 and one["packets"]["audio"], WITHIN, "it is seen"
    )
    assert seen["width"] == 640

    for page in (publisher, viewer):
        before = await viewer.evaluate(SEEN)
        await page.evaluate("client.restart()")  # of ICE, by PATCH
        await until(
            lambda: viewer.evaluate(SEEN),
            lambda one, n=before["frames"]: one["frames"] >= n + 25,
            WITHIN,
            "it goes on after a restart of ICE",
        )

    refused = await publisher.evaluate(
        "url => fetch(url, { method: 'POST', body: 'v=0' }).then(one => one.status)", ticket["url"]
    )
    assert refused in (401, 403, 415), "without a ticket"
    await viewer.evaluate("client.stop()")
    await publisher.evaluate("client.stop()")
    await until(main_source, lambda one: not one.get("connected"), WITHIN, "its goodbye is heard")
