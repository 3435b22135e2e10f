"""What both processes do at their start."""

from __future__ import annotations

import contextlib
import resource

_FILES_WANTED = 65_536


def raise_file_limit() -> None:
    """As many files and sockets as we are allowed to have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, _FILES_WANTED)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
