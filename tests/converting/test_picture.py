"""A foreign picture in its cage: what comes out is upright, on white, ours, and nothing else of its file."""

import numpy as np
import pytest

from server.converting import picture
from server.converting.child import Refused
from server.converting.crafts import PICTURE
from server.domain.refusals import Refusal
from tests.converting import photos


def drawn(tmp_path, content):
    source, into = tmp_path / "original", tmp_path / "made"
    source.write_bytes(content)
    into.mkdir(exist_ok=True)
    said = picture.convert(source, into, lambda _percent: None)
    return said, {path.stem: path.read_bytes() for path in into.iterdir()}


async def test_a_picture_is_drawn_in_three_sizes_in_the_cage(tmp_path):
    source, into = tmp_path / "original", tmp_path / "made"
    source.write_bytes(photos.png(2000, 1000))
    into.mkdir()
    assert await PICTURE(source, into, lambda _percent: None) == {"width": 1600, "height": 800}
    made = {path.stem: photos.pixels_of(path.read_bytes()).shape[:2] for path in into.iterdir()}
    assert made == {"screen": (800, 1600), "phone": (480, 960), "thumb": (120, 240)}
    source.write_bytes(photos.BOMB)
    with pytest.raises(Refusal, match="picture_dimensions"):
        await PICTURE(source, into, lambda _percent: None)


def test_what_is_transparent_is_white(tmp_path):
    _, made = drawn(tmp_path, photos.png(colour=(0, 0, 0, 0)))
    assert photos.pixels_of(made["screen"]).min() > 250


def test_what_hangs_behind_or_is_written_in_a_file_goes(tmp_path):
    words = b"taken at 31.2304 N 121.4737 E"
    content = photos.png(before=photos.chunk(b"tEXt", b"Comment\0" + words)) + b"PK\x03\x04<script>" + words
    _, made = drawn(tmp_path, content)
    assert all(words not in each and b"script" not in each for each in made.values())


# Black half first: above, or where it lies after the camera was turned (CIPA DC-008, 4.6.4 A).
LYING = {1: "top", 2: "top", 3: "bottom", 4: "bottom", 5: "left", 6: "right", 7: "right", 8: "left"}


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_photo_stands_as_it_was_seen(tmp_path, turned):
    said, made = drawn(tmp_path, photos.jpeg(turned))
    shown = photos.pixels_of(made["screen"]).astype(int).mean(axis=2)
    assert (said["width"], said["height"]) == ((64, 48) if turned < 5 else (48, 64))
    height, width = shown.shape
    parts = {"top": shown[: height // 2], "bottom": shown[height // 2 :]}
    parts |= {"left": shown[:, : width // 2], "right": shown[:, width // 2 :]}
    assert min(parts, key=lambda name: parts[name].mean()) == LYING[turned]


def test_a_mirrored_photo_is_mirrored_back(tmp_path):
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, 32:] = 255
    _, made = drawn(tmp_path, photos.jpeg(2, pixels))
    assert photos.pixels_of(made["screen"])[:, :20].min() > 200


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"MZ" + bytes(100), "picture_type_wrong"),
        (photos.MOVING_PNG, "picture_moves"),
        (photos.BOMB, "picture_dimensions"),
        (photos.png(rows=b""), "picture_broken"),
        (photos.webp()[:60], "picture_broken"),
        (photos.png() + bytes(3 << 20), "file_too_large"),
    ],
)
def test_what_cannot_be_drawn_is_refused_for_what_it_is(tmp_path, content, code):
    with pytest.raises(Refused, match=code):
        drawn(tmp_path, content)
