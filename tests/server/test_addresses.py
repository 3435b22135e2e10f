"""Which address is told to people on other machines."""

import pytest

from server.web.addresses import Network, reached_at

LAN = Network(("10.1.2.3", "10.9.9.9"))


@pytest.mark.parametrize(
    ("host", "told"),
    [("0.0.0.0", "10.1.2.3"), ("::", "10.1.2.3"), ("10.9.9.9", "10.9.9.9"), ("127.0.0.1", None), ("::1", None)],
)
def test_nobody_is_sent_to_an_address_where_we_do_not_listen(host, told):
    assert reached_at(host, LAN) == told


def test_without_a_network_there_is_nothing_to_tell():
    assert reached_at("0.0.0.0", Network(())) is None
