// Real: the sources of the tests. Fake: sources that break the rules on purpose.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** Files that may use a timer, each with the reason. */
const TIMERS: Readonly<Record<string, string>> = {
  'support/eventually.ts': 'looks again after a pause, for every other test',
  'support/think-time.ts': 'the pause of a simulated caller, from which nothing is concluded',
  'support/gateway.ts': 'bounds a test that fails: the line that it waits for never comes',
  'support/round-robin-proxy.ts': 'a balancer that looks again and again at what is ready',
  'support/credential-service.ts': 'a fake at the wire that answers late',
  'support/fake-downloader.ts': 'a fake at the wire that breaks off late',
  'room/limits.test.ts': 'replaces the pauses of the code, which take no time',
  'room/refresh-interleavings.test.ts': 'replaces the pauses of the code by turns',
};
/** Tests that take minutes, and are no part of an ordinary run, work at a pace. */
const PACED = /^long\//;

interface Rule {
  readonly says: string;
  readonly pattern: RegExp;
  readonly mayBreak?: (file: string) => boolean;
}

const mayUseTimers = (file: string): boolean => file in TIMERS || PACED.test(file);

const RULES: readonly Rule[] = [
  {
    says: 'waits by a timer: wait for an event or a condition (test/support/eventually.ts)',
    pattern: /(?<!function )(?<![.\w](?:typeof )?)(?:sleep|setTimeout|timers\.setTimeout)\s*\(/,
    mayBreak: mayUseTimers,
  },
  {
    says: 'takes a timer from node:timers/promises',
    pattern: /\bsetTimeout\b.*from 'node:timers\/promises'|scheduler\.wait|Atomics\.wait/,
    mayBreak: mayUseTimers,
  },
  {
    says: 'measures time that has passed: inject a clock, or compare the order of events',
    // To make a deadline from the clock is no measurement.
    pattern: /performance\.now\(\)(?! \+)|Date\.now\(\) - [a-z]\w*\b(?!\()/i,
    mayBreak: (file) => PACED.test(file) || file === 'support/eventually.ts',
  },
  {
    says: 'leaves out all other tests',
    pattern: /\b(?:it|test|describe)\b.*\.only\(/,
  },
];

/** What is wrong with a source, line by line; comments are left out. */
function findFaults(file: string, source: string): string[] {
  return source.split('\n').flatMap((line, index) => {
    const code = line.replace(/^\s*(?:\/\/|\/?\*).*$/, '');
    return RULES.flatMap(({ says, pattern, mayBreak }) =>
      pattern.test(code) && !mayBreak?.(file) ? [`${file}:${index + 1} ${says}`] : [],
    );
  });
}

const usesTimer = (file: string): boolean =>
  /setTimeout|sleep/.test(readFileSync(join(ROOT, file), 'utf8'));

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && file !== 'pure/test-discipline.test.ts');

describe('the tests', () => {
  it('wait for events, measure no time, and leave none out', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(
      files.flatMap((file) => findFaults(file, readFileSync(join(ROOT, file), 'utf8'))),
    ).toEqual([]);
  });

  it('are excepted only where the exception is used', () => {
    expect(Object.keys(TIMERS).filter((file) => !files.includes(file) || !usesTimer(file))).toEqual(
      [],
    );
  });
});

describe('the rules', () => {
  it.each([
    ['await sleep(200);'],
    ['await new Promise((resolve) => setTimeout(resolve, 1_100));'],
    ['  setTimeout(() => response.destroy(), 50);'],
    ["import { setTimeout as pause } from 'node:timers/promises';"],
    ['expect(performance.now() - began).toBeLessThan(5_000);'],
    ['const began = performance.now();'],
    ['expect(Date.now() - startedAt).toBeGreaterThan(900);'],
    ["it.only('works', () => undefined);"],
    ["describe.only('all', () => undefined);"],
    ["it.each([1]).only('works', () => undefined);"],
  ])('refuse %s', (source) => {
    expect(findFaults('house/planted.test.ts', source)).toHaveLength(1);
  });

  it.each([
    ['await eventually(look, fits);'],
    ['// It does not sleep(200).'],
    ['const answerBy = performance.now() + 60_000;'],
    ['const run_at = new Date(Date.now() + 3_600_000).toISOString();'],
    ['const past = Date.now() - 60_000;'],
    ["vi.spyOn(globalThis, 'setTimeout');"],
    ["import { setImmediate as nextTurn } from 'node:timers/promises';"],
  ])('allow %s', (source) => {
    expect(findFaults('house/planted.test.ts', source)).toEqual([]);
  });
});
