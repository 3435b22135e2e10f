"""Fragmented MP4, written by hand (ISO/IEC 14496-12, -14 and -15; the form RFC 8216, 3.3 asks of HLS).

Pure functions from samples to bytes. Video counts in 90 kHz ticks, audio in 48 kHz samples; decode times stand on the
recording's timeline, so segments may be appended one after another without any offset.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from recordings.h264 import VideoFormat, chroma_and_depth

VIDEO_HZ = 90_000
AUDIO_HZ = 48_000
VIDEO_TRACK = 1
AUDIO_TRACK = 2
AAC_FRAME_SAMPLES = 1024

SYNC_SAMPLE = 0x02000000  # sample_depends_on = 2: on no other
OTHER_SAMPLE = 0x01010000  # depends on others, is no sync sample

MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """``config`` is the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1)."""

    channels: int
    bitrate_bps: int
    config: bytes

    @property
    def codecs(self) -> str:
        return "mp4a.40.2"


@dataclass(frozen=True, slots=True)
class Sample:
    ticks: int  # duration at 90 kHz
    keyframe: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class VideoRun:
    start_ticks: int
    samples: Sequence[Sample]


@dataclass(frozen=True, slots=True)
class AudioRun:
    """Consecutive AAC frames of 1,024 samples each."""

    start_samples: int
    frames: Sequence[bytes]


def box(kind: bytes, *parts: bytes) -> bytes:
    size = 8 + sum(len(part) for part in parts)
    return b"".join((struct.pack(">I4s", size, kind), *parts))


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


# ---- init segment ---------------------------------------------------------------------------------------


def init_segment(video: VideoFormat, audio: AudioFormat | None) -> bytes:
    """``ftyp`` and ``moov`` without samples."""
    tracks = [_video_track(video)]
    extends = [_track_extends(VIDEO_TRACK, 0, OTHER_SAMPLE)]
    if audio is not None:
        tracks.append(_audio_track(audio))
        extends.append(_track_extends(AUDIO_TRACK, AAC_FRAME_SAMPLES, SYNC_SAMPLE))
    moov = box(b"moov", _movie_header(len(tracks) + 1), *tracks, box(b"mvex", *extends))
    return box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6", b"avc1", b"mp41") + moov


def _movie_header(next_track: int) -> bytes:
    times = struct.pack(">IIII", 0, 0, 1000, 0)
    rest = struct.pack(">IHH8x", 0x10000, 0x100, 0) + MATRIX + bytes(24) + struct.pack(">I", next_track)
    return full_box(b"mvhd", 0, 0, times, rest)


def _track_header(track: int, width: int, height: int, volume: int) -> bytes:
    enabled_in_movie = 3
    head = struct.pack(">IIIII8xhhhH", 0, 0, track, 0, 0, 0, 0, volume, 0)
    return full_box(b"tkhd", 0, enabled_in_movie, head, MATRIX, struct.pack(">II", width << 16, height << 16))


def _track(header: bytes, hz: int, handler: bytes, media_header: bytes, entry: bytes) -> bytes:
    undetermined = 0x55C4  # "und", ISO 639-2 in three times five bits
    media = box(
        b"mdia",
        full_box(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, hz, 0, undetermined, 0)),
        full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, handler), handler + b"\0"),
        box(b"minf", media_header, data_information(), _empty_table(entry)),
    )
    return box(b"trak", header, media)


def data_information() -> bytes:
    """Media lies in the same file."""
    return box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))


def _empty_table(entry: bytes) -> bytes:
    none = struct.pack(">I", 0)
    return box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        full_box(b"stts", 0, 0, none),
        full_box(b"stsc", 0, 0, none),
        full_box(b"stsz", 0, 0, none, none),
        full_box(b"stco", 0, 0, none),
    )


def _video_track(video: VideoFormat) -> bytes:
    header = _track_header(VIDEO_TRACK, video.width, video.height, 0)
    media_header = full_box(b"vmhd", 0, 1, bytes(8))
    return _track(header, VIDEO_HZ, b"vide", media_header, _avc_sample_entry(video))


def _audio_track(audio: AudioFormat) -> bytes:
    header = _track_header(AUDIO_TRACK, 0, 0, 0x100)
    return _track(header, AUDIO_HZ, b"soun", full_box(b"smhd", 0, 0, bytes(4)), _aac_sample_entry(audio))


def _avc_sample_entry(video: VideoFormat) -> bytes:
    dpi_72 = 0x480000
    head = struct.pack(">6xH16xHHIIIH", 1, video.width, video.height, dpi_72, dpi_72, 0, 1)
    tail = struct.pack(">Hh", 24, -1)
    return box(b"avc1", head, bytes(32), tail, box(b"avcC", _avc_configuration(video)))


def _avc_configuration(video: VideoFormat) -> bytes:
    """AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) with four-byte lengths."""
    parts = [b"\x01", video.sps[1:4], b"\xff\xe1", struct.pack(">H", len(video.sps)), video.sps]
    parts.append(bytes([min(len(video.pps), 255)]))
    parts += [struct.pack(">H", len(pps)) + pps for pps in video.pps]
    high = chroma_and_depth(video.sps)
    if high is not None:
        chroma, luma_depth, chroma_depth = high
        parts.append(bytes([0xFC | chroma, 0xF8 | luma_depth, 0xF8 | chroma_depth, 0]))
    return b"".join(parts)


def _aac_sample_entry(audio: AudioFormat) -> bytes:
    head = struct.pack(">6xH8xHHHHI", 1, audio.channels, 16, 0, 0, AUDIO_HZ << 16)
    return box(b"mp4a", head, full_box(b"esds", 0, 0, _stream_descriptor(audio)))


def _descriptor(tag: int, *parts: bytes) -> bytes:
    """ISO/IEC 14496-1, 8.3.3: tag, length (all of ours are < 128 bytes), payload."""
    payload = b"".join(parts)
    return bytes([tag, len(payload)]) + payload


def _stream_descriptor(audio: AudioFormat) -> bytes:
    aac, audio_stream = 0x40, 0x15
    config = struct.pack(">BBHBII", aac, audio_stream, 0, 0, audio.bitrate_bps, audio.bitrate_bps)
    decoder = _descriptor(0x04, config, _descriptor(0x05, audio.config))
    return _descriptor(0x03, struct.pack(">HB", AUDIO_TRACK, 0), decoder, _descriptor(0x06, b"\x02"))


def _track_extends(track: int, duration: int, flags: int) -> bytes:
    return full_box(b"trex", 0, 0, struct.pack(">IIIII", track, 1, duration, 0, flags))


# ---- media segment --------------------------------------------------------------------------------------


def media_segment(sequence: int, video: VideoRun, audio: AudioRun | None) -> bytes:
    """``styp``, one ``moof``, one ``mdat``: the video's samples, then the sound's."""
    sound = audio if audio is not None and audio.frames else None
    video_bytes = sum(len(sample.data) for sample in video.samples)
    moof = _movie_fragment(sequence, video, sound, 0, 0)
    video_at = len(moof) + 8
    moof = _movie_fragment(sequence, video, sound, video_at, video_at + video_bytes)
    frames = sound.frames if sound is not None else ()
    head = box(b"styp", b"msdh", struct.pack(">I", 0), b"msdh", b"msix")
    return head + moof + box(b"mdat", *(sample.data for sample in video.samples), *frames)


def _movie_fragment(sequence: int, video: VideoRun, audio: AudioRun | None, video_at: int, audio_at: int) -> bytes:
    parts = [full_box(b"mfhd", 0, 0, struct.pack(">I", sequence & 0xFFFFFFFF)), _video_fragment(video, video_at)]
    if audio is not None:
        parts.append(_audio_fragment(audio, audio_at))
    return box(b"moof", *parts)


def _fragment(track: int, start: int, run: bytes) -> bytes:
    base_is_moof = 0x020000
    head = full_box(b"tfhd", 0, base_is_moof, struct.pack(">I", track))
    return box(b"traf", head, full_box(b"tfdt", 1, 0, struct.pack(">Q", start)), run)


def _video_fragment(video: VideoRun, offset: int) -> bytes:
    offset_duration_size_flags = 0x000701
    rows = b"".join(
        struct.pack(">III", sample.ticks, len(sample.data), SYNC_SAMPLE if sample.keyframe else OTHER_SAMPLE)
        for sample in video.samples
    )
    count = struct.pack(">Ii", len(video.samples), offset)
    return _fragment(VIDEO_TRACK, video.start_ticks, full_box(b"trun", 0, offset_duration_size_flags, count, rows))


def _audio_fragment(audio: AudioRun, offset: int) -> bytes:
    offset_size = 0x000201
    rows = struct.pack(f">{len(audio.frames)}I", *(len(frame) for frame in audio.frames))
    count = struct.pack(">Ii", len(audio.frames), offset)
    return _fragment(AUDIO_TRACK, audio.start_samples, full_box(b"trun", 0, offset_size, count, rows))
