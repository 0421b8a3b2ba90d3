import { IconCircleCheck, IconCircleDashed, IconCircleHalf2, IconCircleX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Verdict } from "../../state/attendance";

const ICONS = { present: IconCircleCheck, partial: IconCircleHalf2, absent: IconCircleX };

/** A verdict by sign and word, not by colour alone; "so far" while the workshop goes on. */
export function VerdictMark({ verdict, final }: { verdict: Verdict | null; final: boolean }) {
  const { t } = useTranslation();
  const Icon = verdict === null ? IconCircleDashed : ICONS[verdict];
  const word = verdict === null ? t("attendance.none") : t(`attendance.verdict.${verdict}`);
  return (
    <span className="verdict" data-verdict={verdict ?? "none"}>
      <Icon size={16} aria-hidden="true" />
      {verdict === null || final ? word : t("attendance.soFar", { verdict: word })}
    </span>
  );
}
