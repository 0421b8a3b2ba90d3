/** What people in the room have just reacted with; each is seen for a moment. */
import type { Reaction } from "../protocol/wire";
import { Watched } from "./emitter";

const SEEN_MS = 5_000;

export class Reactions {
  /** Participant id → reaction. */
  readonly now = new Watched<ReadonlyMap<string, Reaction>>(new Map());
  private readonly ends = new Map<string, ReturnType<typeof setTimeout>>();

  add(reactions: Readonly<globalThis.Record<string, Reaction>>): void {
    this.now.set(new Map([...this.now.get(), ...Object.entries(reactions)]));
    for (const id of Object.keys(reactions)) {
      clearTimeout(this.ends.get(id));
      this.ends.set(id, setTimeout(() => this.remove(id), SEEN_MS));
    }
  }

  close(): void {
    for (const end of this.ends.values()) clearTimeout(end);
  }

  private remove(id: string): void {
    this.ends.delete(id);
    this.now.set(new Map([...this.now.get()].filter(([each]) => each !== id)));
  }
}
