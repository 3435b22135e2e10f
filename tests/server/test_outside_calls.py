"""Outside credit over HTTPS: the proof's way in and out, and a table."""

import asyncio
import datetime as dt
import io
import uuid

import pypdfium2
import python_calamine
import xlsxwriter

from server.services.demo import demo_id

from .conftest import problem_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(500)
BYTES = {"Content-Type": "application/octet-stream"}


def query(**more):
    return {"command_id": str(uuid.uuid4()), "name": "证书.png", **more}


async def test_a_proof_comes_is_confirmed_and_is_shown_to_nobody_else(school, member):
    sent = await member.ask("POST", "/api/v1/outside-proofs", params=query(), data=PNG, headers=BYTES)
    assert (sent.status, sent.json["kind"], sent.json["bytes"]) == (201, "png", len(PNG))
    body = {"title": "急救培训", "organiser": "红十字会", "held_on": "2026-01-05", "hundredths": 400}
    made = await member.command("/api/v1/outside-credits", proof_id=sent.json["id"], **body)
    assert (made.status, made.json["may"]) == (201, ["prove", "withdraw"]), made.text
    problem_of(await member.command("/api/v1/outside-credits", **body), 409, "outside_twice")
    secretary = await school.person("secretary")
    listed = (await secretary.get("/api/v1/outside-credits?state=asked")).json["items"]
    assert made.json["id"] in {one["id"] for one in listed}
    path = f"/api/v1/outside-proofs/{sent.json['id']}/file"
    shown = await secretary.get(path)
    assert (shown.body, shown.headers["Content-Type"]) == (PNG, "image/png")
    assert shown.headers["Content-Disposition"].startswith("attachment")
    problem_of(await (await school.person("10061")).get(path), 404, "proof_not_found")
    decided = await secretary.command("/api/v1/outside-credits/decisions", outside_ids=[made.json["id"]], confirm=True)
    assert decided.json["items"][0]["entries"][0]["hundredths"] == 400, decided.text
    mine = (await member.get("/api/v1/outside-credits/mine?year=2026")).json["items"]
    assert [one["state"] for one in mine if one["id"] == made.json["id"]] == ["confirmed"]


async def test_a_proof_of_100_mb_is_refused_before_it_is_read(member):
    """Its length says enough: the body never comes, and the answer does."""

    async def endless():
        yield PNG
        await asyncio.Event().wait()

    headers = {**BYTES, "Content-Length": str(100 << 20)}
    answer = await asyncio.wait_for(
        member.ask("POST", "/api/v1/outside-proofs", params=query(), data=endless(), headers=headers), 20
    )
    problem_of(answer, 413, "file_too_large")
    wrong = await member.ask("POST", "/api/v1/outside-proofs", params=query(), data=b"MZ", headers=BYTES)
    problem_of(wrong, 415, "proof_type_wrong")
    form = await member.ask(
        "POST", "/api/v1/outside-proofs", params=query(), data=PNG, headers={"Content-Type": "image/png"}
    )
    problem_of(form, 415, "unsupported_media_type")


async def test_the_template_filled_in_is_read_as_it_is_given_out(school):
    secretary = await school.person("secretary")
    template = await secretary.get("/api/v1/outside-template")
    assert template.status == 200
    where = query(name="登记表.xlsx", unit_id=demo_id("综合党支部"))
    empty = await secretary.ask("POST", "/api/v1/outside-imports", params=where, data=template.body, headers=BYTES)
    assert (empty.status, empty.json["rows"], empty.json["errors"]) == (201, 0, 0), empty.text
    table = "姓名,学习内容,举办单位,日期,学时\r\n没有此人,急救,红十字会,2026-01-05,4\r\n".encode()
    where = query(name="登记表.csv", unit_id=demo_id("综合党支部"))
    dry = await secretary.ask("POST", "/api/v1/outside-imports", params=where, data=table, headers=BYTES)
    assert [(one["cell"], one["fault"]) for one in dry.json["issues"]] == [("A2", "name_unknown")]


def filled(template, *rows):
    """The first sheet of the template, rows below its titles typed as people do: a day is a day, hours are numbers."""
    titles = python_calamine.load_workbook(io.BytesIO(template)).get_sheet_by_index(0).to_python()[0]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, titles)
        for at, row in enumerate(rows, 1):
            for column, title in enumerate(titles):
                said = row.get(title.rstrip("*"))
                if isinstance(said, dt.date):
                    page.write_datetime(at, column, dt.datetime.combine(said, dt.time()), day)
                elif said is not None:
                    page.write(at, column, said)
    return out.getvalue()


