/**
 * Single keys, in the order in which the help lists them; each does something only where a person may do it. They are not taken while somebody
 * types or holds a modifier, and can be switched off: who speaks to the machine, or whose fingers slip, sets them off by accident (WCAG 2.1.4).
 */
import { useCallback, useEffect, useRef, useState } from "react";
import { store, stored } from "../core/storage";

export const SHORTCUTS = {
  mic: "m", camera: "v", screen: "s", hand: "h", captions: "k",
  chat: "c", people: "p", rooms: "r", polls: "o", review: "w", questions: "q", agenda: "a", attendance: "t",
  layout: "g", board: "b", help: "?",
} as const;

export type Shortcut = keyof typeof SHORTCUTS;
/** What each key does now; without an entry, nothing. */
export type Actions = Partial<Record<Shortcut, () => void>>;

const KEPT = "atelier.shortcuts";
const TYPING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox]), [role=dialog], [role=menu], [role=listbox]";

/** Returns whether they are on, and how to switch them. */
export function useShortcuts(actions: Actions): [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(() => stored(KEPT) !== "off");
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    if (!on) return undefined;
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (event.target instanceof Element && event.target.closest(TYPING)) return;
      const name = (Object.keys(SHORTCUTS) as Shortcut[]).find((each) => SHORTCUTS[each] === event.key.toLowerCase());
      const action = name === undefined ? undefined : latest.current[name];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [on]);
  const choose = useCallback((next: boolean) => {
    store(KEPT, next ? null : "off");
    setOn(next);
  }, []);
  return [on, choose];
}
