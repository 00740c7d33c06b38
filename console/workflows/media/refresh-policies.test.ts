import { randomUUID } from 'node:crypto'
import { DEFAULT_POLICY_SETTINGS, LIMITS, type Policy } from '@shoukou/protocol'
import { openSeal } from '@shoukou/protocol/media/seal.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MediumDetails } from '../../ledger/medium-details.ts'
import type { MediumRow, MediumWrite } from '../../store/media-ports.ts'
import { changePolicy } from '../policies.ts'
import { indexKeysOf } from './find-twin.ts'
import { reasonFor } from './refresh-policies.ts'
import { issueSeal } from './seals.ts'
import { COMPUTER, details, OTHER_COMPUTER, openTestMedia, passport, type TestMedia } from './test-media.ts'

let test: TestMedia
beforeEach(async () => {
  test = await openTestMedia()
})
afterEach(() => test[Symbol.asyncDispose]())

async function registered(serial: string, other: Partial<MediumDetails> = {}): Promise<MediumRow> {
  const from = await test.examine(passport(serial))
  return test.media.register.register({ ...details(other), reason: 'new', from }, 'li')
}

const setState = (row: MediumRow, state: MediumRow['state'], account = 'li') =>
  test.media.register.setState(row.number, { baseVersion: row.version, state, reason: 'needed' }, account)

const numbersIn = (policy: Policy): (string | undefined)[] =>
  (policy.media?.seals ?? []).map((signed) => openSeal(signed, test.signer.publicKey)?.number)

describe('a change of the register', () => {
  it('makes one new policy for each computer that it concerns, and none for the others', async () => {
    await registered('A1')
    await test.media.policies.settle()
    const policy = await test.policy('agent-1')
    expect([policy.version, numbersIn(policy), policy.media?.revocations]).toEqual([2, ['YM-0001'], []])
    expect((await test.policy('agent-2')).version).toBe(1)
    expect(test.told).toEqual(['agent-1'])
    const row = await test.store.policy('agent-1', 2)
    expect(row).toMatchObject({ createdBy: 'li', reason: 'media register: YM-0001 registered' })
  })

  it('makes one for several acts that follow closely', async () => {
    const first = await registered('A1')
    await registered('B2', { computers: null })
    await setState(first, 'suspended', 'wu')
    await test.media.policies.settle()
    const policy = await test.policy('agent-1')
    expect([policy.version, numbersIn(policy)]).toEqual([2, ['YM-0002']])
    const row = await test.store.policy('agent-1', 2)
    expect(row).toMatchObject({
      createdBy: 'wu',
      reason: 'media register: YM-0001 registered (li), YM-0002 registered (li), YM-0001 suspended (wu)',
    })
    expect(await test.store.mediaPolicyDue(9)).toEqual([])
  })

  it('makes none where what computers may use is the same', async () => {
    await test.media.register.register({ ...details(), reason: 'new', from: null }, 'li')
    const row = await registered('A1')
    await test.media.policies.settle()
    await setState(row, 'lent')
    await test.media.policies.settle()
    expect((await test.policy('agent-1')).version).toBe(2)
  })

  it('tells computers of what counts no more, also those that may not use it any longer', async () => {
    const row = await registered('A1')
    const moved = await test.media.register.change(
      row.number,
      { ...details({ computers: [OTHER_COMPUTER] }), baseVersion: row.version, reason: 'moved' },
      'li',
    )
    await test.media.policies.settle()
    const replaced = {
      number: 'YM-0001',
      level: 'confidential',
      status: 'replaced',
      issuedBeforeMs: moved.seal?.issuedAtMs,
    }
    const before = await test.policy('agent-1')
    expect([numbersIn(before), before.media?.revocations]).toEqual([[], [replaced]])
    expect(numbersIn(await test.policy('agent-2'))).toEqual(['YM-0001'])
    await setState(moved, 'missing')
    await test.media.policies.settle()
    const after = await test.policy('agent-2')
    expect([numbersIn(after), after.media?.revocations]).toEqual([
      [],
      [{ ...replaced, status: 'missing', issuedBeforeMs: null }],
    ])
  })

  it('is not lost where the console ends before the policies are made', async () => {
    await registered('A1')
    await test.media.policies.close()
    await test.media.policies.settle()
    expect((await test.policy('agent-1')).version).toBe(1)
    const next = test.again()
    next.policies.schedule()
    await expect.poll(async () => (await test.policy('agent-1')).version).toBe(2)
    await next.policies.close()
  })

  it('is in the next policy, whoever makes that one', async () => {
    await registered('A1')
    const { signer } = test
    const settings = {
      ...DEFAULT_POLICY_SETTINGS,
      modes: { ...DEFAULT_POLICY_SETTINGS.modes, media: 'enforce' as const },
    }
    const changed = { baseVersion: 1, settings, reason: 'enforce' }
    await changePolicy(test.store, 'agent-1', changed, { account: 'wu', signer, now: test.clock.now })
    expect(numbersIn(await test.policy('agent-1'))).toEqual(['YM-0001'])
    await test.media.policies.settle()
    const policy = await test.policy('agent-1')
    expect([policy.version, policy.settings.modes.media]).toEqual([2, 'enforce'])
  })

  it('comes after a change that an administrator makes at the same moment, and undoes nothing of it', async () => {
    await registered('A1')
    const { signer } = test
    const settings = { ...DEFAULT_POLICY_SETTINGS, level: 'secret' as const }
    const changes = Array.from({ length: 5 }, (_, at) =>
      changePolicy(
        test.store,
        'agent-1',
        { baseVersion: at + 1, settings, reason: `change ${at}` },
        { account: 'wu', signer, now: test.clock.now },
      ),
    )
    const [done] = await Promise.all([Promise.allSettled(changes), test.media.policies.settle()])
    expect(done.some(({ status }) => status === 'fulfilled')).toBe(true)
    const policy = await test.policy('agent-1')
    expect([numbersIn(policy), policy.settings.level]).toEqual([['YM-0001'], 'secret'])
  })
})

