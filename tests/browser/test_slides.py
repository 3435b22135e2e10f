"""A deck from the lecturer's upload to the replay: phone and hall follow, somebody looks back, and comes back."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face, until
from tests.browser.house import House
from tests.browser.media import LECTURER
from tests.browser.people import BIG_SCREEN, PHONE, control, enter, press, publishing, read, state
from tests.converting import papers

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

MEMBER = "10021"  # of a branch that takes part by phone
TITLES = ["Fire safety", "How a fire begins", "First aid", "Saving energy"]
DECK = FilePayload(name="消防课件.pdf", mimeType="application/pdf", buffer=papers.slides(TITLES))


@pytest.fixture(scope="module")
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    opened = await launch(playwright, LECTURER)
    yield opened
    await opened.close()


LAYOUTS = {"side": "both", "corner": "corner", "screen": "second", "audio": "nothing"}
"""What is seen of a moment with two pictures."""
DRAWN = "image => image.naturalWidth"


async def move(face: Face, id_: str, event: str) -> None:
    body = {"command_id": str(uuid.uuid4()), "event": event}
    url = f"{face.origin}/api/v1/lessons/{id_}/transitions"
    await face.page.request.post(url, data=body, headers={"Origin": face.origin})


async def shows(face: Face, page: int) -> None:
    """The face has this page before it, drawn."""
    slide = face.page.get_by_test_id("slide").first
    await expect(slide).to_have_attribute("data-page", str(page), timeout=60_000)
    # Its picture comes after its number.
    await until(lambda: slide.locator("img").evaluate(DRAWN), lambda width: width >= 1280, 20, f"page {page} is drawn")


async def test_slides_are_turned_followed_looked_back_at_and_replayed(
    browser: Browser, house: House, artifacts: Path
) -> None:
    shots = artifacts / "screenshots"
    desk = await enter(browser, house, "desk", "lecturer", "/")
    id_ = (await read(desk, "/lessons?state=scheduled"))["items"][0]["id"]
    for event in ("open", "start"):
        await move(desk, id_, event)
    await state(desk, id_, "live")
    await desk.page.goto(f"{desk.origin}/desk/{id_}")
    await press(desk, "open-devices")
    await press(desk, "publish")
    await publishing(desk)
    phone = await enter(browser, house, "phone", MEMBER, f"/m/{id_}", **PHONE)
    await press(phone, "phone-start")
    await phone.sees(LECTURER, within=60)
    hall = await enter(browser, house, "hall", "venue1", f"/venue/{id_}", **BIG_SCREEN)
    await control(hall, "venue-start").click()

    # Uploaded on the desk, converted, shown with one click.
    await desk.page.get_by_test_id("upload-file").set_input_files(DECK)
    await expect(control(desk, "deck-open")).to_be_visible(timeout=60_000)
    await press(desk, "deck-open")
    await expect(control(desk, "deck")).to_have_attribute("data-page", "1")
    await shows(phone, 1)
    await shows(hall, 1)
    await desk.page.screenshot(path=shots / "slides-desk.png")

    # A presenter's remote turns the page for everybody.
    await desk.page.keyboard.press("PageDown")
    await shows(phone, 2)
    await shows(hall, 2)
    await hall.page.screenshot(path=shots / "slides-hall.png")
    await phone.page.screenshot(path=shots / "slides-phone.png")

    # Back at one's own pace: no further than what was shown, and the lecturer's turns do not disturb it.
    await expect(control(phone, "slide-next")).to_be_disabled()
    await press(phone, "slide-before")
    await shows(phone, 1)
    await desk.page.keyboard.press("ArrowRight")
    await shows(hall, 3)
    await expect(phone.page.get_by_test_id("slide").first).to_have_attribute("data-page", "1")
    await phone.page.screenshot(path=shots / "slides-phone-own.png")
    await press(phone, "slide-back")
    await shows(phone, 3)

    await phone.page.screenshot(path=shots / "slides-phone-back.png")

    # Sound only: the slide stays, as sharp as before.
    await press(phone, "audio-only")
    await desk.page.keyboard.press("ArrowRight")
    await shows(phone, 4)
    await phone.hears(LECTURER, within=60)
    await phone.page.screenshot(path=shots / "slides-phone-sound.png")
    await press(phone, "tab-papers")
    await control(phone, "paper-open").click()
    await expect(control(phone, "reader").locator("img")).to_have_count(4)
    await phone.page.screenshot(path=shots / "slides-phone-reader.png")
    await press(phone, "reader-close")
    await phone.page.screenshot(path=shots / "slides-phone-papers.png")

    mark = {"command_id": str(uuid.uuid4()), "title": "急救要点"}
    marked = await desk.page.request.post(
        f"{desk.origin}/api/v1/lessons/{id_}/chapters", data=mark, headers={"Origin": desk.origin}
    )
    assert marked.ok, await marked.text()
    await press(desk, "deck-close")
    await expect(hall.page.get_by_test_id("slide")).to_have_count(0)
    await expect(phone.page.get_by_test_id("slide-bar")).to_have_count(0)

    # The replay has them where they were.
    await move(desk, id_, "end")
    await state(desk, id_, "ended")
    (recording,) = (await read(desk, f"/recordings?lesson_id={id_}"))["items"]
    await desk.page.goto(f"{desk.origin}/manage/recordings/{recording['id']}")
    await press(desk, "replay-play")
    await expect(desk.page.get_by_test_id("replay-slide")).to_be_visible(timeout=90_000)
    await shows(desk, 1)
    await desk.page.screenshot(path=shots / "slides-replay.png")

    # Side by side, picture in picture, screen only, audio only: by button, and by the keys 1 to 4.
    await press(desk, "replay-play")
    seen = control(desk, "replay-pictures")
    for key, (layout, what) in enumerate(LAYOUTS.items(), 1):
        await press(desk, f"layout-{layout}")
        await expect(seen).to_have_attribute("data-seen", what)
        await desk.page.screenshot(path=shots / f"replay-{layout}.png")
        await press(desk, "layout-side" if layout != "side" else "layout-corner")
        await desk.page.locator("body").press(str(key))
        await expect(seen).to_have_attribute("data-seen", what)
    await press(desk, "layout-side")

    # A chapter leads to its place; so does a small picture, once they are drawn.
    camera = control(desk, "replay-camera")
    chapter = control(desk, f"chapter-{(await marked.json())['id']}")
    await expect(chapter).to_contain_text("急救要点")
    await chapter.click()
    await expect(chapter).to_have_attribute("aria-current", "true")
    assert await camera.evaluate("one => one.currentTime") > 0
    listed = f"/recordings?lesson_id={id_}"
    await until(lambda: read(desk, listed), lambda page: page["items"][0]["poster"], 60, "its pictures are drawn")
    await desk.page.reload()
    await control(desk, "contact-sheet").locator("summary").click()
    await control(desk, "contact-1").click()
    await until(lambda: camera.evaluate("one => one.currentTime"), lambda at: at > 1, 20, "it went there")
    await expect(control(desk, "contact-1")).to_have_attribute("aria-current", "true")
    await desk.page.screenshot(path=shots / "replay-contact.png")
    assert [turn["page"] for turn in (await read(phone, f"/lessons/{id_}/slides"))["items"]] == [1, 2, 3, 4, 0]
