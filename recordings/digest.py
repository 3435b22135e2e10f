"""Digests of the files of an archive: SHA-256, or SM3 (GB/T 32905) where the rules of the house ask for it."""

from __future__ import annotations

import enum
import hashlib
import os

from cryptography.hazmat.primitives.hashes import SM3, Hash

STEP_BYTES = 1 << 20


class Digest(enum.StrEnum):
    """Named in the manifest beside each file, so an archive may hold both."""

    SHA256 = "sha256"
    SM3 = "sm3"


class Digester:
    """Takes bytes until it is asked."""

    def __init__(self, kind: Digest) -> None:
        self._sha256 = hashlib.sha256() if kind is Digest.SHA256 else None
        self._sm3 = Hash(SM3()) if kind is Digest.SM3 else None  # OpenSSL's, as hashlib's may lack it

    def add(self, data: bytes) -> None:
        if self._sha256 is not None:
            self._sha256.update(data)
        elif self._sm3 is not None:
            self._sm3.update(data)

    def hex(self) -> str:
        """Once, at the end."""
        if self._sha256 is not None:
            return self._sha256.hexdigest()
        assert self._sm3 is not None
        return self._sm3.finalize().hex()


def of(data: bytes, kind: Digest) -> str:
    digester = Digester(kind)
    digester.add(data)
    return digester.hex()


def of_file(fd: int, kind: Digest) -> str:
    """From its beginning."""
    digester, at = Digester(kind), 0
    while data := os.pread(fd, STEP_BYTES, at):
        digester.add(data)
        at += len(data)
    return digester.hex()
