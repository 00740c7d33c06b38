/** Bundles at a console: real store, real ingest, real certificates, bundles as an agent writes them. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  type BundleToWrite,
  encodeRecordsFrame,
  genesisHead,
  hardwareFact,
  headAfter,
  openEnvelope,
  type ReturnOrder,
  signWitness,
  type Witness,
} from '@shoukou/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bundleBytes, signWith, testManifest } from '../../../protocol/fixtures/bundles.ts'
import { startTestApi, type TestApi } from '../../api/test-api.ts'
import { fingerprintOf } from '../../pki/authority.ts'
import type { SlipRow } from '../../store/bundles-ports.ts'
import { SET_BACK_ACT } from '../../trail/witnesses.ts'
import type { Bundles } from './create-bundles.ts'
import { makeRequest, recordOf } from './testing/offline-computer.ts'

let test: TestApi
let cookie: string
let agent: string
let pair: { key: string; certificate: string }
let raws: Buffer[]
const epoch = '0001-0123456789abcdef'
let number: number
let previous: string | null

beforeAll(async () => {
  test = await startTestApi()
  cookie = await test.signIn('sec-admin')
})
afterAll(() => test[Symbol.asyncDispose]())

/** A computer of its own for each test. */
beforeEach(async () => {
  const { key, file } = await makeRequest()
  const body = { file: file.toString('base64') }
  const answer = await test.call('POST', '/api/bundles/enrolments', { cookie, body })
  expect(answer.status, answer.text).toBe(200)
  ;({ agent } = answer.json as { agent: string })
  const row = (await test.store.agentCertificates(agent))[0]
  pair = { key, certificate: row?.certificate ?? '' }
  raws = []
  number = 0
  previous = null
})

function append(count: number): void {
  for (let index = 0; index < count; index += 1) raws.push(recordOf(agent, epoch, raws.length + 1))
}
function headAt(seq: number): Buffer {
  let head = genesisHead(agent, epoch)
  for (const [index, raw] of raws.slice(0, seq).entries()) head = headAfter(head, index + 1, raw, 'sha-256')
  return head
}
/** What the computer would write now, from a record on. */
async function written(
  from: number,
  change: (bundle: BundleToWrite) => BundleToWrite = (one) => one,
): Promise<Buffer> {
  number += 1
  const bundle = randomUUID()
  const [headBefore, head] = [headAt(from - 1).toString('hex'), headAt(raws.length).toString('hex')]
  const brought = raws.slice(from - 1)
  const bytes = await bundleBytes(
    change({
      header: {
        bundle,
        agent,
        computer: 'JM-0001',
        console: fingerprintOf(test.keys.authority.certificate),
        consoleHost: 'console.unit',
        number,
        previous,
        epoch,
        firstSeq: from,
        lastSeq: raws.length,
        headBefore,
        headAfter: head,
        createdWallMs: test.clock.now,
      },
      manifest: testManifest(pair.certificate),
      frames:
        brought.length === 0
          ? []
          : [
              {
                bytes: encodeRecordsFrame(
                  { epoch, firstSeq: from, headBefore, headAfter: head, gap: null },
                  brought,
                ),
                records: brought.length,
              },
            ],
      receiver: test.keys.bundleKey.publicKey,
      sign: signWith(pair.key),
    }),
  )
  previous = bundle
  return bytes
}
function orderOf(bytes: Buffer): { readonly order: ReturnOrder } {
  const parsed = JSON.parse(bytes.toString()) as { order: Parameters<typeof openEnvelope>[1] }
  const text = String(openEnvelope('return', parsed.order, test.signer.publicKey))
  return { order: JSON.parse(text) as ReturnOrder }
}
const bundles = (): Bundles => test.bundles
async function bring(bytes: Buffer): Promise<SlipRow> {
  const [slip] = await bundles().take(Readable.from([bytes]), 'zhou')
  if (slip === undefined) throw new Error('no slip')
  return slip
}
const waitedFor = async () =>
  (await bundles().standalone()).find(({ computer }) => computer.agent === agent)?.isOverdue
