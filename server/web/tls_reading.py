"""TLS connections read into one buffer, each in its turn, instead of keeping one of their own.

asyncio has no parameter for it, and keeps 256 KiB for each: 1 GB for 4,000 phones. What is received is handed to
OpenSSL in the same call of the event loop, so no connection ever finds there what another has read.
"""

from __future__ import annotations

import asyncio
import weakref
from asyncio import sslproto
from typing import Any

_RECORD_BYTES = 16_384
"""The most that one reading gives, and the most of a TLS record (RFC 8446, 5.1)."""

_buffers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, memoryview] = weakref.WeakKeyDictionary()
"""Each loop has its own, since each may run in a thread of its own."""

_made = sslproto.SSLProtocol.__init__


def share() -> None:
    """For all TLS connections of this process that are made from now on. Idempotent."""
    sslproto.SSLProtocol.max_size = _RECORD_BYTES
    sslproto.SSLProtocol.__init__ = _make  # type: ignore[method-assign,assignment]


def _make(protocol: Any, loop: asyncio.AbstractEventLoop, *arguments: Any, **more: Any) -> None:  # noqa: ANN401
    _made(protocol, loop, *arguments, **more)
    view = _buffers.get(loop)
    if view is None:
        view = _buffers[loop] = memoryview(bytearray(_RECORD_BYTES))
    # The names are asyncio's own; a test holds that they are still used.
    protocol._ssl_buffer = protocol._ssl_buffer_view = view
