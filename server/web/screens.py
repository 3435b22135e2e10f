"""What a venue's device may ask for: its screen, and nothing else. It stands in a room, logged in for who comes by."""

from __future__ import annotations

from server.domain.access import AccountKind, Principal
from server.domain.refusals import Refusal

_LESSON = "/lessons/{lesson_id}"
_PREFLIGHT = f"{_LESSON}/preflights/{{preflight_id}}"
SCREEN = frozenset(
    {
        *("GET /session", "GET /session/idle", "POST /socket-ticket", "GET /lessons", f"GET {_LESSON}"),
        *(f"GET {_LESSON}/{part}" for part in ("events", "stage", "board", "roster", "sign-in-code", "verdicts")),
        *(f"GET {_LESSON}/{part}" for part in ("quizzes", "hands", "inquiries", "chat", "slides", "materials")),
        *(f"GET {_LESSON}/{part}" for part in ("chapters", "helps", "notices", "preflights", "checks", "attendance")),
        *(f"POST {_LESSON}/{part}" for part in ("tickets", "hls", "hands", "chat", "helps", "signals", "devices")),
        *(f"POST {_LESSON}/{part}" for part in ("assisted-sign-ins", "departures", "arrivals", "venue")),
        *(f"POST {_LESSON}/{part}" for part in ("roll-call/answer", "inquiries", "preflights")),
        *(f"POST {_LESSON}/kiosk", f"POST {_LESSON}/kiosk/names", f"POST {_LESSON}/kiosk/person"),
        f"POST {_LESSON}/kiosk/sign-ins",
        *("POST /hands/{hand_id}/withdraw", "POST /inquiries/{inquiry_id}/vote"),
        "GET /quizzes/{quiz_id}/picture",
        *("GET /materials/{material_id}/file", "GET /materials/{material_id}/poster"),
        *(f"GET {_LESSON}/venue-keys", f"POST {_LESSON}/venue-keys", f"POST {_LESSON}/venue-keys/{{key_id}}/revoke"),
        *(f"POST {_LESSON}/helps/{{help_id}}/close", f"POST {_LESSON}/notices/{{notice_id}}/read"),
        *(
            f"POST {_PREFLIGHT}/{step}"
            for step in ("checks", "clock", "uplink", "line", "line/result", "source", "sign")
        ),
    }
)
"""Method and path, under ``/api/v1``. Within these the lesson and its venue decide, as for everybody."""


def check_screen(principal: Principal, method: str, path: str) -> None:
    """Raises ``forbidden``."""
    if principal.kind is AccountKind.DEVICE and f"{method} {path.removeprefix('/api/v1')}" not in SCREEN:
        raise Refusal("forbidden", "not a venue screen's")
