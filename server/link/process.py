"""What both processes do at their start."""

from __future__ import annotations

import contextlib
import gc
import resource

_FILES_WANTED = 65_536
_NEW_OBJECTS, _ROUNDS = 20_000, 20


def raise_file_limit() -> None:
    """As many files and sockets as we are allowed to have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, _FILES_WANTED)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def collect_seldom() -> None:
    """Call when everything has been built. What stands now stays, so the garbage collector need not walk through it;
    and it looks for circles after twenty thousand new objects instead of seven hundred: with thousands of connections
    it took a third of the control process's time in a burst.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _ROUNDS, _ROUNDS)
