"""The demonstration's lesson."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from server.services.demo import LEAD, begins_at
from tests.store.samples import NOW

QUARTER = dt.timedelta(minutes=15)


@given(st.timedeltas(dt.timedelta(), dt.timedelta(days=2)))
def test_it_begins_at_a_quarter_of_an_hour_and_never_at_once(since):
    now = NOW + since
    begins = begins_at(now)
    assert (begins.minute % 15, begins.second, begins.microsecond) == (0, 0, 0)
    assert LEAD < begins - now <= LEAD + QUARTER
