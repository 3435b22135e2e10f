"""Which hot path a node runs on: the one in C where it was built, else pure Python. Their bytes are the same."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass

from rooms.fanout import FanOut, PythonFanOut
from rooms.interface import BackendMissing
from rooms.port import Read, reader
from rooms.srtp import Ciphers, Keys, Srtp
from rooms.stun import AnswerCheck


@dataclass(frozen=True, slots=True)
class Backend:
    """``make_reader`` for the port, ``make_ciphers`` and ``answer_check`` for each peer, ``fan_out`` to all viewers."""

    name: str
    make_reader: Callable[[socket.socket], Read]
    make_ciphers: Callable[[Keys], Ciphers]
    fan_out: Callable[[socket.socket], FanOut]
    answer_check: AnswerCheck | None = None


PYTHON = Backend(PythonFanOut.backend, reader, Srtp, PythonFanOut)


def choose(wanted: str) -> Backend:
    """``wanted`` is ``auto``, ``native`` or ``python``. Raises BackendMissing only for ``native``."""
    if wanted == "python":
        return PYTHON
    try:
        from rooms import native  # noqa: PLC0415 - an optional part: there is nothing to import where it was not built
    except ImportError as error:
        if wanted == "native":
            raise BackendMissing(str(error)) from error
        return PYTHON
    name = native.NativeFanOut.backend
    return Backend(name, native.reader, native.NativeSrtp, native.NativeFanOut, native.answer_check)
