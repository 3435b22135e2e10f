"""SRTP keys in, sealed and opened packets out. The only file that knows pylibsrtp."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pylibsrtp import Error, Policy, Session

REPLAY_WINDOW = 1024
# libsrtp keeps a state for each SSRC that it has ever opened: a peer that changes its SSRC with every packet would
# otherwise fill the memory.
MAX_SSRCS = 128
RTP_SSRC_AT, RTCP_SSRC_AT = 8, 4
SrtpError = (Error, ValueError, TypeError)


@dataclass(frozen=True, slots=True)
class Profile:
    """A protection profile as OpenSSL and libsrtp name it, with the lengths of RFC 5764, 4.1.2 and RFC 7714."""

    openssl_name: bytes
    libsrtp_profile: int
    key_bytes: int
    salt_bytes: int


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


class Srtp:
    """Both directions of one peer connection, seen from the DTLS server (or, in test clients, the client).

    ``protect`` may seal a packet a second time (a retransmission without RTX); the bytes are the same.
    Every method raises one of ``SrtpError``.
    """

    def __init__(self, keys: Keys, *, server: bool = True) -> None:
        ours, theirs = (keys.server, keys.client) if server else (keys.client, keys.server)
        outbound = _policy(keys.profile, ours, Policy.SSRC_ANY_OUTBOUND)
        outbound.allow_repeat_tx = True
        sending = Session(outbound)
        receiving = Session(_policy(keys.profile, theirs, Policy.SSRC_ANY_INBOUND))
        self.protect: Callable[[bytes], bytes] = sending.protect
        self.protect_rtcp: Callable[[bytes], bytes] = sending.protect_rtcp
        known: set[bytes] = set()
        self.unprotect: Callable[[bytes], bytes] = _of_few(receiving.unprotect, RTP_SSRC_AT, known)
        self.unprotect_rtcp: Callable[[bytes], bytes] = _of_few(receiving.unprotect_rtcp, RTCP_SSRC_AT, known)


def _of_few(unprotect: Callable[[bytes], bytes], at: int, known: set[bytes]) -> Callable[[bytes], bytes]:
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


def _policy(profile: Profile, key: bytes, direction: int) -> Policy:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=profile.libsrtp_profile)
    policy.window_size = REPLAY_WINDOW
    return policy