async def test_a_row_of_a_workbook_comes_into_the_ledger_by_the_secretarys_confirmation(school):
    """The real converter reads it; the plan is looked at, entered, confirmed, and then it is credit of its own type."""
    secretary, member = await school.person("secretary"), await school.person("10005")
    template = (await secretary.get("/api/v1/outside-template")).body
    name = (await member.get("/api/v1/session")).json["name"]
    row = {"工号": "10005", "姓名": name, "学习内容": "应急救护", "举办单位": "培训中心", "日期": dt.date(2026, 3, 18)}
    book = filled(template, {**row, "学时": 4.5})
    proof = await secretary.ask("POST", "/api/v1/outside-proofs", params=query(), data=PNG, headers=BYTES)
    where = {"name": "登记表.xlsx", "unit_id": demo_id("综合党支部"), "proof_id": proof.json["id"]}

    async def send(**more):
        params = query(**where, **more)
        return await secretary.ask("POST", "/api/v1/outside-imports", params=params, data=book, headers=BYTES)

    dry = (await send()).json
    assert (dry["created"], dry["errors"], dry["hundredths"], dry["applied"]) == (1, 0, 450, False), dry
    done = (await send(plan=dry["plan"])).json
    assert (done["created"], done["applied"]) == (1, True), done
    before = (await member.get("/api/v1/credit?year=2026")).json
    assert "应急救护" not in str(before), "nothing counts before it is confirmed"
    asked = (await secretary.get("/api/v1/outside-credits?state=asked")).json["items"]
    (waiting,) = [one for one in asked if one["title"] == "应急救护"]
    decisions = "/api/v1/outside-credits/decisions"
    decided = await secretary.command(decisions, outside_ids=[waiting["id"]], confirm=True)
    assert decided.json["items"][0]["state"] == "confirmed", decided.text
    after = (await member.get("/api/v1/credit?year=2026")).json
    (entry,) = [one for one in after["entries"] if one["outside"] and one["outside"]["title"] == "应急救护"]
    assert (entry["kind"], entry["hundredths"], entry["outside"]["held_on"]) == ("outside", 450, "2026-03-18")
    assert after["hundredths"] == before["hundredths"] + 450
    again = (await send()).json
    assert (again["created"], again["unchanged"]) == (0, 1), "the same table once more enters nothing"


async def test_the_year_of_a_unit_comes_as_a_workbook_and_as_pages_for_who_looks_after_it(school):
    secretary, unit = await school.person("secretary"), demo_id("综合党支部")
    path = f"/api/v1/credit-standings/export?unit={unit}&year=2026"
    listed = (await secretary.get(f"/api/v1/credit-standings?unit={unit}&year=2026&limit=500")).json["items"]
    book, pages = await secretary.get(f"{path}&format=xlsx"), await secretary.get(f"{path}&format=pdf")
    assert (book.status, pages.status) == (200, 200), (book.text, pages.text)
    rows = python_calamine.load_workbook(io.BytesIO(book.body)).get_sheet_by_index(0).to_python()
    assert "综合党支部" in str(rows)
    head = next(at for at, row in enumerate(rows) if row[0] == "序号")
    said = [(row[1], row[-3], row[-2]) for row in rows[head + 1 : head + 1 + len(listed)]]
    assert said == [(one["member"]["name"], one["total"] / 100, one["short"] / 100) for one in listed]
    label, total, short = (rows[head + 1 + len(listed)][at] for at in (1, -3, -2))
    summed = [sum(one[what] for one in listed if one["in_total"]) / 100 for what in ("total", "short")]
    assert (label, [total, short]) == ("合计", summed)
    document = pypdfium2.PdfDocument(pages.body)
    text = "".join("".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    assert "综合党支部" in text
    assert [one["member"]["name"] for one in listed if one["member"]["name"] not in text] == []
    assert [one for one in (f"{total:.2f}", f"{short:.2f}") if one not in text] == []
    for answer, ending in ((book, ".xlsx"), (pages, ".pdf")):
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Disposition"].endswith(ending)
    elsewhere = f"/api/v1/credit-standings/export?unit={demo_id('财务党支部')}&year=2026"
    problem_of(await secretary.get(elsewhere), 404, "unit_not_found")
    problem_of(await (await school.person("10005")).get(path), 403, "forbidden")
    problem_of(await secretary.get(f"{path}&format=doc"), 422, "invalid_body")
