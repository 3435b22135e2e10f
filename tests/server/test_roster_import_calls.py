"""Rosters over the API: the template filled in, errors loaded down, and what goes out of this house in tables."""

import asyncio
import csv
import io
import uuid

import pytest
import python_calamine
import xlsxwriter

from server.domain.cells import active
from server.services.demo import demo_id
from server.web import api
from server.web.sheets import csv_bytes

from .conftest import own_school, problem_of

school, admin, director, lecturer, member = own_school()

IMPORTS, EXPORT = "/api/v1/roster-imports", "/api/v1/roster-export"
TABLE_TYPES = {"text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
ROGUES = ["=cmd()", "+1", "-1+1", "@a", "\tx", "\rx", "＝cmd()", "－1", "＋1", "＠a", " =1", "\u3000=1"]


def opened(content, sheet=0):
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(sheet).to_python()


async def send(person, content, name="名单.xlsx", **more):
    query = {"command_id": str(uuid.uuid4()), "name": name, **more}
    headers = {"Content-Type": "application/octet-stream"}
    return await person.ask("POST", IMPORTS, params=query, data=content, headers=headers)


def filled(titles, *rows):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("名单")
        for at, row in enumerate([titles, *rows]):
            for column, text in enumerate(row):
                page.write_string(at, column, text)
    return out.getvalue()


async def ended(admin, one):
    async with asyncio.timeout(60):
        while True:
            now = (await admin.get(f"{IMPORTS}/{one['id']}")).json
            if now["state"] not in {"checked", "applying"}:
                return now
            await asyncio.sleep(0.05)


async def test_the_template_is_filled_in_looked_through_confirmed_and_loaded_down_again(admin):
    template = await admin.get(f"{IMPORTS}/template")
    titles = opened(template.body)[0]
    assert titles[:4] == ["工号*", "姓名*", "党组织*", "人员类别*"]
    assert len(opened(template.body, 1)) > len(titles)
    number = f"r{uuid.uuid4().hex[:8]}"
    row = [number, "新学员", "机关党总支/综合党支部", "发展对象", "", "13800000000", "", ""]
    answer = await send(admin, filled(titles, row))
    assert answer.status == 201, answer.text
    checked = answer.json
    assert (checked["state"], checked["created"], checked["errors"]) == ("checked", 1, 0)
    applied = await admin.command(f"{IMPORTS}/{checked['id']}/apply")
    assert (applied.status, applied.json["state"]) == (200, "applying")
    assert (await ended(admin, checked))["state"] == "done"
    assert (await admin.get(IMPORTS)).json["items"][0]["id"] == checked["id"]
    assert [number, "新学员", "综合党支部", "发展对象"] in [line[:4] for line in opened((await admin.get(EXPORT)).body)]
    for form, charset in (("csv", "utf-8-sig"), ("gb18030", "gb18030")):
        body = (await admin.get(EXPORT, params={"format": form})).body
        assert number in [line[0] for line in csv.reader(io.StringIO(body.decode(charset)))]
        again = (await send(admin, body, "名单.csv")).json
        assert (again["errors"], again["unchanged"]) == (0, again["rows"]), again["issues"]
    problem_of(await admin.command(f"{IMPORTS}/{checked['id']}/apply"), 409, "import_over")


async def test_errors_are_named_by_cell_and_loaded_down_and_nothing_of_it_is_imported(admin):
    titles = ["工号", "姓名", "党组织", "人员类别"]
    rows = [["x1", "=cmd()", "综合党支部", "正式党员"], ["x2", "乙", "没有的支部", "正式党员"]]
    checked = (await send(admin, filled(titles, *rows))).json
    assert [(issue["cell"], issue["fault"]) for issue in checked["issues"]] == [
        ("B2", "formula"),
        ("C3", "unit_unknown"),
    ]
    problem_of(await admin.command(f"{IMPORTS}/{checked['id']}/apply"), 409, "import_has_errors")
    errors = opened((await admin.get(f"{IMPORTS}/{checked['id']}/errors")).body)
    assert errors[1][:3] == ["名单", "B2", "'=cmd()"]
    page = (await admin.get(f"{IMPORTS}/{checked['id']}/issues?limit=1&cursor=1")).json
    assert ([issue["cell"] for issue in page["items"]], page["next_cursor"]) == (["C3"], None)
    gone = await admin.post(f"{IMPORTS}/{checked['id']}/cancel")
    assert (gone.status, gone.json["state"]) == (200, "cancelled")


async def test_who_edits_no_people_imports_none(school, member):
    secretary = await school.person("secretary")
    for person in (member, secretary):
        problem_of(await send(person, b"x"), 403, "forbidden")
        problem_of(await person.get(IMPORTS), 403, "forbidden")
    problem_of(await member.get(EXPORT), 403, "forbidden")
    units = {line[2] for line in opened((await secretary.get(EXPORT)).body)[1:]}
    assert units == {"综合党支部"}


async def test_what_is_no_table_is_refused(admin):
    problem_of(await send(admin, b"%PDF-1.7"), 422, "table_no_titles")
    problem_of(await send(admin, io.BytesIO(bytes((16 << 20) + 1))), 413, "file_too_large")


# ---- every table that leaves the house ---------------------------------------------------------------------


def cells_of(answer):
    """None for what is no table."""
    if answer.headers["Content-Type"].partition(";")[0] == "text/csv":
        charset = "gb18030" if "gb18030" in answer.headers["Content-Type"] else "utf-8-sig"
        return [cell for line in csv.reader(io.StringIO(answer.body.decode(charset), newline="")) for cell in line]
    return [str(cell) for line in opened(answer.body) for cell in line]


@pytest.mark.parametrize("rogue", ROGUES)
def test_the_one_way_out_makes_words_of_formulas(rogue):
    body = csv_bytes([[rogue]]).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(body, newline=""))) == [f"'{rogue}"]


