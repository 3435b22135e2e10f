"""Chapters of a lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from server.services.chapters import ChapterView, list_chapters, mark_chapter, name_chapter, remove_chapter
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command

calls = Endpoints()

Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Titled(Command):
    title: Title = ""


@dataclass(frozen=True, slots=True)
class Chapters:
    items: tuple[ChapterView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/chapters", refusals=("forbidden",))
async def get_chapters(call: Call, lesson_id: UUID) -> Chapters:
    """The lesson's chapters by time, for whoever may watch the replay."""
    return Chapters(await list_chapters(call.site.house.records, call.principal, str(lesson_id), call.now))


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/chapters",
    status=201,
    refusals=("forbidden", "lesson_not_on_air", "command_reused"),
)
async def post_chapter(call: Call, lesson_id: UUID, body: Titled) -> ChapterView:
    """Mark a chapter here and now."""
    return await mark_chapter(*call.order(lesson_id, body), title=body.title, now=call.now)


@calls.on("POST", "/api/v1/chapters/{chapter_id}", refusals=("forbidden", "chapter_not_found", "command_reused"))
async def post_chapter_title(call: Call, chapter_id: UUID, body: Titled) -> ChapterView:
    """Give a chapter another title."""
    return await name_chapter(*call.order(chapter_id, body), title=body.title, now=call.now)


@calls.on("DELETE", "/api/v1/chapters/{chapter_id}", status=204, refusals=("forbidden", "chapter_not_found"))
async def delete_chapter(call: Call, chapter_id: UUID) -> None:
    """Take a chapter away."""
    await remove_chapter(call.site.house, call.principal, str(chapter_id), call.now)
