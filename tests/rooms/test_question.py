"""A question to who sends media from another address, its answer, and who is asked at all. No network."""

from __future__ import annotations

import pytest
from aioice import stun as full_stun
from hypothesis import given
from hypothesis import strategies as st

from rooms.guard import Address, TcpAddress
from rooms.question import AGAIN_MS, MOST_TIMES, Question, is_answer
from rooms.strays import MOST_TRIES, QUIET_MS, REMEMBERED, TRIES_PER_SECOND, Strays

THERE, ELSEWHERE = ("192.0.2.2", 6000), ("192.0.2.2", 6001)
PASSWORD = "p" * 24
MEDIA = bytes((0x80,)) + bytes(30)


def asked() -> tuple[Question, full_stun.Message]:
    question = Question.fresh(THERE, "theirs:ours", PASSWORD)
    message = question.message(0.0)
    assert message is not None
    read = full_stun.parse_message(message)
    assert read.check_message_integrity(PASSWORD.encode())
    return question, read


def answer(transaction_id: bytes, password: str = PASSWORD, kind: full_stun.Class = full_stun.Class.RESPONSE) -> bytes:
    message = full_stun.Message(full_stun.Method.BINDING, kind, transaction_id)
    if kind is full_stun.Class.RESPONSE:
        message.attributes["XOR-MAPPED-ADDRESS"] = ("192.0.2.1", 5000)
    if password:
        message.add_message_integrity(password.encode())
    return bytes(message)


def test_another_stack_reads_the_question_and_its_answer_is_taken() -> None:
    question, message = asked()
    assert message.attributes["USERNAME"] == "theirs:ours"
    assert {"PRIORITY", "ICE-CONTROLLED", "MESSAGE-INTEGRITY", "FINGERPRINT"} <= set(message.attributes)
    assert "USE-CANDIDATE" not in message.attributes
    said = answer(message.transaction_id)
    assert is_answer(said)
    assert question.answered_by(said, THERE)


def test_only_the_answer_is_one() -> None:
    question, message = asked()
    good = answer(message.transaction_id)
    for source, said in (
        (ELSEWHERE, good),
        (THERE, answer(message.transaction_id, "guess")),
        (THERE, answer(message.transaction_id, "")),
        (THERE, answer(bytes(12))),
        (THERE, answer(message.transaction_id, kind=full_stun.Class.REQUEST)),
        (THERE, answer(message.transaction_id, kind=full_stun.Class.ERROR)),
        (THERE, good[:-1]),
        (THERE, good + b"x"),
    ):
        assert not question.answered_by(said, source)


@given(st.binary(max_size=200), st.integers(0, 60), st.binary(min_size=1, max_size=4))
def test_no_bytes_make_it_raise_or_believe(noise: bytes, at: int, change: bytes) -> None:
    question, message = asked()
    assert not question.answered_by(noise, THERE)
    good = answer(message.transaction_id)
    signed = len(good) - 8 - 20  # without the digest's own tail, and the fingerprint that nothing here relies on
    bad = good[: at % signed] + change + good[at % signed + len(change) :]
    if bad[:signed] != good[:signed]:
        assert not question.answered_by(bad, THERE)


def test_it_is_asked_with_pauses_and_not_for_ever() -> None:
    question = Question.fresh(THERE, "theirs:ours", PASSWORD)
    first = question.message(0.0)
    assert question.message(AGAIN_MS - 1) is None
    assert question.message(AGAIN_MS) == first
    asked_again = [question.message(AGAIN_MS * number) for number in range(2, 100)]
    assert len([each for each in asked_again if each is not None]) == MOST_TIMES - 2


class Somebody:
    """The part of a peer that is looked at here: opens what is its own."""

    def __init__(self, own: bytes = b"") -> None:
        self.own = own
        self.heard_ms = 0.0
        self.addresses: dict[Address, float] = {THERE: 0.0}
        self.tried = 0

    def on_srtp(self, datagram: bytes, now_ms: float) -> None:
        self.tried += 1
        if datagram != self.own:
            raise ValueError("not mine")
        self.heard_ms = now_ms


def standing(*peers: Somebody) -> Strays:
    strays = Strays()
    for peer in peers:
        strays.bound(peer, THERE)  # type: ignore[arg-type]
    return strays


def find(strays: Strays, datagram: bytes, source: Address = ELSEWHERE, now_ms: float = 1000.0) -> Somebody | None:
    return strays.find(datagram, source, now_ms)  # type: ignore[return-value]


def test_it_is_found_among_the_quiet_ones_of_its_host() -> None:
    other, mine = Somebody(), Somebody(MEDIA)
    strays = standing(other, mine)
    assert find(strays, MEDIA) is mine
    assert strays.at == {ELSEWHERE: mine}
    strays.bound(mine, ELSEWHERE)  # type: ignore[arg-type]
    assert not strays.at


@pytest.mark.parametrize(
    ("datagram", "source"),
    [
        (MEDIA, ("192.0.2.3", 6001)),
        (MEDIA, TcpAddress("192.0.2.2", 6001, 1)),
        (bytes((20,)) + bytes(30), ELSEWHERE),
        (bytes((1,)) + bytes(30), ELSEWHERE),
        (MEDIA[:10], ELSEWHERE),
        (MEDIA + bytes(1500), ELSEWHERE),
    ],
)
def test_nobody_is_tried_for_what_is_no_media_of_their_host(datagram: bytes, source: Address) -> None:
    somebody = Somebody(MEDIA)
    assert find(standing(somebody), datagram, source) is None
    assert somebody.tried == 0


def test_who_is_heard_where_it_was_is_not_tried() -> None:
    somebody = Somebody(MEDIA)
    somebody.heard_ms = 1000.0 - QUIET_MS + 1
    assert find(standing(somebody), MEDIA) is None
    assert somebody.tried == 0


def test_in_a_crowd_each_is_tried_in_its_turn_and_noise_costs_so_much_and_no_more() -> None:
    crowd = [Somebody() for _ in range(2 * MOST_TRIES)]
    strays = standing(*crowd)
    assert find(strays, MEDIA) is None
    assert sum(each.tried for each in crowd) == MOST_TRIES
    assert find(strays, MEDIA) is None
    assert {each.tried for each in crowd} == {1}
    for _ in range(1000):
        find(strays, MEDIA)
    assert sum(each.tried for each in crowd) <= TRIES_PER_SECOND
    find(strays, MEDIA, now_ms=2000.0)
    assert sum(each.tried for each in crowd) > TRIES_PER_SECOND


def test_who_goes_leaves_nothing_behind_and_what_is_remembered_is_bounded() -> None:
    somebody = Somebody(MEDIA)
    strays = standing(somebody)
    for number in range(REMEMBERED + 10):
        somebody.heard_ms = 0.0
        assert find(strays, MEDIA, ("192.0.2.2", 7000 + number)) is somebody
    assert len(strays.at) == REMEMBERED
    strays.forget(somebody)  # type: ignore[arg-type]
    assert not strays.at
    assert not strays._of_host
