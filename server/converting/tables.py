"""A roster, or questions, as somebody's table becomes rows of text: XLSX, XLS, ODS, or CSV in UTF-8 or GB18030.

Formulas are never reckoned: what their author's program last showed is what they are.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import python_calamine

from server.converting.child import Refused
from server.domain import bank_sheet, outside_sheet, roster_sheet
from server.domain.tables import MOST_COLUMNS, MOST_ROWS

TABLE = "table.json"
_MOST_UNPACKED = 256 << 20
_MOST_PARTS = 2000
_ABOVE = 10
_MOST_SHEETS = 20
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_CHARSETS = ("utf-8-sig", "gb18030")


def convert(source: Path, into: Path, progress: Callable[[int], None]) -> Mapping[str, Any]:
    with source.open("rb") as file:
        head = file.read(4)
    name, rows = _workbook(source) if head in {_ZIP, _OLE} else ("CSV", _csv(source.read_bytes()))
    progress(80)
    (into / TABLE).write_text(json.dumps({"sheet": name, "rows": rows}, ensure_ascii=False), encoding="utf-8")
    return {"rows": len(rows)}


def has_titles(rows: Sequence[Sequence[str]]) -> bool:
    """Whether it is one of the tables that the house reads."""
    return any(sheet.has_titles(rows) for sheet in (roster_sheet, bank_sheet, outside_sheet))


def book_of(source: Path) -> python_calamine.CalamineWorkbook:
    """Raises :class:`Refused`, and what the library does."""
    _check_zip(source)
    return python_calamine.CalamineWorkbook.from_path(str(source))


def _workbook(source: Path) -> tuple[str, list[list[str]]]:
    """The first sheet that has the titles. Raises :class:`Refused`."""
    try:
        book = book_of(source)
        for name in book.sheet_names[:_MOST_SHEETS]:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height > MOST_ROWS + _ABOVE:
                raise Refused("table_too_large")
            rows = rows_of(sheet.to_python(skip_empty_area=False))
            if has_titles(rows):
                return name[:100], rows
    except (python_calamine.CalamineError, ValueError, OverflowError):
        raise Refused("table_broken") from None
    raise Refused("table_no_titles")


def _check_zip(source: Path) -> None:
    """What it says it is when unpacked; the memory limit is for one that lies."""
    if not zipfile.is_zipfile(source):
        return
    with zipfile.ZipFile(source) as packed:
        parts = packed.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise Refused("conversion_too_heavy")


def rows_of(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    """Raises :class:`Refused`."""
    found: list[list[str]] = []
    for row in rows:
        texts = [_text(value) for value in row]
        while texts and not texts[-1].strip():
            texts.pop()
        if len(texts) > MOST_COLUMNS or len(found) > MOST_ROWS + _ABOVE:
            raise Refused("table_too_large")
        found.append(texts)
    while found and not found[-1]:
        found.pop()
    return found


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return str(value.date()) if value.time() == dt.time() else str(value)
    return "" if value is None else str(value)


def _csv(content: bytes) -> list[list[str]]:
    """Raises :class:`Refused`."""
    text = _decoded(content)
    line = text[:4096].splitlines()[0] if text.strip() else ""
    delimiter = max(",\t;", key=line.count)
    try:
        rows = rows_of(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise Refused("table_broken") from None
    if not has_titles(rows):
        raise Refused("table_no_titles")
    return rows


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        charsets: tuple[str, ...] = ("utf-16",)
    else:
        charsets = _CHARSETS
    for charset in charsets:
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Refused("table_broken")
