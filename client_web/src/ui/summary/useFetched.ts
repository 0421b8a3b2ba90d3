import { useEffect, useState } from "react";

/** What `load` (a function that stays the same) brings; null until then, `failed` where it brings nothing. `again` asks anew and keeps what there is meanwhile. */
export function useFetched<T extends object>(load: () => Promise<T | null>): [T | "failed" | null, () => void] {
  const [found, setFound] = useState<T | "failed" | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let wanted = true;
    void load().then((value) => {
      if (wanted) setFound((before) => value ?? (before === null ? "failed" : before));
    });
    return () => {
      wanted = false;
    };
  }, [load, turn]);
  return [found, () => setTurn((before) => before + 1)];
}
