import { Button, Loader, Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useCallback, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { readLearner } from "../../core/programme";
import type { AttendanceReport } from "../../protocol/wire";
import { clockText } from "../../state/selectors";
import { AttendanceHead } from "../attendance/AttendanceHead";
import { VerdictMark } from "../attendance/VerdictMark";
import { useFetched } from "../hooks";
import { FIRST_PEOPLE } from "./shown";
import { NotThere } from "./NotThere";
import { Taken } from "./Taken";

interface Props {
  token: string;
  workshopId: string;
  people: readonly AttendanceReport[];
}

/** Learners who came, then those who were expected and did not; whoever came opens to what they missed, answered wrong and owe. */
export function People({ token, workshopId, people }: Props) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const names = useMemo(() => new Map(people.flatMap(({ participant_id: id, name }) => (id === null ? [] : [[id, name] as const]))), [people]);
  const learners = people.filter((person) => person.role === "learner").sort((a, b) => Number(a.participant_id === null) - Number(b.participant_id === null) || a.name.localeCompare(b.name));
  if (learners.length === 0) return <Text size="sm" c="dimmed">{t("attendance.nobody")}</Text>;
  const shown = all ? learners : learners.slice(0, FIRST_PEOPLE);
  return (
    <>
      <table className="attendance-table summary-people">
        <AttendanceHead />
        <tbody>
          {shown.map((person, index) => {
            const { participant_id: id } = person;
            return (
              <Row key={id ?? `expected ${String(index)}`} person={person} open={id !== null && open === id} onToggle={() => setOpen((before) => (before === id ? null : id))}>
                {id !== null && <Details token={token} workshopId={workshopId} participantId={id} names={names} />}
              </Row>
            );
          })}
        </tbody>
      </table>
      {learners.length > shown.length && <Button variant="subtle" size="compact-md" className="summary-more" onClick={() => setAll(true)}>{t("summary.showAll", { count: learners.length })}</Button>}
    </>
  );
}

function Row({ person, open, onToggle, children }: { person: AttendanceReport; open: boolean; onToggle: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  const came = person.participant_id !== null;
  return (
    <>
      <tr>
        <th scope="row">
          {came ? (
            <UnstyledButton className="attendance-name" aria-expanded={open} aria-label={t("summary.details", { name: person.name })} title={person.name} onClick={onToggle}>
              <IconChevronRight size={16} className="summary-turn" aria-hidden="true" />
              <span className="truncate">{person.name}</span>
            </UnstyledButton>
          ) : <span className="attendance-missing truncate" title={person.name}>{person.name}</span>}
        </th>
        <td className="number">{came ? clockText(Math.floor(person.session_ms / 1000)) : "–"}</td>
        <td className="number summary-share">
          {person.percent !== null && came && t("attendance.percent", { percent: Math.floor(person.percent) })}
          <VerdictMark verdict={person.verdict} final />
        </td>
      </tr>
      {open && <tr><td colSpan={3} className="summary-details">{children}</td></tr>}
    </>
  );
}

function Details({ token, workshopId, participantId, names }: { token: string; workshopId: string; participantId: string; names: ReadonlyMap<string, string> }) {
  const load = useCallback(() => readLearner(token, workshopId, participantId), [token, workshopId, participantId]);
  const [found, again] = useFetched(load);
  if (found === null) return <Loader size="sm" />;
  if (found === "failed") return <NotThere onAgain={again} />;
  return <Taken summary={found.summary} own={false} names={names} Part={Part} />;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="summary-part" aria-label={title}>
      <Text fw={600} size="sm">{title}</Text>
      {children}
    </section>
  );
}
