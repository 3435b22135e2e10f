"""Rosters as people's programs save them, read by the confined process: good ones, and such as nobody should open."""

import datetime as dt
import io
import json
import zipfile

import pytest
import xlsxwriter

from server.converting.crafts import TABLES
from server.domain.refusals import Refusal

pytestmark = pytest.mark.process
ROWS = [["工号", "姓名", "生效日期"], ["00012", "欧阳㐂", "2026-01-31"], ["10002", "学员乙", ""]]


async def read(tmp_path, content):
    source, into = tmp_path / "original", tmp_path / "work"
    source.write_bytes(content)
    into.mkdir()
    await TABLES(source, into, lambda _: None)
    return json.loads((into / "table.json").read_text())


async def refusal_of(tmp_path, content):
    with pytest.raises(Refusal) as caught:
        await read(tmp_path, content)
    return caught.value.code


def book(fill):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        fill(made)
    return out.getvalue()


def as_csv(rows=ROWS, delimiter=","):
    return "\r\n".join(delimiter.join(row) for row in rows)


@pytest.mark.parametrize(
    "content",
    [
        as_csv().encode(),
        b"\xef\xbb\xbf" + as_csv().encode(),
        as_csv().encode("gb18030"),
        as_csv(delimiter="\t").encode("utf-16"),
    ],
    ids=["utf-8", "utf-8 with a mark", "gb18030", "utf-16"],
)
async def test_csv_in_the_charsets_of_here(tmp_path, content):
    assert await read(tmp_path, content) == {"sheet": "CSV", "rows": [ROWS[0], ROWS[1], ROWS[2][:2]]}


async def test_the_sheet_with_the_titles_is_read_and_cells_are_where_they_were(tmp_path):
    def fill(made):
        made.add_worksheet("说明").write(0, 0, "先读我")
        page = made.add_worksheet("名单")
        page.write_row(2, 1, ROWS[0])
        page.write_row(3, 1, [10001, "学员甲"])
        page.write_datetime(3, 3, dt.date(2026, 1, 31), made.add_format({"num_format": "yyyy-mm-dd"}))
        page.write_row(5, 1, ["10002", "=1+1"])
        page.write_formula(6, 2, '=HYPERLINK("http://example.com")', value="学员丙")

    table = await read(tmp_path, book(fill))
    assert table["sheet"] == "名单"
    assert table["rows"] == [
        *([], [], ["", *ROWS[0]], ["", "10001", "学员甲", "2026-01-31"], [], ["", "10002", "0"]),
        ["", "", "学员丙"],
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table_no_titles"),
        (b"a,b\n1,2", "table_no_titles"),
        (b"\x00\xff\xfe\xff" * 100, "table_broken"),
        (b"PK\x03\x04 nothing", "table_broken"),
        (b"\xd0\xcf\x11\xe0 nothing", "table_broken"),
        (("工号,姓名\n" + "1,甲\n" * 100_020).encode(), "table_too_large"),
        (("工号,姓名" + ",甲" * 80).encode(), "table_too_large"),
    ],
    ids=["empty", "no titles", "binary", "no zip", "no xls", "too many rows", "too many columns"],
)
async def test_what_is_no_roster_is_refused_by_name(tmp_path, content, code):
    assert await refusal_of(tmp_path, content) == code


async def test_a_bomb_costs_its_own_process_only(tmp_path):
    content = book(lambda made: made.add_worksheet("名单").write_row(0, 0, ROWS[0]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for name in good.namelist():
            bad.writestr(name, good.read(name))
        with bad.open("xl/media/bomb", "w") as bomb:
            for _ in range(300):
                bomb.write(bytes(1 << 20))
    assert len(out.getvalue()) < 1 << 20
    assert await refusal_of(tmp_path, out.getvalue()) == "conversion_too_heavy"


async def test_a_cell_at_the_far_end_of_a_sheet_is_refused(tmp_path):
    def fill(made):
        page = made.add_worksheet("名单")
        page.write_row(0, 0, ROWS[0])
        page.write(1_048_575, 16_383, "x")

    assert await refusal_of(tmp_path, book(fill)) in {"table_too_large", "conversion_too_heavy"}
