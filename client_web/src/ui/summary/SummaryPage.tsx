import "./summary.css";
import { Alert, Button, Loader, Text, Title } from "@mantine/core";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { readExport } from "../../core/programme";
import { claimsOf } from "../../core/token";
import { isHost } from "../../state/selectors";
import { usePageFocus } from "../focus";
import { Mark } from "../Mark";
import { HostSummary } from "./HostSummary";
import { OwnRecord } from "./OwnRecord";
import { useFetched } from "./useFetched";

/** After the end: what the workshop came to. Who ran it sees all of it; everybody else what is about themselves. */
export function SummaryPage({ token }: { token: string }) {
  const { t, i18n } = useTranslation();
  const title = usePageFocus<HTMLHeadingElement>();
  const claims = claimsOf(token);
  const workshopId = claims?.wid ?? "";
  const load = useCallback(() => readExport(token, workshopId, "attendance"), [token, workshopId]);
  const [found, again] = useFetched(load);
  const whole = found === null || found === "failed" ? null : found;
  const own = whole?.people.find((each) => each.participant_id === claims?.sub) ?? null;
  const began = Math.min(...(whole?.people.flatMap(({ joined_at_ms: joined }) => (joined === null ? [] : [joined])) ?? []));
  const day = Number.isFinite(began) ? new Intl.DateTimeFormat(i18n.language, { dateStyle: "full" }).format(began) : "";
  return (
    <main className="summary">
      <header className="summary-title">
        <Mark size={40} />
        <div className="summary-words">
          <Title ref={title} order={1} size="h2">{t("end.workshop_closed.title")}</Title>
          <Text c="dimmed" role="status" className="poll-question">{whole === null ? t("end.workshop_closed.text") : [whole.title, day].filter(Boolean).join(" · ")}</Text>
        </div>
      </header>
      {found === null && <Loader m="auto" data-wide />}
      {found === "failed" && (
        <Alert color="yellow" data-wide>
          {t("summary.notThere")} <Button size="compact-sm" variant="default" ml="sm" onClick={again}>{t("problem.retry")}</Button>
        </Alert>
      )}
      {whole !== null && own === null && <Text data-wide c="dimmed">{t("end.workshop_closed.text")}</Text>}
      {whole !== null && own !== null && (isHost(own)
        ? <HostSummary token={token} workshopId={workshopId} attendance={whole} />
        : <OwnRecord token={token} workshopId={workshopId} found={whole} own={own} onChanged={again} />)}
    </main>
  );
}
