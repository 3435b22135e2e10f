"""What a careful reviewer finds on a page: accessibility by axe-core, sideways scrolling, breaches of its policy."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from playwright.async_api import Page

from tests.browser.eyes import Face
from tests.browser.house import CLIENT

AXE = CLIENT / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


_SETTLED = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame(); await frame();
    const passing = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(passing.map((one) => one.finished));
}"""


async def axe_violations(page: Page) -> list[str]:
    """One line each: impact, rule, where, why. Serious and critical ones only. Judged when no colour changes any more:
    half-way between light and dark nothing is to be read."""
    await page.evaluate(_SETTLED)
    await page.evaluate(_axe())
    found: dict[str, Any] = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{rule['impact']} {rule['id']}: {node['target']} {node['html'][:120]} – {_reason(node)}"
        for rule in found["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def _reason(node: dict[str, Any]) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return "; ".join(check["message"] for check in checks)


async def sideways_overflow(page: Page) -> list[str]:
    """Elements that stick out at the right of a page that scrolls sideways; empty when it doesn't."""
    return await page.evaluate("""() => {
        const width = document.documentElement.clientWidth;
        if (document.scrollingElement.scrollWidth <= width) return [];
        return [...document.querySelectorAll("body *")]
            .filter((e) => e.getBoundingClientRect().right > width + 0.5)
            .slice(0, 8)
            .map((e) => `${e.tagName.toLowerCase()}.${e.className} → ${Math.round(e.getBoundingClientRect().right)}`);
    }""")


@cache
def _sections() -> str:
    """The catalogue's first level, of every part, as a pattern."""
    parts = (CLIENT / "src" / "strings").glob("**/zh.ts")
    found = {name for part in parts for name in re.findall(r"^  (\w+): [{'\"]", part.read_text(encoding="utf-8"), re.M)}
    return "|".join(sorted(found))


async def unspoken(page: Page) -> list[str]:
    """Keys that stand where their words should: a part was shown without the words that travel with it."""
    return await page.evaluate(
        r"""(sections) => {
            const file = String.raw`(?!\.(?:mp4|webm|mov|png|jpe?g|webp|pdf|xlsx?|csv|ods|pptx?|docx?|txt|zip|json)\b)`;
            const key = new RegExp(String.raw`(?<![\w./@-])(?:${sections})(?:${file}\.[a-z]\w*)+\b(?![./@-]\w)`, "g");
            const names = ["aria-label", "title", "placeholder", "alt"];
            const said = [document.title, document.body.innerText];
            for (const each of document.querySelectorAll(names.map((name) => `[${name}]`).join()))
                said.push(...names.map((name) => each.getAttribute(name) ?? ""));
            return [...new Set(said.flatMap((text) => text.match(key) ?? []))];
        }""",
        _sections(),
    )


async def misconduct(face: Face) -> list[str]:
    """What this page did since it was opened, and whether it scrolls sideways or lacks words now."""
    return [
        *[f"unspoken: {each}" for each in await unspoken(face.page)],
        *[f"sideways: {each}" for each in await sideways_overflow(face.page)],
        *[f"policy: {each}" for each in await face.breaches()],
        *face.complaints,
    ]


async def defects(face: Face) -> list[str]:
    """Everything at once, each with the face's name before it."""
    return [f"{face.name}: {each}" for each in (*await axe_violations(face.page), *await misconduct(face))]


def assert_flawless(found: list[str]) -> None:
    """One line each, whole."""
    assert not found, "\n" + "\n".join(found)
