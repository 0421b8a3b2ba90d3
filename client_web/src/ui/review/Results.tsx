import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Criterion, ReviewResultRecord } from "../../protocol/wire";

interface Props {
  title: string;
  result: ReviewResultRecord;
  criteria: readonly Criterion[];
}

/** What the scores of a submission come to. */
export function Results({ title, result, criteria }: Props) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  return (
    <section className="result" aria-label={title}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={600} size="sm" className="poll-question">{title}</Text>
        {result.overall_percent !== null && <Text fw={600} style={{ whiteSpace: "nowrap" }}>{t("review.percent", { percent: number.format(result.overall_percent) })}</Text>}
      </Group>
      <ul className="list">
        {result.criteria.map((each) => {
          const criterion = criteria.find((other) => other.criterion_id === each.criterion_id);
          return (
            <li key={each.criterion_id} className="assignment">
              <span className="truncate">{criterion?.title}</span>
              <span className="bar-count">{t("review.median", { median: number.format(each.median), most: criterion?.scale?.most ?? "", lowest: each.lowest, highest: each.highest })}</span>
            </li>
          );
        })}
      </ul>
      <Text size="xs" c="dimmed">
        {t("review.reviewCount", { count: result.reviews })}
        {result.agreement_percent !== null && ` · ${t("review.agreement", { percent: number.format(result.agreement_percent) })}`}
      </Text>
    </section>
  );
}
