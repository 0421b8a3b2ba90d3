import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { WorkshopView } from "../state/selectors";

/** What a screen reader is told, politely: moves, hands, polls. One sentence at a time. */
export function useAnnouncements(view: WorkshopView): string {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const before = useRef<WorkshopView | null>(null);
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
  }, [view, t]);
  return text;
}
