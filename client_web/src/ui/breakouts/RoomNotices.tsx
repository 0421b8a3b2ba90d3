import { Anchor, Button, Modal, Stack, Text } from "@mantine/core";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Records } from "../../core/records";
import type { Session } from "../../core/session";
import type { WorkRecord } from "../../protocol/wire";
import { toDo } from "../../state/review";
import type { WorkshopView } from "../../state/selectors";
import { useSelected, useServerNow } from "../hooks";
import { Notice } from "../Notices";
import type { PanelName } from "../panels/registry";
import { useBreakouts } from "./useBreakouts";

interface Props {
  session: Session;
  view: WorkshopView;
  panel: PanelName | null;
  /** Whether the board of all rooms is shown, which has the calls for help. */
  board: boolean;
  onPanel: (name: PanelName) => void;
}

/** How long an announcement stays in front. */
const ANNOUNCED_MS = 120_000;

/** What must not be missed: announcements, calls for help, what the rooms have brought back, what is to be written or reviewed. */
export function RoomNotices({ session, view, panel, board, onPanel }: Props) {
  const { t } = useTranslation();
  const { calls, works } = useBreakouts(session, view);
  const tasks = useSelected(session, useCallback((records: Records) => toDo(records, view.meId), [view.meId]));
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [reading, setReading] = useState(false);
  const announced = view.messages.findLast((message) => message.announcement && message.author_id !== view.meId) ?? null;
  const now = useServerNow(session, announced !== null && !seen.has(announced.message_id));
  const hide = (key: string): void => setSeen(new Set([...seen, key]));
  const call = view.isHost && !board && panel !== "rooms" ? calls.find((each) => each.taken_by === null) : undefined;
  const room = view.rooms.find((each) => each.room.room_id === call?.room_id)?.room;
  const latest = works.at(-1);
  return (
    <div className="notices">
      {announced !== null && now - announced.at_ms < ANNOUNCED_MS && !seen.has(announced.message_id) && (
        <Notice color="sea" onClose={() => hide(announced.message_id)}><b>{view.names.get(announced.author_id) ?? ""}</b> {announced.text}</Notice>
      )}
      {call && room && (
        <Notice color="red" action={<Button size="compact-sm" onClick={() => void session.command({ type: "EnterRoom", room_id: call.room_id })}>{t("roomNotice.go")}</Button>}>
          {t("roomNotice.calls", { room: room.name })} {call.text}
        </Notice>
      )}
      {view.breakouts === null && latest && !seen.has(latest.work_id) && (
        <Notice color="sea" onClose={() => hide(latest.work_id)} action={<Button size="compact-sm" variant="default" onClick={() => setReading(true)}>{t("roomNotice.show")}</Button>}>
          {t("roomNotice.brought", { count: works.length })}
        </Notice>
      )}
      {tasks.map(({ key, kind, title, count }) => panel !== "review" && !seen.has(key) && (
        <Notice key={key} color="sea" onClose={() => hide(key)} action={<Button size="compact-sm" onClick={() => onPanel("review")}>{t("review.open")}</Button>}>
          {t(`review.todo.${kind}`, { title, count })}
        </Notice>
      ))}
      <Modal opened={reading} onClose={() => setReading(false)} title={t("roomNotice.works")} size="lg" closeButtonProps={{ "aria-label": t("notice.dismiss") }}>
        <Stack gap="md">{works.map((work) => <Work key={work.work_id} work={work} view={view} />)}</Stack>
      </Modal>
    </div>
  );
}

function Work({ work, view }: { work: WorkRecord; view: WorkshopView }) {
  return (
    <article aria-label={work.title}>
      <Text fw={600} className="poll-question">{work.title}</Text>
      <Text size="sm" c="dimmed">{[work.room_name, view.names.get(work.author_id)].filter(Boolean).join(" · ")}</Text>
      {work.text !== "" && <Text size="sm" className="answer-text">{work.text}</Text>}
      {work.url !== "" && <Anchor size="sm" href={work.url} target="_blank" rel="noopener noreferrer">{work.url}</Anchor>}
    </article>
  );
}
