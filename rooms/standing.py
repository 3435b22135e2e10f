"""A picture that stands still: H264 pictures in which every macroblock is skipped (ITU-T H.264, 7.3.3, 7.3.4).

A skipped macroblock is the one before it, unmoved (8.4.1.1: with no neighbour that moves), so that such a picture shows
exactly what the picture before it did, and is a dozen bytes. For streams without CABAC, interlacing and slice groups.
"""

from __future__ import annotations

from dataclasses import dataclass

from rooms.parameter_set import HIGH_PROFILES, BadParameterSet, BitReader, unescape

REFERENCE_SLICE = 0x21  # nal_ref_idc 1, nal_unit_type 1
P_ONLY = 5  # slice_type: all slices of the picture are P


class BitWriter:
    """Big-endian bits and Exp-Golomb codes (9.1)."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def bits(self, value: int, count: int) -> None:
        if count:
            self._bits.append(format(value, f"0{count}b"))

    def ue(self, value: int) -> None:
        size = (value + 1).bit_length()
        self.bits(value + 1, 2 * size - 1)

    def trailed(self) -> bytes:
        """With the stop bit and zeros up to the byte (7.3.2.11)."""
        bits = "".join(self._bits) + "1"
        bits += "0" * (-len(bits) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8, "big")


@dataclass(frozen=True, slots=True)
class Shape:
    """What of the parameter sets a slice header depends on. ``order_bits``: None where it carries no order count."""

    number_bits: int
    order_bits: int | None
    macroblocks: int
    order_present: bool
    deblocking: bool
    redundant: bool
    set_id: int


def shape_of(sps: bytes, pps: bytes) -> Shape:
    """Raises :class:`BadParameterSet` for what we write no slices for."""
    reader = BitReader(unescape(sps[1:]))
    if reader.bits(8) in HIGH_PROFILES:
        raise BadParameterSet("a high profile")
    reader.bits(16)
    reader.ue()  # seq_parameter_set_id
    number_bits = reader.ue() + 4
    order_bits = _order_bits(reader)
    reader.ue()  # max_num_ref_frames
    reader.bits(1)
    macroblocks = (reader.ue() + 1) * (reader.ue() + 1)
    if not reader.bits(1):
        raise BadParameterSet("interlaced")
    return _with_pps(number_bits, order_bits, macroblocks, BitReader(unescape(pps[1:])))


def _order_bits(reader: BitReader) -> int | None:
    kind = reader.ue()
    if kind == 0:
        return reader.ue() + 4
    if kind == 2:
        return None
    raise BadParameterSet("pic_order_cnt_type 1")


def _with_pps(number_bits: int, order_bits: int | None, macroblocks: int, reader: BitReader) -> Shape:
    set_id = reader.ue()
    reader.ue()  # seq_parameter_set_id
    cabac, order_present = reader.bits(1), bool(reader.bits(1))
    groups = reader.ue()
    reader.ue()  # num_ref_idx_l0_default_active_minus1
    reader.ue()
    weighted = reader.bits(1)
    if cabac or groups or weighted:
        raise BadParameterSet("CABAC, slice groups or weights")
    reader.bits(2)
    for _ in range(3):
        reader.se()  # quantisers
    deblocking = bool(reader.bits(1))
    reader.bits(1)
    return Shape(number_bits, order_bits, macroblocks, order_present, deblocking, bool(reader.bits(1)), set_id)


def standing_picture(shape: Shape, number: int) -> bytes:
    """A NAL unit. ``number``: of the picture after the last keyframe, that one being 0."""
    out = BitWriter()
    out.ue(0)  # first_mb_in_slice
    out.ue(P_ONLY)
    out.ue(shape.set_id)
    out.bits(number % (1 << shape.number_bits), shape.number_bits)
    if shape.order_bits is not None:
        out.bits(2 * number % (1 << shape.order_bits), shape.order_bits)
        if shape.order_present:
            out.ue(0)  # delta_pic_order_cnt_bottom
    if shape.redundant:
        out.ue(0)
    out.bits(1, 1)  # num_ref_idx_active_override_flag
    out.ue(0)
    out.bits(0, 2)  # no list modification, no adaptive marking
    out.ue(0)  # slice_qp_delta
    if shape.deblocking:
        out.ue(1)  # not needed: nothing has changed
    out.ue(shape.macroblocks)  # mb_skip_run
    return bytes((REFERENCE_SLICE,)) + escape(out.trailed())


def escape(payload: bytes) -> bytes:
    """With emulation prevention bytes (7.4.1)."""
    out, zeros = bytearray(), 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)
