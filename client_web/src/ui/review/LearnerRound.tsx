import { Group, Rating, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Criterion, FeedbackRecord, MarkItem } from "../../protocol/wire";
import type { RoundProps } from "./props";
import { TimeGiven } from "./MoreTime";
import { Results } from "./Results";
import { ReviewForm } from "./ReviewForm";
import { RoundHead } from "./RoundHead";
import { WorkForm } from "./WorkForm";
import { WorkText } from "./WorkText";

/** A round as a learner sees it: what to do now, then what came of it. */
export function LearnerRound({ session, view, item, run }: RoundProps) {
  const { t } = useTranslation();
  const { round } = item;
  const times = item.work?.personal_times ?? [];
  const late = times.some((time) => time.phase === "submit" && time.until_ms !== null);
  const lateReview = times.some((time) => time.phase === "review" && time.until_ms !== null);
  /** Handed in by somebody else, with this person as an author. */
  const theirs = item.submissions.find((each) => view.meId !== null && each.author_ids.indexOf(view.meId) > 0);
  const reviewing = round.phase === "read" || round.phase === "review" || lateReview;
  const handedIn = item.work !== null && item.work.submission_id !== null;
  const writing = round.phase === "submit" || (late && !handedIn);
  const discussion = item.discussions.find((each) => view.meId !== null && each.participant_ids.includes(view.meId));
  return (
    <article className="round" aria-label={round.settings.title}>
      <RoundHead session={session} round={round} />
      {round.settings.instructions && <Text size="sm" className="answer-text" my="xs">{round.settings.instructions}</Text>}
      <Stack gap="md" mt="sm">
        {times.filter((time) => time.phase === "review" || writing).map((time) => <Text key={time.phase} size="sm" role="status"><TimeGiven time={time} /></Text>)}
        {writing && view.allowed.has("DraftWork") && (theirs === undefined ? <WorkForm key={round.round_id} view={view} item={item} run={run} /> : (
          <section className="room-card" aria-label={t("review.yourWork")}>
            <Text size="sm">{t("review.coauthored", { name: view.names.get(theirs.author_ids[0] ?? "") ?? "?" })}</Text>
            <WorkText work={theirs} />
          </section>
        ))}
        {discussion && <Text size="sm">{t("review.talk", { names: discussion.participant_ids.filter((who) => who !== view.meId).map((who) => view.names.get(who) ?? "?").join(", ") })}</Text>}
        {reviewing && item.reviews.map(({ review, work }, index) => (
          <ReviewForm key={review.review_id} number={index + 1} view={view} round={round} review={review} work={work} open={round.phase === "review" || lateReview} run={run} />
        ))}
        {item.results.map((result) => <Results key={result.submission_id} title={t("review.yourResult")} result={result} criteria={round.criteria} />)}
        {item.feedback.map((feedback, index) => (
          <Feedback
            key={feedback.review_id} number={index + 1} feedback={feedback} criteria={round.criteria} names={view.names}
            onRate={round.phase === "feedback" ? (rating) => void run({ type: "RateReview", review_id: feedback.review_id, rating, comment: feedback.rating?.comment ?? "" }) : undefined}
          />
        ))}
        {round.phase === "read" && item.reviews.length === 0 && <Text size="sm" c="dimmed">{t("review.nothing")}</Text>}
      </Stack>
    </article>
  );
}

interface FeedbackProps {
  number: number;
  feedback: FeedbackRecord;
  criteria: readonly Criterion[];
  names: ReadonlyMap<string, string>;
  /** Left out where nothing can be said any more. */
  onRate?: ((stars: number) => void) | undefined;
}

export function Feedback({ number, feedback, criteria, names, onRate }: FeedbackProps) {
  const { t } = useTranslation();
  const reviewer = feedback.own ? t("review.own") : feedback.reviewer_id === null ? t("review.reviewNumber", { number }) : (names.get(feedback.reviewer_id) ?? "?");
  return (
    <section className="room-card" aria-label={reviewer}>
      <Text fw={600} size="sm">{reviewer}</Text>
      {feedback.marks.map((mark) => <Mark key={mark.criterion_id} mark={mark} criterion={criteria.find((each) => each.criterion_id === mark.criterion_id)} />)}
      {!feedback.own && onRate && (
        <Group gap="xs" mt={6}>
          <Text size="sm">{t("review.helpful")}</Text>
          <Rating value={feedback.rating?.rating ?? 0} getSymbolLabel={(value) => t("review.stars", { count: value })} onChange={onRate} />
        </Group>
      )}
    </section>
  );
}

function Mark({ mark, criterion }: { mark: MarkItem; criterion: Criterion | undefined }) {
  return (
    <div className="mark">
      <Text size="sm">{criterion?.title} {mark.score !== null && <b>{mark.score}/{criterion?.scale?.most}</b>}</Text>
      {mark.comment !== "" && <Text size="sm" className="answer-text">{mark.comment}</Text>}
    </div>
  );
}
