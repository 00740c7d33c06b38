/** The lab: scenarios on a kernel with real hot-plug, one after the other, on emulated processors. */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { FileOrder } from './file-order.ts'

const MINUTE_MS = 60_000

export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    name: 'lab',
    pool: 'forks',
    include: ['test/lab/**/*.lab.ts'],
    // A guest of two processors takes what two cores have at its busiest: a second one beside it makes both late.
    fileParallelism: false,
    // One process: a computer that a file leaves standing is used by the next one (shared-computers.ts).
    isolate: false,
    sequence: { sequencer: FileOrder },
    testTimeout: 5 * MINUTE_MS,
    // The first boot on a machine makes the guest's image.
    hookTimeout: 12 * MINUTE_MS,
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
})
