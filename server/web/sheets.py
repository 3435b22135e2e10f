"""Tables for spreadsheets, XLSX and CSV (UTF-8 with a mark): no cell that a spreadsheet would reckon with."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import xlsxwriter
from aiohttp import hdrs, web

from server.domain.cells import safe_cell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    return b"\xef\xbb\xbf" + _csv(rows).encode()


def _csv(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([safe_cell(text) for text in row] for row in rows)
    return out.getvalue()


def csv_response(rows: Iterable[Sequence[str]], name: str, charset: str = "utf-8") -> web.Response:
    """``name``: of the file, with its ending. ``charset``: gb18030 is for old spreadsheets."""
    body = csv_bytes(rows) if charset == "utf-8" else _csv(rows).encode(charset)
    return web.Response(body=body, content_type="text/csv", charset=charset, headers=attachment(name))


class Xlsx(web.Response):
    """A workbook."""


async def xlsx_response(sheets: Sequence[Sheet], name: str) -> Xlsx:
    body = await asyncio.to_thread(xlsx_bytes, sheets)
    return Xlsx(body=body, content_type=XLSX, headers=attachment(name))


def attachment(name: str) -> dict[str, str]:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return {hdrs.CONTENT_DISPOSITION: disposition, hdrs.CACHE_CONTROL: "no-store"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of text, the first one its titles. ``choices``: by column, what may be chosen there."""

    name: str
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] = ()
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)


_FILLED_BY_HAND = 5000
"""So many rows of a template are validated and text by format."""


def xlsx_bytes(sheets: Sequence[Sheet]) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        text = book.add_format({"num_format": "@"})
        title = book.add_format({"bold": True, "bg_color": "#E3E6EB", "num_format": "@", "bottom": 1})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for column, width in enumerate(sheet.widths):
                page.set_column(column, column, width, text)
            for at, row in enumerate(sheet.rows):
                for column, words in enumerate(row):
                    page.write_string(at, column, safe_cell(words), title if at == 0 else text)
            for column, choices in sheet.choices.items():
                page.data_validation(1, column, _FILLED_BY_HAND, column, {"validate": "list", "source": list(choices)})
            for column, note in sheet.notes.items():
                page.write_comment(0, column, note)
    return out.getvalue()
