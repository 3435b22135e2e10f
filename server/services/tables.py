"""Tables that people bring, read where they can do no harm."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from server.domain.refusals import Refusal
from server.domain.tables import Table
from server.services.depot import Craft

MOST_FILE_BYTES = 16 << 20
_TABLE = "table.json"
_MOST_TABLE_BYTES = 64 << 20
_TABLES = TypeAdapter(dict[str, Any])


async def read_table(craft: Craft, content: bytes) -> Table:
    """A foreign file, read where it can do no harm. Raises ``table_broken``, ``table_too_large``,
    ``table_no_titles``, ``conversion_too_heavy``, ``conversion_failed``.
    """
    with tempfile.TemporaryDirectory(prefix="table-") as folder:
        source, into = Path(folder) / "original", Path(folder) / "made"
        into.mkdir()
        source.write_bytes(content)
        await craft(source, into, lambda _percent: None)
        made = into / _TABLE
        if made.is_symlink() or not made.is_file() or made.stat().st_size > _MOST_TABLE_BYTES:
            raise Refusal("conversion_failed", "no table")
        return await asyncio.to_thread(_table, made.read_bytes())


def _table(content: bytes) -> Table:
    """What the confined process wrote, which is not trusted either."""
    try:
        said = _TABLES.validate_json(content)
        sheet, rows = said["sheet"], said["rows"]
    except (ValueError, KeyError):
        raise Refusal("conversion_failed", "no table of ours") from None
    if not isinstance(sheet, str) or not all(isinstance(row, list) and all(map(_is_text, row)) for row in rows):
        raise Refusal("conversion_failed", "no rows of text")
    return Table(sheet, rows)


def _is_text(value: object) -> bool:
    return isinstance(value, str)
