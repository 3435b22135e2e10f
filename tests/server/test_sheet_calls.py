"""签到表 over the API: seen, confirmed, corrected, superseded, loaded down and verified."""

import io
import sqlite3
import uuid

import openpyxl
import pypdfium2
import pytest
import python_calamine

from server.app.sheet_check import report
from server.domain.calendar import Calendar
from server.domain.cells import active
from server.services.demo import demo_id

from .conftest import problem_of

UNIT = demo_id("综合党支部")


def cells_of(content):
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row if cell != ""]


def text_of(content):
    pages = pypdfium2.PdfDocument(content)
    return "".join(page.get_textpage().get_text_range() for page in pages).replace(" ", "")


@pytest.fixture(scope="module")
async def secretary(school):
    return await school.person("secretary")


@pytest.fixture(scope="module")
async def held(school, admin, secretary):
    """A lesson that is over: one came by herself, one was helped by somebody whose reason is a formula."""
    lesson = await school.new_lesson(admin, until="live", venues=False)
    path = f"/api/v1/lessons/{lesson['id']}"
    await (await school.person("10001")).command(f"{path}/sign-in", way="phone")
    people = (await secretary.get(f"{path}/missing")).json["items"]
    helped = await secretary.command(
        f"{path}/assisted-sign-ins", member_id=people[0]["member_id"], lesson_venue_id=None, reason="=cmd()"
    )
    assert helped.status == 200, helped.text
    ended = await admin.command(f"{path}/transitions", event="end")
    assert ended.status == 200, ended.text
    return path, [one["member_id"] for one in people[1:]]


async def confirm(secretary, path, **more):
    seen = (await secretary.get(f"{path}/sheets/{UNIT}")).json
    return await secretary.command(f"{path}/sheets/{UNIT}", digest=seen["digest"], **more)


async def test_a_sheet_goes_its_way_from_draft_to_superseded(school, held, admin, secretary, tmp_path):
    path, missing = held
    draft = await secretary.get(f"{path}/sheets/{UNIT}/file")
    assert draft.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert {"草稿 · 尚未确认，仅供核对", "协助签到", "'=cmd()", "10001"} <= set(cells_of(draft.body))
    reasons = [{"member_id": missing[0], "reason": "=HYPERLINK()"}]
    first = await confirm(secretary, path, reasons=reasons)
    assert (first.status, first.json["version"]) == (201, 1), first.text
    problem_of(await confirm(secretary, path, reasons=reasons), 409, "sheet_same")
    said = {"member_id": missing[1], "standing": "present", "reason": "本人在场"}
    assert (await secretary.command(f"{path}/corrections", **said)).status == 201
    problem_of(await confirm(secretary, path), 422, "sheet_needs_reason")
    second = await confirm(secretary, path, why="补录一人")
    assert (second.status, second.json["version"], second.json["previous"]) == (201, 2, first.json["digest"])
    for one, words, told in ((first, "已被取代", "HYPERLINK"), (second, "已确认 · 第 2 版", "本人在场")):
        file = await secretary.get(f"/api/v1/sheets/{one.json['id']}/file")
        cells = cells_of(file.body)
        assert any(cell.startswith(words) for cell in cells)
        assert {first.json["digest"], second.json["digest"]} <= set(cells)
        assert [cell for cell in cells if active(cell)] == []
        printed = await secretary.get(f"/api/v1/sheets/{one.json['id']}/file", params={"format": "pdf"})
        assert printed.headers["Content-Type"] == "application/pdf"
        text = text_of(printed.body)
        assert words.replace(" ", "") in text
        assert [each for each in ("学员甲01", "协助签到", told) if each not in text] == []
        checked = (await admin.get(f"/api/v1/sheets/{one.json['id']}/verification")).json
        assert (checked["intact"], checked["logged"], checked["computed"]) == (True, True, one.json["digest"])
    await the_command_tells_what_was_confirmed(school, secretary, tmp_path, first.json, second.json)

    listed = (await secretary.get(f"{path}/sheets")).json["items"]
    assert [(one["unit"]["id"], one["version"], one["sheet_id"]) for one in listed] == [(UNIT, 2, second.json["id"])]


async def the_command_tells_what_was_confirmed(school, secretary, folder, first, second):
    """Of files as they were loaded down, of one that was forged afterwards, and of one whose copy in the log of events
    says otherwise.
    """
    files = {}
    for one, format_ in ((first, "xlsx"), (second, "pdf"), (second, "xlsx")):
        answer = await secretary.get(f"/api/v1/sheets/{one['id']}/file", params={"format": format_})
        files[one["version"], format_] = folder / f"{one['version']}.{format_}"
        files[one["version"], format_].write_bytes(answer.body)

    async def said(file, database=school.settings.database):
        return await report(database, file, Calendar())

    text, code = await said(files[1, "xlsx"])
    assert (code, "完好" in text, "已被第 2 版取代" in text) == (0, True, True), text
    for kind in ("pdf", "xlsx"):
        text, code = await said(files[2, kind])
        assert (code, second["digest"] in text, "取代" in text) == (0, True, False), text
    text, code = await said(forged(files[2, "xlsx"], "学员甲01", "学员甲99"))
    assert (code, "文件与确认的内容不符" in text, "学员甲99" in text) == (1, True, True), text
    text, code = await said(forged(files[2, "xlsx"], second["digest"], "0" * 64))
    assert (code, "没有这份签到表" in text) == (1, True), text
    (folder / "notes.txt").write_text("签到表")
    assert (await said(folder / "notes.txt"))[1] == 3
    assert (await said(folder / "none.xlsx"))[1] == 3

    copy = folder / "copy.sqlite3"
    with sqlite3.connect(school.settings.folder / "dangxiao.sqlite3") as source, sqlite3.connect(copy) as target:
        source.backup(target)
        digest = {"old": second["digest"], "new": "0" * 64}
        target.execute(
            "UPDATE lesson_events SET data = replace(data, :old, :new) WHERE kind = 'sheet.confirmed'", digest
        )
    text, code = await said(files[2, "xlsx"], f"sqlite+aiosqlite:///{copy}")
    assert (code, "与事件记录中的摘要不符" in text) == (1, True), text


def forged(file, old, new):
    """By a spreadsheet program: the cells that said ``old`` say ``new``."""
    book = openpyxl.load_workbook(file)
    cells = [cell for row in book.active.iter_rows() for cell in row if old in str(cell.value)]
    assert cells
    for cell in cells:
        cell.value = cell.value.replace(old, new)
    book.save(file.with_stem("forged"))
    return file.with_stem("forged")


async def test_a_sheet_is_of_nobody_who_does_not_see_the_unit(school, held, secretary, member):
    path, _ = held
    problem_of(await member.get(f"{path}/sheets"), 403, "forbidden")
    problem_of(await secretary.get(f"{path}/sheets/{demo_id('财务党支部')}"), 404, "unit_not_found")
    problem_of(await secretary.get(f"/api/v1/sheets/{uuid.uuid4()}/file"), 404, "sheet_not_found")
    wish = {"digest": "0" * 64}
    problem_of(await member.command(f"{path}/sheets/{UNIT}", **wish), 403, "forbidden")
    problem_of(await secretary.command(f"{path}/sheets/{UNIT}", digest="x"), 422, "invalid_body")
