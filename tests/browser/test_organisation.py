"""Organisation and people in the browser: founded, entered, lent, moved, each from a day on, and found again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.inspection import assert_flawless, defects
from tests.browser.media import VENUE
from tests.browser.people import PHONE, control, enter, press, read
from tests.converting import photos

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

LONG = "某某某某公司第二十三生产作业区设备检修与安全保障中心联合临时功能型党支部委员会"


@pytest.fixture
async def browser(playwright: Playwright) -> Any:
    opened = await launch(playwright, VENUE)
    yield opened
    await opened.close()


async def fill(face: Face, **fields: str) -> None:
    for name, value in fields.items():
        field = control(face, f"step-{name}")
        if await field.evaluate("element => element.tagName") == "SELECT":
            await field.select_option(label=value)
        else:
            await field.fill(value)


async def save(face: Face) -> None:
    await press(face, "step-save")
    await expect(face.page.get_by_test_id("step-form")).to_have_count(0)


async def test_units_and_people_change_from_a_day_on(house: House, browser: Browser, artifacts: Path) -> None:
    found: list[str] = []

    async def keep(face: Face, name: str) -> None:
        width = (face.page.viewport_size or {"width": 0})["width"]
        await face.page.screenshot(path=artifacts / "screenshots" / f"organisation-{name}-{width}.png")
        found.extend(f"{name}: {each}" for each in await defects(face))

    admin = await enter(browser, house, "admin", "admin", "/manage/organisation")
    tree = control(admin, "unit-tree")
    await expect(tree.get_by_role("treeitem")).to_have_count(9)
    await expect(control(admin, "count")).to_contain_text("120")
    await keep(admin, "tree")

    # A branch with a very long name below the general branch, reached by keys.
    await tree.get_by_role("treeitem").first.press("ArrowDown")
    await expect(control(admin, "unit-name")).to_have_text("机关党总支")
    await press(admin, "do-found")
    await fill(admin, name=LONG, day="2026-01-01")
    await expect(control(admin, "step-will")).to_contain_text("机关党总支")
    await keep(admin, "found")
    await save(admin)
    await tree.get_by_role("treeitem", name=LONG).click()
    await expect(control(admin, "unusual")).to_be_visible()
    await keep(admin, "empty")

    # Somebody is entered there, and lent to another branch.
    await press(admin, "enrol")
    await press(admin, "step-save")  # nothing was typed: every fault says what to do
    await keep(admin, "enrol-faults")
    await fill(admin, number="20001", name="曾学员", kind="预备党员", day="2026-01-01", phone="010-12345678")
    await save(admin)
    await press(admin, "member-20001")
    await press(admin, "do-loan")
    await fill(admin, unit="财务党支部")
    await expect(control(admin, "step-will")).to_contain_text("财务党支部")
    await keep(admin, "loan")
    await save(admin)
    await expect(control(admin, "member-file")).to_contain_text("借调")
    await press(admin, "do-kind")
    await fill(admin, kind="正式党员")
    await save(admin)
    await expect(control(admin, "history")).to_contain_text("预备党员 → 正式党员")
    await keep(admin, "member")
    await press(admin, "member-close")

    # Found by pinyin from the top, and listed as borrowed where the person works.
    await tree.get_by_role("treeitem").first.click()
    await control(admin, "find").fill("zengxy")
    await expect(admin.page.get_by_test_id("members")).to_have_count(0)
    await control(admin, "find").fill("zxy")
    await expect(control(admin, "member-20001")).to_be_visible()
    assert "q=zxy" in admin.page.url
    await tree.get_by_role("treeitem", name="财务党支部").click()
    await control(admin, "standing").select_option("borrowed")
    await expect(control(admin, "members")).to_contain_text(f"借自 {LONG}")

    # Moved: the sentence names the day, and the history both places.
    await tree.get_by_role("treeitem", name=LONG).click()
    await press(admin, "do-move")
    await fill(admin, unit="生产党总支")
    await expect(control(admin, "step-will")).to_contain_text("以前的报表不变")
    await save(admin)
    await press(admin, "tab-history")
    await expect(control(admin, "history")).to_contain_text("由“机关党总支”改隶“生产党总支”")
    await keep(admin, "history")
    await press(admin, "tab-rules")
    await keep(admin, "rules")

    # A secretary sees the own branch, keeps its groups, and is offered nothing else.
    secretary = await enter(browser, house, "secretary", "secretary", "/manage/organisation", **PHONE)
    await expect(control(secretary, "unit-tree").get_by_role("treeitem")).to_have_count(1)
    await expect(secretary.page.get_by_test_id("do-rename")).to_have_count(0)
    await press(secretary, "tab-groups")
    await press(secretary, "add-group")
    await fill(secretary, name="第一党小组")
    await save(secretary)
    await expect(control(secretary, "groups")).to_contain_text("第一党小组")
    await keep(secretary, "groups")
    await press(secretary, "tab-people")
    await keep(secretary, "people")
    units = (await read(admin, "/organisation"))["units"]
    assert {unit["name"] for unit in units} >= {LONG, "机关党总支"}
    assert_flawless(found)


QUESTIONS = """题型,题干,选项A,选项B,选项C,答案,计分方式,标签
单选,火警电话是哪一个？,110,119,120,{answer},,消防
多选,哪些可以扑灭电器火灾？,干粉灭火器,二氧化碳灭火器,水,AB,漏选得一半,消防
填空,急救电话是____。,,,,120|一二〇,,急救
"""


async def bring(admin: Face, answer: str) -> None:
    table = QUESTIONS.format(answer=answer).encode("gb18030")
    file = {"name": "题目.csv", "mimeType": "text/csv", "buffer": table}
    await admin.page.get_by_test_id("bank-file").set_input_files(file)  # type: ignore[arg-type]


async def test_questions_are_imported_found_edited_and_taken_for_a_lesson(
    house: House, browser: Browser, artifacts: Path
) -> None:
    found: list[str] = []

    async def keep(face: Face, name: str) -> None:
        await face.page.screenshot(path=artifacts / "screenshots" / f"bank-{name}.png")
        found.extend(f"{name}: {each}" for each in await defects(face))

    admin = await enter(browser, house, "admin", "admin", "/manage/bank")
    await expect(admin.page.get_by_text("题库里还没有题目")).to_be_visible()
    await press(admin, "bank-import")
    await bring(admin, "")
    await expect(control(admin, "bank-issues")).to_contain_text("F2")
    await keep(admin, "wrong")
    await bring(admin, "B")
    await expect(control(admin, "bank-import-fine")).to_contain_text("新增 3 题")
    await press(admin, "bank-apply")
    await expect(control(admin, "bank-import-done")).to_be_visible()
    await press(admin, "bank-import-close")
    rows = admin.page.get_by_test_id("bank-list").locator("li.one")
    await expect(rows).to_have_count(3)

    # Found by a tag, edited: a version more.
    await control(admin, "bank-of-tag").select_option("急救")
    await expect(rows).to_have_count(1)
    assert "tag=" in admin.page.url
    await rows.get_by_test_id("bank-edit").click()
    await control(admin, "bank-blank-0").fill("")
    await press(admin, "bank-save")  # its answer is missing, and said to be
    await expect(admin.page.get_by_text("至少填写一空的答案。")).to_be_visible()
    await control(admin, "bank-blank-0").fill("120 | 一二〇 | 一百二十")

    # With a picture, and the words that go with it; a file that is none is told so.
    picture = {"name": "急救箱.png", "mimeType": "image/png", "buffer": photos.png(320, 200)}
    chooser = admin.page.get_by_test_id("picture-file")
    await chooser.set_input_files({**picture, "mimeType": "application/pdf"})  # type: ignore[arg-type]
    await expect(control(admin, "picture-said")).to_contain_text("请选 PNG、JPG 或 WebP 图片")
    await chooser.set_input_files(picture)  # type: ignore[arg-type]
    await expect(control(admin, "picture-alt")).to_be_visible()
    await press(admin, "bank-save")
    await expect(admin.page.get_by_text("请写明图中内容")).to_be_visible()
    await control(admin, "picture-alt").fill("红色的急救箱")
    await keep(admin, "form")
    await press(admin, "bank-save")
    await expect(rows).to_contain_text("第 2 版")
    shown = rows.get_by_role("img", name="红色的急救箱").first
    await admin.page.wait_for_function("image => image.naturalWidth > 0", arg=await shown.element_handle())
    await rows.get_by_text("版本", exact=True).click()
    await expect(control(admin, "bank-history").locator("li:has(header)")).to_have_count(2)
    await admin.page.keyboard.press("Escape")

    # Taken for a lesson: of every kind, in the order in which they were ticked.
    lesson = (await read(admin, "/lessons?state=scheduled"))["items"][0]
    await admin.page.goto(f"{admin.origin}/manage/lessons/{lesson['id']}")
    await press(admin, "from-bank")
    picks = admin.page.get_by_test_id("pick-list").locator("label")
    await expect(picks).to_have_count(3)
    for text in ("急救电话", "火警电话"):
        await picks.filter(has_text=text).get_by_role("checkbox").check()
    await keep(admin, "pick")
    await press(admin, "pick-take")
    await expect(control(admin, "questions")).to_contain_text("来自题库")
    taken = (await read(admin, f"/lessons/{lesson['id']}/questions"))["items"][-2:]
    assert [each["text"] for each in taken] == ["急救电话是____。", "火警电话是哪一个？"]
    assert taken[0]["picture"]["alt"] == "红色的急救箱"

    # Retired: offered no more, and restored. A member is told who keeps the bank.
    await admin.page.goto(f"{admin.origin}/manage/bank")
    await rows.first.get_by_test_id("bank-retire").click()
    await press(admin, "confirm-yes")
    await expect(rows).to_have_count(2)
    await control(admin, "bank-state").select_option("1")
    await expect(rows).to_have_count(1)
    await press(admin, "bank-restore")
    await expect(admin.page.get_by_text("没有符合条件的题目")).to_be_visible()
    await keep(admin, "none")
    assert_flawless(found)
