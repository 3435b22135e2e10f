"""How much a viewer loses is told by many packets together: of two, one is half."""

from __future__ import annotations

import pytest

from rooms.outlet import LEAST_JUDGED, STANDING_STILL, Outlet
from rooms.rtcp import ReportBlock
from tests.rooms.dryroom import DryRoom


@pytest.fixture
def outlet() -> Outlet:
    return DryRoom().listener(kinds=("video",)).viewer.outlets[0]


def report(outlet: Outlet, highest: int, fraction: float = 0.0) -> float | None:
    return outlet.lost(ReportBlock(outlet.plan.ssrc, round(fraction * 256), 0, highest, 0, 0, 0))


def test_one_packet_of_two_is_no_loss_of_half(outlet: Outlet) -> None:
    assert report(outlet, 100) is None
    assert report(outlet, 102, 0.5) is None
    shares = [report(outlet, 102 + 4 * number) for number in range(1, 8)]
    assert shares[:-1] == [None] * 6
    assert shares[-1] == pytest.approx(1 / 30)


def test_reports_of_many_packets_are_judged_one_by_one(outlet: Outlet) -> None:
    assert report(outlet, 100) is None
    assert report(outlet, 100 + LEAST_JUDGED, 0.25) == 0.25
    assert report(outlet, 100 + 2 * LEAST_JUDGED, 0.0) == 0.0


def test_a_stream_that_does_not_arrive_at_all_is_lost(outlet: Outlet) -> None:
    report(outlet, 100)
    assert report(outlet, 100) is None, "nothing was sent either"
    outlet.lane.packets += STANDING_STILL
    assert report(outlet, 100) == 1.0


def test_a_wrap_of_the_extended_number_is_a_step_like_any_other(outlet: Outlet) -> None:
    report(outlet, 0xFFFFFFFF - 9)
    assert report(outlet, 30, 0.5) == 0.5
