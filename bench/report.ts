import { cpus } from 'node:os';
import { type Measured, ratesOf } from './meter.js';
import { type Findings, median, showNumber } from './ratio.js';
import { type Scenario, WORKERS } from './scenarios.js';

/** All that a run has found out. */
export interface Run extends Findings {
  readonly scenarios: readonly Scenario[];
  /** What each scenario came to, round by round, by its name. */
  readonly measured: ReadonlyMap<string, readonly Measured[]>;
  /** A native generator and its version. */
  readonly generator: string | undefined;
  readonly rounds: number;
  readonly roundMs: number;
}

/** Shown as the median of the rounds. */
type Figure = 'perSecond' | 'p50' | 'p95' | 'p99' | 'cpu' | 'databaseCpu';

const HEAD = [
  '',
  'actions/s',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'cpu µs',
  'db µs',
  'MiB',
  'failed',
  'by',
];

/** A run as tables for people. */
export function layOutRun({ scenarios, measured, ratios, figures, ...run }: Run): string {
  const rows = scenarios.map(({ name, title, generator }) => {
    const all = measured.get(name) ?? [];
    const show = (figure: Figure, digits = 0): string =>
      showNumber(median(all.map((one) => one[figure] ?? Number.NaN)), digits);
    return [
      title,
      show('perSecond'),
      ...(['p50', 'p95', 'p99'] as const).map((figure) => show(figure, 1)),
      show('cpu'),
      show('databaseCpu'),
      showNumber(all.at(-1)?.rss),
      String(all.reduce((sum, { failures }) => sum + failures, 0)),
      generator === undefined ? 'Node.js' : 'h2load',
    ];
  });
  return [
    layOut([HEAD, ...rows]),
    layOut([
      ['ratio', 'median', 'least', 'most'],
      ...ratios.map(({ name, ...values }) => [
        name,
        ...[values.median, values.least, values.most].map((value) => showNumber(value, 2)),
      ]),
    ]),
    layOut(Object.entries(figures).map(([name, value]) => [name, showNumber(value, 1)])),
    `generator: ${run.generator ?? 'the clients of this repository'}`,
    `Node.js ${process.version}, ${cpus().length} processors, ${WORKERS} callers side by side, ${run.rounds} rounds of ${run.roundMs / 1_000} s`,
  ].join('\n\n');
}

/** A run as one object for programs. */
export function summarizeRun({ scenarios, measured, ratios, figures, generator }: Run): object {
  return {
    ratios: Object.fromEntries(ratios.map((ratio) => [ratio.name, ratio.median])),
    spread: Object.fromEntries(ratios.map(({ name, least, most }) => [name, [least, most]])),
    actions_per_second: Object.fromEntries(
      scenarios.map(({ name }) => [name, median(ratesOf(measured, name) ?? [])]),
    ),
    figures,
    generator: generator ?? 'node',
    generators: Object.fromEntries(
      scenarios.map((scenario) => [scenario.name, scenario.generator ?? 'node']),
    ),
    machine: { node: process.version, processors: cpus().length },
  };
}

/** Columns of text, the first to the left and all others to the right. */
function layOut(rows: readonly (readonly string[])[]): string {
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
