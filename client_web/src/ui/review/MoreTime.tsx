import { Button, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PersonalTime } from "../../protocol/wire";
import { latePhases } from "../../state/review";
import { dayTime } from "../agenda/times";
import type { RoundProps } from "./props";

/** More time for one person, and who has it. */
export function MoreTime({ view, item, run }: Omit<RoundProps, "session">) {
  const { t } = useTranslation();
  const [who, setWho] = useState<string | null>(null);
  const [minutes, setMinutes] = useState<number | string>(5);
  const phases = latePhases(item.round.phase);
  const [chosen, setPhase] = useState<PersonalTime["phase"] | null>(null);
  const phase = chosen !== null && phases.includes(chosen) ? chosen : phases[0];
  if (phase === undefined) return null;
  const give = (): void => {
    if (who !== null) void run({ type: "GiveReviewTime", round_id: item.round.round_id, participant_id: who, phase, extra_ms: Number(minutes) * 60_000 });
  };
  const learners = view.people.filter((person) => person.role === "learner");
  return (
    <details className="assignments">
      <summary>{t("review.moreTime")}</summary>
      <form onSubmit={(event) => { event.preventDefault(); give(); }}>
        <Stack gap="xs" mt={4}>
          <Select size="xs" label={t("review.person")} searchable value={who} onChange={setWho} data={learners.map((person) => ({ value: person.participant_id, label: person.name }))} />
          <Group grow gap="xs" align="end">
            <Select size="xs" label={t("review.forWhat")} allowDeselect={false} value={phase} onChange={(value) => setPhase(value as PersonalTime["phase"])} data={phases.map((value) => ({ value, label: t(`review.phases.${value}`) }))} />
            <NumberInput size="xs" label={t("review.minutes")} min={1} max={1440} allowDecimal={false} value={minutes} onChange={setMinutes} />
          </Group>
          <Group justify="end"><Button type="submit" size="compact-sm" disabled={who === null || Number(minutes) < 1}>{t("review.give")}</Button></Group>
          {item.progress?.personal_times.map((time) => (
            <Text key={`${time.participant_id} ${time.phase}`} size="sm">{view.names.get(time.participant_id) ?? "?"}: <TimeGiven time={time} /></Text>
          ))}
        </Stack>
      </form>
    </details>
  );
}

/** How much longer somebody has; until when, once the others' time is over. */
export function TimeGiven({ time }: { time: PersonalTime }) {
  const { t, i18n } = useTranslation();
  const what = t(`review.phases.${time.phase}`);
  if (time.until_ms === null) return <>{t("review.timeMore", { what, count: Math.round(time.extra_ms / 60_000) })}</>;
  return <>{t("review.timeUntil", { what, time: dayTime(time.until_ms, i18n.language) })}</>;
}
