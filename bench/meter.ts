import type { Sample } from './load.js';
import { countCpu, listDescendants, readFigures, readTitle, sumRss } from './process-figures.js';
import { showNumber } from './ratio.js';
import type { Scenario } from './scenarios.js';

/** Before what is measured for the first time. */
export const WARM_UP_MS = 1_500;

/** What a scenario came to in one round. */
export interface Measured extends Sample {
  readonly perSecond: number;
  /** Microseconds of processor time per action, of the measured processes. */
  readonly cpu: number | undefined;
  /** The same of PostgreSQL. */
  readonly databaseCpu: number | undefined;
  readonly rss: number | undefined;
}

/** How long one round of each scenario lasts, and what goes before all of them. Milliseconds. */
export interface Turns {
  readonly lastsMs?: number;
  readonly warmUpMs?: number;
}

/** Measures scenarios from outside: what was done, and what the processes spent on it. */
export class Meter {
  constructor(
    readonly rounds: number,
    readonly roundMs: number,
    /** What was started to be measured, or to be asked by it. */
    private readonly started: () => readonly number[],
    readonly log: (line: string) => void,
  ) {}

  /** @param label what stands before its line in the log */
  async measure(
    { title, pids, database, run }: Measurable,
    lastsMs = this.roundMs,
    label = '',
  ): Promise<Measured> {
    const ofDatabase = this.#listDatabase(database);
    const before = { own: readFigures(pids), database: readFigures(ofDatabase) };
    const sample = await run(lastsMs);
    const own = readFigures(pids);
    const perAction = (ms: number | undefined): number | undefined =>
      ms === undefined ? undefined : (ms * 1_000) / sample.actions;
    const measured = {
      ...sample,
      perSecond: (sample.actions / sample.ms) * 1_000,
      cpu: perAction(countCpu(before.own, own)),
      databaseCpu: perAction(countCpu(before.database, readFigures(ofDatabase))),
      rss: sumRss(own),
    };
    this.log(`${label}${describe(title, measured)}`);
    return measured;
  }

  /**
   * All scenarios in turn, again and again, so that a busy moment of the machine hits neighbours alike.
   * @returns what each came to, round by round, by its name
   */
  async takeTurns(
    scenarios: readonly (Measurable & Pick<Scenario, 'name'>)[],
    { lastsMs, warmUpMs = WARM_UP_MS }: Turns = {},
  ): Promise<Map<string, Measured[]>> {
    const measured = new Map<string, Measured[]>(scenarios.map(({ name }) => [name, []]));
    for (const { run } of scenarios) await run(warmUpMs);
    for (let round = 1; round <= this.rounds; round += 1) {
      const label = `round ${round} of ${this.rounds}: `;
      for (const one of scenarios)
        measured.get(one.name)?.push(await this.measure(one, lastsMs, label));
    }
    return measured;
  }

  /** PostgreSQL descends from this process as everything does, and is none of what was started here. */
  #listDatabase(database: string | undefined): number[] {
    const known = new Set(this.started());
    return listDescendants(process.pid).filter(
      (pid) => !known.has(pid) && servesDatabase(readTitle(pid), database),
    );
  }
}

/** Of a scenario, what a meter needs. */
export interface Measurable extends Pick<Scenario, 'title' | 'pids' | 'run'> {
  /** Whose connections count, of those in PostgreSQL: those of all databases when left out. */
  readonly database?: string;
}

/** Whether a process of PostgreSQL, by its title, works for a database: for this one, or for all of them. */
export function servesDatabase(title: string, database: string | undefined): boolean {
  const [, connectedTo] = /^postgres: \S+ (\S+) \S+\(\d+\)/.exec(title) ?? [];
  return database === undefined || connectedTo === undefined || connectedTo === database;
}

/** Actions per second, round by round; undefined for who took no part. */
export function ratesOf(
  measured: ReadonlyMap<string, readonly Measured[]>,
  name: string,
): number[] | undefined {
  return measured.get(name)?.map(({ perSecond }) => perSecond);
}

/** Microseconds of processor time for an action, of the gateway and of PostgreSQL. */
export function costOf({ cpu, databaseCpu }: Pick<Measured, 'cpu' | 'databaseCpu'>): number {
  return (cpu ?? Number.NaN) + (databaseCpu ?? Number.NaN);
}

/** The cost of an action in several times together. */
export function meanCost(
  times: readonly Pick<Measured, 'actions' | 'cpu' | 'databaseCpu'>[],
): number {
  const spent = times.reduce((sum, one) => sum + costOf(one) * one.actions, 0);
  return spent / times.reduce((sum, { actions }) => sum + actions, 0);
}

function describe(
  title: string,
  { perSecond, p50, p99, cpu, databaseCpu, rss, ...rest }: Measured,
): string {
  const fault = rest.failures > 0 ? `  ${rest.failures} failed: ${rest.failure}` : '';
  return `${title.padEnd(32)} ${showNumber(perSecond)}/s  p50 ${showNumber(p50, 1)} ms  p99 ${showNumber(p99, 1)} ms  cpu ${showNumber(cpu)} + ${showNumber(databaseCpu)} µs  ${showNumber(rss)} MiB${fault}`;
}
