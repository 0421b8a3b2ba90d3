import { Alert, Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { ClientCommand } from "../../protocol/wire";
import type { WorkshopView } from "../../state/selectors";
import { PersonRow, useRun } from "./PeoplePanel";

export function RoomsPanel({ session, view }: { session: Session; view: WorkshopView }) {
  const [run, problem] = useRun(session);
  return (
    <div className="scroll">
      {problem !== null && <Alert color="red" mb="sm">{problem}</Alert>}
      {view.breakouts === null ? <OpenForm view={view} run={run} /> : <OpenRooms view={view} run={run} />}
    </div>
  );
}

interface PartProps {
  view: WorkshopView;
  run: (command: ClientCommand) => Promise<void>;
}

function OpenForm({ view, run }: PartProps) {
  const { t } = useTranslation();
  const learners = view.people.filter((person) => person.role === "learner").length;
  const [count, setCount] = useState<number | string>(Math.max(1, Math.min(2, learners)));
  const [minutes, setMinutes] = useState<number | string>("");
  const rooms = Number(count);
  const [min, max] = rooms > 0 ? [Math.floor(learners / rooms), Math.ceil(learners / rooms)] : [0, 0];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run({ type: "OpenBreakouts", count: rooms, duration_ms: minutes === "" ? null : Number(minutes) * 60_000 });
      }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">{t("rooms.intro")}</Text>
        <Group grow align="start">
          <NumberInput label={t("rooms.count")} value={count} onChange={setCount} min={1} max={200} allowDecimal={false} />
          <NumberInput label={t("rooms.minutes")} placeholder={t("rooms.noLimit")} value={minutes} onChange={setMinutes} min={1} max={1440} allowDecimal={false} />
        </Group>
        <Text size="sm" c="dimmed">
          {learners === 0 ? t("rooms.noLearners") : t(min === max ? "rooms.each" : "rooms.eachRange", { min, max })}
        </Text>
        <Button type="submit" disabled={learners === 0 || rooms < 1}>{t("rooms.open")}</Button>
      </Stack>
    </form>
  );
}

function OpenRooms({ view, run }: PartProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <Button leftSection={<IconArrowBackUp size={18} />} onClick={() => void run({ type: "CloseBreakouts" })}>{t("rooms.recall")}</Button>
      {view.rooms.map(({ room, people }) => {
        const here = room.room_id === view.here?.room.room_id;
        return (
          <section key={room.room_id} className="room-card" data-here={here || undefined} aria-label={room.name}>
            <Group justify="space-between" wrap="nowrap">
              <Text fw={600} truncate>{room.name} <Text span c="dimmed" size="sm">{people.length}</Text></Text>
              {here ? (
                <Text size="sm" c="dimmed">{t("rooms.hereNow")}</Text>
              ) : (
                <Button
                  size="compact-sm" variant="default" aria-label={`${t("rooms.join")} ${room.name}`}
                  onClick={() => void run({ type: "MoveParticipants", participant_ids: view.me ? [view.me.participant_id] : [], room_id: room.room_id })}
                >
                  {t("rooms.join")}
                </Button>
              )}
            </Group>
            {people.length === 0 && <Text size="sm" c="dimmed">{t("rooms.empty")}</Text>}
            <ul className="list">
              {people.map((person) => (
                <li key={person.participant_id}><PersonRow person={person} view={view} run={run} /></li>
              ))}
            </ul>
          </section>
        );
      })}
    </Stack>
  );
}
