"""The little of H.264 that copying needs (ITU-T H.264, 7.3): NAL unit types, parameter sets, picture size."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.parameter_set import HIGH_PROFILES, BadParameterSet, BitReader, picture_size, unescape

NAL_SLICE = 1
NAL_IDR = 5
NAL_SPS = 7
NAL_PPS = 8
NAL_DELIMITER = 9
NAL_FILLER = 12


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
