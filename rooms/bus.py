"""The programme bus: which source belongs into which slot. Says nothing about packets."""

from __future__ import annotations

from rooms.interface import AUDIO_SLOTS, VIDEO_SLOTS, Refusal, Slot
from rooms.loudness import Loudness


class Bus:
    """Assignments outlive the sources: one that goes away and comes back finds its slots again."""

    def __init__(self) -> None:
        self._video: dict[Slot, str | None] = dict.fromkeys(VIDEO_SLOTS)
        self.opened: frozenset[str] = frozenset()
        self.loudness = Loudness(len(AUDIO_SLOTS))

    def take(self, slot: Slot, source_id: str | None) -> None:
        """Raises ``slot_unknown`` for a slot that cannot be taken by hand."""
        if slot not in self._video:
            raise Refusal("slot_unknown", str(slot))
        self._video[slot] = source_id

    def open_audio(self, source_ids: frozenset[str], now_ms: float) -> None:
        self.opened = source_ids
        self.loudness.allow(source_ids, now_ms)

    def source_in(self, slot: Slot) -> str | None:
        if slot in self._video:
            return self._video[slot]
        return self.loudness.seated[AUDIO_SLOTS.index(slot)]

    def assignments(self) -> dict[Slot, str | None]:
        """A fresh copy."""
        return {slot: self.source_in(slot) for slot in (*VIDEO_SLOTS, *AUDIO_SLOTS)}
