/** `npm run test:security`: what proves the console and the agent against hostile input, hostile peers and hostile people. */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    name: 'security',
    pool: 'forks',
    include: ['test/security/**/*.test.ts'],
    maxWorkers: 2,
    // A machine that does something else beside it has all the time that it takes.
    testTimeout: 900_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 15_000 } },
    disableConsoleIntercept: true,
  },
})
