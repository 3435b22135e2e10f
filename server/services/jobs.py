"""Long work: seeing it, ending it, and the steps of whoever does it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from server.domain import jobs as rules
from server.domain import materials as papers
from server.domain.access import Action, Principal
from server.domain.jobs import Job, JobKind, JobState
from server.domain.materials import Material, MaterialState
from server.domain.refusals import MEANINGS, Refusal
from server.services.finding import allowed_target
from server.services.house import House
from server.services.material_news import announce
from server.services.records import Transaction
from server.services.rooms import tell

OfJob = Callable[[Job], Job]
OfMaterial = Callable[[Material], Material]
SIGN_EVERY = rules.RUNNER_LOST / 4


@dataclass(frozen=True, slots=True)
class JobView:
    """``code`` and its sentences: why it failed."""

    id: str
    kind: JobKind
    lesson_id: str
    material_id: str
    state: JobState
    progress: int
    code: str | None
    text: str | None
    text_en: str | None
    result: dict[str, Any] | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None


async def see_job(house: House, principal: Principal, job_id: str, now: dt.datetime) -> JobView:
    """For who prepares its lesson. Raises ``job_not_found``."""
    return await house.records.read(lambda tx: view(_found(tx, principal, job_id, now)))


async def cancel_job(house: House, principal: Principal, job_id: str, now: dt.datetime) -> JobView:
    """It ends within about a second; its material stays, failed. One that was cancelled before is left as it is.

    Raises ``job_not_found``, ``job_over``.
    """

    def change(tx: Transaction) -> Job:
        job = _found(tx, principal, job_id, now, lock=True)
        if job.state is JobState.CANCELLED:
            return job
        cancelled = rules.cancel(job, now)
        tx.jobs.put(cancelled)
        _material_of(tx, cancelled, lambda one: papers.failed(one, "job_cancelled"), now)
        return cancelled

    job = await house.records.write(change)
    await tell(house, job.lesson_id)
    return view(job)


def _found(tx: Transaction, principal: Principal, job_id: str, now: dt.datetime, *, lock: bool = False) -> Job:
    """Whoever may not know the lesson's papers learns of no job."""
    job = tx.jobs.get(job_id)
    if job is None:
        raise Refusal("job_not_found", job_id)
    try:
        allowed_target(tx, principal, Action.PREPARE, job.lesson_id, now, lock=lock)
    except Refusal:
        raise Refusal("job_not_found", job_id) from None
    found = tx.jobs.get(job_id)  # as it is under the lock
    assert found is not None
    return found


def view(job: Job) -> JobView:
    meaning = MEANINGS[job.code] if job.code else None
    return JobView(
        id=job.id,
        kind=job.kind,
        lesson_id=job.lesson_id,
        material_id=job.material_id,
        state=job.state,
        progress=job.progress,
        code=job.code,
        text=meaning.title if meaning else None,
        text_en=meaning.title_en if meaning else None,
        result=dict(job.result) if job.result is not None else None,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
    )


# ---- the worker's steps ----------------------------------------------------------------------------------


async def claim(house: House, now: dt.datetime, kinds: Collection[JobKind] = frozenset(JobKind)) -> Job | None:
    """The next one that waits for this control process, running from now on."""

    def change(tx: Transaction) -> Job | None:
        waiting = tx.jobs.next_queued(house.name, kinds)
        if waiting is None:
            return None
        job = _locked(tx, waiting)
        if job.runner != house.name:
            return None  # another took it over this moment
        begun = rules.begin(job, now)
        tx.jobs.put(begun)
        _material_of(tx, begun, papers.converting, now)
        return begun

    if await house.records.read(lambda tx: tx.jobs.next_queued(house.name, kinds)) is None:
        return None
    job = await house.records.write(change)
    if job is not None:
        await tell(house, job.lesson_id)
    return job


async def note_progress(house: House, job_id: str, percent: int) -> bool:
    """Whether it is still wanted: False when it was cancelled, its material deleted, or another took it over."""

    def change(tx: Transaction) -> bool:
        job = tx.jobs.get(job_id)
        if job is None or job.state is not JobState.RUNNING or job.runner != house.name:
            return False
        moved = rules.progressed(job, percent)
        if moved != job:
            tx.jobs.put(moved)
        return True

    return await house.records.write(change)


