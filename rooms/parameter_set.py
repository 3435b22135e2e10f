"""What an H264 sequence parameter set says of the picture (ITU-T H.264, 7.3.2.1.1). Nothing is decoded."""

from __future__ import annotations

# Profiles whose SPS carries chroma format and bit depths.
HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})
MAX_SIDE = 8192


class BadParameterSet(ValueError):
    """The peer's SPS or PPS can't be read."""


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
