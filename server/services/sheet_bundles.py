"""签到表 of a unit and of all below it as one archive: what is too large for one sheet, or wanted unit by unit.

Made beside everything else, a unit at a time, with progress and cancel; given to whoever asked, for a day.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import logging
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import sheet_bundles as rules
from server.domain.access import Principal
from server.domain.board import Sight, tally
from server.domain.cells import safe_cell
from server.domain.jobs import JobState, JobStep
from server.domain.refusals import MEANINGS, Refusal
from server.domain.sheet_bundles import SheetBundle, SheetFormat
from server.services.commands import command, once
from server.services.finding import found, report_day
from server.services.house import House
from server.services.imports_going import Stopped
from server.services.records import Transaction
from server.services.sheets import Printable, printable_of_unit, seen
from server.services.views import Named
from server.services.working import keep_at

MOST_SHOWN = 5
MOST_UNFINISHED = 10
MOST_BYTES = 64 << 20
"""Of the archive, which is kept in the record."""
LOOK_S = 1.0
_IN_MEMORY_BYTES = 4 << 20
_BUSY_S, _BUSY_TRIES = 2.0, 60
_INDEX_TITLES = ("序号", "党组织", "人数", "状态", "摘要（SHA-256）", "文件")
log = logging.getLogger(__name__)


class SheetMaker(Protocol):
    """A sheet as a file. Raises ``sheet_busy``, ``conversion_failed``, ``conversion_too_heavy``."""

    async def __call__(self, shown: Printable, form: SheetFormat) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SheetBundleView:
    """``expires_at``: until when there is a file to load down. ``code`` and its sentences: why there is none (any
    more).
    """

    id: str
    unit: Named
    format: SheetFormat
    state: JobState
    progress: int
    created_at: dt.datetime
    ended_at: dt.datetime | None
    expires_at: dt.datetime | None
    bytes: int
    code: str | None
    text: str | None
    text_en: str | None


_VIEW = TypeAdapter(SheetBundleView)


async def ask_bundle(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    unit_id: str,
    form: SheetFormat,
    now: dt.datetime,
) -> SheetBundleView:
    """For whoever sees the unit's attendance. Raises ``lesson_not_found``, ``forbidden``, ``unit_not_found``,
    ``sheet_not_yet``, ``sheet_empty``, ``too_fast``, ``command_reused``.
    """
    asked = command(principal, command_id, "bundle_sheets", lesson_id=lesson_id, unit_id=unit_id, format=form.value)

    def begin(tx: Transaction) -> SheetBundleView:
        if not _units(tx, lesson_id, unit_id):
            raise Refusal("sheet_empty", unit_id)
        rules.check_pace(tx.sheet_bundles.unfinished(), principal.account_id, MOST_UNFINISHED)
        who = (principal.account_id, principal.name, now, house.name)
        one = SheetBundle(str(uuid4()), lesson_id, unit_id, form, *who)
        tx.sheet_bundles.put(one)
        return _views(tx, house, (one,), now)[0]

    def work(tx: Transaction) -> SheetBundleView:
        seen(tx, principal, lesson_id, unit_id, now)
        return once(tx, asked, now, _VIEW, lambda: begin(tx))

    return await house.records.write(work)


async def list_bundles(
    house: House, principal: Principal, lesson_id: str, unit_id: str, now: dt.datetime
) -> tuple[SheetBundleView, ...]:
    """Those that the caller asked for, newest first. Raises as :func:`ask_bundle` for what may not be seen."""

    def look(tx: Transaction) -> tuple[SheetBundleView, ...]:
        seen(tx, principal, lesson_id, unit_id, now)
        mine = tx.sheet_bundles.of_account(principal.account_id, lesson_id, unit_id, MOST_SHOWN)
        return _views(tx, house, mine, now)

    return await house.records.read(look)


async def cancel_bundle(house: House, principal: Principal, bundle_id: str, now: dt.datetime) -> SheetBundleView:
    """One that was cancelled before is left as it is. Raises ``job_not_found``, ``job_over``."""

    def change(tx: Transaction) -> SheetBundleView:
        one = _mine(tx, principal, bundle_id, now, lock=True)
        gone = one if one.state is JobState.CANCELLED else rules.ended(one, JobStep.CANCEL, now)
        tx.sheet_bundles.put(gone)
        return _views(tx, house, (gone,), now)[0]

    view = await house.records.write(change)
    house.bundling.stop(bundle_id)  # in another process by its own look at the record, before the next unit
    return view


async def bundle_file(house: House, principal: Principal, bundle_id: str, now: dt.datetime) -> bytes:
    """Raises ``export_not_ready``, ``export_gone``, ``job_not_found``: also for who sees the attendance no more."""

    def look(tx: Transaction) -> bytes:
        one = _mine(tx, principal, bundle_id, now)
        if one.state is not JobState.DONE:
            raise Refusal("export_not_ready", one.state)
        content = tx.sheet_bundles.content(bundle_id) if one.ready(now) else None
        if content is None:
            raise Refusal("export_gone", bundle_id)
        return content

    return await house.records.read(look)


async def forget_old_bundles(house: House, now: dt.datetime) -> int:
    return await house.records.write(lambda tx: tx.sheet_bundles.forget_before(now - rules.KEPT))


def _mine(
    tx: Transaction, principal: Principal, bundle_id: str, now: dt.datetime, *, lock: bool = False
) -> SheetBundle:
    one = tx.sheet_bundles.get(bundle_id, lock=lock)
    if one is None or one.account_id != principal.account_id:
        raise Refusal("job_not_found", bundle_id)
    try:
        seen(tx, principal, one.lesson_id, one.unit_id, now)
    except Refusal:
        raise Refusal("job_not_found", bundle_id) from None
    return one


def _units(tx: Transaction, lesson_id: str, unit_id: str) -> tuple[str, ...]:
    """With people of their own on the roster, in the order of the tree's names."""
    lesson = found(tx.lessons.get(lesson_id))
    on = report_day(tx, lesson)
    below = tx.units.tree().subtree(unit_id, on)
    units = tally(tx.roster.cells(lesson_id, None), Sight(below)).units
    names = tx.units.names(set(units), on)
    return tuple(sorted(units, key=lambda each: (names[each], each)))


