"""One m-line of a source: its simulcast layers, and who would like which of them."""

from __future__ import annotations

from dataclasses import dataclass

from rooms import layers
from rooms.demand import Demand
from rooms.layers import LayerActivity
from rooms.sdp import Codec
from rooms.stream import ReceivedStream

SETTLE_MS = 1500.0
# A new stream makes all followers of its layer look again: not with every packet of one that alternates SSRCs.
NEW_STREAM_MS = 200.0


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """What offer and answer agreed on for one m-line that we receive."""

    kind: str
    mid: str
    codec: Codec
    extensions: dict[str, int]
    rids: tuple[str, ...]
    rtx_pairs: tuple[tuple[int, int], ...]


class Track:
    """One m-line of a source. At most one stream per rid, so at most three."""

    def __init__(self, plan: TrackPlan) -> None:
        self.plan = plan
        self.ranks = layers.ranks(plan.rids) or {"": 0}
        self.by_rid: dict[str, ReceivedStream] = {}
        self.demand = Demand(self.ranks.values())
        self.wishes: dict[object, int] = {}
        self.began_at_ms: float | None = None
        self._newest_at_ms: dict[str, float] = {}

    def takes_new(self, rid: str, now_ms: float) -> bool:
        """Whether a layer may begin anew now; if so, it has begun. Also counts streams that said goodbye."""
        if now_ms - self._newest_at_ms.get(rid, float("-inf")) < NEW_STREAM_MS:
            return False
        self._newest_at_ms[rid] = now_ms
        return True

    def settled(self, now_ms: float) -> bool:
        """Whether its best layer has been heard, or has had its time to come: the layers of a new publisher
        arrive one after the other, and a recording shall not begin with three sizes in half a second."""
        if self.began_at_ms is None:
            return False
        return now_ms - self.began_at_ms >= SETTLE_MS or any(stream.rank == self.top for stream in self.streams())

    @property
    def top(self) -> int:
        return max(self.ranks.values())

    def streams(self) -> list[ReceivedStream]:
        return list(self.by_rid.values())

    def choose(self, limit: int, now_ms: float) -> ReceivedStream | None:
        """The best layer up to the rank ``limit`` that is being sent (rooms.layers.choose)."""
        activity = [LayerActivity(stream.rank, stream.heard_at_ms) for stream in self.by_rid.values()]
        rank = layers.choose(activity, limit, now_ms)
        return next((stream for stream in self.by_rid.values() if stream.rank == rank), None)

    def sent(self, now_ms: float) -> list[ReceivedStream]:
        """The layers that sent something within a second."""
        return [one for one in self.by_rid.values() if now_ms - one.heard_at_ms <= layers.ACTIVE_WITHIN_MS]

    def offered(self, now_ms: float) -> list[ReceivedStream]:
        """The layers that are sent or can be had for the asking, lowest first."""
        return sorted(
            (stream for stream in self.by_rid.values() if self._is_there(stream, now_ms)), key=lambda one: one.rank
        )

    def _is_there(self, stream: ReceivedStream, now_ms: float) -> bool:
        return now_ms - stream.heard_at_ms <= layers.ACTIVE_WITHIN_MS or self.demand.can_come(stream.rank, now_ms)

    def heights(self) -> dict[int, int | None]:
        """Lines of each layer's picture, as far as one has been seen."""
        known = {stream.rank: stream.height for stream in self.by_rid.values()}
        return {rank: known.get(rank) for rank in self.ranks.values()}

    def wanted_anew(self, recorded: bool, now_ms: float) -> bool:
        """Whether to say which layers are wanted, since they are others, or do not come. A recorder's is the best."""
        if len(self.ranks) == 1:
            return False
        wished = set(self.wishes.values())
        changed = self.demand.update(wished | {self.top} if recorded else wished, now_ms)
        sent = {stream.rank for stream in self.sent(now_ms)}
        return self.demand.remind(bool(sent) and not sent >= self.demand.wanted, now_ms) or changed

    def wanted_rids(self) -> tuple[str, ...]:
        """Lowest first."""
        by_rank = sorted(self.ranks.items(), key=lambda item: item[1])
        return tuple(rid for rid, rank in by_rank if rank in self.demand.wanted)

    def wish(self, follower: object, rank: int | None) -> None:
        """``follower`` would like the layer ``rank`` (None: none any more), be it sent or not."""
        if rank is None:
            self.wishes.pop(follower, None)
        else:
            self.wishes[follower] = rank
