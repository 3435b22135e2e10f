"""Pictures of an archive: which keyframes, and what is kept of them."""

import json

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings import contact, manifest
from recordings.interface import Track
from recordings.library import FolderLibrary
from recordings.storage import PICTURES, StorageUnavailable
from recordings.storage import FolderStorage as Storage
from recordings.verifying import verify
from tests.recordings.test_film import archived

HZ = 90_000


def entry(track, number, start, seconds, *, independent=True):
    return manifest.Entry(
        track, f"{track}-{number}.m4s", "i", start * HZ, round(seconds * HZ), f"at {start}", 1, independent, None
    )


def contents(camera, screen=()):
    found = manifest.Contents()
    found.entries[Track.CAMERA] = [entry(Track.CAMERA, n, *each) for n, each in enumerate(camera)]
    found.entries[Track.SCREEN] = [entry(Track.SCREEN, n, *each) for n, each in enumerate(screen)]
    return found


def test_they_lie_evenly_and_show_the_screen_where_one_was_shared():
    found = contact.shots(contents([(at, 2) for at in range(0, 20, 2)], [(4, 2), (6, 2), (8, 2)]))
    assert [(one.entry.name, one.utc) for one in found] == [
        ("camera-0.m4s", "at 0"),
        ("screen-0.m4s", "at 4"),
        ("screen-2.m4s", "at 8"),
        ("camera-6.m4s", "at 12"),
        ("camera-8.m4s", "at 16"),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.floats(0.2, 6)), max_size=200),
    st.lists(st.tuples(st.integers(0, 90), st.floats(0.2, 6)), max_size=40),
    st.integers(1, 50),
)
def test_never_more_than_that_in_order_each_once(camera, screen, most):
    def placed(steps):
        at, out = 0, []
        for wait, seconds in steps:
            out.append((at + wait, seconds))
            at += wait + 7
        return out

    found = contact.shots(contents(placed(camera), placed(screen)), most)
    assert len(found) <= most
    assert bool(found) == bool(camera)
    whens = [int(one.utc.split()[1]) for one in found]
    assert whens == sorted(set(whens))
    for one, when in zip(found, whens, strict=True):
        assert one.entry.start <= when * HZ < max(one.entry.end, one.entry.start + 1)


def strip_of(folder):
    found = contact.shots(manifest.Contents.of((folder / manifest.NAME).read_bytes()))
    contact.write_strip(folder, found, folder.parent / "strip")
    return found, (folder.parent / "strip").read_bytes()


def test_a_strip_holds_keyframes_that_can_be_decoded_alone(tmp_path):
    found, strip = strip_of(archived(tmp_path))
    assert len(found) == 1
    length = int.from_bytes(strip[:4], "big")
    assert len(strip) == 4 + length
    decoder = av.CodecContext.create("h264", "r")
    frames = [*decoder.decode(av.Packet(strip[4:])), *decoder.decode(None)]
    assert [(frame.width, frame.height) for frame in frames] == [(640, 360)]


@pytest.mark.parametrize("harm", ["gone", "short", "link", "noise"])
def test_a_segment_that_is_none_any_more_is_one_picture_less(tmp_path, harm):
    folder = archived(tmp_path)
    path = folder / "camera-0.m4s"
    data = path.read_bytes()
    path.unlink()
    if harm == "short":
        path.write_bytes(data[:40])
    elif harm == "link":
        (tmp_path / "elsewhere").write_bytes(data)
        path.symlink_to(tmp_path / "elsewhere")
    elif harm == "noise":
        path.write_bytes(b"\xff" * len(data))
    assert strip_of(folder)[1] == bytes(4)


def test_what_is_kept_is_listed_verified_and_served_and_again_changes_nothing(tmp_path):
    folder = archived(tmp_path)
    drawn = {"shown": [0], "width": 160, "height": 90, "columns": 5, "rows": 6, "sheets": 1}
    files = {PICTURES: contact.index(strip_of(folder)[0], drawn), "pictures-0.webp": b"w", "poster.webp": b"p"}
    library = FolderLibrary(tmp_path)
    before = library.summary(folder.name)
    for _ in range(2):
        contact.keep(tmp_path, folder.name, files)
        assert verify(folder).sound
    assert library.file(folder.name, "pictures-0.webp").read_bytes() == b"w"
    assert json.loads(library.file(folder.name, PICTURES).read_bytes())["at"] == [strip_of(folder)[0][0].utc]
    after = library.summary(folder.name)
    assert (after.state, after.segments, after.duration_ms) == (before.state, before.segments, before.duration_ms)
    (folder / "poster.webp").write_bytes(b"x")
    assert [flaw.name for flaw in verify(folder).flaws] == ["poster.webp"]


def test_what_a_crash_left_unlisted_is_swept_and_made_anew(tmp_path):
    folder = archived(tmp_path)
    (folder / "pictures-3.webp").write_bytes(b"half")
    (folder / "poster.webp.part").write_bytes(b"half")
    shelf = Storage(tmp_path).shelf(folder.name)
    with pytest.raises(StorageUnavailable):
        contact.keep(tmp_path, folder.name, {PICTURES: b"{}"})
    shelf.close()
    contact.keep(tmp_path, folder.name, {PICTURES: b"{}"})
    assert verify(folder).sound
