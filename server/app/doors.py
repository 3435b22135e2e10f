"""How people come in: the TCP ports, what listens on them, and the addresses that they are told."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from server.live.sockets import Live
from server.services.demo import DemoAccount
from server.settings import Settings
from server.web import addresses, api, application, guide, listening
from server.web.front import Front
from server.web.listening import Listener
from server.web.repeating import Repeating
from server.web.site import Site
from server.web.tls import Identity


@dataclass(frozen=True, slots=True)
class Ready:
    """What is told when people may come."""

    url: str  # on this machine
    lan_url: str | None
    guide_url: str | None
    backend: str
    udp_ports: tuple[int, ...]  # one for each media process
    demo: tuple[DemoAccount, ...]
    client_built: bool


class Ports:
    """The TCP ports, bound before anything starts: a taken one is known at once."""

    def __init__(self, settings: Settings) -> None:
        self.main = listening.bind_tcp(settings.host, settings.port)
        self.plain: socket.socket | None = None
        try:
            if settings.plain_port:
                self.plain = listening.bind_tcp(settings.host, settings.plain_port)
        except listening.PortTaken:
            self.main.close()
            raise

    @property
    def number(self) -> int:
        return int(self.main.getsockname()[1])

    @property
    def plain_number(self) -> int | None:
        return None if self.plain is None else int(self.plain.getsockname()[1])

    def close(self) -> None:
        self.main.close()
        if self.plain is not None:
            self.plain.close()


class Doors:
    """The house's addresses; opened last and closed first."""

    def __init__(self, settings: Settings, ports: Ports, network: addresses.Network, identity: Identity) -> None:
        self._settings = settings
        self._ports = ports
        self._network = network
        self._identity = identity

    async def open(
        self, stack: AsyncExitStack, site: Site, live: Live, to_media: Callable[[int, socket.socket], None] | None
    ) -> None:
        """``to_media``: who takes connections that speak media, when one port is for everything."""
        app = application.build(site)
        live.attach(app)
        application.add_pages(app, site)
        around = Repeating(site, api.endpoints()).around
        if to_media is None:
            main = await Listener.start(app, self._ports.main, self._identity.context, around)
            stack.push_async_callback(main.close)
        else:
            main = await Listener.behind(app, self._identity.context, around)
            stack.push_async_callback(main.close)
            stack.push_async_callback(Front(self._ports.main, main, to_media).close)
        if self._ports.plain is not None:
            pages = guide.Guide(self._identity.ca, self._settings.organisation, lambda host: self._secure(site, host))
            plain = await Listener.start(pages.application(), self._ports.plain)
            stack.push_async_callback(plain.close)

    def _secure(self, site: Site, host: str) -> str:
        """Where HTTPS is for somebody who came to the plain port by this name."""
        return site.origins.base_url(f"{addresses.bracketed(host)}:{self.port}") or self.url

    @property
    def port(self) -> int:
        return self._ports.number

    @property
    def url(self) -> str:
        """On this machine."""
        return f"{self._identity.scheme}://localhost:{self.port}"

    @property
    def _lan(self) -> str | None:
        return addresses.reached_at(self._settings.host, self._network)

    @property
    def lan_url(self) -> str | None:
        here = f"{self._identity.scheme}://{addresses.bracketed(self._lan)}:{self.port}" if self._lan else None
        return self._settings.public_url or here

    @property
    def guide_url(self) -> str | None:
        """Where phones get our own authority's certificate."""
        if self._ports.plain_number is None or self._identity.ca is None:
            return None
        return f"http://{addresses.bracketed(self._lan or 'localhost')}:{self._ports.plain_number}/"
