"""Frozen dataclasses to JSON and back, by their type hints, strictly.

A frame is a 4-byte big-endian length and that many bytes of UTF-8 JSON. Dataclasses are objects with their class
name under ``~``, bytes are base64 strings, enums their values. Anything that does not fit raises :class:`BadFrame`;
whoever reads then closes the link.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import dataclasses
import datetime as dt
import enum
import functools
import json
import struct
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FRAME_LIMIT = 8 * 1024 * 1024  # a ring file of two seconds in base64 stays well below
_LENGTH = struct.Struct("!I")
_TAG = "~"


class BadFrame(ValueError):
    """The other side sent what cannot be read."""


# ---- frames ----------------------------------------------------------------------------------------------


def pack(message: dict[str, Any]) -> bytes:
    """Raises :class:`BadFrame` when the message is too large to send."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    if len(body) > FRAME_LIMIT:
        raise BadFrame(f"a frame of {len(body)} bytes")
    return _LENGTH.pack(len(body)) + body


async def read(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next message, None at the end of the stream."""
    try:
        (size,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        if size > FRAME_LIMIT:
            raise BadFrame(f"a frame of {size} bytes")
        return unpack(await reader.readexactly(size))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def unpack(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadFrame("not JSON") from error
    if not isinstance(message, dict):
        raise BadFrame("not an object")
    return message


# ---- values ----------------------------------------------------------------------------------------------


def encode(value: object) -> Any:  # noqa: ANN401, PLR0911 - JSON, one line a type
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {_key(key): encode(item) for key, item in value.items()}
    if isinstance(value, (tuple, list, frozenset, set)):
        return [encode(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {_TAG: type(value).__name__, **fields}
    raise TypeError(f"{type(value).__name__} does not cross the link")


def decode(hint: Any, data: Any) -> Any:  # noqa: ANN401 - JSON
    """``data`` as the type the hint names. Raises :class:`BadFrame`."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _decode_union(args, data)
    if origin is not None:
        return _decode_container(origin, args, data)
    if hint is None or hint is type(None):
        return _expect(data, type(None))
    if dataclasses.is_dataclass(hint):
        return _decode_dataclass(hint, data)
    return _decode_plain(hint, data)


def _decode_plain(hint: Any, data: Any) -> Any:  # noqa: ANN401
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        try:
            return hint(data)
        except ValueError as error:
            raise BadFrame(f"{data!r} is no {hint.__name__}") from error
    if hint is bytes:
        return _decode_bytes(data)
    if hint is dt.datetime:
        return _decode_moment(data)
    if hint is Path:
        return Path(_expect(data, str))
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if hint in (bool, int, float, str):
        return _expect(data, hint)
    raise TypeError(f"{hint!r} does not cross the link")


def _decode_bytes(data: Any) -> bytes:  # noqa: ANN401
    try:
        return base64.b64decode(_expect(data, str), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadFrame("not base64") from error


def _decode_moment(data: Any) -> dt.datetime:  # noqa: ANN401
    try:
        moment = dt.datetime.fromisoformat(_expect(data, str))
    except ValueError as error:
        raise BadFrame("not a time") from error
    if moment.tzinfo is None:
        raise BadFrame("a time without its zone")
    return moment


def _decode_union(members: tuple[Any, ...], data: Any) -> Any:  # noqa: ANN401
    if data is None and type(None) in members:
        return None
    if isinstance(data, dict) and _TAG in data:
        for member in members:
            if dataclasses.is_dataclass(member) and member.__name__ == data[_TAG]:  # type: ignore[union-attr]
                return _decode_dataclass(member, data)
        raise BadFrame(f"{data[_TAG]!r} is not expected here")
    for member in members:
        try:
            return decode(member, data)
        except BadFrame:
            continue
    raise BadFrame("no member of the union fits")


def _decode_container(origin: Any, args: tuple[Any, ...], data: Any) -> Any:  # noqa: ANN401
    if origin in (dict, Mapping):
        return {decode(args[0], key): decode(args[1], item) for key, item in _expect(data, dict).items()}
    items = _expect(data, list)
    if origin is frozenset:
        return frozenset(decode(args[0], item) for item in items)
    if origin is tuple and args[-1] is Ellipsis:
        return tuple(decode(args[0], item) for item in items)
    if origin is tuple and len(args) == len(items):
        return tuple(decode(hint, item) for hint, item in zip(args, items, strict=True))
    raise BadFrame("a tuple of another length")


def _decode_dataclass(hint: Any, data: Any) -> Any:  # noqa: ANN401
    fields = dict(_expect(data, dict))
    if fields.pop(_TAG, None) != hint.__name__:
        raise BadFrame(f"not a {hint.__name__}")
    hints = _hints(hint)
    if fields.keys() != hints.keys():
        raise BadFrame(f"fields of {hint.__name__} differ")
    return hint(**{name: decode(hints[name], item) for name, item in fields.items()})


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    return {f.name: hints[f.name] for f in dataclasses.fields(cls)}


def _expect(data: Any, kind: type) -> Any:  # noqa: ANN401
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise BadFrame(f"{type(data).__name__} instead of {kind.__name__}")
    return data


def _key(key: object) -> str:
    if isinstance(key, enum.Enum):
        return str(key.value)
    if isinstance(key, str):
        return key
    raise TypeError(f"{type(key).__name__} is no key")
