"""A connection's accounts: kept while it lasts, bounded, and never where a proxy shares its own."""

import gc

from server.web.connections import Connections


class Transport:
    pass


class Request:
    def __init__(self, transport):
        self.transport = transport


def test_others_are_those_of_the_same_connection():
    connections, one, two = Connections(ours=True), Request(Transport()), Request(Transport())
    connections.used(one, "a")
    connections.used(one, "b")
    connections.used(two, "c")
    assert connections.others(one, "b") == {"a"}
    assert connections.others(two, "c") == frozenset()


def test_what_a_proxy_shares_is_no_evidence():
    connections, one = Connections(ours=False), Request(Transport())
    connections.used(one, "a")
    assert connections.others(one, "b") == frozenset()


def test_it_ends_with_the_connection_and_is_bounded():
    connections, one = Connections(ours=True), Request(Transport())
    for n in range(1000):
        connections.used(one, str(n))
    assert len(connections.others(one, "x")) == 16
    one.transport = None
    gc.collect()
    assert len(connections._accounts) == 0
    connections.used(one, "a")
    assert connections.others(one, "b") == frozenset()
