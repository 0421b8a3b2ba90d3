/**
 * The keyboard's focus is never lost. What has it goes away all the time here: a poll is closed, a person moves to another room, a panel is shut.
 *
 * When the focused element leaves the document the focus goes, in this order, to the element that stands for the same thing (`data-focus` with
 * the same value), to the nearest part of the page that is left of what surrounded it, or to where the focus was before that.
 */
import { useEffect, useLayoutEffect, useRef, type RefObject } from "react";

/** Parts of the page that a screen reader names, and from which Tab goes on into what they hold. */
const PARTS = "li, form, section, article, aside, header, nav, main, [role=dialog]";
/** What F6 goes through, in the order of the page. */
const REGIONS = "header.header, main, aside.panel, nav.controls";
const REMEMBERED = 4;

/** An element that had the focus, and the parts around it, the nearest first. */
interface Place {
  element: Element;
  key: string | null;
  parts: Element[];
}

const placeOf = (element: Element): Place => {
  const parts: Element[] = [];
  for (let part = element.parentElement?.closest(PARTS); part; part = part.parentElement?.closest(PARTS)) parts.push(part);
  return { element, key: element.getAttribute("data-focus"), parts };
};

/** Focus something that is not otherwise in the tab order. */
export function focusOn(element: Element | null | undefined): void {
  if (!(element instanceof HTMLElement)) return;
  if (!element.matches("a[href], button, input, textarea, select, [tabindex]")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

function rescue(places: readonly Place[]): void {
  for (const { element, key, parts } of places) {
    if (element.isConnected) {
      if (!element.matches(":disabled, [inert] *")) return focusOn(element);
    }
    const same = key === null ? null : document.querySelector(`[data-focus="${CSS.escape(key)}"]`);
    const part = same ?? parts.find((each) => each.isConnected && !each.matches("[aria-hidden=true], [aria-hidden=true] *"));
    if (part) return focusOn(part);
  }
}

/** Watches the whole page, once. */
export function useFocusKeeper(): void {
  useEffect(() => {
    let places: Place[] = [];
    const focused = (event: FocusEvent): void => {
      if (event.target instanceof Element && event.target !== document.body) places = [placeOf(event.target), ...places].slice(0, REMEMBERED);
    };
    const observer = new MutationObserver(() => {
      const last = places[0];
      if (document.activeElement !== document.body || !last || last.element.isConnected) return;
      // After React and whatever gives the focus back by itself (menus, dialogs) have done so.
      requestAnimationFrame(() => {
        if (document.activeElement === document.body && !last.element.isConnected) rescue(places);
      });
    });
    document.addEventListener("focusin", focused);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", focused);
      observer.disconnect();
    };
  }, []);
}

/** F6 and Shift+F6 go from one part of the page to the next. */
export function useRegions(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key !== "F6" || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("[role=dialog][aria-modal=true]")) return;
      const regions = [...document.querySelectorAll(REGIONS)];
      const at = regions.findIndex((region) => region.contains(document.activeElement));
      focusOn(regions[event.shiftKey ? (at <= 0 ? regions.length : at) - 1 : (at + 1) % regions.length]);
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}

let firstPage = true;

/** The heading of a page that replaces another takes the focus, so that a screen reader begins there. On the first page the browser begins. */
export function usePageFocus<T extends HTMLElement>(): RefObject<T | null> {
  const heading = useRef<T>(null);
  useLayoutEffect(() => {
    if (!firstPage) focusOn(heading.current);
    firstPage = false;
  }, []);
  return heading;
}
