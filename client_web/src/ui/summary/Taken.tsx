import { Text } from "@mantine/core";
import type { ComponentType, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { AskedQuestion, DueReview, Feedback as GivenFeedback, LearnerSummary, Missed, Quizzes } from "../../protocol/wire";
import { durationText } from "../agenda/times";
import { Feedback } from "../review/LearnerRound";
import { Results } from "../review/Results";
import { WorkText } from "../review/WorkText";
import { useRoomName } from "../roomName";

interface Props {
  summary: LearnerSummary;
  /** Whether it is read by the person. */
  own: boolean;
  names: ReadonlyMap<string, string>;
  /** What each part of it is put into. */
  Part: ComponentType<{ title: string; children: ReactNode }>;
}

/** What somebody takes from a workshop beside their attendance: what they missed, answered wrong, owe, asked, and were told of their work. */
export function Taken({ summary, own, names, Part }: Props) {
  const { t } = useTranslation();
  const { missed, quizzes, reviews_due: due, feedback, questions } = summary;
  const missedNothing = Object.values(missed).every((list) => list.length === 0);
  const nothing = missedNothing && quizzes.answered + due.length + feedback.length + questions.length === 0;
  if (nothing && !own) return <Text size="sm" c="dimmed">{t("summary.nothingMore")}</Text>;
  return (
    <>
      {(own || !missedNothing) && (
        <Part title={t(own ? "summary.missed" : "summary.missedTheirs")}>
          {missedNothing ? <Text size="sm" c="dimmed">{t("summary.missedNothing")}</Text> : <MissedList missed={missed} />}
        </Part>
      )}
      {quizzes.answered > 0 && <Part title={t("summary.quizzes")}><QuizAnswers quizzes={quizzes} /></Part>}
      {due.length > 0 && <Part title={t("summary.due")}><DueReviews due={due} /></Part>}
      {feedback.length > 0 && (
        <Part title={t(own ? "summary.feedback" : "summary.feedbackTheirs")}>
          {feedback.map((each) => <OnWork key={each.round_id} given={each} names={names} />)}
        </Part>
      )}
      {questions.length > 0 && <Part title={t(own ? "summary.asked" : "questions.title")}><Asked questions={questions} /></Part>}
    </>
  );
}

function Item({ title, about, children }: { title: string; about: readonly (string | null)[]; children?: ReactNode }) {
  return (
    <li className="summary-item">
      <span className="summary-item-title">{title}</span>
      <span className="summary-item-about">{about.filter(Boolean).join(" · ")}</span>
      {children}
    </li>
  );
}

function MissedList({ missed: { steps, breakouts, polls, works } }: { missed: Missed }) {
  const { t } = useTranslation();
  const roomName = useRoomName();
  const why = (reason: "away" | "not_done"): string => t(`summary.why.${reason}`);
  return (
    <ul className="summary-list">
      {steps.map((step) => (
        <Item key={step.step_id} title={step.title} about={[t(`agenda.kinds.${step.kind}`), t("summary.thereFor", { present: durationText(t, step.present_ms), took: durationText(t, step.took_ms) })]} />
      ))}
      {breakouts.map((round) => (
        <Item key={round.round_id} title={t("summary.breakoutsOf", { number: round.number })} about={[round.room === null ? null : roomName(round.room), why(round.why)]}>
          {round.task !== null && round.task.text !== "" && <span className="answer-text">{round.task.text}</span>}
        </Item>
      ))}
      {polls.map((poll) => (
        <Item key={poll.poll_id} title={poll.question} about={[t(`polls.kinds.${poll.kind}`), why(poll.why)]}>
          <RightAnswer options={poll.options} rightIds={poll.right_ids} explanation={poll.explanation} />
        </Item>
      ))}
      {works.map((work) => <Item key={work.round_id} title={work.title} about={[t("agenda.kinds.review"), why(work.why)]} />)}
    </ul>
  );
}

const textsOf = (options: readonly { option_id: string; text: string }[], ids: readonly string[]): string => options.filter(({ option_id: id }) => ids.includes(id)).map(({ text }) => text).join(", ");

function RightAnswer({ options, rightIds, explanation }: { options: readonly { option_id: string; text: string }[]; rightIds: readonly string[] | null; explanation: string }) {
  const { t } = useTranslation();
  if (rightIds === null || rightIds.length === 0) return null;
  return (
    <>
      <span className="summary-right">{t("polls.rightIs", { option: textsOf(options, rightIds) })}</span>
      {explanation !== "" && <span className="answer-text">{explanation}</span>}
    </>
  );
}

function QuizAnswers({ quizzes }: { quizzes: Quizzes }) {
  const { t } = useTranslation();
  return (
    <>
      <Text size="sm" mb={quizzes.wrong.length === 0 ? 0 : "xs"}>{t("summary.rightOf", { right: quizzes.right, count: quizzes.answered })}</Text>
      <ul className="summary-list">
        {quizzes.wrong.map((poll) => (
          <Item key={poll.poll_id} title={poll.question} about={[t("summary.answered", { option: textsOf(poll.options, poll.answered_ids) })]}>
            <RightAnswer options={poll.options} rightIds={poll.right_ids} explanation={poll.explanation} />
          </Item>
        ))}
      </ul>
    </>
  );
}

function DueReviews({ due }: { due: readonly DueReview[] }) {
  const { t } = useTranslation();
  return (
    <ul className="summary-list">
      {due.map((review) => (
        <Item key={review.review_id} title={review.round_title} about={[review.own ? t("review.own") : null, review.missing.length === 0 ? null : t("review.missing", { criteria: review.missing.join(", ") })]} />
      ))}
    </ul>
  );
}

function OnWork({ given: { round_title: title, criteria, submission, result, reviews }, names }: { given: GivenFeedback; names: ReadonlyMap<string, string> }) {
  const { t } = useTranslation();
  return (
    <article className="summary-poll" aria-label={title}>
      <Text fw={600} className="poll-question">{title}</Text>
      <WorkText work={submission} />
      {result !== null && <Results title={t("summary.result")} result={result} criteria={criteria} />}
      {reviews.map((feedback, index) => <Feedback key={feedback.review_id} number={index + 1} feedback={feedback} criteria={criteria} names={names} />)}
    </article>
  );
}

function Asked({ questions }: { questions: readonly AskedQuestion[] }) {
  const { t } = useTranslation();
  const about = ({ status, answer, anonymous }: AskedQuestion): (string | null)[] => [
    anonymous ? t("questions.anonymous") : null,
    status === "open" ? t("summary.unanswered") : status === "answered" && answer === "" ? t("questions.live") : t(`questions.${status}`),
  ];
  return (
    <ul className="summary-list">
      {questions.map((question) => (
        <Item key={question.question_id} title={question.text} about={about(question)}>
          {question.answer !== "" && <span className="answer-text">{question.answer}</span>}
        </Item>
      ))}
    </ul>
  );
}
