import { describe, expect, it } from 'vitest'
import { isSystemRunning } from './own-units-linux.ts'
import { parseSystemState } from './system-state.ts'

describe('what the service manager says of the computer', () => {
  // Every state of systemctl(1), with the bytes that systemd 252 prints.
  it.each([
    ['running\n', true],
    ['degraded\n', true],
    ['stopping\n', false],
    ['initializing\n', null],
    ['starting\n', null],
    ['maintenance\n', null],
    ['offline\n', null],
    ['unknown\n', null],
    // Killed at its time limit, not installed, or another program of the name.
    ['', null],
    ['running out of words\n', null],
    ['RUNNING\n', null],
  ])('%j is %j', (printed, isRunning) => {
    expect(parseSystemState(printed)).toBe(isRunning)
  })

  it('is asked within its time limit, also where there is none', async () => {
    const path = process.env['PATH']
    const askedAt = performance.now()
    expect([true, false, null]).toContain(await isSystemRunning())
    expect(performance.now() - askedAt).toBeLessThan(10_000)
    try {
      process.env['PATH'] = '/nowhere'
      expect(await isSystemRunning()).toBe(null)
    } finally {
      process.env['PATH'] = path
    }
  })
})
