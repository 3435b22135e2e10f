"""A year of credit as its people go through it: rules, targets, who is short, who is asked, and what stands behind it.

Two past lessons make one member of a branch of twenty reach 32 学时 and leave the others short.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import uuid
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, expect

from server.services.demo import ROOT, demo_id
from tests.browser.album import Album
from tests.browser.eyes import Face
from tests.browser.people import control, press, read

GENERAL_BRANCH, BRANCH = "机关党总支", "综合党支部"
READY, SHORT = ("10002", "学员甲02"), ("10001", "学员甲01")
LONG_COURSE, THEME_DAY = 2800, 400
MEMBERS, IN_BRANCH = 120, 20
CHINA = dt.timezone(dt.timedelta(hours=8))


async def ask(face: Face, path: str, **body: Any) -> dict[str, Any]:
    """A command, as the page of whoever ``face`` is would send it."""
    sent = {"command_id": str(uuid.uuid4()), **body}
    answer = await face.page.request.post(f"{face.origin}/api/v1{path}", data=sent, headers={"Origin": face.origin})
    assert answer.ok, f"{answer.status} {path}: {await answer.text()}"
    return await answer.json()


async def open_lesson(admin: Face, title: str, hundredths: int, *numbers: str) -> str:
    """A lesson of a room without a picture; these members are there. Returns its id."""
    now = dt.datetime.now(dt.UTC)
    plan = {
        "title": title,
        "unit_id": demo_id(ROOT),
        "starts_at": now.isoformat(),
        "ends_at": (now + dt.timedelta(hours=1)).isoformat(),
        "kind": "theme_day",
        "media": False,
        "credit_hundredths": hundredths,
        "venues": [{"venue_id": demo_id("第一分会场"), "part": "branch"}],
    }
    lesson = str((await ask(admin, "/lessons", **plan))["id"])
    await move(admin, lesson, "schedule", "open")
    for number in numbers:
        helped = {"member_id": demo_id(f"member {number}"), "reason": "现场登记"}
        await ask(admin, f"/lessons/{lesson}/assisted-sign-ins", **helped)
    return lesson


async def move(admin: Face, lesson: str, *events: str) -> None:
    for event in events:
        await ask(admin, f"/lessons/{lesson}/transitions", event=event)


async def past_lessons(admin: Face) -> str:
    """Settled: a long course for one, a theme day for two. Returns the theme day's id."""
    course = await open_lesson(admin, "安全管理集中培训", LONG_COURSE, READY[0])
    await move(admin, course, "start", "end", "settle")
    day = await open_lesson(admin, "节能降耗主题党日", THEME_DAY, READY[0], SHORT[0])
    await move(admin, day, "start", "end", "settle")
    return day


async def new_version(admin: Face, lesson: str, album: Album) -> None:
    """Of the rule of lessons: looked at before it is made, with whom it would differ for; the past stays."""
    await admin.page.goto(f"{admin.origin}/manage/credit-rules")
    old = (await read(admin, "/credit-rules"))["items"][0]
    await press(admin, f"renew-{old['id']}")
    await control(admin, "rule-values").check()
    await control(admin, "rule-kind-theme_day").fill("3")
    await control(admin, "preview-lesson").select_option(lesson)
    await press(admin, "preview-look")
    found = control(admin, "preview-found")
    await expect(row(found, SHORT[1])).to_contain_text("4 → 3")
    await expect(row(found, READY[1])).to_contain_text("4 → 3")
    await expect(found.get_by_role("listitem")).to_have_count(2)
    await album.study(admin, "rule-preview", found)
    await press(admin, "rule-save")
    rules = control(admin, "rules")
    await expect(rules.get_by_role("listitem")).to_have_count(2)
    await expect(rules.get_by_role("listitem").first).to_contain_text(f"第 {old['version'] + 1} 版")
    await album.study(admin, "rules")
    made = {rule["version"]: rule for rule in (await read(admin, "/credit-rules"))["items"]}
    assert made[old["version"] + 1]["worth"]["kinds"] == {"theme_day": 300}


async def targets(admin: Face, album: Album) -> None:
    """32 for members, 56 for secretaries; nothing is asked of anybody else."""
    await admin.page.goto(f"{admin.origin}/manage/credit-rules/years")
    await press(admin, "new-year")
    await press(admin, "year-save")
    await expect(control(admin, "year-form").get_by_role("alert")).to_have_count(1)  # it has no name yet
    await control(admin, "year-name").fill("年度学时要求")
    for role, hours in (("full", "32"), ("secretary", "56"), ("probationary", ""), ("committee", "")):
        await control(admin, f"target-{role}").fill(hours)
    await album.study(admin, "year-form")
    await press(admin, "year-save")
    await expect(control(admin, "year-rules")).to_contain_text("正式党员 32 学时 · 支部书记 56 学时")
    await album.study(admin, "year-rules")


