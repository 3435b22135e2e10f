"""What the processes do at their start, and the word between them."""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import sys
import threading
from collections.abc import Callable

PLACE_BYTES = 4096
"""Room enough for the words, in one line of JSON, that tell a child that stands by where it is to serve."""
_FILES_WANTED = 65_536
_LOWEST_PRIORITY = 19
_PACKETS_PRIORITY, _HAND_OVER_S = -10, 0.0005
_NEW_OBJECTS, _ROUNDS = 20_000, 20


def raise_file_limit() -> None:
    """As many files and sockets as we are allowed to have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, _FILES_WANTED)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def in_background(load: Callable[[], object]) -> None:
    """Runs it with whatever the machine has to spare, and waits. Nobody may raise a process's priority again without
    rights, so a thread gives up its own: on Linux each has one."""

    def run() -> None:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_PRIORITY)
        load()

    thread = threading.Thread(target=run, name="standby")
    thread.start()
    thread.join()


def packets_first() -> None:
    """Call on the thread that forwards packets, once the others have been started.

    It goes before other threads and processes where we have the right to say so (CAP_SYS_NICE, RLIMIT_NICE), and a
    thread of ours that computes beside it hands the interpreter over within half a millisecond instead of five.
    """
    sys.setswitchinterval(_HAND_OVER_S)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _PACKETS_PRIORITY)


def collect_seldom() -> None:
    """Call when everything has been built. What stands now stays, so the garbage collector need not walk through it;
    and it looks for circles after twenty thousand new objects instead of seven hundred: with thousands of connections
    it took a third of the control process's time in a burst.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _ROUNDS, _ROUNDS)
