import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Plans } from "../breakouts/Plans";
import { Running } from "../breakouts/Running";
import { SetupForm } from "../breakouts/Setup";
import { useBreakouts } from "../breakouts/useBreakouts";
import { PanelDownloads } from "../Downloads";
import { PersonRow, useRows } from "./PersonRow";
import { useRun } from "../run";
import type { PanelProps } from "./props";

/** Open rooms, prepare them, or see to those that are open. */
export function RoomsPanel({ session, view }: PanelProps) {
  const { t } = useTranslation();
  const [run, problem] = useRun(session);
  const [rowOf, dialog] = useRows(view, run);
  const breakouts = useBreakouts(session, view);
  return (
    <div className="scroll">
      {problem !== null && view.breakouts !== null && <Alert color="red" mb="sm">{problem}</Alert>}
      {view.breakouts === null ? (
        <SetupForm session={session} view={view} breakouts={breakouts} run={run} problem={problem} />
      ) : (
        <Stack gap="sm">
          <Running session={session} view={view} run={run} />
          {view.rooms.map(({ room, people }) => {
            const here = room.room_id === view.here?.room.room_id;
            return (
              <section key={room.room_id} className="room-card" data-here={here || undefined} aria-label={room.name}>
                <Group justify="space-between" wrap="nowrap">
                  <Text fw={600} truncate>{room.name} <Text span c="dimmed" size="sm">{people.length}</Text></Text>
                  {here ? (
                    <Text size="sm" c="dimmed">{t("rooms.hereNow")}</Text>
                  ) : (
                    <Button size="compact-sm" variant="default" aria-label={`${t("rooms.join")} ${room.name}`} onClick={() => void run({ type: "EnterRoom", room_id: room.room_id })}>
                      {t("rooms.join")}
                    </Button>
                  )}
                </Group>
                {people.length === 0 && <Text size="sm" c="dimmed">{t("rooms.empty")}</Text>}
                <ul className="list">
                  {people.map((person) => <li key={person.participant_id}><PersonRow {...rowOf(person)} /></li>)}
                </ul>
              </section>
            );
          })}
        </Stack>
      )}
      <Plans view={view} breakouts={breakouts} run={run} />
      {view.isHost && (view.breakouts !== null || breakouts.rounds.length > 0) && <PanelDownloads token={session.token} workshopId={view.workshop?.workshop_id ?? ""} names={["groups"]} />}
      {dialog}
    </div>
  );
}
