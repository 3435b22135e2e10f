"""docs/operations.md names every figure that can be watched: held against the code."""

import ast
from pathlib import Path

from rooms import gauges, tcp
from rooms.guard import Kind
from server.services.media import MediaStats
from server.web import health
from server.web.meters import Meters

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("## Figures")[1].split("\n## ")[0]
OWN_FIGURES = {"packets_sent", "bytes_sent"}
"""Counted by the relay as well, but told under names of their own."""


def texts(node):
    """Every string that this expression can be; of one that is put together, none."""
    if isinstance(node, ast.JoinedStr):
        return set()
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def named_in(folder, wanted):
    """Strings at the places of the code that ``wanted`` picks."""
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (place := wanted(node)) is not None:
                found |= texts(place)
    return found


def counted(node):
    """``counters["x"]``, ``count("x")``."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).split(".")[-1] in {"counters", "total"}:
        return node.slice
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("_room.count", "._count")):
        return node.args[0]
    return None


def dropped(node):
    is_drop = isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"drop", "_refused"}
    return node.args[0] if is_drop and node.args else None


def cut_off(node):
    name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return node.args[-1] if name.split(".")[-1] in {"_cut", "cut", "on_cut"} and node.args else None


def missing(names):
    return sorted(name for name in names if f"`{name}`" not in DOCUMENT)


def test_every_figure_of_a_control_process_is_named():
    families = {family.name: family.type for family in Meters().registry.collect()}
    ours = {name + "_total" * (kind == "counter") for name, kind in families.items() if name.startswith("dangxiao")}
    assert len(ours) > 6
    assert missing(ours) == []


def test_every_reason_for_cutting_somebody_off_is_named():
    reasons = named_in("server/live", cut_off)
    assert "too_slow" in reasons
    assert missing(reasons) == []


def test_every_figure_of_a_media_process_is_named():
    stats = MediaStats(
        **dict.fromkeys(MediaStats.__dataclass_fields__, 0)
        | {"backend": "native", "datagrams_dropped": {}, "counters": {}, "gauges": gauges.of([])}
    )
    metrics = list(health._MediaFigures((stats,), 1).collect())
    names = {metric.name + {"counter": "_total", "info": "_info"}.get(metric.type, "") for metric in metrics}
    names = {name.removeprefix("dangxiao_media_") for name in names}
    assert {"up", "relay_info", "sessions", "loss_p95"} <= names
    assert missing(names) == []


def test_everything_the_relay_counts_is_named():
    kinds = named_in("rooms", counted) - OWN_FIGURES | set(tcp.COUNTERS)
    assert {"nack_sent", "send_failed", "tcp_connections"} <= kinds
    assert missing(kinds) == []


def test_every_reason_of_the_guard_is_named():
    reasons = named_in("rooms", dropped) | {f"bad_{kind.value}" for kind in Kind}
    assert {"bad_integrity", "bad_rtp", "over_rate"} <= reasons
    assert missing(reasons) == []
