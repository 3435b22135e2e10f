"""What ``script/bench rollcall`` plans, takes from its command line, and refuses to call right."""

import argparse
import importlib
import json
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "script"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(SCRIPT))
    return importlib.import_module("bench_rollcall")


@pytest.fixture
def rooms(bench):
    return importlib.import_module("roll_rooms")


def parsed(bench, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    return parser.parse_args(words)


def test_twenty_venues_and_three_seconds_unless_said_otherwise(bench) -> None:
    default = parsed(bench)
    assert (default.venues, default.think, default.picture) == (20, 3.0, None)
    said = parsed(bench, "--venues", "5", "--think", "0.5", "--json")
    assert (said.venues, said.think, said.json) == (5, 0.5, True)


@pytest.mark.parametrize("venues", ["4", "0", "-1", "many"])
def test_fewer_than_one_of_each_manner_is_refused(bench, venues: str) -> None:
    with pytest.raises(SystemExit):
        parsed(bench, "--venues", venues)


@pytest.mark.parametrize("venues", [5, 6, 20, 57])
def test_each_plan_has_every_manner_and_one_room_that_comes_late(bench, rooms, venues: int) -> None:
    plans = bench.planned(venues)
    manners = [plan.manner for plan in plans]
    assert len(plans) == len({plan.name for plan in plans}) == len({plan.number for plan in plans}) == venues
    assert set(manners) == set(rooms.Manner)
    assert manners.count(rooms.Manner.DARK) == manners.count(rooms.Manner.MUTE) == 1
    assert [(plan.first, plan.manner.result) for plan in plans if plan.late] == [("absent", "answered")]


def roll_of(plans: dict, **instead: str) -> dict:
    """As the server tells it."""
    results = {key: instead.get(key, plan.manner.result.value) for key, plan in plans.items()}
    counts = {
        result: list(results.values()).count(result) for result in ("answered", "no_picture", "no_sound", "absent")
    }
    return {"counts": counts, "entries": [{"lesson_venue_id": key, "result": one} for key, one in results.items()]}


def test_it_fails_when_the_server_wrote_down_something_else(bench) -> None:
    plans = {f"v{n}": plan for n, plan in enumerate(bench.planned(8))}
    assert bench.counted(roll_of(plans), plans) == {"answered": 6, "no_picture": 1, "no_sound": 1, "absent": 0}
    late = next(key for key, plan in plans.items() if plan.late)
    with pytest.raises(SystemExit, match=plans[late].name):
        bench.counted(roll_of(plans, **{late: "absent"}), plans)
    swapped = {"v2": "no_sound", "v4": "no_picture"}  # the counts are the planned ones
    assert roll_of(plans, **swapped)["counts"] == roll_of(plans)["counts"]
    with pytest.raises(SystemExit):
        bench.counted(roll_of(plans, **swapped), plans)


def test_an_operator_answers_to_the_own_turn_only(rooms) -> None:
    def event(kind: str, **data: object) -> str:
        return json.dumps(["event", {"seq": 1, "kind": kind, "data": data}])

    assert rooms.is_call(event("roll_call.called", called=True))
    assert not rooms.is_call(event("roll_call.called", called=False))
    assert not rooms.is_call(event("roll_call.decided", result="answered"))
    assert not rooms.is_call(json.dumps(["resync", {"seq": 9}]))


def test_every_picture_of_a_room_is_whole_and_fits_into_packets(rooms) -> None:
    pictures = rooms.picture_payloads(0.3)
    assert len(pictures) == rooms.PICTURES
    for parameters, *slices in pictures:
        assert parameters[0] == rooms.STAP_A
        assert {nal[0] & 31 for nal in slices} == {5}  # IDR
