/** Room for one bar, in CSS pixels. */
export const BAR_PX = 30;

export interface ChartProps {
  /** One bar, or one group of bars, each; `values` in the order of the series. */
  lines: readonly { name: string; values: readonly number[] }[];
  /** What each series is called; a chart with one shows no legend. */
  series: readonly string[];
  format: (value: number) => string;
  /** Whether the series are parts of a whole. */
  parts?: boolean;
  /** The line that a mark is put at. */
  mark?: string;
}
