"""How a budget is shared among the pictures of one viewer. Pure arithmetic.

A *step* counts the layers of a picture from below: 0 is no picture, 1 the lowest layer.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

Steps = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Offers:
    """What a viewer may have: for each picture the bit rates of its layers, lowest first, as far as its size allows.

    ``shape`` differs when it is about other sources or layers than before.
    """

    pictures: tuple[tuple[float, ...], ...]
    sound_bps: float
    shape: Hashable = ()

    @property
    def full(self) -> Steps:
        return tuple(len(layers) for layers in self.pictures)

    def cost_bps(self, steps: Steps) -> float:
        """Sound included."""
        pairs = zip(self.pictures, steps, strict=True)
        return self.sound_bps + sum(layers[min(step, len(layers)) - 1] for layers, step in pairs if step and layers)

    @property
    def least_bps(self) -> float:
        """With every picture at its lowest."""
        return self.cost_bps((1,) * len(self.pictures))


def allot(offers: Offers, budget_bps: float) -> Steps:
    """The most that fits, sound first: every picture at its lowest before any is better than that.

    While not even those fit, the costliest is left out; with none left it is sound only.
    """
    steps = [min(1, len(layers)) for layers in offers.pictures]
    while any(steps) and offers.cost_bps(tuple(steps)) > budget_bps:
        shown = [at for at, step in enumerate(steps) if step]
        steps[max(shown, key=lambda at: offers.pictures[at][0])] = 0
    best = tuple(steps)
    while (better := raised(offers, best, revive=False)) is not None and offers.cost_bps(better) <= budget_bps:
        best = better
    return best


def raised(offers: Offers, steps: Steps, *, revive: bool = True) -> Steps | None:
    """One step up where it costs least; a picture that is missing comes first. None: there is nothing above."""
    ways = [at for at, layers in enumerate(offers.pictures) if steps[at] < len(layers) and (revive or steps[at])]
    if not ways:
        return None
    missing = [at for at in ways if not steps[at]]

    def cost_bps(at: int) -> float:
        return offers.cost_bps((*steps[:at], steps[at] + 1, *steps[at + 1 :]))

    at = min(missing or ways, key=cost_bps)
    return (*steps[:at], steps[at] + 1, *steps[at + 1 :])
