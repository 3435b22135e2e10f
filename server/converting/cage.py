"""Shutting this very process in, before it opens a foreign file. Linux; every wall that the kernel has is put up.

Each wall stands for itself: resource limits (setrlimit(2)), no new privileges, a network and a user namespace of its
own (unshare(2)), the files that it may touch (landlock(7)), and calls that it may not make (:mod:`calls`).
:func:`shut` says which of them stand.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from server.converting import calls

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
# linux/landlock.h: execute, write, read file, read folder, … make symbolic link; then refer (2), truncate (3).
_EXECUTE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 2, 1 << 3
_READ = _EXECUTE | _READ_FILE | _READ_FOLDER
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_OF_FIRST = (1 << 13) - 1
_OF_A_FILE = _EXECUTE | _READ_FILE | 1 << 1 | _TRUNCATE
_TCP = 0b11  # bind, connect
_NET_SINCE = 4
_OTHERS = 0b11  # abstract sockets of others, and signals to them
_OTHERS_SINCE = 6


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one conversion. ``wall_s`` is the starter's to watch, the others the kernel's."""

    memory_bytes: int
    cpu_s: int
    wall_s: float
    file_bytes: int
    files: int = 64
    processes: int = 0
    """Threads count, too. 0: none besides itself."""


def lower(limits: Limits) -> None:
    """Gives up what it may not use, and ends with whoever started it."""
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.nice(15)
    _first_to_go()
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    _limit(resource.RLIMIT_CPU, limits.cpu_s)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_NOFILE, limits.files)


def shut(limits: Limits, *, readable: Iterable[Path], folder: Path) -> tuple[str, ...]:
    """``folder`` may be written, ``readable`` read, everything else not touched. To be called when all is imported."""
    walls = {
        "no-privileges": _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0,
        "no-network": _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0,
        "files": _confine(readable, folder),
    }
    _limit(resource.RLIMIT_NPROC, limits.processes)
    walls["calls"] = walls["no-privileges"] and calls.refuse(_libc())
    return tuple(name for name, stands in walls.items() if stands)


def allow_cpu(seconds: int) -> None:
    """So much processor time from now on, within the limit of the whole: SIGXCPU ends what takes longer."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    used = resource.getrusage(resource.RUSAGE_SELF)
    wanted = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _first_to_go() -> None:
    """Should the machine's memory run out, the lesson is not what the kernel ends."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _limit(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (bound, bound))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _confine(readable: Iterable[Path], folder: Path) -> bool:
    version = _libc().syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    handled = _OF_FIRST | (_REFER if version > 1 else 0) | (_TRUNCATE if version > 2 else 0)
    fields = [handled, *([_TCP] if version >= _NET_SINCE else []), *([_OTHERS] if version >= _OTHERS_SINCE else [])]
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    rules = _libc().syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    try:
        for path in readable:
            _allow(rules, path, handled & _READ)
        _allow(rules, folder, handled & ~_EXECUTE)
        return bool(_libc().syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, access: int) -> None:
    """What is not there needs no permission."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        access = access if path.is_dir() else access & _OF_A_FILE
        rule = struct.pack("=Qi", access, descriptor)
        _libc().syscall(_LANDLOCK_ADD, rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
