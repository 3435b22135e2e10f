"""Which texts a Socket.IO client sends, and who may stand in the door."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import Packet

from server.live import packets
from server.live.doorway import Doorway

WELL_FORMED = [
    "1",
    "3",
    "3probe",
    "6",
    '40/live,{"ticket":"t"}',
    "40/live,",
    "41/live,",
    '42/live,3["since",{"seq":1}]',
    '42["beat"]',
    '42/live,["something newer",1,2]',
    "43/live,7[]",
]
MALFORMED = [
    "",
    "x",
    "9",
    "²",
    "4",
    "4x",
    "44/live,{}",
    '451-/live,["a",{"_placeholder":true,"num":0}]',
    "42",
    "42/live,",
    "42/live,{",
    "42/live,{}",
    "42/live,[]",
    "42/live,[1]",
    "42/live,[[1]]",
    '42/live,["connect",{},{}]',
    '42/live,["disconnect"]',
    "42/live," + "9" * 200 + '["beat"]',
    "43/live,7",
    "43/live,[]",
    "411-1",
    '421-["beat"]',
    "4" + "[" * 60_000,
    "42/live," + "[" * 60_000,
    "3" + "[" * 60_000,
    '4{"a":1}',
]


@pytest.mark.parametrize("text", WELL_FORMED)
def test_what_clients_send_is_let_through(text):
    read = packets.message(text)
    assert (read is None) == (not text.startswith("4"))
    assert packets.is_connect(read) == text.startswith("40")


@pytest.mark.parametrize("text", MALFORMED, ids=lambda text: text[:20])
def test_anything_else_is_told_before_the_library_stumbles_over_it(text):
    with pytest.raises(ValueError, match=r"\w"):
        packets.message(text)


@given(st.text(max_size=60))
def test_random_text_never_raises_anything_but_a_refusal(text):
    for prefix in ("", "4", "42", "42/live,"):
        try:
            packets.message(prefix + text)
        except ValueError:
            continue


@given(st.text(min_size=1).filter(lambda name: name not in {"connect", "disconnect"}), st.integers(0, 10**9))
def test_every_event_that_the_library_writes_is_let_through(name, number):
    encoded = Packet(data=[name, {"n": number}], namespace="/live", id=number).encode()
    assert packets.message("4" + encoded).data == json.loads(json.dumps([name, {"n": number}]))


async def test_one_address_stands_in_the_door_only_so_often_and_leaves_the_others_theirs():
    doorway = Doorway(2, patience_s=0)
    first, second = await doorway.enter("a"), await doorway.enter("a")
    assert await doorway.enter("a") is None
    other = await doorway.enter("b")
    for _ in range(2):
        first.leave()
    third = await doorway.enter("a")
    assert third is not None
    assert await doorway.enter("a") is None
    for place in (second, other, third):
        place.leave()
    assert doorway.empty


async def test_who_finds_the_door_full_waits_for_a_place_in_turn():
    doorway, come = Doorway(1, most_waiting=3), []

    async def stand(name):
        place = await doorway.enter("a")
        come.append((name, place))

    place = await doorway.enter("a")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(stand(name)) for name in ("first", "hangs up", "second")]
        await asyncio.sleep(0)
        assert await doorway.enter("a") is None  # three wait, and that is enough
        (await doorway.enter("b")).leave()  # of another address nobody waits
        tasks[1].cancel()
        place.leave()
        await tasks[0]
        assert [name for name, _ in come] == ["first"]
        come[0][1].leave()
    assert [name for name, _ in come] == ["first", "second"]
    come[1][1].leave()
    assert doorway.empty


async def test_a_turn_that_comes_in_the_moment_of_hanging_up_is_the_next_ones():
    doorway = Doorway(1)
    place = await doorway.enter("a")
    waiting = [asyncio.ensure_future(doorway.enter("a")) for _ in range(2)]
    await asyncio.sleep(0)
    place.leave()
    waiting[0].cancel()
    (await waiting[1]).leave()
    assert waiting[0].cancelled()
    assert doorway.empty


async def test_a_long_line_of_one_address_keeps_no_other_from_waiting():
    doorway = Doorway(1, most_waiting=3)
    of_a, of_b = await doorway.enter("a"), await doorway.enter("b")
    crowd = [asyncio.create_task(doorway.enter("a")) for _ in range(3)]
    await asyncio.sleep(0)
    assert await doorway.enter("a") is None  # its own line is the longest
    late = asyncio.create_task(doorway.enter("b"))
    assert await crowd[2] is None  # came last of the longest
    of_b.leave()
    place = await late
    of_a.leave()
    first = await crowd[0]
    first.leave()
    second = await crowd[1]
    for each in (place, second):
        each.leave()
    assert doorway.empty
