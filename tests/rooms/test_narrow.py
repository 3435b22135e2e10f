"""Viewers behind narrow paths, on the room's real code and a clock that the test turns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from rooms.adaptation import Adaptation
from rooms.demand import UNWANTED_MS
from rooms.interface import LayersWanted, ProgrammePacket, ProgrammeView, Slot, SourcesView
from tests.rooms.narrow import FRAME_MS, KEY, LAYERS, Hall, Path, Phone

pytestmark = pytest.mark.long


def watching(hall: Hall, path: Path, view: ProgrammeView | SourcesView | None = None, *, rtx: bool = True) -> Phone:
    """One phone, without the chance that keeps a hall's probes apart."""
    phone = hall.phone(f"phone-{len(hall.phones)}", path, view, rtx=rtx)
    phone.viewer.adaptation = Adaptation()
    return phone


def check_continuous(phone: Phone, *, lost: bool = True) -> None:
    """One stream, whatever was switched: numbers go up, time goes up, and every other layer begins with a keyframe."""
    for before, packet in itertools.pairwise(phone.video):
        step = (packet.sequence - before.sequence) % 65536
        assert 1 <= step < 3000
        assert lost or step == 1
        assert (packet.timestamp - before.timestamp) % (1 << 32) < 90_000 * 60
        if step == 1 and packet.payload[1] != before.payload[1]:
            assert packet.payload[0] == KEY, "another layer begins with a keyframe"
    assert len({packet.ssrc for packet in phone.video}) <= 1


def test_a_wide_path_has_the_best_layer_without_probes_or_loss() -> None:
    hall = Hall()
    phone = watching(hall, Path())
    hall.run(30)
    assert phone.layer == "f"
    assert phone.padding_bytes == 0
    check_continuous(phone, lost=False)


def test_limited_to_300_kbit_goes_low_and_up_again_after_probes() -> None:
    hall, path = Hall(), Path()
    phone = watching(hall, path)
    hall.run(4)
    assert phone.layer == "f"
    path.rate_bps = 300_000
    hall.run(4)
    assert phone.layer == "q"
    hall.run(16)
    assert phone.layer == "q"
    assert hall.room.counters["probes"] > hall.room.counters["probes_passed"] == 0
    assert phone.padding_bytes > 0
    path.rate_bps = None
    hall.run(60)
    assert phone.layer == "f"
    assert hall.room.counters["layers_up"] == hall.room.counters["probes_passed"] == 2
    check_continuous(phone)


def test_probes_into_a_full_path_hardly_delay_the_sound() -> None:
    hall, path = Hall(), Path()
    phone = watching(hall, path)
    path.rate_bps = 300_000
    hall.run(8)
    settled_ms = hall.now_ms
    hall.run(60)
    assert hall.room.counters["probes"] >= 2
    waits = [waited for put_ms, waited in path.delays if put_ms > settled_ms]
    assert max(waits) < 150.0
    assert len(phone.sound) > 60 * 50


def test_20_kbit_leaves_sound_only_and_the_picture_comes_back() -> None:
    hall, path = Hall(), Path()
    phone = watching(hall, path)
    hall.run(4)
    path.rate_bps = 20_000
    hall.run(8)
    assert phone.viewer.sound_only
    shown = len(phone.video)
    hall.run(4)
    assert len(phone.video) == shown
    assert phone.viewer.sound_only
    path.rate_bps = None
    hall.run(60)
    assert not phone.viewer.sound_only
    assert phone.layer == "f"
    check_continuous(phone)


def test_a_narrow_viewer_costs_the_others_nothing() -> None:
    hall, path = Hall(), Path(250_000)
    narrow, wide = watching(hall, path), watching(hall, Path())
    hall.run(20)
    assert (narrow.layer, wide.layer) == ("q", "f")
    check_continuous(wide, lost=False)


def test_a_single_encoding_that_does_not_fit_is_left_out_and_tried_again() -> None:
    hall = Hall({"": 900_000})
    path = Path()
    phone = watching(hall, path)
    hall.run(4)
    assert phone.layer == "s"
    path.rate_bps = 300_000
    hall.run(6)
    assert phone.viewer.sound_only
    path.rate_bps = None
    hall.run(40)
    assert not phone.viewer.sound_only
    assert phone.video[-1].timestamp > 0
    check_continuous(phone)


