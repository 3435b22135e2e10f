"""One MP4 of an archived track, to be taken along: planned from its segments' heads, none of its media is read.

A film is ``ftyp``, ``moov``, ``mdat``, in this order, so that it plays while it is fetched. What the archive has pauses
or holes in follows without them; the screen's film is as long as the camera's, with the slate where no screen was.
Pictures and sound keep the times that they have in the archive to half a frame of sound (11 ms), over any number of
cuts: frames of sound that lie beyond that are left out, and silence fills in.

Where formats change (slate, another resolution) each has its sample entry, as ISO/IEC 14496-12 has it, and each
keyframe its parameter sets, for the many players that only read the first entry.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from recordings import movie, slate
from recordings.boxes import AAC_FRAME_SAMPLES, AUDIO_HZ, VIDEO_HZ, init_segment
from recordings.fragment import Damaged, Described, Fragment, read_init
from recordings.interface import Track
from recordings.manifest import Contents, Entry

HELD = 2 * VIDEO_HZ
"""A picture stands for so long in a hole of the screen; what is longer shows the slate."""
SLATE_EVERY = 10 * VIDEO_HZ
HALF_FRAME = AAC_FRAME_SAMPLES // 2
SILENCE = {1: bytes.fromhex("01182007"), 2: bytes.fromhex("211004608c1c")}
"""A frame of AAC-LC without sound, by channels."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Bytes of a file of the archive, by its name."""

    name: str
    at: int
    length: int


Piece = Cut | bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """The file in the order of its bytes."""

    pieces: tuple[Piece, ...]
    duration_ms: int

    @property
    def bytes(self) -> int:
        return sum(length_of(piece) for piece in self.pieces)


def length_of(piece: Piece) -> int:
    return piece.length if isinstance(piece, Cut) else len(piece)


class Clock:
    """From the recording's timeline to the film's: what the camera was recorded in follows without holes."""

    def __init__(self, camera: Sequence[Entry]) -> None:
        self._starts: list[int] = []  # of stretches without a hole
        self._ends: list[int] = []
        for entry in camera:
            if self._ends and entry.start == self._ends[-1]:
                self._ends[-1] = entry.end
            else:
                self._starts.append(entry.start)
                self._ends.append(entry.end)
        lengths = (end - start for start, end in zip(self._starts, self._ends, strict=True))
        self._bases = list(accumulate(lengths, initial=0))

    @property
    def length(self) -> int:
        return self._bases[-1]

    def at(self, tick: int) -> int:
        """What lies in a hole is where the hole was."""
        number = bisect_right(self._starts, tick) - 1
        if number < 0:
            return 0
        return self._bases[number] + min(tick, self._ends[number]) - self._starts[number]

    def shift(self, start: int, end: int) -> int | None:
        """What to add to every tick from start to end; None where that differs."""
        number = bisect_right(self._starts, start) - 1
        if number < 0 or end > self._ends[number]:
            return None
        return self._bases[number] - self._starts[number]


@dataclass(slots=True)
class Chunk:
    """Samples of one kind that lie together. ``pieces``: their bytes."""

    start_s: float
    count: int
    description: int
    pieces: list[Piece]


@dataclass
class Strip:
    """The samples of a film's track, growing. Durations in its own units."""

    ticks: array[int] = field(default_factory=lambda: array("I"))
    sizes: array[int] = field(default_factory=lambda: array("I"))
    keyframes: array[int] = field(default_factory=lambda: array("I"))  # from 1 on
    chunks: list[Chunk] = field(default_factory=list)
    end: int = 0


