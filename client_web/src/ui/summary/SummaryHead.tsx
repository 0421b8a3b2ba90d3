import { Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ArrivalAnswer } from "../../protocol/wire";
import { localeFor } from "../agenda/times";
import { usePageFocus } from "../focus";
import { Mark } from "../Mark";

/** That it is over; what it was, and when. */
export function SummaryHead({ arrived }: { arrived: ArrivalAnswer | null }) {
  const { t, i18n } = useTranslation();
  const title = usePageFocus<HTMLHeadingElement>();
  const { title: called, began_at_ms: began, ended_at_ms: ended } = arrived ?? { title: t("end.workshop_closed.text"), began_at_ms: null, ended_at_ms: null };
  const when = began === null || ended === null ? "" : new Intl.DateTimeFormat(localeFor(i18n.language), { dateStyle: "full", timeStyle: "short" }).formatRange(began, ended);
  return (
    <header className="summary-title">
      <Mark size={40} />
      <div className="summary-words">
        <Title ref={title} order={1} size="h2">{t("end.workshop_closed.title")}</Title>
        <Text c="dimmed" role="status" className="poll-question">{[called, when].filter(Boolean).join(" · ")}</Text>
      </div>
    </header>
  );
}
