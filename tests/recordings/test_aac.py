"""Sound for HLS and MP4: what is silent costs nothing and sounds the same."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from recordings import aac
from recordings.aac import STEADY_BLOCKS, AacEncoder
from recordings.boxes import AAC_FRAME_SAMPLES

Block = npt.NDArray[np.float32] | None


def noise(number: int) -> list[Block]:
    random = np.random.default_rng(number)
    return [(random.standard_normal((2, AAC_FRAME_SAMPLES)) * 0.1).astype(np.float32) for _ in range(number)]


def encoded(blocks: list[Block]) -> list[tuple[int, bytes]]:
    encoder = AacEncoder()
    return [p for number, block in enumerate(blocks) for p in encoder.encode(5000 + AAC_FRAME_SAMPLES * number, block)]


@pytest.mark.parametrize("pause", [1, STEADY_BLOCKS, STEADY_BLOCKS + 1, 5 * STEADY_BLOCKS])
def test_silence_that_is_not_encoded_leaves_every_frame_as_it_was(pause: int, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks: list[Block] = [*noise(9), *[None] * pause, *noise(7), *[None] * pause, *noise(3), *[None] * 3]
    spared = encoded(blocks)
    monkeypatch.setattr(aac, "STEADY_BLOCKS", len(blocks))
    assert spared == encoded(blocks)
    positions = [position for position, _ in spared]
    assert positions == list(range(positions[0], positions[0] + AAC_FRAME_SAMPLES * len(positions), AAC_FRAME_SAMPLES))
