"""Pictures of questions: brought by who edits one, shown with it to whom it is shown."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aiohttp import hdrs, web
from pydantic import StringConstraints

from server.domain.question_pictures import MOST_BYTES, PictureSize
from server.domain.refusals import Refusal
from server.services import question_pictures as pictures
from server.services.question_pictures import BroughtView, PicturePlace
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Query

calls = Endpoints()

_BYTES = "application/octet-stream"
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NewPicture(Query):
    """Of a question in the unit's bank, or of the lesson."""

    command_id: UUID
    unit_id: UUID | None = None
    lesson_id: UUID | None = None


class Shown(Query):
    sha256: Sha256
    size: PictureSize = PictureSize.SCREEN


@calls.on(
    "POST",
    "/api/v1/question-pictures",
    status=201,
    upload=True,
    refusals=(
        *("forbidden", "unit_not_found", "lesson_not_found", "unsupported_media_type", "file_too_large"),
        *("picture_type_wrong", "picture_broken", "picture_moves", "picture_dimensions", "pictures_used"),
        *("conversion_failed", "conversion_too_heavy", "disk_full", "storage_unavailable", "command_reused"),
    ),
)
async def post_question_picture(call: Call, query: NewPicture) -> BroughtView:
    """A PNG, JPEG or WebP of 2 MiB at most, as the body; to be named by a question within a day."""
    if call.request.content_type != _BYTES:
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    site = call.site
    place = PicturePlace(*(str(each) if each else None for each in (query.unit_id, query.lesson_id)))
    await pictures.check_may_bring(site.house.records, call.principal, place, call.now)
    site.pace.upload(call.principal.account_id)
    with site.checks.place(call.principal.account_id):
        content = await call.read(MOST_BYTES, "file_too_large")
        return await pictures.bring_picture(
            *(site.house, site.picture_craft, call.principal, str(query.command_id)),
            place=place,
            content=content,
            now=call.now,
        )


@calls.on("GET", "/api/v1/question-pictures", refusals=("picture_not_found",))
async def get_question_picture(call: Call, query: Shown) -> web.StreamResponse:
    """One that the caller brought within the last day."""
    await pictures.check_own(call.site.house.records, call.principal, query.sha256)
    return await _file(call, query)


@calls.on("GET", "/api/v1/bank/{bank_id}/picture", refusals=("forbidden", "picture_not_found"))
async def get_bank_picture(call: Call, bank_id: UUID, query: Shown) -> web.StreamResponse:
    """The picture of a question of the bank, in any of its versions."""
    await pictures.check_of_bank(call.site.house.records, call.principal, str(bank_id), query.sha256, call.now)
    return await _file(call, query)


@calls.on("GET", "/api/v1/questions/{question_id}/picture", refusals=("forbidden", "picture_not_found"))
async def get_prepared_picture(call: Call, question_id: UUID, query: Shown) -> web.StreamResponse:
    """The picture of a prepared question, for who launches or plans."""
    await pictures.check_of_question(call.site.house.records, call.principal, str(question_id), query.sha256, call.now)
    return await _file(call, query)


@calls.on("GET", "/api/v1/quizzes/{quiz_id}/picture", refusals=("forbidden", "picture_not_found"))
async def get_quiz_picture(call: Call, quiz_id: UUID, query: Shown) -> web.StreamResponse:
    """The picture of what was asked, for whoever sees the quiz."""
    await pictures.check_of_quiz(call.site.house.records, call.principal, str(quiz_id), query.sha256, call.now)
    return await _file(call, query)


@calls.on("GET", "/api/v1/make-ups/{make_up_id}/attempts/{attempt_id}/picture", refusals=("picture_not_found",))
async def get_attempt_picture(call: Call, make_up_id: UUID, attempt_id: UUID, query: Shown) -> web.StreamResponse:
    """The picture of a question that an attempt of the caller's asks."""
    await pictures.check_of_attempt(
        call.site.house.records, call.principal, str(make_up_id), str(attempt_id), query.sha256
    )
    return await _file(call, query)


async def _file(call: Call, query: Shown) -> web.StreamResponse:
    """The digest is in the address: what is kept of it never changes, and is the browser's alone."""
    path = await call.site.house.question_pictures.file(query.sha256, query.size)
    headers = {hdrs.CONTENT_TYPE: "image/webp", hdrs.CACHE_CONTROL: "private, max-age=31536000, immutable"}
    return web.FileResponse(path, headers=headers)
