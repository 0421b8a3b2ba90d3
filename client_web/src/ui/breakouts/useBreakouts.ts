import { useCallback } from "react";
import type { Records } from "../../core/records";
import type { Session } from "../../core/session";
import { breakoutsView, type BreakoutsView } from "../../state/breakouts";
import type { WorkshopView } from "../../state/selectors";
import { kept } from "../../state/sharing";
import { useSelected } from "../hooks";

export function useBreakouts(session: Session, view: WorkshopView): BreakoutsView {
  const select = useCallback((records: Records) => breakoutsView(records, view), [view]);
  return useSelected(session, select, kept);
}
