"""Which certificate is shown, under which names we are known, and following addresses that change while we run."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from cryptography import x509

from server.settings import Settings
from server.web import addresses, certificates
from server.web.addresses import Network
from server.web.origins import Origins

log = structlog.get_logger()

_WATCH_S = 60.0


class CertificateUnusable(Exception):
    """One sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Identity:
    """``context`` None: plain HTTP behind a proxy. ``ca`` None: the certificate needs no guide."""

    context: ssl.SSLContext | None
    ca: Path | None
    names: tuple[str, ...]

    @property
    def scheme(self) -> str:
        return "http" if self.context is None else "https"


def identify(settings: Settings, network: Network, now: dt.datetime) -> Identity:
    """Raises :class:`CertificateUnusable`."""
    names = own_names(settings, network)
    if settings.tls == "off":
        return Identity(None, None, names)
    if settings.tls == "files":
        assert settings.tls_cert is not None
        assert settings.tls_key is not None
        return Identity(_context(settings.tls_cert, settings.tls_key), None, (*names, *_names_in(settings.tls_cert)))
    folder = certificates.ensure(settings.folder / "tls", names, now)
    return Identity(_context(folder.leaf_cert, folder.leaf_key), folder.ca_cert, names)


async def watch(
    settings: Settings,
    identity: Identity,
    origins: Origins,
    now: Callable[[], dt.datetime],
    *,
    every_s: float = _WATCH_S,
) -> None:
    """Until cancelled: a new address gets into the certificate and the origins without a restart."""
    known = identity.names
    while True:
        await asyncio.sleep(every_s)
        names = own_names(settings, await asyncio.to_thread(addresses.present))
        if settings.tls == "auto":
            folder = await asyncio.to_thread(certificates.ensure, settings.folder / "tls", names, now())
            if identity.context is not None and names != known:
                identity.context.load_cert_chain(folder.leaf_cert, folder.leaf_key)
        if names != known:
            log.info("addresses.changed", names=names)
            origins.replace({*identity.names, *names})
            known = names


def own_names(settings: Settings, network: Network) -> tuple[str, ...]:
    """Every name and address under which people on this network may reach us; ``localhost`` first."""
    host = socket.gethostname().lower()
    public = urlsplit(settings.public_url).hostname if settings.public_url else None
    bound = () if ipaddress.ip_address(settings.host).is_unspecified else (settings.host,)
    hosts = [name for name in (host, f"{host}.local") if _is_name(name)]
    found = ("localhost", "127.0.0.1", "::1", *hosts, *bound, *network.addresses, *settings.media_addresses)
    return tuple(dict.fromkeys((*found, public) if public else found))


def _is_name(name: str) -> bool:
    """A host name that may stand in a certificate."""
    return name.isascii() and 0 < len(name) <= 253 and all(c.isalnum() or c in "-." for c in name)


def _context(cert: Path, key: Path) -> ssl.SSLContext:
    try:
        return certificates.server_context(cert, key)
    except (OSError, ssl.SSLError) as error:
        raise CertificateUnusable(f"the certificate {cert} with the key {key} cannot be used: {error}") from None


def _names_in(cert: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(certificates.names_of(x509.load_pem_x509_certificate(cert.read_bytes()))))
    except (ValueError, x509.ExtensionNotFound):
        return ()
