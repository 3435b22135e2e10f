"""The chat of a lesson, who is muted in it, and the words that a unit has listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import hdrs
from pydantic import Field, StringConstraints

from server.domain.chat import LONGEST, SLOWEST_SECONDS, ChatMode, ChatSettings, LineState, LineStep
from server.domain.wordlist import LONGEST_WORD, MOST_WORDS
from server.services.chat import ChatSettingsView, ChatView, LineView, decide_line, list_chat, set_chat, write_line
from server.services.muting import MuteView, list_mutes, mute_speaker, unmute_speaker
from server.services.words import WordListView, get_words, set_words
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Paged, Text

calls = Endpoints()

_WRITE = ("forbidden", "lesson_not_on_air", "chat_off", "word_listed", "talk_muted", "slow_mode", "chat_busy")
_DECIDE = ("forbidden", "line_not_found", "line_decided", "command_reused")
# As it is typed: zero-width characters are a disguise to be seen through, not an error of the writer.
Said = Annotated[str, StringConstraints(min_length=1, max_length=2 * LONGEST, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
ListedWord = Annotated[str, StringConstraints(max_length=4 * LONGEST_WORD, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Listing(Paged):
    state: LineState | None = None


class NewLine(Command):
    text: Said


class Settings(Command):
    mode: ChatMode
    slow_seconds: Annotated[int, Field(ge=0, le=SLOWEST_SECONDS)] = 0


class Silence(Command):
    minutes: Annotated[int, Field(ge=1, le=1440)]
    reason: Text


class Unmute(Command):
    speaker_id: UUID


class Words(Form):
    words: Annotated[tuple[ListedWord, ...], Field(max_length=2 * MOST_WORDS, strict=False)]


@dataclass(frozen=True, slots=True)
class Mutes:
    items: tuple[MuteView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/chat", refusals=("forbidden",))
async def get_chat(call: Call, lesson_id: UUID, query: Listing) -> ChatView:
    """The newest lines that the caller may see, and how to write."""
    return await list_chat(
        call.site.house.records,
        call.principal,
        str(lesson_id),
        state=query.state,
        cursor=query.cursor,
        limit=query.limit,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/chat",
    status=201,
    refusals=(*_WRITE, "command_reused"),
    unaudited="the line is a row of its own, with its author",
)
async def post_line(call: Call, lesson_id: UUID, body: NewLine) -> LineView:
    """Write a line; in approved mode nobody but staff sees it before it is approved."""
    return await write_line(*call.order(lesson_id, body), text=body.text, now=call.now)


@calls.on("PUT", "/api/v1/lessons/{lesson_id}/chat", refusals=("forbidden", "command_reused"))
async def put_chat(call: Call, lesson_id: UUID, body: Settings) -> ChatSettingsView:
    """Whether members may write to each other, and how often; at any time."""
    settings = ChatSettings(body.mode, body.slow_seconds)
    return await set_chat(*call.order(lesson_id, body), settings=settings, now=call.now)


@calls.on("POST", "/api/v1/chat/{line_id}/approve", refusals=_DECIDE)
async def post_approve(call: Call, line_id: UUID, body: Command) -> LineView:
    """Show a line that waits to everybody."""
    return await decide_line(*call.order(line_id, body), step=LineStep.APPROVE, now=call.now)


@calls.on("POST", "/api/v1/chat/{line_id}/delete", refusals=_DECIDE)
async def post_delete(call: Call, line_id: UUID, body: Command) -> LineView:
    """Take a line away, whether it was shown or waits."""
    return await decide_line(*call.order(line_id, body), step=LineStep.DELETE, now=call.now)


@calls.on("POST", "/api/v1/chat/{line_id}/mute", refusals=("forbidden", "line_not_found", "command_reused"))
async def post_mute(call: Call, line_id: UUID, body: Silence) -> MuteView:
    """Whoever wrote this line says nothing in this lesson for a while."""
    return await mute_speaker(*call.order(line_id, body), minutes=body.minutes, reason=body.reason, now=call.now)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/mutes", refusals=("forbidden",))
async def get_mutes(call: Call, lesson_id: UUID) -> Mutes:
    """Who is muted in this lesson now."""
    return Mutes(await list_mutes(call.site.house.records, call.principal, str(lesson_id), call.now))


@calls.on("POST", "/api/v1/lessons/{lesson_id}/unmute", status=204, refusals=("forbidden", "command_reused"))
async def post_unmute(call: Call, lesson_id: UUID, body: Unmute) -> None:
    """Let somebody speak again."""
    await unmute_speaker(*call.order(lesson_id, body), speaker_id=str(body.speaker_id), now=call.now)


@calls.on("GET", "/api/v1/units/{unit_id}/words", refusals=("forbidden", "unit_not_found"))
async def get_unit_words(call: Call, unit_id: UUID) -> WordListView:
    """The unit's listed words, with their ETag."""
    return _tagged(call, await get_words(call.site.house.records, call.principal, str(unit_id), call.now))


@calls.on(
    "PUT",
    "/api/v1/units/{unit_id}/words",
    refusals=("forbidden", "unit_not_found", "precondition_required", "precondition_failed"),
)
async def put_unit_words(call: Call, unit_id: UUID, body: Words) -> WordListView:
    """Replace the unit's listed words."""
    records = call.site.house.records
    words = await set_words(records, call.principal, str(unit_id), body.words, version=call.if_match, now=call.now)
    return _tagged(call, words)


def _tagged(call: Call, words: WordListView) -> WordListView:
    call.headers[hdrs.ETAG] = f'"{words.version}"'
    return words
