import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

// The picture in the README is the code: the same steps in the same order.
it('the life of an envelope in the README has the steps of the executor, in their order', () => {
  const [picture = ''] = /```mermaid\n(.*?)```/s.exec(read('README.md')) ?? [];
  const steps = [...picture.matchAll(/^ {2}(\w+)[[(]+"<b>([\w.]+)<\/b>/gm)].map(
    ([, name, step]) => ({
      name,
      step: step ?? '',
    }),
  );
  const inPicture = steps
    .filter(({ name }) => name !== 'door' && name !== 'record')
    .map(({ step }) => step);
  expect(inPicture.length).toBeGreaterThanOrEqual(12);

  const source = read('src/execution/executor.ts');
  const recipe = source.slice(
    source.indexOf('async #follow('),
    source.indexOf('#whoIsConcerned({'),
  );
  const positions = inPicture.map((step) => {
    const call = new RegExp(`(?:#|\\b)${step.replace('.', '\\.')}(?:\\(|\\))`);
    return recipe.search(call);
  });
  expect(inPicture.filter((_step, index) => positions[index] === -1)).toEqual([]);
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
});
