"""The manifest of one archive: ``manifest.jsonl``, one JSON object a line, only ever appended to.

A line counts when its newline is on disk, and a segment counts when its line does; the file it names was complete and
synced before. What a crash tore off at the end is cut. Lines have a ``t``: ``opened`` (first, with ``version``),
``reopened``, ``init``, ``discontinuity`` (about the next segment of its track), ``segment``, ``paused``, ``resumed``,
``cut``, ``cut_ended``, ``standby``, ``standby_ended`` (in between is the slate), ``finished``, after it ``picture`` (a
file of :mod:`contact`), ``moved`` (to the object store), ``deleted`` (then only it and the first line are left).
Unknown kinds are skipped, so that later versions may add some.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from recordings import digest
from recordings.boxes import VIDEO_HZ
from recordings.digest import Digest
from recordings.interface import RecordingSpec, Summary, Track
from recordings.segment import Init, Segment
from recordings.segmenter import Reason

NAME = "manifest.jsonl"
VERSION = 1

Record = Mapping[str, Any]


class UnreadableManifest(Exception):
    """No first line, or of a newer version."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A segment as listed. ``reason``: it does not continue the one before it."""

    track: Track
    name: str
    init: str
    start: int  # ticks of 90 kHz
    ticks: int
    utc: str
    bytes: int
    independent: bool
    reason: str | None

    @property
    def end(self) -> int:
        return self.start + self.ticks


@dataclass(frozen=True, slots=True)
class Stretch:
    """The programme was behind its curtain: ``kind`` is ``cut`` or ``standby``. Times in UTC; ``until`` None: still is.

    ``unseen_from``: of a cut. What was recorded between that time and the cut was seen by WebRTC's viewers, but not by
    all who watch by HLS.
    """

    kind: str
    since: str
    until: str | None = None
    unseen_from: str | None = None


def line(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def opened(spec: RecordingSpec, origin: str, at: str) -> Record:
    return {
        "t": "opened",
        "version": VERSION,
        "recording": spec.recording_id,
        "lesson": spec.lesson_id,
        "room": spec.room_id,
        "origin": origin,
        "hz": VIDEO_HZ,
        "at": at,
    }


def mark(kind: str, at: str, unseen_from: str | None = None) -> Record:
    """``reopened``, ``paused``, ``resumed``, ``cut``, ``cut_ended``, ``standby`` or ``standby_ended``."""
    return {"t": kind, "at": at} | ({"unseen_from": unseen_from} if unseen_from else {})


def finished(at: str, *, recovered: bool, gap_ms: int = 0) -> Record:
    """``gap_ms``: what is known to be missing at the end."""
    return {"t": "finished", "at": at, "recovered": recovered, "gap_ms": gap_ms}


def deleted(at: str, why: str, former: str, files: int, size: int) -> Record:
    """``former``: SHA-256 of the manifest that stood here; how many files and bytes it listed."""
    return {"t": "deleted", "at": at, "why": why, "manifest": former, "files": files, "bytes": size}


def moved(at: str) -> Record:
    """The media lies in the object store from here on."""
    return {"t": "moved", "at": at}


def returned(at: str) -> Record:
    """It lies beside its manifest again."""
    return {"t": "returned", "at": at}


def discontinuity(track: Track, reason: Reason, gap_ms: int) -> Record:
    return {"t": "discontinuity", "track": track.value, "reason": reason.value, "gap_ms": gap_ms}


def init(track: Track, listed: Init, kind: Digest = Digest.SHA256) -> Record:
    return {
        "t": "init",
        "track": track.value,
        "name": listed.name,
        "bytes": len(listed.data),
        kind.value: digest.of(listed.data, kind),
        "codecs": listed.codecs,
        "width": listed.width,
        "height": listed.height,
    }


def segment(listed: Segment, kind: Digest = Digest.SHA256) -> Record:
    return {
        "t": "segment",
        "track": listed.track.value,
        "name": listed.name,
        "init": listed.init.name,
        "utc": listed.utc,
        "start": listed.start,
        "ticks": listed.end - listed.start,
        "bytes": len(listed.data),
        kind.value: digest.of(listed.data, kind),
        "independent": listed.independent,
    }


def picture(name: str, data: bytes, kind: Digest = Digest.SHA256) -> Record:
    return {"t": "picture", "name": name, "bytes": len(data), kind.value: digest.of(data, kind)}


def read(data: bytes) -> tuple[list[Record], int]:
    """The records and the length of the whole lines. A whole line that is no record is skipped, never cut."""
    whole = data.rfind(b"\n") + 1
    records = (_record(raw) for raw in data[:whole].split(b"\n"))
    return [record for record in records if record is not None], whole


def _record(raw: bytes) -> Record | None:
    try:
        record = json.loads(raw)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("t"), str) else None


