"""Whether a page fits: nothing sideways, nothing cut, no text missing."""

from playwright.async_api import Page

FAULTS = r"""() => {
    const found = [];
    const name = (element) => {
        const text = (element.innerText ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
        const style = String(element.className?.baseVal ?? element.className).split(" ")[0];
        return `${element.tagName.toLowerCase()}.${style} “${element.getAttribute("aria-label") ?? text}”`;
    };
    const root = document.scrollingElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide in ${root.clientWidth}`);
    const scrolls = (value) => value === "auto" || value === "scroll";
    const hides = (value) => value === "hidden" || value === "clip";
    const inScroller = (element) => {
        for (let each = element.parentElement; each; each = each.parentElement)
            if (scrolls(getComputedStyle(each).overflowX) && each.scrollWidth > each.clientWidth) return true;
        return false;
    };
    for (const element of document.body.querySelectorAll("*")) {
        const box = element.getBoundingClientRect(), style = getComputedStyle(element);
        if (box.width < 2 || box.height < 2 || style.visibility === "hidden" || style.opacity === "0") continue;
        if (element.closest("svg, script, style, [aria-hidden=true], .visually-hidden")) continue;
        if ((box.right > innerWidth + 1 || box.left < -1) && !inScroller(element))
            found.push(`${name(element)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)}`);
        if (style.display === "inline" || element.matches("video, meter, progress, input, textarea")) continue;
        const wide = element.scrollWidth - element.clientWidth, tall = element.scrollHeight - element.clientHeight;
        const shortened = style.textOverflow === "ellipsis";
        if (wide > 1 && hides(style.overflowX) && !shortened) found.push(`${name(element)} cuts ${wide} px at its side`);
        if (tall > 1 && hides(style.overflowY) && !shortened) found.push(`${name(element)} cuts ${tall} px at its foot`);
        if (wide > 1 && scrolls(style.overflowX) && !element.matches(SIDEWAYS))
            found.push(`${name(element)} scrolls ${wide} px sideways`);
    }
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.data);
    for (const element of document.querySelectorAll("*"))
        for (const attribute of ["aria-label", "aria-description", "title", "placeholder", "alt"])
            texts.push(element.getAttribute(attribute) ?? "");
    for (const text of texts.map((each) => each.trim()))
        if (/^[a-z]+\.[a-zA-Z.]+$/.test(text)) found.push(`the text ${text} is missing`);
    return [...new Set(found)];
}"""
SIDEWAYS = ".stage[data-strip] .tiles, .screen-scroll, .sheet-text, .sheet-text *, .summary-scroll"
"""What may be scrolled sideways: the strip of people on a phone, an enlarged screen, a text in a format where lines count, a table of numbers."""


async def faults(page: Page) -> list[str]:
    """What does not fit on the page as it is now, and texts that are a key: i18next shows the key where it has no text."""
    found: list[str] = await page.evaluate(FAULTS.replace("SIDEWAYS", f'"{SIDEWAYS}"'))
    return found
