"""The manifest: cut anywhere, it is still the manifest of a valid archive."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings import manifest
from recordings.interface import RecordingSpec, Track
from recordings.segment import Init, Segment
from recordings.segmenter import Reason

SPEC = RecordingSpec("r", "l", "m")
INIT = Init("camera-init-0a.mp4", b"init", "avc1.42c01e,mp4a.40.2", 640, 360)


def segment(number: int, track: Track = Track.CAMERA, start: int | None = None) -> Segment:
    begin = number * 180_000 if start is None else start
    return Segment(
        track,
        number,
        INIT,
        begin,
        begin + 180_000,
        f"2026-11-22T08:00:{number:02d}.000Z",
        b"x" * number,
        True,
        None,
        True,
    )


def batches() -> list[bytes]:
    """What a recorder appends, one entry per append."""
    out = [manifest.line(manifest.opened(SPEC, "2026-11-22T08:00:00.000Z", "2026-11-22T08:00:00.000Z"))]
    for number in range(8):
        records = [manifest.init(Track.CAMERA, INIT)] if number == 0 else []
        if number == 4:
            out.append(manifest.line(manifest.mark("paused", "2026-11-22T08:00:08.000Z")))
            records.append(manifest.discontinuity(Track.CAMERA, Reason.PAUSED, 0))
        out.append(b"".join(manifest.line(record) for record in [*records, manifest.segment(segment(number))]))
    return out


WHOLE = b"".join(batches())


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, len(WHOLE)), st.binary(max_size=20).filter(lambda tail: b"\n" not in tail))
def test_cut_anywhere_at_most_the_segment_being_listed_is_lost(at, garbage):
    records, sound = manifest.read(WHOLE[:at] + garbage)
    assert sound <= at + len(garbage)
    assert WHOLE.startswith((WHOLE[:at] + garbage)[:sound])
    if not sound:
        return
    contents = manifest.Contents.of(WHOLE[:at] + garbage)
    whole_batches, length = 0, 0
    for batch in batches():
        length += len(batch)
        whole_batches += length <= at and b'"t":"segment"' in batch
    assert len(contents.entries[Track.CAMERA]) in (whole_batches, whole_batches + 1)
    assert contents.bad_lines == 0
    assert len(records) == WHOLE[:sound].count(b"\n")


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, len(WHOLE)))
def test_a_reader_in_steps_sees_what_a_reader_at_once_sees(at):
    contents, offset = manifest.Contents(), 0
    for end in (at, len(WHOLE)):
        records, sound = manifest.read(WHOLE[offset:end])
        for record in records:
            contents.add(record)
        offset += sound
    assert contents == manifest.Contents.of(WHOLE)


def test_pause_and_discontinuity_stand_with_the_segment_after_them():
    contents = manifest.Contents.of(WHOLE)
    assert [entry.reason for entry in contents.entries[Track.CAMERA]] == [None] * 4 + ["paused"] + [None] * 3
    assert contents.summary().duration_ms == 16_000


@pytest.mark.parametrize(
    "line",
    [b"{}\n", b"[]\n", b'{"t":5}\n', b"\xff\xfe\n", b'{"t":"segment","track":"camera"}\n', b'{"t":"later"}\n', b"\n"],
)
def test_a_line_that_makes_no_sense_is_skipped(line):
    first, *rest = batches()
    contents = manifest.Contents.of(first + line + b"".join(rest))
    assert len(contents.entries[Track.CAMERA]) == 8


@pytest.mark.parametrize("data", [b"", b'{"t":"paused"}\n', WHOLE.replace(b'"version":1', b'"version":2', 1)])
def test_without_an_opening_of_this_version_it_is_not_read(data):
    with pytest.raises(manifest.UnreadableManifest):
        manifest.Contents.of(data)
