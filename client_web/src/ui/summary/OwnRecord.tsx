import { Text } from "@mantine/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { objectAfterwards, readRecords, type AttendanceExport, type AttendanceReport } from "../../core/programme";
import { noRecords } from "../../core/records";
import { roundViews } from "../../state/review";
import { workshopView } from "../../state/selectors";
import { OwnAttendance } from "../attendance/OwnAttendance";
import { Feedback } from "../review/LearnerRound";
import { Results } from "../review/Results";
import { Section } from "./Section";
import { SummaryPoll } from "./SummaryPoll";
import { useFetched } from "./useFetched";

interface Props {
  token: string;
  workshopId: string;
  found: AttendanceExport;
  own: AttendanceReport;
  onChanged: () => void;
}

/** What the workshop came to for one person: attendance, with the way to object to it still; polls; what others said of one's work. */
export function OwnRecord({ token, workshopId, found, own, onChanged }: Props) {
  const { t } = useTranslation();
  const load = useCallback(() => readRecords(token, workshopId), [token, workshopId]);
  const [fetched] = useFetched(load);
  const { polls, rounds, names } = useMemo(() => {
    const records = fetched === null || fetched === "failed" ? noRecords : fetched;
    const view = workshopView(records, own.participant_id);
    return {
      names: view.names,
      polls: view.polls.filter(({ poll }) => poll.status !== "draft").reverse(),
      rounds: roundViews(records, own.participant_id).filter(({ results, feedback }) => results.length + feedback.length > 0),
    };
  }, [fetched, own.participant_id]);
  const object = async (text: string): Promise<string | null> => {
    const problem = await objectAfterwards(token, workshopId, text);
    if (problem === null) onChanged();
    return problem;
  };
  const answered = own.corrected_at_ms !== null && own.corrected_at_ms >= (own.objected_at_ms ?? 0);
  return (
    <>
      <Section title={t("attendance.yours")} only={polls.length + rounds.length === 0}>
        <OwnAttendance
          now={own} spokenMs={own.spoken_ms} rule={found.rule}
          objection={own.objected_at_ms === null ? null : { text: own.objection, answered }}
          answer={own.corrected_at_ms === null ? null : own.correction} final onObject={object}
        />
      </Section>
      {rounds.length > 0 && (
        <Section title={t("summary.feedback")}>
          {rounds.map((item) => (
            <article key={item.round.round_id} className="summary-poll" aria-label={item.round.settings.title}>
              <Text fw={600} className="poll-question">{item.round.settings.title}</Text>
              {item.results.map((result) => <Results key={result.submission_id} title={t("review.yourResult")} result={result} criteria={item.round.criteria} />)}
              {item.feedback.map((feedback, index) => <Feedback key={feedback.review_id} number={index + 1} feedback={feedback} item={item} names={names} />)}
            </article>
          ))}
        </Section>
      )}
      {polls.length > 0 && (
        <Section title={t("polls.title")} wide={rounds.length > 0}>
          <div className="summary-polls">{polls.map((item) => <SummaryPoll key={item.poll.poll_id} item={item} />)}</div>
        </Section>
      )}
    </>
  );
}
