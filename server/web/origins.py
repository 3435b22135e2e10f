"""Which web origins are ours, and whose word about the client's address we believe."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


class Origins:
    """The origins of our own pages: an explicit list, replaced when addresses change. ``*.`` matches one label."""

    def __init__(self, scheme: str, names: Iterable[str], port: int, public_url: str = "") -> None:
        self._scheme = scheme
        self._port = port
        self._public = _normal(public_url)
        self._hosts: frozenset[str] = frozenset()
        self.replace(names)

    def replace(self, names: Iterable[str]) -> None:
        self._hosts = frozenset(name.lower() for name in names)

    def allows(self, origin: str | None) -> bool:
        """Whether a page of this origin may send us commands."""
        normal = _normal(origin or "")
        if not normal:
            return False
        if normal == self._public:
            return True
        scheme, host, port = normal
        return scheme == self._scheme and port == self._port and self._covers(host)

    def base_url(self, host_header: str) -> str:
        """Our own address as this client wrote it, or the public one when it wrote another's; no slash at the end."""
        for scheme in (self._scheme, "https"):
            if "/" not in host_header and self.allows(f"{scheme}://{host_header}"):
                return f"{scheme}://{host_header}"
        if self._public:
            scheme, host, port = self._public
            return f"{scheme}://{_bracketed(host)}" + ("" if port == _DEFAULT_PORTS[scheme] else f":{port}")
        return ""

    def _covers(self, host: str) -> bool:
        return host in self._hosts or f"*.{host.partition('.')[2]}" in self._hosts


_DEFAULT_PORTS = {"https": 443, "http": 80}
# A host and perhaps a port, nothing beside: what we allow is written into headers.
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[\w.-]+)(:[0-9]{1,5})?/?", re.IGNORECASE)


@functools.lru_cache(maxsize=256)
def _normal(origin: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not _ORIGIN.fullmatch(origin):
        return None
    return parts.scheme, parts.hostname.lower(), port or _DEFAULT_PORTS[parts.scheme]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[IPNetwork]) -> str:
    """The nearest address that is not a trusted proxy's. ``forwarded_for``: the header's values, in order.

    Only what a trusted proxy appended is believed; the rest of the header is the client's own invention.
    """
    chain = [part.strip() for value in forwarded_for for part in value.split(",")]
    address = peer
    while chain and is_within(address, trusted):
        previous = chain.pop()
        if _address(previous) is None:
            break
        address = previous
    return address


def is_within(address: str, networks: Sequence[IPNetwork]) -> bool:
    parsed = _address(address) if networks else None
    return parsed is not None and any(parsed in network for network in networks)


def is_loopback(address: str) -> bool:
    parsed = _address(address)
    return parsed is not None and parsed.is_loopback


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed
