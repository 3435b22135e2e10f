"""Sealed packages: what was put in comes out, and every change has its own answer."""

import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from recordings.digest import Digest
from recordings.fragment import Damaged
from recordings.package import INDEX, SIGNATURE, Contents, Packing, fingerprint_of
from recordings.storage import StorageFull
from recordings.unsealing import Fault, unseal
from server.__main__ import cli
from tests.recordings.test_verifying import archive

OURS, THEIRS = bytes(range(32)), bytes(range(1, 33))
EXPECTED = frozenset({fingerprint_of(OURS)})
RECORD = Contents({"title": "安全生产"}, {"events.jsonl": b'{"seq":1}\n', "README.txt": b"x" * 513})


@pytest.fixture(scope="module", params=list(Digest))
def package(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("package")
    folder = archive(root, request.param)
    sealed = Packing(folder, root / "package.tar", 0, lambda percent: None).seal(RECORD, OURS)
    assert sealed.key in EXPECTED
    assert sealed.bytes == (root / "package.tar").stat().st_size
    return root / "package.tar"


def answers(path: Path, expected=EXPECTED):
    return {(flaw.fault, flaw.name) for flaw in unseal(path, expected).flaws}


def entries(path):
    with tarfile.open(path) as tar:
        return [(member, tar.extractfile(member).read()) for member in tar]


def written(path, members):
    with tarfile.open(path, "w:", format=tarfile.USTAR_FORMAT) as tar:
        for member, content in members:
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content) if member.isreg() else None)
    data = path.read_bytes()
    end = len(data.rstrip(b"\0")) // 512 * 512
    end += 512 if len(data.rstrip(b"\0")) % 512 else 0
    path.write_bytes(data[:end] + bytes(1024))
    return path


def test_everything_is_in_it_and_it_is_sound(package):
    found = unseal(package, EXPECTED)
    assert found.flaws == ()
    assert found.said["title"] == "安全生产"
    assert found.files == 6  # manifest, init, two segments, two documents
    names = [member.name for member, _ in entries(package)]
    assert names[:2] == [INDEX, SIGNATURE]
    assert len(names) == found.files + 2
    assert b"x" * 513 in [content for _, content in entries(package)]


@settings(max_examples=60)
@given(at=st.integers(0), bit=st.integers(0, 7))
def test_no_flipped_bit_goes_unnoticed(package, tmp_path_factory, at, bit):
    """In the files, the index, the signature, the names and lengths; only what no reader looks at may differ."""
    data = bytearray(package.read_bytes())
    data[at % len(data)] ^= 1 << bit
    path = tmp_path_factory.getbasetemp() / "flipped.tar"
    path.write_bytes(data)
    found = unseal(path, EXPECTED)
    if not found.flaws:
        assert [(m.name, c) for m, c in entries(path)] == [(m.name, c) for m, c in entries(package)]


def planted(package, tmp_path, fault):
    members = entries(package)
    index = next(number for number, (member, _) in enumerate(members) if member.name.endswith("camera-1.m4s"))
    member, content = members[index]
    stranger = tarfile.TarInfo("recording/camera-9.m4s")
    match fault:
        case "flipped":
            members[index] = (member, content[:-1] + bytes([content[-1] ^ 1]))
        case "missing":
            del members[index]
        case "longer":
            members[index] = (member, content + b"!")
        case "too many":
            members.append((stranger, b"more"))
        case "twice":
            members.append(members[index])
        case "outside":
            stranger.name = "recording/../../etc/passwd"
            members.append((stranger, b"root"))
        case "absolute":
            stranger.name = "/etc/passwd"
            members.append((stranger, b"root"))
        case "link" | "hard link" | "device" | "folder":
            kinds = {"link": tarfile.SYMTYPE, "hard link": tarfile.LNKTYPE, "device": tarfile.CHRTYPE}
            member.type = kinds.get(fault, tarfile.DIRTYPE)
            member.linkname = "/etc/passwd" if "link" in fault else ""
            members[index] = (member, b"")
        case "other index":
            said = json.loads(members[0][1])
            said["title"] = "another"
            members[0] = (members[0][0], json.dumps(said).encode())
        case "no index":
            del members[0]
        case "no signature":
            members[1] = (members[1][0], b"[" * 3000)
    return written(tmp_path / "planted.tar", members)


