"""The reader of recordings, tried on a file of known content before it judges the server's."""

import io
from fractions import Fraction

import av
import pytest

from tests.browser.media import LECTURER, VENUE, frame_picture
from tests.browser.replay import Run, decode, runs

PLAYLIST = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="a.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T08:00:00.000Z
#EXTINF:2.000,
a0.m4s
#EXTINF:1.500,
a1.m4s
#EXT-X-DISCONTINUITY
#EXTINF:2.000,
a2.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="b.mp4"
#EXTINF:0.500,
b0.m4s
#EXT-X-ENDLIST
"""


def test_runs_break_at_discontinuities_and_maps() -> None:
    assert runs(PLAYLIST) == [
        Run("a.mp4", ("a0.m4s", "a1.m4s"), 3.5),
        Run("a.mp4", ("a2.m4s",), 2.0),
        Run("b.mp4", ("b0.m4s",), 0.5),
    ]


def test_a_playlist_without_end_is_not_finished() -> None:
    with pytest.raises(AssertionError, match="finished"):
        runs(PLAYLIST.replace("#EXT-X-ENDLIST\n", ""))


def fragmented(frames: int = 30) -> bytes:
    """Fifteen frames of the lecturer, then the venue, as fragmented MP4."""
    out = io.BytesIO()
    flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(out, "w", format="mp4", options=flags) as container:
        stream = container.add_stream("libx264", rate=Fraction(15), options={"preset": "ultrafast", "g": "15"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for number in range(frames):
            source = LECTURER if number < frames // 2 else VENUE
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame_picture(source, number), format="rgb24")))
        container.mux(stream.encode())
    return out.getvalue()


def test_decoding_tells_frames_size_length_and_whose_picture() -> None:
    found = decode(fragmented())
    assert (found.frames, found.size, found.sources) == (30, (1280, 720), ("lecturer", "venue"))
    assert found.video_seconds == pytest.approx(30 / 15, abs=0.01)
    assert found.audio_seconds == 0


def test_a_damaged_file_does_not_pass() -> None:
    data = bytearray(fragmented())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    with pytest.raises((av.FFmpegError, AssertionError)):
        assert decode(bytes(data)).frames == 30
