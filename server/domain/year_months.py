"""A year of credit month by month: what was added, and how many had at each month's end what was due by then.

Pure sums in integer hundredths, over those who are asked for something (as the ratio of ``year_standing`` has them).
Due by the end of a month is the target's share of the months that have passed: 3,200 for twelve months is 1,600 at the
end of June. Averages and shares are told of ``LEAST_PEOPLE`` and more, as every ratio.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.domain.ledger import EntryKind
from server.domain.year_rules import TYPES
from server.domain.year_standing import LEAST_PEOPLE, MONTHS

WHOLE_YEAR = tuple(range(1, MONTHS + 1))


@dataclass(frozen=True, slots=True)
class MonthPath:
    """Of one member, from January on, in hundredths. ``total``: what counts at each month's end, with what came over
    (``carried``); ``due``: what was due by then.
    """

    carried: int
    total: tuple[int, ...]
    due: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """``added``: what counted more at its end than at that before, ``total``: what counts at its end, both a head in
    hundredths, rounded down; ``on_time``: in thousandths, rounded down, whose total was what was due. None: of fewer
    than ``LEAST_PEOPLE`` nothing is told.
    """

    month: int
    added: int | None
    total: int | None
    on_time: int | None


def due_by_month(target: int, months: Sequence[int], until: int) -> tuple[int, ...]:
    """For each month up to ``until``. ``months``: those of which the target is asked, each as much of it; rounded down,
    so that who is on time is never told otherwise for a hundredth.
    """
    asked = months or WHOLE_YEAR
    return tuple(target * sum(each <= month for each in asked) // len(asked) for month in range(1, until + 1))


def totals_by_month(
    earned: Mapping[int, Mapping[EntryKind, int]], caps: Mapping[EntryKind, int], carried: int, until: int
) -> tuple[int, ...]:
    """``earned``: by month and type. Each type counts up to its cap, held against all of the year up to then."""
    sums: dict[EntryKind, int] = dict.fromkeys(TYPES, 0)
    totals = list[int]()
    for month in range(1, until + 1):
        for kind, amount in earned.get(month, {}).items():
            sums[kind] += amount
        totals.append(carried + sum(min(amount, caps.get(kind, amount)) for kind, amount in sums.items()))
    return tuple(totals)


def figures(paths: Iterable[MonthPath], until: int) -> tuple[MonthFigures, ...]:
    """What had come over from the year before was there on its first day, so no month added it."""
    listed = tuple(paths)
    people, found = len(listed), list[MonthFigures]()
    before = sum(path.carried for path in listed)
    for at in range(until):
        total = sum(path.total[at] for path in listed)
        on_time = sum(path.total[at] >= path.due[at] for path in listed)
        found.append(_figures(at + 1, people, total - before, total, on_time))
        before = total
    return tuple(found)


def _figures(month: int, people: int, added: int, total: int, on_time: int) -> MonthFigures:
    if people < LEAST_PEOPLE:
        return MonthFigures(month, None, None, None)
    return MonthFigures(month, added // people, total // people, on_time * 1000 // people)
