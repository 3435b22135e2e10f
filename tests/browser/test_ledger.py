"""One lesson from login to ledger: who is expected, comes, answers, earns credit, and what becomes of who stayed away.

A member in a room, whose phone is slow and logged out; one who watches by phone; one who never comes. What they see is
held against the record, and the record against the ledger.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from server.services.demo import demo_id
from tests.browser import credit_year
from tests.browser.album import Album
from tests.browser.chromium import launch
from tests.browser.eyes import Face, until
from tests.browser.house import ROOT, House
from tests.browser.inspection import assert_flawless
from tests.browser.media import VENUE
from tests.browser.people import BIG_SCREEN, PHONE, confirm, control, enter, press, read, state

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

IN_THE_ROOM, BY_PHONE, ABSENT = "10061", "10021", "10022"
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 50_000, "uploadThroughput": 25_000}  # 400 kbit/s down
FIT_BYTES = 500_000
"""What a phone loads from the scan to its sign-in: at 400 kbit/s ten seconds of the minute it may take."""
RIGHT, WRONG = "切断电源", "用水扑救"
GRANTED = 200
LEARNED = 450
CHINA = dt.timezone(dt.timedelta(hours=8))


@pytest.fixture
async def browser(playwright: Playwright) -> Any:
    opened = await launch(playwright, VENUE)
    yield opened
    await opened.close()


async def test_a_lesson_from_login_to_ledger(house: House, browser: Browser, artifacts: Path) -> None:
    album = Album(artifacts, "ledger")
    admin = await enter(browser, house, "admin", "admin", "/manage/lessons")
    lesson_id = (await read(admin, "/lessons?state=scheduled"))["items"][0]["id"]

    # The plan: one branch in its room, the others by phone; opening freezes who is expected.
    await admin.page.goto(f"{admin.origin}/manage/lessons/{lesson_id}/assignments")
    await expect(control(admin, "assign-units")).to_be_visible()
    await album.keep(admin, "assignments")
    console = await enter(browser, house, "console", "director", f"/console/{lesson_id}")
    await press(console, "open-lesson")
    await state(console, lesson_id, "open")
    expected = await board(console, lesson_id)
    assert (expected["expected"], expected["present"], expected["missing"]) == (120, 0, 120)

    # The room shows its code; a slow phone that nobody is logged in on scans it.
    venue = await enter(browser, house, "venue", "venue1", f"/venue/{lesson_id}", **BIG_SCREEN)
    await expect(control(venue, "venue-start")).to_be_visible()
    await venue.page.keyboard.press("Enter")
    await expect(control(venue, "sign-in-qr")).to_be_visible()
    await expect(control(venue, "rail-numbers")).to_contain_text("20")
    await album.keep(venue, "venue-code")
    room_phone = await scan_and_sign_in(browser, house, admin, venue, album)
    signed = (await read(room_phone, f"/lessons/{lesson_id}/attendance"))["sign_in"]
    assert (signed["way"], signed["venue_name"]) == ("qr", "第一分会场")

    # Another member by one tap; the board and the room know within a moment.
    phone = await enter(browser, house, "phone", BY_PHONE, f"/m/{lesson_id}", **PHONE)
    await sign_in_by_phone(phone)
    await album.keep(phone, "phone-signed-in")
    wall = await enter(browser, house, "board", "director", f"/board/{lesson_id}", **BIG_SCREEN)
    await expect(control(wall, "board-present")).to_contain_text("2", timeout=60_000)
    await expect(control(venue, "rail-numbers")).to_contain_text("1", timeout=60_000)
    counted = await board(console, lesson_id)
    assert (counted["present"], counted["missing"], counted["on_phone"]) == (2, 118, 1)
    await press(console, "tab-attendance")
    await album.keep(wall, "board")
    await album.keep(console, "console-attendance")

    # The lecturer asks; one answers rightly, one wrongly; nobody is told more before the end.
    await confirm(console, "start-lesson")
    await state(console, lesson_id, "live")
    desk = await enter(browser, house, "desk", "lecturer", f"/desk/{lesson_id}")
    question = (await read(desk, f"/lessons/{lesson_id}/questions"))["items"][0]
    await press(desk, f"launch-{question['id']}")
    await asyncio.gather(
        answer(room_phone, RIGHT),
        answer(phone, WRONG),
        expect(control(venue, "quiz-overlay")).to_have_attribute("data-state", "open", timeout=60_000),
    )
    quiz = (await read(phone, f"/lessons/{lesson_id}/quizzes"))["items"][0]
    assert quiz["result"] is None
    for face, name in ((phone, "quiz-sent"), (venue, "venue-quiz"), (desk, "desk-quiz")):
        await album.keep(face, name)
    await press(desk, f"stop-{question['id']}")
    await expect(control(room_phone, "quiz-outcome")).to_have_attribute("data-outcome", "right", timeout=60_000)
    await expect(control(phone, "quiz-outcome")).to_have_attribute("data-outcome", "wrong", timeout=60_000)
    await expect(control(venue, "quiz-overlay")).to_have_attribute("data-state", "closed", timeout=60_000)
    for face, name in (
        (phone, "quiz-wrong"),
        (room_phone, "quiz-right"),
        (venue, "venue-quiz-closed"),
        (desk, "desk-quiz-closed"),
    ):
        await album.keep(face, name)
    closed = (await read(phone, f"/lessons/{lesson_id}/quizzes"))["items"][0]
    assert (closed["result"]["answered"], closed["result"]["right"]) == (2, 1)

    # The end, and the credit.
    await confirm(console, "end-lesson")
    await state(console, lesson_id, "ended")
    await admin.page.goto(f"{admin.origin}/manage/lessons/{lesson_id}")
    await confirm(admin, "step-settle")
    await state(admin, lesson_id, "settled")
    await album.keep(admin, "settled")
    for member in (room_phone, phone):
        verdict = await read(member, f"/lessons/{lesson_id}/verdict")
        assert (verdict["passed"], verdict["hundredths"], verdict["entry"]["hundredths"]) == (True, GRANTED, GRANTED)
    assert await own_sum(phone) == GRANTED
    await phone.page.goto(f"{phone.origin}/m/{lesson_id}")
    await press(phone, "tab-credit")
    await expect(control(phone, "own-credit")).to_have_attribute("data-settled", "true")
    await album.keep(phone, "own-credit")

    # Who stayed away sees why, asks for a review, and the granted one is a correcting entry.
    absent = await enter(browser, house, "absent", ABSENT, f"/m/{lesson_id}", **PHONE)
    verdict = await read(absent, f"/lessons/{lesson_id}/verdict")
    assert (verdict["passed"], verdict["entry"]) == (False, None)
    assert "not_signed_in" in [failing["code"] for failing in verdict["failings"]]
    await ask_for_review(absent)
    await album.keep(absent, "review-asked")
    await grant_review(admin, album)
    assert await own_sum(absent) == GRANTED
    await absent.page.goto(f"{absent.origin}/credit")
    await expect(control(absent, "credit-sum")).to_have_attribute("data-hundredths", str(GRANTED))
    await album.keep(absent, "credit")
    await outside_credit(phone, admin, album)
    assert await own_sum(phone) == GRANTED + LEARNED
    assert "4" in verified(house)
    assert_flawless(album.defects)


async def test_a_year_of_credit_is_ruled_asked_for_and_traced(house: House, browser: Browser, artifacts: Path) -> None:
    album = Album(artifacts, "credit-year")
    admin = await enter(browser, house, "admin", "admin", "/manage/lessons")
    member = await enter(browser, house, "member", credit_year.SHORT[0], "/credit", **PHONE)
    secretary = await enter(browser, house, "secretary", "secretary", "/")
    lesson_id = await credit_year.past_lessons(admin)
    await credit_year.new_version(admin, lesson_id, album)
    await credit_year.targets(admin, album)
    await credit_year.own_page(member, album)
    await credit_year.branch_list(secretary, member, album)
    await credit_year.down_the_tree(admin, album)
    await credit_year.corrected(admin, member, secretary, album)
    await credit_year.positions(admin, member, album)
    await credit_year.overseen(admin, secretary, album)
    assert_flawless(album.defects)


async def board(face: Face, lesson_id: str) -> dict[str, Any]:
    return await read(face, f"/lessons/{lesson_id}/board")


async def own_sum(face: Face) -> int:
    return int((await read(face, "/credit"))["hundredths"])


async def door_code(admin: Face, number: str) -> str:
    """As somebody at the door issues it, for who forgot the password."""
    body = {"command_id": str(uuid.uuid4()), "kind": "door", "account_ids": [demo_id(number)]}
    answer = await admin.page.request.post(
        f"{admin.origin}/api/v1/access-codes", data=body, headers={"Origin": admin.origin}
    )
    assert answer.ok, await answer.text()
    return str((await answer.json())["items"][0]["code"])


async def scan_and_sign_in(browser: Browser, house: House, admin: Face, venue: Face, album: Album) -> Face:
    """From a logged-out phone with an empty cache at 400 kbit/s: the address of the code, a wrong password, the code
    of the door, one tap. What all of that loads would fit that line in far less than a minute, however slow this
    machine is.
    """
    lesson_id = venue.page.url.rsplit("/", 1)[1]
    codes = await read(venue, f"/lessons/{lesson_id}/sign-in-code")
    context = await browser.new_context(ignore_https_errors=True, locale="zh-CN", reduced_motion="reduce", **PHONE)
    face = await Face.open("room-phone", context, house.origin, "/healthz")
    line = await context.new_cdp_session(face.page)
    await line.send("Network.enable")
    await line.send("Network.emulateNetworkConditions", SLOW)
    loaded: list[int] = []
    line.on("Network.loadingFinished", lambda told: loaded.append(told["encodedDataLength"]))
    await face.page.goto(codes["codes"][0]["url"], timeout=60_000)
    await control(face, "login-number").fill(IN_THE_ROOM, timeout=60_000)
    await control(face, "login-password").fill("忘记了")
    await press(face, "login-enter")
    await expect(control(face, "login-error")).to_be_visible(timeout=60_000)
    face.complaints.clear()  # the refused login is a console error of the browser's own
    await press(face, "login-other")
    await control(face, "code-code").fill(await door_code(admin, IN_THE_ROOM), timeout=60_000)
    await press(face, "code-enter")
    await expect(control(face, "sign-in-confirm")).to_be_visible(timeout=60_000)
    await album.keep(face, "sign-in-page")
    await press(face, "sign-in-confirm")
    await expect(control(face, "signed-in")).to_be_visible(timeout=60_000)
    await album.keep(face, "signed-in")
    print(f"scan → signed in, a wrong password and a door code on the way: {sum(loaded):,} bytes")
    assert 0 < sum(loaded) <= FIT_BYTES
    await line.send(
        "Network.emulateNetworkConditions", {**SLOW, "downloadThroughput": -1, "uploadThroughput": -1, "latency": 0}
    )
    await press(face, "sign-in-enter")
    await expect(control(face, "status-strip")).to_have_attribute("data-standing", "signed-in", timeout=60_000)
    await album.keep(face, "room-phone")
    return face


async def sign_in_by_phone(phone: Face) -> None:
    await expect(control(phone, "action-bar")).to_have_attribute("data-action", "sign-in-phone")
    await press(phone, "action")
    await expect(control(phone, "status-strip")).to_have_attribute("data-standing", "signed-in")


async def answer(phone: Face, words: str) -> None:
    await expect(control(phone, "quiz-sheet")).to_have_attribute("data-view", "choose", timeout=60_000)
    await control(phone, "quiz-sheet").get_by_text(words).click()
    await press(phone, "quiz-submit")
    await expect(control(phone, "quiz-sheet")).to_have_attribute("data-view", "sent", timeout=60_000)


async def ask_for_review(absent: Face) -> None:
    await press(absent, "tab-credit")
    await press(absent, "review-open")
    await control(absent, "review-text").fill("当天外出抢修，已在车间补看录像。")
    await press(absent, "review-send")
    await expect(control(absent, "review")).to_have_attribute("data-state", "open")


async def grant_review(admin: Face, album: Album) -> None:
    await admin.page.goto(f"{admin.origin}/manage/reviews")
    review = (await read(admin, "/reviews?state=open"))["items"][0]
    assert review["member"]["id"] == demo_id(f"member {ABSENT}")
    await press(admin, f"grant-{review['id']}")
    await control(admin, "review-answer").fill("情况属实，予以补记。")
    await album.keep(admin, "review-decision")
    await press(admin, "review-confirm")
    await until(
        lambda: read(admin, "/reviews?state=granted"), lambda page: len(page["items"]) == 1, 10, "the review is granted"
    )


async def outside_credit(phone: Face, admin: Face, album: Album) -> None:
    """Learned elsewhere: entered with a photograph of the certificate, looked at and confirmed, and in the ledger."""
    await phone.page.goto(f"{phone.origin}/credit")
    await press(phone, "outside-enter")
    for field, words in (("title", "急救员取证培训"), ("organiser", "红十字会"), ("hours", "4.5")):
        await control(phone, f"outside-{field}").fill(words)
    await control(phone, "outside-day").fill(dt.datetime.now(CHINA).date().isoformat())
    picture = await phone.page.screenshot()
    await phone.page.get_by_test_id("proof-file").set_input_files(
        {"name": "证书.png", "mimeType": "image/png", "buffer": picture}
    )
    await expect(control(phone, "proof-ready")).to_be_visible()
    await album.keep(phone, "outside-form")
    await press(phone, "outside-save")
    await expect(control(phone, "outside-row")).to_have_attribute("data-state", "asked")
    await album.keep(phone, "outside-asked")
    await admin.page.goto(f"{admin.origin}/credit/branch?view=outside")
    await press(admin, "outside-see")
    await until(
        lambda: control(admin, "outside-picture").evaluate("it => it.naturalWidth"), bool, 10, "the proof is shown"
    )
    await album.keep(admin, "outside-queue")
    await confirm(admin, "outside-confirm")
    await expect(control(admin, "outside-told")).to_be_visible()
    await phone.page.goto(f"{phone.origin}/credit")
    await expect(control(phone, "credit-sum")).to_have_attribute("data-hundredths", str(GRANTED + LEARNED))
    await album.keep(phone, "outside-confirmed")


def verified(house: House) -> str:
    """What `dangxiao ledger verify` says of the running server's database; it must be content."""
    done = subprocess.run(
        [sys.executable, "-m", "server", "ledger", "verify"],
        cwd=ROOT,
        env={**os.environ, "DANGXIAO_DATA": str(house.folder / "data"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