async def done(house: House, job: Job, result: Mapping[str, Any], now: dt.datetime) -> None:
    """Raises ``job_over`` when it was cancelled meanwhile."""
    await _end(house, job, lambda one: rules.finish(one, result, now), lambda one: papers.ready(one, result), now)


async def failed(house: House, job: Job, code: str, now: dt.datetime) -> None:
    """Raises ``job_over`` when it was cancelled meanwhile."""
    await _end(house, job, lambda one: rules.fail(one, code, now), lambda one: papers.failed(one, code), now)


async def resume(house: House, now: dt.datetime) -> int:
    """At the start of this control process: what it left running is begun again, or fails; how many there were."""

    def change(tx: Transaction) -> tuple[Job, ...]:
        left = tx.jobs.running(house.name)
        for job in left:
            after = rules.interrupted(_locked(tx, job), now)
            tx.jobs.put(after)
            _material_of(tx, after, _as_interrupted(after), now)
        return left

    jobs = await house.records.write(change)
    for lesson_id in {job.lesson_id for job in jobs}:
        await tell(house, lesson_id)
    return len(jobs)


async def take_over(house: House, now: dt.datetime) -> int:
    """To be called every ``SIGN_EVERY``: says that we live, and does the work of those who don't; how much there was.

    A recreated container comes back under another name. Only what has its file here is taken; what nobody has the
    file for is given up after ``NOBODYS``.
    """

    def look(tx: Transaction) -> list[tuple[Job, dt.timedelta]]:
        signs = tx.jobs.signs()
        gone = [(job, rules.left(job, signs.get(job.runner), now)) for job in tx.jobs.of_others(house.name)]
        return [(job, since) for job, since in gone if since is not None]

    if await house.records.write(lambda tx: _sign(tx, house.name, now)):
        return 0  # the record was away, and so the others' signs are old: they sign first
    left = await house.records.read(look)
    here = await house.depot.ids() if left else frozenset()
    mine = [job for job, since in left if job.material_id in here or since > rules.NOBODYS]
    for job in mine:
        await _take(house, job, now, here=job.material_id in here)
    return len(mine)


def _sign(tx: Transaction, name: str, now: dt.datetime) -> bool:
    """Whether others had to take us for gone until now."""
    before = tx.jobs.signs().get(name)
    tx.jobs.sign(name, now)
    tx.jobs.forget_signs(now - rules.NOBODYS)
    return before is not None and now - before >= rules.RUNNER_LOST


async def _take(house: House, left: Job, now: dt.datetime, *, here: bool) -> None:
    """Unless another was faster, or its runner came back."""

    def change(tx: Transaction) -> None:
        job = _locked(tx, left)
        if job.runner != left.runner or rules.left(job, tx.jobs.signs().get(job.runner), now) is None:
            return
        after = rules.taken_over(job, house.name, now) if here else rules.given_up(job, now)
        tx.jobs.put(after)
        _material_of(tx, after, _as_interrupted(after), now)

    await house.records.write(change)
    await tell(house, left.lesson_id)


def _as_interrupted(job: Job) -> OfMaterial:
    code = job.code
    return papers.queued if code is None else lambda one: papers.failed(one, code)


async def _end(house: House, job: Job, end: OfJob, settle: OfMaterial, now: dt.datetime) -> None:
    def change(tx: Transaction) -> None:
        present = _locked(tx, job)
        if present.runner != job.runner:
            raise Refusal("job_over", "another took it over")
        tx.jobs.put(end(present))
        _material_of(tx, job, settle, now)

    await house.records.write(change)
    await tell(house, job.lesson_id)


def _locked(tx: Transaction, job: Job) -> Job:
    """As it is now, with its lesson's row locked."""
    tx.lessons.lock(job.lesson_id)
    return tx.jobs.get(job.id) or job


def _material_of(tx: Transaction, job: Job, change: OfMaterial, now: dt.datetime) -> None:
    before = tx.materials.get(job.material_id)
    if before is None or before.state is MaterialState.DELETED:
        return
    after = change(before)
    tx.materials.put(after)
    announce(tx, before, after, None, now)
