import { readdirSync, readFileSync } from 'node:fs';

/** What processes have used so far, by their numbers, as Linux tells it; empty on other systems. */
export type ProcessFigures = ReadonlyMap<
  number,
  { readonly cpuMs: number; readonly rssMiB: number }
>;

const TICK_MS = 10;
const PAGE_MIB = 4_096 / 1_048_576;

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export function readFigures(pids: readonly number[]): ProcessFigures {
  return new Map(
    pids.flatMap((pid) => {
      const stat = readStat(pid);
      if (!stat) return [];
      return [[pid, { cpuMs: stat.ticks * TICK_MS, rssMiB: stat.pages * PAGE_MIB }] as const];
    }),
  );
}

/** Milliseconds of processor time between two readings; undefined where nothing is told. */
export function countCpu(before: ProcessFigures, after: ProcessFigures): number | undefined {
  if (after.size === 0) return undefined;
  let spent = 0;
  for (const [pid, { cpuMs }] of after) spent += cpuMs - (before.get(pid)?.cpuMs ?? 0);
  return spent;
}

export function sumRss(figures: ProcessFigures): number | undefined {
  if (figures.size === 0) return undefined;
  return [...figures.values()].reduce((total, { rssMiB }) => total + rssMiB, 0);
}

/** Everything that descends from a process. */
export function listDescendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const one of listProcesses()) {
    const stat = readStat(one);
    if (stat) parents.set(one, stat.parent);
  }
  const descends = (one: number): boolean => {
    const parent = parents.get(one);
    return parent !== undefined && (parent === pid || descends(parent));
  };
  return [...parents.keys()].filter(descends);
}

/** What a process calls itself, and nothing where it is gone. */
export function readTitle(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

function listProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function readStat(pid: number): { parent: number; ticks: number; pages: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in brackets and may hold spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      parent: Number(fields[1]),
      ticks: Number(fields[11]) + Number(fields[12]),
      pages: Number(fields[21]),
    };
  } catch {
    return undefined;
  }
}
