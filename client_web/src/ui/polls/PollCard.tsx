import { Alert, Button, Group, Text } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { ClientCommand } from "../../protocol/wire";
import { clockText, secondsLeft, type PollView, type WorkshopView } from "../../state/selectors";
import { useServerNow } from "../hooks";
import { answerText, PollAnswer, YourAnswer } from "./PollAnswer";
import { ResultsChoice } from "./PollForm";
import { PollResults } from "./PollResults";
import { useRun, type Run } from "../run";

interface Props {
  session: Session;
  view: WorkshopView;
  item: PollView;
  /** Where a prepared poll can be changed. */
  onEdit?: () => void;
}

/** One poll: asks, shows the results there are to see, and is run from here. */
export function PollCard({ session, view, item, onEdit }: Props) {
  const { t } = useTranslation();
  const { poll, ballot, group } = item;
  const [run, problem] = useRun(session);
  const asked = poll.status === "open" && view.allowed.has("CastBallot");
  const inGroup = view.me?.role === "learner" && view.here?.room.room_kind === "breakout";
  // Somebody's answer from another tab, or a new one, replaces what stands in the form.
  const version = `${ballot?.option_ids.join() ?? ""} ${String(ballot?.value)} ${ballot?.text ?? ""}`;
  const about = [
    t(`polls.kinds.${poll.poll_kind}`),
    poll.target === "workshop" ? null : t(`polls.targets.${poll.target}`),
    t(poll.anonymous ? "polls.isAnonymous" : "polls.isNamed"),
    poll.follows === null ? null : t("polls.second"),
  ];
  return (
    <section className="poll" aria-label={poll.question} data-focus={`poll ${poll.poll_id}`}>
      <Group justify="space-between" align="start" wrap="nowrap" mb={4}>
        <Text fw={600} className="poll-question">{poll.question}</Text>
        <span className="poll-status" data-open={poll.status === "open" || undefined}>{t(`polls.${poll.status}`)}</span>
      </Group>
      <Group justify="space-between" gap="xs" mb="xs">
        <Text size="xs" c="dimmed">{about.filter(Boolean).join(" · ")}</Text>
        {poll.closes_at_ms !== null && <TimeLeft session={session} closesAtMs={poll.closes_at_ms} />}
      </Group>
      {problem !== null && <Alert color="red" mb="xs">{problem}</Alert>}
      {asked && (poll.target !== "groups" || inGroup) && <PollAnswer key={version} item={item} run={run} />}
      {asked && poll.target === "groups" && !inGroup && <Text size="sm" c="dimmed">{t("polls.byGroups")}</Text>}
      {group && (
        <div className="poll-group">
          {group.votes.map((vote) => (
            <Text key={vote.participant_id} size="sm">{view.names.get(vote.participant_id)}: {answerText(poll, { ...vote, text: "" })}</Text>
          ))}
          <Text size="sm" fw={600} role="status">{t(group.agreed ? "polls.agreed" : "polls.notAgreed")}</Text>
        </div>
      )}
      {poll.status === "closed" && ballot && <YourAnswer poll={poll} ballot={ballot} />}
      <PollResults item={item} view={view} run={run} />
      {view.allowed.has("ClosePoll") && <Running item={item} run={run} now={session.connection.clock.now} onEdit={onEdit} />}
    </section>
  );
}

export function TimeLeft({ session, closesAtMs }: { session: Session; closesAtMs: number }) {
  const { t } = useTranslation();
  const left = secondsLeft(closesAtMs, useServerNow(session, true));
  return (
    <span className="poll-clock" role="timer" data-urgent={left <= 10 || undefined}>
      <IconClock size={14} aria-hidden="true" /> {t("header.timeLeft", { time: clockText(left) })}
    </span>
  );
}

/** `now`: the server's clock. */
function Running({ item: { poll }, run, now, onEdit }: { item: PollView; run: Run; now: () => number; onEdit: (() => void) | undefined }) {
  const { t } = useTranslation();
  const id = poll.poll_id;
  // Opened or closed, a card goes elsewhere in the list: the focus goes with it.
  const give = (label: string, command: ClientCommand) => <Button size="compact-sm" variant="default" data-focus={`poll ${id}`} onClick={() => void run(command)}>{label}</Button>;
  const longer = (): ClientCommand => ({
    type: "ChangePollTimer", poll_id: id, remaining_ms: Math.max(0, (poll.closes_at_ms ?? 0) - now()) + 60_000,
  });
  return (
    <div className="poll-running">
      <Group gap="xs">
        {poll.status === "open" && give(t("polls.close"), { type: "ClosePoll", poll_id: id })}
        {poll.status !== "open" && give(t("polls.reopen"), { type: "OpenPoll", poll_id: id })}
        {poll.status === "open" && poll.closes_at_ms !== null && (
          <>
            <Button size="compact-sm" variant="default" onClick={() => void run(longer())}>{t("polls.longer")}</Button>
            {give(t("polls.endless"), { type: "ChangePollTimer", poll_id: id, remaining_ms: null })}
          </>
        )}
        {poll.status !== "draft" && give(t("polls.again"), { type: "RepeatPoll", poll_id: id })}
        {poll.status === "draft" && onEdit && <Button size="compact-sm" variant="default" onClick={onEdit}>{t("polls.edit")}</Button>}
        {poll.status === "draft" && give(t("polls.discard"), { type: "DiscardPoll", poll_id: id })}
      </Group>
      <ResultsChoice size="xs" label={t("polls.results")} value={poll.results} onChange={(results) => void run({ type: "ShareResults", poll_id: id, results })} />
    </div>
  );
}
