"""`dangxiao archive verify`: what an auditor reads, Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from recordings.storage import is_recording_id
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
_ADVICE = ("请保留现状，从备份中恢复所列文件。Keep everything as it is, and restore the files named from a backup.",)


def report(recordings: Path, recording_id: str = "") -> tuple[str, int]:
    """Of one archive, or of all; and the exit code of the command: 1 at a flaw, 2 where there is no such archive."""
    names = [recording_id] if recording_id else _all(recordings)
    found = [(name, _findings(recordings, name)) for name in names]
    unknown = [name for name, findings in found if findings is None]
    if unknown:
        return f"没有这个录像 There is no such archive: {unknown[0]!r}", UNKNOWN
    told = [(name, findings) for name, findings in found if findings is not None]
    return "\n".join(_lines(told)), FLAWED if any(_flaws(findings) for _, findings in told) else 0


def _all(recordings: Path) -> list[str]:
    if not recordings.is_dir():
        return []
    return sorted(path.name for path in recordings.iterdir() if is_recording_id(path.name) and path.is_dir())


def _findings(recordings: Path, name: str) -> Findings | None:
    if not is_recording_id(name):
        return None
    try:
        return verify(recordings / name)
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
    whole = f"{archives} 个录像 archives, {files} 个文件 files, {size >> 20} MiB"
    if flaws:
        yield f"录像有误 NOT sound: {flaws} 处 flaws; {whole}"
        yield from _ADVICE
    else:
        yield f"录像完好 Sound: {whole}"


def _said(flaw: Flaw) -> str:
    return f"{_SAID[flaw.fault]}{f' ({flaw.detail})' if flaw.detail else ''}"
