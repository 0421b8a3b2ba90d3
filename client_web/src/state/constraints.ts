/** What groups must keep to, as the form shows it. Pure. */
import type { ConstraintsRecord } from "../protocol/wire";

export type Constraint = ConstraintsRecord["constraints"][number];

export interface SizeLimits {
  /** Fewest and most people in a group; null: any number. */
  least: number | null;
  most: number | null;
}

/** The limits that hold: of several, the strictest. */
export function sizeLimits(constraints: readonly Constraint[]): SizeLimits {
  const sizes = (kind: "min_size" | "max_size"): number[] => constraints.flatMap((each) => (each.kind === kind ? [each.size] : []));
  const least = sizes("min_size");
  const most = sizes("max_size");
  return { least: least.length > 0 ? Math.max(...least) : null, most: most.length > 0 ? Math.min(...most) : null };
}

/** The same constraints with these limits instead of those before. */
export function withSizes(constraints: readonly Constraint[], { least, most }: SizeLimits): Constraint[] {
  return [
    ...constraints.filter((each) => each.kind !== "min_size" && each.kind !== "max_size"),
    ...(least === null ? [] : [{ kind: "min_size" as const, size: least }]),
    ...(most === null ? [] : [{ kind: "max_size" as const, size: most }]),
  ];
}
