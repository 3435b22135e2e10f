"""The confined converter on real files: good ones, and such as nobody should have to open."""

import asyncio
import json
import sys
from pathlib import Path

import av
import psutil
import pytest

from server.converting.cage import Limits
from server.converting.confined import Confined
from server.converting.crafts import crafts
from server.converting.slides import one_line
from server.domain.jobs import JobKind
from server.domain.refusals import Refusal
from tests.converting import papers

pytestmark = pytest.mark.process

TIGHT = Limits(memory_bytes=1 << 30, cpu_s=4, wall_s=60.0, file_bytes=64 << 20)


async def convert(tmp_path, content, *, craft=None):
    source, into = tmp_path / "original", tmp_path / "work"
    source.write_bytes(content)
    into.mkdir()
    told = []
    result = await (craft or crafts()[JobKind.SLIDES])(source, into, told.append)
    return result, into, told


async def refusal_of(tmp_path, content, **more):
    with pytest.raises(Refusal) as caught:
        await convert(tmp_path, content, **more)
    return caught.value.code


def test_a_title_is_one_line_that_can_be_read():
    assert one_line(" 急救\u3000\x07\u202e知识\n\ue000 A\x00 ") == "急救 知识 A"
    assert len(one_line("长" * 100)) == 60


async def test_every_page_becomes_three_pictures_its_words_and_its_title(tmp_path):
    result, into, told = await convert(tmp_path, papers.slides(["Fire safety", "First aid"]))
    assert result == {"pages": 2, "titles": ["Fire safety", "First aid"], "sizes": [[1920, 1080]] * 2}
    assert told == [50, 100]
    sizes = {}
    for path in into.glob("*.webp"):
        with av.open(path) as picture:
            frame = next(picture.decode(video=0))
            sizes[path.name] = (frame.width, frame.height)
            assert frame.to_ndarray(format="gray").std() > 20, path.name  # letters and a bar, no empty sheet
    assert sizes == {
        f"{name}-{page:03}.webp": size
        for name, size in (("screen", (1920, 1080)), ("phone", (1280, 720)), ("thumb", (320, 180)))
        for page in (1, 2)
    }
    assert "Line one of page 2" in json.loads((into / "words.json").read_text())[1]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: papers.slides(["A"])[:500], "pdf_broken"),
        (lambda: b"%PDF-1.7\n" + b"nothing of the kind " * 50, "pdf_broken"),
        (lambda: papers.slides([]), "pdf_broken"),
        (papers.encrypted, "pdf_encrypted"),
        (lambda: papers.many_pages(201), "pdf_too_many_pages"),
        (lambda: papers.many_pages(10_000), "pdf_too_many_pages"),
        (lambda: papers.slides(["A"], box=(200_000, 200_000)), "pdf_page_wrong"),
        (lambda: papers.slides(["A"], box=(10_000, 40)), "pdf_page_wrong"),
    ],
    ids=["cut", "text", "empty", "encrypted", "201", "10000", "huge", "ribbon"],
)
async def test_what_is_no_deck_is_refused_by_name(tmp_path, make, code):
    assert await refusal_of(tmp_path, make()) == code


@pytest.mark.parametrize(
    "make", [lambda: papers.deep(40), lambda: papers.unpacking(1500)], ids=["forms within forms", "unpacking"]
)
async def test_a_bomb_is_cut_off_and_leaves_nobody_behind(tmp_path, make):
    craft = Confined("slides", TIGHT)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    assert await refusal_of(tmp_path, make(), craft=craft) == "conversion_too_heavy"
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


async def test_one_that_takes_too_long_by_the_clock_is_ended(tmp_path):
    craft = Confined("slides", Limits(memory_bytes=1 << 30, cpu_s=60, wall_s=0.05, file_bytes=1 << 20))
    assert await refusal_of(tmp_path, papers.slides(["A"]), craft=craft) == "conversion_too_heavy"


async def test_cancelling_ends_the_process(tmp_path):
    craft = Confined("slides", Limits(memory_bytes=1 << 30, cpu_s=60, wall_s=60.0, file_bytes=64 << 20))
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    begun = asyncio.Event()
    source, into = tmp_path / "original", tmp_path / "work"
    source.write_bytes(papers.slides([f"Page {at}" for at in range(200)]))
    into.mkdir()
    work = asyncio.ensure_future(craft(source, into, lambda _: begun.set()))
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


PRISONER = """
import json, os, socket, sys
sys.path.append({root!r})
from pathlib import Path
from server.converting import cage
limits = cage.Limits(memory_bytes=1 << 30, cpu_s=10, wall_s=10.0, file_bytes=1 << 20)
cage.lower(limits)
into = Path({into!r})
walls = cage.shut(limits, readable=[Path(sys.prefix), Path(sys.base_prefix), Path("/usr"), Path("/lib")], folder=into)
tried = {{}}
def attempt(name, act):
    try:
        act()
        tried[name] = "done"
    except OSError as error:
        tried[name] = type(error).__name__
attempt("secret", lambda: open({secret!r}).read())
attempt("outside", lambda: open({secret!r} + ".new", "w"))
attempt("inside", lambda: (into / "made").write_text("x"))
attempt("large", lambda: (into / "large").write_bytes(bytes(2 << 20)))
attempt("network", lambda: socket.create_connection(("127.0.0.1", {port}), timeout=2))
attempt("fork", os.fork)
attempt("signal", lambda: os.kill(os.getppid(), 0))
attempt("neighbour", lambda: socket.socket(socket.AF_UNIX).connect({neighbour!r}))
print(json.dumps([walls, tried]))
"""


async def test_the_walls_stand(tmp_path):
    """Each that the kernel says it put up holds; none is claimed in vain."""
    secret, into = tmp_path / "secret", tmp_path / "work"
    secret.write_text("key")
    into.mkdir()
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    neighbour = await asyncio.start_unix_server(lambda _reader, writer: writer.close(), tmp_path / "socket")
    port = server.sockets[0].getsockname()[1]
    places = {"root": str(Path(__file__).parents[2]), "into": str(into), "neighbour": str(tmp_path / "socket")}
    program = PRISONER.format(**places, secret=str(secret), port=port)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", program, stdout=asyncio.subprocess.PIPE, cwd=into
    )
    said, _ = await child.communicate()
    server.close()
    neighbour.close()
    walls, tried = json.loads(said.splitlines()[-1])
    assert tried["inside"] == "done"
    assert tried["large"] != "done"
    if "files" in walls:
        assert (tried["secret"], tried["outside"]) == ("PermissionError", "PermissionError")
    if "no-network" in walls:
        assert tried["network"] != "done"
    if "calls" in walls:
        assert (tried["signal"], tried["neighbour"]) == ("PermissionError", "PermissionError")
