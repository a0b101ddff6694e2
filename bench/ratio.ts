/** One figure of one round, or of a run. */
export type Rounds = readonly number[];

/** A ratio of two figures that were taken in the same round. */
export interface Ratio {
  readonly name: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** What a part of a run has found out. */
export interface Findings {
  readonly ratios: readonly Ratio[];
  readonly figures: Readonly<Record<string, number | undefined>>;
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

/** A ratio that was taken once. */
export function takeOnce(name: string, value: number): Ratio {
  return { name, median: value, least: value, most: value };
}

export function showNumber(value: number | undefined, digits = 0): string {
  return value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);
}
