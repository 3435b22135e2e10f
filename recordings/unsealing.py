"""Whether a sealed package is what was sealed, and by whom. Reads once, writes nothing, believes no name in it."""

from __future__ import annotations

import contextlib
import enum
import json
import os
import stat
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from recordings import digest
from recordings.digest import STEP_BYTES, Digest, Digester
from recordings.package import ALGORITHM, BLOCK, END, FORM, INDEX, NAME, SIGNATURE, fingerprint

MOST_INDEX_BYTES = 32 << 20
MOST_SIGNATURE_BYTES = 4096
MOST_FLAWS = 1000
_TYPE_AT = 156
_EXTENDED = frozenset({b"x", b"g", b"X", b"L", b"K", b"S"})


class Fault(enum.StrEnum):
    NO_PACKAGE = "no_package"  # no tar, or cut off
    INDEX = "index"  # not there, or of no form that we know
    SIGNATURE = "signature"  # the index is not what was signed
    FOREIGN = "foreign"  # signed by another key than expected
    NAME = "name"  # leads outside, or is no name of ours
    NOT_A_FILE = "not_a_file"  # a link, a folder, a device
    TWICE = "twice"
    UNLISTED = "unlisted"  # a file too many
    MISSING = "missing"
    LENGTH = "length"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Flaw:
    """``name``: as the package says it, made harmless for a terminal."""

    fault: Fault
    name: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unsealed:
    """``key``: whose signature the index bears; "" where it bears none that holds. ``said``: what the index says."""

    key: str
    said: dict[str, Any]
    files: int
    bytes: int
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    bytes: int
    kind: Digest
    hex: str


class _Hopeless(Exception):
    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(fault, detail)
        self.flaw = Flaw(fault, "", detail)


@dataclass
class _Look:
    flaws: list[Flaw] = field(default_factory=list)
    key: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, _Row] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    bytes: int = 0

    def note(self, fault: Fault, name: str = "", detail: str = "") -> None:
        if len(self.flaws) < MOST_FLAWS:
            self.flaws.append(Flaw(fault, _harmless(name), detail))


def unseal(path: Path, expected: frozenset[str], progress: Callable[[int], None] = lambda percent: None) -> Unsealed:
    """``expected``: fingerprints of keys, one of which must have signed. Raises ``OSError`` for what can't be read."""
    look = _Look()
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        return Unsealed("", {}, 0, 0, (Flaw(Fault.NO_PACKAGE),))
    with path.open("rb") as file, contextlib.suppress(_Hopeless):
        try:
            _read(look, file, status.st_size, expected, progress)
        except _Hopeless as error:
            look.flaws.append(error.flaw)
        except (tarfile.TarError, ValueError, EOFError, OverflowError) as error:
            look.note(Fault.NO_PACKAGE, detail=type(error).__name__)
    return Unsealed(look.key, look.said, len(look.seen), look.bytes, tuple(look.flaws))


def _read(look: _Look, file: IO[bytes], size: int, expected: frozenset[str], progress: Callable[[int], None]) -> None:
    members = _members(file)
    index = _first(members, INDEX, MOST_INDEX_BYTES)
    signature = _first(members, SIGNATURE, MOST_SIGNATURE_BYTES)
    look.key = _signer(index, signature)
    if look.key not in expected:
        look.note(Fault.FOREIGN, detail=look.key)
    look.said, look.rows = _listed(index)
    end = 0
    for member, content in members:
        end = member.offset_data + member.size + -member.size % BLOCK
        _file(look, member, content)
        progress(min(99, 100 * file.tell() // max(1, size)))
    if size != end + len(END):
        look.note(Fault.NO_PACKAGE, detail="cut off" if size < end + len(END) else "bytes behind its end")
    for name in look.rows.keys() - look.seen:
        look.note(Fault.MISSING, name)
    look.flaws.sort(key=lambda flaw: (flaw.name, flaw.fault))


def _members(file: IO[bytes]) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """In the order of the file; the content is read before the next one. Each begins behind the one before it."""
    _refuse_extended(file, 0)
    with tarfile.open(fileobj=file, mode="r:", format=tarfile.USTAR_FORMAT, errorlevel=2) as tar:
        while (member := tar.next()) is not None:
            if member.size < 0 or tar.offset <= member.offset:
                raise tarfile.ReadError("a length below nothing")
            yield member, (tar.extractfile(member) if _plain(member) else None) or file
            tar.members.clear()  # type: ignore[attr-defined]  # or it keeps all of them
            _refuse_extended(file, tar.offset)


def _refuse_extended(file: IO[bytes], at: int) -> None:
    """Headers that go on in others (PAX, GNU) are read whole into memory, one inside the other: none is ours."""
    if at >= os.fstat(file.fileno()).st_size:
        return
    file.seek(at)
    if file.read(BLOCK)[_TYPE_AT : _TYPE_AT + 1] in _EXTENDED:
        raise tarfile.ReadError("an extended header")
    file.seek(at)


def _plain(member: tarfile.TarInfo) -> bool:
    return member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.pax_headers and not member.issparse()


def _first(members: Iterator[tuple[tarfile.TarInfo, IO[bytes]]], name: str, most: int) -> bytes:
    member, content = next(members, (None, None))
    if member is None or content is None or member.name != name or not _plain(member) or member.size > most:
        raise _Hopeless(Fault.INDEX, f"{name} is not where it belongs")
    return content.read()


def _signer(index: bytes, signature: bytes) -> str:
    """The fingerprint of the key that has signed the index."""
    try:
        said = json.loads(signature)
        public = bytes.fromhex(said["key"])
        if said["algorithm"] != ALGORITHM:
            raise ValueError(said["algorithm"])
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(said["signature"]), index)
    except InvalidSignature:
        raise _Hopeless(Fault.SIGNATURE, "the index is not what was signed") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _Hopeless(Fault.SIGNATURE, f"unreadable ({type(error).__name__})") from None
    return fingerprint(public)


def _listed(index: bytes) -> tuple[dict[str, Any], dict[str, _Row]]:
    try:
        said = json.loads(index)
        if said["form"] != FORM:
            raise ValueError("another form")
        rows = {}
        for row in said.pop("files"):
            kind = next(kind for kind in Digest if kind.value in row)
            rows[str(row["name"])] = _Row(int(row["bytes"]), kind, str(row[kind.value]))
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError) as error:
        raise _Hopeless(Fault.INDEX, type(error).__name__) from None
    return said, rows


def _file(look: _Look, member: tarfile.TarInfo, content: IO[bytes]) -> None:
    name = member.name
    if not NAME.fullmatch(name):
        return look.note(Fault.NAME, name)
    if not _plain(member):
        return look.note(Fault.NOT_A_FILE, name)
    if name in look.seen:
        return look.note(Fault.TWICE, name)
    look.seen.add(name)
    row = look.rows.get(name)
    if row is None:
        return look.note(Fault.UNLISTED, name)
    if member.size != row.bytes:
        return look.note(Fault.LENGTH, name, f"{member.size} instead of {row.bytes} bytes")
    digester = Digester(row.kind)
    while data := content.read(STEP_BYTES):
        digester.add(data)
        look.bytes += len(data)
    return None if digester.hex() == row.hex else look.note(Fault.DIGEST, name, row.kind)


def _harmless(name: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name[:120])


__all__ = ["Fault", "Flaw", "Unsealed", "digest", "unseal"]
