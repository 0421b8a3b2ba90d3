"""axe-core on a page: what would keep somebody with a disability out, found by rules of WCAG 2.2 A and AA."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

AXE = Path(__file__).parents[2] / "client_web" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GRAVE = ("serious", "critical")
AT_REST = """() => document.getAnimations().every((each) =>
  each.playState !== "running" || each.effect?.getComputedTiming().endTime === Infinity)"""
"""Nothing fades in or out: half-transparent words have too little contrast, and nobody reads them."""


async def barriers(page: Page) -> list[str]:
    """The serious and critical violations on the page as it is now, one line each: rule, how many, the first element."""
    await page.wait_for_function(AT_REST)
    # Through the devtools, because the page's Content-Security-Policy takes no script of others.
    await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate("(tags) => axe.run(document, {runOnly: tags})", TAGS)
    return [
        f"{each['id']} ×{len(each['nodes'])}: {each['nodes'][0]['html'][:160]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]
