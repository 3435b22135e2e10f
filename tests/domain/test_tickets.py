"""A ticket is good for one thing, for a minute."""

import datetime as dt

import pytest

from server.domain.refusals import Refusal
from server.domain.streams import Direction, MediaSession, may_replace
from server.domain.tickets import (
    LONGEST_PLAY,
    PlayGrant,
    Playing,
    PublishTicket,
    SocketTicket,
    WatchTicket,
    check_grant,
    check_publish,
    check_socket,
    check_watch,
    may_outlast,
    renewal,
    viewed_sources,
)

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
THEN = NOW + dt.timedelta(seconds=60)
PUBLISH = PublishTicket("l", "main", "a", "main", "c", False, THEN)
WATCH = WatchTicket("l", "programme", "a", "member", "c", None, THEN)
SOCKET = SocketTicket("l", "a", THEN)


def code_of(call):
    with pytest.raises(Refusal) as refused:
        call()
    return refused.value.code


def test_a_ticket_is_good_until_its_end_and_not_at_it():
    last = THEN - dt.timedelta(milliseconds=1)
    assert check_publish(PUBLISH, "l", "main", last) is PUBLISH
    assert check_watch(WATCH, "l", "programme", last) is WATCH
    assert check_socket(SOCKET, "l", last) is SOCKET
    assert code_of(lambda: check_publish(PUBLISH, "l", "main", THEN)) == "ticket_expired"
    assert code_of(lambda: check_watch(WATCH, "l", "programme", THEN)) == "ticket_expired"
    assert code_of(lambda: check_socket(SOCKET, "l", THEN)) == "ticket_expired"


@pytest.mark.parametrize(
    "call",
    [
        lambda: check_publish(PUBLISH, "other", "main", NOW),
        lambda: check_publish(PUBLISH, "l", "screen", NOW),
        lambda: check_publish(WATCH, "l", "programme", NOW),
        lambda: check_watch(WATCH, "l", "sources:main", NOW),
        lambda: check_watch(WATCH, "other", "programme", NOW),
        lambda: check_watch(SOCKET, "l", "programme", NOW),
        lambda: check_socket(SOCKET, "other", NOW),
        lambda: check_socket(PUBLISH, "l", NOW),
    ],
)
def test_a_ticket_for_something_else_is_foreign(call):
    assert code_of(call) == "ticket_foreign"


@pytest.mark.parametrize(("kind", "other"), [(Playing.LIVE, Playing.REPLAY), (Playing.REPLAY, Playing.LIVE)])
def test_a_grant_is_for_one_recording_one_kind_of_playlist_and_a_while(kind, other):
    grant = PlayGrant("r", "a", kind, THEN)
    for asked in (kind, None):
        check_grant(grant, "r", asked, NOW)
        assert code_of(lambda asked=asked: check_grant(grant, "r", asked, THEN)) == "grant_expired"
        assert code_of(lambda asked=asked: check_grant(grant, "other", asked, NOW)) == "grant_invalid"
    assert code_of(lambda: check_grant(grant, "r", other, NOW)) == "grant_invalid"
    assert code_of(lambda: check_grant(grant, "r", other, THEN)) == "grant_invalid", "and no login makes it good"


def test_a_grant_may_outlast_its_end_by_half_a_day_and_is_renewed_half_way():
    grant = PlayGrant("r", "a", Playing.REPLAY, THEN)
    assert may_outlast(grant, THEN + LONGEST_PLAY - dt.timedelta(seconds=1))
    assert not may_outlast(grant, THEN + LONGEST_PLAY)
    assert [renewal(dt.timedelta(seconds=seconds)) for seconds in (600, 60, 1)] == [300, 30, 1]


def test_a_view_names_its_sources():
    assert viewed_sources("programme") == ()
    assert viewed_sources("sources:main,venue-a") == ("main", "venue-a")
    for nonsense in ("", "sources:", "sources:main,main", "main", "sources:" + ",".join(map(str, range(65)))):
        assert code_of(lambda view=nonsense: viewed_sources(view)) == "source_unknown"


def test_a_publisher_is_replaced_by_itself_or_by_force_only():
    holder = MediaSession("s", "d", "l", Direction.PUBLISH, "main", "teacher", "tab-1", NOW)
    assert may_replace(holder, "teacher", "tab-2", forced=False)
    assert may_replace(holder, "other", "tab-1", forced=False)
    assert not may_replace(holder, "other", "tab-2", forced=False)
    assert may_replace(holder, "other", "tab-2", forced=True)
    assert not may_replace(None, "other", "tab-2", forced=False)


def test_a_machine_that_was_pushed_out_does_not_push_back():
    holder = MediaSession("s", "d", "l", Direction.PUBLISH, "main", "teacher", "tab-2", NOW)
    assert not may_replace(holder, "teacher", "tab-1", forced=False, pushed_out=True)
    assert may_replace(holder, "teacher", "tab-1", forced=True, pushed_out=True)
    assert may_replace(holder, "teacher", "tab-2", forced=False, pushed_out=True)
