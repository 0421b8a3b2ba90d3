import type { Session } from "../../core/session";
import type { WorkshopView } from "../../state/selectors";

export interface PanelProps {
  session: Session;
  view: WorkshopView;
}
