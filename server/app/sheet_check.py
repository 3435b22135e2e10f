"""``dangxiao sheet verify``: a 签到表 that somebody holds in hands, against what was confirmed."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from server.converting.crafts import PRINTED as CRAFT
from server.domain.attendance_sheets import WITHHELD, AttendanceSheet, Verification
from server.domain.calendar import Calendar
from server.domain.refusals import MEANINGS, Refusal
from server.services.sheets import check, printable_of
from server.store.chained import NoLedger, snapshot, told
from server.store.records import SqlTransaction
from server.store.schema import attendance_sheets
from server.web.attendance_form import form_of
from server.web.attendance_xlsx import xlsx_of

_MADE = "printed.json"
_NAMED = re.compile(r"本表摘要（SHA-256）：([0-9a-f]{64})")
_BLANK = re.compile(r"[\s\u200b]")
_FIRST, _LAST = "人数统计", "确认记录"
Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Held:
    """What stands in a file. ``rows``: None where only its text is known."""

    digest: str
    rows: Rows | None


@dataclass(frozen=True, slots=True)
class Found:
    """``sheet``: the one it names, with the newest version. ``differs``: the first row said otherwise."""

    held: Held
    sheet: AttendanceSheet | None = None
    newest: int = 0
    seen: Verification | None = None
    differs: str | None = None

    @property
    def sound(self) -> bool:
        return self.seen is not None and self.seen.intact and self.differs is None


async def report(url: str, file: Path, calendar: Calendar) -> tuple[str, int]:
    """What an auditor reads, Chinese and English, and the exit code of the command."""
    return await told(verify(url, file, calendar), _text)


async def verify(url: str, file: Path, calendar: Calendar) -> Found:
    """``file``: XLSX or PDF as it was loaded down. Read-only, beside a running server. Raises :class:`NoLedger` where
    there is nothing to verify, and :class:`sqlalchemy.exc.SQLAlchemyError`.
    """
    held = await _held(file)

    def look(connection: sa.Connection) -> Found:
        if not sa.inspect(connection).has_table(attendance_sheets.name):
            raise NoLedger("the database is from an older version: start the server once")
        tx = SqlTransaction(connection, calendar)
        sheet = tx.sheets.by_digest(held.digest)
        if sheet is None:
            return Found(held)
        newest = tx.sheets.versions(sheet.lesson_id, sheet.unit_id)[-1].version
        return Found(held, sheet, newest, check(tx, sheet))

    found = await snapshot(url, look)
    if found.sheet is None or found.seen is None or not found.seen.intact or held.rows is None:
        return found
    if found.sheet.redacted_at is not None:
        return found
    kept = _part((await _read(xlsx_of(form_of(printable_of(found.sheet))))).rows)
    return Found(held, found.sheet, found.newest, found.seen, difference(kept, _part(held.rows)))


async def _held(file: Path) -> Held:
    try:
        content = await asyncio.to_thread(file.read_bytes)
        return await _read(content, signed=True)
    except OSError as error:
        raise NoLedger(f"{file}: {error.strerror}") from None
    except Refusal as refusal:
        raise NoLedger(f"{file}: {MEANINGS[refusal.code].title} {MEANINGS[refusal.code].title_en}") from None


async def _read(content: bytes, *, signed: bool = False) -> Held:
    """In a process of its own: nobody knows whose file it is. ``signed``: it must name a digest."""
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        source, into = Path(folder) / "file", Path(folder) / "made"
        await asyncio.to_thread(into.mkdir)
        await asyncio.to_thread(source.write_bytes, content)
        await CRAFT(source, into, lambda _: None)
        said = json.loads(await asyncio.to_thread((into / _MADE).read_bytes))
    rows = [[cell for cell in row if cell] for row in said["rows"]]
    named = _NAMED.search(_BLANK.sub("", said["text"] + "\n".join(cell for row in rows for cell in row)))
    if named is None and signed:
        raise NoLedger("这不是已确认的签到表 no confirmed sign-in sheet: it names no digest")
    return Held(named[1] if named else "", rows or None)


def _part(rows: Rows | None) -> Rows:
    """What was confirmed: figures, absences and names, without the stamp above and the trail below."""
    heads = [row[0] if len(row) == 1 else "" for row in rows or []]
    if rows is None or _FIRST not in heads or _LAST not in heads:
        return []
    return rows[heads.index(_FIRST) : len(heads) - 1 - heads[::-1].index(_LAST)]


def difference(kept: Sequence[Sequence[str]], held: Sequence[Sequence[str]]) -> str | None:
    """The first row of the file that says something else; reasons that were not shown to whoever loaded it down are no
    difference.
    """
    for one, other in zip(kept, held, strict=False):
        same = len(one) == len(other) and all(a == b or b.endswith(WITHHELD) for a, b in zip(one, other, strict=True))
        if not same:
            return " · ".join(other)
    return None if len(kept) == len(held) else f"{len(held)} ≠ {len(kept)}"


def _text(found: Found) -> str:
    named = f"摘要 digest: {found.held.digest}"
    if found.sheet is None or found.seen is None:
        return f"没有这份签到表 There is no such sign-in sheet\n{named}"
    said = [_verdict(found), f"第 {found.sheet.version} 版 version {found.sheet.version}", named]
    if found.newest > found.sheet.version:
        said.append(f"已被第 {found.newest} 版取代 superseded by version {found.newest}")
    if found.sheet.redacted_at is not None:
        said.append("表上有人已注销，只核对摘要 somebody on it was erased since: only the digest is compared")
    elif found.held.rows is None:
        said.append("PDF 只核对摘要，文字请与系统中的核对 of a PDF only the digest is compared, not its words")
    return "\n".join(said)


def _verdict(found: Found) -> str:
    assert found.seen is not None
    if found.differs is not None:
        return f"文件与确认的内容不符 The file is NOT what was confirmed: {found.differs}"
    if found.seen.intact:
        return "签到表完好 The sign-in sheet is sound"
    broken = [
        (
            "内容与摘要不符 its content does not fit the digest",
            (found.seen.left or found.seen.digest) != found.seen.computed,
        ),
        ("与前一版接不上 it does not follow the version before", not found.seen.follows),
        ("与事件记录中的摘要不符 the log of events says otherwise", not found.seen.logged),
    ]
    return "签到表有误 The sign-in sheet is NOT sound\n" + "\n".join(word for word, true in broken if true)
