import { Alert, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { WorkshopView } from "../../state/selectors";
import { PersonRow, useRows } from "../panels/PersonRow";
import { useRun } from "../run";
import { useLook } from "./Look";
import { draggable, RoomCard, useDrop } from "./RoomCard";
import { Running } from "./Running";
import { useBreakouts } from "./useBreakouts";

const NOWHERE: readonly string[] = [];

/** Every room at a glance, calls for help first; people are dragged from room to room, or moved by the menu beside their name. */
export function Board({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [run, problem] = useRun(session);
  const [rowOf, dialog] = useRows(view, run);
  const { cards } = useBreakouts(session, view);
  useLook(session, cards, view.me?.listening_to ?? NOWHERE, view.meId);
  const plenary = view.rooms.find(({ room }) => room.room_kind === "plenary");
  const drop = useDrop((id) => plenary && void run({ type: "MoveParticipants", participant_ids: [id], room_id: plenary.room.room_id }));
  const inOrder = [...cards].sort((a, b) => (a.helpPlace || Infinity) - (b.helpPlace || Infinity) || a.room.order - b.room.order);
  return (
    <section className="board" aria-label={t("board.title")}>
      {problem !== null && <Alert color="red" mb="sm">{problem}</Alert>}
      <div className="board-bar"><Running session={session} view={view} run={run} /></div>
      <div className="board-grid">
        <section className="board-card" aria-label={plenary?.room.name ?? ""} {...drop}>
          <Text fw={650}>{plenary?.room.name} <Text span c="dimmed" size="sm">{plenary?.people.length}</Text></Text>
          <ul className="list board-people">
            {plenary?.people.map((person) => (
              <li key={person.participant_id} {...draggable(person.participant_id)}><PersonRow {...rowOf(person)} /></li>
            ))}
          </ul>
        </section>
        {inOrder.map((card) => <RoomCard key={card.room.room_id} session={session} view={view} card={card} run={run} rowOf={rowOf} />)}
      </div>
      {dialog}
    </section>
  );
}
