import type { CSSProperties } from "react";
import { initials } from "../state/selectors";
import { hueOf } from "./hue";

/** What stands for a person where there is no picture; the name is said beside it. */
export function Initials({ id, name, className }: { id: string; name: string; className: string }) {
  return <span className={`initials ${className}`} aria-hidden="true" style={{ "--hue": String(hueOf(id)) } as CSSProperties}>{initials(name)}</span>;
}
