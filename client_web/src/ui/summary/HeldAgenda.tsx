import { useTranslation } from "react-i18next";
import type { StepSummary } from "../../protocol/wire";
import { heldAgenda } from "../../state/summary";
import { dayTime, durationText } from "../agenda/times";

/** The agenda as it was held, step by step, against what was planned. */
export function HeldAgenda({ steps }: { steps: readonly StepSummary[] }) {
  const { t, i18n } = useTranslation();
  const { lines, planned_ms: planned, took_ms: took } = heldAgenda(steps);
  const apart = (ms: number | null): string => {
    if (ms === null) return "";
    if (Math.abs(ms) < 30_000) return t("summary.asPlanned");
    return t(ms > 0 ? "summary.longer" : "summary.shorter", { time: durationText(t, Math.abs(ms)) });
  };
  return (
    <table className="attendance-table summary-agenda">
      <thead>
        <tr>
          <th scope="col">{t("summary.step")}</th>
          <th scope="col" className="number">{t("summary.planned")}</th>
          <th scope="col" className="number">{t("summary.took")}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ step, apart_ms: ms }) => (
          <tr key={step.step_id} data-held={step.took_ms !== null || undefined}>
            <th scope="row">
              <span className="summary-step">{step.title}</span>
              <span className="person-about">{[t(`agenda.kinds.${step.kind}`), step.took_ms === null || step.started_at_ms === null ? null : dayTime(step.started_at_ms, i18n.language)].filter(Boolean).join(" · ")}</span>
            </th>
            <td className="number">{durationText(t, step.planned_ms)}</td>
            <td className="number">
              {step.took_ms === null ? t(step.status === "skipped" ? "agenda.status.skipped" : "summary.notHeld") : durationText(t, step.took_ms)}
              <span className="person-about">{apart(ms)}</span>
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{t("summary.allSteps")}</th>
          <td className="number">{durationText(t, planned)}</td>
          <td className="number">{durationText(t, took)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
