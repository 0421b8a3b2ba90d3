import { Anchor, Button, Group, Rating, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Criterion, FeedbackRecord, MarkItem } from "../../protocol/wire";
import type { RoundView } from "../../state/review";
import { useSaved } from "../hooks";
import type { RoundProps } from "./HostRound";
import { Results } from "./Results";
import { ReviewForm } from "./ReviewForm";
import { RoundHead } from "./RoundHead";

/** A round as a learner sees it: what to do now, then what came of it. */
export function LearnerRound({ session, view, item, run }: RoundProps) {
  const { t } = useTranslation();
  const { round } = item;
  const late = item.work?.personal_times.some((time) => time.phase === "submit" && time.until_ms !== null) ?? false;
  const lateReview = item.work?.personal_times.some((time) => time.phase === "review" && time.until_ms !== null) ?? false;
  const reviewing = round.phase === "read" || round.phase === "review" || lateReview;
  const writing = round.phase === "submit" || late;
  const discussion = item.discussions.find((each) => view.meId !== null && each.participant_ids.includes(view.meId));
  return (
    <article className="round" aria-label={round.settings.title}>
      <RoundHead session={session} round={round} />
      {round.settings.instructions && <Text size="sm" className="answer-text" my="xs">{round.settings.instructions}</Text>}
      <Stack gap="md" mt="sm">
        {writing && view.allowed.has("DraftWork") && <WorkForm key={round.round_id} item={item} run={run} />}
        {discussion && <Text size="sm">{t("review.talk", { names: discussion.participant_ids.filter((who) => who !== view.meId).map((who) => view.names.get(who) ?? "?").join(", ") })}</Text>}
        {reviewing && item.reviews.map(({ review, work }, index) => (
          <ReviewForm key={review.review_id} number={index + 1} view={view} round={round} review={review} work={work} open={round.phase === "review" || lateReview} run={run} />
        ))}
        {item.results.map((result) => <Results key={result.submission_id} title={t("review.yourResult")} result={result} criteria={round.criteria} />)}
        {item.feedback.map((feedback, index) => (
          <Feedback key={feedback.review_id} number={index + 1} feedback={feedback} item={item} names={view.names} run={run} />
        ))}
        {round.phase === "read" && item.reviews.length === 0 && <Text size="sm" c="dimmed">{t("review.nothing")}</Text>}
      </Stack>
    </article>
  );
}

function WorkForm({ item, run }: Pick<RoundProps, "item" | "run">) {
  const { t } = useTranslation();
  const { round, work } = item;
  const [text, setText] = useState(work?.text ?? "");
  const [link, setLink] = useState(work?.link ?? "");
  const save = useSaved((written: { text: string; link: string }) =>
    run({ type: "DraftWork", round_id: round.round_id, coauthor_ids: work?.coauthor_ids ?? [], file_id: work?.file_id ?? null, file_name: work?.file_name ?? "", ...written }));
  const change = (fields: { text?: string; link?: string }): void => {
    const written = { text, link, ...fields };
    setText(written.text);
    setLink(written.link);
    save.later(written);
  };
  const submit = async (): Promise<void> => {
    await save.now();
    await run({ type: "SubmitWork", round_id: round.round_id });
  };
  const saved = work !== null && work.text === text.trim() && work.link === link.trim();
  const state = work === null || !saved ? (text || link ? t("review.saving") : "") : work.submission_id !== null && !work.changed ? t("review.handedInNow") : t("review.saved");
  return (
    <form onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <Stack gap="xs">
        <Textarea label={t("review.yourWork")} autosize minRows={4} maxRows={16} maxLength={20_000} value={text} onChange={(event) => change({ text: event.currentTarget.value })} />
        <TextInput label={t("review.link")} placeholder="https://" value={link} maxLength={2000} onChange={(event) => change({ link: event.currentTarget.value })} />
        <Group justify="space-between">
          <Text size="sm" c="dimmed" role="status">{state}</Text>
          <Button type="submit" disabled={text.trim() === "" && link.trim() === ""}>{t(work?.submission_id ? "review.submitAgain" : "review.submit")}</Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FeedbackProps {
  number: number;
  feedback: FeedbackRecord;
  item: RoundView;
  names: ReadonlyMap<string, string>;
  /** Null where nothing can be said any more. */
  run?: RoundProps["run"];
}

export function Feedback({ number, feedback, item, names, run }: FeedbackProps) {
  const { t } = useTranslation();
  const reviewer = feedback.own ? t("review.own") : feedback.reviewer_id === null ? t("review.reviewNumber", { number }) : (names.get(feedback.reviewer_id) ?? "?");
  return (
    <section className="room-card" aria-label={reviewer}>
      <Text fw={600} size="sm">{reviewer}</Text>
      {feedback.marks.map((mark) => <Mark key={mark.criterion_id} mark={mark} criterion={item.round.criteria.find((each) => each.criterion_id === mark.criterion_id)} />)}
      {!feedback.own && run && item.round.phase === "feedback" && (
        <Group gap="xs" mt={6}>
          <Text size="sm">{t("review.helpful")}</Text>
          <Rating
            value={feedback.rating?.rating ?? 0} getSymbolLabel={(value) => t("review.stars", { count: value })}
            onChange={(rating) => void run({ type: "RateReview", review_id: feedback.review_id, rating, comment: feedback.rating?.comment ?? "" })}
          />
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

export function WorkText({ text, link, fileName }: { text: string; link: string; fileName: string }) {
  return (
    <div className="reviewed">
      {text !== "" && <Text size="sm" className="answer-text">{text}</Text>}
      {link !== "" && <Anchor size="sm" href={link} target="_blank" rel="noopener noreferrer">{link}</Anchor>}
      {fileName !== "" && <Text size="sm">{fileName}</Text>}
    </div>
  );
}
