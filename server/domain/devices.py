"""What a browser calls itself, in a few words: to recognise one's own devices in a list, never as evidence."""

from __future__ import annotations

_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("wxwork/", "企业微信"),
    ("MicroMessenger/", "微信"),
    ("DingTalk/", "钉钉"),
    ("Edg", "Edge"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("HuaweiBrowser/", "Huawei"),
    ("QQBrowser/", "QQ"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)


def device_name(user_agent: str) -> str:
    """``Android · 微信``; empty when it says nothing that we know."""
    told = user_agent[:1000]
    found = (next((name for mark, name in table if mark in told), "") for table in (_MACHINES, _BROWSERS))
    return " · ".join(name for name in found if name)