const codes = ({ notes }: SlipRow) => notes.map(({ code }) => code)
const stored = async () => (await test.store.position(agent, epoch))?.seq ?? 0

describe('a bundle at the console', () => {
  it('goes the way of the link’s records, and leaves the computer standalone', async () => {
    append(5)
    expect(await bring(await written(1))).toMatchObject({
      verdict: 'taken',
      recordsNew: 5,
      recordsKnown: 0,
      violations: 0,
    })
    expect(await stored()).toBe(5)
    expect((await test.store.computer(agent))?.status).toBe('standalone')
  })

  it('brought twice is told apart and stored once', async () => {
    append(5)
    const bytes = await written(1)
    await bring(bytes)
    const again = await bring(bytes)
    expect(again).toMatchObject({ verdict: 'nothing-new', recordsNew: 0, recordsKnown: 5 })
    expect(codes(again)).toContain('again')
    expect(await stored()).toBe(5)
  })

  it('brought out of order is told apart, and loses nothing', async () => {
    append(3)
    const first = await written(1)
    append(3)
    const second = await written(1)
    const later = await bring(second)
    expect(later).toMatchObject({ verdict: 'taken', recordsNew: 6 })
    expect(later.notes).toContainEqual({ code: 'bundles-missing', from: 1, to: 1 })
    const earlier = await bring(first)
    expect(earlier).toMatchObject({ verdict: 'nothing-new', recordsKnown: 3 })
    expect(codes(earlier)).toContain('out-of-order')
  })

  it('with one missing before it is kept with the gap, and taken as soon as that one comes', async () => {
    append(3)
    const first = await written(1)
    append(3)
    const second = await written(4)
    expect(await bring(second)).toMatchObject({
      verdict: 'held',
      fault: 'records-missing',
      gaps: [{ firstSeq: 1, lastSeq: 3, state: 'pending' }],
    })
    expect(await stored()).toBe(0)
    const slips = await bundles().take(Readable.from([first]), 'zhou')
    expect(slips.map(({ verdict, recordsNew }) => [verdict, recordsNew])).toEqual([
      ['taken', 3],
      ['taken', 3],
    ])
    expect(codes(slips[1] as SlipRow)).toContain('released-from-hold')
    expect(await stored()).toBe(6)
  })

  it('altered, cut short, or for another console is refused with the reason and the place, and a slip of it stays', async () => {
    append(5)
    const good = await written(1)
    const altered = Buffer.from(good)
    const at = altered.length - 200
    altered[at] = (altered[at] ?? 0) ^ 1
    expect(await bring(altered)).toMatchObject({ verdict: 'refused', fault: 'altered' })
    expect(await bring(good.subarray(0, good.length - 10))).toMatchObject({
      verdict: 'refused',
      fault: 'truncated',
    })
    const foreign = await written(1, (bundle) => ({
      ...bundle,
      header: { ...bundle.header, console: 'A'.repeat(43) },
    }))
    expect(await bring(foreign)).toMatchObject({ fault: 'foreign-console', consoleHost: 'console.unit' })
    expect(await bring(Buffer.from('hello'))).toMatchObject({ fault: 'not-a-bundle', agent: null })
    expect(await stored()).toBe(0)
    expect((await test.store.slips({ limit: 4 })).map(({ fault }) => fault)).toEqual([
      'not-a-bundle',
      'foreign-console',
      'truncated',
      'altered',
    ])
  })

  it('of an unknown or a revoked computer, or signed by another’s certificate, says so', async () => {
    append(2)
    const unknown = await written(1, (bundle) => ({
      ...bundle,
      header: { ...bundle.header, agent: 'somebody' },
    }))
    expect(await bring(unknown)).toMatchObject({ fault: 'unknown-agent' })
    const { key } = await makeRequest()
    const forged = await written(1, (bundle) => ({ ...bundle, sign: signWith(key) }))
    expect(await bring(forged)).toMatchObject({ fault: 'signature' })
    await test.store.revoke({ agent, at: test.clock.now, account: 'li', reason: 'stolen' })
    expect(await bring(await written(1))).toMatchObject({ fault: 'agent-revoked' })
  })

  it('whose records are another continuation is refused, and is a violation', async () => {
    append(3)
    await bring(await written(1))
    raws = []
    append(4)
    raws[1] = recordOf(agent, epoch, 2, 'another past')
    expect(await bring(await written(1))).toMatchObject({ verdict: 'refused', fault: 'chain' })
    const found = await test.store.violations({ agent, limit: 10 })
    expect(found.map(({ type }) => type)).toContain('log-gap-or-clock-tamper')
  })

  it('of the same key on another machine is refused, is a violation, and takes nothing over', async () => {
    const machine = (serial: string) => ({
      runId: '0'.repeat(32),
      bootMs: 1,
      hardware: [hardwareFact('product-uuid', serial), hardwareFact('disk', `disk of ${serial}`)],
    })
    const from = (serial: string) => (bundle: BundleToWrite) => ({
      ...bundle,
      manifest: { ...bundle.manifest, identity: machine(serial) },
    })
    append(3)
    expect(await bring(await written(1, from('first')))).toMatchObject({ verdict: 'taken' })
    append(2)
    expect(await bring(await written(4, from('second')))).toMatchObject({
      verdict: 'refused',
      fault: 'other-machine',
      recordsNew: 0,
    })
    expect(await stored()).toBe(3)
    const [violation] = await test.store.violations({ agent, limit: 10 })
    expect(violation?.type).toBe('agent-tamper')
    expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({
      what: 'identity-copied',
      identity: { how: 'other-hardware', address: '', inCommon: 0, known: 2, told: 2 },
    })
    expect(await bring(await written(4, from('first')))).toMatchObject({ verdict: 'taken', recordsNew: 2 })
    // One that does not tell is not accused.
    append(1)
    expect(await bring(await written(6))).toMatchObject({ verdict: 'taken' })
    expect(await test.store.violations({ agent, limit: 10 })).toHaveLength(1)
  })

  it('shows the head of the log that its computer holds, and a console that was set back finds it', async () => {
    const showing = (witness: Witness) => (bundle: BundleToWrite) => ({
      ...bundle,
      manifest: { ...bundle.manifest, witness },
    })
    const setBack = async () => test.store.trailRows({ acts: [SET_BACK_ACT], limit: 10 })
    append(1)
    const { order } = orderOf((await bundles().returnPackage(agent, 'zhou')).bytes)
    expect(order.witness).not.toBeNull()
    await bring(await written(1, showing(order.witness as Witness)))
    const end = await test.store.trailEnd()
    const later = { seq: end.seq + 1_000, head: 'ab'.repeat(32) }
    const foreign = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
    await bring(await written(1, showing(signWitness(later, foreign.toString()))))
    expect(await setBack()).toEqual([])
    await bring(await written(1, showing(signWitness(later, test.logKey.privateKey))))
    expect(await setBack()).toHaveLength(1)
  })

  it('under a number that another had tells that there may be two of the computer', async () => {
    append(2)
    await bring(await written(1))
    number = 0
    append(1)
    expect(codes(await bring(await written(1)))).toContain('number-reused')
  })
})

describe('the way home', () => {
  it('carries position and receipt, and each package has a higher number', async () => {
    append(4)
    await bring(await written(1))
    const made = await bundles().returnPackage(agent, 'zhou')
    const { order } = orderOf(made.bytes)
    expect(order).toMatchObject({ agent, number: 1, stored: { epoch, seq: 4 }, bundle: { number: 1 } })
    expect(order.receipt).toMatch(/^[0-9a-f]{64}$/)
    expect((await bundles().returnPackage(agent, 'zhou')).row.number).toBe(2)
  })
})

describe('who is overdue', () => {
  it('is who sent no bundle within the limit', async () => {
    append(1)
    await bring(await written(1))
    expect(await waitedFor()).toBe(false)
    test.clock.now += 32 * 86_400_000
    expect(await waitedFor()).toBe(true)
  })
})
