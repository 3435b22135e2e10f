"""A deleted archive: its media is gone, its head says why, and a crash on the way is made good."""

import json

import pytest

from recordings import manifest, moving
from recordings.forgetting import forget
from recordings.interface import Refusal, Track
from recordings.library import FolderLibrary
from recordings.storage import FolderStorage, StorageUnavailable
from recordings.verifying import verify
from server.archive.checking import report
from tests.recordings.dict_objects import DictObjects
from tests.recordings.test_verifying import archive

AT, WHY = "2026-11-26T00:00:00+00:00", "ordinary: 1095 days"


@pytest.fixture
def folder(tmp_path):
    return archive(tmp_path)


def lines(folder):
    return [json.loads(line) for line in (folder / manifest.NAME).read_bytes().splitlines()]


def test_the_head_stays_and_says_by_which_rule(folder):
    first, before = lines(folder)[0], verify(folder)
    forget(folder.parent, folder.name, AT, WHY)
    head, last = lines(folder)
    assert head == first
    assert (last["t"], last["at"], last["why"], last["files"], last["bytes"]) == (
        *("deleted", AT, WHY),
        *(before.files, before.bytes),
    )
    assert [path.name for path in folder.iterdir()] == [manifest.NAME]
    found = verify(folder)
    assert (found.sound, found.deleted) == (True, (AT, WHY))
    text, code = report(folder.parent)
    assert code == 0
    assert f"{folder.name}: 已删除 deleted {AT} ({WHY})" in text


def test_again_after_a_crash_between_the_manifest_and_the_files(folder):
    copy = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != manifest.NAME}
    forget(folder.parent, folder.name, AT, WHY)
    said = lines(folder)
    for name, data in copy.items():
        (folder / name).write_bytes(data)
    forget(folder.parent, folder.name, "later", "another")
    assert lines(folder) == said
    assert [path.name for path in folder.iterdir()] == [manifest.NAME]


def test_readers_find_nothing_of_it_and_recovery_leaves_it(folder):
    library = FolderLibrary(folder.parent)
    assert "#EXTINF" in library.playlist(folder.name, Track.CAMERA)
    library.forget(folder.name, AT, WHY)
    assert "#EXTINF" not in library.playlist(folder.name, Track.CAMERA)
    with pytest.raises(Refusal, match="recording_unknown"):
        library.file(folder.name, "camera-00000.m4s")
    assert library.recover(frozenset()) == ()
    assert len(lines(folder)) == 2


def test_a_disk_that_is_away_is_no_deletion(tmp_path):
    for root in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StorageUnavailable):
            forget(root, "r", AT, WHY)


def test_what_was_never_there_is_nothing_to_do(folder):
    forget(folder.parent, "another", AT, WHY)
    assert lines(folder)[-1]["t"] == "finished"


def test_one_that_is_being_moved_or_drawn_goes_when_that_is_over_with_all_that_was_put(folder):
    objects, tried = DictObjects(), []

    def meanwhile(percent):
        with pytest.raises(StorageUnavailable):
            forget(folder.parent, folder.name, AT, WHY, lambda: objects.clear(folder.name))
        tried.append(percent)

    moving.move(folder, objects, AT, meanwhile)
    assert tried
    shelf = FolderStorage(folder.parent).shelf(folder.name)
    meanwhile(100)
    shelf.close()
    assert objects.kept
    forget(folder.parent, folder.name, AT, WHY, lambda: objects.clear(folder.name))
    assert not objects.kept
    assert [path.name for path in folder.iterdir()] == [manifest.NAME]


class Meddling(DictObjects):
    """In the middle of clearing it, another process moves the same recording there."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.refused = folder, None

    def clear(self, folder):
        try:
            moving.move(self.folder, self, AT, lambda percent: None)
            moving.release(self.folder)
        except StorageUnavailable as error:
            self.refused = error
        return super().clear(folder)


def test_nobody_moves_there_what_just_goes_from_the_store(folder):
    objects = Meddling(folder)
    moving.vacate(folder, objects)
    assert objects.refused is not None
    assert verify(folder).sound, "it lies here, and nowhere else"


def test_nothing_goes_from_here_while_it_comes_back(folder):
    objects = DictObjects()
    moving.move(folder, objects, AT, lambda percent: None)

    def release_beside(percent):
        with pytest.raises(StorageUnavailable):
            moving.release(folder)

    moving.restore(folder, objects, AT, release_beside)
    moving.vacate(folder, objects)
    assert verify(folder).sound
