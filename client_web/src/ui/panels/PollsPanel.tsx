import { Divider, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import { draftOf, NEW_POLL, type PollDraft } from "../../state/pollDraft";
import type { WorkshopView } from "../../state/selectors";
import { PanelDownloads } from "../Downloads";
import { PollCard } from "../polls/PollCard";
import { PollForm } from "../polls/PollForm";

/** A poll that is being written, kept while the panel is closed. */
let kept = NEW_POLL;

export function PollsPanel({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(kept);
  const change = (next: PollDraft): void => {
    kept = next;
    setDraft(next);
  };
  const inOrder = [...view.polls].sort((a, b) => Number(b.poll.status === "open") - Number(a.poll.status === "open"));
  return (
    <div className="scroll">
      {view.allowed.has("CreatePoll") && (
        <>
          <PollForm session={session} draft={draft} onChange={change} />
          <Divider my="md" />
        </>
      )}
      {view.polls.length === 0 && (
        <div className="empty">
          <Text fw={600}>{t("polls.empty")}</Text>
          <Text size="sm" c="dimmed">{t(view.isHost ? "polls.emptyHost" : "polls.emptyLearner")}</Text>
        </div>
      )}
      <Stack gap="md">
        {inOrder.map((item) => (
          <PollCard key={item.poll.poll_id} session={session} view={view} item={item} onEdit={() => change(draftOf(item))} />
        ))}
      </Stack>
      {view.isHost && view.polls.length > 0 && <PanelDownloads token={session.token} workshopId={view.workshop?.workshop_id ?? ""} names={["polls", "voters"]} />}
    </div>
  );
}
