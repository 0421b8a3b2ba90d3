import { ActionIcon, Badge, Menu, Text } from "@mantine/core";
import { IconArrowRight, IconDots, IconHandOff, IconHandStop, IconMicrophoneOff, IconUserX, IconVideoOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { ParticipantRecord } from "../../protocol/wire";
import { isHost, type WorkshopView } from "../../state/selectors";

export function PeoplePanel({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  return (
    <div className="scroll">
      <Text size="sm" c="dimmed" mb="xs">{t("people.count", { count: view.people.length })}</Text>
      <ul className="list">
        {view.people.map((person) => (
          <li key={person.participant_id}>
            <PersonRow person={person} session={session} view={view} place />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface RowProps {
  person: ParticipantRecord;
  session: Session;
  view: WorkshopView;
  /** Say which room the person is in. */
  place?: boolean;
}

export function PersonRow({ person, session, view, place = false }: RowProps) {
  const { t } = useTranslation();
  const room = view.rooms.find((each) => each.room.room_id === person.room_id)?.room;
  const order = view.hands.findIndex((each) => each.participant_id === person.participant_id);
  return (
    <div className="person">
      <div className="person-name">
        <span className="truncate">{person.name}</span>
        <Text span size="xs" c="dimmed" className="truncate">
          {[
            person.participant_id === view.me?.participant_id ? t("people.you") : null,
            isHost(person) || person.role === "observer" ? t(`role.${person.role}`) : null,
            place && view.rooms.length > 1 ? room?.name : null,
            person.presence === "reconnecting" ? t("stage.reconnecting") : null,
          ].filter(Boolean).join(" · ")}
        </Text>
      </div>
      {order >= 0 && <Badge variant="light" color="yellow" leftSection={<IconHandStop size={12} aria-label={t("stage.hand")} />}>{order + 1}</Badge>}
      {!person.mic && <IconMicrophoneOff size={16} className="dim" aria-label={t("stage.muted")} />}
      {!person.camera && <IconVideoOff size={16} className="dim" aria-hidden="true" />}
      {view.isHost && <PersonMenu person={person} session={session} view={view} />}
    </div>
  );
}

function PersonMenu({ person, session, view }: RowProps) {
  const { t } = useTranslation();
  const id = person.participant_id;
  const self = id === view.me?.participant_id;
  const elsewhere = view.rooms.filter(({ room }) => room.room_id !== person.room_id);
  if (self && elsewhere.length === 0) return <span className="menu-space" />;
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("people.actions", { name: person.name })}><IconDots size={18} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {elsewhere.map(({ room }) => (
          <Menu.Item
            key={room.room_id} leftSection={<IconArrowRight size={16} />}
            onClick={() => void session.command({ type: "MoveParticipants", participant_ids: [id], room_id: room.room_id })}
          >
            {t("people.moveTo", { room: room.name })}
          </Menu.Item>
        ))}
        {person.hand_raised_seq !== null && (
          <Menu.Item leftSection={<IconHandOff size={16} />} onClick={() => void session.command({ type: "LowerHand", participant_id: id })}>
            {t("people.lowerHand")}
          </Menu.Item>
        )}
        {!self && view.allowed.has("RemoveParticipant") && (
          <>
            {elsewhere.length > 0 && <Menu.Divider />}
            <Menu.Item color="red" leftSection={<IconUserX size={16} />} onClick={() => void session.command({ type: "RemoveParticipant", participant_id: id })}>
              {t("people.remove")}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
