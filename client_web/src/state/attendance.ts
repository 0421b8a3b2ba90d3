/**
 * Attendance as it stands at a moment, from records that do not change because time passes. Pure.
 *
 * The formula is `atelier-1` of rooms/SPEC.md (AT6); `tests/vectors/attendance.json` holds it to what the server works out.
 */
import type { AttendanceRecord, AttendanceRule, AttendanceSessionRecord, Done, ParticipantRecord } from "../protocol/wire";

export type Verdict = "present" | "partial" | "absent";

export interface AttendanceNow {
  present_ms: number;
  session_ms: number;
  breakout_ms: number;
  polls: Done;
  works: Done;
  reviews: Done;
  /** Null before the session has begun. */
  percent: number | null;
  verdict: Verdict | null;
}

/** How long the session has run: while a facilitator was there and connected. */
function clockMs(session: AttendanceSessionRecord, nowMs: number): number {
  return session.clock_ms + (session.runs_since_ms === null ? 0 : nowMs - session.runs_since_ms);
}

function summedUp(record: AttendanceRecord, session: AttendanceSessionRecord, role: ParticipantRecord["role"], nowMs: number): Omit<AttendanceNow, "percent" | "verdict"> {
  const { running } = record;
  const { present_ms, session_ms, breakout_ms, polls, works, reviews } = record;
  if (running === null || running.lost) return { present_ms, session_ms, breakout_ms, polls, works, reviews };
  const more = (sum: Done, opened: number): Done => ({ done: sum.done, offered: sum.offered + opened });
  return {
    present_ms: present_ms + nowMs - running.since_ms,
    session_ms: session_ms + Math.max(0, clockMs(session, nowMs) - running.clock_ms),
    breakout_ms: breakout_ms + running.breakout_ms + (running.in_breakout ? nowMs - running.room_since_ms : 0),
    polls: more(polls, role === "observer" ? 0 : session.polls - running.polls),
    works: more(works, role === "learner" ? session.works - running.works : 0),
    reviews,
  };
}

/** The role is the person's own now: what was opened since they came counts for who may take part in it. */
export function attendanceAt(record: AttendanceRecord, session: AttendanceSessionRecord, role: ParticipantRecord["role"], nowMs: number): AttendanceNow {
  const sums = summedUp(record, session, role, nowMs);
  const ran = clockMs(session, nowMs);
  const length = ran === 0 ? 0 : (session.rule.expected_ms ?? ran);
  const counted = record.correction?.session_ms ?? sums.session_ms;
  const activities = [sums.polls, sums.works, sums.reviews];
  const verdict = record.correction?.verdict ?? verdictOf(session.rule, counted, length, activities, record.spoken_ms);
  return { ...sums, percent: length === 0 ? null : Math.min(Math.floor((1000 * counted) / length), 1000) / 10, verdict };
}

function verdictOf(rule: AttendanceRule, counted: number, length: number, activities: Done[], spokenMs: number): Verdict | null {
  if (length === 0) return null;
  const [done, offered] = [activities.reduce((sum, each) => sum + each.done, 0), activities.reduce((sum, each) => sum + each.offered, 0)];
  const enough = 100 * done >= (rule.activities_percent ?? 0) * offered && spokenMs >= (rule.spoken_ms ?? 0);
  if (100 * counted >= (rule.present_percent ?? 75) * length && enough) return "present";
  return 100 * counted >= (rule.partial_percent ?? 25) * length ? "partial" : "absent";
}
