import { defineConfig } from 'vitest/config';

/** What takes minutes and is run by hand: npm run test:long */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    globalSetup: ['test/support/postgres.setup.ts'],
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
