"""Which address is told to people on other machines."""

import pytest

from server.web.addresses import Network, bracketed, in_order, listened_on, present, reached_at

LAN = Network(("10.1.2.3", "10.9.9.9", "fd00::2"))
SIX = Network(("fd00::2",))


@pytest.mark.parametrize(
    ("host", "told"),
    [("0.0.0.0", "10.1.2.3"), ("::", "10.1.2.3"), ("10.9.9.9", "10.9.9.9"), ("127.0.0.1", None), ("::1", None)],
)
def test_nobody_is_sent_to_an_address_where_we_do_not_listen(host, told):
    assert reached_at(host, LAN) == told


def test_over_ipv6_only_who_listens_there_tells_it():
    assert reached_at("::", SIX) == "fd00::2"
    assert reached_at("0.0.0.0", SIX) is None
    assert listened_on("0.0.0.0", LAN) == ("10.1.2.3", "10.9.9.9")
    assert listened_on("::", LAN) == LAN.addresses


def test_ipv4_comes_first_and_what_nobody_else_reaches_not_at_all():
    found = in_order(["fd00::2", "10.9.9.9", "fe80::1", "::1", "127.0.0.1", "10.1.2.3"], preferred="10.9.9.9")
    assert found == ["10.9.9.9", "10.1.2.3", "fd00::2"]


def test_an_address_stands_in_brackets_in_a_url_when_it_has_colons():
    assert (bracketed("fd00::2"), bracketed("10.1.2.3")) == ("[fd00::2]", "10.1.2.3")


def test_our_own_addresses_have_no_zones_and_are_each_there_once():
    found = present().addresses
    assert len(set(found)) == len(found)
    assert not any("%" in text or text.startswith("fe80") for text in found)


def test_without_a_network_there_is_nothing_to_tell():
    assert reached_at("0.0.0.0", Network(())) is None
