"""A member's file: dated rows that follow one another, and a past that stays."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.members import Ending, Loan, Member, MemberKind
from server.domain.personnel import became, ended, enrolled, lent, returned, transferred
from server.domain.refusals import Refusal

DAWN = dt.date(2020, 1, 1)
TODAY = dt.date(2026, 11, 22)
DAY = dt.timedelta(days=1)
FILE = enrolled(Member("m", "学员", MemberKind.PROBATIONARY), "b1", DAWN)


def refused(code, change, *arguments):
    with pytest.raises(Refusal, match=code):
        change(*arguments)


def test_a_probationary_member_becomes_a_full_one_from_a_day_on():
    file = became(FILE, MemberKind.FULL, TODAY, TODAY)
    assert (file.kind(TODAY - DAY), file.kind(TODAY)) == (MemberKind.PROBATIONARY, MemberKind.FULL)
    assert became(file, MemberKind.GUEST, TODAY, TODAY).kind(TODAY) == MemberKind.GUEST
    refused("past_fixed", became, file, MemberKind.GUEST, TODAY - DAY, TODAY)
    refused("past_fixed", became, FILE, MemberKind.FULL, DAWN - DAY, TODAY)


def test_it_may_be_entered_after_it_was_voted():
    assert became(FILE, MemberKind.FULL, TODAY - 30 * DAY, TODAY).kind(TODAY - DAY) == MemberKind.FULL


def test_a_member_belongs_to_the_old_unit_before_and_to_the_new_one_from_that_day():
    file = transferred(FILE, "b2", TODAY, TODAY)
    assert (file.unit(TODAY - DAY), file.unit(TODAY)) == ("b1", "b2")
    refused("already_there", transferred, file, "b2", TODAY + DAY, TODAY)
    refused("past_fixed", transferred, file, "b3", TODAY - DAY, TODAY)


def test_a_planned_move_is_replaced_by_another_one():
    planned = transferred(FILE, "b2", TODAY + 9 * DAY, TODAY)
    file = transferred(planned, "b3", TODAY + 3 * DAY, TODAY)
    assert [(row.unit_id, row.since, row.until) for row in file.memberships] == [
        ("b1", DAWN, TODAY + 3 * DAY),
        ("b3", TODAY + 3 * DAY, None),
    ]


def test_a_membership_ends_with_its_reason_and_may_be_taken_up_again():
    gone = ended(FILE, Ending.MOVED_AWAY, TODAY, TODAY, "外省")
    assert (gone.unit(TODAY - DAY), gone.unit(TODAY), gone.home(TODAY)) == ("b1", None, "b1")
    assert (gone.last.ending, gone.last.note) == (Ending.MOVED_AWAY, "外省")
    refused("membership_ended", ended, gone, Ending.DIED, TODAY + DAY, TODAY)
    refused("membership_ended", lent, gone, Loan("m", "b2", TODAY + DAY))
    back = transferred(gone, "b2", TODAY + 5 * DAY, TODAY + 5 * DAY)
    assert [back.unit(TODAY + n * DAY) for n in (0, 4, 5)] == [None, None, "b2"]
    assert back.memberships[0].ending is Ending.MOVED_AWAY


def test_a_loan_leaves_the_membership_where_it_is():
    file = lent(FILE, Loan("m", "b2", TODAY, TODAY + 9 * DAY))
    assert (file.unit(TODAY), file.loan(TODAY).unit_id) == ("b1", "b2")
    assert (file.loan(TODAY - DAY), file.loan(TODAY + 9 * DAY)) == (None, None)
    refused("loan_overlaps", lent, file, Loan("m", "b3", TODAY + 5 * DAY))
    refused("already_there", lent, FILE, Loan("m", "b1", TODAY))
    assert returned(file, TODAY + 2 * DAY).loan(TODAY + 2 * DAY) is None
    refused("loan_not_found", returned, FILE, TODAY)


def test_whoever_joins_the_unit_it_was_lent_to_is_on_loan_no_more():
    file = transferred(lent(FILE, Loan("m", "b2", TODAY - 9 * DAY)), "b2", TODAY, TODAY)
    assert (file.unit(TODAY), file.loan(TODAY)) == ("b2", None)
    assert file.loan(TODAY - DAY).unit_id == "b2"
    assert ended(lent(FILE, Loan("m", "b2", TODAY)), Ending.LEFT, TODAY + DAY, TODAY).loan(TODAY + DAY) is None


_UNITS = st.sampled_from(["b1", "b2", "b3"])
_DAYS = st.integers(-40, 40)
_STEPS = st.one_of(
    st.tuples(st.just(became), st.sampled_from(MemberKind), _DAYS),
    st.tuples(st.just(transferred), _UNITS, _DAYS),
    st.tuples(st.just(ended), st.sampled_from(Ending), _DAYS),
)


@given(st.lists(_STEPS, max_size=12))
def test_whatever_is_entered_the_days_before_stay_and_there_is_one_row_for_each_day(steps):
    file = FILE
    for change, value, days in steps:
        since = TODAY + dt.timedelta(days=days)
        earlier = [day for day in (since - n * DAY for n in (1, 2, 30)) if day <= TODAY]
        before = [(file.unit(day), file.kind(day)) for day in earlier]
        try:
            file = change(file, value, since, TODAY)
        except Refusal:
            continue
        assert [(file.unit(day), file.kind(day)) for day in earlier] == before
        rows = file.memberships
        for one, following in itertools.pairwise(rows):
            assert one.until is not None
            assert one.since < one.until <= following.since