async def own_page(member: Face, album: Album) -> None:
    """The ring says how much of 32 is there, and a pressed entry what stands behind it."""
    await member.page.goto(f"{member.origin}/credit")
    target = control(member, "year-target")
    await expect(target).to_have_attribute("data-state", "short")
    await expect(target).to_contain_text("4 / 32 学时")
    await expect(target).to_contain_text("还差 28 学时")
    await expect(target.get_by_test_id("progress")).to_have_attribute("data-percent", "12")
    await press(member, "credit-entry")
    evidence = control(member, "entry-evidence")
    await expect(evidence).to_have_attribute("data-ready", "true")
    await behind(evidence)
    await album.study(member, "own-year", evidence)


async def behind(evidence: Locator) -> None:
    """How the one signed in, whether he stayed, and that the rule of then counts, not the one made since."""
    for words in ("协助签到", "100%", "集中学习学时规则", "第 1 版"):
        await expect(evidence).to_contain_text(words)


async def branch_list(secretary: Face, member: Face, album: Album) -> None:
    """Who is short stands first; one press reminds them all, each by a letter; the list is confirmed."""
    await secretary.page.goto(f"{secretary.origin}/credit/branch")
    rows = secretary.page.get_by_test_id("year-row")
    await expect(rows).to_have_count(IN_BRANCH)
    states = [await each.get_attribute("data-state") for each in await rows.all()]
    assert states == ["short"] * (IN_BRANCH - 1) + ["met"]
    await expect(rows.filter(has_text=SHORT[1])).to_contain_text("还差 28 学时")
    await album.study(secretary, "branch-before")
    await press(secretary, "year-remind-all")
    await expect(control(secretary, "year-reminded")).to_contain_text(f"已提醒 {IN_BRANCH - 1} 人")
    await expect(secretary.page.get_by_test_id("year-remind-all")).to_have_count(0)
    await member.page.goto(f"{member.origin}/")
    letter = control(member, "inbox-card").get_by_test_id("letter-credit_short")
    await expect(letter).to_contain_text("还差 28 学时")
    await letter.get_by_role("link").click()
    await expect(control(member, "year-reminder")).to_contain_text("综合支部书记")
    await expect(control(member, "year-reminder")).to_contain_text("还差 28 学时")
    await album.study(member, "reminded")
    sheet = control(secretary, "year-confirmation")
    await expect(sheet).to_have_attribute("data-confirmed", "false")
    await press(secretary, "year-confirm")
    await press(secretary, "confirm-yes")
    await expect(sheet).to_have_attribute("data-confirmed", "true")
    await expect(sheet).to_contain_text("第 1 版，综合支部书记")
    await album.study(secretary, "branch-confirmed", sheet)


async def down_the_tree(admin: Face, album: Album) -> None:
    """From the school's ratios to a general branch, a branch, a member, an entry, and what stands behind it."""
    await admin.page.goto(f"{admin.origin}/manage/credit-year")
    await expect(control(admin, "year-sum")).to_contain_text(f"1 / {MEMBERS} 人达标")
    await album.study(admin, "year-school")
    for unit, ratio in ((GENERAL_BRANCH, "1.6%"), (BRANCH, "5.0%")):
        line = row(control(admin, "year-units"), unit)
        await expect(line).to_contain_text(ratio)
        await line.get_by_role("button", name=unit).click()
        await expect(control(admin, "crumbs").locator("[aria-current=page]")).to_have_text(unit)
    await expect(control(admin, "year-sum")).to_contain_text(f"1 / {IN_BRANCH} 人达标")
    await album.study(admin, "year-branch")
    for name, magic in (("导出 Excel", b"PK"), ("导出 PDF", b"%PDF")):
        async with admin.page.expect_download() as file:
            await admin.page.get_by_role("link", name=name).click()
        path = Path(await (await file.value).path())
        assert (await asyncio.to_thread(path.read_bytes)).startswith(magic)
    await control(admin, "year-people").get_by_role("link", name=SHORT[1]).click()
    await expect(control(admin, "member-year")).to_have_attribute("data-total", str(THEME_DAY))
    await control(admin, "member-entries").get_by_role("button").click()
    await behind(control(admin, "entry-evidence"))
    await album.study(admin, "year-member")
    await control(admin, "crumbs").get_by_role("link", name=BRANCH).click()
    await expect(control(admin, "year-people").get_by_role("listitem")).to_have_count(IN_BRANCH)


