import shutil

from recordings.interface import Space
from recordings.space import EVERY_MS, STALE_MS, SpaceNote
from recordings.storage import FolderStorage, StorageUnavailable


class Disk:
    """``free`` None: it can't be reached. ``asked``: how often it was."""

    def __init__(self, free):
        self.free, self.asked = free, 0

    def free_bytes(self):
        self.asked += 1
        if self.free is None:
            raise StorageUnavailable("away")
        return self.free


def test_reading_asks_no_disk_and_before_the_first_measure_nothing_is_known():
    disk = Disk(500)
    note = SpaceNote(disk, low_bytes=100)
    assert note.read(0.0) is None
    assert disk.asked == 0


def test_low_is_what_lies_below_the_mark():
    disk = Disk(100)
    note = SpaceNote(disk, low_bytes=100)
    note.measure(0.0)
    assert note.read(0.0) == Space(100, low=False)
    disk.free = 99
    note.measure(EVERY_MS)
    assert note.read(EVERY_MS) == Space(99, low=True)


def test_the_disk_is_asked_every_few_seconds_however_often_the_thread_turns():
    disk = Disk(500)
    note = SpaceNote(disk, low_bytes=0)
    for now_ms in range(0, 10_000, 200):
        note.measure(float(now_ms))
    assert disk.asked == 2


def test_a_disk_that_is_away_or_has_hung_has_no_figure():
    disk = Disk(500)
    note = SpaceNote(disk, low_bytes=0)
    note.measure(0.0)
    assert note.read(STALE_MS) is not None
    assert note.read(STALE_MS + 1) is None
    disk.free = None
    note.measure(EVERY_MS)
    assert note.read(EVERY_MS) is None


def test_a_folder_tells_the_room_of_its_disk_and_none_when_another_lies_there(tmp_path):
    storage = FolderStorage(tmp_path / "recordings")
    assert 0 < storage.free_bytes() <= shutil.disk_usage(tmp_path).total
    (tmp_path / "recordings").rmdir()
    note = SpaceNote(storage, low_bytes=0)
    note.measure(0.0)
    assert note.read(0.0) is None
