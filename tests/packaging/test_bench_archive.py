"""What ``script/bench archive`` takes from its command line, how its players read, and what it calls served."""

import argparse
import importlib
import ssl
from collections import deque
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "script"
HEARD = {"seconds": 10.0, "segments": 500, "segment_s": [0.01, 0.02], "bytes": 1, "late": 0, "failed": [], "cpu_s": 1.0}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(SCRIPT))
    return importlib.import_module


def test_a_hall_and_a_browser_are_part_of_it_unless_they_are_left_out(load) -> None:
    parser = argparse.ArgumentParser()
    load("bench_archive").add_arguments(parser)
    default = parser.parse_args([])
    assert (default.viewers, default.opens, default.kbps) == (500, 5, 1200)
    left_out = parser.parse_args(["--viewers", "0", "--opens", "0"])
    assert load("bench_archive")._watched(left_out) == {}


def test_players_count_by_what_they_got(load) -> None:
    result = load("hls_audience")._result(100, 1200, HEARD, 2.0, 0.5)
    assert (result["hls_viewers_per_core"], result["hls_viewers_served"]) == (500, 100)
    starved = load("hls_audience")._result(100, 1200, HEARD | {"segments": 250}, 2.0, 0.5)
    assert (starved["hls_viewers_per_core"], starved["hls_viewers_served"]) == (250, 50)


@pytest.mark.parametrize("what", [{"failed": ["404 camera-1.m4s"]}, {"segments": 0}])
def test_players_that_were_refused_give_no_figure(load, what) -> None:
    with pytest.raises(RuntimeError, match="not served"):
        load("hls_audience")._result(100, 1200, HEARD | what, 2.0, 0.5)


class Line:
    """A connection that answers each question with the next of these, in such pieces."""

    def __init__(self, answers: list[bytes], piece: int) -> None:
        self.answers, self.piece, self.asked, self.data = deque(answers), piece, [], b""

    def send(self, data: bytes) -> None:
        self.asked.append(data.split(b" ")[1].decode())
        self.data += self.answers.popleft()

    def recv_into(self, buffer: memoryview) -> int:
        piece, self.data = self.data[: self.piece], self.data[self.piece :]
        if not piece:
            raise ssl.SSLWantReadError
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize("piece", [1, 7, 100, 100_000])
def test_a_player_begins_with_the_init_and_three_segments_whatever_the_pieces(load, piece) -> None:
    playlist = b'#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n' + b"".join(b"#EXTINF:2,\nc%d.m4s\n" % n for n in range(5))
    parts = [playlist, b"init", b"a" * 1000, b"b" * 999, b"c" * 998]
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(part), part) for part in parts]
    player = load("hls_crowd").Player.__new__(load("hls_crowd").Player)
    player.begin("/hls/r/g/live-camera.m3u8", "localhost")
    player.socket = Line(answers, piece)
    player.ask(player.playlist)
    while player.socket.data:
        player.read(memoryview(bytearray(1 << 16)))
    assert [path.rpartition("/")[2] for path in player.socket.asked] == [
        "live-camera.m3u8",
        "init.mp4",
        "c2.m4s",
        "c3.m4s",
        "c4.m4s",
    ]
    assert (player.playlists, len(player.delays_s), player.failed, player.busy) == (1, 3, [], False)
