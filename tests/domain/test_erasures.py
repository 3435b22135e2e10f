"""A name or a number that stands inside somebody else's speaks of somebody else."""

import pytest

from server.domain.erasures import speaks_of
from server.domain.personal_data import Person

LI = Person("account", "member", "1000", "李明")


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ('{"name": "李明"}', True),
        ('{"reason": "李明华与李明换班"}', True),
        ('{"name": "李明华"}', False),
        ('{"number": "1000"}', True),
        ('{"number": "10005"}', False),
        ('{"count": "21000"}', False),
    ],
)
def test_only_what_speaks_of_the_person_is_taken_out_of_the_log(text, speaks):
    assert speaks_of(LI, {"李明华"}, text) is speaks


def test_a_short_name_in_letters_is_not_found_in_every_word():
    assert not speaks_of(Person("account", None, "x", "e"), (), '{"reason": "everybody else"}')
