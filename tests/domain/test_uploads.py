"""Large files in pieces: what is taken, where it goes on, what is no film."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import uploads as rules
from server.domain.films import container_of
from server.domain.refusals import Refusal
from server.domain.uploads import LASTS, MOST_BYTES, MOST_OPEN, Upload

NOW = dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC)
MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(1000)


def upload(size=100, sha256="", number=0):
    return Upload(f"upload {number}", f"video {number}", "account", size, sha256, NOW, NOW)


def code(call, *arguments):
    with pytest.raises(Refusal) as refused:
        call(*arguments)
    return refused.value.code


def test_an_upload_lasts_two_days_from_its_last_piece_on():
    begun = rules.begin(upload(), [])
    assert begun.expires_at == NOW + LASTS
    later = rules.went_on(begun, NOW + dt.timedelta(hours=30))
    rules.check_open(later, NOW + LASTS)
    assert code(rules.check_open, begun, NOW + LASTS) == "upload_expired"


@pytest.mark.parametrize(("size", "wrong"), [(0, "upload_empty"), (MOST_BYTES + 1, "file_too_large")])
def test_neither_nothing_nor_too_much_is_begun(size, wrong):
    assert code(rules.begin, upload(size), []) == wrong


def test_an_account_has_so_many_on_their_way_and_so_many_bytes():
    few = [upload(number=n) for n in range(MOST_OPEN)]
    assert code(rules.begin, upload(), few) == "upload_quota"
    assert rules.begin(upload(), few[1:]).size_bytes == 100
    large = [upload(MOST_BYTES, number=n) for n in range(2)]
    assert code(rules.begin, upload(1), large) == "upload_quota"


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_piece_begins_where_the_last_one_ended(said, here):
    if said == here:
        rules.check_offset(upload(), said, here)
    else:
        assert code(rules.check_offset, upload(), said, here) == "upload_offset"


@pytest.mark.parametrize("text", [None, "", "-1", "+1", "1.0", "１", "1" * 16, "0x10", " 1"])
def test_a_number_is_digits(text):
    assert code(rules.read_number, text, "Upload-Offset") == "invalid_body"


@pytest.mark.parametrize(
    "name", ["../a.mp4", "a/b.mp4", "a\\b.mp4", "a\x00.mp4", "..", ".", "", "a\nb.mp4", "\ud800.mp4", "a" * 256]
)
def test_a_name_that_would_be_a_path_is_refused(name):
    assert code(rules.check_name, name) == "upload_name"


def test_a_usual_name_is_one():
    rules.check_name("安全生产 第1讲%2e%2e.mp4")  # what looks encoded is just a name: nobody decodes it


@pytest.mark.parametrize(
    "head",
    [
        b"#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n",
        b"\xef\xbb\xbf#EXTM3U\n",
        b"\n\n #extm3u\n",
        b'<?xml version="1.0"?><MPD></MPD>',
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"file '/etc/passwd'\n",
        b"[playlist]\nFile1=http://10.0.0.1/\n",
    ],
)
def test_a_playlist_is_no_film(head):
    assert code(rules.check_film, head) == "film_playlist"


@given(st.binary(max_size=2000))
def test_whatever_comes_is_a_film_or_refused(content):
    if container_of(content) is None:
        assert code(rules.check_film, content) in {"film_playlist", "clip_not_video"}
    else:
        rules.check_film(content)


def test_a_film_is_one_by_its_first_bytes():
    rules.check_film(MP4)
    assert code(rules.check_film, b"%PDF-1.7") == "clip_not_video"


def test_what_was_announced_has_to_be_it():
    rules.check_digest(upload(), "0" * 64)
    rules.check_digest(upload(sha256="a" * 64), "a" * 64)
    assert code(rules.check_digest, upload(sha256="a" * 64), "b" * 64) == "upload_digest"
    assert code(rules.begin, upload(sha256="A" * 64), []) == "invalid_body"
