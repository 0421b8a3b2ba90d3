import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconArrowLeft, IconArrowRight, IconClock, IconPlayerPlay } from "@tabler/icons-react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Records } from "../../core/records";
import type { Session } from "../../core/session";
import type { ClientCommand, ReviewRoundRecord } from "../../protocol/wire";
import { agendaView, driftMinutes, driftMs, endsAtMs, overMs, stepRecord, totalMs, type AgendaView } from "../../state/agenda";
import { clockText, ofKind, secondsLeft } from "../../state/selectors";
import { useSelected, useServerNow } from "../hooks";
import { dayTime, durationText } from "./times";

interface Props {
  session: Session;
  host: boolean;
}

type Going = Extract<ClientCommand, { type: "StartAgenda" | "NextStep" | "PreviousStep" }>;
const UNFINISHED = new Set(["submit", "read", "review", "discuss"]);

/** Under the header: where the agenda stands. Those who run the workshop go on from here. */
export const AgendaBar = memo(function AgendaBar({ session, host }: Props) {
  const { t } = useTranslation();
  const found = useSelected(session, agendaView);
  if (found === null || (!host && found.current === null)) return null;
  return (
    <section className="agenda-bar" aria-label={t("agenda.label")}>
      <Where session={session} found={found} host={host} />
      {host && <Steer session={session} found={found} />}
    </section>
  );
});

const reviewRounds = (records: Records): ReviewRoundRecord[] => ofKind(records, "review_round");

function Where({ session, found, host }: { session: Session; found: AgendaView; host: boolean }) {
  const { t, i18n } = useTranslation();
  const { agenda, current, number, next } = found;
  const now = useServerNow(session, current !== null);
  if (current === null) {
    const ready = t("agenda.ready", { steps: agenda.steps.length, time: durationText(t, totalMs(found)) });
    return <p className="agenda-now agenda-title">{agenda.status === "ready" ? ready : t("agenda.ended")}</p>;
  }
  const over = overMs(found, now);
  const left = secondsLeft(agenda.ends_at_ms ?? now, now);
  const drift = driftMs(found, now);
  const minutes = drift === null ? 0 : driftMinutes(drift);
  const end = endsAtMs(found, now);
  const overText = host ? t("agenda.over", { time: clockText(Math.floor(over / 1000)) }) : t("agenda.up");
  const nextText = next === null ? t("agenda.last") : next.title === "" ? t("agenda.nextUnknown") : t("agenda.nextIs", { title: next.title });
  return (
    <div className="agenda-now">
      <span className="agenda-number">{t("agenda.step", { number, of: agenda.steps.length })}</span>
      <span className="agenda-title truncate">{current.title}</span>
      <span className="agenda-clock" data-urgent={left <= 60 || undefined} role="timer">
        <IconClock size={16} aria-hidden="true" /> {over >= 1000 ? overText : t("agenda.left", { time: clockText(left) })}
      </span>
      {host && drift !== null && (
        <span className="agenda-drift" data-late={minutes > 0 || undefined}>
          {minutes === 0 ? t("agenda.onTime") : t(minutes > 0 ? "agenda.behind" : "agenda.ahead", { minutes: Math.abs(minutes) })}
          {end !== null && <span className="wide-only"> · {t("agenda.endsAt", { time: dayTime(end, i18n.language) })}</span>}
        </span>
      )}
      <span className="agenda-next truncate wide-only">{nextText}</span>
    </div>
  );
}

/** One click for each: back, more time, on. What is refused can be started anyway. */
function Steer({ session, found }: { session: Session; found: AgendaView }) {
  const { t } = useTranslation();
  const rounds = useSelected(session, reviewRounds);
  const [problem, setProblem] = useState<{ going: Going; message: string } | null>(null);
  const [asking, setAsking] = useState<Going | null>(null);
  const { agenda, current, next } = found;
  const round = stepRecord(found, current?.step_id)?.review_round_id ?? null;
  const reviewRuns = rounds.some((each) => each.round_id === round && UNFINISHED.has(each.phase));

  const give = async (going: Going, sure = false): Promise<void> => {
    if (!sure && reviewRuns && going.type !== "StartAgenda") {
      setAsking(going);
      return;
    }
    setAsking(null);
    const ack = await session.command(going);
    setProblem(ack.ok || ack.code === "step_changed" ? null : { going, message: ack.message });
  };
  const extend = (minutes: number): void => void session.command({ type: "ExtendStep", by_ms: minutes * 60_000 });
  const from = { from_id: agenda.current_id };
  const warnings = [...(stepRecord(found, current?.step_id)?.warnings ?? []), ...(stepRecord(found, next?.step_id)?.warnings ?? [])];
  return (
    <>
      <div className="agenda-steer">
        {agenda.status !== "ready" && (
          <Tooltip label={t("agenda.back")}>
            <ActionIcon className="control-small" variant="transparent" size={36} disabled={!found.before} aria-label={t("agenda.back")} onClick={() => void give({ type: "PreviousStep", ...from })}>
              <IconArrowLeft size={20} />
            </ActionIcon>
          </Tooltip>
        )}
        {current !== null && ([1, 5] as const).map((minutes) => (
          <Button key={minutes} className="agenda-extend" size="compact-sm" variant="default" aria-label={t("agenda.more", { minutes })} onClick={() => extend(minutes)}>
            +{minutes}
          </Button>
        ))}
        {agenda.status === "ready" && (
          <Button size="compact-md" leftSection={<IconPlayerPlay size={18} />} onClick={() => void give({ type: "StartAgenda" })}>{t("agenda.start")}</Button>
        )}
        {current !== null && (
          <Button size="compact-md" rightSection={<IconArrowRight size={18} />} onClick={() => void give({ type: "NextStep", ...from })}>
            {t(next === null ? "agenda.finish" : "agenda.next")}
          </Button>
        )}
      </div>
      {asking !== null && (
        <div className="agenda-line" role="alert">
          <span className="agenda-line-text">{t("agenda.reviewRuns")}</span>
          <Button size="compact-sm" color="red" onClick={() => void give(asking, true)}>{t("agenda.goOn")}</Button>
          <Button size="compact-sm" variant="default" onClick={() => setAsking(null)}>{t("agenda.cancel")}</Button>
        </div>
      )}
      {problem !== null && (
        <div className="agenda-line" role="alert">
          <span className="agenda-line-text">{problem.message}</span>
          <Button size="compact-sm" onClick={() => void give({ ...problem.going, anyway: true }, true)}>{t("agenda.anyway")}</Button>
          <Button size="compact-sm" variant="default" onClick={() => setProblem(null)}>{t("agenda.cancel")}</Button>
        </div>
      )}
      {problem === null && warnings.map((warning) => (
        <p key={warning.code} className="agenda-line" role="status"><IconAlertTriangle size={16} aria-hidden="true" /> <span className="agenda-line-text">{warning.message}</span></p>
      ))}
    </>
  );
}