async def corrected(admin: Face, member: Face, secretary: Face, album: Album) -> None:
    """Half of an entry is taken back: the member reads by whom and why, and the confirmed list is confirmed again."""
    await admin.page.goto(f"{admin.origin}/manage/credit-year/{demo_id(f'member {SHORT[0]}')}")
    await control(admin, "member-entries").get_by_role("button").click()
    await press(admin, "entry-correct")
    await control(admin, "entry-hours").fill("2")
    await control(admin, "entry-reason").fill("核对登记表，只参加了上半场。")
    await album.study(admin, "correcting")
    await press(admin, "entry-sure")
    await expect(control(admin, "member-year")).to_have_attribute("data-total", str(THEME_DAY - 200))
    await expect(control(admin, "member-entries").get_by_text("节能降耗主题党日")).to_have_count(2)
    await member.page.goto(f"{member.origin}/credit")
    await expect(control(member, "year-target")).to_contain_text("2 / 32 学时")
    await member.page.get_by_test_id("credit-entry").first.click()
    await expect(control(member, "entry-evidence")).to_contain_text("只参加了上半场")
    await album.study(member, "corrected")
    await secretary.page.goto(f"{secretary.origin}/credit/branch")
    sheet = control(secretary, "year-confirmation")
    await expect(sheet).to_contain_text("确认之后名单有变化")
    await press(secretary, "year-confirm")
    await press(secretary, "confirm-yes")
    await expect(sheet).to_have_attribute("data-confirmed", "true")
    await expect(sheet).to_contain_text("第 2 版")


async def positions(admin: Face, member: Face, album: Album) -> None:
    """Who is entered as a branch's secretary is held against the secretaries' target."""
    await admin.page.goto(f"{admin.origin}/manage/credit-rules/roles")
    await press(admin, "add-role")
    await control(admin, "role-search").fill(SHORT[1])
    await press(admin, f"pick-{SHORT[0]}")
    await control(admin, "role-kind").select_option("secretary")
    await control(admin, "role-reason").fill("任支部书记")
    await album.study(admin, "role-form")
    await press(admin, "role-save")
    await expect(row(control(admin, "study-roles"), SHORT[1])).to_contain_text("支部书记")
    await album.study(admin, "roles")
    await member.page.goto(f"{member.origin}/credit")
    await expect(control(member, "year-target")).to_contain_text("2 / 56 学时")
    await expect(control(member, "year-target").get_by_test_id("progress")).to_have_attribute("data-percent", "3")


async def overseen(admin: Face, secretary: Face, album: Album) -> None:
    """A lesson goes on and a branch is missing: looked at by name, asked by a day, answered by its secretary,
    closed above; a letter leads each of them to it.
    """
    await open_lesson(admin, "消防器材使用", THEME_DAY, READY[0])
    await admin.page.goto(f"{admin.origin}/manage/upward")
    lesson = admin.page.get_by_test_id("live-lesson").filter(has_text="消防器材使用")
    await expect(row(lesson, BRANCH)).to_contain_text(f"1/{IN_BRANCH}")
    await album.study(admin, "live")
    await row(lesson, BRANCH).get_by_role("link", name="未到 19 人").click()
    await expect(control(admin, "missing").get_by_role("listitem")).to_have_count(IN_BRANCH - 1)
    await press(admin, "to-live")
    await row(lesson, BRANCH).get_by_role("button", name="发起督办").click()
    await expect(control(admin, "oversight-unit")).to_have_value(demo_id(BRANCH))
    await expect(control(admin, "oversight-text")).to_have_value(re.compile("^《消防器材使用》.*未到 19 人"))
    due = (dt.datetime.now(CHINA).date() + dt.timedelta(days=10)).isoformat()
    await admin.page.get_by_label("办理期限").fill(due)
    await album.study(admin, "oversight-form")
    await press(admin, "oversight-send")
    item = control(admin, f"oversight-{BRANCH}")
    await expect(item).to_contain_text(f"期限 {due}")
    await expect(item).to_contain_text("待答复")

    await secretary.page.goto(f"{secretary.origin}/")
    asked = control(secretary, "inbox-card").get_by_test_id("letter-oversight_asked")
    await expect(asked).to_contain_text(f"请在 {due} 前答复")
    await asked.get_by_role("link").click()
    await press(secretary, "act-answer")
    await control(secretary, "oversight-say").fill("19 人当天倒班，已安排本周内补学。")
    await album.study(secretary, "oversight-answer")
    await press(secretary, "oversight-take")
    await expect(control(secretary, f"oversight-{BRANCH}")).to_contain_text("待办结")

    await admin.page.goto(f"{admin.origin}/inbox")
    await control(admin, "letter-oversight_answered").get_by_role("link").click()
    await expect(item).to_contain_text("已安排本周内补学")
    await press(admin, "oversight-answered")
    await expect(item).to_contain_text("已安排本周内补学")
    await press(admin, "act-close")
    await control(admin, "oversight-say").fill("情况属实，请按安排落实。")
    await press(admin, "oversight-take")
    await expect(admin.page.get_by_test_id(f"oversight-{BRANCH}")).to_have_count(0)  # no longer among the answered
    await press(admin, "oversight-closed")
    await expect(item).to_contain_text("情况属实")
    await album.study(admin, "oversight-closed")


def row(within: Locator, words: str) -> Locator:
    return within.get_by_role("listitem").filter(has_text=words)
