/**
 * The client's copy of the workshop: a map of records, changed by "put" and "remove" and by nothing else (PROTOCOL.md, section 3).
 * Pure: every change makes a new map, so that a view can tell by identity whether something is different.
 */
import type { Changes, HelloAck, WireRecord } from "../protocol/wire";

export interface Records {
  readonly byKey: ReadonlyMap<string, WireRecord>;
  /** The largest `since` seen: where a resumed connection goes on. */
  readonly since: number | null;
  /** The largest `seq` seen: what was acknowledged up to it is in these records. */
  readonly seq: number;
}

export const noRecords: Records = { byKey: new Map(), since: null, seq: 0 };

export function applied(records: Records, changes: Pick<Changes, "since" | "seq" | "put" | "remove">): Records {
  const byKey = new Map(records.byKey);
  for (const key of changes.remove) byKey.delete(key);
  for (const { key, record } of changes.put) byKey.set(key, record);
  return { byKey, since: Math.max(records.since ?? 0, changes.since), seq: Math.max(records.seq, changes.seq) };
}

export function greeted(records: Records, hello: HelloAck): Records {
  return applied(hello.snapshot ? noRecords : records, hello);
}
