/** One figure of one round, or of a run. */
export type Rounds = readonly number[];

/** A ratio of two figures that were taken in the same round. */
export interface Ratio {
  readonly name: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function median(values: Rounds): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Rounds that have both; each is compared with its own neighbour, so that a busy moment hits both. */
export function compare(name: string, of: Rounds, to: Rounds): Ratio {
  const ratios = of.map((value, round) => value / (to[round] ?? Number.NaN));
  return { name, median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

/** Columns of text, the first to the left and all others to the right. */
export function layOut(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

export function showNumber(value: number | undefined, digits = 0): string {
  return value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);
}
