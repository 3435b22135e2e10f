"""The local folder, and what the disk half of a recording does when it is full, away or slow."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import threading

import pytest

from recordings import manifest
from recordings.interface import Refusal, Track
from recordings.library import FolderLibrary
from recordings.segmenter import Reason
from recordings.shelving import Mark, Shelving, Watermarks
from recordings.storage import FolderStorage, StorageUnavailable
from rooms.interface import Slot
from tests.recordings import rtp
from tests.recordings.studio import NO_WATERMARKS, Studio, eventually, live_until, recorder
from tests.recordings.studio import SPEC as STUDIO_SPEC
from tests.recordings.test_manifest import SPEC, segment

pytestmark = pytest.mark.process

AT = "2026-11-22T08:00:00.000Z"


def shelving(storage, alarms, backlog_bytes=1 << 20, watermarks=NO_WATERMARKS, left_open=None) -> Shelving:
    return Shelving(
        SPEC,
        origin=AT,
        left_open=left_open,
        storage=storage,
        watermarks=watermarks,
        backlog_bytes=backlog_bytes,
        alarm=lambda code, active, detail: alarms.append((code, active)),
        settled=lambda: None,
    )


def reasons(root) -> list[str | None]:
    data = (root / SPEC.recording_id / manifest.NAME).read_bytes()
    return [entry.reason for entry in manifest.Contents.of(data).entries[Track.CAMERA]]


def test_a_half_line_is_cut_when_the_shelf_is_opened_again(tmp_path):
    shelf = FolderStorage(tmp_path).shelf("r")
    shelf.append(b'{"t":"a"}\n')
    shelf.close()
    with (tmp_path / "r" / manifest.NAME).open("ab") as file:
        file.write(b'{"t":"b')
    shelf = FolderStorage(tmp_path).shelf("r")
    assert shelf.manifest() == b'{"t":"a"}\n'
    shelf.append(b'{"t":"c"}\n')
    assert shelf.manifest() == b'{"t":"a"}\n{"t":"c"}\n'
    shelf.close()
    shelf.close()


def test_one_writer_at_a_time_also_between_processes(tmp_path):
    shelf = FolderStorage(tmp_path).shelf("r")
    code = (
        "import sys, pathlib\n"
        "from recordings.storage import FolderStorage, StorageUnavailable\n"
        "try: FolderStorage(pathlib.Path(sys.argv[1])).shelf('r')\n"
        "except StorageUnavailable: sys.exit(7)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 7
    shelf.close()
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "a\0b", "x" * 200, "中文"])
def test_a_recording_id_never_leaves_its_folder(tmp_path, name):
    with pytest.raises(StorageUnavailable):
        FolderStorage(tmp_path).shelf(name)
    with pytest.raises(Refusal, match="recording_unknown"):
        FolderLibrary(tmp_path).summary(name)


def test_only_listed_files_are_given_out(tmp_path):
    work = shelving(FolderStorage(tmp_path), [])
    work.add(segment(1))
    work.work(0.0, AT)
    (tmp_path / "r" / "camera-9.m4s").write_bytes(b"not listed")
    library = FolderLibrary(tmp_path)
    assert library.file("r", "camera-1.m4s").read_bytes() == b"x"
    for name in ("camera-9.m4s", "manifest.jsonl", "../r/camera-1.m4s", ""):
        with pytest.raises(Refusal, match="recording_unknown"):
            library.file("r", name)


def test_a_listed_file_that_became_a_link_is_not_given_out(tmp_path):
    work = shelving(FolderStorage(tmp_path), [])
    work.add(segment(1))
    work.work(0.0, AT)
    secret, listed = tmp_path / "secret", tmp_path / "r" / "camera-1.m4s"
    secret.write_bytes(b"not ours to send")
    listed.unlink()
    listed.symlink_to(secret)
    with pytest.raises(Refusal, match="recording_unknown"):
        FolderLibrary(tmp_path).file("r", "camera-1.m4s")


def test_sweep_removes_our_leftovers_and_nothing_else(tmp_path):
    shelf = FolderStorage(tmp_path).shelf("r")
    for name in ("camera-1.m4s", "camera-2.m4s.part", "screen-init-0a.mp4", "notes.txt", "camera-3.m4s"):
        (tmp_path / "r" / name).write_bytes(b"")
    shelf.sweep(frozenset({"camera-3.m4s"}))
    shelf.close()
    assert {path.name for path in (tmp_path / "r").iterdir()} == {"notes.txt", "camera-3.m4s", manifest.NAME}


def test_a_vanished_folder_is_waited_for_and_what_waited_is_written_when_it_is_back(tmp_path):
    root = tmp_path / "disk"
    alarms: list = []
    work = shelving(FolderStorage(root), alarms)
    work.add(segment(1))
    work.work(0.0, AT)
    root.rename(tmp_path / "elsewhere")
    work.add(segment(2))
    work.work(10.0, AT)
    assert alarms[-1] == ("storage_unavailable", True)
    assert not root.exists()  # nothing is written into an empty mount point's parent
    work.work(500.0, AT)
    (tmp_path / "elsewhere").rename(root)
    work.add(segment(3))
    work.work(1_100.0, AT)
    assert ("storage_unavailable", False) in alarms
    assert reasons(root) == [None, None, None]
    assert work.summary.gaps_ms == 0


def test_a_deleted_recording_starts_a_new_manifest(tmp_path):
    alarms: list = []
    work = shelving(FolderStorage(tmp_path), alarms)
    work.add(segment(1))
    work.work(0.0, AT)
    shutil.rmtree(tmp_path / "r")
    work.add(segment(2))
    work.work(1.0, AT)
    assert ("storage_unavailable", True) in alarms
    work.work(1_100.0, AT)
    assert work.summary.segments == 1
    assert FolderLibrary(tmp_path).summary("r").segments == 1


def test_what_fell_out_of_the_backlog_is_a_gap_with_its_reason(tmp_path):
    root = tmp_path / "disk"
    alarms: list = []
    work = shelving(FolderStorage(root), alarms, backlog_bytes=12)
    work.add(segment(1))
    work.work(0.0, AT)
    root.rename(tmp_path / "elsewhere")
    for number in (2, 3, 4, 5):
        work.add(segment(number))
        work.work(number * 2_000.0, AT)
    (tmp_path / "elsewhere").rename(root)
    work.work(20_000.0, AT)
    assert work.dropped_segments == 1
    assert reasons(root) == [None, Reason.STORAGE_UNAVAILABLE, None, None]
    assert work.summary.gaps_ms == 2_000


def test_the_first_alarm_comes_at_two_gibibytes_unless_it_is_set_otherwise():
    assert Watermarks().low_bytes == 2 * 1024**3
    assert Watermarks().full_bytes < Watermarks().low_bytes


def test_a_full_disk_alarms_early_stops_media_and_still_takes_the_end(tmp_path):
    alarms: list = []
    free = shutil.disk_usage(tmp_path).free
    low = shelving(FolderStorage(tmp_path), alarms, watermarks=Watermarks(low_bytes=2 * free, full_bytes=0))
    low.add(segment(1))
    low.work(0.0, AT)
    low.add(Mark("close", ""))
    low.work(0.0, AT)
    assert alarms == [("disk_low", True)]
    full = shelving(
        FolderStorage(tmp_path),
        alarms,
        watermarks=Watermarks(low_bytes=2 * free, full_bytes=2 * free),
        left_open=manifest.Contents.of((tmp_path / "r" / manifest.NAME).read_bytes()),
    )
    full.add(segment(2))
    full.work(0.0, AT)
    assert alarms[-1] == ("disk_full", True)
    assert reasons(tmp_path) == [None]
    full.add(Mark("finished", AT))
    full.work(2_000.0, AT)
    assert FolderLibrary(tmp_path).summary("r").state == "finished"
    assert FolderLibrary(tmp_path).summary("r").gaps_ms == 2_000  # the segment that found no room


def test_a_real_enospc_leaves_no_half_file_and_no_half_line(tmp_path):
    """A disk quota in the form that needs no privileges: the limit on file size."""
    code = (
        "import sys, pathlib, resource, signal\n"
        "from recordings.storage import FolderStorage, StorageFull\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "shelf = FolderStorage(pathlib.Path(sys.argv[1])).shelf('r')\n"
        'shelf.append(b\'{"t":"a"}\\n\')\n'
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "for call in (lambda: shelf.put('camera-1.m4s', bytes(5000)), lambda: shelf.append(bytes(5000))):\n"
        "    try: call()\n"
        "    except StorageFull: continue\n"
        "    sys.exit(1)\n"
        'shelf.append(b\'{"t":"b"}\\n\')\n'
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0
    assert [path.name for path in (tmp_path / "r").iterdir()] == [manifest.NAME]
    assert (tmp_path / "r" / manifest.NAME).read_bytes() == b'{"t":"a"}\n{"t":"b"}\n'


class StalledStorage(FolderStorage):
    """A disk that hangs until it is let go."""

    def __init__(self, root) -> None:
        super().__init__(root)
        self.go = threading.Event()

    def shelf(self, recording_id):
        assert self.go.wait(30)
        return super().shelf(recording_id)


async def test_a_stalled_disk_touches_neither_packets_nor_live_hls(tmp_path):
    from recordings.recorder import Recorder, RecorderSettings

    studio, storage = Studio(), StalledStorage(tmp_path)
    archive = Recorder(
        studio, tmp_path, RecorderSettings(watermarks=NO_WATERMARKS), clock=studio.clock, storage=storage
    )
    await archive.attach(STUDIO_SPEC, recording=True)
    pictures = rtp.film(rtp.Sender(Slot.CAMERA), 1_000.0, rtp.video(320, 240, 300, 60, 120))
    await studio.play(pictures, 11_000.0, pace_s=0.002)
    playlist = await live_until(archive, 8.0)
    names = [line for line in playlist.splitlines() if line.endswith(".m4s")]
    assert len(names) >= 4
    assert list(tmp_path.iterdir()) == []
    storage.go.set()
    summary = await archive.finish(STUDIO_SPEC.recording_id)
    await archive.close()
    assert summary.gaps_ms == 0
    assert summary.duration_ms == pytest.approx(10_000, abs=100)


class HangingStorage(FolderStorage):
    """What lies on it cannot even be looked at until it is let go."""

    def __init__(self, root) -> None:
        super().__init__(root)
        self.go = threading.Event()
        self.asked = 0

    def exists(self, recording_id):
        self.asked += 1
        assert self.go.wait(30)
        return super().exists(recording_id)


async def test_nobody_waits_for_a_disk_that_hangs_when_a_lecture_begins_and_it_is_asked_once(tmp_path):
    from recordings.recorder import Recorder, RecorderSettings

    studio, storage = Studio(), HangingStorage(tmp_path)
    settings = RecorderSettings(watermarks=NO_WATERMARKS, attach_s=0.01, finish_s=5.0)
    archive = Recorder(studio, tmp_path, settings, clock=studio.clock, storage=storage)
    alarms = archive.alarms()
    for _ in range(5):
        with pytest.raises(Refusal, match="storage_unavailable"):
            await archive.attach(STUDIO_SPEC, recording=True)
    assert storage.asked == 1
    assert (await anext(alarms)).active
    storage.go.set()

    async def attached() -> bool:
        try:
            await archive.attach(STUDIO_SPEC, recording=True)
        except Refusal:
            return False
        return True

    async with asyncio.timeout(60):
        while not await attached():
            pass
    assert not (await anext(alarms)).active
    assert archive.summary(STUDIO_SPEC.recording_id).state == "running"
    await alarms.aclose()
    await archive.close()


async def test_a_flood_of_packets_is_dropped_at_the_limit_and_alarmed(tmp_path):
    studio = Studio(slots={})
    archive = recorder(studio, tmp_path, queue_packets=50)
    await archive.attach(STUDIO_SPEC, recording=True)
    alarms = archive.alarms()
    (packet,) = rtp.voice().packets(1_000.0, rtp.opus(20))
    for _ in range(5_000):
        studio.sinks[0].on_packets([packet])
    lag = await anext(alarms)
    assert (lag.code, lag.active) == ("recorder_lag", True)
    await studio.play([], 12_000.0, pace_s=0.002)
    over = await anext(alarms)
    assert (over.code, over.active) == ("recorder_lag", False)
    await alarms.aclose()
    await archive.close()


async def test_finish_on_a_disk_that_is_gone_is_refused_and_recovery_ends_it_later(tmp_path):
    root = tmp_path / "disk"
    studio = Studio()
    archive = recorder(studio, root, finish_s=0.5)
    await archive.attach(STUDIO_SPEC, recording=True)
    await studio.play([], 6_000.0)
    await eventually(lambda: archive.summary(STUDIO_SPEC.recording_id).segments >= 1)
    root.rename(tmp_path / "elsewhere")
    with pytest.raises(Refusal, match="storage_unavailable"):
        await archive.finish(STUDIO_SPEC.recording_id)
    assert studio.sinks == []
    await archive.close()
    (tmp_path / "elsewhere").rename(root)
    (summary,) = FolderLibrary(root).recover(frozenset())
    assert summary.state == "finished"
