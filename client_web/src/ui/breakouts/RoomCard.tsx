import { ActionIcon, Badge, Button, Group, Menu, Progress, Text, TextInput } from "@mantine/core";
import { IconDots, IconEar, IconEarOff, IconExternalLink, IconHelpHexagon, IconLogin2 } from "@tabler/icons-react";
import { useCallback, useState, useSyncExternalStore, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import { progressOf, type RoomCardView } from "../../state/breakouts";
import { clockText, secondsLeft, type WorkshopView } from "../../state/selectors";
import { useServerNow } from "../hooks";
import { PersonRow, type RowOf } from "../panels/PersonRow";
import { Look, picturesOfEach } from "./Look";
import type { Run } from "../run";

interface Props {
  session: Session;
  view: WorkshopView;
  card: RoomCardView;
  run: Run;
  rowOf: RowOf;
}

const PERSON = "application/x-atelier-person";
/** How often "visited 3 minutes ago" is looked at where no clock runs: with 200 rooms, four times a second each would be felt. */
const VISITS_EVERY_MS = 15_000;
const NOBODY: readonly string[] = [];

/** What drags somebody; the menu beside the name does the same without a mouse. */
export const draggable = (participantId: string) => ({
  draggable: true,
  onDragStart: (event: DragEvent): void => {
    event.dataTransfer.setData(PERSON, participantId);
    event.dataTransfer.effectAllowed = "move";
  },
});

/** What takes somebody who is dropped on it. */
export function useDrop(onPerson: (participantId: string) => void) {
  const [over, setOver] = useState(false);
  return {
    "data-over": over || undefined,
    onDragOver: (event: DragEvent): void => {
      if (!event.dataTransfer.types.includes(PERSON)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: (): void => setOver(false),
    onDrop: (event: DragEvent): void => {
      event.preventDefault();
      setOver(false);
      const id = event.dataTransfer.getData(PERSON);
      if (id !== "") onPerson(id);
    },
  };
}

/** One room at a glance: who is there, who has spoken how long, how far they are, whether they wait for help, when somebody last looked in. */
export function RoomCard({ session, view, card, run, rowOf }: Props) {
  const { t } = useTranslation();
  const { room, people, work, help, board, attended } = card;
  const drop = useDrop((id) => void run({ type: "MoveParticipants", participant_ids: [id], room_id: room.room_id }));
  const now = useServerNow(session, true, room.ends_at_ms === null ? VISITS_EVERY_MS : undefined);
  const [name, setName] = useState<string | null>(null);
  const here = view.me?.room_id === room.room_id;
  const listened = view.me?.listening_to ?? [];
  const listening = listened.includes(room.room_id);
  const progress = work && progressOf(work);
  const spoken = new Map(board?.spoken.map((each) => [each.participant_id, each.ms]));
  const most = Math.max(0, ...spoken.values());
  const speakers = useSpeakersIn(session, room.room_id);
  const quiet = board?.visited_at_ms == null ? null : Math.max(0, Math.floor((now - board.visited_at_ms) / 60_000));
  return (
    <section className="board-card" aria-label={room.name} data-help={help !== null || undefined} data-here={here || undefined} {...drop}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={650} truncate>{room.name} <Text span c="dimmed" size="sm">{room.capacity === null ? people.length : `${String(people.length)} / ${String(room.capacity)}`}</Text></Text>
        <Group gap={4} wrap="nowrap">
          {room.ends_at_ms !== null && <Badge variant="light">{clockText(secondsLeft(room.ends_at_ms, now))}</Badge>}
          <RoomMenu card={card} run={run} onRename={() => setName(room.name)} />
        </Group>
      </Group>
      {name !== null && (
        <form
          className="chat-write"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== "" && name.trim() !== room.name) void run({ type: "RenameRoom", room_id: room.room_id, name: name.trim() });
            setName(null);
          }}
        >
          <TextInput
            size="xs" autoFocus aria-label={t("board.name")} value={name} maxLength={100} onChange={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => { if (event.key === "Escape") setName(null); }}
          />
          <Button type="submit" size="compact-sm">{t("board.save")}</Button>
        </form>
      )}
      {help && (
        <div className="board-help">
          <IconHelpHexagon size={18} aria-hidden="true" />
          <span className="board-help-text">
            <b>{t(help.taken_by === null ? "board.helpPlace" : "board.helpTaken", { place: card.helpPlace, name: nameIn(view, help.taken_by) })}</b>
            {help.text !== "" && <> {help.text}</>}
          </span>
          <Group gap={6}>
            {help.taken_by === null && <Button size="compact-xs" onClick={() => void run({ type: "TakeHelp", room_id: room.room_id })}>{t("board.takeHelp")}</Button>}
            <Button size="compact-xs" variant="default" onClick={() => void run({ type: "EndHelp", room_id: room.room_id })}>{t("board.endHelp")}</Button>
          </Group>
        </div>
      )}
      {board?.alone_since_ms != null && people[0] && (
        <div className="board-help">
          <span className="board-help-text">{t("board.alone", { name: people.find((person) => person.role === "learner")?.name ?? people[0].name })}</span>
          {board.proposed_room_id !== null && (
            <Button
              size="compact-xs"
              onClick={() => {
                const alone = people.find((person) => person.role === "learner");
                if (alone && board.proposed_room_id !== null) void run({ type: "MoveParticipants", participant_ids: [alone.participant_id], room_id: board.proposed_room_id });
              }}
            >
              {t("people.moveTo", { room: view.rooms.find((each) => each.room.room_id === board.proposed_room_id)?.room.name ?? "" })}
            </Button>
          )}
        </div>
      )}
      {listening && <Look session={session} people={people} most={picturesOfEach(listened.length)} meId={view.meId} />}
      <ul className="list board-people">
        {people.map((person) => {
          const ms = spoken.get(person.participant_id) ?? 0;
          return (
            <li key={person.participant_id} data-speaking={speakers.includes(person.participant_id) || undefined} {...draggable(person.participant_id)}>
              <PersonRow {...rowOf(person)} note={ms > 0 ? t("attendance.spoke", { time: clockText(Math.floor(ms / 1000)) }) : null} />
              {most > 0 && <span className="talk" aria-hidden="true"><span style={{ width: `${String((100 * ms) / most)}%` }} /></span>}
            </li>
          );
        })}
        {people.length === 0 && <Text size="sm" c="dimmed">{t("rooms.empty")}</Text>}
      </ul>
      {progress && (
        <div>
          <Text size="xs" c="dimmed">{t("board.progress", progress)}</Text>
          <Progress value={(progress.done / progress.of) * 100} size="sm" aria-label={t("board.progress", progress)} />
        </div>
      )}
      {card.works.map((each) => (
        <Text key={each.work_id} size="sm" truncate>
          {each.url ? <a className="outside" href={each.url} target="_blank" rel="noopener noreferrer"><IconExternalLink size={16} aria-hidden="true" /><span className="truncate">{each.title}</span></a> : each.title}
        </Text>
      ))}
      <Group justify="space-between" wrap="nowrap" gap="xs" mt="auto">
        <Text size="xs" c="dimmed" truncate>
          {attended.length > 0 ? t("board.attended", { names: attended.map((person) => person.name).join(", ") }) : quiet === null ? t("board.neverVisited") : t("board.visited", { count: quiet })}
        </Text>
        <Group gap={4} wrap="nowrap">
          <ActionIcon
            variant={listening ? "filled" : "default"} aria-pressed={listening} disabled={here} aria-label={t("board.listen", { room: room.name })} title={t(listening ? "board.listenEnd" : "board.listen", { room: room.name })}
            onClick={() => void run({ type: "ListenIn", room_ids: listening ? listened.filter((each) => each !== room.room_id) : [...listened, room.room_id] })}
          >
            {listening ? <IconEarOff size={16} /> : <IconEar size={16} />}
          </ActionIcon>
          <Button size="compact-sm" variant={here ? "filled" : "default"} leftSection={<IconLogin2 size={16} />} disabled={here} aria-label={`${t("board.visit")} ${room.name}`} onClick={() => void run({ type: "EnterRoom", room_id: room.room_id })}>
            {t(here ? "rooms.hereNow" : "board.visit")}
          </Button>
        </Group>
      </Group>
    </section>
  );
}

