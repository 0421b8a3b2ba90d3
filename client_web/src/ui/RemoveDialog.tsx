import { Alert, Button, Group, Modal, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ParticipantRecord } from "../protocol/wire";
import type { WorkshopView } from "../state/selectors";
import type { Run } from "./run";

interface Props {
  person: ParticipantRecord;
  view: WorkshopView;
  run: Run;
  close: () => void;
}

/**
 * Puts somebody out, with what that does and does not keep them from. A link that is for everybody makes somebody new of whoever opens it, so
 * only a lobby or a locked door keeps out a person whom the workshop knows by nothing but a name.
 */
export function RemoveDialog({ person, view, run, close }: Props) {
  const { t } = useTranslation();
  const [ban, setBan] = useState(false);
  const lobby = view.workshop?.lobby ?? false;
  const locked = view.workshop?.locked ?? false;
  const remove = async (): Promise<void> => {
    close();
    await run({ type: "RemoveParticipant", participant_id: person.participant_id, ban });
  };
  return (
    <Modal opened centered onClose={close} title={t("removing.title", { name: person.name })} closeButtonProps={{ "aria-label": t("removing.cancel") }}>
      <Stack gap="md">
        <Text size="sm">{t(ban ? "removing.banned" : "removing.removed")}</Text>
        <Switch label={t("removing.ban")} checked={ban} onChange={(event) => setBan(event.currentTarget.checked)} />
        {view.allowed.has("SetLobby") && (
          <Alert color={lobby || locked ? "sea" : "yellow"} title={t(lobby || locked ? "removing.guarded" : "removing.open")}>
            <Stack gap="sm">
              <Text size="sm">{t("removing.asNew")}</Text>
              <Switch label={t("lobby.lobby")} checked={lobby} onChange={(event) => void run({ type: "SetLobby", on: event.currentTarget.checked })} />
              <Switch label={t("lobby.lock")} checked={locked} onChange={(event) => void run({ type: "SetLock", on: event.currentTarget.checked })} />
            </Stack>
          </Alert>
        )}
        <Group justify="end">
          <Button variant="default" onClick={close}>{t("removing.cancel")}</Button>
          <Button color="red.9" onClick={() => void remove()}>{t(ban ? "removing.doBan" : "removing.do")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
