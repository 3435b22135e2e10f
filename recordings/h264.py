"""The little of H.264 that copying needs (ITU-T H.264, 7.3): NAL unit types, parameter sets, picture size."""

from __future__ import annotations

from dataclasses import dataclass

NAL_SLICE = 1
NAL_IDR = 5
NAL_SPS = 7
NAL_PPS = 8
NAL_DELIMITER = 9
NAL_FILLER = 12

# Profiles whose SPS carries chroma format and bit depths (7.3.2.1.1).
HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})
MAX_SIDE = 8192


class BadParameterSet(ValueError):
    """The peer's SPS or PPS can't be read."""


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What an init segment says of the video: equal formats share an init."""

    sps: bytes
    pps: tuple[bytes, ...]
    width: int
    height: int

    @property
    def codecs(self) -> str:
        """RFC 6381: ``avc1.`` and profile, constraints and level in hexadecimal."""
        return "avc1." + self.sps[1:4].hex()


def nal_type(nal: bytes) -> int:
    return nal[0] & 0x1F


def starts_picture(slice_nal: bytes) -> bool:
    """Whether ``first_mb_in_slice`` is 0, whose Exp-Golomb code is the single bit 1 (7.3.3)."""
    return len(slice_nal) > 1 and bool(slice_nal[1] & 0x80)


def unescape(nal: bytes) -> bytes:
    """Without emulation prevention bytes (7.3.1)."""
    return nal.replace(b"\x00\x00\x03", b"\x00\x00")


class BitReader:
    """Big-endian bits and Exp-Golomb codes (9.1). Reading past the end raises :class:`BadParameterSet`."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def bits(self, count: int) -> int:
        if count > self._left:
            raise BadParameterSet("truncated")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def ue(self) -> int:
        zeros = 0
        while not self.bits(1):
            zeros += 1
            if zeros > 31:
                raise BadParameterSet("Exp-Golomb code too long")
        return (1 << zeros) - 1 + self.bits(zeros)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def picture_size(sps: bytes) -> tuple[int, int]:
    """Width and height after cropping (7.3.2.1.1)."""
    reader = BitReader(unescape(sps[1:]))
    profile = reader.bits(8)
    reader.bits(16)
    reader.ue()  # seq_parameter_set_id
    chroma = _chroma_format(reader) if profile in HIGH_PROFILES else 1
    _skip_order_count(reader)
    reader.ue()  # max_num_ref_frames
    reader.bits(1)
    width = (reader.ue() + 1) * 16
    height_units = reader.ue() + 1
    frames_only = reader.bits(1)
    height = height_units * 16 * (2 - frames_only)
    if not frames_only:
        reader.bits(1)
    reader.bits(1)  # direct_8x8_inference_flag
    return _cropped(reader, width, height, chroma, frames_only)


def _chroma_format(reader: BitReader) -> int:
    chroma = reader.ue()
    if chroma == 3:
        reader.bits(1)
    reader.ue()
    reader.ue()
    reader.bits(1)
    if reader.bits(1):
        raise BadParameterSet("scaling matrices are not supported")
    return chroma


def _skip_order_count(reader: BitReader) -> None:
    reader.ue()  # log2_max_frame_num_minus4
    kind = reader.ue()
    if kind == 0:
        reader.ue()
    elif kind == 1:
        reader.bits(1)
        reader.se()
        reader.se()
        for _ in range(min(reader.ue(), 255)):
            reader.se()


def _cropped(reader: BitReader, width: int, height: int, chroma: int, frames_only: int) -> tuple[int, int]:
    if reader.bits(1):
        left, right, top, bottom = (reader.ue() for _ in range(4))
        unit_x = 2 if chroma in (1, 2) else 1
        unit_y = (2 if chroma == 1 else 1) * (2 - frames_only)
        width -= (left + right) * unit_x
        height -= (top + bottom) * unit_y
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise BadParameterSet(f"picture of {width}x{height}")
    return width, height


def pps_id(pps: bytes) -> int:
    return BitReader(unescape(pps[1:9])).ue()


def chroma_and_depth(sps: bytes) -> tuple[int, int, int] | None:
    """chroma_format_idc and bit depths minus 8 for the profiles that carry them, else None."""
    if sps[1] not in HIGH_PROFILES:
        return None
    reader = BitReader(unescape(sps[4:]))
    reader.ue()
    chroma = reader.ue()
    if chroma == 3:
        reader.bits(1)
    return chroma, reader.ue(), reader.ue()


class ParameterSets:
    """The newest SPS and PPSs of one stream; gives a format once both are there."""

    def __init__(self) -> None:
        self._sps: bytes | None = None
        self._size = (0, 0)
        self._pps: dict[int, bytes] = {}
        self._format: VideoFormat | None = None

    def add(self, nal: bytes) -> None:
        """Take a NAL unit of type SPS or PPS; raises :class:`BadParameterSet`."""
        if nal_type(nal) == NAL_SPS:
            if nal == self._sps:
                return
            if len(nal) < 4:
                raise BadParameterSet("short SPS")
            self._size = picture_size(nal)
            self._sps = nal
            self._pps.clear()  # every PPS refers to the SPS before it
        else:
            number = pps_id(nal)
            if number > 255 or self._pps.get(number) == nal:
                return
            self._pps[number] = nal
        self._format = None

    @property
    def format(self) -> VideoFormat | None:
        if self._format is None and self._sps is not None and self._pps:
            pps = tuple(self._pps[number] for number in sorted(self._pps))
            self._format = VideoFormat(self._sps, pps, *self._size)
        return self._format
