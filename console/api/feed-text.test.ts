/** Whom the feed tells of what no computer did. */
import { expect, it } from 'vitest'
import type { ViolationRow } from '../store/ports.ts'
import { createMessageWriter } from './feed-text.ts'

const violation: ViolationRow = {
  ...{ id: 7, agent: '', number: '', key: 'k', type: 'media-missing', severity: 'critical', level: 'secret' },
  ...{ policyVersion: 0, epoch: null, seq: null, occurredAt: 1, receivedAt: 1, endedAt: null },
  evidence: JSON.stringify({
    ...{ medium: { number: 'U-1', level: 'secret', custodian: '' }, foundMissingAtMs: 1, limitDays: 60 },
    lastSeen: null,
  }),
}

it('tells of a missing medium in its own department, and nowhere else', async () => {
  const write = createMessageWriter({ one: async () => Promise.reject(new Error('no computer')) } as never, {
    departmentOf: async (kind) => (kind === 'violation' ? { department: 'Finance' } : null),
  })
  const told = (department: string) =>
    write(
      { id: 1, session: 's', event: { kind: 'violation', violation } },
      { mayReadViolations: true, scope: { kind: 'department', department } },
    )
  expect(await told('Finance')).toContain('event: violation')
  expect(await told('Archive')).toBe('id: s.1\n\n')
})
