import { Loader } from "@mantine/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { objectAfterwards, OWN_EXPORTS, readOwn, type Own } from "../../core/programme";
import { ofKind, workshopView } from "../../state/selectors";
import { OwnAttendance } from "../attendance/OwnAttendance";
import { Downloads } from "../Downloads";
import { useFetched } from "../hooks";
import { Section } from "./Section";
import { NotThere } from "./NotThere";
import { SummaryPoll } from "./SummaryPoll";
import { Taken } from "./Taken";

interface Props {
  token: string;
  workshopId: string;
}

/** What the workshop came to for one person. */
export function OwnRecord({ token, workshopId }: Props) {
  const load = useCallback(() => readOwn(token, workshopId), [token, workshopId]);
  const [own, again] = useFetched(load);
  if (own === null) return <Loader m="auto" data-wide />;
  if (own === "failed") return <NotThere onAgain={again} />;
  return <Record token={token} workshopId={workshopId} own={own} onChanged={again} />;
}

/** Attendance, with the way to object to it still; what was missed, answered wrong, owed, asked; what others said of one's work; polls; files. */
function Record({ token, workshopId, own: { found, records }, onChanged }: Props & { own: Own; onChanged: () => void }) {
  const { t } = useTranslation();
  const { attendance } = found.summary;
  const { polls, names, rule } = useMemo(() => {
    const view = workshopView(records, found.summary.participant_id);
    return { names: view.names, polls: view.polls.filter(({ poll }) => poll.status !== "draft").reverse(), rule: ofKind(records, "attendance_session")[0]?.rule ?? null };
  }, [found, records]);
  const object = async (text: string): Promise<string | null> => {
    const problem = await objectAfterwards(token, workshopId, text);
    if (problem === null) onChanged();
    return problem;
  };
  const answered = attendance.corrected_at_ms !== null && attendance.corrected_at_ms >= (attendance.objected_at_ms ?? 0);
  return (
    <>
      <div className="summary-cards" data-wide>
        <Section title={t("attendance.yours")}>
          <OwnAttendance
            now={attendance} spokenMs={attendance.spoken_ms} rule={rule}
            objection={attendance.objected_at_ms === null ? null : { text: attendance.objection, answered }}
            answer={attendance.corrected_at_ms === null ? null : attendance.correction} final onObject={object}
          />
        </Section>
        <Taken summary={found.summary} own names={names} Part={Section} />
        <Section title={t("summary.files")}><Downloads names={OWN_EXPORTS} token={token} workshopId={workshopId} /></Section>
      </div>
      {polls.length > 0 && (
        <Section title={t("polls.title")} wide>
          <div className="summary-polls">{polls.map((item) => <SummaryPoll key={item.poll.poll_id} item={item} />)}</div>
        </Section>
      )}
    </>
  );
}
