import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The steps of the picture that stand this far in, but for those outside of the recipe. */
function listSteps(indent: number): string[] {
  const [picture = ''] = /```mermaid\n(.*?)```/s.exec(read('README.md')) ?? [];
  const step = new RegExp(`^ {${indent}}(\\w+)[[(]+"<b>([\\w.]+)</b>`, 'gm');
  return [...picture.matchAll(step)]
    .filter(([, name]) => name !== 'door' && name !== 'record')
    .map(([, , words]) => words ?? '');
}

/** Holds steps against the code between two places: each is called there, in the same order. */
function expectInOrder(steps: readonly string[], path: string, from: string, to: string): void {
  const source = read(path);
  const code = source.slice(source.indexOf(from), source.indexOf(to));
  const positions = steps.map((step) => {
    const call = new RegExp(`(?:#|\\b)${step.replace('.', '\\.')}(?:\\(|\\))`);
    return code.search(call);
  });
  expect(steps.filter((_step, index) => positions[index] === -1)).toEqual([]);
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
}

// The picture in the README is the code: the same steps in the same order.
describe('the life of an envelope in the README', () => {
  it('has the steps of the executor, in their order', () => {
    const steps = listSteps(2);
    expect(steps.length).toBeGreaterThanOrEqual(11);
    expectInOrder(steps, 'src/execution/executor.ts', '#spend({ caller }', 'async #prepare(');
  });

  it('has the steps of the passage, in their order', () => {
    const [attempt, rest] = [listSteps(6), listSteps(4)];
    expect(attempt.length + rest.length).toBeGreaterThanOrEqual(5);
    expectInOrder(attempt, 'src/execution/upstream.ts', 'async #attempt(', 'async #pay(');
    expectInOrder(rest, 'src/execution/upstream.ts', 'async send<', 'fetch(url');
  });
});
