/**
 * The charts that are drawn, in a file of their own that is fetched when the first of them is shown. They are pictures for the eye: nothing in them
 * takes the focus, and `Chart` puts the same numbers beside them as a table.
 */
import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { BAR_PX, type ChartProps } from "./shape";

/** Bars one above the other, the name before each; several series lie beside each other, or behind each other as parts of a whole. */
export function Rows({ lines, series, format, parts = false }: ChartProps) {
  const long = Math.max(...lines.map(({ name }) => name.length));
  const width = Math.min(170, 24 + 7 * Math.min(long, 22));
  return (
    <BarChart
      h={lines.length * (parts ? 1 : series.length) * BAR_PX + (series.length > 1 ? 44 : 12)} orientation="vertical" type={parts ? "percent" : "default"}
      data={lines.map(({ name, values }, index) => ({ name: String(index), shown: name, ...Object.fromEntries(values.map((value, at) => [`s${String(at)}`, value])) }))}
      dataKey="name" series={seriesOf(series)} valueFormatter={format} withXAxis={false} gridAxis="none" tickLine="none" maxBarWidth={18} accessibilityLayer={false}
      withBarValueLabel={!parts} withLegend={series.length > 1} legendProps={{ verticalAlign: "top", height: 32 }} barProps={{ isAnimationActive: false, radius: parts ? 0 : 4 }}
      yAxisProps={{ width, tickFormatter: (index: string) => shortened(lines[Number(index)]?.name ?? "", 22), interval: 0, tick: { fontSize: 13, fill: "var(--ink)" } }}
      tooltipProps={{ labelFormatter: (index) => lines[Number(index)]?.name ?? "", isAnimationActive: false }}
      barChartProps={{ margin: { top: 0, right: parts ? 8 : 56, bottom: 0, left: 0 } }}
    />
  );
}

/** Columns side by side, for what has an order. */
export function Columns({ lines, series, format, mark }: ChartProps) {
  return (
    <BarChart
      h={180} dataKey="name" series={seriesOf(series)} valueFormatter={format} withYAxis={false} gridAxis="none" tickLine="none" maxBarWidth={44} accessibilityLayer={false}
      data={lines.map(({ name, values }) => ({ name, ...Object.fromEntries(values.map((value, at) => [`s${String(at)}`, value])) }))}
      withBarValueLabel withTooltip={false} withLegend={series.length > 1} barProps={{ isAnimationActive: false, radius: [4, 4, 0, 0] }}
      xAxisProps={{ tick: { fontSize: 13, fill: "var(--ink)" }, interval: lines.length > 12 ? "preserveStartEnd" : 0 }} barChartProps={{ margin: { top: 20, right: 8, bottom: 0, left: 8 } }}
      referenceLines={mark === undefined ? [] : [{ x: mark, color: "var(--ink)" }]}
    />
  );
}

const COLOURS = ["var(--chart-1)", "var(--chart-2)", "var(--chart-3)", "var(--chart-4)", "var(--chart-5)", "var(--chart-6)", "var(--chart-7)", "var(--chart-8)"];

const seriesOf = (names: readonly string[]) => names.map((label, index) => ({ name: `s${String(index)}`, label, color: COLOURS[index % COLOURS.length] ?? "sea" }));

function shortened(text: string, most: number): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join("")}…`;
}
