"""What the handlers stand on, and the state of this control process that they share."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from server import clock
from server.domain.accounts import LoginRules, address_key
from server.domain.refusals import Refusal
from server.pacing import Buckets, Rate
from server.seals import (
    AccessCodeSeal,
    BrowserSeal,
    GrantSeal,
    PageSeal,
    PairingSeal,
    SecretSeal,
    SignInSeal,
    TicketSeal,
)
from server.services.depot import Craft
from server.services.house import House
from server.services.identities import IdentityProvider
from server.services.login import Passwords
from server.services.micro_uploads import Hands
from server.settings import Settings
from server.web.attendance_pdf import Press
from server.web.connections import Connections
from server.web.meters import Meters
from server.web.origins import Origins
from server.web.refused import Refusals
from server.web.turnstile import Arrivals

_MOST_ASKERS = 50_000
# While nothing goes on disk a player asks the media process for two files in two seconds, a venue's devices together.
_MISSES = Rate(per_minute=600, burst=120)
# One minds what one hears: a few changes at once, then one in two seconds.
_SIGNALS = Rate(per_minute=30, burst=6)
_UPLOADS_BURST = 20
"""A lesson's papers at once."""
_UPLOADS_AT_ONCE, _UPLOADS_OF_ACCOUNT = 8, 3
_CHECKS_AT_ONCE = 2
"""Rosters that are looked through."""
_PROBES = Rate(per_minute=6, burst=8)
# One call after another; a list of everybody's numbers is no way to call.
_NUMBERS = Rate(per_minute=12, burst=20)
# Looked at, printed, looked at again after some calls.
_CALL_LISTS = Rate(per_minute=2, burst=4)
# One after the other at a venue's screen, each typing twice; too slow to try a roster's names.
_KIOSKS = Rate(per_minute=40, burst=30)
# People at a door, some of whom must spell their names. Whole names come of it, and numbers follow one another: a few
# hundred in the hour of a lesson, not the school.
_WALK_INS = Rate(per_minute=8, burst=20)
# A room of new screens at one address; a screen asks for a new code every ten minutes.
_PAIRINGS = Rate(per_minute=6, burst=20)
# Somebody reads eight letters from a screen and mistypes them.
_PAIRING_CODES = Rate(per_minute=6, burst=12)
# Two devices say every ten seconds where they are, and at each pause and seek.
_BEATS = Rate(per_minute=60, burst=60)
# One's phone, tablet and mail program; a calendar is fetched a few times an hour.
_CALENDARS = Rate(per_minute=6, burst=12)
# Somebody types a number from paper, or scans a dozen at a desk.
_CERTIFICATES = Rate(per_minute=20, burst=20)
# Each is set anew, and eight wait at most, of everybody.
_CERTIFICATE_FILES = Rate(per_minute=12, burst=4)
# Every one counts rows of many tables.
_RETENTION = Rate(per_minute=20, burst=20)


class Draining:
    """Whether the process is on its way out."""

    def __init__(self) -> None:
        self.active = False

    def begin(self) -> None:
        self.active = True


class Pace:
    """Rate limits of requests, by address and by account."""

    def __init__(self, settings: Settings) -> None:
        self._addresses = _buckets(settings.address_requests_per_minute)
        self._accounts = _buckets(settings.account_requests_per_minute)
        self._logins = _buckets(settings.address_logins_per_minute)
        self._misses = Buckets(_MISSES, _MOST_ASKERS)
        self._signals = Buckets(_SIGNALS, _MOST_ASKERS)
        self._uploads = Buckets(Rate(settings.account_uploads_per_minute, _UPLOADS_BURST), _MOST_ASKERS)
        self._probes = Buckets(_PROBES, _MOST_ASKERS)
        self._numbers = Buckets(_NUMBERS, _MOST_ASKERS)
        self._call_lists = Buckets(_CALL_LISTS, _MOST_ASKERS)
        self._kiosks = Buckets(_KIOSKS, _MOST_ASKERS)
        self._walk_ins = Buckets(_WALK_INS, _MOST_ASKERS)
        self._pairings = Buckets(_PAIRINGS, _MOST_ASKERS)
        self._pairing_codes = Buckets(_PAIRING_CODES, _MOST_ASKERS)
        self._beats = Buckets(_BEATS, _MOST_ASKERS)
        self._calendars = Buckets(_CALENDARS, _MOST_ASKERS)
        self._certificates = Buckets(_CERTIFICATES, _MOST_ASKERS)
        self._certificate_files = Buckets(_CERTIFICATE_FILES, _MOST_ASKERS)
        self._retention = Buckets(_RETENTION, _MOST_ASKERS)

    def request(self, address: str) -> None:
        """Raises ``too_fast``. One IPv6 /64 is one address: whoever has one has them all."""
        _take(self._addresses, address_key(address))

    def account(self, account_id: str) -> None:
        """Raises ``too_fast``."""
        _take(self._accounts, account_id)

    def repetition(self, address: str, account_id: str) -> bool:
        """Takes as :meth:`request` and :meth:`account` do, or neither: then one of them would refuse."""
        now_ms, address = clock.monotonic_ms(), address_key(address)
        if self._addresses.wait_ms(address, now_ms) > 0 or self._accounts.wait_ms(account_id, now_ms) > 0:
            return False
        self._addresses.take(address, now_ms)
        self._accounts.take(account_id, now_ms)
        return True

    def signal(self, account_id: str) -> None:
        """Raises ``too_fast``."""
        _take(self._signals, account_id)

    def probe(self, account_id: str) -> None:
        """Some megabytes to measure a line by are about to come. Raises ``too_fast``."""
        _take(self._probes, account_id)

    def number(self, account_id: str) -> None:
        """Somebody's telephone number is about to be shown. Raises ``too_fast``."""
        _take(self._numbers, account_id)

    def call_list(self, account_id: str) -> None:
        """Many telephone numbers are about to be shown. Raises ``too_fast``."""
        _take(self._call_lists, account_id)

    def kiosk(self, account_id: str) -> None:
        """Somebody is looked for at a venue's screen. Raises ``too_fast``."""
        _take(self._kiosks, account_id)

    def walk_in(self, account_id: str) -> None:
        """Somebody is looked for who came to a room. Raises ``too_fast``."""
        _take(self._walk_ins, account_id)

    def pairing(self, address: str) -> None:
        """A screen asks for a code. Raises ``too_fast``."""
        _take(self._pairings, address_key(address))

    def pairing_code(self, account_id: str) -> None:
        """Somebody typed one. Raises ``too_fast``."""
        _take(self._pairing_codes, account_id)

    def beat(self, account_id: str) -> None:
        """A player says where it is. Raises ``too_fast``."""
        _take(self._beats, account_id)

    def calendar(self, token: str) -> None:
        """Raises ``too_fast``."""
        _take(self._calendars, token)

    def certificate(self, address: str) -> None:
        """A certificate's number is about to be checked, for anybody. Raises ``too_fast``."""
        _take(self._certificates, address_key(address))

    def certificate_file(self, account_id: str) -> None:
        """A certificate is about to be set as a PDF. Raises ``too_fast``."""
        _take(self._certificate_files, account_id)

    def retention(self, account_id: str) -> None:
        """What has been kept long enough is about to be counted. Raises ``too_fast``."""
        _take(self._retention, account_id)

    def upload(self, account_id: str) -> None:
        """Raises ``too_fast``."""
        _take(self._uploads, account_id)

    def miss(self, account_id: str) -> None:
        """A file that is not on disk is about to be asked for elsewhere. Raises ``too_fast``."""
        _take(self._misses, account_id)

    def check_misses(self, account_id: str) -> None:
        """Raises ``too_fast`` for an account that has missed too often: not even the disk is asked then."""
        _refuse_early(self._misses.wait_ms(account_id, clock.monotonic_ms()))

    def login(self, address: str) -> None:
        """Raises ``too_fast``."""
        _take(self._logins, address_key(address))


