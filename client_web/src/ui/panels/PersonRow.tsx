import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArrowRight, IconCheck, IconDots, IconHandOff, IconHandStop, IconMicrophoneOff, IconUserStar, IconUserX, IconVideoOff,
} from "@tabler/icons-react";
import { memo, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ParticipantRecord } from "../../protocol/wire";
import { isHost, type WorkshopView } from "../../state/selectors";
import { Initials } from "../Initials";
import { RemoveDialog } from "../RemoveDialog";
import type { Run } from "../run";

/** What all rows depend on; the same object for as long as nothing in it is different. */
interface About {
  meId: WorkshopView["meId"];
  isHost: boolean;
  mayChangeRole: boolean;
  mayRemove: boolean;
  rooms: { id: string; name: string }[];
}

interface RowProps {
  person: ParticipantRecord;
  about: About;
  run: Run;
  onRemove: (participantId: string) => void;
  /** Among the raised hands, from 1; 0 where the hand is not raised. */
  order: number;
  /** Say which room the person is in. */
  place?: boolean;
  /** What else there is to say about the person here. */
  note?: string | null;
}

export type RowOf = (person: ParticipantRecord) => Omit<RowProps, "place" | "note">;

/** What the rows of a list are given, and the dialog that they open, which stands once beside the list. */
export function useRows(view: WorkshopView, run: Run): [RowOf, ReactNode] {
  const [removing, setRemoving] = useState<string | null>(null);
  const now: About = {
    meId: view.meId, isHost: view.isHost, mayChangeRole: view.allowed.has("ChangeRole"), mayRemove: view.allowed.has("RemoveParticipant"),
    rooms: view.rooms.map(({ room }) => ({ id: room.room_id, name: room.name })),
  };
  const key = JSON.stringify(now);
  const about = useMemo(() => JSON.parse(key) as About, [key]);
  const orders = new Map(view.hands.map((person, index) => [person.participant_id, index + 1]));
  const leaving = view.people.find((person) => person.participant_id === removing);
  if (removing !== null && !leaving) setRemoving(null); // gone by themselves
  const rowOf: RowOf = (person) => ({ person, about, run, onRemove: setRemoving, order: orders.get(person.participant_id) ?? 0 });
  return [rowOf, leaving && <RemoveDialog person={leaving} view={view} run={run} close={() => setRemoving(null)} />];
}

/** With hundreds of people the view changes many times a second; a row is drawn anew when something in it is different. */
export const PersonRow = memo(function PersonRow({ person, about, run, onRemove, order, place = false, note = null }: RowProps) {
  const { t } = useTranslation();
  const said = [
    person.participant_id === about.meId ? t("people.you") : null,
    isHost(person) || person.role === "observer" ? t(`role.${person.role}`) : null,
    place && about.rooms.length > 1 ? about.rooms.find(({ id }) => id === person.room_id)?.name : null,
    person.presence === "reconnecting" ? t("stage.reconnecting") : null,
    note,
  ].filter(Boolean);
  return (
    <div className="person">
      <Initials id={person.participant_id} name={person.name} className="person-initials" />
      <div className="person-name">
        <span className="truncate" title={person.name}>{person.name}</span>
        {said.length > 0 && <span className="person-about truncate">{said.join(" · ")}</span>}
      </div>
      {order > 0 && (
        <span className="person-hand"><IconHandStop size={14} aria-label={t("stage.hand")} /> {order}</span>
      )}
      {!person.mic && <IconMicrophoneOff size={16} className="dim" aria-label={t("stage.muted")} />}
      {!person.camera && <IconVideoOff size={16} className="dim person-unfilmed" aria-label={t("stage.cameraOff")} />}
      {about.isHost && <PersonMenu person={person} about={about} run={run} onRemove={onRemove} />}
    </div>
  );
});

function PersonMenu({ person, about, run, onRemove }: Pick<RowProps, "person" | "about" | "run" | "onRemove">) {
  const { t } = useTranslation();
  const id = person.participant_id;
  const self = id === about.meId;
  const elsewhere = about.rooms.filter((room) => room.id !== person.room_id);
  const stop = (media: "mic" | "camera"): void => void run({ type: "StopMedia", participant_ids: [id], media: [media] });
  const silenced = (["mic", "camera"] as const).filter((media) => person.role !== "observer" && !person.may_send.includes(media));
  if (self && elsewhere.length === 0 && person.hand_raised_seq === null) return <span className="menu-space" />;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" data-focus={`person ${id}`} aria-label={t("people.actions", { name: person.name })}><IconDots size={18} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {elsewhere.map((room) => (
          <Menu.Item key={room.id} leftSection={<IconArrowRight size={16} />} onClick={() => void run({ type: "MoveParticipants", participant_ids: [id], room_id: room.id })}>
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
        {!self && about.mayChangeRole && person.role === "learner" && (
          <Menu.Item leftSection={<IconUserStar size={16} />} onClick={() => void run({ type: "ChangeRole", participant_id: id, role: "cofacilitator" })}>{t("people.makeCo")}</Menu.Item>
        )}
        {!self && about.mayRemove && (
          <>
            <Menu.Divider />
            <Menu.Item className="danger" leftSection={<IconUserX size={16} />} onClick={() => onRemove(id)}>{t("people.remove")}</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
