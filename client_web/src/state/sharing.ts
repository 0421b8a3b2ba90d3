/**
 * What says the same stays the same object, so that what is drawn of it is not drawn anew. Pure.
 *
 * Records are never changed, only replaced: most comparisons end at the first step, with the same object on both sides.
 */

const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Whether two values say the same: arrays, plain objects, maps and sets by what they hold, everything else by identity. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((each, index) => same(each, b[index]));
  if (a instanceof Map) return b instanceof Map && a.size === b.size && [...a].every(([key, value]) => b.has(key) && same(value, b.get(key)));
  if (a instanceof Set) return b instanceof Set && a.size === b.size && [...a].every((each) => b.has(each));
  if (!isPlain(a) || !isPlain(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]));
}

/** `after` with the parts of `before` that say the same; `before` itself if all of them do. Also of a part that is a list, what says the same is kept. */
export function kept<T extends object>(before: T, after: T): T {
  const parts = Object.entries(after).map(([name, value]: [string, unknown]): [string, unknown] => {
    const old: unknown = before[name as keyof T];
    if (same(old, value)) return [name, old];
    if (!Array.isArray(old) || !Array.isArray(value)) return [name, value];
    return [name, value.map((each: unknown, index): unknown => (same(old[index], each) ? old[index] : each))];
  });
  return parts.every(([name, value]) => Object.is(before[name as keyof T], value)) ? before : (Object.fromEntries(parts) as T);
}
