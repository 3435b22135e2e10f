"""The addresses of this machine that others can reach, the likeliest LAN address first."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import ifaddr

# Bridges and tunnels of containers and virtual machines: nobody in the hall reaches us there.
_VIRTUAL = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "cni", "flannel", "lxc")


_IF_INET6 = Path("/proc/net/if_inet6")
_PASSING_FLAGS = 0x01 | 0x20 | 0x40 | 0x08  # temporary, deprecated, tentative, duplicate (linux/if_addr.h)


@dataclass(frozen=True, slots=True)
class Network:
    """What is reachable from outside, IPv4 first. ``addresses`` leaves loopback, link-local and passing ones out."""

    addresses: tuple[str, ...]

    @property
    def lan(self) -> str | None:
        """The address to print for people in the same network."""
        return self.addresses[0] if self.addresses else None


def present() -> Network:
    adapters = ((adapter.nice_name, adapter.ips) for adapter in ifaddr.get_adapters())
    found = [_text(ip) for name, ips in adapters if not name.startswith(_VIRTUAL) for ip in ips]
    return Network(tuple(in_order(set(found) - _passing(), preferred=_default_route())))


def _text(ip: ifaddr.IP) -> str:
    return ip.ip if isinstance(ip.ip, str) else ip.ip[0]


def _passing() -> set[str]:
    """IPv6 addresses that are gone tomorrow (RFC 8981) or not there yet: a certificate must not change every day."""
    try:
        lines = _IF_INET6.read_text().splitlines()
    except OSError:  # not Linux, or without IPv6
        return set()
    rows = [line.split() for line in lines]
    return {str(ipaddress.IPv6Address(int(row[0], 16))) for row in rows if int(row[4], 16) & _PASSING_FLAGS}


def bracketed(host: str) -> str:
    """As it stands in a URL (RFC 3986, 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def reached_at(host: str, network: Network) -> str | None:
    """The address of ours to print for other machines when we listen on ``host``; None: only this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return network.lan
    if address.is_unspecified:
        return next(iter(listened_on(host, network)), None)
    return None if address.is_loopback else host


def in_order(addresses: Iterable[str], *, preferred: str | None) -> list[str]:
    """Usable ones, each once: the default route's first, then private ones, then the rest."""
    usable = {text for text in addresses if _usable(ipaddress.ip_address(text))}
    return sorted(usable, key=lambda text: (":" in text, text != preferred, not _is_private(text), text))


def _is_private(text: str) -> bool:
    return ipaddress.ip_address(text).is_private


def _usable(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return not (address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified)


def listened_on(host: str, network: Network) -> tuple[str, ...]:
    """Those of our addresses that are reached when we listen on ``host``: all of them on ``::`` only."""
    return tuple(text for text in network.addresses if host == "::" or ":" not in text)


def _default_route() -> str | None:
    """The source address towards the outside. Connecting a UDP socket sends nothing (192.0.2.1: RFC 5737)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])
