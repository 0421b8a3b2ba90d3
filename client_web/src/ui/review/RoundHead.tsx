import { Group, Text } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { ReviewRoundRecord } from "../../protocol/wire";
import { PHASES } from "../../state/review";
import { clockText, secondsLeft } from "../../state/selectors";
import { useServerNow } from "../hooks";

/** The round's title, where it is, and for how long. */
export function RoundHead({ session, round }: { session: Session; round: ReviewRoundRecord }) {
  const { t } = useTranslation();
  const now = useServerNow(session, round.ends_at_ms !== null);
  const left = round.ends_at_ms === null ? null : secondsLeft(round.ends_at_ms, now);
  const times = round.settings.times;
  const skipped = { read: times?.read_ms ?? 0, discuss: times?.discuss_ms ?? 0, feedback: times?.feedback_ms ?? null };
  const phases = PHASES.filter((phase) => phase === round.phase || !(phase in skipped) || skipped[phase as keyof typeof skipped] !== 0);
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={600} className="poll-question">{round.settings.title}</Text>
        {left !== null && <span className="poll-clock" data-urgent={left <= 60 || undefined} role="timer"><IconClock size={14} aria-hidden="true" /> {clockText(left)}</span>}
      </Group>
      <ol className="phases" aria-label={t("review.phase")}>
        {phases.map((phase) => (
          <li key={phase} aria-current={phase === round.phase ? "step" : undefined}>
            {t(`review.phases.${phase}`)}{phase === "discuss" && phase === round.phase && round.turns > 1 ? ` ${String(round.turn)}/${String(round.turns)}` : ""}
          </li>
        ))}
      </ol>
    </>
  );
}
