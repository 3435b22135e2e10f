"""Uploading materials, seeing, naming, releasing and deleting them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Protocol

from pydantic import TypeAdapter

from server.domain import jobs as work
from server.domain import materials as rules
from server.domain.access import Action, LessonTarget, Principal, allowed
from server.domain.jobs import Job
from server.domain.lessons import Lesson
from server.domain.materials import TAKEN, Material, MaterialKind, MaterialState, Release
from server.domain.refusals import MEANINGS, Refusal
from server.domain.tickets import PageGrant, page_grant
from server.services.commands import Command, command, once
from server.services.depot import Received
from server.services.finding import allowed_target
from server.services.house import House
from server.services.material_news import announce
from server.services.records import Records, Transaction
from server.services.rooms import tell


@dataclass(frozen=True, slots=True)
class MaterialView:
    """``code`` and its sentences: why it failed. ``titles``: of its pages, "" where there is none.

    ``base``: where its pages are, a path that ends in a slash. ``whole`` False: only the first ``reached`` pages are,
    those that were on stage.
    """

    id: str
    kind: MaterialKind
    name: str
    state: MaterialState
    release: Release
    bytes: int
    created_at: dt.datetime
    created_by: str
    job_id: str | None
    progress: int
    code: str | None
    text: str | None
    text_en: str | None
    pages: int
    titles: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    duration_ms: int
    reached: int
    whole: bool
    base: str | None


@dataclass(frozen=True, slots=True)
class Upload:
    """What is said of a file that comes."""

    kind: MaterialKind
    name: str
    release: Release


class PageSigner(Protocol):
    """For a path segment: URL-safe."""

    def sign_page(self, grant: PageGrant) -> str: ...


_VIEW = TypeAdapter(MaterialView)


# ---- seeing ----------------------------------------------------------------------------------------------


async def list_materials(
    house: House,
    signer: PageSigner,
    principal: Principal,
    lesson_id: str,
    now: dt.datetime,
    *,
    login: str | None = None,
) -> tuple[MaterialView, ...]:
    """Who prepares the lesson sees all of them, others what they may read and what was on stage. Their pages are
    there for as long as ``login`` is.

    Raises ``lesson_not_found``.
    """

    def load(tx: Transaction) -> tuple[MaterialView, ...]:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        reached = tx.slides.reached(lesson_id)
        listed: list[MaterialView] = []
        for one in tx.materials.of(lesson_id):
            whole = readable(principal, target, one)
            if whole or (one.id in reached and one.state is MaterialState.READY):
                seen = _seen(view(tx, one), reached.get(one.id, 0), whole=whole)
                listed.append(replace(seen, base=_base(signer, principal, one, now, whole=whole, login=login)))
        return tuple(listed)

    return await house.records.read(load)


def _seen(whole_view: MaterialView, reached: int, *, whole: bool) -> MaterialView:
    """Titles say as much as pages: of those that were not on stage they are not told."""
    if whole:
        return replace(whole_view, reached=reached)
    titles = tuple(title if number < reached else "" for number, title in enumerate(whole_view.titles))
    return replace(whole_view, reached=reached, whole=False, titles=titles)


def _base(
    signer: PageSigner, principal: Principal, material: Material, now: dt.datetime, *, whole: bool, login: str | None
) -> str | None:
    if material.state is not MaterialState.READY or not material.pages:
        return None
    grant = page_grant(material.id, principal.account_id, now, whole=whole, login=login)
    return f"/pages/{material.id}/{signer.sign_page(grant)}/"


async def reached_page(records: Records, material_id: str) -> int:
    """The furthest page of it that was on stage, 0 when it never was or is deleted."""

    def load(tx: Transaction) -> int:
        material = tx.materials.get(material_id)
        if material is None or material.state is not MaterialState.READY:
            return 0
        return tx.slides.reached(material.lesson_id).get(material_id, 0)

    return await records.read(load)


def readable(principal: Principal, target: LessonTarget, material: Material) -> bool:
    return Action.PREPARE in allowed(principal, target) or rules.released(material, target.lesson)


async def readable_file(house: House, principal: Principal, material_id: str, now: dt.datetime) -> Material:
    """Raises ``material_not_found``, ``material_not_ready``."""

    def load(tx: Transaction) -> Material:
        material, target = found_material(tx, principal, material_id, now)
        if not readable(principal, target, material):
            raise Refusal("material_not_found", material_id)
        if material.state is not MaterialState.READY:
            raise Refusal("material_not_ready", material.state)
        return material

    return await house.records.read(load)


def found_material(
    tx: Transaction, principal: Principal, material_id: str, now: dt.datetime, *, change: bool = False
) -> tuple[Material, LessonTarget]:
    """``change``: by who prepares the lesson, its row locked. Whoever may not know the lesson learns of nothing."""
    material = tx.materials.get(material_id)
    if material is None or material.state is MaterialState.DELETED:
        raise Refusal("material_not_found", material_id)
    action = Action.PREPARE if change else Action.READ
    try:
        target = allowed_target(tx, principal, action, material.lesson_id, now, lock=change)
    except Refusal as refusal:
        raise Refusal("material_not_found" if refusal.code == "lesson_not_found" else refusal.code) from None
    present = tx.materials.get(material_id)  # as it is under the lock
    if present is None or present.state is MaterialState.DELETED:
        raise Refusal("material_not_found", material_id)
    return present, target


def view(tx: Transaction, material: Material) -> MaterialView:
    job = tx.jobs.get(material.job_id) if material.job_id else None
    meaning = MEANINGS[material.code] if material.code else None
    result = material.result or {}
    return MaterialView(
        id=material.id,
        kind=material.kind,
        name=material.name,
        state=material.state,
        release=material.release,
        bytes=material.bytes,
        created_at=material.created_at,
        created_by=material.created_by,
        job_id=material.job_id,
        progress=job.progress if job else 0,
        code=material.code,
        text=meaning.title if meaning else None,
        text_en=meaning.title_en if meaning else None,
        pages=material.pages,
        titles=tuple(result.get("titles", ())),
        sizes=tuple((int(width), int(height)) for width, height in result.get("sizes", ())),
        duration_ms=material.duration_ms,
        reached=0,
        whole=True,
        base=None,
    )


# ---- uploading -------------------------------------------------------------------------------------------


async def upload(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    said: Upload,
    chunks: AsyncIterator[bytes],
    now: dt.datetime,
) -> MaterialView:
    """The file is on disk and its job in the record when this returns. A repeated command brings the first material.

    Raises ``forbidden``, ``materials_used``, ``materials_closed``, ``file_too_large``, ``file_type_wrong``,
    ``clip_not_video``, ``disk_full``, ``upload_broken`` (also when it was deleted meanwhile), ``command_reused``.
    """
    asked = command(principal, command_id, "upload", lesson_id=lesson_id, kind=said.kind.value, called=said.name)
    begun = await _begin(house, principal, lesson_id, said, now)
    kept: MaterialView | None = None
    try:
        arrived = await house.depot.receive(begun.id, chunks, TAKEN[said.kind].most_bytes)
        rules.check_content(said.kind, arrived.head)
        kept = await _arrived(house, principal, begun, asked, arrived, now=now)
    finally:
        if kept is None or kept.id != begun.id:
            await _forget(house, begun)
    await tell(house, lesson_id)
    return kept


async def _begin(house: House, principal: Principal, lesson_id: str, said: Upload, now: dt.datetime) -> Material:
    def start(tx: Transaction) -> Material:
        target = allowed_target(tx, principal, Action.PREPARE, lesson_id, now, lock=True)
        rules.check_open(target.lesson)
        if len(tx.materials.of(lesson_id)) >= rules.MOST_MATERIALS:
            raise Refusal("materials_used", lesson_id)
        material = Material(
            id=str(uuid.uuid4()),
            lesson_id=lesson_id,
            kind=said.kind,
            name=said.name,
            state=MaterialState.UPLOADING,
            release=said.release,
            account_id=principal.account_id,
            created_by=principal.name,
            created_at=now,
        )
        tx.materials.put(material)
        return material

    return await house.records.write(start)


async def _arrived(
    house: House, principal: Principal, begun: Material, asked: Command, arrived: Received, *, now: dt.datetime
) -> MaterialView:
    def settle(tx: Transaction) -> MaterialView:
        target = allowed_target(tx, principal, Action.PREPARE, begun.lesson_id, now, lock=True)

        def do() -> MaterialView:
            rules.check_open(target.lesson)
            if not _is_uploading(tx, begun.id):
                raise Refusal("upload_broken", "deleted while it came")
            job = _job(house, begun, now)
            material = rules.received(begun, arrived.size_bytes, arrived.sha256, job.id)
            tx.materials.put(material)
            tx.jobs.put(job)
            announce(tx, begun, material, principal.account_id, now)
            return view(tx, material)

        return once(tx, asked, now, _VIEW, do)

    return await house.records.write(settle)


def _job(house: House, material: Material, now: dt.datetime) -> Job:
    return Job(
        id=str(uuid.uuid4()),
        kind=TAKEN[material.kind].job,
        lesson_id=material.lesson_id,
        material_id=material.id,
        account_id=material.account_id,
        runner=house.name,
        created_at=now,
    )


def _is_uploading(tx: Transaction, material_id: str) -> bool:
    present = tx.materials.get(material_id)
    return present is not None and present.state is MaterialState.UPLOADING


async def _forget(house: House, begun: Material) -> None:
    """Unless it stands in the record after all: of a commit one may not hear."""

    def remove(tx: Transaction) -> bool:
        present = tx.materials.get(begun.id)
        if present is not None and present.state is MaterialState.UPLOADING:
            tx.materials.remove(begun.id)
        return present is None or present.state in {MaterialState.UPLOADING, MaterialState.DELETED}

    if await house.records.write(remove):
        await house.depot.remove(begun.id)


# ---- changing --------------------------------------------------------------------------------------------


async def change_material(
    house: House,
    principal: Principal,
    material_id: str,
    command_id: str,
    *,
    name: str | None = None,
    release: Release | None = None,
    now: dt.datetime,
) -> MaterialView:
    """Another name, other readers.

    Raises ``material_not_found``, ``materials_closed``, ``forbidden``, ``command_reused``.
    """
    asked = command(
        principal, command_id, "change_material", material=material_id, called=name, release=release and release.value
    )

    def work_(tx: Transaction) -> tuple[str, MaterialView]:
        before, target = found_material(tx, principal, material_id, now, change=True)

        def do() -> MaterialView:
            rules.check_open(target.lesson)
            after = replace(before, name=name or before.name, release=release or before.release)
            tx.materials.put(after)
            announce(tx, before, after, principal.account_id, now)
            return view(tx, after)

        return before.lesson_id, once(tx, asked, now, _VIEW, do)

    lesson_id, changed = await house.records.write(work_)
    await tell(house, lesson_id)
    return changed


def _check_unused(tx: Transaction, lesson: Lesson, material_id: str) -> None:
    standing = tx.slides.standing(lesson.id)
    if standing is not None and standing.material_id == material_id:
        raise Refusal("material_on_stage", material_id)
    if lesson.clip is not None and lesson.clip.material_id == material_id:
        raise Refusal("clip_playing", material_id)


async def delete_material(house: House, principal: Principal, material_id: str, now: dt.datetime) -> None:
    """With its files and its work.

    Raises ``material_not_found``, ``materials_closed``, ``forbidden``, ``material_on_stage``, ``clip_playing``.
    """

    def work_(tx: Transaction) -> str:
        before, target = found_material(tx, principal, material_id, now, change=True)
        rules.check_open(target.lesson)
        _check_unused(tx, target.lesson, material_id)
        job = tx.jobs.get(before.job_id) if before.job_id else None
        if job is not None and not job.over:
            tx.jobs.put(work.cancel(job, now))
        after = rules.deleted(before)
        tx.materials.put(after)
        announce(tx, before, after, principal.account_id, now)
        return before.lesson_id

    lesson_id = await house.records.write(work_)
    await house.depot.remove(material_id)
    await tell(house, lesson_id)


async def forget_strays(house: House, now: dt.datetime) -> int:
    """Uploads that a crash cut off, and folders that no material has; how many folders there were.

    Folders are listed first: each has its row before it is made.
    """
    there = await house.depot.ids()

    def look(tx: Transaction) -> frozenset[str]:
        for one in tx.materials.uploading():
            if now - one.created_at > rules.LONGEST_UPLOAD:
                tx.materials.remove(one.id)
        return tx.materials.kept()

    strays = there - await house.records.write(look)
    for material_id in strays:
        await house.depot.remove(material_id)
    return len(strays)
