import type { Session } from "../../core/session";
import type { RoundView } from "../../state/review";
import type { WorkshopView } from "../../state/selectors";
import type { Run } from "../run";

export interface RoundProps {
  session: Session;
  view: WorkshopView;
  item: RoundView;
  run: Run;
}
