import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'connectors/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/support/no-network.ts'],
    // Real browsers, mail servers and kills share two cores in CI: one that fails is tried once more, and a fault that is there fails again.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
