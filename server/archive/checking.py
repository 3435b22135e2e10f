"""`dangxiao archive verify`: what an auditor reads, Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from recordings import unsealing
from recordings.objects import Objects
from recordings.package import fingerprint_of
from recordings.storage import StorageUnavailable, is_recording_id
from recordings.verifying import Fault, Findings, Flaw, verify

FLAWED, UNKNOWN = 1, 2
_SAID = {
    Fault.MISSING: "缺失 missing",
    Fault.NOT_A_FILE: "不是普通文件 no plain file",
    Fault.LENGTH: "长度不符 another length",
    Fault.DIGEST: "内容已改变 its content was changed",
    Fault.UNLISTED: "清单之外的文件 not listed, a file too many",
    Fault.MANIFEST: "清单有误 the manifest is damaged",
    Fault.OPEN: "录制尚未结束 the recording has not ended",
}
_UNSEEN = "在对象存储中，没有配置访问，只核对了清单 in an object store that is not set here: only its manifest was read"
_OF_PACKAGE = {
    unsealing.Fault.NO_PACKAGE: "不是完整的封存包 no whole package",
    unsealing.Fault.INDEX: "索引缺失或有误 the index is missing or damaged",
    unsealing.Fault.SIGNATURE: "签名与索引不符 the signature is not of this index",
    unsealing.Fault.FOREIGN: "签名不是所要求的密钥 signed by another key than expected",
    unsealing.Fault.NAME: "文件名越界或不合规 a name that leads outside, or none of ours",
    unsealing.Fault.NOT_A_FILE: "不是普通文件 no plain file",
    unsealing.Fault.TWICE: "重复的文件 twice in the package",
    unsealing.Fault.UNLISTED: "索引之外的文件 not listed, a file too many",
    unsealing.Fault.MISSING: "缺失 missing",
    unsealing.Fault.LENGTH: "长度不符 another length",
    unsealing.Fault.DIGEST: "内容已改变 its content was changed",
}
_ADVICE = ("请保留现状，从备份中恢复所列文件。Keep everything as it is, and restore the files named from a backup.",)


def report(recordings: Path, recording_id: str = "", objects: Objects | None = None) -> tuple[str, int]:
    """Of one archive, or of all; and the exit code of the command: 1 at a flaw, 2 where there is no such archive, or
    the object store is away."""
    names = [recording_id] if recording_id else _all(recordings)
    try:
        found = [(name, _findings(recordings, name, objects)) for name in names]
    except StorageUnavailable as error:
        return f"无法读取对象存储 The object store cannot be read: {error}", UNKNOWN
    unknown = [name for name, findings in found if findings is None]
    if unknown:
        return f"没有这个录像 There is no such archive: {unknown[0]!r}", UNKNOWN
    told = [(name, findings) for name, findings in found if findings is not None]
    return "\n".join(_lines(told)), FLAWED if any(_flaws(findings) for _, findings in told) else 0


def _all(recordings: Path) -> list[str]:
    if not recordings.is_dir():
        return []
    return sorted(path.name for path in recordings.iterdir() if is_recording_id(path.name) and path.is_dir())


def _findings(recordings: Path, name: str, objects: Objects | None) -> Findings | None:
    if not is_recording_id(name):
        return None
    try:
        return verify(recordings / name, fetch=objects.get if objects else None)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _flaws(findings: Findings) -> list[Flaw]:
    """A recording that goes on is none."""
    return [flaw for flaw in findings.flaws if flaw.fault is not Fault.OPEN]


def _lines(found: Iterable[tuple[str, Findings]]) -> Iterator[str]:
    archives = files = size = flaws = 0
    for name, findings in found:
        archives, files, size = archives + 1, files + findings.files, size + findings.bytes
        flaws += len(_flaws(findings))
        yield from (f"{name}/{flaw.name}: {_said(flaw)}" for flaw in findings.flaws)
        if findings.unseen:
            yield f"{name}: {_UNSEEN}"
        if findings.deleted is not None:
            at, why = findings.deleted
            yield f"{name}: 已删除 deleted {at} ({why})"
    whole = f"{archives} 个录像 archives, {files} 个文件 files, {size >> 20} MiB"
    if flaws:
        yield f"录像有误 NOT sound: {flaws} 处 flaws; {whole}"
        yield from _ADVICE
    else:
        yield f"录像完好 Sound: {whole}"


def _said(flaw: Flaw) -> str:
    return f"{_SAID[flaw.fault]}{f' ({flaw.detail})' if flaw.detail else ''}"


# ---- packages --------------------------------------------------------------------------------------------


def own_key(path: Path) -> str | None:
    """The fingerprint of this installation's key; None where there is none yet."""
    return fingerprint_of(path.read_bytes()) if path.is_file() else None


def report_package(path: Path, keys: frozenset[str]) -> tuple[str, int]:
    """``keys``: fingerprints, one of which must have signed it."""
    try:
        found = unsealing.unseal(path, keys)
    except OSError as error:
        return f"无法读取 It cannot be read: {error.strerror}", UNKNOWN
    said = [f"{flaw.name or path.name}: {_said_of_package(flaw)}" for flaw in found.flaws]
    whole = f"{found.files} 个文件 files, {found.bytes >> 20} MiB"
    said += [f"{name}: {value}" for name, value in found.said.items() if name in _TOLD]
    said.append(f"签名密钥 key: {found.key or '–'}")
    if found.flaws:
        return "\n".join([*said, f"封存包有误 The package is NOT sound: {len(found.flaws)} 处 flaws; {whole}"]), FLAWED
    return "\n".join([*said, f"封存包完好 The package is sound: {whole}"]), 0


_TOLD = ("title", "starts_at", "sealed_at", "sealed_by")


def _said_of_package(flaw: unsealing.Flaw) -> str:
    return f"{_OF_PACKAGE[flaw.fault]}{f' ({flaw.detail})' if flaw.detail else ''}"
