/** What the store keeps of handling: repeats, exceptions, papers, on a real database. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addComputer } from '../api/test-data.ts'
import { OF_REGISTERS } from './clock-ports.ts'
import { REPEAT_WINDOW_MS } from './handling-ports.ts'
import { openSqliteStoreHere } from './open-store.ts'
import type { NewViolation, Store, ViolationRow } from './ports.ts'

const start = 1_800_000_000_000
let folder: string
let store: Store
let agent: string
let last = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-handled-'))
  store = await openSqliteStoreHere(join(folder, 'console.db'))
  agent = await addComputer({ store, clock: { now: start } })
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

/** An adapter on a bus, told with what came of it. */
async function happen(
  serial: string | null,
  at: number,
  more: Partial<NewViolation> & { readonly outcome?: string } = {},
): Promise<ViolationRow> {
  last += 1
  const { outcome = 'blocked', ...rest } = more
  const receiver = { busPath: null, vendorId: '046d', productId: 'c52b', serial, model: null }
  const row = await store.addViolation(
    agent,
    {
      ...{ key: `k${last}`, type: 'wireless-input-device', severity: 'high', level: 'secret' },
      ...{ policyVersion: 1, epoch: null, seq: null, occurredAt: at },
      evidence: JSON.stringify({ receiver, outcome }),
      ...rest,
    },
    at,
  )
  if (row === null) throw new Error('not added')
  return row
}
const by = (at: number) => ({ at, account: 'li', reason: 'same' })
const again = async (id: number): Promise<ViolationRow> => {
  const row = await store.violation(id)
  if (row === null) throw new Error('gone')
  return row
}
const acknowledged = { state: 'acknowledged', disposition: null, isIncident: false, assignee: null } as const
const detected = { ...acknowledged, state: 'detected' } as const

describe('a repeat', () => {
  it('is counted with the first one, which moves up; each stays, and opens by itself', async () => {
    const first = await happen('R-1', start)
    const other = await happen('R-2', start + 1)
    const second = await happen('R-1', start + 2)
    expect(second.standing?.repeatOf).toBe(first.id)
    expect((await again(first.id)).standing).toMatchObject({
      repeats: 2,
      lastAt: start + 2,
      place: second.id,
    })
    const grouped = await store.violations({ agent, isGrouped: true, limit: 2 })
    expect(grouped.map(({ id }) => id)).toEqual([first.id, other.id])
    const each = await store.violations({ agent, limit: 3 })
    expect(each.map(({ id }) => id)).toEqual([second.id, other.id, first.id])
    expect((await store.repeatsOf(first.id, { limit: 9 })).map(({ id }) => id)).toEqual([second.id])
  })

  it('is none where it says more, comes later, is about what has no name, or somebody has taken up the first', async () => {
    const first = await happen('N-1', start)
    const worse = await happen('N-1', start + 1, { outcome: 'allowed' })
    const late = await happen('N-1', start + REPEAT_WINDOW_MS + 1)
    const nameless = [await happen(null, start), await happen(null, start)]
    const step = { violation: late.id, at: start, account: 'li', reason: '', proposal: null }
    await store.addHandling({ ...step, kind: 'acknowledge' }, null, acknowledged)
    const after = await happen('N-1', start + REPEAT_WINDOW_MS + 2)
    for (const one of [first, worse, late, ...nameless, after]) expect(one.standing?.repeatOf).toBeNull()
  })

  it('is merged and let out again by hand, with a line in the history of both', async () => {
    const lead = await happen('M-1', start)
    const repeat = await happen('M-1', start + 1)
    const other = await happen('M-2', start)
    expect(await store.mergeViolations(lead.id, other.id, by(start))).toBe(true)
    expect(await store.mergeViolations(lead.id, other.id, by(start))).toBe(false)
    expect((await again(lead.id)).standing?.repeats).toBe(3)
    expect(await store.unmergeViolation(other.id, by(start), detected)).toBe(true)
    expect(await store.unmergeViolation(repeat.id, by(start), detected)).toBe(true)
    expect(await store.unmergeViolation(repeat.id, by(start), detected)).toBe(false)
    expect((await again(lead.id)).standing).toMatchObject({ repeats: 1, place: lead.id, lastAt: start })
    expect((await again(repeat.id)).standing).toMatchObject({ repeatOf: null, place: repeat.id })
    expect((await store.handling(lead.id)).map(({ kind }) => kind)).toEqual([
      ...['merge', 'unmerge', 'unmerge'],
    ])
    expect((await store.handling(other.id)).map(({ detail }) => detail)).toEqual([`${lead.id}`, `${lead.id}`])
  })

  it('stands as the first one stands', async () => {
    const first = await happen('S-1', start)
    const second = await happen('S-1', start + 1)
    const step = { violation: first.id, at: start, account: 'li', reason: '', proposal: null }
    await store.addHandling({ ...step, kind: 'acknowledge' }, null, acknowledged)
    expect((await again(second.id)).standing?.state).toBe('acknowledged')
  })
})