def test_a_number_below_zero_stays_a_number():
    body = csv_bytes([["-2.00", "-200", "-"]]).decode("utf-8-sig")
    assert body == "-2.00,-200,'-\r\n"


async def test_no_call_that_answers_with_a_table_lets_a_formula_out(school, admin):
    """Whatever answers with CSV or XLSX has names and words of people in it: here they are formulas."""
    lesson = await school.new_lesson(admin, until="live")
    path = f"/api/v1/lessons/{lesson['id']}"
    member = await school.person("10001")
    asked = await member.command(f"{path}/inquiries", text="=cmd|' /C calc'!A0")
    assert asked.status == 201, asked.text
    unit = (await admin.get("/api/v1/units")).json["items"][-1]
    row = {"kind": "guest", "unit_id": unit["id"], "since": "2026-01-01", "phone": "+86 138 0000 0000"}
    entered = await admin.command("/api/v1/members", number=f"r{uuid.uuid4().hex[:8]}", name="＝cmd()", **row)
    assert entered.status == 201, entered.text
    await admin.command(f"{path}/roll-calls")
    checked = (await send(admin, filled(["工号", "姓名", "党组织", "人员类别"], ["1", "=cmd()", "-", "@a"]))).json
    ids = {"lesson_id": lesson["id"], "import_id": checked["id"], "unit_id": lesson["unit"]["id"]}
    tables, rogues = [], 0
    for endpoint in api.endpoints():
        if endpoint.method != "GET" or endpoint.access != "session" or not endpoint.parts.keys() <= ids.keys():
            continue
        for form in ("xlsx", "csv", "gb18030") if "format" in getattr(endpoint.query, "model_fields", ()) else (None,):
            query = {"format": form} if form else {}
            answer = await admin.ask("GET", endpoint.path.format(**ids), params=query)
            if answer.headers.get("Content-Type", "").partition(";")[0] not in TABLE_TYPES:
                continue
            tables.append(endpoint.name)
            cells = cells_of(answer)
            assert [cell for cell in cells if active(cell)] == [], endpoint.path
            rogues += sum(cell.startswith("'") for cell in cells)
    assert {"get_export", "get_sheet", "get_template", "get_import_errors", "get_roster_export"} <= set(tables)
    assert rogues >= 8


