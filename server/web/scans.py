"""Where a venue's QR code leads: the first GET redeems it, for this browser, before anybody has logged in."""

from __future__ import annotations

import datetime as dt
import functools
import secrets

import segno
from aiohttp import hdrs, web

from server.domain.refusals import Refusal
from server.domain.sign_ins import PROOF_LIFE
from server.services.sign_in_codes import redeem
from server.services.sign_ins import Browser
from server.web.call import CALL, Call

PROOF = "__Host-proof"
DEVICE = "__Host-device"
_PAGE = "/sign-in"
_DEVICE_LIFE = dt.timedelta(days=400)  # what browsers keep at most
_SECRET_BYTES = 24
_LONGEST_SECRET = 64


def routes() -> list[web.RouteDef]:
    return [web.get("/s/{token}", _scan, allow_head=False)]


async def _scan(request: web.Request) -> web.Response:
    """Leads on to the page in any case: whoever scanned is a person with a phone, and reads the problem there."""
    call = request[CALL]
    browser(call)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    token, house = request.match_info["token"], call.site.house
    try:
        await redeem(house, call.site.sign_in_codes, token, secret, call.address, now=call.now, first=True)
    except Refusal as refusal:
        call.site.meters.refusals.labels(refusal.code).inc()
        return _to(call, f"{_PAGE}?problem={refusal.code}")
    call.set_cookie(PROOF, secret, PROOF_LIFE)
    return _to(call, _PAGE)


def _to(call: Call, path: str) -> web.Response:
    response = web.Response(status=303, headers=call.headers)
    response.headers[hdrs.LOCATION] = path
    return response


def browser(call: Call) -> Browser:
    """The device, by its long-lived cookie; it gets one with the answer if it has none."""
    device = call.request.cookies.get(DEVICE, "")
    if not 0 < len(device) <= _LONGEST_SECRET:
        device = secrets.token_urlsafe(_SECRET_BYTES)
        call.set_cookie(DEVICE, device, _DEVICE_LIFE)
    others = call.site.connections.others(call.request, call.account_id or "")
    return Browser(device, call.address, others)


def proof_secret(call: Call) -> str | None:
    """Of the proof that this browser holds."""
    secret = call.request.cookies.get(PROOF, "")
    return secret if 0 < len(secret) <= _LONGEST_SECRET else None


@functools.lru_cache(maxsize=1024)
def qr(url: str) -> str:
    """As a data URI; a screen asks for each code more than once.

    The address is as good as noise, so any mask serves: looking for the best of eight would cost five times as much.
    """
    return str(segno.make(url, error="m", micro=False, mask=3).svg_data_uri(border=4))