def _views(
    tx: Transaction, house: House, bundles: Sequence[SheetBundle], now: dt.datetime
) -> tuple[SheetBundleView, ...]:
    names = tx.units.names({one.unit_id for one in bundles}, tx.calendar.day(now))
    return tuple(_view(house, one, names[one.unit_id], now) for one in bundles)


def _view(house: House, one: SheetBundle, unit: str, now: dt.datetime) -> SheetBundleView:
    gone = one.state is JobState.DONE and not one.ready(now)
    code = "export_gone" if gone else one.code
    meaning = MEANINGS[code] if code else None
    return SheetBundleView(
        id=one.id,
        unit=Named(one.unit_id, unit),
        format=one.format,
        state=one.state,
        progress=100 if one.state is JobState.DONE else house.bundling.percent(one.id),
        created_at=one.created_at,
        ended_at=one.ended_at,
        expires_at=None if gone else one.expires_at,
        bytes=one.bytes,
        code=code,
        text=meaning.title if meaning else None,
        text_en=meaning.title_en if meaning else None,
    )


class SheetBundler:
    """Made by the composition root; :meth:`run` is owned by it."""

    def __init__(
        self, house: House, maker: SheetMaker, now: Callable[[], dt.datetime], *, look_s: float = LOOK_S
    ) -> None:
        self._house, self._maker, self._now, self._look_s = house, maker, now, look_s

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("a bundle of sheets", self.step, self._look_s)

    async def step(self) -> bool:
        """One to its end; False when none waits."""
        if await self._house.records.read(self._next) is None:
            return False
        one = await self._house.records.write(self._begin)
        if one is not None:
            await self._worked(one)
            self._house.bundling.forget(one.id)
        return True

    def _next(self, tx: Transaction) -> SheetBundle | None:
        unfinished = tx.sheet_bundles.unfinished()
        signs = tx.jobs.signs() if unfinished else {}
        mine = (one for one in unfinished if rules.falls_to(one, self._house.name, signs, self._now()))
        return next(mine, None)

    def _begin(self, tx: Transaction) -> SheetBundle | None:
        waiting = self._next(tx)
        one = tx.sheet_bundles.get(waiting.id, lock=True) if waiting else None
        if one is None or one.over:
            return None
        begun = rules.begun(one, self._house.name, self._now())
        tx.sheet_bundles.put(begun)
        return begun if begun.state is JobState.RUNNING else None

    async def _worked(self, one: SheetBundle) -> None:
        try:
            content = await self._made(one)
        except Stopped:
            return
        except Refusal as refusal:
            if refusal.code in {"unavailable", "busy"}:
                raise  # it is begun again
            await self._house.records.write(partial(self._end, one=one, content=None, code=refusal.code))
        except Exception:
            log.exception("sheets %s", one.id)
            await self._house.records.write(partial(self._end, one=one, content=None, code="conversion_failed"))
        else:
            await self._house.records.write(partial(self._end, one=one, content=content, code=None))

    async def _made(self, one: SheetBundle) -> bytes:
        """A unit at a time: in memory are its names, the list of units, and the archive. Raises :class:`Stopped`."""
        units = await self._house.records.read(lambda tx: _units(tx, one.lesson_id, one.unit_id))
        index: list[tuple[str, ...]] = [_INDEX_TITLES]
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for at, unit_id in enumerate(units, 1):
                    self._house.bundling.tell(one.id, 99 * (at - 1) // len(units))
                    shown = await self._house.records.read(partial(self._shown, one=one, unit_id=unit_id))
                    content = await self._file(shown, one.format)
                    name = f"{at:03}-{_file_name(shown.body.unit)}.{one.format}"
                    await asyncio.to_thread(archive.writestr, name, content)
                    index.append(_row(at, shown, name))
                    if file.tell() > MOST_BYTES:
                        raise Refusal("export_too_large", one.id)
                archive.writestr("000-目录.csv", _csv(index))
            file.seek(0)
            return file.read()

    def _shown(self, tx: Transaction, one: SheetBundle, unit_id: str) -> Printable:
        """With the rights of this moment. Raises :class:`Stopped`, ``forbidden``."""
        present = tx.sheet_bundles.get(one.id)
        if present is None or present.over or present.runner != self._house.name:
            raise Stopped
        now = self._now()
        principal = tx.accounts.principal(one.account_id, tx.calendar.day(now))
        if principal is None:
            raise Refusal("forbidden", "gone meanwhile")
        lesson = seen(tx, principal, one.lesson_id, unit_id, now)
        return printable_of_unit(tx, principal, lesson, unit_id, now)

    async def _file(self, shown: Printable, form: SheetFormat) -> bytes:
        """Who asks for a single sheet goes first."""
        for _ in range(_BUSY_TRIES):
            try:
                return await self._maker(shown, form)
            except Refusal as refusal:
                if refusal.code != "sheet_busy":
                    raise
                await asyncio.sleep(_BUSY_S)
        raise Refusal("sheet_busy", retry_after_s=60)

    def _end(self, tx: Transaction, one: SheetBundle, content: bytes | None, code: str | None) -> None:
        present = tx.sheet_bundles.get(one.id, lock=True)
        if present is None or present.over or present.runner != self._house.name:
            return
        step = JobStep.FINISH if content is not None else JobStep.FAIL
        done = rules.ended(present, step, self._now(), code=code, size=len(content or b""))
        tx.sheet_bundles.put(done, content)


def _row(at: int, shown: Printable, name: str) -> tuple[str, ...]:
    stands = f"第 {shown.sheet.version} 版已确认" if shown.sheet else "未确认"
    return (str(at), shown.body.unit, str(len(shown.body.lines)), stands, shown.digest, name)


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([safe_cell(text) for text in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _file_name(unit: str) -> str:
    """No separators and nothing that a file system takes amiss."""
    return "".join(letter if letter.isalnum() else "_" for letter in unit)[:60] or "_"
