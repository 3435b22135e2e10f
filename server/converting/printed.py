"""The file of a 签到表 becomes what stands in it: rows of an XLSX, the text of a PDF. Nobody knows whose it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pypdfium2
import python_calamine

from server.converting.child import Refused
from server.converting.tables import book_of, rows_of

PRINTED = "printed.json"
_MOST_PAGES = 400


def convert(source: Path, into: Path, progress: Callable[[int], None]) -> Mapping[str, Any]:
    with source.open("rb") as file:
        head = file.read(5)
    rows, text = ([], _text(source)) if head == b"%PDF-" else (_rows(source), "")
    progress(90)
    (into / PRINTED).write_text(json.dumps({"rows": rows, "text": text}, ensure_ascii=False), encoding="utf-8")
    return {"rows": len(rows)}


def _rows(source: Path) -> list[list[str]]:
    """Raises :class:`Refused`."""
    try:
        return rows_of(book_of(source).get_sheet_by_index(0).to_python(skip_empty_area=False))
    except (python_calamine.CalamineError, ValueError, OverflowError):
        raise Refused("table_broken") from None


def _text(source: Path) -> str:
    """Raises :class:`Refused`."""
    try:
        pages = pypdfium2.PdfDocument(source)
        if len(pages) > _MOST_PAGES:
            raise Refused("conversion_too_heavy")
        return "\n".join(page.get_textpage().get_text_range() for page in pages)
    except pypdfium2.PdfiumError:
        raise Refused("table_broken") from None
