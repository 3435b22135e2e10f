"""Films in the confined converter, as the workshop runs it."""

import subprocess
import sys

import pytest

from server.converting.crafts import crafts
from server.domain.clips import CLIP_FILE, POSTER_FILE
from server.domain.jobs import JobKind
from server.domain.refusals import Refusal
from tests.converting.films import film

pytestmark = pytest.mark.process


async def convert(source, tmp_path, limits=None):
    into = tmp_path / "work"
    into.mkdir()
    told = []
    return await crafts(limits)[JobKind.CLIP](source, into, told.append), into, told


async def test_a_film_becomes_a_clip_with_a_poster(tmp_path):
    result, into, told = await convert(film(tmp_path / "original", container="mp4", seconds=4), tmp_path)
    assert result == {
        "duration_ms": 4_000,
        "width": 320,
        "height": 180,
        "sound": True,
        "bytes": (into / CLIP_FILE).stat().st_size,
    }
    assert (into / POSTER_FILE).read_bytes()[:2] == b"\xff\xd8"
    assert told[-1] > 90


async def test_an_installation_sets_how_long_a_clip_may_be_and_how_it_leaves(tmp_path):
    source = film(tmp_path / "original", container="mp4", seconds=2)
    result, _, _ = await convert(source, tmp_path, {"most_lines": 90})
    assert (result["width"], result["height"]) == (160, 90)
    (tmp_path / "again").mkdir()
    with pytest.raises(Refusal) as told:
        await convert(source, tmp_path / "again", {"most_s": 1})
    assert told.value.code == "clip_too_long"


@pytest.mark.parametrize("content", [b"no film at all", b"\x00\x00\x00\x18ftypmp42" + bytes(5000)])
async def test_what_is_none_is_refused_in_the_words_of_the_protocol(tmp_path, content):
    source = tmp_path / "original"
    source.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        await convert(source, tmp_path)
    assert refused.value.code in ("clip_not_video", "clip_broken")


def test_it_needs_no_thread_beside_its_own(tmp_path):
    """Where it runs it may start none."""
    source = film(tmp_path / "original", container="mp4", seconds=1)
    code = f"""
from pathlib import Path
from server.converting.clip import convert
def threads():
    status = Path("/proc/self/status").read_text()
    return int(status.split("Threads:")[1].split()[0])
most = []
convert(Path({str(source)!r}), Path({str(tmp_path)!r}), lambda _: most.append(threads()))
print(max(most))
"""
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "1"
