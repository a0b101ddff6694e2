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
 * Six depths: pure functions, the actions against the platforms' contracts, one room on a real PostgreSQL,
 * the whole house over real sockets, the console in a real browser, and the production image by the steps
 * of its Dockerfile.
 */
export default defineConfig({
  test: {
    projects: [
      // Properties take seconds where other programs take the processor.
      { test: { name: 'pure', include: ['test/pure/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], ...BOUNDS } },
      {
        test: {
          name: 'room',
          include: ['test/room/**/*.test.ts'],
          globalSetup: ['test/support/postgres.setup.ts'],
          ...BOUNDS,
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
