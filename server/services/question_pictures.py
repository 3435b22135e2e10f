"""Pictures of questions (题目配图): brought, shown with their question to whom it is shown, and swept up."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from server.domain.access import Action, Principal
from server.domain.question_pictures import (
    LOOSE_STAYS,
    MOST_A_DAY,
    MOST_MADE_BYTES,
    MOST_SIDES,
    Brought,
    PictureSize,
)
from server.domain.refusals import Refusal
from server.services.bank import check_keeps, kept_question, require_unit
from server.services.commands import command, once
from server.services.depot import Craft
from server.services.house import House
from server.services.make_ups import own_make_up
from server.services.questions import prepared_lesson, seen_question
from server.services.quizzes import quiz_target
from server.services.records import Records, Transaction

_MOST_SWEPT = 500
"""Pictures in one go; the next hour brings more."""


@dataclass(frozen=True, slots=True)
class BroughtView:
    """To be named by a question within a day. Sides in pixels and bytes of its largest form."""

    sha256: str
    width: int
    height: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PicturePlace:
    """What its question is going to belong to, at least one of the two."""

    unit_id: str | None = None
    lesson_id: str | None = None


_VIEW = TypeAdapter(BroughtView)


# ---- bringing --------------------------------------------------------------------------------------------


async def check_may_bring(records: Records, principal: Principal, place: PicturePlace, now: dt.datetime) -> None:
    """Whoever may make or edit a question there. Raises ``forbidden``, ``unit_not_found``, ``lesson_not_found``,
    ``invalid_body`` for no place, ``pictures_used``.
    """

    def look(tx: Transaction) -> None:
        if place.unit_id is None and place.lesson_id is None:
            check_keeps(principal)
            raise Refusal("invalid_body", "unit_id or lesson_id")
        if place.unit_id is not None:
            require_unit(tx, principal, place.unit_id, now)
        if place.lesson_id is not None:
            prepared_lesson(tx, principal, place.lesson_id, now)
        if tx.question_pictures.count(principal.account_id, now - LOOSE_STAYS) >= MOST_A_DAY:
            raise Refusal("pictures_used", principal.account_id)

    await records.read(look)


async def bring_picture(
    house: House,
    craft: Craft,
    principal: Principal,
    command_id: str,
    *,
    place: PicturePlace,
    content: bytes,
    now: dt.datetime,
) -> BroughtView:
    """What was made of it is on disk and in the record when this returns; the file that came is not kept.

    The row is written before the file, so that what is swept up is never what somebody is about to name.
    Raises as :func:`check_may_bring`, ``picture_type_wrong``, ``picture_broken``, ``picture_moves``,
    ``picture_dimensions``, ``conversion_too_heavy``, ``conversion_failed``, ``disk_full``, ``storage_unavailable``,
    ``command_reused``.
    """
    await check_may_bring(house.records, principal, place, now)
    digest = hashlib.sha256(content).hexdigest()
    asked = command(principal, command_id, "bring_picture", digest=digest, unit=place.unit_id, lesson=place.lesson_id)
    made, sides = await _made(craft, content)
    largest = made[PictureSize.SCREEN]
    brought = Brought(
        *(principal.account_id, hashlib.sha256(largest).hexdigest(), *sides),
        bytes=len(largest),
        at=now,
    )
    await house.records.write(lambda tx: tx.question_pictures.put(brought))
    await house.question_pictures.put(brought.sha256, made)

    def work(tx: Transaction) -> BroughtView:
        def do() -> BroughtView:
            tx.question_pictures.put(replace(brought, kept=True))
            return BroughtView(brought.sha256, brought.width, brought.height, brought.bytes)

        return once(tx, asked, now, _VIEW, do)

    return await house.records.write(work)


async def _made(craft: Craft, content: bytes) -> tuple[Mapping[PictureSize, bytes], tuple[int, int]]:
    with tempfile.TemporaryDirectory(prefix="picture-") as folder:
        source, into = Path(folder) / "original", Path(folder) / "made"
        await asyncio.to_thread(_lay_out, source, into, content)
        said = await craft(source, into, lambda _percent: None)
        made = await asyncio.to_thread(lambda: {size: _read(into / f"{size}.webp") for size in PictureSize})
        return made, _sides(said)


def _lay_out(source: Path, into: Path, content: bytes) -> None:
    into.mkdir()
    source.write_bytes(content)


def _read(path: Path) -> bytes:
    """What the confined process wrote, which is not trusted either."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_MADE_BYTES:
        raise Refusal("conversion_failed", path.name)
    content = path.read_bytes()
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        raise Refusal("conversion_failed", path.name)
    return content


