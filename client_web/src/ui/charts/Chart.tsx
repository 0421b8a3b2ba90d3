import { Button } from "@mantine/core";
import { IconChartBar, IconTable } from "@tabler/icons-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { BAR_PX, type ChartProps } from "./shape";

const Drawn = {
  rows: lazy(async () => ({ default: (await import("./drawn")).Rows })),
  columns: lazy(async () => ({ default: (await import("./drawn")).Columns })),
};

interface Props extends ChartProps {
  /** What it shows, for those who do not see it; also the table's caption. */
  label: string;
  /** What the lines are: the head of the table's first column. */
  of: string;
  shape?: keyof typeof Drawn;
  /** What stands under the picture. */
  foot?: ReactNode;
}

/** A chart and the same numbers as a table: for screen readers always, for everybody at the press of a button. */
export function Chart({ label, of, shape = "rows", foot, ...chart }: Props) {
  const { t } = useTranslation();
  const [table, setTable] = useState(false);
  const Picture = Drawn[shape];
  if (chart.lines.length === 0) return null;
  return (
    <figure className="chart" aria-label={label}>
      {!table && (
        <div aria-hidden="true">
          <Suspense fallback={<div style={{ height: chart.lines.length * BAR_PX }} />}><Picture {...chart} /></Suspense>
        </div>
      )}
      <div className={table ? "chart-table" : "visually-hidden"}><Numbers label={label} of={of} {...chart} /></div>
      {foot}
      <Button
        className="chart-switch" variant="subtle" color="gray" size="compact-xs" onClick={() => setTable(!table)}
        leftSection={table ? <IconChartBar size={14} /> : <IconTable size={14} />}
      >
        {t(table ? "chart.asChart" : "chart.asTable")}<span className="visually-hidden"> ({label})</span>
      </Button>
    </figure>
  );
}

function Numbers({ label, of, lines, series, format }: Omit<Props, "shape" | "foot">) {
  return (
    <table>
      <caption className="visually-hidden">{label}</caption>
      <thead>
        <tr>
          <th scope="col">{of}</th>
          {series.map((name) => <th key={name} scope="col" className="number">{name}</th>)}
        </tr>
      </thead>
      <tbody>
        {lines.map(({ name, values }, index) => (
          <tr key={`${String(index)} ${name}`}>
            <th scope="row">{name}</th>
            {series.map((each, at) => <td key={each} className="number" data-testid={at === series.length - 1 ? `count-${name}` : undefined}>{format(values[at] ?? 0)}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
