"""Somebody who has no mouse: what is wanted is reached by Tab, F6 and the arrows, and the focus must always be somewhere that is seen."""

from typing import Any

from playwright.async_api import Page, expect

FOCUSED = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const text = (node) => (node?.textContent ?? "").trim().replace(/\\s+/g, " ");
    const by = (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => text(document.getElementById(id))).join(" ").trim();
    const label = element.labels?.[0]?.cloneNode(true);
    label?.querySelectorAll("[class*=description]").forEach((more) => more.remove());
    const name = element.getAttribute("aria-label") || by || text(label) || text(element);
    const inside = (element.closest("section[aria-label], article[aria-label], aside, [role=dialog]")?.getAttribute("aria-label")) ?? "";
    const box = element.getBoundingClientRect();
    const seen = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    return {name, inside, seen, tag: element.tagName.toLowerCase(), type: element.type ?? "", disabled: element.disabled === true};
}"""
"""What has the focus, by the name that a screen reader says; null where nothing has."""
FURTHEST = 120
"""Beyond so many presses of Tab, what is looked for cannot be said to be reached."""


class Keyboard:
    """Drives a page by keys alone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def write(self, text: str) -> None:
        await self.page.keyboard.insert_text(text)

    async def focused(self) -> dict[str, Any]:
        """What has the focus. Waits until something has, since what had it may just be replaced."""
        handle = await self.page.wait_for_function(FOCUSED, timeout=30_000)
        found: dict[str, Any] = await handle.json_value()
        return found

    async def to(self, name: str, *, inside: str | None = None, back: bool = False) -> None:
        """Press Tab (or Shift+Tab) until the focus is on what is called `name`, within the part called `inside` if one is given."""
        passed = []
        for _ in range(FURTHEST):
            await self.page.keyboard.press("Shift+Tab" if back else "Tab")
            found = await self.page.evaluate(FOCUSED)
            if found is None:  # the end of the page: the browser's own controls would come now
                passed.append("—")
                continue
            if found["name"] == name and (inside is None or found["inside"] == inside):
                assert found["seen"] or found["type"] in ("checkbox", "radio"), (
                    f"{name!r} has the focus and is not seen"
                )
                assert not found["disabled"], f"{name!r} is disabled"
                return
            passed.append(found["name"][:30])
        raise AssertionError(f"{name!r} is not reached by Tab; passed: {passed}")

    async def activate(self, name: str, *, inside: str | None = None, key: str = "Enter", back: bool = False) -> None:
        await self.to(name, inside=inside, back=back)
        await self.page.keyboard.press(key)

    async def fill(self, name: str, text: str, *, inside: str | None = None) -> None:
        """Replace what stands in a field."""
        await self.to(name, inside=inside)
        await self.press("Control+a")
        await self.write(text)

    async def choose(self, item: str) -> None:
        """In the menu or list that was just opened, go down to `item` and take it."""
        entry = self.page.locator("[role=menuitem], [role=option]").filter(has_text=item).first
        await expect(entry).to_be_visible()
        is_menu = await entry.get_attribute("role") == "menuitem"
        for _ in range(30):
            await self.page.keyboard.press("ArrowDown")
            chosen = (
                await entry.evaluate("(entry) => entry === document.activeElement")
                if is_menu
                else await entry.get_attribute("data-combobox-selected")
            )
            if chosen:
                await self.page.keyboard.press("Enter")
                return
        raise AssertionError(f"{item!r} is not reached by the arrows")