@dataclass
class Contents:
    """What the lines add up to. Fed line by line; a line that makes no sense is skipped and counted."""

    spec: RecordingSpec | None = None
    origin: str = ""
    entries: dict[Track, list[Entry]] = field(default_factory=lambda: {track: [] for track in Track})
    files: dict[str, int] = field(default_factory=dict)  # name → bytes
    digests: dict[str, tuple[Digest, str]] = field(default_factory=dict)  # by name
    began: dict[str, str] = field(default_factory=dict)  # segment → UTC
    paused: bool = False
    pause_behind: set[Track] = field(default_factory=set)  # tracks without a segment since the last pause
    stretches: list[Stretch] = field(default_factory=list)
    finished: bool = False
    recovered: bool = False
    gaps_ms: int = 0
    bad_lines: int = 0
    deleted: tuple[str, str] | None = None  # when, by which rule
    moved: str | None = None  # when its media went to the object store; None: it is here (again)
    _reasons: dict[Track, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: bytes) -> Contents:
        """Raises :class:`UnreadableManifest`."""
        contents = cls()
        for record in read(data)[0]:
            contents.add(record)
        if contents.spec is None:
            raise UnreadableManifest("no opening line")
        return contents

    def add(self, record: Record) -> None:
        if self.spec is None and record["t"] != "opened":
            raise UnreadableManifest("no opening line")
        try:
            self._apply(record)
        except (KeyError, TypeError, ValueError):
            self.bad_lines += 1

    def _apply(self, record: Record) -> None:
        match record["t"]:
            case "opened":
                self._open(record)
            case "init" | "picture":
                self.files[str(record["name"])] = int(record["bytes"])
                self._note_digest(record)
            case "discontinuity":
                self._reasons[Track(record["track"])] = str(record["reason"])
                self.gaps_ms += int(record["gap_ms"])
            case "segment":
                self._list(record)
            case "paused":
                self.paused, self.pause_behind = True, set(Track)
            case "resumed":
                self.paused = False
            case "cut" | "standby":
                self._drop_curtain(record)
            case "cut_ended" | "standby_ended":
                self._lift_curtain(str(record["at"]))
            case "moved" | "returned":
                self.moved = str(record["at"]) if record["t"] == "moved" else None
            case "deleted":
                self.finished, self.deleted = True, (str(record["at"]), str(record["why"]))
            case "finished":
                self._lift_curtain(str(record["at"]))
                self.finished, self.recovered = True, bool(record["recovered"])
                self.gaps_ms += int(record["gap_ms"])
            case _:
                pass

    def _open(self, record: Record) -> None:
        if record["version"] != VERSION:
            raise UnreadableManifest(f"version {record['version']}")
        self.spec = RecordingSpec(str(record["recording"]), str(record["lesson"]), str(record["room"]))
        self.origin = str(record["origin"])

    def _drop_curtain(self, record: Record) -> None:
        """One that was down already, as after a restart, says nothing new."""
        kind, at, unseen = str(record["t"]), str(record["at"]), record.get("unseen_from")
        last = self.stretches[-1] if self.stretches else None
        if last is not None and last.until is None and last.kind == kind:
            return
        self._lift_curtain(at)
        self.stretches.append(Stretch(kind, at, None, None if unseen is None else str(unseen)))

    def _lift_curtain(self, at: str) -> None:
        if self.stretches and self.stretches[-1].until is None:
            self.stretches[-1] = replace(self.stretches[-1], until=at)

    def _list(self, record: Record) -> None:
        track = Track(record["track"])
        entry = Entry(
            track=track,
            name=str(record["name"]),
            init=str(record["init"]),
            start=int(record["start"]),
            ticks=int(record["ticks"]),
            utc=str(record["utc"]),
            bytes=int(record["bytes"]),
            independent=bool(record["independent"]),
            reason=self._reasons.pop(track, None),
        )
        self.pause_behind.discard(track)
        self.entries[track].append(entry)
        self.files[entry.name] = entry.bytes
        self.began[entry.name] = entry.utc
        self._note_digest(record)

    def _note_digest(self, record: Record) -> None:
        kind = next((kind for kind in Digest if kind.value in record), None)
        if kind is not None:
            self.digests[str(record["name"])] = (kind, str(record[kind.value]))

    def end(self, track: Track) -> int | None:
        entries = self.entries[track]
        return entries[-1].end if entries else None

    def last_tick(self) -> int:
        return max((end for track in Track if (end := self.end(track)) is not None), default=0)

    def last_number(self) -> int:
        """The highest segment number in use, -1 for none."""
        names = [entries[-1].name for entries in self.entries.values() if entries]
        return max((int(name.rpartition("-")[2].removesuffix(".m4s")) for name in names), default=-1)

    def summary(self) -> Summary:
        assert self.spec is not None
        camera = self.entries[Track.CAMERA]
        listed = [entry for entries in self.entries.values() for entry in entries]
        return Summary(
            recording_id=self.spec.recording_id,
            lesson_id=self.spec.lesson_id,
            state="finished" if self.finished else "paused" if self.paused else "running",
            started_at_utc=min((entry.utc for entry in listed), default=None),
            duration_ms=round(sum(entry.ticks for entry in camera) * 1000 / VIDEO_HZ),
            bytes=sum(self.files.values()),
            segments=len(listed),
            recovered=self.recovered,
            gaps_ms=self.gaps_ms,
        )
