"""Tables for spreadsheets: CSV in UTF-8 with a byte order mark, and no cell that a spreadsheet would reckon with."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from aiohttp import hdrs, web

# A cell that begins so is a formula to spreadsheets; the full-width forms are, too, to some.
_ACTIVE = tuple("=+-@\t\r\n＝＋－＠")


def cell(text: str) -> str:
    return f"'{text}" if text.lstrip(" \u3000").startswith(_ACTIVE) or text.startswith(_ACTIVE) else text


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([cell(text) for text in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def csv_response(rows: Iterable[Sequence[str]], name: str) -> web.Response:
    """``name``: of the file, with its ending."""
    headers = {hdrs.CONTENT_DISPOSITION: f"attachment; filename*=UTF-8''{quote(name)}", hdrs.CACHE_CONTROL: "no-store"}
    return web.Response(body=csv_bytes(rows), content_type="text/csv", charset="utf-8", headers=headers)
