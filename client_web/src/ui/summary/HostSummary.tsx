import { Alert, Anchor, Button, Loader, Text } from "@mantine/core";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { EXPORTS, readWhole, type ExportName, type Whole } from "../../core/programme";
import type { Activity, AttendanceReport, GroupRound, WorkRecord } from "../../protocol/wire";
import { clockText } from "../../state/selectors";
import { exportedPolls, talkers, tookPart } from "../../state/summary";
import { durationText } from "../agenda/times";
import { Chart } from "../charts/Chart";
import { DownloadMenu, Downloads } from "../Downloads";
import { Facts } from "../Facts";
import { useFetched } from "../hooks";
import { useRoomName } from "../roomName";
import { HeldAgenda } from "./HeldAgenda";
import { People } from "./People";
import { ReviewedRounds } from "./ReviewedRounds";
import { Section } from "./Section";
import { FIRST_PEOPLE } from "./shown";
import { NotThere } from "./NotThere";
import { SummaryPoll } from "./SummaryPoll";

interface Props {
  token: string;
  workshopId: string;
}

/** What the workshop came to, for who ran it. */
export function HostSummary({ token, workshopId }: Props) {
  const load = useCallback(() => readWhole(token, workshopId), [token, workshopId]);
  const [whole, again] = useFetched(load);
  if (whole === null) return <Loader m="auto" data-wide />;
  if (whole === "failed") return <NotThere onAgain={again} />;
  return <Everything token={token} workshopId={workshopId} whole={whole} />;
}

/** Who was there, who spoke, how the agenda was held, how polls and reviews came out; with the files beside what they are about. */
function Everything({ token, workshopId, whole: { summary, attendance, groups } }: Props & { whole: Whole }) {
  const { t } = useTranslation();
  const [problem, setProblem] = useState<string | null>(null);
  const menu = (...names: ExportName[]) => <DownloadMenu token={token} workshopId={workshopId} names={names} onProblem={setProblem} />;
  const polls = useMemo(() => exportedPolls(summary.polls), [summary]);
  return (
    <>
      {problem !== null && <Alert color="red" data-wide>{problem}</Alert>}
      <Figures whole={{ summary, attendance, groups }} />
      <div className="summary-cards" data-wide>
        <Section title={t("attendance.title")} action={menu("attendance", "participation")}><People token={token} workshopId={workshopId} people={attendance.people} /></Section>
        <Section title={t("summary.talk")} note={t("summary.talkNote")} action={menu("attendance")}><Talk people={attendance.people} /></Section>
        {summary.agenda.length > 0 && <Section title={t("summary.agenda")}><HeldAgenda steps={summary.agenda} /></Section>}
        <Section title={t("summary.happened")} action={menu("questions")}><Happened activity={summary.activity} /></Section>
      </div>
      <Section wide title={t("polls.title")} action={polls.length > 0 && menu("polls", "voters")}>
        {polls.length === 0 ? <Text size="sm" c="dimmed">{t("summary.noPolls")}</Text> : <div className="summary-polls">{polls.map((item) => <SummaryPoll key={item.poll.poll_id} item={item} />)}</div>}
      </Section>
      <Section wide title={t("review.title")} action={summary.reviews.length > 0 && menu("reviews")}><ReviewedRounds rounds={summary.reviews} /></Section>
      <Section wide title={t("summary.groups")} action={groups.rounds.length > 0 && menu("groups")}><Groups rounds={groups.rounds} works={groups.works} /></Section>
      <Section wide title={t("summary.files")}><Downloads names={EXPORTS} token={token} workshopId={workshopId} /></Section>
    </>
  );
}

