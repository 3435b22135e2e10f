"""Figures of what is connected now, for whoever watches the node: walks over everybody, so not for every tick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rooms.room import Room
from rooms.viewer import Viewer


def of(rooms: Iterable[Room]) -> dict[str, float]:
    """``sources``, ``viewers``; of what viewers' receiver reports say ``loss_mean`` and ``loss_p95`` (0 … 1); and
    ``layer_N_viewers``: how many pictures are sent from a simulcast layer, 0 the smallest; ``limited_viewers`` may have
    less than their size allows, by their networks, ``sound_only_viewers`` of them no picture at all."""
    rooms = list(rooms)
    viewers = [viewer for room in rooms for viewer in room.viewers.values() if viewer.connected]
    sources = sum(source.connected for room in rooms for source in room.sources.values())
    return {
        "sources": float(sources),
        "viewers": float(len(viewers)),
        **_loss(sorted(viewer.heard.fraction_lost for viewer in viewers)),
        **_layers(viewers),
        "limited_viewers": float(sum(viewer.adaptation.limited for viewer in viewers)),
        "sound_only_viewers": float(sum(viewer.sound_only for viewer in viewers)),
    }


def _loss(fractions: list[float]) -> dict[str, float]:
    """``fractions``: in order."""
    if not fractions:
        return {"loss_mean": 0.0, "loss_p95": 0.0}
    return {"loss_mean": sum(fractions) / len(fractions), "loss_p95": fractions[(len(fractions) - 1) * 95 // 100]}


def _layers(viewers: Iterable[Viewer]) -> dict[str, float]:
    followed = (o.following for viewer in viewers for o in viewer.outlets if o.is_video)
    ranks = Counter(stream.rank for stream in followed if stream is not None)
    return {f"layer_{rank}_viewers": float(number) for rank, number in sorted(ranks.items())}
