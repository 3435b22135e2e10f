"""What a running lesson stands on."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import weakref
from dataclasses import dataclass, field
from functools import cached_property

from server.domain.accounts import LoginRules
from server.domain.kit_readings import KitReadings
from server.domain.preflight import Thresholds
from server.domain.quiz_clock import Deadlines
from server.domain.refusals import Refusal
from server.domain.streams import ReturnCost
from server.domain.tickets import WatchTicket
from server.services.admitting import Admissions, admit_all
from server.services.callers import CallerLooks, Callers, look_up_callers
from server.services.catching_up import CatchUps, catch_up_all
from server.services.crowds import Crowds
from server.services.depot import Depot, FilmDepot, NoDepot
from server.services.doorways import Knocks, knock_all
from server.services.entered import Entered
from server.services.fanout import Fanout
from server.services.imports_going import ImportsGoing
from server.services.login import RULES
from server.services.media import MediaPlane, ReplayLibrary, RoomState
from server.services.notices import NoticeRules
from server.services.presence import Presence
from server.services.records import Records
from server.services.redeemed import Redeemed
from server.services.remembering import Memory
from server.services.replay_passes import ReplayPasses
from server.services.returning import Look, Return, check_holders, grant_returns
from server.services.shelves.exports import ExportFolder, NoExports
from server.services.shelves.pictures import NoPictures, Pictures
from server.services.shelves.question_pictures import NoPictureFiles, PictureFiles
from server.services.sightings import Sightings
from server.services.signal_box import MemorySignals, Signals
from server.services.together import ReadTogether, SeeTogether
from server.services.typed_codes import CodeBook
from server.services.uses import Uses
from server.services.watches import Watches

FRESH = dt.timedelta(milliseconds=250)
LOOKS_GATHER_S = 0.005
"""A picture waits for it, and who joins."""
MOST_LOOKS = 10_000


class Turns:
    """One lock per lesson: in this process its room is changed by one hand at a time."""

    def __init__(self) -> None:
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    def of(self, lesson_id: str) -> asyncio.Lock:
        return self._locks.setdefault(lesson_id, asyncio.Lock())


class Glances:
    """The state of rooms, asked for at most once in ``FRESH``: two thousand phones look at once after a switch.

    ``None`` is kept for a room the media process does not answer for.
    """

    def __init__(self, media: MediaPlane) -> None:
        self._media = media
        self._seen: dict[str, tuple[dt.datetime, RoomState | None]] = {}
        self._asking: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def state(self, lesson_id: str, now: dt.datetime) -> RoomState | None:
        lock = self._asking.setdefault(lesson_id, asyncio.Lock())
        async with lock:
            seen = self._seen.get(lesson_id)
            if seen is not None and abs(now - seen[0]) < FRESH:
                return seen[1]
            state = await self._ask(lesson_id)
            self._drop_old(now)
            self._seen[lesson_id] = (now, state)
            return state

    async def _ask(self, lesson_id: str) -> RoomState | None:
        try:
            return await self._media.room_state(lesson_id)
        except Refusal:
            return None

    def _drop_old(self, now: dt.datetime) -> None:
        for lesson_id in [key for key, (at, _) in self._seen.items() if abs(now - at) >= FRESH]:
            del self._seen[lesson_id]

    def forget(self, lesson_id: str) -> None:
        """The room was changed."""
        self._seen.pop(lesson_id, None)


@dataclass(frozen=True)
class House:
    """The ports of the use cases that touch a lesson on the air. Made once by the composition root."""

    records: Records
    media: MediaPlane
    library: ReplayLibrary
    presence: Presence
    fanout: Fanout
    name: str = "control"
    """Of this control process among those of the record, the same after a restart."""
    turns: Turns = field(default_factory=Turns)
    sightings: Sightings = field(default_factory=Sightings)
    deadlines: Deadlines = field(default_factory=Deadlines)
    codes: CodeBook = field(default_factory=CodeBook)
    signals: Signals = field(default_factory=MemorySignals)
    return_cost: ReturnCost = field(default_factory=ReturnCost)
    watches: Watches = field(default_factory=Watches)
    depot: Depot = field(default_factory=NoDepot)
    outside_proofs: Depot = field(default_factory=NoDepot)
    question_pictures: PictureFiles = field(default_factory=NoPictureFiles)
    films: FilmDepot = field(default_factory=NoDepot)
    """Of micro-videos."""
    corrections_by_two: bool = False
    """A correction of attendance waits for a second person."""
    notices: NoticeRules = field(default_factory=NoticeRules)
    uses: Uses = field(default_factory=Uses)
    login_rules: LoginRules = RULES
    callers: Callers = field(default_factory=Memory)
    entered: Entered = field(default_factory=Entered)
    redeemed: Redeemed = field(default_factory=Redeemed)
    thresholds: Thresholds = field(default_factory=Thresholds)
    """Of preflights."""
    kit_readings: KitReadings = field(default_factory=KitReadings)
    replays: ReplayPasses = field(default_factory=ReplayPasses)
    imports: ImportsGoing = field(default_factory=ImportsGoing)
    crowds: Crowds = field(default_factory=Crowds)
    checks: ImportsGoing = field(default_factory=ImportsGoing)
    """Verifications of the audit log."""
    pictures: Pictures = field(default_factory=NoPictures)
    exports: ExportFolder = field(default_factory=NoExports)
    exporting: ImportsGoing = field(default_factory=ImportsGoing)
    bundling: ImportsGoing = field(default_factory=ImportsGoing)
    """Archives of sign-in sheets."""
    data_exports: ImportsGoing = field(default_factory=ImportsGoing)
    """Of people's data."""
    moving: ImportsGoing = field(default_factory=ImportsGoing)
    """Recordings on their way to the object store."""
    object_store: bool = False
    """Whether recordings of a class may lie in one."""
    standby_before_live: bool = False
    """A lesson that is opened waits behind its slate until it starts."""

    @cached_property
    def glances(self) -> Glances:
        return Glances(self.media)

    @cached_property
    def logins(self) -> CallerLooks:
        return SeeTogether(self.records, look_up_callers, most_waiting=MOST_LOOKS)

    @cached_property
    def doors(self) -> Knocks:
        return SeeTogether(self.records, knock_all, most_waiting=MOST_LOOKS)

    @cached_property
    def returns(self) -> ReadTogether[Return, WatchTicket]:
        granting = functools.partial(grant_returns, uses=self.uses, rules=self.login_rules)
        return ReadTogether(self.records, granting)

    @cached_property
    def admissions(self) -> Admissions:
        admitting = functools.partial(admit_all, uses=self.uses, rules=self.login_rules)
        return ReadTogether(self.records, admitting, LOOKS_GATHER_S, MOST_LOOKS)

    @cached_property
    def catch_ups(self) -> CatchUps:
        return ReadTogether(self.records, catch_up_all, LOOKS_GATHER_S, MOST_LOOKS)

    @cached_property
    def holders(self) -> ReadTogether[Look, None]:
        return ReadTogether(self.records, check_holders, LOOKS_GATHER_S, MOST_LOOKS)
