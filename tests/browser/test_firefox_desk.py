"""The codec policy where a lecturer meets it: Firefox at the desk of an H264 lesson is told, and may go on."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.services.demo import PASSWORD
from tests.browser.eyes import until
from tests.browser.firefox import Firefox, FirefoxPage
from tests.browser.house import House
from tests.rooms.stage import own_address

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

WITHIN = 60.0
CALL = """async ([method, path, body]) => {
    const ask = () => fetch(`/api/v1${path}`, body === null ? { method } : {
        method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
    // A request that a change of networks dropped is sent again, as the client does: a command counts once.
    const answer = await ask().catch(ask).catch(ask);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
}"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[House]:
    """Told to browsers by the machine's own address: Firefox has no candidate on loopback."""
    running = House.open(tmp_path_factory.mktemp("firefox-house"), HOST="0.0.0.0", MEDIA_ADDRESSES=own_address())
    try:
        yield running
    finally:
        running.close(artifacts / "server-test_firefox_desk.log")


@pytest.fixture
async def firefox() -> AsyncIterator[Firefox]:
    browser = await Firefox.launch()
    yield browser
    await browser.close()


async def call(page: FirefoxPage, path: str, body: dict[str, object] | None = None) -> Any:
    return await page.evaluate(CALL, ["GET" if body is None else "POST", path, body])


async def log_in(page: FirefoxPage, number: str) -> None:
    await call(page, "/session", {"number": number, "password": PASSWORD})


async def test_a_lecturer_with_firefox_is_told_and_may_go_on(house: House, firefox: Firefox, artifacts: Path) -> None:
    page = await firefox.page(f"{house.origin}/login")
    await log_in(page, "admin")
    lesson_id = (await call(page, "/lessons?state=scheduled"))["items"][0]["id"]
    opening: dict[str, object] = {"command_id": str(uuid.uuid4()), "event": "open"}
    lesson = await call(page, f"/lessons/{lesson_id}/transitions", opening)
    assert lesson["video_codec"] == "H264"
    await log_in(page, "lecturer")
    await page.goto(f"{house.origin}/desk/{lesson_id}")

    await until(page.text, lambda text: "此浏览器不能发送 H264 画面" in text, WITHIN, "the lecturer is told")
    told = await page.text()
    assert "请改用 Chrome 或 Edge" in told
    assert "也可以继续" in told
    await page.screenshot(artifacts / "screenshots" / "desk-firefox-told.png")
    publish = "() => document.querySelector(`[data-testid='publish']`)?.disabled"
    assert await page.evaluate(publish) is True, "not by accident"

    if await page.evaluate("() => !!document.querySelector(`[data-testid='open-devices']`)"):
        await page.click("open-devices")
    await page.click("publish-anyway")
    await until(lambda: page.evaluate(publish), lambda disabled: disabled is False, WITHIN, "going on is allowed")
    await page.click("publish")

    async def main_source() -> dict[str, Any]:
        stage = await call(page, f"/lessons/{lesson_id}/stage")
        return next((one for one in stage["sources"] if one["source"] == "main"), {})

    source = await until(main_source, lambda one: one.get("bitrate_bps"), WITHIN, "the picture arrives")
    assert (source["video_codec"], source["has_audio"]) == ("VP8", True)
    link = "() => document.querySelector(`[data-testid='publish-state']`)?.dataset.link"
    await until(lambda: page.evaluate(link), lambda state: state == "up", WITHIN, "the desk says so")
    assert "此浏览器不能发送 H264 画面" not in await page.text()
    await page.screenshot(artifacts / "screenshots" / "desk-firefox-publishing.png")
