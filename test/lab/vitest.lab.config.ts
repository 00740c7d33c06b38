/** The lab: scenarios on a kernel with real hot-plug, on emulated processors, two guests at once. */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const MINUTE_MS = 60_000

export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    name: 'lab',
    pool: 'forks',
    include: ['test/lab/**/*.lab.ts'],
    // A guest keeps about one core busy: two at once, each with its own disks, sockets and ports.
    maxWorkers: 2,
    testTimeout: 5 * MINUTE_MS,
    // The first boot on a machine makes the guest's image.
    hookTimeout: 12 * MINUTE_MS,
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
})
