import { Loader } from "@mantine/core";
import { lazy, Suspense, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Devices } from "../core/devices";
import { arrival, ownToken, type JoinProblem, type TokenClaims } from "../core/token";
import type { ArrivalAnswer } from "../protocol/wire";
import { EndPage } from "./EndPage";
import { useFetched } from "./hooks";
import { JoinPage, type Joined } from "./JoinPage";

const SummaryPage = lazy(async () => ({ default: (await import("./summary/SummaryPage")).SummaryPage }));

/** What is said at the door and not only after joining. Anything else may have passed by then, and joining tells it. */
const FINAL: ReadonlySet<string> = new Set(["token_expired", "token_invalid", "workshop_unknown", "banned"]);

interface Props {
  link: string;
  claims: TokenClaims;
  workshopId: string;
  devices: Devices;
  onJoined: (joined: Joined) => void;
}

interface Told {
  /** The token that was asked by: the device's own, or else the link's. */
  token: string;
  answer: ArrivalAnswer | JoinProblem;
}

/** Before the device check: how far is the workshop? Whoever comes after the end is shown what it came to, as far as it is theirs. */
export function Doorstep({ link, claims, workshopId, devices, onJoined }: Props) {
  const { t } = useTranslation();
  const invite = claims.kind === "invite";
  const ask = useCallback(async (): Promise<Told> => {
    const own = invite ? ownToken(workshopId, claims) : null;
    if (own !== null) {
      const answer = await arrival(own);
      if (!("code" in answer) || !FINAL.has(answer.code)) return { token: own, answer };
    }
    return { token: link, answer: await arrival(link) };
  }, [invite, link, claims, workshopId]);
  const [told] = useFetched(ask);
  const [over, setOver] = useState(false);
  if (told === null || told === "failed") return <main className="page"><Loader aria-label={t("join.opening")} /></main>;
  const { token, answer } = told;
  const fallback = <EndPage code="workshop_closed" />;
  if ("code" in answer) {
    if (FINAL.has(answer.code)) return <EndPage code={answer.code} message={answer.message} />;
  } else if (answer.state === "ended" || over) {
    if (answer.record === "none") return <EndPage code={invite ? "ended_elsewhere" : "ended_without"} />;
    return <Suspense fallback={fallback}><SummaryPage token={token} arrived={answer} /></Suspense>;
  }
  if (over) return fallback;
  return <JoinPage link={link} claims={claims} workshopId={workshopId} arrived={"code" in answer ? null : answer} devices={devices} onJoined={onJoined} onOver={() => setOver(true)} />;
}
