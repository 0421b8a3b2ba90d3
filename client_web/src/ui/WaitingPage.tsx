import { Button, Loader, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Session } from "../core/session";
import type { WorkshopView } from "../state/selectors";
import { usePageFocus } from "./focus";
import { useWatched } from "./hooks";
import { Mark } from "./Mark";

/** On the way in: connecting, or waiting in the lobby until a facilitator lets one in. */
export function WaitingPage({ session, view, away }: { session: Session; view: WorkshopView; away: boolean }) {
  const { t } = useTranslation();
  const heading = usePageFocus<HTMLHeadingElement>();
  const unsaved = useWatched(session.connection.unsaved);
  const lobby = view.waiting.some((each) => each.participant_id === view.meId);
  return (
    <main className="page">
      <Stack className="card" align="center" gap="sm">
        <Mark />
        <Title order={1} size="h3" ta="center" ref={heading}>{view.workshop?.title ?? t("join.joining")}</Title>
        <Text ta="center" c="dimmed" role="status">
          {unsaved ? t("join.unsaved") : away ? t("header.reconnecting") : lobby ? t("lobby.waiting") : t("join.joining")}
        </Text>
        <Loader size="sm" mt="xs" aria-hidden="true" />
        <Button mt="md" variant="default" onClick={() => void session.leave()} aria-label={t("controls.leave")}>{t("controls.leaveMenu")}</Button>
      </Stack>
    </main>
  );
}
