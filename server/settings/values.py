"""The values: every limit and default of the server, checked when they are made.

A value out of bounds raises :class:`BadSetting`, which names the key and the bad value.
"""

# ruff: noqa: RUF009 - _setting is dataclasses.field with a sentence and bounds

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import json
import re
import types
import typing
import zoneinfo
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from server.domain.identity import is_trusted_url

PREFIX = "DANGXIAO_"
_LAST_PORT = 65_535
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
# What stands in a header: an address without brackets, a login without control characters.
_ICE_SERVER = re.compile(r"""(stun|stuns|turn|turns):[^\s|,<>"]+(\|[^|\x00-\x1f\x7f]+\|[^|\x00-\x1f\x7f]+)?""")
_DEFAULT_PORTS = {"https": 443, "http": 80}

Tls = Literal["auto", "files", "off"]
Digest = Literal["sha256", "sm3"]
Language = Literal["zh", "en"]
LogFormat = Literal["json", "text"]
LogLevel = Literal["debug", "info", "warning", "error"]
RelayBackend = Literal["auto", "native", "python"]

NOTICE = "非涉密系统，严禁传输涉密信息"
NOTICE_EN = "Unclassified system: classified information must not be sent through it"


def key_of(field: str) -> str:
    return PREFIX + field.upper()


class BadSetting(ValueError):
    """A setting cannot be used. The message is one sentence for the operator."""

    def __init__(self, key: str, value: str, reason: str) -> None:
        super().__init__(f"{key}={value!r}: {reason}")
        self.key = key
        self.value = value


