"""From an understood offer to what is agreed: plans for the media ends, lines for the answer. Decides only."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from rooms.answer import Line, Receiving, Sending
from rooms.interface import AUDIO_SLOTS, VIDEO_SLOTS, ProgrammeView, Refusal, Slot, View
from rooms.outlet import OutletPlan
from rooms.sdp import ABS_SEND_TIME, AUDIO_LEVEL, MID, REPAIRED_RID, RID, TRANSPORT_CC, Codec, Offer, OfferedMedia
from rooms.track import TrackPlan

VIDEO_EXTENSIONS = (MID, RID, REPAIRED_RID, ABS_SEND_TIME, TRANSPORT_CC)
# No transport-cc for sound: Chromium would probe with padding among its numbers, and those are holes to every viewer.
AUDIO_EXTENSIONS = (MID, AUDIO_LEVEL, ABS_SEND_TIME)
# Viewers are not asked for transport-cc: there is no send-side estimator here to make use of it.
VIEWER_FEEDBACK = ("goog-remb", "ccm fir", "nack", "nack pli")
PUBLISHER_FEEDBACK = (*VIEWER_FEEDBACK, "transport-cc")
VIDEO_CODECS = ("H264", "VP8")
FIRST_SSRC = 0x10000


@dataclass(frozen=True, slots=True)
class SlotSsrcs:
    """A room's SSRCs for one slot: the same for all its viewers, so that equal packets stay equal."""

    media: int
    rtx: int

    @classmethod
    def fresh(cls) -> SlotSsrcs:
        media = FIRST_SSRC + secrets.randbelow(0x7FFFFFFF - FIRST_SSRC)
        return cls(media, media + 0x40000000)


@dataclass(frozen=True, slots=True)
class PublishAgreement:
    lines: tuple[Line, ...]
    plans: tuple[TrackPlan, ...]


@dataclass(frozen=True, slots=True)
class WatchAgreement:
    lines: tuple[Line, ...]
    plans: tuple[OutletPlan, ...]


def agree_to_publish(offer: Offer, room_codec: str) -> PublishAgreement:
    """One sendable line of each kind is taken; a second one, or one without a codec that we know, refuses it all.

    RFC 9725, 4.4.2 and 4.4.3: half a publication would mislead whoever publishes.
    """
    lines: list[Line] = []
    plans: dict[str, TrackPlan] = {}
    for media in offer.media:
        if not _sends(media):
            lines.append(None)
            continue
        if media.kind in plans:
            raise Refusal("too_many_tracks", media.kind)
        codec = _publisher_codec(media, room_codec)
        if codec is None:
            raise Refusal("no_known_codec", media.kind)
        plans[media.kind] = TrackPlan(media.kind, media.mid, codec, media.extensions, media.rids, media.rtx_pairs)
        wanted = VIDEO_EXTENSIONS if media.kind == "video" else AUDIO_EXTENSIONS
        feedback = PUBLISHER_FEEDBACK if media.kind == "video" else ("nack",)
        lines.append(Receiving(codec, wanted, feedback, media.rids))
    if not plans:
        raise Refusal("no_known_codec", "nothing to receive")
    return PublishAgreement(tuple(lines), tuple(plans.values()))


def _sends(media: OfferedMedia) -> bool:
    return media.kind in ("audio", "video") and media.bundled and media.direction in ("sendonly", "sendrecv")


def _publisher_codec(media: OfferedMedia, room_codec: str) -> Codec | None:
    if media.kind == "audio":
        return media.codec("opus")
    return media.codec(room_codec) or next(iter(media.codecs), None)


def check_decodable(offer: Offer, view: View, codec_on_air: str) -> None:
    """A viewer of the programme that would see nothing is told at once (``no_known_codec``) and goes to HLS."""
    pictures = [media for media in offer.media if media.kind == "video" and _receives(media)]
    if isinstance(view, ProgrammeView) and pictures and not any(media.codec(codec_on_air) for media in pictures):
        raise Refusal("no_known_codec", f"the programme is {codec_on_air}")


def agree_to_watch(offer: Offer, room_codec: str, view: View, ssrcs: dict[Slot, SlotSsrcs]) -> WatchAgreement:
    """The n-th receivable line of a kind gets the n-th place of the view; lines beyond are rejected."""
    lines: list[Line] = []
    plans: list[OutletPlan] = []
    seen = {"video": 0, "audio": 0}
    for media in offer.media:
        codecs = _viewer_codecs(media, room_codec) if _receives(media) else ()
        if media.kind not in seen or not _receives(media):
            lines.append(None)
            continue
        number = seen[media.kind]
        seen[media.kind] += 1
        plan = _outlet_plan(media.kind, number, codecs, view, ssrcs) if codecs else None
        lines.append(_sending(plan) if plan else None)
        if plan:
            plans.append(plan)
    if not plans:
        raise Refusal("no_known_codec", "nothing to send")
    return WatchAgreement(tuple(lines), tuple(plans))


def _receives(media: OfferedMedia) -> bool:
    return media.bundled and media.direction in ("recvonly", "sendrecv")


def _viewer_codecs(media: OfferedMedia, room_codec: str) -> tuple[Codec, ...]:
    """The lesson's codec first; the other one too, for a publisher that could not send the lesson's."""
    if media.kind == "audio":
        opus = media.codec("opus")
        return (opus,) if opus else ()
    names = sorted(VIDEO_CODECS, key=lambda name: name != room_codec)
    return tuple(codec for codec in map(media.codec, names) if codec is not None)


def _outlet_plan(
    kind: str, number: int, codecs: Sequence[Codec], view: View, ssrcs: dict[Slot, SlotSsrcs]
) -> OutletPlan | None:
    if isinstance(view, ProgrammeView):
        slots = VIDEO_SLOTS if kind == "video" else AUDIO_SLOTS
        if number >= len(slots):
            return None
        slot, pair = slots[number], ssrcs[slots[number]]
    else:
        if number >= len(view.source_ids):
            return None
        slot, pair = None, SlotSsrcs.fresh()
    rtx = pair.rtx if any(codec.rtx_payload_type is not None for codec in codecs) else None
    return OutletPlan(kind, number, slot, tuple(codecs), pair.media, rtx)


def _sending(plan: OutletPlan) -> Sending:
    """Streams of one msid are kept in lip-sync: the camera with the sound, the screen by itself."""
    if plan.slot is None:
        stream, track = f"source-{plan.number}", f"source-{plan.number}-{plan.kind}"
    else:
        stream, track = ("screen" if plan.slot is Slot.SCREEN else "programme"), str(plan.slot)
    feedback = VIEWER_FEEDBACK if plan.kind == "video" else ("nack",)
    return Sending(plan.codecs, feedback, plan.ssrc, plan.rtx_ssrc, stream, track)