/** Who speaks in this room: other rooms' speakers do not draw this card anew. */
function useSpeakersIn(session: Session, roomId: string): readonly string[] {
  const speakers = useCallback(() => session.speakingIn.get()[roomId] ?? NOBODY, [session, roomId]);
  return useSyncExternalStore(session.speakingIn.subscribe, speakers);
}

const nameIn = (view: WorkshopView, id: string | null): string => view.people.find((person) => person.participant_id === id)?.name ?? "";

function RoomMenu({ card, run, onRename }: { card: RoomCardView; run: Props["run"]; onRename: () => void }) {
  const { t } = useTranslation();
  const { room } = card;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("board.actions", { room: room.name })}><IconDots size={18} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onRename}>{t("board.rename", { room: room.name })}</Menu.Item>
        {([1, 5] as const).map((minutes) => (
          <Menu.Item key={minutes} disabled={room.ends_at_ms === null} onClick={() => void run({ type: "ExtendTimer", by_ms: minutes * 60_000, room_id: room.room_id })}>
            {t("breakouts.extend", { minutes })}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => void run({ type: "ChangeTimer", remaining_ms: room.ends_at_ms === null ? 5 * 60_000 : null, room_id: room.room_id })}>
          {t(room.ends_at_ms === null ? "board.ownTime" : "board.noOwnTime")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item className="danger" onClick={() => void run({ type: "CloseRoom", room_id: room.room_id })}>{t("board.close_room", { room: room.name })}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
