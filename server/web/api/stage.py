"""What is on the air: seeing it, and the director's commands."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from server.domain.programme import PictureSlot, Speech
from server.domain.venues import LecturerDesk, Microphone
from server.services import stage
from server.services.desks import hand_over
from server.services.speech import let_speak
from server.services.views import StageView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Word

calls = Endpoints()

_COMMAND = ("forbidden", "lesson_not_on_air", "source_unknown", "command_reused")


class Take(Command):
    slot: PictureSlot
    source: Word | None


class Audio(Command):
    source: Word
    opened: bool


class DeskChange(Command):
    desk: LecturerDesk


class RecordingAction(Command):
    action: Literal["pause", "resume"]


class VenueMicrophone(Command):
    microphone: Microphone


class VenueSpeech(Command):
    lesson_venue_id: Word
    speech: Speech


@calls.on("GET", "/api/v1/lessons/{lesson_id}/stage")
async def get_stage(call: Call, lesson_id: UUID) -> StageView:
    """What is on the air now."""
    return await stage.see_stage(call.site.house, call.principal, str(lesson_id), call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/take", refusals=(*_COMMAND, "slot_unknown"))
async def post_take(call: Call, lesson_id: UUID, body: Take) -> StageView:
    """Put a source into a picture slot, or nothing."""
    return await stage.take(
        *call.order(lesson_id, body),
        slot=body.slot,
        source=body.source,
        now=call.now,
    )


@calls.on("POST", "/api/v1/lessons/{lesson_id}/desk", refusals=("forbidden", "lesson_not_on_air", "command_reused"))
async def post_desk(call: Call, lesson_id: UUID, body: DeskChange) -> StageView:
    """The lesson is taught from the lecturer's other machine from now on."""
    return await hand_over(*call.order(lesson_id, body), desk=body.desk, now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/audio", refusals=(*_COMMAND, "venue_muted"))
async def post_audio(call: Call, lesson_id: UUID, body: Audio) -> StageView:
    """Open or close a source for sound."""
    return await stage.open_audio(
        *call.order(lesson_id, body),
        source=body.source,
        opened=body.opened,
        now=call.now,
    )


@calls.on("POST", "/api/v1/lessons/{lesson_id}/mute-all", refusals=_COMMAND)
async def post_mute_all(call: Call, lesson_id: UUID, body: Command) -> StageView:
    """Close every source but the lecturer's."""
    return await stage.mute_all(*call.order(lesson_id, body), call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/recording", refusals=(*_COMMAND, "not_recorded"))
async def post_recording(call: Call, lesson_id: UUID, body: RecordingAction) -> StageView:
    """Pause or resume the recording."""
    return await stage.pause_recording(
        *call.order(lesson_id, body),
        paused=body.action == "pause",
        now=call.now,
    )


@calls.on("POST", "/api/v1/lessons/{lesson_id}/venue", refusals=_COMMAND)
async def post_venue(call: Call, lesson_id: UUID, body: VenueMicrophone) -> StageView:
    """The venue's operator says what the room's microphone is set to."""
    return await stage.set_microphone(*call.order(lesson_id, body), microphone=body.microphone, now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/speech", refusals=(*_COMMAND, "venue_not_found"))
async def post_speech(call: Call, lesson_id: UUID, body: VenueSpeech) -> StageView:
    """Mute a sub-venue, let it speak, or open its sound."""
    return await let_speak(
        *call.order(lesson_id, body), lesson_venue_id=body.lesson_venue_id, speech=body.speech, now=call.now
    )