# ---- questions come and go the same way -------------------------------------------------------------------

BANK = "/api/v1/bank"


async def bring(person, content, unit="某集团党委", **more):
    query = {"command_id": str(uuid.uuid4()), "unit_id": demo_id(unit), "name": "题目.xlsx", **more}
    headers = {"Content-Type": "application/octet-stream"}
    return await person.ask("POST", f"{BANK}-imports", params=query, data=content, headers=headers)


async def test_the_template_of_questions_is_filled_in_confirmed_and_what_is_exported_changes_nothing(admin, member):
    template = (await admin.get(f"{BANK}-template")).body
    titles, examples = opened(template)[0], opened(template, 1)[1:]
    assert titles[:2] == ["题型*", "题干*"]
    assert len(examples) == 7  # one of each kind: what it says of itself can be imported
    content = filled(titles, *examples)
    looked = await bring(admin, content)
    assert (looked.status, looked.json["created"], looked.json["errors"]) == (201, 7, 0)
    assert (await admin.get(f"{BANK}?q=火警电话")).json["total"] == 0
    done = await bring(admin, content, plan=looked.json["plan"])
    assert done.json["applied"]
    assert (await admin.get(f"{BANK}?q=火警电话")).json["total"] == 2
    for form in ("xlsx", "csv", "gb18030"):
        again = await bring(admin, (await admin.get(f"{BANK}-export?format={form}")).body)
        assert (again.json["unchanged"], again.json["created"], again.json["changed"]) == (7, 0, 0)
    for path in (f"{BANK}-template", f"{BANK}-export", BANK):
        problem_of(await member.get(path), 403, "forbidden")
    problem_of(await bring(member, content), 403, "forbidden")


async def test_a_question_that_a_spreadsheet_would_reckon_with_leaves_as_words(admin):
    options = ["=1+1", "－2", "@a", "+3"]
    fields = {"kind": "single", "text": "=cmd()", "options": options, "correct": [0], "tags": ["公式"]}
    assert (await admin.command(BANK, unit_id=demo_id("某集团党委"), **fields)).status == 201
    row = opened((await admin.get(f"{BANK}-export?tag=公式")).body)[1]
    assert [text for text in row if active(text)] == []
    assert row[1:6] == ["'=cmd()", "'=1+1", "'－2", "'@a", "'+3"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table_no_titles"),
        (b"PK\x03\x04 no workbook", "table_broken"),
        ("工号,姓名\n1,甲\n".encode(), "table_no_titles"),
        ("题型,题干\n词云,一\x00词\n".encode(), "table_broken"),
    ],
)
async def test_what_is_no_table_of_questions_is_refused(admin, content, code):
    problem_of(await bring(admin, content), 422, code)


async def test_a_plan_that_was_not_shown_is_not_done(admin):
    content = filled(["题型", "题干"], ["词云", "一个词"])
    problem_of(await bring(admin, content, plan="0" * 64), 409, "bank_import_outdated")
    wrong = filled(["题型", "题干"], ["词云", ""])
    looked = (await bring(admin, wrong)).json
    assert [issue["cell"] for issue in looked["issues"]] == ["B2"]
    problem_of(await bring(admin, wrong, plan=looked["plan"]), 409, "bank_import_has_errors")


@pytest.mark.parametrize(
    "path", [f"{BANK}?q=%00", f"{BANK}?tag=a%00", f"{BANK}-export?q=%00", "/api/v1/legal-holds/lessons?q=%00"]
)
async def test_what_no_database_can_look_for_is_refused(admin, path):
    problem_of(await admin.get(path), 422, "invalid_body")
