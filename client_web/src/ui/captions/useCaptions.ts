import { useCallback, useState } from "react";
import { store, stored } from "../../core/storage";
import type { Session } from "../../core/session";

const SHOWN_KEY = "atelier.captions";

/** Whether this person wants to see captions; remembered. Who shuts the area has nothing of their own written any more either. */
export function useCaptions(session: Session): [boolean, (shown: boolean) => void] {
  const [shown, setShown] = useState(() => stored(SHOWN_KEY) === "on");
  const choose = useCallback(
    (next: boolean) => {
      store(SHOWN_KEY, next ? "on" : null);
      if (!next) session.captioning.set(false);
      setShown(next);
    },
    [session],
  );
  return [shown, choose];
}
