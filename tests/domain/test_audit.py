"""The audit log: no line changes, goes, comes or moves unnoticed; details may be erased, and that is told."""

import datetime as dt
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import audit
from server.domain.audit import CUT, ERASED, Deed, Line, check, extend, of_the_house
from server.domain.chain import EMPTY, Fault, Flaw, Head, head_after

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
TEXTS = st.sampled_from(["", "x", "张三", '"\\\n', "\ud800"])
DEEDS = st.builds(
    Deed,
    at=st.just(NOW),
    actor=st.none() | TEXTS,
    address=TEXTS,
    login=TEXTS,
    request_id=TEXTS,
    action=TEXTS,
    about=TEXTS,
    result=st.sampled_from(["done", "forbidden"]),
    detail=TEXTS,
    salt=TEXTS,
)
LOGS = st.lists(DEEDS, min_size=1, max_size=5).map(lambda deeds: extend(EMPTY, deeds))


def erased(line):
    return replace(line, detail=None, salt=None)


def changed(value):
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(microseconds=1)
    if isinstance(value, int):
        return value ^ 1
    return chr(ord(value[0]) ^ 1) + value[1:] if value else "x"


@settings(deadline=None)
@given(LOGS)
def test_what_was_written_is_sound(lines):
    found = check(lines, head_after(lines[-1]))
    assert found.sound
    assert found.count == len(lines)
    assert found.erased == 0


@settings(deadline=None)
@given(LOGS, st.data())
def test_no_field_of_a_line_changes_unnoticed(lines, data):
    at = data.draw(st.integers(0, len(lines) - 1))
    name = data.draw(st.sampled_from([field.name for field in fields(Line)]))
    forged = list(lines)
    forged[at] = replace(lines[at], **{name: changed(getattr(lines[at], name))})
    found = check(forged, head_after(lines[-1]))
    assert not found.sound
    assert found.chain.position == at + 1


@settings(deadline=None)
@given(LOGS, st.data())
def test_no_line_is_deleted_doubled_moved_or_added_unnoticed(lines, data):
    at = data.draw(st.integers(0, len(lines) - 1))
    head = head_after(lines[-1])
    more = extend(head, [data.draw(DEEDS)])
    forgeries = [lines[:at] + lines[at + 1 :], (*lines[:at], lines[at], *lines[at:]), lines + more]
    if len(lines) > 1:
        forgeries.append(lines[1:] + lines[:1])
    assert not any(check(forged, head).sound for forged in forgeries)


def deed(**changes):
    return Deed(**{**dict.fromkeys(Deed.__slots__, "x"), "at": NOW, "actor": "a", **changes})


def test_a_detail_that_is_missing_must_have_been_erased_by_the_house():
    told = of_the_house(NOW, ERASED, "", "s", positions=[2])
    lines = extend(EMPTY, [deed(), deed(), told])
    gone = (lines[0], erased(lines[1]), lines[2])
    assert check(gone, head_after(lines[-1])).erased == 1
    more = (erased(lines[0]), erased(lines[1]), lines[2])
    assert check(more, head_after(lines[-1])).chain == Flaw(1, Fault.CONTENT)


def test_nobody_but_the_house_tells_of_erasures():
    said = deed(action=ERASED, detail=audit.detail_of(positions=[1]))
    lines = extend(EMPTY, [deed(), said])
    assert check((erased(lines[0]), lines[1]), head_after(lines[-1])).chain == Flaw(1, Fault.CONTENT)


def test_old_lines_are_cut_by_a_line_that_says_where():
    early = extend(EMPTY, [deed(), deed(), deed()])
    cut = head_after(early[1])
    late = extend(head_after(early[2]), [of_the_house(NOW, CUT, "", "s", position=cut.position, hash=cut.hash)])
    rest = (early[2], *late)
    found = check(rest, head_after(late[-1]), since=cut)
    assert found.sound
    assert found.count == 2
    assert check(rest, head_after(late[-1]), noted=cut.hash, since=cut).sound
    assert check(rest[1:], head_after(late[-1]), since=head_after(early[2])).chain == Flaw(3, Fault.POSITION)


def test_a_log_that_was_emptied_is_not_sound():
    lines = extend(EMPTY, [deed()])
    assert check((), head_after(lines[-1])).chain == Flaw(1, Fault.HEAD)
    assert check(lines, None).chain == Flaw(2, Fault.HEAD)
    assert check((), None).sound


@pytest.mark.parametrize("detail", ["[]", "no json", '{"positions": 3}', '{"positions": ["x"]}'])
def test_a_line_of_the_house_that_says_nothing_explains_nothing(detail):
    told = replace(of_the_house(NOW, ERASED, "", "s"), detail=detail)
    lines = extend(Head(), [deed(), told])
    assert not check((erased(lines[0]), lines[1]), head_after(lines[-1])).sound