describe('more media than a policy carries', () => {
  it('leave out those that every computer may use first, stay within the bound, and say so', async () => {
    const writes = await Promise.all(Array.from({ length: 400 }, (_, at) => sealed(at)))
    await test.store.writeMedia(writes, { computers: null, account: 'li', reason: '400 media registered' })
    await test.media.policies.settle()
    const policy = await test.policy('agent-1')
    const { payload } = JSON.parse((await test.store.policy('agent-1', 2))?.envelope ?? '{}') as {
      payload: string
    }
    expect(Buffer.from(payload, 'base64').length).toBeLessThanOrEqual(LIMITS.policyBytesMax)
    const numbers = numbersIn(policy)
    expect(numbers.length).toBeLessThanOrEqual(LIMITS.sealsPerPolicyMax)
    expect(numbers.length).toBeGreaterThan(200)
    expect(numbers.slice(0, 40).every((number) => Number(number?.slice(3)) < 40)).toBe(true)
    expect(test.logged.join('\n')).toMatch(
      new RegExp(`no room in a policy .*"leftOut":${400 - numbers.length}`),
    )
  })

  it('never leave out what counts no more for their sake', async () => {
    const writes = await Promise.all(
      Array.from({ length: 4_300 }, (_, at) =>
        sealed(at, at >= 300 ? { state: 'destroyed', computers: null } : { computers: null }),
      ),
    )
    await test.store.writeMedia(writes, { computers: ['JM-0231'], account: 'li', reason: 'many' })
    await test.media.policies.settle()
    const policy = await test.policy('agent-1')
    expect(policy.media?.revocations).toHaveLength(4_000)
    expect(policy.media?.seals.length).toBeGreaterThan(100)
  }, 20_000)
})

describe('the reason of such a policy', () => {
  it('names what fits, and counts the rest', () => {
    const due = Array.from({ length: 100 }, (_, id) => ({
      ...{ id, computer: null, account: 'li' },
      reason: `YM-${id} registered`,
    }))
    const words = reasonFor(due)
    expect(words.length).toBeLessThanOrEqual(500)
    expect(words).toMatch(/^media register: YM-0 registered, YM-1 registered.* and \d+ more$/)
  })
})

/** As the register writes them; one by one would be slow. The first forty are assigned. */
async function sealed(at: number, other: Partial<MediumRow> = {}): Promise<MediumWrite> {
  const found = passport(randomUUID())
  const medium: MediumWrite['medium'] = {
    ...details({ computers: at < 40 ? [COMPUTER] : null }),
    number: `YM-${String(at).padStart(4, '0')}`,
    ...{ state: 'issued', version: 1, registeredAt: at, registeredBy: 'li', changedAt: at, passport: found },
    ...{ seal: null, sealsVoidBeforeMs: null, sealWrittenAt: null, dueBackMs: null },
    ...other,
  }
  const seal = await issueSeal(medium, { signer: test.signer, now: test.clock.now })
  return { medium: { ...medium, seal }, baseVersion: null, keys: indexKeysOf(found), events: [] }
}
