import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/**
 * Bounds for what fails, not times that anything has to keep: a gateway takes a second to start on an idle
 * machine and half a minute on one that several other programs share.
 */
const BOUNDS = {
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 60_000 } },
};

/**
 * Files share the modules that they load, which halves the time of the pure tests. One that replaces modules
 * by `vi.mock` would replace them for others too, so it gets modules of its own.
 */
const SHARED = { isolate: false, maxWorkers: 2 };
const MOCKING = listMocking('pure', 'room');

function listMocking(...folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) => readdirSync(join('test', folder)).map((file) => `test/${folder}/${file}`))
    .filter((file) => /\bvi\.mock\(/.test(readFileSync(file, 'utf8')));
}

/**
 * Depths: pure functions, the actions against the platforms' contracts, one room on a real PostgreSQL,
 * the whole house over real sockets, the console in a real browser, and the production image by the steps
 * of its Dockerfile.
 */
export default defineConfig({
  test: {
    projects: [
      // Properties take seconds where other programs take the processor.
      {
        test: {
          name: 'pure',
          include: ['test/pure/**/*.test.ts'],
          exclude: MOCKING,
          testTimeout: 60_000,
          ...SHARED,
        },
      },
      {
        test: { name: 'contract', include: ['test/contract/**/*.test.ts'], ...BOUNDS, ...SHARED },
      },
      {
        test: {
          name: 'room',
          include: ['test/room/**/*.test.ts'],
          exclude: MOCKING,
          globalSetup: ['test/support/postgres.setup.ts'],
          ...BOUNDS,
          ...SHARED,
        },
      },
      {
        test: {
          name: 'mocking',
          include: MOCKING,
          globalSetup: ['test/support/postgres.setup.ts'],
          ...BOUNDS,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'house',
          include: ['test/house/**/*.test.ts'],
          globalSetup: ['test/support/postgres.setup.ts'],
          ...BOUNDS,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'console',
          include: ['test/console/**/*.test.ts'],
          globalSetup: ['test/support/postgres.setup.ts'],
          ...BOUNDS,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'image',
          include: ['test/image/**/*.test.ts'],
          globalSetup: ['test/support/postgres.setup.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
