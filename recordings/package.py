"""A sealed package (封存包): one archive and what belongs to it as a plain tar, with a signed index at its head.

``index.json`` names every other file with length and digest, ``index.sig`` signs the bytes of the index (Ed25519,
RFC 8032); both come first, so that a reader in one pass knows what to expect. Nothing is compressed. The recording's
own files lie under ``recording/``, what was handed in with them under ``record/``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from recordings import digest, manifest
from recordings.assembling import copy
from recordings.digest import Digest
from recordings.film import Cut
from recordings.fragment import Damaged
from recordings.storage import PART, StorageFull, remove_quietly, sync_folder, translated, write_all
from recordings.verifying import Fault, verify

FORM = 1
INDEX, SIGNATURE = "index.json", "index.sig"
ALGORITHM = "Ed25519"
RECORDING, RECORD = "recording/", "record/"
NAME = re.compile(r"(recording|record)/[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Sealed:
    bytes: int
    key: str


def fingerprint(public: bytes) -> str:
    """Of a public key: what people compare, in groups of four."""
    text = digest.of(public, Digest.SHA256)[:32]
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def fingerprint_of(secret: bytes) -> str:
    """``secret``: 32 bytes, as they are kept."""
    return fingerprint(Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Contents:
    """``said``: what the index says of the whole. ``documents``: name → content, for ``record/``."""

    said: Mapping[str, Any]
    documents: Mapping[str, bytes]


class Packing:
    """Raises ``Damaged`` for an archive that is not sound, ``StorageFull``, ``StorageUnavailable``; the target is
    whole then or not there."""

    def __init__(self, folder: Path, target: Path, keep_free_bytes: int, progress: Progress) -> None:
        self._folder = folder
        self._target = target
        self._keep_free_bytes = keep_free_bytes
        self._progress = progress

    def seal(self, contents: Contents, secret: bytes) -> Sealed:
        try:
            return self._sealed(contents, secret)
        except OSError as error:
            raise translated(error) from error

    def _sealed(self, contents: Contents, secret: bytes) -> Sealed:
        data = self._sound()
        listed = manifest.Contents.of(data)
        inner = {RECORDING + manifest.NAME: data} | {RECORD + name: text for name, text in contents.documents.items()}
        rows = [_row(name, len(text), Digest.SHA256, digest.of(text, Digest.SHA256)) for name, text in inner.items()]
        rows += [_row(RECORDING + name, size, *listed.digests[name]) for name, size in listed.files.items()]
        index = json.dumps({"form": FORM, **contents.said, "files": rows}, ensure_ascii=False, indent=1).encode()
        key = Ed25519PrivateKey.from_private_bytes(secret)
        public = key.public_key().public_bytes_raw()
        signed = {"algorithm": ALGORITHM, "key": public.hex(), "signature": key.sign(index).hex()}
        first = {INDEX: index, SIGNATURE: json.dumps(signed).encode()} | inner
        self._check_room(sum(map(len, first.values())) + sum(listed.files.values()))
        size = self._write(first, listed.files)
        return Sealed(size, fingerprint(public))

    def _sound(self) -> bytes:
        """The manifest. Pictures may still be added to it; they stay outside then, with their lines."""
        data = (self._folder / manifest.NAME).read_bytes()
        found = verify(self._folder, lambda percent: self._progress(percent // 2))
        flaws = [flaw for flaw in found.flaws if flaw.fault is not Fault.UNLISTED]  # what nobody listed stays outside
        if flaws:
            raise Damaged(flaws[0].name, flaws[0].fault)
        return data

    def _check_room(self, size: int) -> None:
        if shutil.disk_usage(self._target.parent).free - size < self._keep_free_bytes:
            raise StorageFull(f"{size >> 20} MiB are needed")

    def _write(self, first: Mapping[str, bytes], files: Mapping[str, int]) -> int:
        part = self._target.with_name(self._target.name + PART)
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        try:
            for name, text in first.items():
                write_all(fd, _header(name, len(text)) + text + _padding(len(text)))
            self._pour(fd, files)
            write_all(fd, END)
            os.fsync(fd)
            size = os.fstat(fd).st_size
            part.rename(self._target)
            sync_folder(self._target.parent)
        except BaseException:
            remove_quietly(part)
            raise
        finally:
            os.close(fd)
        return size

    def _pour(self, fd: int, files: Mapping[str, int]) -> None:
        whole, done = max(1, sum(files.values())), 0
        for name, size in files.items():
            write_all(fd, _header(RECORDING + name, size))
            source = os.open(self._folder / name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                copy(source, fd, Cut(name, 0, size))
            finally:
                os.close(source)
            write_all(fd, _padding(size))
            done += size
            self._progress(50 + 49 * done // whole)


def _row(name: str, size: int, kind: Digest, hexadecimal: str) -> dict[str, Any]:
    return {"name": name, "bytes": size, kind.value: hexadecimal}


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o644
    return entry.tobuf(tarfile.USTAR_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)
