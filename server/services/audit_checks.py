"""Verifying the audit log: asked for by an audit administrator, done beside everything else, with progress and cancel.

What came of it stands in the log itself, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import audit_checks as rules
from server.domain.access import Principal
from server.domain.audit import DONE, Deed, Findings, detail_of
from server.domain.audit_checks import AuditCheck
from server.domain.jobs import OVER, JobState, JobStep
from server.domain.refusals import MEANINGS, Refusal
from server.services.audit import new_salt
from server.services.audit_views import FindingsView, findings_view, require_auditor
from server.services.commands import command, once
from server.services.house import House
from server.services.imports_going import Stopped
from server.services.records import Transaction
from server.services.working import keep_at

MOST_SHOWN = 20
MOST_UNFINISHED = 3
LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class AuditCheckView:
    """``code`` and its sentences: why it has no result."""

    id: str
    state: JobState
    progress: int
    noted: str | None
    created_at: dt.datetime
    created_by: str
    ended_at: dt.datetime | None
    result: FindingsView | None
    code: str | None
    text: str | None
    text_en: str | None


_VIEW = TypeAdapter(AuditCheckView)
_FINDINGS = TypeAdapter(FindingsView)


async def begin_check(
    house: House, principal: Principal, command_id: str, *, noted: str | None, now: dt.datetime
) -> AuditCheckView:
    """This process reads the log within a second or so. Raises ``forbidden``, ``too_fast``, ``command_reused``."""
    asked = command(principal, command_id, "begin_check", noted=noted)

    def begin(tx: Transaction) -> AuditCheckView:
        if len(tx.audit_checks.unfinished()) >= MOST_UNFINISHED:
            raise Refusal("too_fast", "verifications wait already", retry_after_s=5)
        one = AuditCheck(str(uuid4()), principal.account_id, principal.name, now, house.name, noted)
        tx.audit_checks.put(one)
        return view(house, one)

    def change(tx: Transaction) -> AuditCheckView:
        require_auditor(tx, principal, now)
        return once(tx, asked, now, _VIEW, lambda: begin(tx))

    return await house.records.write(change)


async def list_checks(house: House, principal: Principal, now: dt.datetime) -> tuple[AuditCheckView, ...]:
    """Newest first. Raises ``forbidden``."""

    def look(tx: Transaction) -> tuple[AuditCheckView, ...]:
        require_auditor(tx, principal, now)
        return tuple(view(house, one) for one in tx.audit_checks.newest(MOST_SHOWN))

    return await house.records.read(look)


async def see_check(house: House, principal: Principal, check_id: str, now: dt.datetime) -> AuditCheckView:
    """Raises ``forbidden``, ``job_not_found``."""
    return await house.records.read(lambda tx: view(house, _found(tx, principal, check_id, now)))


async def cancel_check(house: House, principal: Principal, check_id: str, now: dt.datetime) -> AuditCheckView:
    """One that was cancelled before is left as it is. Raises ``forbidden``, ``job_not_found``, ``job_over``."""

    def change(tx: Transaction) -> AuditCheck:
        one = _found(tx, principal, check_id, now, lock=True)
        if one.state is JobState.CANCELLED:
            return one
        gone = rules.ended(one, JobStep.CANCEL, now)
        tx.audit_checks.put(gone)
        return gone

    gone = await house.records.write(change)
    house.checks.stop(check_id)  # whoever reads ends by this
    return view(house, gone)


def _found(tx: Transaction, principal: Principal, check_id: str, now: dt.datetime, *, lock: bool = False) -> AuditCheck:
    require_auditor(tx, principal, now)
    one = tx.audit_checks.get(check_id, lock=lock)
    if one is None:
        raise Refusal("job_not_found", check_id)
    return one


def view(house: House, one: AuditCheck) -> AuditCheckView:
    meaning = MEANINGS[one.code] if one.code else None
    return AuditCheckView(
        id=one.id,
        state=one.state,
        progress=100 if one.state is JobState.DONE else house.checks.percent(one.id),
        noted=one.noted,
        created_at=one.created_at,
        created_by=one.created_by,
        ended_at=one.ended_at,
        result=None if one.result is None else _FINDINGS.validate_python(one.result),
        code=one.code,
        text=meaning.title if meaning else None,
        text_en=meaning.title_en if meaning else None,
    )


class Checker:
    """Made by the composition root; :meth:`run` is owned by it."""

    def __init__(self, house: House, now: Callable[[], dt.datetime], *, look_s: float = LOOK_S) -> None:
        self._house, self._now, self._look_s = house, now, look_s

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("a verification", self.step, self._look_s)

    async def step(self) -> bool:
        """One to its end; False when none waits."""
        if await self._house.records.read(self._next) is None:
            return False
        one = await self._house.records.write(self._begin)
        if one is not None:
            await self._worked(one)
            self._house.checks.forget(one.id)
        return True

    def _next(self, tx: Transaction) -> AuditCheck | None:
        unfinished = tx.audit_checks.unfinished()
        signs = tx.jobs.signs() if unfinished else {}
        mine = (one for one in unfinished if rules.falls_to(one, self._house.name, signs, self._now()))
        return next(mine, None)

    def _begin(self, tx: Transaction) -> AuditCheck | None:
        waiting = self._next(tx)
        one = tx.audit_checks.get(waiting.id, lock=True) if waiting else None
        if one is None or one.state in OVER:
            return None
        begun = rules.begun(one, self._house.name, self._now())
        tx.audit_checks.put(begun)
        return begun if begun.state is JobState.RUNNING else None

    async def _worked(self, one: AuditCheck) -> None:
        try:
            found = await self._house.records.read(lambda tx: self._examine(tx, one))
        except Stopped:
            return
        await self._house.records.write(lambda tx: self._end(tx, one, found))

    def _examine(self, tx: Transaction, one: AuditCheck) -> Findings:
        lines = max(1, tx.audit.head().position - tx.audit.since().position)
        return tx.audit.examine(one.noted, lambda read: self._house.checks.tell(one.id, min(99, 100 * read // lines)))

    def _end(self, tx: Transaction, one: AuditCheck, found: Findings) -> None:
        now, present = self._now(), tx.audit_checks.get(one.id, lock=True)
        if present is None or present.state in OVER:
            return
        said = findings_view(found)
        tx.audit_checks.put(rules.ended(present, JobStep.FINISH, now, result=asdict(said)))
        detail = detail_of(sound=said.sound, count=said.count, head=said.head)
        about = ("audit.checked", f"check/{one.id}", DONE)
        tx.audit.add(Deed(now, one.account_id, "", "", "", *about, detail, new_salt()))