def test_a_viewer_without_rtx_is_given_more_on_trial_only() -> None:
    hall, path = Hall(), Path()
    phone = watching(hall, path, rtx=False)
    hall.run(4)
    path.rate_bps = 300_000
    hall.run(6)
    assert phone.layer == "q"
    path.rate_bps = None
    hall.run(60)
    assert phone.layer == "f"
    check_continuous(phone)


@pytest.mark.parametrize("layers", [LAYERS, {"": 900_000}])
def test_a_publisher_that_returns_during_a_switch_is_followed(layers: dict[str, int]) -> None:
    hall, path = Hall(layers), Path()
    phone = watching(hall, path)
    hall.run(3)
    path.rate_bps = 500_000
    hall.run(0.6)
    hall.cameras.clear()
    hall.camera.source.on_end("bye", was_live=True)
    hall.run(1)
    path.rate_bps = None
    hall.publish("main", layers, ssrc=900)
    hall.run(60)
    assert phone.layer == ("f" if len(layers) > 1 else "s")
    check_continuous(phone)


def test_a_keyframe_lost_on_a_switch_is_asked_for_again() -> None:
    hall, path = Hall(), Path()
    phone = watching(hall, path)
    hall.run(4)
    path.lose_next_keyframe = 1
    hall.room.resize(phone.viewer, 100)
    hall.run(1)
    low = hall.camera.layers["q"]
    asked = low.keyframes_asked
    at = next(at for at, packet in enumerate(phone.video) if at > 100 and packet.payload[1:2] == b"q")
    assert phone.video[at].payload[0] != KEY, "it was lost"
    assert not path.lose_next_keyframe
    phone.ask_again((phone.video[at].sequence - 1) & 0xFFFF)
    phone.cannot_go_on()
    hall.run(1)
    assert low.keyframes_asked == asked + 1
    assert phone.padding_bytes > 0, "and the lost packet comes again"
    assert any(packet.payload[0] == KEY for packet in phone.video[at:])


# ---- the size that a face asks for


def test_no_layer_is_larger_than_the_picture_needs() -> None:
    hall = Hall()
    phones = {
        height: watching(hall, Path(), ProgrammeView(height=height)) for height in (None, 90, 200, 300, 480, 500, 2160)
    }
    hall.run(3)
    layers = {height: phone.layer for height, phone in phones.items()}
    assert layers == {None: "f", 90: "q", 200: "q", 300: "h", 480: "h", 500: "f", 2160: "f"}


def test_the_wall_has_the_lowest_layer_unless_it_asks_for_more() -> None:
    hall = Hall()
    wall = watching(hall, Path(), SourcesView(("main",)))
    large = watching(hall, Path(), SourcesView(("main",), height=720))
    hall.run(3)
    assert (wall.layer, large.layer) == ("q", "f")


def test_a_size_may_change_on_the_way() -> None:
    hall = Hall()
    phone = watching(hall, Path(), ProgrammeView(height=300))
    hall.run(3)
    hall.room.resize(phone.viewer, None)
    hall.run(1)
    assert phone.layer == "f"
    hall.room.resize(phone.viewer, 100)
    hall.run(1)
    assert phone.layer == "q"
    assert phone.layers() == ["h", "f", "q"] or phone.layers()[-3:] == ["h", "f", "q"]
    check_continuous(phone, lost=False)


def test_a_limited_viewer_never_gets_more_than_its_size_allows() -> None:
    hall, path = Hall(), Path(300_000)
    phone = watching(hall, path, ProgrammeView(height=300))
    hall.run(10)
    assert phone.layer == "q"
    path.rate_bps = None
    hall.run(60)
    assert phone.layer == "h"
    assert "f" not in phone.layers()
    assert not phone.viewer.adaptation.limited


# ---- what nobody watches


