import { Button, Group, Radio, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Criterion, ReviewedWorkRecord, ReviewRecord, ReviewRoundRecord } from "../../protocol/wire";
import type { WorkshopView } from "../../state/selectors";
import { useSaved } from "../hooks";
import { WorkText } from "./WorkText";
import type { Run } from "../run";

interface Props {
  number: number;
  view: WorkshopView;
  round: ReviewRoundRecord;
  review: ReviewRecord;
  work: ReviewedWorkRecord | null;
  /** Whether it can be submitted now. */
  open: boolean;
  run: Run;
}

/** Somebody's work, and what this person says of it; kept as it is typed. */
export function ReviewForm({ number, view, round, review, work, open, run }: Props) {
  const { t } = useTranslation();
  const authors = (work?.author_ids ?? []).map((who) => view.names.get(who) ?? "?").join(", ");
  const title = review.own ? t("review.own") : authors || t("review.workNumber", { number });
  const missing = round.criteria.filter((criterion) => review.missing.includes(criterion.criterion_id)).map((criterion) => criterion.title);
  return (
    <section className="room-card" aria-label={title}>
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600} className="poll-question">{title}</Text>
        {review.submitted && <span className="poll-status" data-open>{t("review.statuses.submitted")}</span>}
      </Group>
      {work && <WorkText work={work} />}
      {!review.submitted && (
        <Stack gap="sm" mt="xs">
          {round.criteria.map((criterion) => <CriterionMark key={criterion.criterion_id} criterion={criterion} review={review} run={run} />)}
          {open && (
            <>
              {missing.length > 0 && <Text size="sm" c="dimmed">{t("review.missing", { criteria: missing.join(", ") })}</Text>}
              <Button disabled={missing.length > 0} onClick={() => void run({ type: "SubmitReview", review_id: review.review_id })}>{t("review.submitReview")}</Button>
            </>
          )}
        </Stack>
      )}
    </section>
  );
}

function CriterionMark({ criterion, review, run }: { criterion: Criterion; review: ReviewRecord; run: Props["run"] }) {
  const { t } = useTranslation();
  const mark = review.marks.find((each) => each.criterion_id === criterion.criterion_id);
  const [score, setScore] = useState(mark?.score ?? null);
  const [comment, setComment] = useState(mark?.comment ?? "");
  const save = useSaved((written: { score: number | null; comment: string }) =>
    run({ type: "WriteMark", review_id: review.review_id, criterion_id: criterion.criterion_id, ...written }));
  const scale = criterion.scale ?? null;
  const scores = scale === null ? [] : Array.from({ length: scale.most - scale.least + 1 }, (_, index) => scale.least + index);
  return (
    <div>
      {scale !== null && (
        <Radio.Group
          label={criterion.title} description={criterion.description || undefined} value={score === null ? "" : String(score)}
          onChange={(chosen) => { setScore(Number(chosen)); save.later({ score: Number(chosen), comment }); void save.now(); }}
        >
          <div className="scale scores">
            {scores.map((each) => {
              const anchor = scale.anchors?.find((other) => other.score === each)?.text;
              return (
                <label key={each} className="scale-step">
                  <Radio value={String(each)} aria-label={anchor ? `${String(each)} ${anchor}` : String(each)} /><span aria-hidden="true">{each}</span>
                </label>
              );
            })}
          </div>
          {/* Each is in its radio's name already. */}
          <ul className="list anchors" aria-hidden="true">
            {(scale.anchors ?? []).map((anchor) => <li key={anchor.score}><b>{anchor.score}</b> {anchor.text}</li>)}
          </ul>
        </Radio.Group>
      )}
      {criterion.comment !== "none" && (
        <Textarea
          mt={4} autosize minRows={1} maxRows={8} maxLength={4000} value={comment}
          {...(scale === null ? { label: criterion.title } : { "aria-label": t("review.commentOn", { criterion: criterion.title }) })}
          placeholder={t(criterion.comment === "required" ? "review.commentNeeded" : "review.commentFree")}
          onChange={(event) => { setComment(event.currentTarget.value); save.later({ score, comment: event.currentTarget.value }); }}
        />
      )}
    </div>
  );
}
