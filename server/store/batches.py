"""Long lists of keys in the few hundred that one statement takes: SQLite and PostgreSQL bound its variables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

MOST_KEYS = 500


def batched(keys: Collection[str]) -> Iterator[Sequence[str]]:
    """In the order of their values, so that equal questions are equal statements; nothing for no keys."""
    ordered = sorted(keys)
    for first in range(0, len(ordered), MOST_KEYS):
        yield ordered[first : first + MOST_KEYS]
