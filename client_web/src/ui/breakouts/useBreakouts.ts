import { useMemo } from "react";
import type { Session } from "../../core/session";
import { breakoutsView, type BreakoutsView } from "../../state/breakouts";
import type { WorkshopView } from "../../state/selectors";
import { useWatched } from "../hooks";

export function useBreakouts(session: Session, view: WorkshopView): BreakoutsView {
  const records = useWatched(session.connection.records);
  return useMemo(() => breakoutsView(records, view), [records, view]);
}
