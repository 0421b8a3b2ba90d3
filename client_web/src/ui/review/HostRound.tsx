import { Button, Group, Progress, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { MoreTime } from "./MoreTime";
import type { RoundProps } from "./props";
import { Results } from "./Results";
import { RoundHead } from "./RoundHead";
import { Submissions } from "./Submissions";

/** A round as those see it who lead through it: how far it is, who reviews whom, what came out. */
export function HostRound({ session, view, item, run }: RoundProps) {
  const { t } = useTranslation();
  const { round, progress } = item;
  const round_id = round.round_id;
  const learners = view.people.filter((person) => person.role === "learner").length;
  const running = round.phase !== "draft" && round.phase !== "closed";
  return (
    <article className="round" aria-label={round.settings.title}>
      <RoundHead session={session} round={round} />
      {progress && running && (
        <div className="round-progress">
          <Meter label={t("review.handedIn")} value={progress.submissions} of={Math.max(learners, progress.submissions)} />
          {progress.assigned > 0 && <Meter label={t("review.reviewed")} value={progress.done} of={progress.assigned} />}
        </div>
      )}
      <Group gap="xs" mt="sm">
        {round.phase === "draft" && <Button size="compact-sm" onClick={() => void run({ type: "StartReviewRound", round_id })}>{t("review.start")}</Button>}
        {running && <Button size="compact-sm" onClick={() => void run({ type: "AdvanceReviewRound", round_id })}>{t("review.next")}</Button>}
        {running && <Button size="compact-sm" variant="default" onClick={() => void run({ type: "ExtendReviewPhase", round_id, by_ms: 60_000 })}>{t("review.longer")}</Button>}
        {running && <Button size="compact-sm" variant="default" onClick={() => void run({ type: "CloseReviewRound", round_id })}>{t("review.close")}</Button>}
      </Group>
      {item.discussions.map((each) => (
        <Text key={each.submission_id} size="sm" mt={6}>
          {view.rooms.find(({ room }) => room.room_id === each.room_id)?.room.name}: {each.participant_ids.map((who) => view.names.get(who) ?? "?").join(", ")}
        </Text>
      ))}
      {item.submissions.length > 0 && <Submissions view={view} item={item} run={run} />}
      <MoreTime view={view} item={item} run={run} />
      {item.results.map((result) => {
        const authors = item.submissions.find((each) => each.submission_id === result.submission_id)?.author_ids ?? [];
        return <Results key={result.submission_id} title={authors.map((who) => view.names.get(who) ?? "?").join(", ")} result={result} criteria={round.criteria} />;
      })}
    </article>
  );
}

function Meter({ label, value, of }: { label: string; value: number; of: number }) {
  return (
    <div>
      <Group justify="space-between"><Text size="sm">{label}</Text><Text size="sm" className="bar-count">{value}/{of}</Text></Group>
      <Progress value={of === 0 ? 0 : (100 * value) / of} size="sm" aria-label={label} />
    </div>
  );
}