def _sides(said: Mapping[str, Any]) -> tuple[int, int]:
    width, height = said.get("width"), said.get("height")
    if not (isinstance(width, int) and isinstance(height, int) and 0 < min(width, height) <= MOST_SIDES):
        raise Refusal("conversion_failed", "no sides")
    return width, height


# ---- showing ---------------------------------------------------------------------------------------------


async def check_own(records: Records, principal: Principal, sha256: str) -> None:
    """One that the principal brought, to look at before it is named. Raises ``picture_not_found``."""

    def look(tx: Transaction) -> None:
        brought = tx.question_pictures.get(principal.account_id, sha256)
        _require(brought is not None and brought.kept, sha256)

    await records.read(look)


async def check_of_bank(records: Records, principal: Principal, bank_id: str, sha256: str, now: dt.datetime) -> None:
    """In any version of it. Raises ``bank_question_not_found``, ``forbidden``, ``picture_not_found``."""

    def look(tx: Transaction) -> None:
        question = kept_question(tx, principal, bank_id, now)
        latest = question.latest.content.picture
        if latest is None or latest.sha256 != sha256:
            former = (version.content.picture for version in tx.bank.versions(bank_id))
            _require(any(each is not None and each.sha256 == sha256 for each in former), sha256)

    await records.read(look)


async def check_of_question(
    records: Records, principal: Principal, question_id: str, sha256: str, now: dt.datetime
) -> None:
    """For who prepares the lesson's questions. Raises ``question_not_found``, ``forbidden``, ``picture_not_found``."""

    def look(tx: Transaction) -> None:
        picture = seen_question(tx, principal, question_id, now).picture
        _require(picture is not None and picture.sha256 == sha256, sha256)

    await records.read(look)


async def check_of_quiz(records: Records, principal: Principal, quiz_id: str, sha256: str, now: dt.datetime) -> None:
    """For whom the quiz is shown: nobody before it was launched. Raises ``quiz_not_found``, ``picture_not_found``."""

    def look(tx: Transaction) -> None:
        quiz, _ = quiz_target(tx, principal, quiz_id, now, Action.READ, lock=False)
        _require(quiz.picture is not None and quiz.picture.sha256 == sha256, sha256)

    await records.read(look)


async def check_of_attempt(
    records: Records, principal: Principal, make_up_id: str, attempt_id: str, sha256: str
) -> None:
    """Of a question that an attempt of the principal's asked. Raises ``make_up_not_found``, ``attempt_not_found``,
    ``picture_not_found``.
    """

    def look(tx: Transaction) -> None:
        own_make_up(tx, principal, make_up_id)
        attempt = next((each for each in tx.make_ups.attempts(make_up_id) if each.id == attempt_id), None)
        if attempt is None:
            raise Refusal("attempt_not_found", attempt_id)
        _require(any(each.picture is not None and each.picture.sha256 == sha256 for each in attempt.paper), sha256)

    await records.read(look)


def _require(there: bool, sha256: str) -> None:
    if not there:
        raise Refusal("picture_not_found", sha256)


# ---- sweeping up -----------------------------------------------------------------------------------------


async def forget_loose_pictures(house: House, now: dt.datetime) -> int:
    """Those that nobody brought of late and nothing names; how many went.

    Files are listed first. Each stray is set aside, looked for once more, and only then gone: whoever brought it in
    between has written so before he looked for the file.
    """
    there = sorted(await house.question_pictures.digests())

    def look(tx: Transaction) -> frozenset[str]:
        tx.question_pictures.drop_old(now - LOOSE_STAYS)
        return tx.question_pictures.known(there)

    known = await house.records.write(look)
    strays = [sha256 for sha256 in there if sha256 not in known][:_MOST_SWEPT]
    for sha256 in strays:
        await house.question_pictures.set_aside(sha256)
    after = await house.records.write(lambda tx: tx.question_pictures.known(strays)) if strays else frozenset()
    for sha256 in strays:
        await (house.question_pictures.bring_back if sha256 in after else house.question_pictures.remove)(sha256)
    return len(strays) - len(after)
