"""The folder of everything durable: made, checked and held before anything else starts."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

_LONGEST_SOCKET_PATH = 100  # sun_path holds 108 bytes


class FolderUnusable(Exception):
    """One sentence for the operator."""


@contextlib.contextmanager
def held(folder: Path, *, alone: bool) -> Iterator[Path]:
    """The folder for run-time files inside ``folder``, locked against a second server when ``alone``.

    Raises :class:`FolderUnusable`.
    """
    run = folder / "run"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        run.mkdir(exist_ok=True, mode=0o700)
        descriptor = os.open(run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        (folder / "recordings").mkdir(exist_ok=True)
        (folder / "materials").mkdir(exist_ok=True)
        (folder / "films").mkdir(exist_ok=True)
    except OSError as error:
        raise FolderUnusable(f"the data folder {folder} cannot be written: {error.strerror}") from None
    try:
        if alone:
            _lock(descriptor, folder)
        yield run
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FolderUnusable(f"the data folder {folder} is used by another server that is running") from None


@contextlib.contextmanager
def socket_path(run: Path) -> Iterator[Path]:
    """Where the media process listens. A deep data folder gets a short private one: socket paths are short."""
    path = run / f"media-{os.getpid()}.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="dangxiao-") as short:
        yield Path(short) / "media.sock"
