"""Exports of recordings (导出): asked for, made beside everything else with progress and cancel, fetched, and gone.

Nobody downloads a recording by watching it; whoever plans the lesson takes it out, and the log says who did.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import exports as rules
from server.domain.access import Action, Principal
from server.domain.exports import Export, ExportFile, ExportKind
from server.domain.jobs import OVER, JobState, JobStep
from server.domain.lessons import Lesson
from server.domain.recordings import Recording
from server.domain.refusals import MEANINGS, Refusal
from server.services.commands import command, once
from server.services.finding import allowed_target
from server.services.house import House
from server.services.imports_going import Stopped
from server.services.lesson_record import record_of
from server.services.records import Transaction
from server.services.working import keep_at

MOST_SHOWN = 20
MOST_UNFINISHED = 4
LOOK_S = 1.0
KEPT_FOR = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ExportView:
    """``code`` and its sentences: why it failed. ``files`` can be fetched until ``until``."""

    id: str
    kind: ExportKind
    recording_id: str
    state: JobState
    progress: int
    created_at: dt.datetime
    created_by: str
    ended_at: dt.datetime | None
    until: dt.datetime | None
    files: tuple[ExportFile, ...]
    code: str | None
    text: str | None
    text_en: str | None


log = logging.getLogger(__name__)
_VIEW = TypeAdapter(ExportView)
_FILES = TypeAdapter(tuple[ExportFile, ...])


async def ask_export(
    house: House, principal: Principal, command_id: str, recording_id: str, *, kind: ExportKind, now: dt.datetime
) -> ExportView:
    """Begun within a second or so. One that is there or on its way already is not made again.

    Raises ``recording_not_found``, ``forbidden``, ``recording_not_finished``, ``nothing_recorded``,
    ``recording_deleted``, ``too_fast``, ``command_reused``.
    """
    asked = command(principal, command_id, "ask_export", recording_id=recording_id, kind=kind.value)

    def ask(tx: Transaction) -> ExportView:
        recording, lesson = _recording(tx, principal, recording_id, now)
        rules.check_exportable(recording)
        if tx.keeping.of(recording_id).deleted_at is not None:
            raise Refusal("recording_deleted", recording_id)
        alike = (one for one in tx.exports.of(recording_id) if one.kind is kind and one.kept(now))
        one = next(alike, None)
        if one is None:
            if len(tx.exports.unfinished()) >= MOST_UNFINISHED:
                raise Refusal("too_fast", "exports wait already", retry_after_s=5)
            by = (principal.account_id, principal.name)
            one = Export(str(uuid4()), kind, recording_id, lesson.id, *by, now, house.name)
            tx.exports.put(one)
        return view(house, one, now)

    return await house.records.write(lambda tx: once(tx, asked, now, _VIEW, lambda: ask(tx)))


async def list_exports(
    house: House, principal: Principal, recording_id: str, now: dt.datetime
) -> tuple[ExportView, ...]:
    """Of a recording, newest first. Raises ``recording_not_found``, ``forbidden``."""

    def look(tx: Transaction) -> tuple[ExportView, ...]:
        _recording(tx, principal, recording_id, now)
        return tuple(view(house, one, now) for one in tx.exports.of(recording_id)[:MOST_SHOWN])

    return await house.records.read(look)


async def see_export(house: House, principal: Principal, export_id: str, now: dt.datetime) -> ExportView:
    """Raises ``job_not_found``."""
    return await house.records.read(lambda tx: view(house, _found(tx, principal, export_id, now), now))


async def cancel_export(house: House, principal: Principal, export_id: str, now: dt.datetime) -> ExportView:
    """One that was cancelled before is left as it is. Raises ``job_not_found``, ``job_over``."""

    def change(tx: Transaction) -> Export:
        one = _found(tx, principal, export_id, now, lock=True)
        if one.state is JobState.CANCELLED:
            return one
        gone = rules.ended(one, JobStep.CANCEL, now)
        tx.exports.put(gone)
        return gone

    gone = await house.records.write(change)
    house.exporting.stop(export_id)  # whoever copies ends by this; in another process by its own look at the record
    return view(house, gone, now)


async def export_file(house: House, principal: Principal, export_id: str, name: str, now: dt.datetime) -> Path:
    """Raises ``job_not_found``, ``export_not_ready``, ``export_gone``."""

    def look(tx: Transaction) -> Export:
        return _found(tx, principal, export_id, now)

    one = await house.records.read(look)
    if one.state is not JobState.DONE:
        raise Refusal("export_not_ready", one.state)
    if not one.kept(now):
        raise Refusal("export_gone", export_id)
    if name not in {file.name for file in _FILES.validate_python((one.result or {}).get("files", ()))}:
        raise Refusal("job_not_found", "no such file")
    return await house.exports.file(export_id, name)


def _recording(tx: Transaction, principal: Principal, recording_id: str, now: dt.datetime) -> tuple[Recording, Lesson]:
    """Whoever may not know the lesson learns of no recording."""
    recording = tx.recordings.get(recording_id)
    if recording is None:
        raise Refusal("recording_not_found", recording_id)
    try:
        target = allowed_target(tx, principal, Action.EXPORT, recording.lesson_id, now)
    except Refusal as refusal:
        raise Refusal("recording_not_found" if refusal.code == "lesson_not_found" else refusal.code) from None
    return recording, target.lesson


def _found(tx: Transaction, principal: Principal, export_id: str, now: dt.datetime, *, lock: bool = False) -> Export:
    one = tx.exports.get(export_id, lock=lock)
    if one is None:
        raise Refusal("job_not_found", export_id)
    try:
        allowed_target(tx, principal, Action.EXPORT, one.lesson_id, now)
    except Refusal:
        raise Refusal("job_not_found", export_id) from None
    return one


def view(house: House, one: Export, now: dt.datetime) -> ExportView:
    meaning = MEANINGS[one.code] if one.code else None
    files = (one.result or {}).get("files", ()) if one.kept(now) else ()
    return ExportView(
        id=one.id,
        kind=one.kind,
        recording_id=one.recording_id,
        state=one.state,
        progress=100 if one.state is JobState.DONE else house.exporting.percent(one.id),
        created_at=one.created_at,
        created_by=one.created_by,
        ended_at=one.ended_at,
        until=one.until,
        files=_FILES.validate_python(files),
        code=one.code,
        text=meaning.title if meaning else None,
        text_en=meaning.title_en if meaning else None,
    )


class Exporter:
    """Made by the composition root; :meth:`run` is owned by it."""

    def __init__(self, house: House, now: Callable[[], dt.datetime], *, look_s: float = LOOK_S) -> None:
        self._house, self._now, self._look_s = house, now, look_s

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("an export", self.step, self._look_s)

    async def step(self) -> bool:
        """One to its end; False when none waits."""
        if await self._house.records.read(self._next) is None:
            return False
        one = await self._house.records.write(self._begin)
        if one is not None:
            try:
                await self._worked(one)
            except asyncio.CancelledError:
                self._house.exporting.stop(one.id)  # its thread ends by this, and holds up no end of the process
                raise
            except Exception:
                self._house.exporting.forget(one.id)
                raise
            self._house.exporting.forget(one.id)
        return True

    def _next(self, tx: Transaction) -> Export | None:
        unfinished = tx.exports.unfinished()
        signs = tx.jobs.signs() if unfinished else {}
        mine = (one for one in unfinished if rules.falls_to(one, self._house.name, signs, self._now()))
        return next(mine, None)

    def _begin(self, tx: Transaction) -> Export | None:
        waiting = self._next(tx)
        one = tx.exports.get(waiting.id, lock=True) if waiting else None
        if one is None or one.state in OVER:
            return None
        begun = rules.begun(one, self._house.name, self._now())
        tx.exports.put(begun)
        return begun if begun.state is JobState.RUNNING else None

    async def _worked(self, one: Export) -> None:
        async with asyncio.TaskGroup() as group:
            heeding = group.create_task(self._heed(one))
            try:
                files, code = await self._files(one), None
            except Stopped:
                return
            except Refusal as refusal:
                files, code = None, refusal.code
            finally:
                heeding.cancel()
        kept = await self._house.records.write(lambda tx: self._end(tx, one, files, code))
        if not kept:
            await self._house.exports.remove(one.id)

    async def _heed(self, one: Export) -> None:
        """Until it is unwanted: cancelled by whoever asked another process, or taken over."""
        while True:
            await asyncio.sleep(self._look_s)
            if not await self._wanted(one):
                self._house.exporting.stop(one.id)
                return

    async def _wanted(self, one: Export) -> bool:
        """A record that is away wants it still."""
        try:
            present = await self._house.records.read(lambda tx: tx.exports.get(one.id))
        except Exception:
            log.exception("an export was not looked after")
            return True
        return present is not None and self._is_ours(present)

    def _is_ours(self, present: Export) -> bool:
        return present.state not in OVER and present.runner == self._house.name

    async def _files(self, one: Export) -> tuple[ExportFile, ...]:
        def tell(percent: int) -> None:
            self._house.exporting.tell(one.id, percent)

        if one.kind is ExportKind.FILMS:
            return await self._house.exports.films(one.recording_id, one.id, tell)
        record = await self._house.records.read(lambda tx: record_of(tx, one, self._now()))
        return await self._house.exports.package(one.recording_id, one.id, record, tell)

    def _end(self, tx: Transaction, one: Export, files: tuple[ExportFile, ...] | None, code: str | None) -> bool:
        """Whether it was still wanted."""
        now, present = self._now(), tx.exports.get(one.id, lock=True)
        if present is None or not self._is_ours(present):
            return False
        if files is None:
            tx.exports.put(rules.ended(present, JobStep.FAIL, now, code=code))
        else:
            tx.exports.put(rules.made(present, {"files": [asdict(file) for file in files]}, now, KEPT_FOR))
        return True


async def forget_old_exports(house: House, now: dt.datetime) -> int:
    """What nobody may fetch any more goes from the disk; how many there were."""

    def look(tx: Transaction) -> frozenset[str]:
        return frozenset(one.id for one in tx.exports.not_over(now))

    there = await house.exports.ids()  # before the record is read: what begins meanwhile has its row first
    gone = there - await house.records.read(look)
    for export_id in gone:
        await house.exports.remove(export_id)
    return len(gone)
