"""What requests and sockets stand on: the house with its record and its hints, the site, the live part."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
from collections.abc import Callable
from contextlib import AsyncExitStack

from recordings.library import FolderLibrary
from server import seals
from server.app.channels import notice_rules
from server.archive import ArchivedLibrary, ExportsInFolder, PicturesInFolder, objects_of
from server.converting.crafts import CERTIFICATES, CONTACT, PICTURE, SHEETS, TABLES, YEARS
from server.depot import FolderDepot
from server.domain.accounts import address_key
from server.domain.calendar import Calendar
from server.domain.identity import Client
from server.domain.preflight import Thresholds
from server.filmdepot import FolderFilmDepot
from server.live.sockets import Live
from server.oidc import OpenIdProvider
from server.picturefiles import FolderPictureFiles
from server.services.audit import AuditedRecords
from server.services.fanout import Fanout
from server.services.house import House
from server.services.identities import IdentityProvider
from server.services.login import Passwords
from server.services.media import MediaPlane
from server.services.presence import Presence
from server.services.signal_box import MemorySignals, Signals
from server.settings import Settings
from server.store.database import Database
from server.store.memory_fanout import MemoryFanout
from server.store.memory_presence import MemoryPresence
from server.store.records import SqlRecords
from server.web.attendance_pdf import Press
from server.web.connections import Connections
from server.web.guards import address_of
from server.web.meters import Meters
from server.web.origins import Origins
from server.web.pages import built_client
from server.web.site import Draining, Pace, Site, Waiting, login_rules
from server.web.turnstile import Arrivals


async def furnish(settings: Settings, name: str, plane: MediaPlane, stack: AsyncExitStack) -> House:
    """``name``: of this process. Opens the database and Redis. Raises ``SchemaTooNew``."""
    database = await Database.open(settings.database)
    stack.push_async_callback(database.close)
    presence, fanout, signals = await _shared_state(settings, stack)
    objects = objects_of(settings)
    library = ArchivedLibrary(FolderLibrary(settings.folder / "recordings"), objects)
    records = AuditedRecords(SqlRecords(database, Calendar(settings.zone)))
    depot = FolderDepot(settings.folder / "materials")
    return House(
        *(records, plane, library, presence, fanout, name),
        signals=signals,
        depot=depot,
        outside_proofs=FolderDepot(settings.folder / "proofs"),
        question_pictures=FolderPictureFiles(settings.folder / "question-pictures"),
        films=FolderFilmDepot(settings.folder / "films"),
        exports=ExportsInFolder(
            settings.folder / "recordings",
            settings.folder / "exports",
            key=seals.load_key(settings.folder / "secrets", "archive.key"),
            objects=objects,
        ),
        object_store=objects is not None,
        pictures=PicturesInFolder(settings.folder / "recordings", settings.folder / "pictures", CONTACT),
        standby_before_live=settings.standby_before_live,
        corrections_by_two=settings.corrections_by_two,
        notices=notice_rules(settings),
        thresholds=thresholds_of(settings),
        login_rules=login_rules(settings),
    )


def thresholds_of(settings: Settings) -> Thresholds:
    """What this installation calls good in a preflight."""
    return Thresholds(
        good_for=dt.timedelta(hours=settings.preflight_hours),
        uplink_good_bps=1000 * settings.preflight_uplink_good_kbps,
        uplink_least_bps=1000 * settings.preflight_uplink_least_kbps,
        kit_least_bps=1000 * settings.preflight_kit_least_kbps,
        loss_good=settings.preflight_loss_good_permille / 1000,
        loss_most=settings.preflight_loss_most_permille / 1000,
        clock_good_ms=settings.preflight_clock_good_ms,
        clock_most_ms=settings.preflight_clock_most_ms,
        lines_good=settings.preflight_lines,
        frames_good=settings.preflight_frames,
        level_good_db=settings.preflight_level_good_db,
        level_least_db=settings.preflight_level_least_db,
        clipped_most=settings.preflight_clipped_permille / 1000,
        tone_heard_db=settings.preflight_tone_db,
    )


async def _shared_state(settings: Settings, stack: AsyncExitStack) -> tuple[Presence, Fanout, Signals]:
    """Presence, hints, signals: in Redis for several processes, in memory for one."""
    ttl = dt.timedelta(seconds=settings.presence_seconds)
    if not settings.redis_url:
        return MemoryPresence(ttl), MemoryFanout(), MemorySignals()
    # Only who has a Redis pays for its client at start.
    from server.store.redis_commands import RedisCommands  # noqa: PLC0415
    from server.store.redis_fanout import RedisFanout  # noqa: PLC0415
    from server.store.redis_presence import RedisPresence  # noqa: PLC0415
    from server.store.redis_signals import RedisSignals  # noqa: PLC0415

    commands = RedisCommands(settings.redis_url)
    stack.push_async_callback(commands.close)
    fanout = RedisFanout(commands, settings.redis_url)
    fanout.start()
    stack.push_async_callback(fanout.close)
    return RedisPresence(commands, ttl), fanout, RedisSignals(commands, MemorySignals())


def identity_provider(settings: Settings, stack: AsyncExitStack) -> IdentityProvider | None:
    """Not asked before somebody wants in: a start does not wait for it."""
    if not settings.oidc_issuer:
        return None
    client = Client(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_scopes, settings.oidc_number_claim)
    provider = OpenIdProvider(client, settings.oidc_client_secret, settings.oidc_ca)
    stack.push_async_callback(provider.close)
    return provider


def make_site(
    settings: Settings,
    house: House,
    passwords: Passwords,
    origins: Origins,
    *,
    provider: IdentityProvider | None,
    udp_ports: Callable[[], tuple[int, ...]],
) -> Site:
    secrets = settings.folder / "secrets"
    return Site(
        settings=settings,
        house=house,
        passwords=passwords,
        tickets=seals.TicketSeal(seals.load_key(secrets, "tickets.key")),
        grants=seals.GrantSeal(seals.load_key(secrets, "grants.key")),
        pages=seals.PageSeal(seals.load_key(secrets, "grants.key")),
        sign_in_codes=seals.SignInSeal(seals.load_key(secrets, "sign-in.key")),
        access_codes=seals.AccessCodeSeal(seals.load_key(secrets, "access.key")),
        pairing_codes=seals.PairingSeal(seals.load_key(secrets, "access.key")),
        secrets=seals.SecretSeal(seals.load_key(secrets, "second-factor.key")),
        browser_seal=seals.BrowserSeal(seals.load_key(secrets, "browser.key")),
        provider=provider,
        origins=origins,
        meters=Meters(),
        pace=Pace(settings),
        waiting=Waiting(settings.waiting_requests, settings.account_waiting_requests),
        arrivals=Arrivals(),
        draining=Draining(),
        login_rules=login_rules(settings),
        client=built_client(),
        version=_version(),
        connections=Connections(ours=not settings.trusted_proxies),
        udp_ports=udp_ports,
        tables=TABLES,
        picture_craft=PICTURE,
        press=Press(SHEETS),
        certificates=Press(CERTIFICATES),
        years=Press(YEARS),
    )


def make_live(site: Site) -> Live:
    return Live(
        site.settings,
        site.house,
        site.tickets,
        allows=site.origins.allows,
        address_of=lambda request: address_key(address_of(request, site)),
        now=site.now,
        on_count=site.meters.sockets.set,
        on_cut=lambda reason: site.meters.sockets_cut.labels(reason).inc(),
    )


def _version() -> str:
    try:
        return importlib.metadata.version("dangxiao")
    except importlib.metadata.PackageNotFoundError:
        return "0+source"
