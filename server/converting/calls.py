"""Calls that this process may not even ask the kernel for (seccomp(2)): the wall behind the walls of ``cage``.

What draws pages and decodes films needs no sockets of any kind (also none that lie as files in a folder, which no other
wall keeps), sends nobody signals, and looks into no other process. It would gain much by namespaces, keys and rings.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # linux/bpf_common.h
_NUMBER_AT, _MACHINE_AT = 0, 4  # in struct seccomp_data
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_FOREIGN_NUMBERS = 0x40000000  # the x32 ones; on other machines there are none
_SAME = (424, 425, 427, 428, 429, 430, 431, 432, 438)  # pidfd_send_signal, io_uring_*, open_tree … fspick, pidfd_getfd
_NEVER = {
    # socket, connect, socketpair, kill, ptrace, process_vm_*, unshare, setns, mount, keys, bpf, userfaultfd, perf
    "x86_64": (0xC000003E, (41, 42, 53, 62, 101, 310, 311, 272, 308, 165, 248, 249, 250, 321, 323, 298, *_SAME)),
    "aarch64": (0xC00000B7, (198, 203, 199, 129, 117, 270, 271, 97, 268, 40, 217, 218, 219, 280, 282, 241, *_SAME)),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def refuse(libc: ctypes.CDLL) -> bool:
    """From now on they fail with EACCES. False where this machine has another language. Needs no-new-privileges."""
    if platform.machine() not in _NEVER:
        return False
    steps = _steps(*_NEVER[platform.machine()])
    program = _Program(len(steps) // 8, steps)
    return bool(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _steps(machine: int, numbers: tuple[int, ...]) -> bytes:
    """Each number jumps to the refusal at the end, whatever is none of them is allowed."""
    count = len(numbers)
    steps = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_IF_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_IF_AT_LEAST, count + 1, 0, _FOREIGN_NUMBERS),
        *((_IF_EQUAL, count - at, 0, number) for at, number in enumerate(numbers)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _FAIL | errno.EACCES),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
