import { openSeal } from '@shoukou/protocol/media/seal.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeHolder, signedBy, testCeiling } from '../../../protocol/ceiling/fixtures/test-ceiling.ts'
import { createTestSigner } from '../../signer/test-signer.ts'
import type { MediumRow } from '../../store/media-ports.ts'
import { createMediaRegister } from './register.ts'
import { createSealRenewal, isSignedBy, renewSeals } from './renew-seals.ts'
import { details, openTestMedia, passport, type TestMedia } from './test-media.ts'

let test: TestMedia
/** The daily key after the rotation. */
const next = createTestSigner()

beforeEach(async () => {
  test = await openTestMedia()
})
afterEach(() => test[Symbol.asyncDispose]())

async function registered(serial: string): Promise<MediumRow> {
  const from = await test.examine(passport(serial))
  return test.media.register.register({ ...details(), reason: 'new', from }, 'li')
}

function renewal(signer = next) {
  const { store, clock } = test
  const now = () => clock.now
  const register = createMediaRegister({ store, signer, now, due: () => test.media.policies.schedule() })
  const lines: string[] = []
  const log = {
    info: (fields: object) => void lines.push(JSON.stringify(fields)),
    error: (fields: object) => void lines.push(`error ${JSON.stringify(fields)}`),
  }
  return { options: { store, signer, register, now, log }, lines }
}

const read = async (number: string): Promise<MediumRow> => {
  const row = await test.store.medium(number)
  if (row === null) throw new Error(number)
  return row
}

describe('after a new daily key', () => {
  it('every seal in use is signed by it, its terms as they were, and none on a medium is made void', async () => {
    const rows = [await registered('A1'), await registered('A2'), await registered('A3')]
    const [retired, suspended, used] = rows as [MediumRow, MediumRow, MediumRow]
    const state = (row: MediumRow, to: 'retired' | 'suspended') =>
      test.media.register.setState(row.number, { baseVersion: row.version, state: to, reason: 'x' }, 'li')
    await state(retired, 'retired')
    await state(suspended, 'suspended')
    test.clock.now += 1_000
    const { options, lines } = renewal()
    expect(await renewSeals(options)).toEqual({ sealed: 2, renewed: 2 })
    for (const { number } of [suspended, used]) {
      const after = await read(number)
      const before = rows.find((row) => row.number === number)
      const signed = after.seal?.signed ?? { payload: '', signature: '' }
      const { id: _id, issuedAtMs: _at, ...terms } = openSeal(signed, next.publicKey) ?? {}
      const old = before?.seal?.signed ?? signed
      const { id: _was, issuedAtMs: _then, ...same } = openSeal(old, test.signer.publicKey) ?? {}
      expect(terms).toEqual(same)
      expect(after.sealsVoidBeforeMs).toBe(null)
      const [event] = await test.store.mediumHistory(number, 1)
      expect(event).toMatchObject({ kind: 'seal-issued', account: 'console' })
    }
    expect(isSignedBy((await read(retired.number)).seal as never, test.signer.publicKey)).toBe(true)
    // On record once, with its sum; how far it is stands in the log.
    const [act] = await test.store.actions({ limit: 1 })
    expect(act).toMatchObject({ action: 'seals-renewed', detail: expect.stringMatching(/^2 of 2 seals/) })
    expect(lines).toEqual(['{"sealed":2,"renewed":2}'])
    expect(await renewSeals(options)).toEqual({ sealed: 2, renewed: 0 })
  })

  it('computers get the new seals with their next policy, by themselves', async () => {
    const { number } = await registered('A1')
    await test.media.policies.settle()
    test.clock.now += 1_000
    await renewSeals(renewal().options)
    await test.media.policies.settle()
    const { media } = await test.policy('agent-1')
    const [seal] = media?.seals ?? []
    expect(openSeal(seal ?? { payload: '', signature: '' }, next.publicKey)).toMatchObject({ number })
    expect(media?.revocations).toEqual([])
  })

  it('it goes on where it was ended, and at the next time where the key may not sign yet', async () => {
    for (const serial of ['A1', 'A2', 'A3']) await registered(serial)
    test.clock.now += 1_000
    let looks = 0
    const { options } = renewal()
    const cut = await renewSeals({ ...options, isStopped: () => (looks += 1) > 2 })
    expect(cut).toEqual({ sealed: 2, renewed: 2 })
    // A ceiling that does not name the key: nothing is signed, and the console goes on.
    const locked = createTestSigner({ now: options.now })
    await locked.takeCeiling(signedBy(testCeiling([makeHolder().publicKey])))
    const refused = renewal(locked)
    const running = createSealRenewal(refused.options)
    running.due()
    await expect.poll(() => refused.lines).toEqual([expect.stringMatching(/^error .*beyond-ceiling/)])
    await running.close()
    expect(await renewSeals(options)).toEqual({ sealed: 3, renewed: 1 })
  })
})
