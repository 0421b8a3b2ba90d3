import { Alert, Text } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { EXPORTS } from "../../core/programme";
import type { Session } from "../../core/session";
import type { AttendanceRecord, AttendanceSessionRecord, ParticipantRecord } from "../../protocol/wire";
import { attendanceAt } from "../../state/attendance";
import { ofKind, type WorkshopView } from "../../state/selectors";
import { EveryonesAttendance, type Attendee, type Expected } from "../attendance/EveryonesAttendance";
import { OwnAttendance, Rule } from "../attendance/OwnAttendance";
import { Downloads } from "../Downloads";
import { useServerNow, useWatched } from "../hooks";
import { useRun } from "../run";

/** How often what time adds is added up; nobody waits for a second here. */
const EVERY_MS = 5_000;

/** One's own attendance, and for facilitators everybody's. */
export function AttendancePanel({ session, view }: { session: Session; view: WorkshopView }) {
  const records = useWatched(session.connection.records);
  const [kept, rule, roles, expected] = useMemo(
    () => [
      ofKind(records, "attendance"),
      ofKind(records, "attendance_session")[0] ?? null,
      new Map(ofKind(records, "participant").map((person) => [person.participant_id, person.role])),
      ofKind(records, "roster_entry")
        .filter((entry) => entry.participant_id === null)
        .map((entry): Expected => ({ id: entry.entry_id, name: entry.name || entry.email || entry.external_id })),
    ] as const,
    [records],
  );
  if (rule === null) return null;
  const own = kept.find((each) => each.participant_id === view.meId) ?? null;
  return (
    <div className="scroll">
      {view.isHost ? <Everyones session={session} view={view} kept={kept} rule={rule} roles={roles} expected={expected} /> : own !== null && <Own session={session} view={view} record={own} rule={rule} />}
    </div>
  );
}

interface OwnProps {
  session: Session;
  view: WorkshopView;
  record: AttendanceRecord;
  rule: AttendanceSessionRecord;
}

function Own({ session, view, record, rule }: OwnProps) {
  const now = useServerNow(session, true, EVERY_MS);
  const object = async (text: string): Promise<string | null> => {
    const ack = await session.command({ type: "ObjectToAttendance", text });
    return ack.ok ? null : ack.message;
  };
  return (
    <OwnAttendance
      now={attendanceAt(record, rule, view.me?.role ?? "learner", now)} spokenMs={record.spoken_ms}
      rule={rule.rule}
      objection={record.objection} answer={record.correction?.text ?? null} final={false} onObject={object}
    />
  );
}

interface EveryonesProps {
  session: Session;
  view: WorkshopView;
  kept: AttendanceRecord[];
  rule: AttendanceSessionRecord;
  roles: ReadonlyMap<string, ParticipantRecord["role"]>;
  expected: Expected[];
}

function Everyones({ session, view, kept, rule, roles, expected }: EveryonesProps) {
  const { t } = useTranslation();
  const nowMs = useServerNow(session, true, EVERY_MS);
  const [run, problem] = useRun(session);
  const waits = ({ record }: Attendee): number => Number(record.objection !== null && !record.objection.answered);
  const people = kept
    .map((record): Attendee => {
      const role = roles.get(record.participant_id) ?? "learner";
      return { record, name: view.names.get(record.participant_id) ?? record.participant_id, now: attendanceAt(record, rule, role, nowMs) };
    })
    .filter(({ record }) => roles.get(record.participant_id) === "learner" || record.objection !== null)
    .sort((a, b) => waits(b) - waits(a) || a.name.localeCompare(b.name));
  return (
    <>
      {problem !== null && <Alert color="red" mb="sm">{problem}</Alert>}
      {people.length + expected.length === 0 ? <Text size="sm" c="dimmed">{t("attendance.nobody")}</Text> : <EveryonesAttendance people={people} expected={expected} run={run} />}
      <Text size="sm" c="dimmed" mt="sm"><Rule rule={rule.rule} /></Text>
      <Downloads names={EXPORTS} token={session.token} workshopId={view.workshop?.workshop_id ?? ""} />
    </>
  );
}
