"""The relay bench prints what it promises."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.media

BENCH = Path(__file__).parents[2] / "script" / "bench_relay.py"


async def test_the_relay_bench_counts_every_packet_at_every_viewer() -> None:
    command = [sys.executable, str(BENCH), "--viewers", "3", "--seconds", "1", "--json"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    result = json.loads(output)
    assert process.returncode == 0
    assert result["packets_sent"] == result["packets_received"] == 3 * 25 * 6
    assert result["loss"] == 0
    assert result["backend"] == "python"
    assert result["viewers"] == 3
    assert result["us_per_packet"] > 0
    assert result["failed_samples"] == 0
    assert result["decrypted_samples"] > 0
    assert "floor_us_per_packet" in result
