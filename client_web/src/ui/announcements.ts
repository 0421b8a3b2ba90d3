import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../core/session";
import { endsAt as roomsEndAt } from "../state/breakouts";
import type { WorkshopView } from "../state/selectors";
import { durationText } from "./agenda/times";

/** How long before the rooms close it is said, and before a poll does. */
const ROOMS_MS = [60_000, 10_000] as const;
const POLL_MS = [10_000] as const;
/** What a browser can wait for. */
const LONGEST_MS = 2 ** 31 - 1;

/** What a screen reader is told, politely: moves, timers, hands, polls. One sentence at a time. */
export function useAnnouncements(session: Session, view: WorkshopView): string {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const before = useRef<WorkshopView | null>(null);
  const asked = view.polls.find(({ poll, ballot }) => poll.status === "open" && poll.closes_at_ms !== null && ballot === null && view.allowed.has("CastBallot"));
  useBefore(session, roomsEndAt(view), ROOMS_MS, (ms) => setText(t("announce.timeLeft", { time: durationText(t, ms) })));
  useBefore(session, asked?.poll.closes_at_ms ?? null, POLL_MS, () => setText(t("announce.pollTime")));
  useEffect(() => {
    const last = before.current;
    before.current = view;
    if (!last?.here || !view.here) return;
    if (last.here.room.room_id !== view.here.room.room_id) {
      setText(t("announce.moved", { room: view.here.room.name }));
      return;
    }
    const step = view.agenda?.steps.find((each) => each.step_id === view.agenda?.current_id);
    if (step && view.agenda?.status === "running" && (last.agenda?.current_id !== step.step_id || last.agenda.status !== "running")) {
      setText(t("announce.step", { title: step.title }));
      return;
    }
    const recall = view.breakouts?.recall_at_ms ?? null;
    if (recall !== null && (last.breakouts?.recall_at_ms ?? null) === null) {
      setText(t("announce.recall", { time: durationText(t, Math.max(0, recall - session.connection.clock.now())) }));
      return;
    }
    if (view.breakouts !== null && last.breakouts === null) {
      setText(t("announce.roomsOpen"));
      return;
    }
    const opened = view.polls.find(({ poll }) => poll.status === "open" && !last.polls.some((each) => each.poll.poll_id === poll.poll_id && each.poll.status === "open"));
    if (opened) {
      setText(t("announce.poll", { question: opened.poll.question }));
      return;
    }
    const closed = view.polls.find(({ poll }) => poll.status === "closed" && last.polls.some((each) => each.poll.poll_id === poll.poll_id && each.poll.status === "open"));
    const raised = view.hands.find((person) => !last.hands.some((each) => each.participant_id === person.participant_id));
    const waits = view.waiting.find((person) => !last.waiting.some((each) => each.participant_id === person.participant_id));
    if (closed) setText(t("announce.pollClosed", { question: closed.poll.question }));
    else if (waits) setText(t("announce.waiting", { name: waits.name }));
    else if (raised && raised.participant_id !== view.meId) setText(t("announce.hand", { name: raised.name }));
  }, [session, view, t]);
  return text;
}

/** Calls `tell` so many milliseconds before a moment of the server's clock; a moment that is put off is counted anew. */
function useBefore(session: Session, momentMs: number | null, beforeMs: readonly number[], tell: (ms: number) => void): void {
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  useEffect(() => {
    if (momentMs === null) return undefined;
    const left = momentMs - session.connection.clock.now();
    const timers = beforeMs.filter((ms) => left > ms && left - ms < LONGEST_MS).map((ms) => setTimeout(() => latest.current(ms), left - ms));
    return () => timers.forEach(clearTimeout);
  }, [session, momentMs, beforeMs]);
}