SEGMENT = "recording/camera-1.m4s"


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("flipped", {(Fault.DIGEST, SEGMENT)}),
        ("missing", {(Fault.MISSING, SEGMENT)}),
        ("longer", {(Fault.LENGTH, SEGMENT)}),
        ("too many", {(Fault.UNLISTED, "recording/camera-9.m4s")}),
        ("twice", {(Fault.TWICE, SEGMENT)}),
        ("outside", {(Fault.NAME, "recording/../../etc/passwd")}),
        ("absolute", {(Fault.NAME, "/etc/passwd")}),
        *((kind, {(Fault.NOT_A_FILE, SEGMENT), (Fault.MISSING, SEGMENT)}) for kind in ("link", "hard link", "device")),
        ("other index", {(Fault.SIGNATURE, "")}),
        ("no index", {(Fault.INDEX, "")}),
        ("no signature", {(Fault.SIGNATURE, "")}),
    ],
)
def test_every_planted_fault_has_its_answer(package, tmp_path, fault, answer):
    assert answers(planted(package, tmp_path, fault)) == answer


def test_a_foreign_signature_is_told_with_its_key(package, tmp_path):
    assert answers(package, frozenset()) == {(Fault.FOREIGN, "")}
    folder = archive(tmp_path)
    forged = Packing(folder, tmp_path / "forged.tar", 0, lambda percent: None).seal(RECORD, THEIRS)
    found = unseal(tmp_path / "forged.tar", EXPECTED)
    assert [flaw.fault for flaw in found.flaws] == [Fault.FOREIGN]
    assert found.key == forged.key == fingerprint_of(THEIRS)


@pytest.mark.parametrize("kind", ["cut", "longer", "empty", "no tar", "pax"])
def test_what_is_no_whole_package_is_said_to_be_none(package, tmp_path, kind):
    path, data = tmp_path / "x.tar", package.read_bytes()
    path.write_bytes(
        {"cut": data[:-1500], "longer": data + b"more", "empty": b"", "no tar": b"x" * 5000}.get(kind, data)
    )
    if kind == "pax":
        with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT, pax_headers={"comment": "x" * 2000}) as tar:
            tar.addfile(tarfile.TarInfo(INDEX), io.BytesIO(b""))
    faults = {fault for fault, _ in answers(path)}
    assert faults & {Fault.NO_PACKAGE, Fault.INDEX}


def header(kind: bytes, size: bytes) -> bytes:
    head = bytearray(tarfile.TarInfo("record/a").tobuf(tarfile.USTAR_FORMAT))
    head[156:157], head[124:136], head[148:156] = kind, size, b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


@pytest.mark.parametrize("kind", ["below nothing", "one in the other", "first of all"])
def test_a_hostile_header_ends_the_reading(package, tmp_path, kind):
    back = header(tarfile.REGTYPE, b"\xff" * 10 + b"\xfe\x00")  # -512: the same header again, for ever
    deep = (header(tarfile.GNUTYPE_LONGNAME, b"00000000001\0") + b"a" + bytes(511)) * 2000
    data, path = package.read_bytes()[:-1024], tmp_path / "x.tar"
    hostile = {"below nothing": data + back, "one in the other": data + deep, "first of all": deep + data}
    path.write_bytes(hostile[kind] + bytes(1024))
    assert Fault.NO_PACKAGE in {fault for fault, _ in answers(path)}


def test_only_a_sound_archive_is_sealed_and_never_onto_a_full_disk(tmp_path):
    folder = archive(tmp_path)
    with pytest.raises(StorageFull):
        Packing(folder, tmp_path / "p.tar", 1 << 62, lambda percent: None).seal(RECORD, OURS)
    path = folder / "camera-1.m4s"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(Damaged, match="camera-1"):
        Packing(folder, tmp_path / "p.tar", 0, lambda percent: None).seal(RECORD, OURS)
    assert [one.name for one in tmp_path.iterdir()] == [folder.name]


def test_the_command_verifies_a_package_without_a_server(package, tmp_path):
    def asked(*words):
        return CliRunner().invoke(cli, ["archive", *words], env={"DANGXIAO_DATA": str(tmp_path)})

    key = fingerprint_of(OURS)
    sound = asked("verify", str(package), "--key", key)
    assert (sound.exit_code, "完好" in sound.output, key in sound.output) == (0, True, True)
    foreign = asked("verify", str(package))
    assert (foreign.exit_code, "signed by another key" in foreign.output) == (1, True)
    assert asked("verify", str(tmp_path / "none.tar")).exit_code == 2
    assert asked("key").exit_code == 2
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "archive.key").write_bytes(OURS)
    assert asked("key").output.strip() == key
    assert asked("verify", str(package)).exit_code == 0
    flawed = asked("verify", str(planted(package, tmp_path, "flipped")))
    assert (flawed.exit_code, f"{SEGMENT}: 内容已改变" in flawed.output) == (1, True)
