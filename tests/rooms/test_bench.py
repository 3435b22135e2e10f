"""The relay bench prints what it promises. How much, and how fast, is no test's business."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from rooms.backend import choose

# No medium is watched here: it may take its time.
pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

BENCH = Path(__file__).parents[2] / "script" / "bench_relay.py"


async def bench(*options: str) -> dict[str, Any]:
    command = [sys.executable, str(BENCH), "--viewers", "3", "--seconds", "1", "--json", *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), 180)
    assert process.returncode == 0
    result: dict[str, Any] = json.loads(output)
    return result


def assert_every_packet_counted(result: dict[str, Any], backend: str, of_a_second: int = 25 * 6) -> None:
    assert result["packets_sent"] == result["packets_received"] == 3 * of_a_second
    assert result["loss"] == 0
    assert result["backend"] == backend
    assert result["viewers"] == 3
    assert result["us_per_packet"] > 0
    assert result["failed_samples"] == 0
    assert result["decrypted_samples"] > 0
    for floor, times in (("floor", "times_floor"), ("floor_hot", "times_hot_floor")):
        us = result[f"{floor}_us_per_packet"]  # none where the floor's datagrams did not arrive
        assert us or shutil.which("cc") is None
        assert result[times] == (round(result["us_per_packet"] / us, 2) if us else None)


async def test_the_bare_node_is_measured_without_a_control_process() -> None:
    result = await bench("--node-only", "--backend", "python")
    assert_every_packet_counted(result, "python")
    assert result["control_cpu_s"] is None
    assert result["recorded_bytes"] is None


async def test_a_small_stream_carries_sound_as_well() -> None:
    result = await bench("--node-only", "--stream", "small")
    assert_every_packet_counted(result, choose("auto").name, 25 * 3 + 50)


async def test_the_relay_bench_counts_every_packet_of_a_live_lesson_at_every_viewer() -> None:
    result = await bench()
    assert_every_packet_counted(result, choose("auto").name)
    assert result["recorded_bytes"] > 0
    both = result["control_cpu_s"] + result["media_cpu_s"]
    assert result["us_per_packet"] == pytest.approx(both * 1e6 / result["packets_received"], rel=0.01)


async def test_the_latency_bench_finds_a_rate_that_goes_through_and_times_every_packet_of_some_viewers() -> None:
    result = await bench("--latency", "--node-only")
    assert result["max_packets_per_s"] >= 0
    assert 0 < result["p50_ms"] <= result["p99_ms"]
    assert result["gentle"]["loss"] == 0
    assert result["gentle"]["pictures"]["packets"] > 0
    assert result["paced_keyframes"]["packets"] == 3 * (result["keyframe_packets"] - 1), "all but the parameter sets"


async def test_the_bench_on_a_bad_network_knows_what_became_of_every_packet() -> None:
    result = await bench("--node-only", "--impair", "loss=5,rtt=20")
    assert result["packets"] == 3 * 25 * 6
    assert 0 < result["needed_repair"] < result["packets"]
    assert 0 < result["repaired_in_time"] <= 1
    assert result["viewers_alive"] == 3


async def test_the_joins_bench_sees_a_whole_keyframe_at_every_viewer() -> None:
    result = await bench("--joins", "4")
    for joins in (result["idle"], result["crowd"]):
        assert 0 < joins["p50_ms"] <= joins["p95_ms"] <= joins["max_ms"]
        assert joins["disordered"] == 0


async def test_the_memory_bench_weighs_both_processes() -> None:
    result = await bench("--memory")
    assert result["media_mib"] > 0
    assert result["control_mib"] > 0
    assert "kib_per_viewer" in result


async def test_the_burst_bench_times_the_picture_in_peace_and_while_everybody_answers() -> None:
    result = await bench("--quiz-burst", "8")
    assert result["acknowledged"] == 8
    for window in ("idle", "burst", "idle_again"):
        assert result[window]["packets"] > 0
