import { ActionIcon, Alert, Button, Group, Switch, Text } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import { isHost, type WorkshopView } from "../../state/selectors";
import { useRun, type Run } from "../run";
import { PersonRow, useRows } from "./PersonRow";

export function PeoplePanel({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [run, problem] = useRun(session);
  const [rowOf, dialog] = useRows(view, run);
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
            <PersonRow {...rowOf(person)} place />
          </li>
        ))}
      </ul>
      {view.allowed.has("SetLobby") && <Door view={view} run={run} />}
      {dialog}
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
