import "./summary.css";
import { Loader } from "@mantine/core";
import { useCallback } from "react";
import { arrival } from "../../core/token";
import type { ArrivalAnswer } from "../../protocol/wire";
import { EndPage } from "../EndPage";
import { useFetched } from "../hooks";
import { HostSummary } from "./HostSummary";
import { NotThere } from "./NotThere";
import { OwnRecord } from "./OwnRecord";
import { SummaryHead } from "./SummaryHead";

/** After the end: what the workshop came to. Who ran it sees all of it; everybody else what is about themselves. `arrived`: where that has been asked already. */
export function SummaryPage({ token, arrived = null }: { token: string; arrived?: ArrivalAnswer | null }) {
  const load = useCallback(async (): Promise<ArrivalAnswer | null> => {
    if (arrived !== null) return arrived;
    const answer = await arrival(token);
    return "code" in answer ? null : answer;
  }, [token, arrived]);
  const [found, again] = useFetched(load);
  if (found !== null && found !== "failed" && found.record === "none") return <EndPage code="ended_without" />;
  const whole = found === "failed" ? null : found;
  return (
    <main className="summary">
      <SummaryHead arrived={whole} />
      {found === null && <Loader m="auto" data-wide />}
      {found === "failed" && <NotThere onAgain={again} />}
      {whole?.record === "all" && <HostSummary token={token} workshopId={whole.workshop_id} />}
      {whole?.record === "own" && <OwnRecord token={token} workshopId={whole.workshop_id} />}
    </main>
  );
}
