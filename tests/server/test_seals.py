"""Tickets and grants: only ours open, and they say what was put in."""

import datetime as dt
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from server.domain.refusals import Refusal
from server.domain.tickets import PlayGrant, Playing, PublishTicket, ReturnTicket, SocketTicket, WatchTicket
from server.seals import GrantSeal, TicketSeal, load_key

THEN = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
KEY = bytes(range(32))
TICKETS = [
    PublishTicket("l1", "main", "a1", "publisher", "c1", False, THEN),
    WatchTicket("l1", "sources:main,screen", "a1", "staff", "c1", None, THEN),
    ReturnTicket("l1", "programme", "a1", "c1", THEN, "m1", "login"),
    SocketTicket("l1", "a1", THEN),
]


@pytest.mark.parametrize("ticket", TICKETS, ids=lambda t: type(t).__name__)
def test_a_ticket_opens_as_it_was_sealed(ticket):
    assert TicketSeal(KEY).read(TicketSeal(KEY).sign(ticket)) == ticket


def forged(claims, header=None, key=KEY):
    return jwt.encode(header or {"alg": "HS256"}, claims, OctKey.import_key(key), algorithms=["HS256", "HS512"])


BAD = [
    "",
    "x",
    "a.b.c",
    "eyJhbGciOiJub25lIn0.eyJ1c2UiOiJzb2NrZXQifQ.",
    "é" * 10,
    "x" * 100_000,
    forged({"use": "socket", "lesson_id": "l", "account_id": "a", "exp": 4_000_000_000}, key=bytes(32)),
    forged({"use": "socket", "lesson_id": "l", "account_id": "a", "exp": 4_000_000_000}, {"alg": "HS512"}),
    forged({"use": "nothing", "exp": 1}),
    forged({"use": "socket", "exp": 1}),
    forged({"use": "socket", "lesson_id": "l", "account_id": "a", "exp": "soon"}),
    forged({"use": "socket", "lesson_id": "l", "account_id": "a", "exp": 1, "more": 1}),
]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_anything_else_is_ticket_invalid(text):
    with pytest.raises(Refusal) as refused:
        TicketSeal(KEY).read(text)
    assert refused.value.code == "ticket_invalid"


def test_a_grant_opens_for_its_recording_only():
    grant = PlayGrant("r1", "党员-1", Playing.LIVE, THEN)
    text = GrantSeal(KEY).sign_grant(grant)
    assert GrantSeal(KEY).read_grant(text, "r1") == grant
    for recording_id, seal in (("r2", GrantSeal(KEY)), ("r1", GrantSeal(bytes(32)))):
        with pytest.raises(Refusal, match="grant_invalid"):
            seal.read_grant(text, recording_id)


def test_a_grant_cannot_be_prolonged_or_turned_into_the_other_kind():
    kind, expiry, account, mac = GrantSeal(KEY).sign_grant(PlayGrant("r1", "a1", Playing.LIVE, THEN)).split("-")
    for forged_grant in (f"{kind}-{int(expiry, 16) + 3600:x}-{account}-{mac}", f"replay-{expiry}-{account}-{mac}"):
        with pytest.raises(Refusal, match="grant_invalid"):
            GrantSeal(KEY).read_grant(forged_grant, "r1")


@given(st.text(max_size=80))
def test_random_text_is_never_a_grant(text):
    with pytest.raises(Refusal, match="grant_invalid"):
        GrantSeal(KEY).read_grant(text, "r1")


def test_a_key_is_made_once_and_is_the_owners_alone(tmp_path):
    first = load_key(tmp_path / "secrets", "tickets")
    assert load_key(tmp_path / "secrets", "tickets") == first
    assert load_key(tmp_path / "secrets", "grants") != first
    assert stat.S_IMODE((tmp_path / "secrets" / "tickets").stat().st_mode) == 0o600
