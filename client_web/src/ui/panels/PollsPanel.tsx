import { ActionIcon, Alert, Button, Divider, Group, Radio, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { ClientCommand, PollRecord } from "../../protocol/wire";
import type { PollView, WorkshopView } from "../../state/selectors";
import { useRun } from "./PeoplePanel";

export function PollsPanel({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  return (
    <div className="scroll">
      {view.allowed.has("CreatePoll") && (
        <>
          <NewPoll session={session} view={view} />
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
        {view.polls.map((item) => (
          <PollCard key={item.poll.poll_id} session={session} view={view} item={item} />
        ))}
      </Stack>
    </div>
  );
}

const NEW = { question: "", options: ["", ""] };
/** A poll that is being written, kept while the panel is closed. */
let draft = NEW;

function NewPoll({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [{ question, options }, setState] = useState(draft);
  const [problem, setProblem] = useState<string | null>(null);
  const set = (next: typeof NEW): void => {
    draft = next;
    setState(next);
  };
  const create = async (open: boolean): Promise<void> => {
    const known = new Set(view.polls.map(({ poll }) => poll.poll_id));
    const ack = await session.command({ type: "CreatePoll", question, options: options.filter((option) => option.trim() !== "") });
    if (!ack.ok) {
      setProblem(ack.message);
      return;
    }
    setProblem(null);
    set(NEW);
    if (open) await openNewest(session, known, question);
  };
  const filled = options.filter((option) => option.trim() !== "").length;
  return (
    <form onSubmit={(event) => { event.preventDefault(); void create(true); }}>
      <Stack gap="xs">
        {problem !== null && <Alert color="red">{problem}</Alert>}
        <TextInput label={t("polls.question")} value={question} maxLength={500} onChange={(event) => set({ options, question: event.currentTarget.value })} />
        {options.map((option, index) => (
          <TextInput
            key={index} label={t("polls.option", { number: index + 1 })} value={option} maxLength={200}
            onChange={(event) => set({ question, options: options.map((each, at) => (at === index ? event.currentTarget.value : each)) })}
            rightSection={
              options.length > 2 && (
                <ActionIcon variant="subtle" color="gray" aria-label={t("polls.removeOption", { number: index + 1 })} onClick={() => set({ question, options: options.filter((_, at) => at !== index) })}>
                  <IconX size={16} />
                </ActionIcon>
              )
            }
          />
        ))}
        <Group justify="space-between">
          <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={16} />} disabled={options.length >= 20} onClick={() => set({ question, options: [...options, ""] })}>
            {t("polls.addOption")}
          </Button>
        </Group>
        <Group grow>
          <Button type="button" variant="default" disabled={question.trim() === "" || filled < 2} onClick={() => void create(false)}>{t("polls.saveDraft")}</Button>
          <Button type="submit" disabled={question.trim() === "" || filled < 2}>{t("polls.openNow")}</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The poll that was just made arrives as a record; open it as soon as it is here. */
async function openNewest(session: Session, known: ReadonlySet<string>, question: string): Promise<void> {
  const { records } = session.connection;
  const find = (): PollRecord | undefined =>
    [...records.get().byKey.values()].find((record): record is PollRecord => record.kind === "poll" && !known.has(record.poll_id) && record.question === question.trim());
  const poll = await new Promise<PollRecord | undefined>((resolve) => {
    const found = find();
    if (found) {
      resolve(found);
      return;
    }
    const end = records.subscribe(() => {
      const now = find();
      if (now) {
        end();
        resolve(now);
      }
    });
  });
  if (poll) await session.command({ type: "OpenPoll", poll_id: poll.poll_id });
}

export function PollCard({ session, view, item }: { session: Session; view: WorkshopView; item: PollView }) {
  const { t } = useTranslation();
  const { poll, tally, ballot } = item;
  const [run, problem] = useRun(session);
  const chosen = ballot?.option_ids[0];
  return (
    <section className="poll" aria-label={poll.question}>
      <Group justify="space-between" align="start" wrap="nowrap" mb="xs">
        <Text fw={600} className="poll-question">{poll.question}</Text>
        <span className="poll-status" data-open={poll.status === "open" || undefined}>{t(`polls.${poll.status}`)}</span>
      </Group>
      {problem !== null && <Alert color="red" mb="xs">{problem}</Alert>}
      {poll.status === "open" && view.allowed.has("CastBallot") && <Vote key={chosen ?? ""} item={item} chosen={chosen} run={run} />}
      {poll.status === "closed" && chosen !== undefined && (
        <Text size="sm" c="dimmed" mb="xs">{t("polls.yourVote", { option: poll.options.find((each) => each.option_id === chosen)?.text ?? "" })}</Text>
      )}
      {tally && <Bars item={item} />}
      {view.allowed.has("ClosePoll") && (
        <Group mt="sm" justify="space-between" align="end">
          {poll.status === "open" ? (
            <Button size="compact-md" variant="default" onClick={() => void run({ type: "ClosePoll", poll_id: poll.poll_id })}>{t("polls.close")}</Button>
          ) : (
            <Button size="compact-md" variant="default" onClick={() => void run({ type: "OpenPoll", poll_id: poll.poll_id })}>{t("polls.reopen")}</Button>
          )}
          <Select
            size="xs" label={t("polls.results")} w={150} allowDeselect={false} value={poll.results}
            onChange={(value) => value && void run({ type: "ShareResults", poll_id: poll.poll_id, results: value as PollRecord["results"] })}
            data={[
              { value: "hidden", label: t("polls.resultsHidden") },
              { value: "facilitators", label: t("polls.resultsFacilitators") },
              { value: "everyone", label: t("polls.resultsEveryone") },
            ]}
          />
        </Group>
      )}
    </section>
  );
}

function Vote({ item, chosen, run }: { item: PollView; chosen: string | undefined; run: (command: ClientCommand) => Promise<void> }) {
  const { t } = useTranslation();
  const [choice, setChoice] = useState(chosen ?? null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (choice !== null) void run({ type: "CastBallot", poll_id: item.poll.poll_id, option_ids: [choice] });
      }}
    >
      <Radio.Group value={choice} onChange={setChoice} aria-label={item.poll.question}>
        <Stack gap={8}>
          {item.poll.options.map((option) => (
            <Radio key={option.option_id} value={option.option_id} label={option.text} />
          ))}
        </Stack>
      </Radio.Group>
      <Button type="submit" size="compact-md" mt="sm" disabled={choice === null || choice === chosen}>
        {t(chosen === undefined ? "polls.vote" : "polls.changeVote")}
      </Button>
    </form>
  );
}

function Bars({ item: { poll, tally } }: { item: PollView }) {
  const { t } = useTranslation();
  if (!tally) return null;
  const most = Math.max(1, tally.ballots);
  return (
    <div className="bars">
      {poll.options.map((option) => {
        const count = tally.counts.find((each) => each.option_id === option.option_id)?.count ?? 0;
        return (
          <div key={option.option_id} className="bar-row">
            <span className="bar-label truncate">{option.text}</span>
            <span className="bar-count" data-testid={`count-${option.text}`} aria-label={t("polls.votes", { count })}>{count}</span>
            <span className="bar" aria-hidden="true"><span style={{ width: `${String((100 * count) / most)}%` }} /></span>
          </div>
        );
      })}
      <Text size="xs" c="dimmed">{t("polls.voted", { ballots: tally.ballots, eligible: tally.eligible })}</Text>
    </div>
  );
}
