"""SRTP: keys in, sealed and opened packets out. The only file that knows pylibsrtp."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pylibsrtp import Error, Policy, Session

REPLAY_WINDOW = 1024
# libsrtp keeps a state for each SSRC that it has ever opened: a peer that changes its SSRC with every packet would
# otherwise fill the memory.
MAX_SSRCS = 128
RTP_SSRC_AT, RTCP_SSRC_AT = 8, 4
SrtpError = (Error, ValueError, TypeError)
Seal = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Profile:
    """A protection profile as OpenSSL and libsrtp name it, with the lengths of RFC 5764, 4.1.2 and RFC 7714."""

    openssl_name: bytes
    libsrtp_profile: int
    key_bytes: int
    salt_bytes: int

    @property
    def aead(self) -> bool:
        return self.openssl_name == b"SRTP_AEAD_AES_128_GCM"


# In the server's order of preference.
PROFILES = (
    Profile(b"SRTP_AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
    Profile(b"SRTP_AES128_CM_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
)


@dataclass(frozen=True, slots=True)
class Keys:
    """Master key and salt of each direction, exported from DTLS (RFC 5764, 4.2)."""

    profile: Profile
    client: bytes
    server: bytes

    @classmethod
    def split(cls, profile: Profile, material: bytes) -> Keys:
        key, salt = profile.key_bytes, profile.salt_bytes
        salts = material[2 * key :]
        return cls(profile, material[:key] + salts[:salt], material[key : 2 * key] + salts[salt : 2 * salt])


class Ciphers(Protocol):
    """Both directions of one peer connection.

    ``protect`` may seal a packet a second time (a retransmission without RTX); the bytes are the same.
    ``unprotect`` opens packets of at most ``MAX_SSRCS`` SSRCs. All of them raise one of ``SrtpError``.
    """

    @property
    def protect(self) -> Seal: ...
    @property
    def protect_rtcp(self) -> Seal: ...
    @property
    def unprotect(self) -> Seal: ...
    @property
    def unprotect_rtcp(self) -> Seal: ...


class Srtp:
    """The reference, libsrtp; seen from the DTLS server (or, in test clients, the client)."""

    def __init__(self, keys: Keys, *, server: bool = True) -> None:
        ours, theirs = (keys.server, keys.client) if server else (keys.client, keys.server)
        sending = _sending(keys.profile, ours)
        receiving = Session(_policy(keys.profile, theirs, Policy.SSRC_ANY_INBOUND))
        self.protect: Seal = sending.protect
        self.protect_rtcp: Seal = sending.protect_rtcp
        known: set[bytes] = set()
        self.unprotect: Seal = _of_few(receiving.unprotect, RTP_SSRC_AT, known)
        self.unprotect_rtcp: Seal = _of_few(receiving.unprotect_rtcp, RTCP_SSRC_AT, known)


def _of_few(unprotect: Seal, at: int, known: set[bytes]) -> Seal:
    """Opens packets of ``MAX_SSRCS`` different SSRCs; only authentic ones count, so a stranger uses none up."""

    def opened(datagram: bytes) -> bytes:
        ssrc = datagram[at : at + 4]
        if ssrc in known:
            return unprotect(datagram)
        if len(known) >= MAX_SSRCS:
            raise ValueError("one SSRC too many")
        plain = unprotect(datagram)
        known.add(ssrc)
        return plain

    return opened


def _sending(profile: Profile, master: bytes) -> Session:
    outbound = _policy(profile, master, Policy.SSRC_ANY_OUTBOUND)
    outbound.allow_repeat_tx = True
    return Session(outbound)


def _policy(profile: Profile, key: bytes, direction: int) -> Policy:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=profile.libsrtp_profile)
    policy.window_size = REPLAY_WINDOW
    return policy
