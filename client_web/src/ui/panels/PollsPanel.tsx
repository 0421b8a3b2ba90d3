import { Divider, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import { draftOf, NEW_POLL, type PollDraft } from "../../state/pollDraft";
import type { PollView, WorkshopView } from "../../state/selectors";
import { PanelDownloads } from "../Downloads";
import { PollCard } from "../polls/PollCard";
import { PollForm } from "../polls/PollForm";

/** A poll that is being written, kept while the panel is closed. */
let kept = NEW_POLL;

/** What is open stands first, whoever looks: then a form for the next, then what is prepared or over. */
export function PollsPanel({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(kept);
  const change = (next: PollDraft): void => {
    kept = next;
    setDraft(next);
  };
  const open = view.polls.filter(({ poll }) => poll.status === "open");
  const rest = view.polls.filter(({ poll }) => poll.status !== "open");
  const cards = { session, view, onEdit: (item: PollView) => change(draftOf(item)) };
  return (
    <div className="scroll">
      {open.length > 0 && <Cards {...cards} items={open} />}
      {view.allowed.has("CreatePoll") && (
        <>
          {open.length > 0 && <Title order={3} size="sm" mt="lg" mb="xs">{t("polls.another")}</Title>}
          <PollForm session={session} draft={draft} onChange={change} />
          {rest.length > 0 && <Divider my="md" />}
        </>
      )}
      {view.polls.length === 0 && (
        <div className="empty">
          <Text fw={600}>{t("polls.empty")}</Text>
          <Text size="sm" c="dimmed">{t(view.isHost ? "polls.emptyHost" : "polls.emptyLearner")}</Text>
        </div>
      )}
      <Cards {...cards} items={rest} />
      {view.isHost && view.polls.length > 0 && <PanelDownloads token={session.token} workshopId={view.workshop?.workshop_id ?? ""} names={["polls", "voters"]} />}
    </div>
  );
}

interface CardsProps {
  session: Session;
  view: WorkshopView;
  items: PollView[];
  onEdit: (item: PollView) => void;
}

function Cards({ session, view, items, onEdit }: CardsProps) {
  return <Stack gap="md">{items.map((item) => <PollCard key={item.poll.poll_id} session={session} view={view} item={item} onEdit={() => onEdit(item)} />)}</Stack>;
}
