/** The golden angle: ids that differ little get hues that differ much. */
const TURN = 137.508;

/** A hue that stays with a person, degrees. */
export function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return Math.round(hash * TURN) % 360;
}
