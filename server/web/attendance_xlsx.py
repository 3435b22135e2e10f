"""The 签到表 as a workbook, as WPS and Excel print it: one page wide, titles repeated, every cell text."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import xlsxwriter

from server.domain.cells import safe_cell
from server.services.sheets import Printable
from server.web.attendance_form import AttendanceForm, Status, Table, form_of
from server.web.sheets import XLSX, Xlsx, attachment

_WIDTHS = (14, 14, 12, 12, 9, 11, 10, 16, 11, 12, 18)
_LAST = len(_WIDTHS) - 1
_STAMPS = {Status.DRAFT: "#B86E00", Status.HOLDS: "#1E8E4E", Status.SUPERSEDED: "#B3191F"}
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_BASE = {"font_name": "宋体", "font_size": 10.5, "num_format": "@", "valign": "vcenter"}
_BOXED = {**_BASE, "border": 1, "text_wrap": True, "align": "center"}


async def attendance_xlsx(printable: Printable) -> Xlsx:
    form = form_of(printable)
    body = await asyncio.to_thread(xlsx_of, form)
    return Xlsx(body=body, content_type=XLSX, headers=attachment(f"{form.file}.xlsx"))


def xlsx_of(form: AttendanceForm) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        page = _Page(book, form)
        page.head()
        page.table(form.figures)
        for note in form.notes:
            page.across(note, page.small)
        page.table(form.absences, spread=(1, 3, 1, _LAST - 4))
        for one in form.lists:
            page.table(one, spread=(1, 1, 1, 1, 1, 1, 1, 2, 2))
        page.table(form.trail, spread=(1, 1, 2, 2, 4, 1))
        page.across(form.foot, page.small)
        page.across("党支部书记（签字）：                                    日期：", page.plain, 30)
    return out.getvalue()


class _Page:
    """Rows from above, each table over the same columns."""

    def __init__(self, book: Any, form: AttendanceForm) -> None:  # noqa: ANN401 - the library has no types
        self._form = form
        self._page = book.add_worksheet("签到表")
        self._row = 0
        self.plain = book.add_format(_BASE)
        self.small = book.add_format({**_BASE, "font_size": 9, "font_color": "#5C6470", "text_wrap": True})
        self._boxed = book.add_format(_BOXED)
        self._title = book.add_format({**_BOXED, "bold": True, "bg_color": "#E3E6EB"})
        self._heading = book.add_format({**_BASE, "bold": True, "font_size": 12})
        self._top = book.add_format({**_BASE, "bold": True, "font_size": 18, "align": "center"})
        self._name = book.add_format({**_BASE, "font_size": 13, "align": "center", "text_wrap": True})
        colour = {"font_color": _STAMPS[form.status], "bold": True, "align": "center", "border": 2}
        self._stamp = book.add_format({**_BASE, **colour, "border_color": _STAMPS[form.status], "text_wrap": True})
        self._set_up()

    def _set_up(self) -> None:
        page = self._page
        for column, width in enumerate(_WIDTHS):
            page.set_column(column, column, width)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.set_footer("&C第 &P 页，共 &N 页")

    def head(self) -> None:
        form = self._form
        self.across("签 到 表", self._top, 32)
        self.across(form.title, self._name, 24)
        self.across(form.stamp, self._stamp, 24)
        for label, value in form.facts:
            self._write(self._row, 0, label, self._title)
            self._merged(self._row, 1, _LAST, value, self._boxed)
            self._row += 1

    def across(self, text: str, style: object, height: float = 18) -> None:
        self._page.set_row(self._row, height)
        self._merged(self._row, 0, _LAST, text, style)
        self._row += 1

    def table(self, table: Table, *, spread: tuple[int, ...] = ()) -> None:
        """``spread``: how many columns of the page each of the table's takes."""
        wide = spread or (1,) * len(table.titles)
        self._page.set_row(self._row, 24)
        self._write(self._row, 0, table.title, self._heading)
        self._row += 1
        self._cells(table.titles, wide, self._title)
        for row in table.rows:
            self._cells(row, wide, self._boxed)
        if not table.rows:
            self.across("无", self._boxed)

    def _cells(self, row: tuple[str, ...], wide: tuple[int, ...], style: object) -> None:
        column = 0
        for text, columns in zip(row, wide, strict=True):
            self._merged(self._row, column, column + columns - 1, text, style)
            column += columns
        self._row += 1

    def _merged(self, row: int, first: int, last: int, text: str, style: object) -> None:
        if first == last:
            return self._write(row, first, text, style)
        self._page.merge_range(row, first, row, last, "", style)
        return self._write(row, first, text, style)

    def _write(self, row: int, column: int, text: str, style: object) -> None:
        self._page.write_string(row, column, safe_cell(text), style)
