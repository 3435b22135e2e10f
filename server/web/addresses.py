"""The addresses of this machine that others can reach, the likeliest LAN address first."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass

import ifaddr

# Bridges and tunnels of containers and virtual machines: nobody in the hall reaches us there.
_VIRTUAL = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "cni", "flannel", "lxc")


@dataclass(frozen=True, slots=True)
class Network:
    """What is reachable from outside. ``addresses`` leaves loopback out."""

    addresses: tuple[str, ...]

    @property
    def lan(self) -> str | None:
        """The address to print for people in the same network."""
        return self.addresses[0] if self.addresses else None


def present() -> Network:
    adapters = ((adapter.nice_name, adapter.ips) for adapter in ifaddr.get_adapters())
    found = [str(ip.ip) for name, ips in adapters if not name.startswith(_VIRTUAL) for ip in ips if ip.is_IPv4]
    return Network(tuple(in_order(found, preferred=_default_route())))


def reached_at(host: str, network: Network) -> str | None:
    """The address of ours to print for other machines when we listen on ``host``; None: only this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return network.lan
    if address.is_unspecified:
        return network.lan
    return None if address.is_loopback else host


def in_order(addresses: Iterable[str], *, preferred: str | None) -> list[str]:
    """Usable ones, each once: the default route's first, then private ones, then the rest."""
    usable = {text for text in addresses if _usable(ipaddress.ip_address(text))}
    return sorted(usable, key=lambda text: (text != preferred, not ipaddress.ip_address(text).is_private, text))


def _usable(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return not (address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified)


def _default_route() -> str | None:
    """The source address towards the outside. Connecting a UDP socket sends nothing (192.0.2.1: RFC 5737)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])
