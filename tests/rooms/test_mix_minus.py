"""A venue never hears itself: whatever slot its sound sits in, whenever it came, however often it came back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.interface import ProgrammeView, SourcesView
from tests.rooms.dryroom import DryRoom, Listener, Microphone

HALL = "venue-1"


def room_of(*names: str) -> tuple[DryRoom, dict[str, Microphone]]:
    room = DryRoom()
    speakers = {name: room.microphone(name) for name in names}
    room.room.open_audio(frozenset(names))
    return room, speakers


def all_speak(room: DryRoom, speakers: dict[str, Microphone], ms: float = 200) -> None:
    room.each_step(ms, lambda: [speaker.sound() for speaker in speakers.values()])


def in_hall(room: DryRoom) -> Listener:
    return room.listener("hall", ProgrammeView(minus_sources=(HALL,)))


def test_a_venue_on_the_air_does_not_hear_itself_and_everybody_else_does() -> None:
    room, speakers = room_of(HALL, "main")
    hall, phone = in_hall(room), room.listener("phone")
    all_speak(room, speakers)
    assert set(hall.heard()) == {"main"}
    assert set(phone.heard()) == {HALL, "main"}


def test_nor_when_its_viewer_was_there_before_it_published() -> None:
    room = DryRoom()
    hall = in_hall(room)
    room.room.open_audio(frozenset({HALL, "main"}))
    speakers = {name: room.microphone(name) for name in (HALL, "main")}
    all_speak(room, speakers)
    assert set(hall.heard()) == {"main"}


def test_nor_when_seats_are_rearranged() -> None:
    """Its sound moves from one slot to another: whoever falls silent makes room for it."""
    room, speakers = room_of(HALL, "a", "b", "c")
    hall, phone = in_hall(room), room.listener("phone")
    places = set()
    order = ["a", "b", HALL, "c"]
    for turn in range(12):
        quiet = order[turn % 4]
        for name, speaker in speakers.items():
            speaker.level = 127 if name == quiet else 30
        all_speak(room, speakers, 3000)
        places |= {place for place, name in enumerate(room.seated()) if name == HALL}
    assert len(places) > 1, "it never changed its seat"
    assert HALL not in hall.heard()
    assert HALL in phone.heard()


def test_nor_after_it_came_back() -> None:
    room, speakers = room_of(HALL, "main")
    hall, phone = in_hall(room), room.listener("phone")
    all_speak(room, speakers)
    speakers[HALL].peer.end("bye")
    del speakers[HALL]
    all_speak(room, speakers)
    speakers[HALL] = room.microphone(HALL)
    before = len(phone.packets)
    all_speak(room, speakers)
    assert HALL in [packet.payload.decode().partition(":")[0] for _, packet in phone.packets[before:]]
    assert set(hall.heard()) == {"main"}


def test_nor_when_it_replaces_its_own_connection_while_both_send() -> None:
    room, speakers = room_of(HALL, "main")
    hall = in_hall(room)
    all_speak(room, speakers)
    old = speakers[HALL]
    speakers[HALL] = room.microphone(HALL)
    room.each_step(200, lambda: [speaker.sound() for speaker in (old, *speakers.values())])
    old.peer.end("replaced")
    all_speak(room, speakers)
    assert set(hall.heard()) == {"main"}


def test_nor_from_a_second_source_of_its_own() -> None:
    """The lecturer's screen has sound, too, and it stands beside his microphone."""
    room, speakers = room_of("main", "screen", HALL)
    desk = room.listener("desk", ProgrammeView(minus_sources=("main", "screen")))
    phone = room.listener("phone")
    all_speak(room, speakers)
    assert set(desk.heard()) == {HALL}
    assert set(phone.heard()) == {"main", "screen", HALL}


