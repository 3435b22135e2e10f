"""Every change to an archive is found and named, whichever digest stands in its manifest."""

import json
import shutil

import pytest
from cryptography.hazmat.primitives.hashes import SM3, Hash
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from recordings import digest, manifest
from recordings.digest import Digest
from recordings.interface import Track
from recordings.manifest import Contents
from recordings.shelving import Mark, Shelving, Watermarks
from recordings.storage import FolderStorage
from recordings.verifying import Fault, verify
from server.__main__ import cli
from tests.recordings.studio import SPEC
from tests.recordings.test_film import segments_of_slate


def archive(root, kind=Digest.SHA256):
    """Recorded, and finished."""
    shelving = Shelving(
        SPEC,
        origin="2026-11-26T00:00:00.000Z",
        left_open=None,
        storage=FolderStorage(root),
        watermarks=Watermarks(0, 0),
        backlog_bytes=1 << 20,
        alarm=lambda code, active, detail: None,
        settled=lambda: None,
        digest=kind,
    )
    for job in (*segments_of_slate(), Mark("finished", "2026-11-26T00:00:02.000Z"), Mark("close", "")):
        shelving.add(job)
    shelving.work(0.0, "2026-11-26T00:00:00.000Z")
    return root / SPEC.recording_id


@pytest.fixture(scope="module", params=list(Digest))
def folder(request, tmp_path_factory):
    return archive(tmp_path_factory.mktemp("archive"), request.param)


def faults(folder):
    return [(flaw.name, flaw.fault) for flaw in verify(folder).flaws]


def test_what_was_recorded_is_sound(folder):
    findings = verify(folder)
    assert findings.sound
    assert findings.files == 3
    assert findings.bytes == sum(path.stat().st_size for path in folder.iterdir() if path.name != manifest.NAME)


def test_digests_are_what_they_are_called(tmp_path):
    for kind in Digest:
        (tmp_path / kind).mkdir()
        folder = archive(tmp_path / kind, kind)
        lines = [json.loads(line) for line in (folder / manifest.NAME).read_text().splitlines()]
        for line in (line for line in lines if line["t"] in {"init", "segment"}):
            assert {name for name in line if name in set(Digest)} == {kind}
            assert line[kind] == digest.of((folder / line["name"]).read_bytes(), kind)
    known = Hash(SM3())
    known.update(b"abc")  # GB/T 32905, A.1
    assert digest.of(b"abc", Digest.SM3) == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@settings(max_examples=30)
@given(number=st.integers(0, 2), at=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found_and_its_file_named(folder, number, at, bit):
    names = list(Contents.of((folder / manifest.NAME).read_bytes()).files)
    path = folder / names[number]
    good = path.read_bytes()
    bad = bytearray(good)
    bad[at % len(good)] ^= 1 << bit
    path.write_bytes(bad)
    try:
        assert faults(folder) == [(path.name, Fault.DIGEST)]
    finally:
        path.write_bytes(good)


def test_each_other_fault_has_its_answer(folder, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "camera-0.m4s").unlink()
    (broken / "camera-1.m4s").write_bytes((folder / "camera-1.m4s").read_bytes()[:-1])
    (broken / "camera-2.m4s").write_bytes(b"a stranger's")
    (broken / "camera-3.m4s.part").write_bytes(b"what a crash left")
    init = next(name for name in Contents.of((folder / manifest.NAME).read_bytes()).files if "init" in name)
    (broken / init).unlink()
    (broken / init).symlink_to(folder / init)
    assert sorted(faults(broken)) == [
        ("camera-0.m4s", Fault.MISSING),
        ("camera-1.m4s", Fault.LENGTH),
        ("camera-2.m4s", Fault.UNLISTED),
        (init, Fault.NOT_A_FILE),
    ]
    with (broken / manifest.NAME).open("ab") as file:
        file.write(b"{}\n")
    assert (manifest.NAME, Fault.MANIFEST) in faults(broken)
    (broken / manifest.NAME).write_bytes(b"nothing\n")
    assert faults(broken) == [(manifest.NAME, Fault.MANIFEST)]


def test_one_that_goes_on_is_called_open(folder, tmp_path):
    going = tmp_path / "going"
    shutil.copytree(folder, going)
    lines = (going / manifest.NAME).read_bytes().splitlines(keepends=True)
    (going / manifest.NAME).write_bytes(b"".join(line for line in lines if b'"finished"' not in line))
    assert faults(going) == [(manifest.NAME, Fault.OPEN)]


def test_the_command_names_recording_and_file(tmp_path):
    (tmp_path / "recordings").mkdir()
    folder = archive(tmp_path / "recordings")

    def asked(*words):
        return CliRunner().invoke(cli, ["archive", "verify", *words], env={"DANGXIAO_DATA": str(tmp_path)})

    assert (asked().exit_code, "Sound: 1 个录像" in asked().output) == (0, True)
    assert asked(SPEC.recording_id).exit_code == 0
    for unknown in ("other", "../recordings/rec-1", "."):
        assert asked(unknown).exit_code == 2
    path = folder / "camera-1.m4s"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    said = asked()
    assert said.exit_code == 1
    assert f"{SPEC.recording_id}/camera-1.m4s: 内容已改变" in said.output
    assert Track.CAMERA in said.output
