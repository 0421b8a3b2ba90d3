import { Alert, Anchor, Button, Loader, Text } from "@mantine/core";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { readExport, type AttendanceExport, type ExportName, type Exports, type GroupRound } from "../../core/programme";
import type { WorkRecord } from "../../protocol/wire";
import { clockText } from "../../state/selectors";
import { exportedPolls, numbersOf, talkers } from "../../state/summary";
import { durationText } from "../agenda/times";
import { AttendanceHead } from "../attendance/AttendanceHead";
import { VerdictMark } from "../attendance/VerdictMark";
import { Chart } from "../charts/Chart";
import { DownloadMenu } from "../Downloads";
import { useRoomName } from "../roomName";
import { ReviewedRounds } from "./ReviewedRounds";
import { Section } from "./Section";
import { SummaryPoll } from "./SummaryPoll";
import { useFetched } from "./useFetched";

/** So many people are shown before the rest is asked for. */
const FIRST_PEOPLE = 12;

interface Props {
  token: string;
  workshopId: string;
  attendance: AttendanceExport;
}

type Others = Pick<Exports, "polls" | "reviews" | "groups">;

/** What the workshop came to, for who ran it: who was there, who spoke, how polls and reviews came out. */
export function HostSummary({ token, workshopId, attendance }: Props) {
  const { t } = useTranslation();
  const [problem, setProblem] = useState<string | null>(null);
  const load = useCallback(async (): Promise<Others | null> => {
    const [polls, reviews, groups] = await Promise.all([readExport(token, workshopId, "polls"), readExport(token, workshopId, "reviews"), readExport(token, workshopId, "groups")]);
    return polls === null || reviews === null || groups === null ? null : { polls, reviews, groups };
  }, [token, workshopId]);
  const [others, again] = useFetched(load);
  const menu = (...names: ExportName[]) => <DownloadMenu token={token} workshopId={workshopId} names={names} onProblem={setProblem} />;
  const polls = useMemo(() => (others === null || others === "failed" ? [] : exportedPolls(others.polls.polls)), [others]);
  return (
    <>
      {problem !== null && <Alert color="red" data-wide>{problem}</Alert>}
      <Figures attendance={attendance} />
      <Section title={t("attendance.title")} action={menu("attendance", "participation")}><People attendance={attendance} /></Section>
      <Section title={t("summary.talk")} note={t("summary.talkNote")} action={menu("attendance")}><Talk attendance={attendance} /></Section>
      {others === null && <Loader m="auto" data-wide />}
      {others === "failed" && (
        <Alert color="red" data-wide>
          {t("error.offline")} <Button size="compact-sm" variant="default" ml="sm" onClick={again}>{t("problem.retry")}</Button>
        </Alert>
      )}
      {others !== null && others !== "failed" && (
        <>
          <Section wide title={t("polls.title")} action={polls.length > 0 && menu("polls", "voters")}>
            {polls.length === 0 ? <Text size="sm" c="dimmed">{t("summary.noPolls")}</Text> : <div className="summary-polls">{polls.map((item) => <SummaryPoll key={item.poll.poll_id} item={item} />)}</div>}
          </Section>
          <Section wide title={t("review.title")} action={others.reviews.rounds.length > 0 && menu("reviews")}><ReviewedRounds rounds={others.reviews.rounds} /></Section>
          <Section wide title={t("summary.groups")} action={others.groups.rounds.length > 0 && menu("groups")}><Groups rounds={others.groups.rounds} works={others.groups.works} /></Section>
        </>
      )}
    </>
  );
}

function Figures({ attendance }: { attendance: AttendanceExport }) {
  const { t } = useTranslation();
  const numbers = numbersOf(attendance.people);
  const figures: [string, string, string][] = [
    [t("summary.came"), String(numbers.came), numbers.expected > numbers.came ? t("summary.ofExpected", { count: numbers.expected }) : ""],
    [t("attendance.verdict.present"), String(numbers.present), [[numbers.partial, "partial"], [numbers.absent, "absent"]].filter(([count]) => count !== 0).map(([count, verdict]) => t("summary.counted", { what: t(`attendance.verdict.${verdict as "partial"}`), count: Number(count) })).join(" · ")],
    [t("summary.length"), durationText(t, attendance.session_ms), ""],
    [t("summary.activity"), numbers.activity === null ? "–" : t("attendance.percent", { percent: numbers.activity }), t("summary.activityNote")],
    [t("summary.learnersTalk"), numbers.learnersTalk === null ? "–" : t("attendance.percent", { percent: numbers.learnersTalk }), t("summary.spoke", { count: numbers.spoke })],
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

function People({ attendance }: { attendance: AttendanceExport }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const people = attendance.people.filter((person) => person.role === "learner").sort((a, b) => Number(a.participant_id === null) - Number(b.participant_id === null) || a.name.localeCompare(b.name));
  if (people.length === 0) return <Text size="sm" c="dimmed">{t("attendance.nobody")}</Text>;
  const shown = all ? people : people.slice(0, FIRST_PEOPLE);
  return (
    <>
      <table className="attendance-table summary-people">
        <AttendanceHead />
        <tbody>
          {shown.map((person, index) => (
            <tr key={person.participant_id ?? `expected ${String(index)}`}>
              <th scope="row" className="truncate" title={person.name}>{person.name}</th>
              <td className="number">{person.participant_id === null ? "–" : clockText(Math.floor(person.session_ms / 1000))}</td>
              <td className="number summary-share">
                {person.percent !== null && person.participant_id !== null && t("attendance.percent", { percent: Math.floor(person.percent) })}
                <VerdictMark verdict={person.verdict} final />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {people.length > shown.length && <Button variant="subtle" size="compact-md" className="summary-more" onClick={() => setAll(true)}>{t("summary.showAll", { count: people.length })}</Button>}
    </>
  );
}

function Talk({ attendance }: { attendance: AttendanceExport }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const people = talkers(attendance.people);
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
