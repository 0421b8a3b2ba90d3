import { ActionIcon, Alert, Button, Group, Menu, Switch, Text } from "@mantine/core";
import {
  IconArrowRight, IconCheck, IconDots, IconHandOff, IconHandStop, IconMicrophoneOff, IconUserStar, IconUserX, IconVideoOff, IconX,
} from "@tabler/icons-react";
import { memo, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { ClientCommand, ParticipantRecord } from "../../protocol/wire";
import { isHost, type WorkshopView } from "../../state/selectors";
import { RemoveDialog } from "../RemoveDialog";

type Run = (command: ClientCommand) => Promise<void>;

/** Gives commands, and keeps the sentence of the last one that was refused. */
export function useRun(session: Session): [Run, string | null] {
  const [problem, setProblem] = useState<string | null>(null);
  const run = useCallback(
    async (command: ClientCommand): Promise<void> => {
      const ack = await session.command(command);
      setProblem(ack.ok ? null : ack.message);
    },
    [session],
  );
  return [run, problem];
}

export function PeoplePanel({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [run, problem] = useRun(session);
  return (
    <div className="scroll">
      {problem !== null && <Alert color="red" mb="sm">{problem}</Alert>}
      {view.allowed.has("Admit") && view.waiting.length > 0 && <Waiting view={view} run={run} />}
      <Group justify="space-between" mb="xs">
        <Text size="sm" c="dimmed">{t("people.count", { count: view.people.length })}</Text>
        {view.allowed.has("StopMedia") && view.people.some((person) => person.mic && !isHost(person)) && (
          <Button size="compact-sm" variant="default" onClick={() => void run({ type: "StopMedia", participant_ids: null, media: ["mic"] })}>
            {t("people.muteAll")}
          </Button>
        )}
      </Group>
      <ul className="list people">
        {view.people.map((person) => (
          <li key={person.participant_id}>
            <PersonRow person={person} view={view} run={run} place />
          </li>
        ))}
      </ul>
      {view.allowed.has("SetLobby") && <Door view={view} run={run} />}
    </div>
  );
}

function Waiting({ view, run }: { view: WorkshopView; run: Run }) {
  const { t } = useTranslation();
  return (
    <section className="waiting" aria-label={t("lobby.title")}>
      <Group justify="space-between" mb={4}>
        <Text fw={600} size="sm">{t("lobby.title")}</Text>
        {view.waiting.length > 1 && <Button size="compact-sm" onClick={() => void run({ type: "Admit" })}>{t("lobby.admitAll")}</Button>}
      </Group>
      <ul className="list">
        {view.waiting.map(({ participant_id: id, name }) => (
          <li key={id} className="person">
            <span className="person-name truncate">{name}</span>
            <ActionIcon variant="default" aria-label={t("lobby.deny", { name })} onClick={() => void run({ type: "Deny", participant_ids: [id] })}><IconX size={18} /></ActionIcon>
            <ActionIcon aria-label={t("lobby.admit", { name })} onClick={() => void run({ type: "Admit", participant_ids: [id] })}><IconCheck size={18} /></ActionIcon>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Door({ view, run }: { view: WorkshopView; run: Run }) {
  const { t } = useTranslation();
  return (
    <section className="door" aria-label={t("lobby.door")}>
      <Text fw={600} size="sm">{t("lobby.door")}</Text>
      <Switch
        checked={view.workshop?.lobby ?? false} label={t("lobby.lobby")} description={t("lobby.lobbyHint")}
        onChange={(event) => void run({ type: "SetLobby", on: event.currentTarget.checked })}
      />
      <Switch
        checked={view.workshop?.locked ?? false} label={t("lobby.lock")} description={t("lobby.lockHint")}
        onChange={(event) => void run({ type: "SetLock", on: event.currentTarget.checked })}
      />
    </section>
  );
}

interface RowProps {
  person: ParticipantRecord;
  view: WorkshopView;
  run: Run;
  /** Say which room the person is in. */
  place?: boolean;
  /** What else there is to say about the person here. */
  note?: string | null;
}

/** What of a view all rows depend on, as a text; worked out once a view. */
const shared = new WeakMap<WorkshopView, string>();
function sharedOf(view: WorkshopView): string {
  const known = shared.get(view);
  if (known !== undefined) return known;
  const may = ["ChangeRole", "RemoveParticipant", "SetLobby", "SetLock"].filter((command) => view.allowed.has(command));
  const door = [view.workshop?.lobby, view.workshop?.locked];
  const found = JSON.stringify([view.meId, view.isHost, may, door, view.rooms.map(({ room }) => [room.room_id, room.name])]);
  shared.set(view, found);
  return found;
}

const placeInLine = (view: WorkshopView, person: ParticipantRecord): number =>
  person.hand_raised_seq === null ? -1 : view.hands.findIndex((each) => each.participant_id === person.participant_id);

const isSameRow = (a: RowProps, b: RowProps): boolean =>
  a.person === b.person && a.run === b.run && a.place === b.place && a.note === b.note &&
  placeInLine(a.view, a.person) === placeInLine(b.view, b.person) && sharedOf(a.view) === sharedOf(b.view);

/** With hundreds of people the view changes many times a second; a row is drawn anew when something in it is different. */
export const PersonRow = memo(function PersonRow({ person, view, run, place = false, note = null }: RowProps) {
  const { t } = useTranslation();
  const room = view.rooms.find((each) => each.room.room_id === person.room_id)?.room;
  const order = placeInLine(view, person);
  const about = [
    person.participant_id === view.meId ? t("people.you") : null,
    isHost(person) || person.role === "observer" ? t(`role.${person.role}`) : null,
    place && view.rooms.length > 1 ? room?.name : null,
    person.presence === "reconnecting" ? t("stage.reconnecting") : null,
    note,
  ].filter(Boolean);
  return (
    <div className="person">
      <div className="person-name">
        <span className="truncate" title={person.name}>{person.name}</span>
        {about.length > 0 && <span className="person-about truncate">{about.join(" · ")}</span>}
      </div>
      {order >= 0 && (
        <span className="person-hand"><IconHandStop size={14} aria-label={t("stage.hand")} /> {order + 1}</span>
      )}
      {!person.mic && <IconMicrophoneOff size={16} className="dim" aria-label={t("stage.muted")} />}
      {!person.camera && <IconVideoOff size={16} className="dim" aria-label={t("stage.cameraOff")} />}
      {view.isHost && <PersonMenu person={person} view={view} run={run} />}
    </div>
  );
}, isSameRow);

function PersonMenu({ person, view, run }: RowProps) {
  const { t } = useTranslation();
  const id = person.participant_id;
  const self = id === view.meId;
  const elsewhere = view.rooms.filter(({ room }) => room.room_id !== person.room_id);
  const stop = (media: "mic" | "camera"): void => void run({ type: "StopMedia", participant_ids: [id], media: [media] });
  const silenced = (["mic", "camera"] as const).filter((media) => person.role !== "observer" && !person.may_send.includes(media));
  const [removing, setRemoving] = useState(false);
  if (self && elsewhere.length === 0 && person.hand_raised_seq === null) return <span className="menu-space" />;
  return (
    <>
    {removing && <RemoveDialog person={person} view={view} run={run} close={() => setRemoving(false)} />}
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" data-focus={`person ${id}`} aria-label={t("people.actions", { name: person.name })}><IconDots size={18} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {elsewhere.map(({ room }) => (
          <Menu.Item key={room.room_id} leftSection={<IconArrowRight size={16} />} onClick={() => void run({ type: "MoveParticipants", participant_ids: [id], room_id: room.room_id })}>
            {t("people.moveTo", { room: room.name })}
          </Menu.Item>
        ))}
        {person.hand_raised_seq !== null && (
          <Menu.Item leftSection={<IconHandOff size={16} />} onClick={() => void run({ type: "LowerHand", participant_id: id })}>{t("people.lowerHand")}</Menu.Item>
        )}
        {!self && person.mic && <Menu.Item leftSection={<IconMicrophoneOff size={16} />} onClick={() => stop("mic")}>{t("people.mute")}</Menu.Item>}
        {!self && person.camera && <Menu.Item leftSection={<IconVideoOff size={16} />} onClick={() => stop("camera")}>{t("people.cameraOff")}</Menu.Item>}
        {!self && silenced.length > 0 && (
          <Menu.Item leftSection={<IconCheck size={16} />} onClick={() => void run({ type: "AllowMedia", participant_ids: [id], media: silenced })}>{t("people.allow")}</Menu.Item>
        )}
        {!self && view.allowed.has("ChangeRole") && person.role === "learner" && (
          <Menu.Item leftSection={<IconUserStar size={16} />} onClick={() => void run({ type: "ChangeRole", participant_id: id, role: "cofacilitator" })}>{t("people.makeCo")}</Menu.Item>
        )}
        {!self && view.allowed.has("RemoveParticipant") && (
          <>
            <Menu.Divider />
            <Menu.Item className="danger" leftSection={<IconUserX size={16} />} onClick={() => setRemoving(true)}>{t("people.remove")}</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
    </>
  );
}