function Figures({ whole: { summary, attendance } }: { whole: Whole }) {
  const { t } = useTranslation();
  const { learners, never_came: missing, present, partial, absent, mean_percent: mean } = summary.attendance;
  const percent = (value: number | null): string => (value === null ? "–" : t("attendance.percent", { percent: Math.round(value) }));
  const others = ([["partial", partial], ["absent", absent]] as const).filter(([, count]) => count > 0).map(([verdict, count]) => t("summary.counted", { what: t(`attendance.verdict.${verdict}`), count }));
  const spoke = summary.talk.filter(({ who }) => who.role === "learner").length;
  const figures: [string, string, string][] = [
    [t("summary.came"), String(learners), missing > 0 ? t("summary.ofExpected", { count: learners + missing }) : ""],
    [t("attendance.verdict.present"), String(present), others.join(" · ")],
    [t("summary.length"), durationText(t, summary.session_ms), mean === null ? "" : t("summary.meanThere", { percent: Math.round(mean) })],
    [t("summary.activity"), percent(tookPart(attendance.people)), t("summary.activityNote")],
    [t("summary.learnersTalk"), percent(summary.talk_hosts_percent === null ? null : 100 - summary.talk_hosts_percent), t("summary.spoke", { count: spoke })],
  ];
  return (
    <dl className="summary-figures">
      {figures.map(([name, value, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {note !== "" && <dd className="summary-figure-note">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}

function Happened({ activity }: { activity: Activity }) {
  const { t } = useTranslation();
  const facts: [string, number | string][] = [
    [t("summary.messages"), activity.messages],
    [t("summary.hands"), activity.hands],
    [t("summary.questionsAnswered"), t("attendance.doneOf", { done: activity.questions_answered, offered: activity.questions })],
    [t("summary.helpCalls"), activity.help_calls],
    [t("summary.rounds"), activity.breakout_rounds],
    [t("summary.roomWorks"), activity.room_works],
  ];
  return <Facts facts={facts} />;
}

function Talk({ people: everybody }: { people: readonly AttendanceReport[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const people = talkers(everybody);
  const shown = all ? people : people.slice(0, FIRST_PEOPLE);
  if (!people.some((person) => person.spoken_ms > 0)) return <Text size="sm" c="dimmed">{t("summary.nobodySpoke")}</Text>;
  return (
    <>
      <Chart
        label={t("summary.talk")} of={t("attendance.name")} series={[t("attendance.spoken")]} format={(seconds) => clockText(Math.round(seconds))}
        lines={shown.map(({ name, spoken_ms }) => ({ name, values: [spoken_ms / 1000] }))}
      />
      {people.length > shown.length && <Button variant="subtle" size="compact-md" className="summary-more" onClick={() => setAll(true)}>{t("summary.showAll", { count: people.length })}</Button>}
    </>
  );
}

function Groups({ rounds, works }: { rounds: GroupRound[]; works: WorkRecord[] }) {
  const { t, i18n } = useTranslation();
  const roomName = useRoomName();
  const listed = new Intl.ListFormat(i18n.language, { type: "unit" });
  if (rounds.length === 0) return <Text size="sm" c="dimmed">{t("summary.noGroups")}</Text>;
  return (
    <div className="summary-groups">
      {rounds.map((round) => (
        <div key={round.round_id}>
          {rounds.length > 1 && <Text fw={600} size="sm" mb={6}>{t("summary.round", { number: round.number })}</Text>}
          <dl className="summary-rooms">
            {round.rooms.map((room) => (
              <div key={room.room_id}>
                <dt>{roomName(room.name)}</dt>
                <dd>{room.people.length === 0 ? t("summary.nobody") : listed.format(room.people.map(({ name }) => name))}</dd>
                {works.filter((work) => work.room_id === room.room_id).map((work) => (
                  <dd key={work.work_id} className="summary-work">
                    {work.url === "" ? work.title : <Anchor size="sm" href={work.url} target="_blank" rel="noopener noreferrer">{work.title}</Anchor>}
                    {work.text !== "" && <span className="answer-text">{work.text}</span>}
                  </dd>
                ))}
              </div>
            ))}
          </dl>
        </div>
      ))}
    </div>
  );
}
