"""The faces of keeping house, at one running server: a roster imported, and the audit log that tells of it."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.inspection import assert_flawless, defects
from tests.browser.media import VENUE
from tests.browser.people import confirm, control, enter, press, read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

HEAD = ("工号", "姓名", "党组织", "人员类别")


@pytest.fixture(scope="module")
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    opened = await launch(playwright, VENUE)
    yield opened
    await opened.close()


def roster(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return path


async def upload(face: Face, path: Path) -> None:
    await expect(control(face, "import-choose")).to_be_visible()
    await face.page.get_by_test_id("import-file").set_input_files(path)
    await expect(control(face, "import")).to_be_visible(timeout=60_000)


async def test_a_roster_is_looked_through_mended_and_imported(
    house: House, browser: Browser, tmp_path: Path, artifacts: Path
) -> None:
    admin = await enter(browser, house, "admin", "admin", "/manage/organisation")
    await press(admin, "to-imports")
    wrong = [
        (f"{50000 + at}", f"新学员{at}", "没有的党支部" if at % 2 else "综合党支部", "预备党员") for at in range(3000)
    ]
    await upload(admin, roster(tmp_path / "名单.csv", wrong))
    await expect(control(admin, "figure-errors")).to_have_text("1,500")
    await expect(control(admin, "issue-C3")).to_contain_text("没有这个党组织")
    await expect(control(admin, "issues").locator("table")).to_have_attribute("aria-rowcount", "1501")  # all are read
    assert await admin.page.locator("[data-testid^=issue-]").count() < 100
    await control(admin, "issues").evaluate("element => element.scrollTo(0, element.scrollHeight)")
    await expect(control(admin, "issue-C3001")).to_be_visible()
    await expect(admin.page.get_by_test_id("import-apply")).to_have_count(0)
    found = await defects(admin)
    await admin.page.screenshot(path=artifacts / "screenshots" / "import-errors-1440.png")

    await press(admin, "import-again")
    mended = [(number, name, "综合党支部", kind) for number, name, _, kind in wrong[:40]]
    await upload(admin, roster(tmp_path / "改好的名单.csv", mended))
    await expect(control(admin, "figure-created")).to_have_text("40")
    found += await defects(admin)
    await confirm(admin, "import-apply")
    await admin.page.goto(f"{house.origin}/manage/organisation/imports")  # left, and come back to
    await expect(control(admin, "imports").locator("[data-state=done]")).to_have_count(1, timeout=60_000)
    await admin.page.get_by_role("link", name="改好的名单.csv").click()
    await expect(control(admin, "import-done")).to_contain_text("40")
    assert (await read(admin, "/members?q=50039"))["total"] == 1
    await press(admin, "import-codes")
    await expect(control(admin, "accounts")).to_contain_text("新学员")
    assert_flawless(found)


async def test_the_audit_log_is_filtered_by_the_address_and_verified(
    house: House, browser: Browser, artifacts: Path
) -> None:
    await enter(browser, house, "admin", "admin", "/")  # a line of somebody else's
    auditor = await enter(browser, house, "auditor", "auditor", "/manage/audit")
    await control(auditor, "audit-who").fill("admin")
    await press(auditor, "audit-find")
    await auditor.page.wait_for_url(lambda url: "who=admin" in url)
    rows = control(auditor, "audit-lines").locator("tr.line")
    await expect(rows.filter(has_text="审计管理员")).to_have_count(0)
    await expect(rows.filter(has_text="登录与密码").first).to_be_visible()
    await control(auditor, "audit-noun").select_option("session")
    await auditor.page.wait_for_url(lambda url: "noun=session" in url)
    await auditor.page.reload()
    await expect(control(auditor, "audit-who")).to_have_value("admin")
    await rows.first.click()
    await expect(control(auditor, "audit-detail")).to_contain_text("POST /session")
    await press(auditor, "audit-verify")
    await expect(control(auditor, "audit-verdict")).to_contain_text("完好", timeout=60_000)
    found = await defects(auditor)
    await auditor.page.screenshot(path=artifacts / "screenshots" / "audit-1440.png")
    await press(auditor, "audit-clear")
    await auditor.page.wait_for_url(lambda url: "who=" not in url and "noun=" not in url)
    assert_flawless(found)
