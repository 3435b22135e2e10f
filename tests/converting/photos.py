"""Pictures of questions, good and bad, made byte by byte."""

import struct
import zlib
from fractions import Fraction

import av
import numpy as np


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width=64, height=48, colour=(200, 30, 30, 255), *, before=b"", rows=None):
    """``before``: chunks that stand before its picture. ``rows``: instead of its colour."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    rows = (b"\0" + bytes(colour) * width) * height if rows is None else rows
    return b"\x89PNG\r\n\x1a\n" + head + before + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


MOVING_PNG = png(before=chunk(b"acTL", struct.pack(">II", 2, 0)))
BOMB = png(11_000, 11_000, rows=bytes(10))
"""A hundred bytes that say they are half a gigabyte."""
MOVING_WEBP = b"RIFF" + struct.pack("<I", 100) + b"WEBPVP8X" + struct.pack("<IB3x", 10, 0x02) + bytes(6 + 80)


def encoded(codec, pixel_format, pixels):
    context = av.CodecContext.create(codec, "w")
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=pixel_format)
    context.width, context.height, context.pix_fmt = frame.width, frame.height, pixel_format
    context.time_base = Fraction(1, 25)
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


def halves(width=64, height=48):
    """Black above, white below."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[height // 2 :] = 255
    return pixels


def jpeg(turned=None, pixels=None):
    """``turned``: EXIF's orientation."""
    content = encoded("mjpeg", "yuvj444p", halves() if pixels is None else pixels)
    if turned is None:
        return content
    exif = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, turned, 0, 0)
    return content[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif + content[2:]


def webp(pixels=None):
    return encoded("libwebp", "bgra", halves() if pixels is None else pixels)


def pixels_of(content):
    """Of a WebP, as rows of red, green, blue."""
    context = av.CodecContext.create("webp", "r")
    [frame] = [*context.decode(av.Packet(content)), *context.decode(None)]
    return frame.to_ndarray(format="rgb24")