def test_an_unwatched_layer_is_asked_for_nothing() -> None:
    hall = Hall()
    watching(hall, Path(), ProgrammeView(height=100))
    hall.run(2)
    asked = {rid: layer.keyframes_asked for rid, layer in hall.camera.layers.items()}
    hall.camera.layers["f"].sequence += 5  # lost on the way in
    hall.camera.layers["h"].sequence += 5
    hall.run(2)
    assert hall.camera.source.nacks_sent == 0
    assert {rid: layer.keyframes_asked for rid, layer in hall.camera.layers.items()} == asked
    hall.camera.layers["q"].sequence += 5
    hall.run(1)
    assert hall.camera.source.nacks_sent > 0


def wanted(hall: Hall) -> list[tuple[str, ...]]:
    return [event.rids for event in hall.events if isinstance(event, LayersWanted)]


def test_layers_that_nobody_has_use_for_are_named_after_a_while_and_wanted_again_at_once() -> None:
    hall = Hall()
    phone = watching(hall, Path(), ProgrammeView(height=100))
    hall.run(UNWANTED_MS / 1000 - 1)
    assert wanted(hall) == []
    hall.run(2)
    assert wanted(hall) == [("q",)]
    hall.camera.layers["f"].active = hall.camera.layers["h"].active = False
    hall.run(2)
    hall.room.resize(phone.viewer, None)
    hall.run(0.25)
    assert wanted(hall) == [("q",), ("q", "h", "f")]
    hall.camera.layers["f"].active = True
    hall.run(0.5)
    assert phone.layer == "f"
    check_continuous(phone, lost=False)


def test_a_publisher_that_did_not_hear_is_told_again() -> None:
    hall = Hall()
    watching(hall, Path())
    hall.camera.layers["f"].active = False
    hall.run(14)
    assert wanted(hall)[-1] == ("q", "h", "f")
    told = len(wanted(hall))
    hall.run(25)
    assert len(wanted(hall)) == told + 1
    hall.camera.layers["f"].active = True
    hall.run(60)
    assert len(wanted(hall)) == told + 1


def test_what_a_recorder_follows_is_always_wanted() -> None:
    hall = Hall()
    watching(hall, Path(), ProgrammeView(height=100))
    hall.room.subscribe(Nobody())
    hall.run(20)
    assert wanted(hall) == []
    assert hall.camera.layers["f"].keyframes_asked > 0


def test_whose_sound_alone_is_recorded_sends_no_pictures_for_it() -> None:
    """Off the air and with an open microphone, as the lecturer while a venue is shown."""
    hall = Hall()
    hall.room.subscribe(Nobody())
    hall.room.take(Slot.CAMERA, None)
    hall.run(UNWANTED_MS / 1000 + 1)
    assert wanted(hall) == [("q",)]


def test_a_single_encoding_is_never_spoken_of() -> None:
    hall = Hall({"": 900_000})
    hall.run(20)
    assert wanted(hall) == []


def test_a_limited_viewer_climbs_to_layers_that_were_let_go() -> None:
    hall, path = Hall(), Path(300_000)
    phone = watching(hall, path)
    for _ in range(120):
        hall.run(0.5)
        if wanted(hall):
            for rid, layer in hall.camera.layers.items():
                layer.active = rid in wanted(hall)[-1]
        if hall.now_ms > 125_000:
            path.rate_bps = None
    assert ("q",) in wanted(hall)
    assert "f" in wanted(hall)[-1]
    assert phone.layer == "f"
    check_continuous(phone)


class Nobody:
    def on_packets(self, packets: Sequence[ProgrammePacket]) -> None: ...


def test_frames_go_on_at_their_pace_after_a_switch() -> None:
    hall, path = Hall(), Path()
    phone = watching(hall, path)
    hall.run(3)
    hall.room.resize(phone.viewer, 100)
    hall.run(3)
    stamps = sorted({packet.timestamp for packet in phone.video})
    steps = [after - before for before, after in itertools.pairwise(stamps)]
    assert max(steps) <= 90 * FRAME_MS * 5, "no hole where it was cut"
    hall.room.take(Slot.CAMERA, None)