class Formats:
    """Sample entries in the order of their first use, from 1 on."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []

    def number(self, entry: bytes) -> int:
        if entry not in self.entries:
            self.entries.append(entry)
        return self.entries.index(entry) + 1


Heads = Callable[[Entry], Fragment]
Inits = Callable[[str], Described]


def plan(contents: Contents, track: Track, heads: Heads, inits: Inits, seen: Callable[[int], None]) -> Plan | None:
    """None when nothing of the track is archived. ``seen`` is told how many heads were read. Raises ``Damaged``."""
    camera, wanted = contents.entries[Track.CAMERA], contents.entries[track]
    if not camera or not wanted:
        return None
    film = _Film(Clock(camera), inits, several=track is Track.SCREEN or len({entry.init for entry in wanted}) > 1)
    for number, entry in enumerate(camera):
        fragment = heads(entry)
        if track is Track.CAMERA:
            film.show(entry, fragment)
        film.sound(entry, fragment)
        seen(number + 1)
    for number, entry in enumerate(wanted if track is Track.SCREEN else ()):
        film.show(entry, heads(entry))
        seen(len(camera) + number + 1)
    return film.finished()


class _Film:
    def __init__(self, clock: Clock, inits: Inits, *, several: bool) -> None:
        self._clock = clock
        self._inits = inits
        self._several = several  # formats: each keyframe says its own
        self._video, self._audio = Strip(), Strip()
        self._video_formats, self._audio_formats = Formats(), Formats()
        self._size = (0, 0)

    # ---- pictures -----------------------------------------------------------------------------------

    def show(self, entry: Entry, fragment: Fragment) -> None:
        described = self._inits(entry.init)
        start, ticks = self._placed(fragment)
        self._reach(start)
        self._size = max(self._size, described.size)
        sets = described.parameter_sets if self._several else b""
        pieces, sizes = _with_sets(entry.name, fragment, sets)
        self._add(
            Chunk(0.0, len(ticks), self._video_formats.number(described.video), pieces),
            ticks,
            sizes,
            fragment.keyframes,
        )

    def _placed(self, fragment: Fragment) -> tuple[int, array[int]]:
        """Where it begins in the film, and how long each picture stands. What overlaps is shortened, to one tick."""
        end = fragment.start + sum(fragment.ticks)
        shift = self._clock.shift(fragment.start, end)
        if shift is not None and fragment.start + shift >= self._video.end:
            return fragment.start + shift, fragment.ticks
        at, ticks = max(self._clock.at(fragment.start), self._video.end), array("I")
        cursor, tick = at, fragment.start
        for length in fragment.ticks:
            tick += length
            until = max(self._clock.at(tick), cursor + 1)
            ticks.append(until - cursor)
            cursor = until
        return at, ticks

    def _reach(self, start: int) -> None:
        """Nothing is shown from the film's end up to ``start``: the last picture stands, or the slate."""
        missing = start - self._video.end
        if missing > HELD or (missing and not self._video.ticks):
            self._add_slate(missing)
        elif missing:
            self._video.ticks[-1] += missing
            self._video.end += missing

    def _add_slate(self, missing: int) -> None:
        shown = slate.load()
        described = read_init(init_segment(shown.format, None), "slate")
        sample = described.parameter_sets + shown.sample
        while missing:
            length = missing if missing < 2 * SLATE_EVERY else SLATE_EVERY
            chunk = Chunk(0.0, 1, self._video_formats.number(described.video), [sample])
            self._add(chunk, array("I", [length]), array("I", [len(sample)]), (0,))
            missing -= length

    def _add(self, chunk: Chunk, ticks: array[int], sizes: array[int], keyframes: Iterable[int]) -> None:
        strip = self._video
        chunk.start_s = strip.end / VIDEO_HZ
        strip.keyframes.extend(len(strip.ticks) + number + 1 for number in keyframes)
        strip.ticks.extend(ticks)
        strip.sizes.extend(sizes)
        strip.chunks.append(chunk)
        strip.end += sum(ticks)

    # ---- sound --------------------------------------------------------------------------------------

    def sound(self, entry: Entry, fragment: Fragment) -> None:
        sizes, entry_box = fragment.audio_sizes, self._inits(entry.init).audio
        shift = self._clock.shift(entry.start, entry.end)
        if sizes is None or entry_box is None or shift is None:
            return
        number = self._audio_formats.number(entry_box)
        ahead = self._audio.end - fragment.audio_start - shift * AUDIO_HZ // VIDEO_HZ
        while ahead < -HALF_FRAME:
            silence = SILENCE.get(entry_box[25], b"")
            self._add_sound(number, array("I", [len(silence)]), [silence])
            ahead += AAC_FRAME_SAMPLES
        left_out = min(max(0, -(-(ahead - HALF_FRAME) // AAC_FRAME_SAMPLES)), len(sizes))
        at, kept = fragment.audio_at + sum(sizes[:left_out]), sizes[left_out:]
        if kept:
            self._add_sound(number, kept, [Cut(entry.name, at, sum(kept))])

    def _add_sound(self, description: int, sizes: array[int], pieces: list[Piece]) -> None:
        strip = self._audio
        strip.chunks.append(Chunk(strip.end / AUDIO_HZ, len(sizes), description, pieces))
        strip.sizes.extend(sizes)
        strip.end += AAC_FRAME_SAMPLES * len(sizes)

    # ---- the whole ----------------------------------------------------------------------------------

    def finished(self) -> Plan:
        self._reach(self._clock.length)
        chunks = sorted([*self._video.chunks, *self._audio.chunks], key=lambda chunk: chunk.start_s)
        offsets: dict[int, int] = {}
        position = 0
        for chunk in chunks:
            offsets[id(chunk)] = position
            position += sum(map(length_of, chunk.pieces))
        tracks = [self._picture_track(offsets)]
        if self._audio.chunks:
            tracks.append(self._sound_track(offsets))
        head = movie.head(tracks, position)
        pieces = joined([head, *(piece for chunk in chunks for piece in chunk.pieces)])
        return Plan(tuple(pieces), round(self._video.end * 1000 / VIDEO_HZ))

    def _picture_track(self, offsets: dict[int, int]) -> movie.Track:
        strip = self._video
        rows = [(offsets[id(chunk)], chunk.count, chunk.description) for chunk in strip.chunks]
        return movie.Track(
            hz=VIDEO_HZ,
            duration=strip.end,
            entries=tuple(self._video_formats.entries),
            size=self._size,
            ticks=strip.ticks,
            sizes=strip.sizes,
            keyframes=strip.keyframes,
            chunks=rows,
        )

    def _sound_track(self, offsets: dict[int, int]) -> movie.Track:
        strip = self._audio
        rows = [(offsets[id(chunk)], chunk.count, chunk.description) for chunk in strip.chunks]
        return movie.Track(
            hz=AUDIO_HZ,
            duration=strip.end,
            entries=tuple(self._audio_formats.entries),
            size=None,
            ticks=AAC_FRAME_SAMPLES,
            sizes=strip.sizes,
            keyframes=None,
            chunks=rows,
        )


def _with_sets(name: str, fragment: Fragment, sets: bytes) -> tuple[list[Piece], array[int]]:
    """The video's bytes, with ``sets`` before each keyframe."""
    sizes = array("I", fragment.sizes)
    if not sets:
        return [Cut(name, fragment.video_at, sum(sizes))], sizes
    pieces: list[Piece] = []
    borders = [0, *accumulate(fragment.sizes)]
    marks = [*fragment.keyframes, len(fragment.sizes)]
    if marks[0]:
        pieces.append(Cut(name, fragment.video_at, borders[marks[0]]))
    for number, after in pairwise(marks):
        at, end = borders[number], borders[after]
        pieces += [sets, Cut(name, fragment.video_at + at, end - at)]
        sizes[number] += len(sets)
    return pieces, sizes


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """What lies together in one file is one cut."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, bytes) and isinstance(last, bytes):
            found[-1] = last + piece
        elif (
            isinstance(piece, Cut)
            and isinstance(last, Cut)
            and (piece.name, piece.at) == (last.name, last.at + last.length)
        ):
            found[-1] = Cut(last.name, last.at, last.length + piece.length)
        else:
            found.append(piece)
    return found


__all__ = ["Cut", "Damaged", "Piece", "Plan", "joined", "length_of", "plan"]
