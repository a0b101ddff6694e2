import { join } from 'node:path';
import { readFileSync, writeFileSync } from 'node:fs';

/** The figures of one release, as `npm run bench -- --json` prints them, and the machine in words. */
export interface RecordedRun {
  readonly release: string;
  readonly machine: string;
  readonly ratios: Readonly<Record<string, number>>;
}

/** What the ratios are wished to be, at least or at most. */
const GOALS: readonly (readonly [name: string, goal: number, kind: 'least' | 'most'])[] = [
  ['execute_vs_axios', 1.3, 'least'],
  ['batch_vs_execute', 1.5, 'least'],
  ['stream_vs_execute', 1.5, 'least'],
  ['rest_vs_execute', 0.9, 'least'],
  ['replay_vs_execute', 2, 'least'],
  ['cost_10000_vs_10_accounts', 1.1, 'most'],
  ['cost_10000000_vs_0_rows', 1.1, 'most'],
];

/** The folder of the recorded figures, from the built bench and from its source alike. */
const FIGURES = join(process.cwd(), 'bench');

const WIDTH = 760;
const LABELS = 220;
const ROW = 34;
const TOP = 56;

/** Every release that was measured, the latest last. */
export function readHistory(): RecordedRun[] {
  return JSON.parse(readFileSync(join(FIGURES, 'history.json'), 'utf8')) as RecordedRun[];
}

/** The ratios of all releases beside what they are wished to be, as SVG: a bar for the latest, dots before it. */
export function drawRatios(history: readonly RecordedRun[]): string {
  const latest = history.at(-1);
  const rows = GOALS.filter(([name]) => latest?.ratios[name] !== undefined);
  const most = Math.max(2.2, ...history.flatMap(({ ratios }) => Object.values(ratios)));
  const scale = (value: number): number => LABELS + (value / most) * (WIDTH - LABELS - 60);
  const height = TOP + rows.length * ROW + 40;
  const lines = rows.map(([name, goal, kind], index) => {
    const y = TOP + index * ROW;
    const value = latest?.ratios[name] ?? 0;
    const isReached = kind === 'least' ? value >= goal : value <= goal;
    const earlier = history
      .slice(0, -1)
      .flatMap(({ ratios }) => ratios[name] ?? [])
      .map((one) => `<circle cx="${show(scale(one))}" cy="${y + 9}" r="3" fill="#57606a"/>`);
    return [
      `<text x="${LABELS - 10}" y="${y + 14}" text-anchor="end">${name}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${show(scale(value) - LABELS)}" height="18" rx="3" fill="${isReached ? '#2da44e' : '#bf8700'}"/>`,
      `<line x1="${show(scale(goal))}" x2="${show(scale(goal))}" y1="${y - 4}" y2="${y + 22}" stroke="#1f2328" stroke-dasharray="3 2"/>`,
      ...earlier,
      `<text x="${show(Math.max(scale(value), scale(goal)) + 6)}" y="${y + 14}">${value.toFixed(2)}</text>`,
    ].join('\n  ');
  });
  return `<!-- Generated from bench/history.json by "npm run generate": do not edit. -->
<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2328">
  <rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
  <text x="16" y="24" font-size="15" font-weight="600">Ratios in one run, release ${latest?.release ?? ''}</text>
  <text x="16" y="42" fill="#57606a">dashed: the goal, at least for rates and at most for costs; dots: earlier releases</text>
  ${lines.join('\n  ')}
  <text x="16" y="${height - 12}" fill="#57606a">${latest?.machine ?? ''}</text>
</svg>
`;
}

function show(value: number): string {
  return value.toFixed(1);
}

/** Draws the picture of bench/README.md anew, from bench/history.json. */
export function writePicture(): void {
  writeFileSync(join(FIGURES, 'ratios.svg'), drawRatios(readHistory()));
}
