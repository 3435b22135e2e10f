"""Many who come in at once are told to come again."""

import pytest

from server.domain.refusals import Refusal
from server.web.turnstile import Arrivals, Turnstile


def test_places_are_given_back_whatever_happens():
    turnstile = Turnstile(1)
    with pytest.raises(ZeroDivisionError), turnstile.place():
        raise ZeroDivisionError
    with turnstile.place():
        with pytest.raises(Refusal, match="busy") as refused, turnstile.place():
            pass
        assert refused.value.retry_after_s == 2
    assert turnstile.count == 0


def test_who_has_a_ticket_goes_before_who_wants_one():
    arrivals = Arrivals()
    assert arrivals.tickets._most < arrivals.offers._most
