import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Many tests wait for sockets and children: one worker a core leaves none idle.
    maxWorkers: Math.max(2, availableParallelism()),
  },
});
