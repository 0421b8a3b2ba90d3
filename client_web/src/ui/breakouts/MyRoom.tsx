import { Button, Checkbox, Collapse, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconClock, IconExternalLink, IconEye, IconHelpHexagon, IconListCheck, IconLogin2, IconSpeakerphone, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { RoomWorkRecord } from "../../protocol/wire";
import type { RoomCardView } from "../../state/breakouts";
import { clockText, secondsLeft, type WorkshopView } from "../../state/selectors";
import { useServerNow } from "../hooks";
import { useBreakouts } from "./useBreakouts";
import { useRun, type Run } from "../run";

/** What goes on around one's room while breakouts are open. It is never folded away: who looks in is seen by those whom they see. */
export function RoomLines({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const { cards } = useBreakouts(session, view);
  const breakouts = view.breakouts;
  const recall = breakouts?.recall_at_ms ?? null;
  const now = useServerNow(session, recall !== null);
  const mine = cards.find(({ room }) => room.room_id === view.me?.room_id);
  const voice = view.people.find((person) => person.participant_id === breakouts?.voice_id && person.participant_id !== view.meId);
  const listeners = mine?.attended.filter((person) => person.listening_to.includes(mine.room.room_id) && person.participant_id !== view.meId) ?? [];
  return (
    <div className="notices">
      {recall !== null && <p className="room-line" data-urgent role="timer"><IconClock size={18} aria-hidden="true" /><span>{t("myRoom.recall", { time: clockText(secondsLeft(recall, now)) })}</span></p>}
      {voice && <p className="room-line" role="status"><IconSpeakerphone size={18} aria-hidden="true" /><span>{t("myRoom.voice", { name: voice.name })}</span></p>}
      {listeners.length > 0 && <p className="room-line" role="status"><IconEye size={18} aria-hidden="true" /><span>{t("myRoom.listening", { names: listeners.map((person) => person.name).join(", "), count: listeners.length })}</span></p>}
    </div>
  );
}

/** Whether `MyRoom` has anything to show. `mine`: the room one is in, if it is a breakout room. */
export function hasRoomPart({ me, breakouts, isHost, allowed }: WorkshopView, mine: RoomCardView | undefined): boolean {
  if (!breakouts || !me) return false;
  if (mine) return mine.work !== null || allowed.has("HandInWork") || (!isHost && (allowed.has("CallForHelp") || breakouts.may_leave));
  return !isHost && (breakouts.choose || me.home_room_id !== me.room_id);
}

/** While breakouts are open: what the room has to do, how to get help, where else one may go. */
export function MyRoom({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [run, problem] = useRun(session);
  const { cards } = useBreakouts(session, view);
  const breakouts = view.breakouts;
  if (!breakouts || !view.me) return null;
  const mine = cards.find(({ room }) => room.room_id === view.me?.room_id);
  const home = view.me.home_room_id;
  if (!hasRoomPart(view, mine)) return null;
  return (
    <div className="my-room">
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