def _buckets(per_minute: int) -> Buckets:
    return Buckets(Rate(per_minute=per_minute, burst=max(1, per_minute // 3)), _MOST_ASKERS)


def _take(buckets: Buckets, asker: str) -> None:
    _refuse_early(buckets.take(asker, clock.monotonic_ms()))


def _refuse_early(wait_ms: float) -> None:
    if wait_ms > 0:
        raise Refusal("too_fast", retry_after_s=max(1, math.ceil(wait_ms / 1000)))


class Waiting:
    """How many requests hold a place (they wait for events, or bring a file); bounded, also for each account."""

    def __init__(self, most: int, most_of_account: int) -> None:
        self._most = most
        self._most_of_account = most_of_account
        self._of_account: Counter[str] = Counter()
        self.count = 0

    @contextmanager
    def place(self, account_id: str) -> Iterator[None]:
        """Raises ``busy``, or ``too_fast`` for an account that holds enough places already."""
        if self._of_account[account_id] >= self._most_of_account:
            raise Refusal("too_fast", "one account holds too many places", retry_after_s=5)
        if self.count >= self._most:
            raise Refusal("busy", "every place is taken", retry_after_s=5)
        self.count += 1
        self._of_account[account_id] += 1
        try:
            yield
        finally:
            self.count -= 1
            self._of_account[account_id] -= 1
            if not self._of_account[account_id]:
                del self._of_account[account_id]


@dataclass(frozen=True, slots=True)
class Site:
    """Made once by the composition root."""

    settings: Settings
    house: House
    passwords: Passwords
    tickets: TicketSeal
    grants: GrantSeal
    pages: PageSeal
    sign_in_codes: SignInSeal
    access_codes: AccessCodeSeal
    pairing_codes: PairingSeal
    secrets: SecretSeal
    browser_seal: BrowserSeal
    provider: IdentityProvider | None
    origins: Origins
    meters: Meters
    pace: Pace
    waiting: Waiting
    arrivals: Arrivals
    draining: Draining
    login_rules: LoginRules
    client: Path | None  # the built web client, None when there is none
    version: str
    udp_ports: Callable[[], tuple[int, ...]]
    connections: Connections
    tables: Craft
    picture_craft: Craft
    press: Press
    certificates: Press
    years: Press
    now: Callable[[], dt.datetime] = field(default=clock.utc_now)
    refusals: Refusals = field(default_factory=Refusals)
    checks: Waiting = field(default_factory=lambda: Waiting(_CHECKS_AT_ONCE, 1))
    uploads: Waiting = field(default_factory=lambda: Waiting(_UPLOADS_AT_ONCE, _UPLOADS_OF_ACCOUNT))
    hands: Hands = field(default_factory=Hands)
    """Of films that come in pieces."""


SITE = web.AppKey("site", Site)


def login_rules(settings: Settings) -> LoginRules:
    return LoginRules(
        failures=settings.login_failures,
        lock=dt.timedelta(seconds=settings.lockout_seconds),
        session=dt.timedelta(days=settings.session_days),
        member_session=dt.timedelta(days=settings.member_session_days),
        staff_idle=dt.timedelta(minutes=settings.staff_idle_minutes),
        admin_idle=dt.timedelta(minutes=settings.admin_idle_minutes),
        second_factor=settings.admin_second_factor,
        password_least=settings.password_least,
        activation_code=dt.timedelta(days=settings.activation_days),
        door_code=dt.timedelta(minutes=settings.door_code_minutes),
    )