def _setting(default: Any, doc: str, *, least: int | None = None, most: int | None = None, secret: bool = False) -> Any:  # noqa: ANN401 - stands for a dataclass default
    return dataclasses.field(
        default=default, repr=not secret, metadata={"doc": doc, "least": least, "most": most, "secret": secret}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServer:
    """One STUN or TURN server offered to clients (the Link header of RFC 9725, section 4.6)."""

    url: str
    username: str = ""
    credential: str = dataclasses.field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    host: str = _setting("0.0.0.0", "Address the HTTPS, plain and media ports listen on; `::` for IPv6 as well.")  # noqa: S104 - a server faces the network
    port: int = _setting(8443, "HTTPS port (plain HTTP when TLS is off); 0 takes a free one.", least=0, most=65535)
    plain_port: int = _setting(
        8080, "Plain HTTP port for the certificate guide and a redirect to HTTPS; 0 turns it off.", least=0, most=65535
    )
    data: Path = _setting(Path("data"), "Folder of everything durable: database, secrets, certificates, recordings.")
    database_url: str = _setting(
        "",
        "SQLAlchemy URL of the database (`postgresql+asyncpg://…`); empty means SQLite in the data folder.",
        secret=True,
    )
    redis_url: str = _setting(
        "", "Redis for presence and fan-out between processes; empty keeps both inside the process.", secret=True
    )

    tls: Tls = _setting(
        "auto", "`auto`: a private CA made at first start; `files`: your certificate; `off`: behind a trusted proxy."
    )
    tls_cert: Path | None = _setting(None, "Certificate chain in PEM, for `TLS=files`.")
    tls_key: Path | None = _setting(None, "Private key in PEM, for `TLS=files`.")
    trusted_proxies: tuple[str, ...] = _setting(
        (), "Addresses or networks, comma separated, whose X-Forwarded-For is believed."
    )
    public_url: str = _setting(
        "", "Address people type, e.g. `https://class.example.org`; empty means the LAN address and port."
    )

    media_port: int = _setting(
        8444,
        "UDP port of all media, the first of as many as there are media processes; 0 takes free ones.",
        least=0,
        most=65535,
    )
    media_workers: int = _setting(
        1,
        "Media processes, each with its own port and up to one processor core; a lesson is in one of them.",
        least=1,
        most=64,
    )
    media_tcp: bool = _setting(
        True, "Media over TCP on the same port number, for networks that block UDP: `on` or `off`."
    )
    single_port: bool = _setting(
        False,
        "Everything through the HTTPS port alone: media comes over TCP on it, no other address is told: `on` or `off`.",
    )
    media_addresses: tuple[str, ...] = _setting(
        (), "IP addresses announced for media, inside and outside, comma separated; empty finds the LAN addresses."
    )
    ice_servers: tuple[str, ...] = _setting(
        (),
        "STUN and TURN servers, comma separated, e.g. `stun:host:3478` or `turn:host:3478|user|password`.",
        secret=True,
    )
    turn_urls: tuple[str, ...] = _setting(
        (), "TURN servers that share a secret with us, comma separated, e.g. `turn:host:3478?transport=tcp`."
    )
    turn_secret: str = _setting("", "That secret (coturn: `static-auth-secret`).", secret=True)
    turn_hours: int = _setting(12, "Hours for which a TURN password made from it is good.", least=1, most=72)
    media_sessions: int = _setting(3000, "Most media connections at once.", least=1, most=100_000)
    account_media_sessions: int = _setting(
        20, "Most media connections of one account that watches, at once.", least=1, most=100_000
    )
    media_rooms: int = _setting(64, "Most lessons with media at once.", least=1, most=10_000)

    relay_backend: RelayBackend = _setting(
        "auto", "Hot path of the media relay: `native` (C), `python`, or `auto`: native where it was built."
    )

    language: Language = _setting("zh", "Language of the pages: `zh` or `en`.")
    time_zone: str = _setting(
        "Asia/Shanghai",
        "Time zone of the school, by its IANA name; it decides on which day and in which year something is.",
    )
    organisation: str = _setting("", "Name of the organisation shown on the pages.")
    notice: str = _setting(NOTICE, "Notice on login, upload and live pages, in Chinese.")
    notice_en: str = _setting(NOTICE_EN, "The same notice in English.")
    standby_before_live: bool = _setting(
        True, "Before a lesson starts its viewers see a slate with a countdown and hear nothing: `on` or `off`."
    )
    corrections_by_two: bool = _setting(
        False, "A correction of attendance holds only when a second person has confirmed it: `on` or `off`."
    )
    notices: bool = _setting(
        True, "Notices of lessons in three waves: invitation, the day before, the hour before: `on` or `off`."
    )
    notice_invite_days: int = _setting(
        7, "Days before a lesson when its invitation goes out, or as soon as it is scheduled.", least=1, most=60
    )
    notice_day_before: str = _setting("18:00", "Time of the day before a lesson when its members are reminded.")
    notice_minutes_before: int = _setting(
        60, "Minutes before a lesson when its members are reminded again.", least=10, most=720
    )
    notice_quiet: str = _setting(
        "22:00-07:00", "Hours in which nothing goes out by 企业微信 and SMS; `00:00-00:00`: never quiet."
    )
    notices_per_minute: int = _setting(
        300, "Most messages a minute by each of these channels, of all processes together.", least=1, most=10_000
    )
    notice_tries: int = _setting(
        8, "Tries after which a message is given up; the waits double from 30 s to 30 min.", least=1, most=20
    )
    wecom_url: str = _setting("https://qyapi.weixin.qq.com", "Address of 企业微信's interface.")
    wecom_corp_id: str = _setting(
        "", "企业微信 for notices: id of the enterprise (corpid); members go by their login number; empty: not used."
    )
    wecom_agent_id: int = _setting(0, "Id of the application (agentid) that sends.", least=0, most=2_147_483_647)
    wecom_secret: str = _setting("", "Secret of that application.", secret=True)
    sms_url: str = _setting(
        "", "Gateway for text messages, one POST for each; https, or http inside; empty: not used.", secret=True
    )
    sms_body: str = _setting(
        '{"phone":"{phone}","text":"{text}","id":"{id}"}',
        "Body of that request: JSON, or a form `a=b&c=d`, with `{phone}`, `{text}` and `{id}` in its values.",
        secret=True,  # many gateways want their password in it
    )
    sms_header: str = _setting("", "A header of it, e.g. `Authorization: Bearer …`.", secret=True)
    sms_success: str = _setting("", "What the answer of a success contains; empty: any 2xx is a success.")
    demo: bool = _setting(
        False, "Make a demonstration organisation with accounts at start when the database is empty: `on` or `off`."
    )
    demo_year: bool = _setting(
        False, "With the demonstration, a year's requirement and settled lessons of its past months: `on` or `off`."
    )

    log_level: LogLevel = _setting("info", "Least level that is logged: `debug`, `info`, `warning` or `error`.")
    log_format: LogFormat = _setting("json", "Form of the log: `json`, one object a line, or `text` for people.")

    session_days: int = _setting(7, "Days after which a login of staff ends.", least=1, most=365)
    member_session_days: int = _setting(
        30, "Days after which the login of a member's phone, or of a venue's machine, ends.", least=1, most=365
    )
    staff_idle_minutes: int = _setting(
        30, "Minutes without use after which staff is logged out; watching is use.", least=5, most=1440
    )
    admin_idle_minutes: int = _setting(
        15, "The same for the system, security and audit administrators.", least=5, most=1440
    )
    admin_second_factor: bool = _setting(
        True, "Whether the three administrators must log in with a second factor: `on` or `off`."
    )
    oidc_issuer: str = _setting(
        "", "OpenID provider of the house (统一身份认证), e.g. `https://id.example.org`; empty: none."
    )
    oidc_client_id: str = _setting("", "What that provider knows this server as.")
    oidc_client_secret: str = _setting("", "Our secret there; empty for a public client.", secret=True)
    oidc_scopes: str = _setting("openid profile", "What is asked of it, separated by spaces.")
    oidc_number_claim: str = _setting(
        "preferred_username", "Its claim that is the account's number; one that people cannot change themselves."
    )
    oidc_name: str = _setting("用统一身份认证登录", "What its button on the login page says.")
    oidc_name_en: str = _setting("Log in by single sign-on", "The same in English.")
    oidc_ca: Path | None = _setting(None, "CA certificate in PEM that the provider's own certificate is made by.")
    activation_days: int = _setting(14, "Days an activation code (激活码) may be used.", least=1, most=90)
    door_code_minutes: int = _setting(10, "Minutes a code issued at the door (现场码) may be used.", least=1, most=60)
    password_least: int = _setting(8, "Least length of a password.", least=8, most=64)
    audit_days: int = _setting(
        400, "Days after which lines of the audit log are cut; at least six months.", least=184, most=36_500
    )
    syslog: str = _setting(
        "", "Where the audit log is sent, too: `udp://host:514` or `tcp://host:601` (RFC 5424); empty: nowhere."
    )
    login_failures: int = _setting(5, "Failed logins in a row that lock an account and address.", least=1, most=100)
    lockout_seconds: int = _setting(300, "Seconds such a lock lasts.", least=1, most=86_400)
    ticket_seconds: int = _setting(60, "Seconds a ticket for media or the socket may be used.", least=1, most=60)
    grant_minutes: int = _setting(
        10,
        "Minutes the address of a recording or a live playlist may be used; pages renew it in time.",
        least=1,
        most=10_080,
    )

    preflight_hours: int = _setting(24, "Hours a venue's preflight (设备自检) is good for.", least=1, most=720)
    preflight_uplink_good_kbps: int = _setting(
        2500, "Preflight: uplink in kbit/s from which on it is good.", least=1, most=1_000_000
    )
    preflight_uplink_least_kbps: int = _setting(
        1000, "Preflight: uplink in kbit/s below which it fails; between the two it warns.", least=1, most=1_000_000
    )
    preflight_kit_least_kbps: int = _setting(
        300, "Preflight: what a room kit sends, in kbit/s, below which it warns.", least=1, most=1_000_000
    )
    preflight_loss_good_permille: int = _setting(
        20, "Preflight: lost packets of a thousand up to which a line is good.", least=0, most=1000
    )
    preflight_loss_most_permille: int = _setting(
        100, "Preflight: lost packets of a thousand beyond which it fails.", least=0, most=1000
    )
    preflight_clock_good_ms: int = _setting(
        2000, "Preflight: milliseconds a venue's clock may differ.", least=100, most=86_400_000
    )
    preflight_clock_most_ms: int = _setting(
        300_000, "Preflight: milliseconds of difference beyond which it fails.", least=100, most=86_400_000
    )
    preflight_lines: int = _setting(720, "Preflight: lines below which a camera warns.", least=1, most=4320)
    preflight_frames: int = _setting(12, "Preflight: pictures a second below which a camera warns.", least=1, most=120)
    preflight_level_good_db: int = _setting(
        -45, "Preflight: level in dBFS from which on a microphone is good.", least=-127, most=0
    )
    preflight_level_least_db: int = _setting(
        -70, "Preflight: level in dBFS below which it counts as silent.", least=-127, most=0
    )
    preflight_clipped_permille: int = _setting(
        10, "Preflight: clipped samples of a thousand beyond which a microphone warns.", least=0, most=1000
    )
    preflight_tone_db: int = _setting(
        10, "Preflight: decibels by which the test tone must stand out in the microphone.", least=1, most=100
    )
    digest: Digest = _setting("sha256", "Digest beside each file of a new recording: `sha256`, or `sm3` (GB/T 32905).")
    s3_endpoint: str = _setting(
        "", "S3-compatible store for classes of recordings, e.g. `https://s3.example.org`; empty: none."
    )
    s3_bucket: str = _setting("", "Its bucket; it must be there.")
    s3_region: str = _setting("us-east-1", "Its region, as requests are signed for.")
    s3_prefix: str = _setting("recordings", "What the names of our objects begin with.")
    s3_access_key: str = _setting("", "Access key of the store.", secret=True)
    s3_secret_key: str = _setting("", "Secret key of the store.", secret=True)
    s3_path_style: bool = _setting(
        True, "The bucket in the path (MinIO, Ceph, SeaweedFS) and not in the host name (Aliyun OSS): `on` or `off`."
    )
    clip_minutes: int = _setting(60, "Longest clip (短片) in minutes.", least=1, most=180)
    clip_pixels: int = _setting(
        9_437_184, "Largest picture of an uploaded clip in pixels (4096 × 2304).", least=76_800, most=35_389_440
    )
    clip_lines: int = _setting(720, "Most lines of a converted clip.", least=180, most=1080)
    clip_kbps: int = _setting(1600, "Bit rate of a converted clip in kbit/s.", least=100, most=20_000)

    body_bytes: int = _setting(65_536, "Largest JSON body in bytes.", least=1024, most=1_048_576)
    sdp_bytes: int = _setting(131_072, "Largest session description in bytes.", least=4096, most=131_072)
    account_requests_per_minute: int = _setting(600, "Requests a minute for one account.", least=1, most=1_000_000)
    address_requests_per_minute: int = _setting(
        60_000, "Requests a minute from one address: a hall of phones shares one.", least=1, most=10_000_000
    )
    address_logins_per_minute: int = _setting(240, "Login attempts a minute from one address.", least=1, most=100_000)
    account_uploads_per_minute: int = _setting(
        6, "Files a minute that one account may send, once it has sent twenty.", least=1, most=1_000_000
    )
    event_wait_seconds: int = _setting(25, "Longest wait for new events by plain HTTPS.", least=1, most=25)
    waiting_requests: int = _setting(4000, "Most requests waiting for events at once.", least=1, most=100_000)
    account_waiting_requests: int = _setting(20, "Most such requests of one account.", least=1, most=100_000)

    socket_message_bytes: int = _setting(65_536, "Largest Socket.IO message in bytes.", least=1024, most=65_536)
    socket_messages_per_second: int = _setting(20, "Socket.IO messages a second from one client.", least=1, most=1000)
    socket_burst: int = _setting(80, "Socket.IO messages one client may send at once.", least=1, most=10_000)
    socket_queue_bytes: int = _setting(
        262_144, "Bytes that may wait for one slow Socket.IO client before it is cut off.", least=4096, most=16_777_216
    )
    sockets: int = _setting(20_000, "Most Socket.IO clients at once.", least=1, most=200_000)
    account_sockets: int = _setting(20, "Most Socket.IO clients of one account.", least=1, most=200_000)
    address_sockets_joining: int = _setting(
        500,
        "Most Socket.IO clients of one address that have connected and not joined a lesson yet.",
        least=1,
        most=200_000,
    )
    rights_seconds: int = _setting(
        30, "Seconds between two looks at whether who is connected still may be.", least=1, most=300
    )
    hand_silence_seconds: int = _setting(
        15, "Seconds without a packet after which a member's phone on the air has had its turn.", least=5, most=120
    )
    presence_seconds: int = _setting(
        45, "Seconds without a beat after which a client counts as away.", least=15, most=600
    )

    drain_seconds: int = _setting(8, "Longest time for an orderly end.", least=1, most=9)
    retry_least_ms: int = _setting(
        500, "Least wait clients are told before they reconnect after a drain.", least=0, most=60_000
    )
    retry_most_ms: int = _setting(
        5000, "Longest such wait; each client gets its own between the two.", least=1, most=120_000
    )

    def __post_init__(self) -> None:
        for check in _CHECKS:
            check(self)

    @property
    def folder(self) -> Path:
        """The data folder as an absolute path."""
        return self.data.expanduser().resolve()

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite+aiosqlite:///{self.folder / 'dangxiao.sqlite3'}"

    @property
    def media_ports(self) -> tuple[int, ...]:
        """One for each media process; 0 takes a free one."""
        return tuple(self.media_port and self.media_port + number for number in range(self.media_workers))

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def handed_port(self) -> int | None:
        """The one port that people come to, when it is for media, too: the public address's."""
        if not self.single_port:
            return None
        parts = urlsplit(self.public_url)
        return parts.port or (_DEFAULT_PORTS[parts.scheme] if parts.scheme else self.port)

    @property
    def clip_limits(self) -> dict[str, int]:
        """By the names of the converter's ``ClipLimits``, which only a confined process knows."""
        return {
            "most_s": 60 * self.clip_minutes,
            "most_pixels": self.clip_pixels,
            "most_lines": self.clip_lines,
            "bitrate_bps": 1000 * self.clip_kbps,
        }

    @property
    def object_store(self) -> bool:
        """Whether recordings of a class may lie in an object store."""
        return bool(self.s3_endpoint)

    @property
    def ice(self) -> tuple[IceServer, ...]:
        return tuple(_ice_server(text) for text in self.ice_servers)

    @property
    def proxies(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        return _networks(self.trusted_proxies)


@functools.lru_cache(maxsize=16)
def _networks(texts: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Read once: every request is asked whether it came through one of them."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


# ---- checks across and beyond types ----------------------------------------------------------------------


def refuse(field: str, value: object, reason: str) -> typing.NoReturn:
    raise BadSetting(key_of(field), str(value), reason)


def _within_bounds(settings: Settings) -> None:
    for field in dataclasses.fields(settings):
        value, least, most = getattr(settings, field.name), field.metadata["least"], field.metadata["most"]
        if least is not None and not least <= value <= most:
            refuse(field.name, value, f"must be between {least} and {most}")


def _known_choice(settings: Settings) -> None:
    for field in dataclasses.fields(settings):
        choices = _choices(HINTS[field.name])
        value = getattr(settings, field.name)
        if choices and value not in choices:
            refuse(field.name, value, f"must be one of {', '.join(choices)}")


def _addresses(settings: Settings) -> None:
    for text in (settings.host, *settings.media_addresses):
        if not _is_address(text):
            field = "host" if text == settings.host else "media_addresses"
            refuse(field, text, "is not an IP address")
    for text in settings.media_addresses:
        address = ipaddress.ip_address(text)
        if address.is_link_local or address.is_multicast or address.is_unspecified:
            refuse("media_addresses", text, "is no address that other machines can reach us at")
        if not _hears(settings.host, address):
            refuse(
                "media_addresses", text, f"is not heard by {key_of('host')}={settings.host}: `::` hears both families"
            )
    for text in settings.trusted_proxies:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            refuse("trusted_proxies", text, "is not an IP address or network")


def _hears(host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether what is sent to an address can come to who listens on ``host``; translators keep the family."""
    return host == "::" or ipaddress.ip_address(host).version == address.version


def _ice_servers(settings: Settings) -> None:
    for text in settings.ice_servers:
        if not _ICE_SERVER.fullmatch(text):
            # The value may hold a password: name its scheme only.
            reason = "is not of the form stun:host:port or turn:host:port|user|password"
            refuse("ice_servers", f"{text.split(':')[0][:10]}:…", reason)
        if text.startswith("turn") and "|" not in text:
            refuse("ice_servers", f"{text.split(':')[0]}:…", "a TURN server needs |user|password")


def _time_zone(settings: Settings) -> None:
    try:
        _ = settings.zone
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        refuse("time_zone", settings.time_zone, "is no time zone such as Asia/Shanghai")


def _turn(settings: Settings) -> None:
    for url in settings.turn_urls:
        if not re.fullmatch(r"turns?:[^\s|,?@/]+(\?transport=(udp|tcp))?", url):
            refuse(
                "turn_urls", url.partition("|")[0], "is not of the form turn:host:port or turns:host:port?transport=tcp"
            )
    if settings.turn_urls and not settings.turn_secret:
        refuse("turn_urls", ", ".join(settings.turn_urls), f"needs {key_of('turn_secret')}")


def _database_url(settings: Settings) -> None:
    if settings.database_url and not settings.database_url.startswith(
        ("sqlite+aiosqlite:///", "postgresql+asyncpg://")
    ):
        scheme = settings.database_url.split(":", maxsplit=1)[0]
        refuse("database_url", f"{scheme}:…", "must begin with postgresql+asyncpg:// or sqlite+aiosqlite:///")


def _redis_url(settings: Settings) -> None:
    if settings.redis_url and not settings.redis_url.startswith(("redis://", "rediss://", "unix://")):
        scheme = settings.redis_url.split(":", maxsplit=1)[0]
        refuse("redis_url", f"{scheme}:…", "must begin with redis://, rediss:// or unix://")


def _syslog(settings: Settings) -> None:
    if settings.syslog and not re.fullmatch(r"(udp|tcp)://(\[[0-9a-fA-F:]+\]|[\w.-]+)(:\d{1,5})?", settings.syslog):
        refuse("syslog", settings.syslog, "is not of the form udp://host:514 or tcp://host:601")


def _oidc(settings: Settings) -> None:
    if not settings.oidc_issuer:
        return
    if not is_trusted_url(settings.oidc_issuer) or re.search(r"[?#]", settings.oidc_issuer):
        refuse("oidc_issuer", settings.oidc_issuer, "must look like https://id.example.org")
    if not settings.oidc_client_id:
        refuse("oidc_client_id", "", f"is needed with {key_of('oidc_issuer')}")
    if "openid" not in settings.oidc_scopes.split():
        refuse("oidc_scopes", settings.oidc_scopes, "must contain openid")
    if settings.oidc_ca is not None and not settings.oidc_ca.is_file():
        refuse("oidc_ca", settings.oidc_ca, "must name a readable file")


def _notice_times(settings: Settings) -> None:
    if not re.fullmatch(_TIME, settings.notice_day_before):
        refuse("notice_day_before", settings.notice_day_before, "is no time such as 18:00")
    if not re.fullmatch(f"{_TIME}-{_TIME}", settings.notice_quiet):
        refuse("notice_quiet", settings.notice_quiet, "is no span such as 22:00-07:00")


def _channels(settings: Settings) -> None:
    if settings.wecom_corp_id and not (settings.wecom_secret and settings.wecom_agent_id):
        refuse(
            "wecom_corp_id", settings.wecom_corp_id, f"needs {key_of('wecom_agent_id')} and {key_of('wecom_secret')}"
        )
    for field in ("wecom_url", "sms_url"):
        parts = urlsplit(getattr(settings, field))
        if getattr(settings, field) and (parts.scheme not in {"https", "http"} or not parts.hostname):
            refuse(field, f"{parts.scheme}:…", "must look like https://gateway.example.org/send")
    if settings.sms_header and not re.fullmatch(r"[A-Za-z0-9-]+:[^\r\n]+", settings.sms_header):
        refuse("sms_header", "…", "must look like Name: value")
    if "{phone}" not in settings.sms_body or "{text}" not in settings.sms_body:
        refuse("sms_body", "…", "must hold {phone} and {text}")
    if settings.sms_body.lstrip().startswith("{"):
        try:
            json.loads(settings.sms_body)
        except ValueError:
            refuse("sms_body", "…", "begins as JSON and is none")


def _object_store(settings: Settings) -> None:
    if not settings.s3_endpoint:
        return
    parts = urlsplit(settings.s3_endpoint)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.path not in {"", "/"} or parts.username:
        refuse("s3_endpoint", f"{parts.scheme}:…", "must look like https://s3.example.org")
    for field, form in (
        ("s3_bucket", r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
        ("s3_region", r"[A-Za-z0-9-]{1,60}"),
        ("s3_prefix", r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}(/[A-Za-z0-9][A-Za-z0-9_-]{0,60}){0,5}"),
    ):
        if not re.fullmatch(form, getattr(settings, field)):
            refuse(field, getattr(settings, field), f"is not of a form that {key_of('s3_endpoint')} can take")
    for field in ("s3_access_key", "s3_secret_key"):
        if not getattr(settings, field):
            refuse(field, "", f"is needed with {key_of('s3_endpoint')}")


def _public_url(settings: Settings) -> None:
    if not settings.public_url:
        return
    parts = urlsplit(settings.public_url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        refuse("public_url", settings.public_url, "must look like https://class.example.org, without a path")


def _tls_files(settings: Settings) -> None:
    if settings.tls == "off" and not settings.trusted_proxies:
        refuse("tls", "off", f"needs {key_of('trusted_proxies')}: plain HTTP is served to a trusted proxy only")
    if settings.tls == "off" and not settings.public_url:
        refuse("tls", "off", f"needs {key_of('public_url')}: the address that people type")
    if settings.tls != "files":
        return
    for field in ("tls_cert", "tls_key"):
        path = getattr(settings, field)
        if path is None or not path.is_file():
            refuse(field, path or "", f"must name a readable file when {key_of('tls')}=files")


def _distinct_ports(settings: Settings) -> None:
    if settings.plain_port and settings.plain_port == settings.port:
        refuse("plain_port", settings.plain_port, f"is the same as {key_of('port')}")
    if settings.media_ports[-1] > _LAST_PORT:
        refuse("media_workers", settings.media_workers, f"needs more ports than there are above {key_of('media_port')}")
    for field in ("port", "plain_port"):
        number = getattr(settings, field)
        if settings.media_tcp and number and number in settings.media_ports:
            reason = f"is a media port, too ({key_of('media_port')} and on), and {key_of('media_tcp')} is on"
            refuse(field, number, reason)


_ORDERED = (
    ("preflight_uplink_least_kbps", "preflight_uplink_good_kbps"),
    ("preflight_loss_good_permille", "preflight_loss_most_permille"),
    ("preflight_clock_good_ms", "preflight_clock_most_ms"),
    ("preflight_level_least_db", "preflight_level_good_db"),
)


def _preflight_order(settings: Settings) -> None:
    for less, more in _ORDERED:
        if getattr(settings, less) > getattr(settings, more):
            refuse(less, getattr(settings, less), f"is more than {key_of(more)}")


def _retry_order(settings: Settings) -> None:
    if settings.retry_most_ms < settings.retry_least_ms:
        refuse("retry_most_ms", settings.retry_most_ms, f"is less than {key_of('retry_least_ms')}")


_CHECKS = (
    _known_choice,
    _within_bounds,
    _addresses,
    _ice_servers,
    _turn,
    _time_zone,
    _database_url,
    _redis_url,
    _syslog,
    _oidc,
    _notice_times,
    _channels,
    _public_url,
    _object_store,
    _tls_files,
    _distinct_ports,
    _preflight_order,
    _retry_order,
)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _ice_server(text: str) -> IceServer:
    url, _, login = text.partition("|")
    username, _, credential = login.partition("|")
    return IceServer(url=url, username=username, credential=credential)


def _choices(hint: object) -> tuple[str, ...]:
    if isinstance(hint, types.UnionType):
        return ()
    return typing.get_args(hint) if typing.get_origin(hint) is Literal else ()


HINTS: dict[str, Any] = typing.get_type_hints(Settings)
"""The type of each setting."""
