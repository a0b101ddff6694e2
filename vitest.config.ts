import { defineConfig } from 'vitest/config';

/**
 * Four depths: pure functions, one room on a real PostgreSQL, the whole house over real sockets, and the
 * production image by the steps of its Dockerfile.
 */
export default defineConfig({
  test: {
    projects: [
      // Properties take seconds where other programs take the processor.
      { test: { name: 'pure', include: ['test/pure/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'room',
          include: ['test/room/**/*.test.ts'],
          globalSetup: ['test/support/postgres.setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // A bound for what fails, not a time that anything has to keep.
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        test: {
          name: 'house',
          include: ['test/house/**/*.test.ts'],
          globalSetup: ['test/support/postgres.setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 20_000 } },
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
