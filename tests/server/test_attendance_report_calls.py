"""Attendance over many lessons, as it is asked for and as it is loaded down."""

import io

import python_calamine

from server.services.attendance_report import AttendanceRecords
from server.web.api.attendance_report import _record_rows

from .conftest import problem_of

PATH = "/api/v1/attendance"


async def test_an_empty_year_is_a_report_too(admin):
    for by in ("unit", "member", "venue", "lesson"):
        answer = await admin.get(PATH, params={"by": by, "since": "2019-01-01", "until": "2019-12-31"})
        assert answer.status == 200, answer.text
        assert (answer.json["lessons"], answer.json["items"], answer.json["total"]["rates"]["of_due"]) == (0, [], None)
    records = await admin.get(f"{PATH}/records", params={"standing": "absent", "until": "2019-12-31"})
    assert records.json == {"items": [], "next_cursor": None}


async def test_what_cannot_be_asked_is_told(admin):
    for wrong in ({"by": "age"}, {"since": "yesterday"}, {"place": "'"}, {"loans": "some"}, {"cursor": "-1"}):
        assert problem_of(await admin.get(PATH, params=wrong), 422, "invalid_body")
    for wrong in ({"until": "9999-12-31"}, {"since": "0001-01-01", "until": "0001-01-02"}):
        assert problem_of(await admin.get(PATH, params=wrong), 422, "invalid_body")
    assert problem_of(await admin.get(PATH, params={"unit": "0" * 32}), 404, "unit_not_found")


async def test_a_file_holds_the_same_with_its_titles(admin):
    answer = await admin.ask("GET", f"{PATH}/export", params={"until": "2019-12-31", "format": "xlsx"})
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.body)).get_sheet_by_index(0).to_python()
    assert rows[0][:5] == ["党组织", "上级", "场次", "应到(人次)", "实到"]
    assert rows[-1][0].startswith("2019-01-01 至 2019-12-31")
    text = (await admin.ask("GET", f"{PATH}/export", params={"by": "record", "format": "csv"})).body.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("课程,时间,姓名,工号")


def test_a_file_that_does_not_hold_all_records_says_so():
    whole, part = (_record_rows(AttendanceRecords((), cursor), None) for cursor in (None, "20000"))
    assert len(whole) == 1
    assert part == [*whole, ("仅列出最近 20000 条，其余未列出，请缩小期间或范围",)]
