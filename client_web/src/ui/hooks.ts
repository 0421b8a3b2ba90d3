import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { selected, type Watched } from "../core/emitter";
import type { Records } from "../core/records";
import type { Session } from "../core/session";
import { workshopView, type WorkshopView } from "../state/selectors";
import { kept, same } from "../state/sharing";
import { useRoomName } from "./roomName";

export function useWatched<T>(watched: Watched<T>): T {
  return useSyncExternalStore(watched.subscribe, watched.get);
}

/**
 * What `select` (a function that stays the same) makes of the records: the same object for as long as it says the same, and then nothing is drawn anew.
 * `keep` says what the object is after one that was before.
 */
export function useSelected<T>(session: Session, select: (records: Records) => T, keep: (before: T, after: T) => T = keptWhole): T {
  const { records } = session.connection;
  const get = useMemo(() => selected(records, select, keep), [records, select, keep]);
  return useSyncExternalStore(records.subscribe, get);
}

const keptWhole = <T>(before: T, after: T): T => (same(before, after) ? before : after);

export function useWorkshop(session: Session): WorkshopView {
  const participantId = useWatched(session.participantId);
  const roomName = useRoomName();
  const select = useCallback((records: Records) => workshopView(records, participantId, roomName), [participantId, roomName]);
  return useSelected(session, select, kept);
}

/** The server's time, looked at every so often while `active`; by default often enough for a clock of seconds. */
export function useServerNow(session: Session, active: boolean, everyMs = 250): number {
  const { clock } = session.connection;
  const [now, setNow] = useState(clock.now);
  useEffect(() => {
    const look = (): void => setNow(clock.now());
    const unsubscribe = clock.subscribe(look);
    const timer = active ? setInterval(look, everyMs) : undefined;
    return () => {
      unsubscribe();
      clearInterval(timer);
    };
  }, [clock, active, everyMs]);
  return now;
}

function watchNetwork(changed: () => void): () => void {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
}

/** Whether the device has a network at all, as far as the browser knows. */
export function useOnline(): boolean {
  return useSyncExternalStore(watchNetwork, () => navigator.onLine);
}

/** The size of an element, followed as it changes. */
export function useSize(): [(element: HTMLElement | null) => void, { width: number; height: number }] {
  const [size, setSize] = useState({ width: 0, height: 0 });
  const observer = useRef<ResizeObserver | null>(null);
  const ref = useMemo(
    () => (element: HTMLElement | null) => {
      observer.current?.disconnect();
      if (!element) return;
      observer.current = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
      observer.current.observe(element);
    },
    [],
  );
  return [ref, size];
}

export function useStreamOf(track: MediaStreamTrack | null): MediaStream | null {
  return useMemo(() => (track ? new MediaStream([track]) : null), [track]);
}

const SAVE_AFTER_MS = 1_000;

/** Saves what is typed a moment after the last key, and what is left when the field goes away. */
export function useSaved<T>(save: (value: T) => Promise<unknown>): { later: (value: T) => void; now: () => Promise<void> } {
  const latest = useRef(save);
  const waiting = useRef<{ value: T; timer: ReturnType<typeof setTimeout> } | null>(null);
  useEffect(() => {
    latest.current = save;
  });
  const now = useMemo(
    () => async (): Promise<void> => {
      const unsaved = waiting.current;
      if (unsaved === null) return;
      clearTimeout(unsaved.timer);
      waiting.current = null;
      await latest.current(unsaved.value);
    },
    [],
  );
  useEffect(() => () => void now(), [now]);
  const later = useMemo(
    () => (value: T): void => {
      if (waiting.current !== null) clearTimeout(waiting.current.timer);
      waiting.current = { value, timer: setTimeout(() => void now(), SAVE_AFTER_MS) };
    },
    [now],
  );
  return { later, now };
}

/** What `load` (a function that stays the same) brings; null until then, `failed` where it brings nothing. `again` asks anew and keeps what there is meanwhile. */
export function useFetched<T extends object>(load: () => Promise<T | null>): [T | "failed" | null, () => void] {
  const [found, setFound] = useState<T | "failed" | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let wanted = true;
    void load().then((value) => {
      if (wanted) setFound((before) => value ?? (before === null ? "failed" : before));
    });
    return () => {
      wanted = false;
    };
  }, [load, turn]);
  return [found, () => setTurn((before) => before + 1)];
}
