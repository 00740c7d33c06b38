import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

const poller = JSON.stringify(new URL('poll-linux.ts', import.meta.url).href)
const runChild = (script: string) =>
  spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { LazyPoller } from ${poller}; const lazy = new LazyPoller(); await lazy.get(); ${script}`,
    ],
    { timeout: 20_000, encoding: 'utf8' },
  )

it('does not hold a process that leaves while it waits', () => {
  const sinceMs = performance.now()
  expect(runChild('setTimeout(() => process.exit(7), 50)').status).toBe(7)
  expect(performance.now() - sinceMs).toBeLessThan(4_000)
})

it('does not hold a process that dies of a broken invariant', () => {
  const sinceMs = performance.now()
  const child = runChild("setTimeout(() => { throw new Error('invariant') }, 50)")
  expect([child.status, child.stderr.includes('invariant')]).toEqual([1, true])
  expect(performance.now() - sinceMs).toBeLessThan(4_000)
})

it('lets a process end by itself once it is closed', () => {
  expect(runChild('await lazy.close()').status).toBe(0)
})
