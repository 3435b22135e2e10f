"""What a lecturer may do in an awkward order."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, Route, expect

from server.services.demo import demo_id
from tests.browser.chromium import launch
from tests.browser.eyes import Face, until
from tests.browser.house import House
from tests.browser.inspection import assert_flawless, axe_violations, sideways_overflow
from tests.browser.media import LECTURER
from tests.browser.people import BIG_SCREEN, PHONE, confirm, control, enter, press, publishing, read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

SLOW_MICROPHONE = """(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const gate = new Promise((free) => { window.freeMicrophone = free; });
    navigator.mediaDevices.getUserMedia = async (wish) => {
        if (wish.audio) await gate;
        return open(wish);
    };
})()"""


@pytest.fixture
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    opened = await launch(playwright, LECTURER)
    yield opened
    await opened.close()


async def test_a_microphone_that_opens_while_the_picture_connects_is_sent(house: House, browser: Browser) -> None:
    admin = await enter(browser, house, "manage", "admin", "/manage/lessons")
    lesson_id = (await read(admin, "/lessons?state=scheduled"))["items"][0]["id"]
    await admin.page.goto(f"{admin.origin}/manage/lessons/{lesson_id}")
    await confirm(admin, "step-open")
    await expect(control(admin, "lesson-state")).to_contain_text("签到中")

    desk = await enter(browser, house, "desk", "lecturer", "/", permissions=["camera", "microphone"])
    await desk.page.add_init_script(SLOW_MICROPHONE)
    asked = asyncio.Event()

    async def while_asking(route: Route) -> None:
        if not asked.is_set():
            asked.set()
            await desk.page.evaluate("freeMicrophone()")
            await expect(control(desk, "mute")).to_be_visible()  # the page has it now
        await route.continue_()

    await desk.page.route("**/whip/**", while_asking)
    await desk.page.goto(f"{desk.origin}/desk/{lesson_id}")
    await press(desk, "open-devices")
    await desk.shows(LECTURER, within=60)
    await press(desk, "publish")
    await publishing(desk)

    async def main_source() -> dict[str, Any]:
        stage = await read(admin, f"/lessons/{lesson_id}/stage")
        return next(one for one in stage["sources"] if one["source"] == "main")

    await until(main_source, lambda one: one["connected"] and one["has_audio"], 15, "the lecturer's sound is there")
    assert asked.is_set()


REMEMBER = """
window.connections = [];
window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
  construct(target, args) { const pc = new target(...args); window.connections.push(pc); return pc; },
});
"""
# Of the connection that sends pictures: which layers are on, and what each has encoded.
LAYERS = """async () => {
  for (const pc of window.connections) {
    const sender = pc.getSenders().find((one) => one.track?.kind === 'video');
    if (!sender || pc.connectionState !== 'connected') continue;
    const on = Object.fromEntries(sender.getParameters().encodings.map((one) => [one.rid, one.active]));
    const found = {};
    for (const entry of (await sender.getStats()).values()) {
      if (entry.type === 'outbound-rtp' && entry.rid in on) {
        found[entry.rid] = { on: on[entry.rid], frames: entry.framesEncoded, keyframes: entry.keyFramesEncoded };
      }
    }
    return found;
  }
  return {};
}"""


async def command(face: Face, path: str, **fields: Any) -> dict[str, Any]:
    body = {"command_id": str(uuid.uuid4()), **fields}
    answer = await face.page.request.post(f"{face.origin}/api/v1{path}", data=body, headers={"Origin": face.origin})
    assert answer.ok, await answer.text()
    return await answer.json()


async def test_the_layers_that_nobody_watches_are_left_out_until_somebody_does(house: House, browser: Browser) -> None:
    admin = await enter(browser, house, "manage", "admin", "/")
    lesson = await command(
        admin, "/lessons", title="节能减排", unit_id=demo_id("某集团党委"), lecturer_id=demo_id("lecturer"),
        starts_at="2026-11-23T01:00:00Z", ends_at="2026-11-23T02:30:00Z", venues=[],
    )  # fmt: skip
    at = f"/lessons/{lesson['id']}"
    for event in ("schedule", "open", "start"):
        await command(admin, f"{at}/transitions", event=event)
    desk = await enter(browser, house, "desk", "lecturer", "/", permissions=["camera", "microphone"])
    await desk.page.add_init_script(REMEMBER)
    await desk.page.goto(f"{desk.origin}/desk/{lesson['id']}")
    await press(desk, "open-devices")
    await press(desk, "publish")
    await publishing(desk)

    async def layers() -> dict[str, dict[str, Any]]:
        return await desk.page.evaluate(LAYERS)

    def on(found: dict[str, dict[str, Any]]) -> set[str]:
        return {rid for rid, one in found.items() if one["on"]}

    await until(layers, lambda found: len(on(found)) > 1 and all(one["frames"] for one in found.values()), 30, "layers")
    await command(admin, f"{at}/take", slot="camera", source=None)
    left = await until(layers, lambda found: len(on(found)) == 1, 30, "the desk stops what nobody watches")
    await command(admin, f"{at}/take", slot="camera", source="main")
    await until(
        layers,
        lambda found: all(one["on"] and one["keyframes"] > left[rid]["keyframes"] for rid, one in found.items()
                          if rid not in on(left)),
        30, "it sends them again, from a keyframe on",
    )  # fmt: skip
    await desk.shows(LECTURER, within=60)


async def opened(admin: Face) -> str:
    """A lesson that takes questions, with a venue."""
    lessons = (await read(admin, "/lessons"))["items"]
    lesson_id = next(one["id"] for one in lessons if one["state"] in {"scheduled", "open"})
    await admin.page.goto(f"{admin.origin}/manage/lessons/{lesson_id}")
    await expect(control(admin, "lesson-state")).to_be_visible()
    if await control(admin, "step-open").count():
        await confirm(admin, "step-open")
    await expect(control(admin, "lesson-state")).to_contain_text("签到中")
    return lesson_id


async def test_a_paper_is_asked_as_a_whole_paged_and_handed_in(house: House, browser: Browser) -> None:
    lesson_id = await opened(await enter(browser, house, "manage", "admin", "/manage/lessons"))
    desk = await enter(browser, house, "desk", "lecturer", f"/desk/{lesson_id}")
    phone = await enter(browser, house, "phone", "10001", f"/m/{lesson_id}", **PHONE)
    await press(phone, "large-type")
    await press(desk, "launch-paper")
    await press(desk, "paper-send")
    await expect(control(desk, "paper-card")).to_be_visible()
    await expect(control(phone, "place-1")).to_have_attribute("aria-current", "step", timeout=60_000)
    await fits(phone)
    await control(phone, "option-1").click()
    await expect(control(phone, "paper-saved")).to_have_attribute("data-saved", "saved")  # by itself, and stays there
    await press(phone, "paper-next")
    await control(phone, "option-1").click()
    await press(phone, "place-3")
    await expect(control(phone, "place-2")).to_have_attribute("data-state", "sent")
    await phone.page.reload()  # who comes again goes on where they were
    await expect(control(phone, "place-2")).to_have_attribute("data-state", "sent", timeout=60_000)
    await expect(control(phone, "place-3")).to_have_attribute("aria-current", "step")
    await press(phone, "paper-hand-in")
    await expect(control(phone, "hand-in")).to_contain_text("第 3")
    await press(phone, "hand-in-done")
    await expect(control(phone, "paper-handed")).to_be_visible()
    await expect(control(desk, "paper-card")).to_contain_text("已交卷 1 人 · 已开始 1 人")
    await press(desk, "paper-missing")
    await expect(control(desk, "quiz-missing")).to_be_visible()
    await desk.page.keyboard.press("Escape")
    await press(desk, "paper-stop")
    await expect(control(phone, "quiz-sheet")).to_have_attribute("data-view", "result", timeout=60_000)


async def fits(phone: Face) -> None:
    """On the narrowest phone; in large type where that was chosen."""
    await phone.page.set_viewport_size({"width": 320, "height": 568})
    assert_flawless([*await sideways_overflow(phone.page), *await axe_violations(phone.page)])
    await phone.page.set_viewport_size(PHONE["viewport"])


async def write(phone: Face, text: str) -> None:
    """In the first place of the question that is open, and hand it in."""
    await control(phone, "text-1").fill(text)
    await press(phone, "quiz-submit")
    await expect(control(phone, "quiz-sent")).to_be_visible()


async def test_a_fill_in_has_more_time_is_closed_and_opened_again(house: House, browser: Browser) -> None:
    admin = await enter(browser, house, "manage", "admin", "/manage/lessons")
    at = f"/lessons/{await opened(admin)}"
    blank = {"kind": "fill_in", "text": "压力表的指针应当在什么区？", "blanks": [["绿", "绿色"]]}
    fill = (await command(admin, f"{at}/questions", **blank))["id"]
    desk = await enter(browser, house, "desk", "lecturer", at.replace("/lessons", "/desk"))
    phone = await enter(browser, house, "phone", "10002", at.replace("/lessons", "/m"), **PHONE)
    await press(phone, "large-type")

    async def deadline() -> str:
        return (await read(desk, f"{at}/quizzes"))["items"][-1]["deadline_at"]

    await press(desk, f"launch-{fill}")
    await expect(control(phone, "text-1")).to_be_visible()
    await fits(phone)
    await press(desk, f"pause-{fill}")
    await expect(control(phone, "quiz-paused")).to_be_visible()
    await press(desk, f"resume-{fill}")
    await write(phone, "绿 色")
    first = await deadline()
    await press(desk, f"longer-{fill}")
    await until(deadline, lambda now: now > first, 10, "there is more time")
    await press(desk, f"stop-{fill}")
    await expect(control(phone, "quiz-outcome")).to_have_attribute("data-outcome", "right", timeout=60_000)
    await press(desk, f"reopen-{fill}")
    await control(desk, "reopen-reason").fill("二车间断网")
    await press(desk, "reopen-send")
    await expect(control(phone, "quiz-reopened")).to_contain_text("二车间断网", timeout=60_000)
    await expect(control(phone, "quiz-outcome")).to_have_count(0)  # what had been told is folded away
    await press(desk, f"stop-{fill}")
    await expect(control(phone, "quiz-outcome")).to_have_attribute("data-outcome", "right", timeout=60_000)


async def test_an_answer_from_a_dead_spot_goes_out_by_itself_and_a_full_screen_shows_all(
    house: House, browser: Browser, artifacts: Path
) -> None:
    admin = await enter(browser, house, "manage", "admin", "/manage/lessons")
    at = f"/lessons/{await opened(admin)}"
    asked = {
        "kind": "single",
        "text": "车间电气火灾初起、人员尚未全部撤离，而配电箱就在身边并且没有冒烟时，第一步应当做什么？",
        "options": [f"第{n}种做法：先看清周围，再按岗位分工处置" for n in "一二三四五六七八九十"],
        "correct": [1],
        "explanation": "先断电，再用干粉或二氧化碳灭火器扑救，同时呼救并组织撤离；带电时不得用水。" * 8,
    }
    ask = (await command(admin, f"{at}/questions", **asked))["id"]
    desk = await enter(browser, house, "desk", "lecturer", at.replace("/lessons", "/desk"))
    screen = await enter(browser, house, "venue", "venue1", at.replace("/lessons", "/venue"), **BIG_SCREEN)
    await press(screen, "venue-start")
    phone = await enter(browser, house, "phone", "10002", at.replace("/lessons", "/m"), **PHONE)
    await press(desk, f"launch-{ask}")
    await control(phone, "option-2").click()
    await phone.page.context.set_offline(True)
    await press(phone, "quiz-submit")
    await expect(control(phone, "quiz-sheet")).to_have_attribute("data-view", "sending")
    await phone.page.context.set_offline(False)
    await expect(control(phone, "quiz-sheet")).to_have_attribute("data-view", "sent")
    await press(desk, f"stop-{ask}")
    overlay = control(screen, "quiz-overlay")
    await expect(overlay).to_have_attribute("data-state", "closed")
    for shown in ("已答", "100", "第二种做法", "先断电"):
        await expect(overlay).to_contain_text(shown)
    await screen.page.screenshot(path=artifacts / "screenshots" / "venue-quiz-full.png")
    assert await overlay.locator(".told").evaluate("told => told.scrollHeight <= told.clientHeight + 1")


async def test_an_opinion_is_on_the_screen_once_it_is_approved(house: House, browser: Browser) -> None:
    admin = await enter(browser, house, "manage", "admin", "/manage/lessons")
    at = f"/lessons/{await opened(admin)}"
    ask = (await command(admin, f"{at}/questions", kind="opinion", text="对安全培训有什么建议？"))["id"]
    desk = await enter(browser, house, "desk", "lecturer", at.replace("/lessons", "/desk"))
    screen = await enter(browser, house, "venue", "venue1", at.replace("/lessons", "/venue"), **BIG_SCREEN)
    await press(screen, "venue-start")
    phone = await enter(browser, house, "phone", "10002", at.replace("/lessons", "/m"), **PHONE)
    await press(desk, f"launch-{ask}")
    await write(phone, "多练灭火器")
    on_screen = control(screen, "opinions")
    await expect(on_screen).to_contain_text("审核通过后在这里显示", timeout=60_000)
    await press(desk, f"approve-{ask}")
    await expect(control(desk, "saying")).to_contain_text("多练灭火器", timeout=60_000)
    await press(desk, "approve-opinion")
    await expect(on_screen).to_contain_text("多练灭火器", timeout=60_000)
    await press(desk, "opinion-undo")
    await expect(on_screen).not_to_contain_text("多练灭火器", timeout=60_000)
    await expect(control(desk, "saying")).to_have_attribute("aria-current", "true")
    await desk.page.keyboard.press("a")
    await expect(on_screen).to_contain_text("多练灭火器", timeout=60_000)
    await desk.page.keyboard.press("Escape")
    await press(desk, f"stop-{ask}")
    await expect(control(phone, "opinions")).to_contain_text("多练灭火器", timeout=60_000)


async def test_a_question_planned_for_a_chapter_is_launched_by_the_house(house: House, browser: Browser) -> None:
    admin = await enter(browser, house, "manage", "admin", "/")
    lesson = await command(
        admin, "/lessons", title="安全生产月", unit_id=demo_id("某集团党委"), lecturer_id=demo_id("lecturer"),
        starts_at="2026-11-23T01:00:00Z", ends_at="2026-11-23T02:30:00Z", venues=[],
    )  # fmt: skip
    at = f"/lessons/{lesson['id']}"
    asked = {"kind": "single", "options": ["干粉灭火器", "水"], "correct": [0], "seconds": 60}
    for text in ("电气火灾先断电，再用什么灭火？", "配电箱前多少米内不堆放杂物？"):
        await command(admin, f"{at}/questions", text=text, **asked)
    await admin.page.goto(f"{admin.origin}/manage{at}")
    await press(admin, "plan-launch")
    await press(admin, "plan-question-1")  # not the first, the second
    await press(admin, "plan-question-2")
    await control(admin, "plan-number").fill("30")
    await press(admin, "plan-send")
    await expect(control(admin, "planned")).to_contain_text("上课后 30 分钟")

    for event in ("schedule", "open", "start"):
        await command(admin, f"{at}/transitions", event=event)
    desk = await enter(browser, house, "desk", "lecturer", f"/desk/{lesson['id']}")
    planned = control(desk, "planned")
    await expect(planned).to_contain_text(re.compile("2[89]:[0-9]{2} 后发布"))
    await press(desk, "plan-launch")
    await press(desk, "plan-chapter")
    await press(desk, "plan-send")
    await expect(planned).to_contain_text("第 1 次标记章节时")
    await press(desk, "mark-chapter")
    await expect(planned.get_by_text(re.compile("00:(0[0-9]|10) 后发布"))).to_be_visible()
    running = desk.page.locator("[data-testid=run-of-show] [data-state=running]")
    await expect(running).to_contain_text("电气火灾先断电", timeout=60_000)
    await expect(planned).not_to_contain_text("第 1 次标记章节时")

    await press(desk, "planned-later")
    await expect(planned).to_contain_text(re.compile("3[34]:[0-9]{2} 后发布"))
    await press(desk, "planned-cancel")
    await desk.page.get_by_role("dialog").get_by_role("button", name="取消预约").click()
    await expect(planned).to_be_hidden()
