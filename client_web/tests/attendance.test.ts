import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AttendanceRecord, AttendanceSessionRecord, ParticipantRecord } from "../src/protocol/wire";
import { attendanceAt, type AttendanceNow } from "../src/state/attendance";

interface Vector {
  name: string;
  record: AttendanceRecord;
  session: AttendanceSessionRecord;
  role: ParticipantRecord["role"];
  now_ms: number;
  expected: AttendanceNow;
}

const vectors = JSON.parse(readFileSync(new URL("../../tests/vectors/attendance.json", import.meta.url), "utf8")) as Vector[];

describe("attendanceAt", () => {
  test.each(vectors)("is what the server works out: $name", ({ record, session, role, now_ms, expected }) => {
    expect(attendanceAt(record, session, role, now_ms)).toEqual(expected);
  });

  test("has vectors of every verdict", () => {
    expect(new Set(vectors.map(({ expected }) => expected.verdict))).toEqual(new Set([null, "present", "partial", "absent"]));
  });
});
