import { useEffect } from "react";
import type { Session } from "../core/session";
import type { WorkshopView } from "../state/selectors";
import { useWatched } from "./hooks";
import type { PanelName } from "./panels/registry";

/** Single keys, except while somebody types or holds a modifier. */
export function useShortcuts(session: Session, view: WorkshopView, onPanel: (name: PanelName) => void, onHelp: () => void): void {
  const handUp = view.me?.hand_raised_seq != null;
  const elsewhere = useWatched(session.rtc.state) === "taken_over";
  const sends = view.allowed.has("SetMedia") && !elsewhere;
  const raises = view.allowed.has("RaiseHand");
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement | null;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || target?.closest("input, textarea, select, [contenteditable], [role=dialog]")) return;
      const { mic, camera } = session.sending.get();
      switch (event.key.toLowerCase()) {
        case "m": if (sends) void session.set({ mic: !mic }); break;
        case "v": if (sends) void session.set({ camera: !camera }); break;
        case "h": if (raises) void session.command({ type: handUp ? "LowerHand" : "RaiseHand" }); break;
        case "c": onPanel("chat"); break;
        case "p": onPanel("people"); break;
        case "?": onHelp(); break;
        default: return;
      }
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [session, handUp, sends, raises, onPanel, onHelp]);
}
