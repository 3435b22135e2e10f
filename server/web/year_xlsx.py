"""A unit's year of credit as a workbook for WPS and Excel: A4 across, one page wide, titles repeated, hours numbers."""

from __future__ import annotations

import asyncio
import io

import xlsxwriter

from server.domain.cells import safe_cell
from server.web.sheets import XLSX, Xlsx, attachment
from server.web.year_form import YearForm

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_BASE = {"font_name": "宋体", "font_size": 10.5, "valign": "vcenter"}
_BOXED = {**_BASE, "border": 1, "text_wrap": True, "align": "center"}
_TITLED = {"bold": True, "bg_color": "#E3E6EB"}
_WORDS = (1, 2)  # columns of names: they begin at one edge


async def year_xlsx(form: YearForm) -> Xlsx:
    body = await asyncio.to_thread(xlsx_of, form)
    return Xlsx(body=body, content_type=XLSX, headers=attachment(f"{form.file}.xlsx"))


def xlsx_of(form: YearForm) -> bytes:
    """No cell is a formula, whatever stands in a name; 学时 are numbers with two decimals."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        page = book.add_worksheet("年度学时")
        said_as = book.add_format({**_BOXED, "num_format": "@", "align": "left", "indent": 1})
        kinds = {}
        for summed, look in ((False, {}), (True, _TITLED)):
            kinds["left", summed] = book.add_format({**_BOXED, **look, "num_format": "@", "align": "left"})
            kinds["middle", summed] = book.add_format({**_BOXED, **look, "num_format": "@"})
            kinds["right", summed] = book.add_format({**_BOXED, **look, "num_format": "0.00", "align": "right"})
        title = book.add_format({**_BOXED, **_TITLED, "num_format": "@"})
        top = book.add_format({**_BASE, "bold": True, "font_size": 18, "align": "center"})
        plain = book.add_format({**_BASE, "num_format": "@"})
        small = book.add_format({**_BASE, "font_size": 9, "font_color": "#5C6470", "text_wrap": True})
        last = len(form.titles) - 1
        for column, width in enumerate((6, 14, 26, 12, *(9 for _ in form.hours), 9)):
            page.set_column(column, column, width)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.set_footer("&C第 &P 页，共 &N 页")
        page.set_row(0, 32)
        page.merge_range(0, 0, 0, last, safe_cell(form.title), top)
        row = 1
        for label, said in form.facts:
            page.merge_range(row, 0, row, 1, safe_cell(label), title)
            page.merge_range(row, 2, row, last, safe_cell(said), said_as)
            row += 1
        row += 1
        page.repeat_rows(row)
        for column, words in enumerate(form.titles):
            page.write_string(row, column, safe_cell(words), title)
        for at, line in enumerate(form.rows, 1):
            row += 1
            summed = at == len(form.rows)
            for column, words in enumerate(line):
                side = "left" if column in _WORDS else "right" if column in form.hours else "middle"
                if side == "right" and words != "–":
                    page.write_number(row, column, float(words), kinds[side, summed])
                else:
                    page.write_string(row, column, safe_cell(words), kinds[side, summed])
        row += 1
        for words in (*form.notes, form.foot):
            page.set_row(row, 26)
            page.merge_range(row, 0, row, last, safe_cell(words), small)
            row += 1
        signed = "".join(f"{each}：{'＿' * 8}　　" for each in form.signatures)
        page.set_row(row, 32)
        page.merge_range(row, 0, row, last, safe_cell(f"{signed}日期：{'＿' * 6}"), plain)
    return out.getvalue()