def test_nor_from_redundant_sound() -> None:
    room, speakers = room_of(HALL, "main")
    hall = room.listener("hall", ProgrammeView(minus_sources=(HALL,)), redundancy=True)
    phone = room.listener("phone", redundancy=True)
    for _ in range(5):
        all_speak(room, speakers)
        for listener in (hall, phone):
            listener.reports(0.3)
    everything = b"".join(packet.payload for _, packet in hall.packets)
    assert b"main:" in everything
    assert HALL.encode() not in everything
    assert HALL in phone.heard()


def test_nor_by_asking_again_for_what_it_was_not_sent() -> None:
    room, speakers = room_of(HALL, "main")
    hall, phone = in_hall(room), room.listener("phone")
    all_speak(room, speakers)
    before = len(hall.packets)
    for _, packet in phone.packets:
        room.advance(100)
        hall.asks_again(packet.ssrc, packet.sequence)
    again = [packet.payload.decode().partition(":")[0] for _, packet in hall.packets[before:]]
    assert set(again) == {"main"}


def test_two_venues_on_the_air_hear_each_other_and_neither_itself() -> None:
    other = "venue-2"
    room, speakers = room_of(HALL, other, "main")
    halls = {name: room.listener(name, ProgrammeView(minus_sources=(name,))) for name in (HALL, other)}
    all_speak(room, speakers)
    assert set(halls[HALL].heard()) == {other, "main"}
    assert set(halls[other].heard()) == {HALL, "main"}


def test_a_loop_by_way_of_a_room_has_no_way_back_to_itself() -> None:
    """Each hall sends what it hears (an open microphone beside the loudspeaker): of an origin nothing returns there."""
    other = "venue-2"
    room, speakers = room_of(HALL, other)
    halls = {name: room.listener(name, ProgrammeView(minus_sources=(name,))) for name in (HALL, other)}
    taken = dict.fromkeys(halls, 0)

    def each_sends_what_it_heard() -> None:
        for name, hall in halls.items():
            heard = b"+".join(packet.payload for _, packet in hall.packets[taken[name] :])
            taken[name] = len(hall.packets)
            speakers[name].sound(payload=b"%s(%s)" % (name.encode(), heard))

    room.each_step(100, each_sends_what_it_heard)
    depth = max(packet.payload.count(b"(") for hall in halls.values() for _, packet in hall.packets)
    assert depth > 2, "the halls do hear each other"
    for name, hall in halls.items():
        outermost = {packet.payload.partition(b"(")[0] for _, packet in hall.packets}
        assert name.encode() not in outermost


def test_a_wall_shows_a_venue_with_its_sound_whoever_looks() -> None:
    """Mix-minus is of the programme. A preview of oneself is silent in the faces, which leave its sound out."""
    room, speakers = room_of(HALL)
    wall = room.listener("wall", SourcesView((HALL,)), ("audio",))
    all_speak(room, speakers)
    assert set(wall.heard()) == {HALL}


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("open"), st.sets(st.sampled_from([HALL, "a", "b", "c", "d"]))),
            st.tuples(
                st.just("level"), st.dictionaries(st.sampled_from([HALL, "a", "b", "c", "d"]), st.integers(5, 127))
            ),
            st.tuples(st.just("leave"), st.sampled_from([HALL, "a", "b", "c", "d"])),
            st.tuples(st.just("listen"), st.none()),
            st.tuples(st.just("speak"), st.integers(100, 2500)),
        ),
        max_size=25,
    )
)
def test_whatever_happens_a_venue_never_hears_itself(steps: list[tuple[str, object]]) -> None:
    room, speakers = room_of(HALL, "a", "b", "c", "d")
    halls = [in_hall(room)]
    for step, what in steps:
        match step, what:
            case "open", set():
                room.room.open_audio(frozenset(what))
            case "level", dict():
                for name, level in what.items():
                    speakers[name].level = level
            case "leave", str():
                speakers[what].peer.end("bye")
                speakers[what] = room.microphone(what)
            case "listen", _:
                halls.append(in_hall(room))
            case "speak", int():
                all_speak(room, speakers, what)
    all_speak(room, speakers, 100)
    for hall in halls:
        assert HALL not in hall.heard()