describe('an exception', () => {
  const day = 86_400_000
  const make = async (of: ViolationRow, from: number, until: number) =>
    store.addException({
      ...{ type: of.type, agent: of.agent, subject: of.standing?.subject ?? '', violation: of.id },
      ...{ from, until, reason: 'borrowed', account: 'li', proposal: null },
    })

  it('covers what happens and arrives in its time, which is recorded all the same, and nothing else', async () => {
    const cause = await happen('X-1', start)
    const made = await make(cause, start + 10, start + day)
    expect(await make(cause, start + 20, start + day)).toBeNull()
    const inside = await happen('X-1', start + 20)
    const before = await happen('X-1', start + 20, { occurredAt: start + 5 })
    const after = await happen('X-1', start + day)
    const another = await happen('X-2', start + 20)
    expect(inside.standing?.exception).toEqual({ id: made?.id, until: start + day })
    // Nothing that counts is put behind what is allowed.
    expect(inside.standing?.repeatOf).toBeNull()
    for (const one of [cause, before, after, another]) expect(one.standing?.exception).toBeNull()
    expect((await store.exception(made?.id ?? 0))?.covered).toBe(1)
  })

  it('covers nothing worse than what it was made from, neither what comes nor what lasts', async () => {
    const worse = await happen('W-1', start, { lasting: 'boot/worse', outcome: 'detected' })
    const cause = await happen('W-1', start + 1, { lasting: 'boot/cause' })
    const made = await make(cause, start + 10, start + day)
    const alike = await happen('W-1', start + 20)
    const graver = await happen('W-1', start + 20, { outcome: 'allowed' })
    const higher = await happen('W-1', start + 20, { level: 'top-secret' })
    const critical = await happen('W-1', start + 20, { severity: 'critical' })
    expect(alike.standing?.exception?.id).toBe(made?.id)
    expect((await again(cause.id)).standing?.exception?.id).toBe(made?.id)
    for (const one of [await again(worse.id), graver, higher, critical])
      expect(one.standing?.exception).toBeNull()
    expect((await store.revokeException(made?.id ?? 0, by(start + 30)))?.map(({ id }) => id)).toEqual([
      cause.id,
    ])
  })

  it('takes in what lasts, and lets it come back when it is over or revoked', async () => {
    const lasts = await happen('L-1', start, { lasting: 'boot/receiver' })
    const made = await make(lasts, start + 10, start + day)
    expect((await again(lasts.id)).standing?.exception?.id).toBe(made?.id)
    expect(await store.expireExceptions(start + day - 1)).toEqual([])
    expect((await store.expireExceptions(start + day)).map(({ id }) => id)).toEqual([lasts.id])
    expect((await again(lasts.id)).standing?.exception).toBeNull()
    const next = await make(lasts, start + day, start + 2 * day)
    const back = await store.revokeException(next?.id ?? 0, by(start + day + 1))
    expect(back?.map(({ id, standing }) => [id, standing?.exception])).toEqual([[lasts.id, null]])
    expect(await store.revokeException(next?.id ?? 0, by(start + day + 2))).toBeNull()
    expect(await store.exceptions({ inForceAt: start + day + 2, limit: 9 })).toEqual([])
  })

  it('hides nothing else that is shown as the same row', async () => {
    const lead = await happen('H-1', start, { lasting: 'boot/one' })
    const other = await happen('H-2', start, { lasting: 'boot/two' })
    expect(await store.mergeViolations(lead.id, other.id, by(start))).toBe(true)
    await make(lead, start + 10, start + day)
    expect((await again(lead.id)).standing?.exception).toBeNull()
    expect((await again(other.id)).standing?.exception).toBeNull()
  })

  it('of what the registers say stands in the list like any other, and is taken back', async () => {
    const missing = await store.addViolation(
      OF_REGISTERS,
      {
        ...{ key: 'm1', type: 'media-missing', severity: 'critical', level: 'secret', policyVersion: 0 },
        ...{ epoch: null, seq: null, occurredAt: start, lasting: 'missing:U-1' },
        evidence: JSON.stringify({ medium: { number: 'U-1' } }),
      },
      start,
    )
    if (missing === null) throw new Error('not added')
    const made = await make(missing, start + 1, start + day)
    expect(made).toMatchObject({ number: '', subject: 'medium:U-1', covered: 1 })
    const listed = await store.exceptions({ inForceAt: start + 2, limit: 9 })
    expect(listed.map(({ id }) => id)).toContain(made?.id)
    expect(await store.exceptions({ inForceAt: start + 2, department: 'Finance', limit: 9 })).toEqual([])
    await store.revokeException(made?.id ?? 0, by(start + 3))
    expect((await again(missing.id)).standing?.exception).toBeNull()
  })
})

describe('papers', () => {
  it('are added to and never changed: one file once, one statement for each form', async () => {
    const { id: violation } = await happen('P-1', start)
    const file = { violation, at: 1, account: 'li', name: { b64: '/w==' }, type: 'unknown', note: '' }
    const row = await store.addAttachment({ ...file, bytes: 2, hash: 'ab' }, Uint8Array.of(1, 2))
    expect(await store.addAttachment({ ...file, bytes: 2, hash: 'ab' }, Uint8Array.of(1, 2))).toBeNull()
    const read = await store.attachment(row?.id ?? 0)
    expect([read?.row.name, [...(read?.content ?? [])]]).toEqual([{ b64: '/w==' }, [1, 2]])
    const asked = { violation, at: 1, account: 'li', person: 'Zhou', question: 'Why?', dueAt: 9 }
    const request = await store.addStatementRequest({ ...asked, code: '00000001' })
    expect(await store.addStatementRequest({ ...asked, code: '00000001' })).toBeNull()
    expect((await store.openStatementRequests(undefined, 9)).map(({ code }) => code)).toEqual(['00000001'])
    expect(await store.openStatementRequests('Finance', 9)).toEqual([])
    const said = { request: request?.id ?? 0, violation, at: 3, writer: 'Zhou', writtenAt: 2, account: 'li' }
    expect(await store.addStatement({ ...said, text: 'first' })).not.toBeNull()
    expect(await store.addStatement({ ...said, text: 'second' })).toBeNull()
    expect((await store.statements(violation)).map(({ text }) => text)).toEqual(['first'])
    expect(await store.openStatementRequests(undefined, 9)).toEqual([])
  })
})
