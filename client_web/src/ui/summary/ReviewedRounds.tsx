import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ReviewRoundSummary } from "../../protocol/wire";
import { criteriaOf } from "../../state/summary";
import { Chart } from "../charts/Chart";

/** Rounds of peer review: what the works came to by each criterion, and each work by itself. */
export function ReviewedRounds({ rounds }: { rounds: readonly ReviewRoundSummary[] }) {
  const { t } = useTranslation();
  const begun = rounds.filter((round) => round.phase !== "draft");
  if (begun.length === 0) return <Text size="sm" c="dimmed">{t("summary.noReviews")}</Text>;
  return <div className="summary-rounds">{begun.map((round) => <Round key={round.round_id} round={round} />)}</div>;
}

function Round({ round }: { round: ReviewRoundSummary }) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const criteria = criteriaOf(round);
  const percent = (value: number | null): string => (value === null ? "–" : t("review.percent", { percent: number.format(value) }));
  const works = [...round.submissions].sort((a, b) => (b.result?.overall_percent ?? -1) - (a.result?.overall_percent ?? -1));
  return (
    <article aria-label={round.title}>
      <Text fw={600} className="poll-question">{round.title}</Text>
      <Text size="sm" c="dimmed" mb="sm">{t("summary.works", { count: round.submissions.length })}</Text>
      {criteria.length > 0 && (
        <Chart
          label={t("summary.byCriterion", { title: round.title })} of={t("review.criteria")} series={[t("summary.reached")]} format={(value) => percent(value)}
          lines={criteria.map(({ criterion, percent: reached }) => ({ name: criterion.title, values: [reached] }))}
        />
      )}
      {works.length > 0 && (
        <div className="summary-scroll" role="region" aria-label={t("summary.worksOf", { title: round.title })} tabIndex={0}>
          <table className="attendance-table summary-works">
            <thead>
              <tr>
                <th scope="col">{t("summary.authors")}</th>
                <th scope="col" className="number">{t("summary.reviewsDone")}</th>
                <th scope="col" className="number">{t("summary.overall")}</th>
                <th scope="col" className="number">{t("summary.agreement")}</th>
              </tr>
            </thead>
            <tbody>
              {works.map((work) => (
                <tr key={work.submission_id}>
                  <th scope="row">{work.authors.map(({ name }) => name).join(", ")}</th>
                  <td className="number">{t("attendance.doneOf", { done: work.reviews_done, offered: work.reviews_assigned })}</td>
                  <td className="number">{percent(work.result?.overall_percent ?? null)}</td>
                  <td className="number">{percent(work.result?.agreement_percent ?? null)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </article>
  );
}
