import { ActionIcon, Alert, Button, Group, Menu, Text } from "@mantine/core";
import { IconAlertTriangle, IconChartBar, IconChecks, IconCoffee, IconDots, IconLayoutGrid, IconPresentation } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { AgendaEntry, AgendaStepRecord } from "../../protocol/wire";
import { agendaView, stepRecord, totalMs } from "../../state/agenda";
import { SheetDialog } from "../agenda/SheetDialog";
import { dayTime, durationText } from "../agenda/times";
import { useSelected } from "../hooks";
import type { PanelProps } from "./props";
import { useRun, type Run } from "../run";

const ICONS: Record<AgendaEntry["step_kind"], ReactNode> = {
  plenary: <IconPresentation size={18} />,
  breakouts: <IconLayoutGrid size={18} />,
  poll: <IconChartBar size={18} />,
  review: <IconChecks size={18} />,
  break: <IconCoffee size={18} />,
};

/** All steps: for everybody what comes, for those who run the workshop notes, times, and the sheet itself. */
export function AgendaPanel({ session, view }: PanelProps) {
  const { t } = useTranslation();
  const [run, problem] = useRun(session);
  const [dialog, setDialog] = useState(false);
  const found = useSelected(session, agendaView);
  return (
    <div className="scroll">
      {problem !== null && <Alert color="red" mb="sm">{problem}</Alert>}
      {found === null ? (
        <div className="empty">
          <Text fw={600}>{t("agenda.empty")}</Text>
          <Text size="sm" c="dimmed" mb="md">{t("agenda.emptyHint")}</Text>
        </div>
      ) : (
        <>
          <Text size="sm" c="dimmed" mb="xs">
            {found.agenda.title !== "" && `${found.agenda.title} · `}{durationText(t, totalMs(found))}
          </Text>
          <ol className="agenda-list">
            {found.agenda.steps.map((entry, index) => (
              <Step key={entry.step_id} entry={entry} number={index + 1} step={stepRecord(found, entry.step_id)} toCome={index >= found.number} running={found.current !== null} run={run} />
            ))}
          </ol>
        </>
      )}
      {view.allowed.has("SetAgenda") && (
        <>
          <Button fullWidth mt="md" variant={found === null ? "filled" : "default"} onClick={() => setDialog(true)}>{t(found === null ? "agenda.import" : "agenda.edit")}</Button>
          {dialog && <SheetDialog token={session.token} onClose={() => setDialog(false)} />}
        </>
      )}
    </div>
  );
}

interface StepProps {
  entry: AgendaEntry;
  number: number;
  step: AgendaStepRecord | null;
  toCome: boolean;
  running: boolean;
  run: Run;
}

function Step({ entry, number, step, toCome, running, run }: StepProps) {
  const { t, i18n } = useTranslation();
  const title = entry.title === "" ? t("agenda.hiddenStep", { number }) : entry.title;
  const skipped = entry.status === "skipped";
  const started = step?.started_at_ms ?? null;
  const planned = step?.planned_start_ms ?? null;
  const when = started !== null && entry.status !== "todo" ? dayTime(started, i18n.language) : planned !== null ? t("agenda.planned", { time: dayTime(planned, i18n.language) }) : null;
  return (
    <li className="agenda-step" data-status={entry.status} aria-current={entry.status === "running" ? "step" : undefined}>
      <span className="agenda-icon" title={t(`agenda.kinds.${entry.step_kind}`)}>{ICONS[entry.step_kind]}</span>
      <div className="agenda-about">
        <span className="agenda-step-title">{title}</span>
        <span className="agenda-meta">
          {durationText(t, entry.duration_ms)}{when !== null && ` · ${when}`}
          {entry.status !== "todo" && ` · ${t(`agenda.status.${entry.status}`)}`}
        </span>
        {step !== null && entry.status === "running" && step.step.notes !== undefined && step.step.notes !== "" && <p className="agenda-notes" aria-label={t("agenda.notes")}>{step.step.notes}</p>}
        {step?.warnings.map((warning) => (
          <Group key={warning.code} gap={6} wrap="nowrap" className="agenda-warning"><IconAlertTriangle size={16} aria-hidden="true" /><span>{warning.message}</span></Group>
        ))}
      </div>
      {step !== null && (
        <Menu position="bottom-end">
          <Menu.Target><ActionIcon variant="subtle" color="gray" aria-label={t("agenda.actions", { title })}><IconDots size={18} /></ActionIcon></Menu.Target>
          <Menu.Dropdown>
            <Menu.Item disabled={running && entry.status === "running"} onClick={() => void run({ type: "GoToStep", step_id: step.step_id })}>{t("agenda.goTo")}</Menu.Item>
            {toCome && (
              <>
                <Menu.Item onClick={() => void run({ type: "SkipStep", step_id: step.step_id, skip: !skipped })}>{t(skipped ? "agenda.unskip" : "agenda.skip")}</Menu.Item>
                {["breakouts", "poll", "review"].includes(entry.step_kind) && <Menu.Item onClick={() => void run({ type: "PrepareStep", step_id: step.step_id })}>{t("agenda.prepare")}</Menu.Item>}
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  );
}
