import { Button, Checkbox, Collapse, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconExternalLink, IconHelpHexagon, IconListCheck, IconLogin2, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { RoomWorkRecord } from "../../protocol/wire";
import { clockText, secondsLeft, type WorkshopView } from "../../state/selectors";
import { useServerNow } from "../hooks";
import { useBreakouts } from "./useBreakouts";
import { useRun, type Run } from "../run";

/** Above the stage while breakouts are open: what the room has to do, how to get help, where else one may go. */
export function MyRoom({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [run, problem] = useRun(session);
  const { cards } = useBreakouts(session, view);
  const breakouts = view.breakouts;
  const recall = breakouts?.recall_at_ms ?? null;
  const now = useServerNow(session, recall !== null);
  if (!breakouts || !view.me) return null;
  const mine = cards.find(({ room }) => room.room_id === view.me?.room_id);
  const home = view.me.home_room_id;
  const voice = view.people.find((person) => person.participant_id === breakouts.voice_id);
  const listeners = mine ? mine.attended.filter((person) => person.listening_to === mine.room.room_id) : [];
  return (
    <div className="my-room">
      {recall !== null && <p className="my-room-line urgent" role="timer">{t("myRoom.recall", { time: clockText(secondsLeft(recall, now)) })}</p>}
      {voice && voice.participant_id !== view.meId && <p className="my-room-line">{t("myRoom.voice", { name: voice.name })}</p>}
      {listeners.length > 0 && <p className="my-room-line">{t("myRoom.listening", { names: listeners.map((person) => person.name).join(", ") })}</p>}
      {problem !== null && <p className="my-room-line urgent" role="alert">{problem}</p>}
      {mine ? (
        <>
          {mine.work && <Task work={mine.work} run={run} may={view.allowed.has("MarkStep")} />}
          <Group gap="xs">
            {view.allowed.has("CallForHelp") && !view.isHost && (
              mine.help === null ? (
                <Button size="compact-sm" variant="default" leftSection={<IconHelpHexagon size={18} />} onClick={() => void run({ type: "CallForHelp" })}>{t("myRoom.help")}</Button>
              ) : (
                <>
                  <Text size="sm" role="status">
                    {mine.help.taken_by === null ? t("myRoom.helpCalled") : t("board.helpTaken", { name: view.people.find((person) => person.participant_id === mine.help?.taken_by)?.name ?? "" })}
                  </Text>
                  <Button size="compact-sm" variant="default" onClick={() => void run({ type: "EndHelp", room_id: mine.room.room_id })}>{t("myRoom.helpOff")}</Button>
                </>
              )
            )}
            {view.allowed.has("HandInWork") && <HandIn run={run} />}
            {!view.isHost && breakouts.may_leave && (
              <Button size="compact-sm" variant="subtle" onClick={() => void run({ type: "EnterRoom", room_id: "plenary" })}>{t("myRoom.toPlenary")}</Button>
            )}
          </Group>
        </>
      ) : (
        !view.isHost && (
          <Group gap="xs">
            {home === null && !breakouts.choose && <Text size="sm">{t("myRoom.wait")}</Text>}
            {home !== null && home !== view.me.room_id && (
              <Button size="compact-sm" leftSection={<IconLogin2 size={18} />} onClick={() => void run({ type: "EnterRoom", room_id: home })}>{t("myRoom.back")}</Button>
            )}
            {breakouts.choose && (
              <>
                <Text size="sm" fw={600}>{t("myRoom.choose")}</Text>
                {cards.map(({ room, people }) => {
                  const full = room.capacity !== null && people.filter((person) => person.role === "learner").length >= room.capacity;
                  return (
                    <Button key={room.room_id} size="compact-sm" variant="default" disabled={full} onClick={() => void run({ type: "EnterRoom", room_id: room.room_id })}>
                      {room.name} ({people.length}{room.capacity === null ? "" : ` / ${String(room.capacity)}`})
                    </Button>
                  );
                })}
              </>
            )}
          </Group>
        )
      )}
    </div>
  );
}

function Task({ work, run, may }: { work: RoomWorkRecord; run: Run; may: boolean }) {
  const { t } = useTranslation();
  const steps = work.task.steps?.length ? work.task.steps : [t("myRoom.done")];
  return (
    <section aria-label={t("myRoom.task")} className="task">
      <h2 className="task-title"><IconListCheck size={18} aria-hidden="true" /> {t("myRoom.task")}</h2>
      {work.task.text && <p className="task-text">{work.task.text}</p>}
      {work.task.materials?.map((material) => (
        <a key={material.url} className="outside" href={material.url} target="_blank" rel="noopener noreferrer"><IconExternalLink size={16} aria-hidden="true" /><span>{material.title}</span></a>
      ))}
      <div className="task-steps">
        {steps.map((step, index) => (
          <Checkbox
            key={`${String(index)} ${step}`} size="sm" label={step} disabled={!may} checked={work.done.includes(index)}
            onChange={(event) => void run({ type: "MarkStep", step: index, done: event.currentTarget.checked })}
          />
        ))}
      </div>
    </section>
  );
}

function HandIn({ run }: { run: Run }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [work, setWork] = useState({ title: "", text: "", url: "" });
  const change = (part: Partial<typeof work>): void => setWork((before) => ({ ...before, ...part }));
  const ready = work.title.trim() !== "" && (work.text.trim() !== "" || work.url.trim() !== "");
  return (
    <>
      <Button size="compact-sm" variant="default" leftSection={<IconUpload size={18} />} aria-expanded={open} onClick={() => setOpen((before) => !before)}>{t("myRoom.handIn")}</Button>
      <Collapse expanded={open} w="100%">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void run({ type: "HandInWork", title: work.title.trim(), text: work.text.trim(), url: work.url.trim() });
            setWork({ title: "", text: "", url: "" });
            setOpen(false);
          }}
        >
          <Stack gap="xs">
            <TextInput label={t("myRoom.workTitle")} value={work.title} maxLength={200} onChange={(event) => change({ title: event.currentTarget.value })} />
            <Textarea label={t("myRoom.workText")} autosize value={work.text} onChange={(event) => change({ text: event.currentTarget.value })} />
            <TextInput label={t("myRoom.workLink")} placeholder="https://" value={work.url} onChange={(event) => change({ url: event.currentTarget.value })} />
            <Button type="submit" size="compact-sm" w="fit-content" disabled={!ready}>{t("myRoom.handIn")}</Button>
          </Stack>
        </form>
      </Collapse>
    </>
  );
}
