import { defineConfig } from 'vitest/config';

/** What takes minutes and is run by hand: npm run test:long */
export default defineConfig({
  test: {
    include: [
      'test/long/**/*.test.ts',
      // A short form of these is a part of npm test.
      'test/console/trouble.test.ts',
      'test/room/refresh-interleavings.test.ts',
      'test/house/derived-actions.test.ts',
      'test/house/examples.test.ts',
    ],
    testTimeout: 900_000,
    globalSetup: ['test/support/postgres.setup.ts'],
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
