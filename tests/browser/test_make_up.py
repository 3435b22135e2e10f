"""Studying on one's own: a lesson is made up, a micro-video is watched; the rules hold, the credit is entered."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from server.services.demo import demo_id
from tests.browser.chromium import launch
from tests.browser.eyes import Face, until
from tests.browser.house import House
from tests.browser.inspection import assert_flawless, defects
from tests.browser.media import LECTURER
from tests.browser.people import PHONE, control, enter, press, publishing, read
from tests.converting.films import film

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

ABSENT = "10002"  # of the secretary's branch
TERMS = {
    "days": 14,
    "watched_percent": 80,
    "right_percent": 100,
    "attempts": 3,
    "pause_minutes": 0,
    "marked_percent": 100,
}
STUDENT = "10004"
ASKED, SECONDS = 4, 8
"""Of recording: when the lecturer asks, and when it is enough."""
PLAYED = """one => new Promise(done => one.addEventListener('timeupdate', function look() {
    if (one.currentTime <= 2) return;
    one.removeEventListener('timeupdate', look);
    one.pause();  // also where the question's mark was reached already
    done();
}))"""


@pytest.fixture(scope="module")
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    opened = await launch(playwright, LECTURER)
    yield opened
    await opened.close()


async def post(face: Face, path: str, **body: Any) -> dict[str, Any]:
    whole = {"command_id": str(uuid.uuid4()), **body}
    answer = await face.page.request.post(f"{face.origin}/api/v1{path}", data=whole, headers={"Origin": face.origin})
    assert answer.ok, await answer.text()
    return await answer.json()


async def recorded(browser: Browser, house: House, admin: Face) -> str:
    """A short lesson that nobody came to, with its recording, settled under a rule with make-up study."""
    rule = {"unit_id": demo_id("某集团党委"), "name": "集中学习学时规则", "since": "2026-01-01"}
    await post(admin, "/credit-rules", **rule, least_present_percent=80, make_up=TERMS)
    lesson = (await read(admin, "/lessons?state=scheduled"))["items"][0]
    path = f"/lessons/{lesson['id']}"
    desk = await enter(browser, house, "desk", "lecturer", "/")
    for event in ("open", "start"):
        await post(desk, f"{path}/transitions", event=event)
    await desk.page.goto(f"{desk.origin}/desk/{lesson['id']}")
    await press(desk, "open-devices")
    await press(desk, "publish")
    await publishing(desk)

    async def stage() -> dict[str, Any]:
        return (await read(desk, f"{path}/stage"))["recording"]

    await until(stage, lambda one: one["duration_ms"] > ASKED * 1000, 60, "something is recorded")
    question = (await read(desk, f"{path}/questions"))["items"][0]
    quiz = await post(desk, f"{path}/quizzes", question_id=question["id"])
    await post(desk, f"/quizzes/{quiz['id']}/close")
    await until(stage, lambda one: one["duration_ms"] > SECONDS * 1000, 60, "enough is recorded")
    await post(desk, f"{path}/transitions", event="end")
    await desk.page.close()

    async def recording() -> dict[str, Any]:
        return (await read(admin, f"/recordings?lesson_id={lesson['id']}"))["items"][0]

    await until(recording, lambda one: one["state"] == "finished", 30, "the recording is finished")
    await post(admin, f"{path}/transitions", event="settle")
    return str(lesson["id"])


async def test_a_missed_lesson_is_made_up(browser: Browser, house: House, artifacts: Path) -> None:
    found: list[str] = []

    async def keep(face: Face, name: str) -> None:
        width = (face.page.viewport_size or {"width": 0})["width"]
        await face.page.screenshot(path=artifacts / "screenshots" / f"make-up-{name}-{width}.png")
        found.extend(f"{name}: {each}" for each in await defects(face))

    admin = await enter(browser, house, "admin", "admin", "/manage/credit-rules")
    lesson_id = await recorded(browser, house, admin)
    await admin.page.reload()
    await expect(control(admin, "rules")).to_contain_text("可补学")

    # The secretary sees who is due, reminds them with one press, and gives one of them more time.
    secretary = await enter(browser, house, "secretary", "secretary", "/")
    await press(secretary, "to-branch-make-ups")
    await expect(control(secretary, "branch-make-up").first).to_be_visible()
    await press(secretary, "remind-all")
    await expect(control(secretary, "reminded")).to_be_visible()
    theirs = (await read(secretary, f"/make-ups?lesson={lesson_id}&limit=200"))["items"]
    mine = next(one for one in theirs if one["member"]["id"] == demo_id(f"member {ABSENT}"))
    row = secretary.page.get_by_test_id("branch-make-up").filter(has_text=mine["member"]["name"])
    await row.get_by_test_id("extend").click()
    later = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=60)
    await control(secretary, "extend-until").fill(later.isoformat())
    await press(secretary, "extend-sure")
    await control(secretary, "extend-reason").fill("出差在外")
    await press(secretary, "extend-sure")
    await expect(row).to_contain_text("出差在外")
    await keep(secretary, "branch")

    # The member is told, opens it on the phone, and cannot jump ahead.
    phone = await enter(browser, house, "phone", ABSENT, "/inbox", **PHONE)
    await expect(control(phone, "letter-make_up")).to_be_visible()
    await control(phone, "letter-make_up").get_by_role("link").click()
    await expect(control(phone, "go-not_started")).to_be_visible()
    await keep(phone, "list")
    await press(phone, "go-not_started")
    video = control(phone, "replay-camera")
    await until(lambda: video.evaluate("one => one.readyState"), lambda ready: ready >= 3, 30, "the recording is there")
    await phone.page.get_by_test_id("replay-seek").evaluate(
        "one => { one.value = one.max; one.dispatchEvent(new Event('input')) }"
    )
    await expect(control(phone, "note-held")).to_be_visible()
    await keep(phone, "held")
    assert await video.evaluate("one => one.currentTime") < 1
    assert (await own(phone, mine["id"]))["progress"] == 0

    # Played at double speed, with a reload on the way, it counts until enough was watched.
    await control(phone, "replay-speed").select_option("2")
    await press(phone, "replay-play")
    await video.evaluate(PLAYED)  # in the page: seen from here the question would be far behind
    await until(lambda: own(phone, mine["id"]), lambda one: one["position_ms"] > 1500, 30, "some of it counts")
    await phone.page.reload()
    await until(lambda: video.evaluate("one => one.currentTime"), lambda at: at > 1.5, 30, "it goes on there")
    await press(phone, "replay-play")
    await expect(control(phone, "mark-question")).to_be_visible(timeout=60_000)
    await control(phone, "mark-question").locator("input").first.check()
    await press(phone, "mark-check")
    await expect(control(phone, "mark-question").get_by_role("status")).to_contain_text("已记录")
    await expect(control(phone, "mark-question").locator(".right")).to_have_count(
        0
    )  # told to who has passed the questions
    await keep(phone, "mark")
    await press(phone, "mark-on")
    await expect(control(phone, "begin-questions")).to_be_visible(timeout=60_000)

    # Everything wrong first: no explanation; then everything right.
    questions = {each["id"]: each for each in (await read(admin, f"/lessons/{lesson_id}/questions"))["items"]}
    await press(phone, "begin-questions")
    await expect(control(phone, "question")).to_have_count(len(questions))
    await keep(phone, "questions")
    await press(phone, "hand-in")
    await press(phone, "confirm-yes")
    await expect(control(phone, "begin-questions")).to_be_visible()
    await press(phone, "begin-questions")
    await expect(control(phone, "question")).to_have_count(len(questions))
    for each in questions.values():
        for option in each["correct"]:
            await phone.page.locator(f"input[name='{each['id']}'][data-option='{option}']").check()
    await press(phone, "hand-in")
    await expect(control(phone, "questions-passed")).to_be_visible()
    await keep(phone, "passed")
    await expect(control(phone, "make-up-done")).to_be_visible()
    credit = await read(phone, "/credit")
    assert [(entry["kind"], entry["hundredths"]) for entry in credit["entries"]] == [("make_up", 200)]
    assert not (await read(phone, f"/lessons/{lesson_id}/verdict"))["passed"], "the verdict stays"

    desk = await enter(browser, house, "desk-done", ABSENT, "/make-ups")
    await expect(control(desk, "made-up-done")).to_have_count(1)
    await press(desk, "go-done")
    await expect(control(desk, "replay-play")).to_be_visible()
    await desk.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    await keep(desk, "dark")
    assert_flawless(found)


async def own(face: Face, make_up_id: str) -> dict[str, Any]:
    return await read(face, f"/make-ups/{make_up_id}")


async def test_a_micro_video_is_uploaded_published_watched_and_passed(
    browser: Browser, house: House, artifacts: Path, tmp_path: Path
) -> None:
    found: list[str] = []

    async def keep(face: Face, name: str) -> None:
        width = (face.page.viewport_size or {"width": 0})["width"]
        await face.page.screenshot(path=artifacts / "screenshots" / f"micro-{name}-{width}.png")
        found.extend(f"{name}: {each}" for each in await defects(face))

    # Who keeps the course makes it, uploads a film, and gives it a question at a mark and a test.
    admin = await enter(browser, house, "keeper", "admin", "/manage/courses")
    today = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=8)).date()
    rule = {"unit_id": demo_id("某集团党委"), "name": "集中学习学时规则", "since": today.isoformat()}
    await post(admin, "/credit-rules", **rule, least_present_percent=80, make_up=TERMS, micro={})
    await press(admin, "new-course")
    await control(admin, "course-name").fill("消防安全微课")
    await press(admin, "course-save")
    await admin.page.get_by_role("link", name="微视频").click()
    await press(admin, "new-film")
    await control(admin, "film-name").fill("灭火器的检查与使用")
    await press(admin, "film-save")
    made = film(tmp_path / "extinguisher.mp4", seconds=6, options={"g": "30"})
    await admin.page.get_by_test_id("film-file-1").set_input_files(made)
    await expect(control(admin, "film-ready")).to_be_visible(timeout=60_000)
    await press(admin, "questions-1")
    for part, text in (("test", "压力表指针应在哪个区？"), ("mark", "检查时先看哪里？")):  # the marks are last
        await press(admin, f"add-{part}")
        one = admin.page.get_by_role("group").filter(has=admin.page.get_by_test_id("question-text")).last
        if part == "mark":
            await one.get_by_test_id("mark-at").fill("0:02")
        await one.get_by_test_id("question-text").fill(text)
        for place, option in enumerate(("绿色区", "红色区")):
            await one.get_by_test_id("option-text").nth(place).fill(option)
        await one.get_by_test_id("option-right").first.check()
    await keep(admin, "questions")
    await press(admin, "save-questions")
    await expect(admin.page.get_by_test_id("film-questions")).to_have_count(0)
    await press(admin, "publish-1")
    await expect(control(admin, "film-published")).to_be_visible()
    await keep(admin, "films")
    await admin.page.get_by_role("button", name="预览").click()
    await expect(admin.page.locator("[data-testid=video]").get_by_test_id("replay-play")).to_be_visible()
    await admin.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    await keep(admin, "preview")

    # A member finds it at home, watches it to its end, is asked on the way, and passes the test.
    phone = await enter(browser, house, "student", STUDENT, "/", **PHONE)
    await press(phone, "to-courses")
    course = control(phone, "courses-mine").get_by_role("button")
    await expect(course).to_be_visible()
    await keep(phone, "courses")
    await course.click()
    await expect(control(phone, "video-not_started")).to_be_visible()
    await keep(phone, "course")
    await press(phone, "go-on")
    video = control(phone, "replay-camera")
    await until(lambda: video.evaluate("one => one.readyState"), lambda ready: ready >= 3, 30, "the film is there")
    await keep(phone, "video")
    await press(phone, "replay-play")
    await expect(control(phone, "mark-question")).to_be_visible(timeout=60_000)
    await control(phone, "mark-question").locator("input").first.check()
    await press(phone, "mark-check")
    await expect(control(phone, "mark-question").get_by_role("status")).to_be_visible()
    await keep(phone, "mark")
    await press(phone, "mark-on")
    await press_when_there(phone, "begin-test")
    await control(phone, "question").get_by_text("绿色区").click()  # shuffled for each person
    await press(phone, "hand-in")
    await expect(control(phone, "questions-passed")).to_be_visible()
    await keep(phone, "passed")
    await control(phone, "questions-passed").get_by_role("button").click()
    await expect(phone.page.locator("[data-testid=video][data-step=done]")).to_be_visible()
    entries = (await read(phone, "/credit"))["entries"]
    assert sorted((entry["kind"], entry["hundredths"]) for entry in entries) == [("micro", 25), ("micro", 50)]
    await phone.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    await keep(phone, "dark")

    # With the last video comes the certificate: the school finds it, anybody may check it, and it is withdrawn.
    await admin.page.evaluate("delete document.documentElement.dataset.theme")
    await admin.page.goto(f"{admin.origin}/manage/courses")
    await admin.page.get_by_role("link", name="微视频").click()
    await press(admin, "to-certificates")
    await expect(control(admin, "certificate-row")).to_have_count(1)
    await control(admin, "certificate-search").fill("没有这个人")
    await expect(control(admin, "certificate-row")).to_have_count(0)
    number = (await read(phone, "/certificates"))["items"][0]["number"]
    await control(admin, "certificate-search").fill(number[:6].lower())
    await expect(control(admin, "certificate-row")).to_have_count(1)
    await keep(admin, "certificates")
    await press(admin, "certificate-withdraw")
    await press(admin, "certificate-next")
    await expect(admin.page.get_by_role("dialog")).to_contain_text("请写明撤销原因")
    await control(admin, "certificate-reason").fill("学员信息有误")
    await keep(admin, "withdrawing")
    await press(admin, "certificate-next")
    await press(admin, "confirm-yes")
    await expect(control(admin, "certificate-row")).to_contain_text("已撤销")
    await expect(control(admin, "certificate-withdraw")).to_have_count(0)
    await keep(admin, "withdrawn")
    await phone.page.goto(f"{phone.origin}/certificates/{number}")
    await expect(phone.page.get_by_text("证书已撤销")).to_be_visible()
    assert_flawless(found)


async def press_when_there(face: Face, name: str) -> None:
    await expect(control(face, name)).to_be_visible(timeout=60_000)
    await press(face, name)
