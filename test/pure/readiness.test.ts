// Real: the readiness. Fake: the database, which answers when it is told to.
import { expect, it } from 'vitest';
import type { Database } from '../../src/database/database.js';
import { Readiness } from '../../src/observability/readiness.js';

interface Question {
  readonly promise: Promise<object[]>;
  resolve(rows: object[]): void;
  reject(error: Error): void;
}

function open(): { readiness: Readiness; asked: Question[] } {
  const asked: Question[] = [];
  const query = (): Promise<object[]> => {
    let resolve!: (rows: object[]) => void;
    let reject!: (error: Error) => void;
    const promise = new Promise<object[]>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    asked.push({ promise, resolve, reject });
    return promise;
  };
  return { readiness: new Readiness({ query } as unknown as Database), asked };
}

it('however many probes come, the database is asked one question at a time', async () => {
  const { readiness, asked } = open();
  const probes = Promise.all(Array.from({ length: 300 }, () => readiness.findDatabaseFault()));
  expect(asked).toHaveLength(1);
  asked[0]?.resolve([]);
  expect(new Set(await probes)).toEqual(new Set([undefined]));
  const later = readiness.findDatabaseFault();
  expect(asked).toHaveLength(2);
  asked[1]?.reject(new Error('it is away'));
  expect(await later).toBe('it is away');
});
