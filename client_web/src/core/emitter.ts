/** A value that can be watched: the one way in which core tells the layers above that something is different. */
export class Watched<T> {
  private listeners = new Set<() => void>();

  constructor(private current: T) {}

  get = (): T => this.current;

  set(next: T): void {
    if (Object.is(next, this.current)) return;
    this.current = next;
    for (const listener of [...this.listeners]) listener();
  }

  /** Returns what ends the watching. */
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** Reads what `select` makes of a watched value: worked out once for each value, and, as `keep` says, the same object as before. */
export function selected<T, S>(watched: Watched<T>, select: (value: T) => S, keep: (before: S, after: S) => S): () => S {
  let last: { of: T; made: S } | null = null;
  return () => {
    const value = watched.get();
    if (last === null || !Object.is(last.of, value)) {
      const made = select(value);
      last = { of: value, made: last === null ? made : keep(last.made, made) };
    }
    return last.made;
  };
}
