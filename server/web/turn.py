"""Passwords for a TURN server that are good for some hours (draft-uberti-behave-turn-rest-00, as coturn implements it).

The server shares one secret with the TURN server and keeps nothing: the user name says until when, the password is its
MAC. What a page has been given is of no use to anybody tomorrow.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

from server.settings import IceServer, Settings

_USER_BYTES = 8


def password(secret: str, username: str) -> str:
    """base64(HMAC-SHA1(secret, username)): section 2.2."""
    return base64.b64encode(hmac.digest(secret.encode(), username.encode(), "sha1")).decode()


def credential(secret: str, account_id: str, until: dt.datetime) -> tuple[str, str]:
    """User name and password. The TURN server's log gets to know when they end, and no account by its name."""
    user = hashlib.sha256(account_id.encode()).hexdigest()[: 2 * _USER_BYTES]
    username = f"{int(until.timestamp())}:{user}"
    return username, password(secret, username)


def servers(settings: Settings, account_id: str, now: dt.datetime) -> tuple[IceServer, ...]:
    """What somebody who was let in is offered."""
    if not settings.turn_urls:
        return settings.ice
    username, word = credential(settings.turn_secret, account_id, now + dt.timedelta(hours=settings.turn_hours))
    relays = (IceServer(url=url, username=username, credential=word) for url in settings.turn_urls)
    return (*settings.ice, *relays)
