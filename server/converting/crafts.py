"""Which craft does which job, and within what limits."""

from __future__ import annotations

from collections.abc import Mapping

from server.converting.cage import Limits
from server.converting.confined import Confined
from server.domain.jobs import JobKind
from server.domain.micro_videos import MOST_FILM_MS
from server.services.depot import Crafts

_GIB = 1 << 30

TABLES = Confined("tables", Limits(memory_bytes=1 * _GIB, cpu_s=60, wall_s=90.0, file_bytes=64 << 20, files=64))
"""A roster becomes rows of text."""
SHEETS = Confined(
    "attendance",
    Limits(memory_bytes=2 * _GIB, cpu_s=90, wall_s=120.0, file_bytes=64 << 20, files=256, processes=1024),
)
"""A sign-in sheet becomes a PDF. Nothing of it is foreign but words; Typst sets pages on several threads."""
CERTIFICATES = Confined(
    "certificate",
    Limits(memory_bytes=2 * _GIB, cpu_s=30, wall_s=60.0, file_bytes=16 << 20, files=256, processes=1024),
)
"""Likewise a certificate, of one page."""
YEARS = Confined(
    "year", Limits(memory_bytes=2 * _GIB, cpu_s=90, wall_s=120.0, file_bytes=64 << 20, files=256, processes=1024)
)
"""Likewise a unit's year of credit."""
PRINTED = Confined("printed", Limits(memory_bytes=1 * _GIB, cpu_s=60, wall_s=90.0, file_bytes=64 << 20, files=64))
"""A sign-in sheet's file becomes what stands in it."""
CONTACT = Confined("contact", Limits(memory_bytes=1 * _GIB, cpu_s=120, wall_s=600.0, file_bytes=16 << 20, files=64))
"""Keyframes of an archive become a contact sheet."""
PICTURE = Confined("picture", Limits(memory_bytes=1 * _GIB, cpu_s=20, wall_s=30.0, file_bytes=8 << 20, files=64))
"""What goes with a question becomes three pictures of ours."""
_SLIDES = Limits(memory_bytes=2 * _GIB, cpu_s=600, wall_s=1800.0, file_bytes=64 << 20, files=64)
_CLIP = Limits(memory_bytes=2 * _GIB, cpu_s=4 * 3600, wall_s=6 * 3600.0, file_bytes=2 * _GIB, files=64)


def film(limits: Mapping[str, int] | None = None) -> Confined:
    """A micro-video becomes what is watched. ``limits``: as of a clip, but for its length."""
    return Confined("film", _CLIP, {**(limits or {}), "most_s": MOST_FILM_MS // 1000})


def crafts(clip: Mapping[str, int] | None = None) -> Crafts:
    """``clip``: what differs from the craft's own limits of a clip, by their names."""
    return {JobKind.SLIDES: Confined("slides", _SLIDES), JobKind.CLIP: Confined("clip", _CLIP, clip)}
