"""How many refused attempts are written down."""

from __future__ import annotations

from collections import OrderedDict

from server.pacing import Buckets, Rate

_MOST_ASKERS = 10_000
_REFUSED = Rate(per_minute=30, burst=30)
_REFUSED_IN_ALL = Rate(per_minute=600, burst=600)


class Refusals:
    """Refused attempts are written down, but nobody fills the log with them: beyond a pace they are only counted, and
    the asker's next line says how many were left out.
    """

    def __init__(self) -> None:
        self._askers = Buckets(_REFUSED, _MOST_ASKERS)
        self._all = Buckets(_REFUSED_IN_ALL, 1)
        self._left_out: OrderedDict[str, int] = OrderedDict()

    def admit(self, asker: str, now_ms: float) -> int | None:
        """How many of this asker's were left out before this one; None: so is this one."""
        if self._askers.take(asker, now_ms) > 0 or self._all.take("", now_ms) > 0:
            self._left_out[asker] = self._left_out.get(asker, 0) + 1
            if len(self._left_out) > _MOST_ASKERS:
                self._left_out.popitem(last=False)
            return None
        return self._left_out.pop(asker, 0)
