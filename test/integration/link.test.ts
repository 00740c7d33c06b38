/** The console against an agent that controls every byte: what is stored, what is refused, who is accused. */

import { connect } from 'node:tls'
import { DEFAULT_POLICY_SETTINGS, type Fact, LIMITS } from '@shoukou/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RecordsAnswer, ViolationDetail, ViolationsAnswer } from '../../console/api/contract.ts'
import { receiptsWith } from '../../console/pki/receipts.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { usbStick } from '../support/facts.ts'
import { connectRaw, enrolRaw, type RawIdentity, RawJournal } from '../support/raw-agent.ts'

let console: TestConsole
let admin: ApiClient
let identity: RawIdentity
let journal: RawJournal
let agent: string

const opened: Fact = { kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null }
const plugged = (serial: string): Fact => ({
  kind: 'usb.attached',
  origin: 'appeared',
  sighting: 'snapshot',
  device: usbStick({ serial }),
})
const fillTo = (count: number): void => {
  while (journal.raws.length < count) journal.append(plugged(`S-${journal.raws.length}`))
}
const storedRecords = async (): Promise<RecordsAnswer['records']> =>
  (await admin.get<RecordsAnswer>(`/api/computers/${agent}/records?limit=500`)).records
const storedSeqs = async (): Promise<number[]> => (await storedRecords()).map((one) => one.seq).toReversed()
const violations = async (type: string): Promise<ViolationsAnswer['violations']> =>
  (await admin.get<ViolationsAnswer>(`/api/violations?agent=${agent}&type=${type}&limit=200`)).violations

beforeAll(async () => {
  console = await startTestConsole()
  admin = await console.signIn('secadmin')
})
afterAll(async () => {
  await console[Symbol.asyncDispose]()
})
beforeEach(async () => {
  identity = await enrolRaw(console, await console.token())
  agent = identity.answer.agent
  journal = new RawJournal(agent)
  journal.append(opened)
})

describe('records', () => {
  it('are acknowledged when stored, and make their violation with the raw bytes as evidence', async () => {
    await using link = await connectRaw(console, identity)
    const raw = journal.append(plugged('SN-EVIDENCE'))
    expect((await link.hello(journal)).stored).toBeNull()
    expect((await link.records(journal.frame(1, 2))).stored).toEqual(journal.position())
    const [violation] = await violations('unregistered-media-inserted')
    const detail = await admin.get<ViolationDetail>(`/api/violations/${violation?.id}`)
    expect(detail.proof).toMatchObject({ seq: 2, isVerified: true, raw: raw.toString('utf8') })
    expect(await admin.raw(`/api/records/${agent}/${journal.epoch}/2/raw`)).toEqual(raw)
  })

  it('that are sent again are stored once and acknowledged again', async () => {
    await using link = await connectRaw(console, identity)
    fillTo(6)
    await link.hello(journal)
    await link.records(journal.frame(1, 4))
    expect((await link.records(journal.frame(1, 4))).stored.seq).toBe(4)
    expect((await link.records(journal.frame(3, 6))).stored.seq).toBe(6)
    expect(await storedSeqs()).toEqual([1, 2, 3, 4, 5, 6])
    expect(await violations('unregistered-media-inserted')).toHaveLength(5)
  })

  it('go on after the last stored one when the agent comes back, also after a restart of the console', async () => {
    fillTo(3)
    {
      await using link = await connectRaw(console, identity)
      await link.hello(journal)
      await link.records(journal.frame(1, 3))
    }
    await console.restart()
    admin = await console.signIn('secadmin')
    fillTo(5)
    await using link = await connectRaw(console, identity)
    expect((await link.hello(journal)).stored).toEqual(journal.position(3))
    await link.records(journal.frame(4, 5))
    expect(await storedSeqs()).toEqual([1, 2, 3, 4, 5])
  })

  it('are judged by the policy that they name, not by the newest', async () => {
    const registered = { vendorId: '46f4', productId: '0001', serial: 'SN-REG', note: '' }
    const settings = { ...DEFAULT_POLICY_SETTINGS, registeredMedia: [registered] }
    const change = { baseVersion: 1, settings, reason: 'registered' }
    await admin.send('PUT', `/api/computers/${agent}/policy`, change)
    await using link = await connectRaw(console, identity)
    journal.append(plugged('SN-REG'), { policyVersion: 1 })
    journal.append(plugged('SN-REG'), { policyVersion: 2 })
    await link.hello(journal, { policyVersion: 2 })
    await link.records(journal.frame(1, 3))
    const found = await violations('unregistered-media-inserted')
    expect(found.map((one) => one.policyVersion)).toEqual([1])
  })

  it('carry hostile names unharmed from the wire to the API', async () => {
    await using link = await connectRaw(console, identity)
    const names = [
      '<script>alert(1)</script>',
      "'); drop table records; --",
      '\u202Etxt.exe\u0000\u001b[31m',
      'x'.repeat(65_536),
    ]
    for (const serial of names) journal.append(plugged(serial))
    journal.append({
      ...plugged(''),
      device: usbStick({ serial: { b64: Buffer.from([0xff, 0xfe, 0x00]).toString('base64') } }),
    } as Fact)
    await link.hello(journal)
    await link.records(journal.frame(1, journal.raws.length))
    const records = await storedRecords()
    expect(records.map((one) => one.raw).toReversed()).toEqual(
      journal.raws.map((raw) => raw.toString('utf8')),
    )
    for (const { id } of await violations('unregistered-media-inserted')) {
      const { violation, proof } = await admin.get<ViolationDetail>(`/api/violations/${id}`)
      expect(proof?.isVerified).toBe(true)
      expect(violation.headline.en).not.toMatch(/[\u0000\u001b\u202e]/)
    }
  })
})

describe('what is refused', () => {
  /** Sends one message after a hello (or before), and tells what came back; nothing of it may be stored. */
  async function refusal(message: string | Buffer, options: { beforeHello?: boolean } = {}): Promise<string> {
    const before = await storedSeqs()
    const link = await connectRaw(console, identity)
    if (options.beforeHello !== true) await link.hello(journal)
    link.send(message)
    const error = await link.next('error').catch((failure: Error) => failure)
    const { reason, code } = await link.closed
    expect(await storedSeqs()).toEqual(before)
    return error instanceof Error ? `${code} ${reason}` : error.code
  }

  it.each([
    ['what is not JSON', '{', 'malformed-frame'],
    ['an unknown type', '{"v":1,"type":"shell"}', 'malformed-frame'],
    ['an unknown field', '{"v":1,"type":"heartbeat","extra":1}', 'malformed-frame'],
    ['a polluted prototype', '{"v":1,"type":"__proto__","__proto__":{"a":1}}', 'malformed-frame'],
    ['a version of the future', '{"v":2,"type":"hello"}', 'unsupported-version'],
    ['a binary message that is no frame', Buffer.from('SKR1\xff\xff\xff\xff', 'latin1'), 'malformed-frame'],
    [
      'a control frame above its limit',
      JSON.stringify({ v: 1, type: 'error', message: 'x'.repeat(70_000) }),
      'limit-exceeded',
    ],
  ])('%s', async (_what, message, code) => {
    expect(await refusal(message)).toBe(code)
  })

  it('a message above the limit of the wire, before it is in memory', async () => {
    expect(await refusal(Buffer.alloc(LIMITS.frameBytesMax + 1))).toMatch(/^1009/)
  })

  it('records before hello, a second hello, and records of another journal', async () => {
    expect(await refusal(journal.frame(1, 1), { beforeHello: true })).toBe('unexpected-frame')
    expect(await refusal(journal.frame(1, 1, { epoch: 'another' }))).toBe('foreign-record')
    const stranger = new RawJournal('another-agent', journal.epoch)
    stranger.append(opened)
    const frame = stranger.frame(1, 1)
    expect(await refusal(frame)).toBe('chain-broken')
  })

  it('records that jump, without an accusation: the agent is told where to go on', async () => {
    fillTo(5)
    expect(await refusal(journal.frame(4, 5))).toBe('out-of-sequence')
    expect(await violations('log-gap-or-clock-tamper')).toEqual([])
  })

  it('a record that names another agent inside a sound chain', async () => {
    journal.append(plugged('S'), { agent: 'someone-else' })
    expect(await refusal(journal.frame(1, 2))).toBe('foreign-record')
  })

  it('a record of a policy that was never made: the computer is not green while it is stuck there', async () => {
    journal.append(plugged('S'), { policyVersion: 77 })
    expect(await refusal(journal.frame(1, 2))).toBe('foreign-record')
  })

  it('history told differently: refused, and recorded as tampering once', async () => {
    fillTo(3)
    {
      await using link = await connectRaw(console, identity)
      await link.hello(journal)
      await link.records(journal.frame(1, 3))
    }
    const truth = journal
    journal = new RawJournal(agent, truth.epoch)
    journal.append(opened)
    journal.append(plugged('never plugged'))
    fillTo(5)
    expect(await refusal(journal.frame(2, 3))).toBe('replayed-differently')
    expect(await refusal(journal.frame(4, 5))).toBe('chain-broken')
    expect(await refusal(journal.frame(4, 5))).toBe('chain-broken')
    expect(await violations('log-gap-or-clock-tamper')).toHaveLength(2)
  })

  it('a peer without a certificate of this authority, in the handshake', async () => {
    const failures: string[] = []
    const socket = connect({
      host: 'localhost',
      port: console.running.agentPort,
      ca: console.authority,
      minVersion: 'TLSv1.3',
    })
    let received = 0
    socket.on('data', (data) => {
      received += data.length
    })
    await new Promise<void>((resolve) => {
      socket.on('error', (error) => failures.push(String((error as NodeJS.ErrnoException).code)))
      socket.on('close', () => resolve())
    })
    expect(failures).toEqual(['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'])
    expect(received).toBe(0)
    await using other = await startTestConsole()
    const foreign = await enrolRaw(other, await other.token())
    await expect(connectRaw(console, foreign)).rejects.toThrow()
  })
})

describe('a gap', () => {
  it('that the journal declares is coverage; one that it does not is tampering', async () => {
    fillTo(6)
    const gap: Fact = {
      kind: 'journal.gap',
      reason: 'segment-damaged',
      firstSeq: 3,
      lastSeq: 4,
      setAside: null,
    }
    journal.append(gap)
    await using link = await connectRaw(console, identity)
    await link.hello(journal)
    await link.records(journal.frame(1, 2))
    await link.records(journal.frame(5, 7, { gap: { firstSeq: 3, lastSeq: 4 } }))
    expect(await violations('log-gap-or-clock-tamper')).toEqual([])
    expect(await admin.get(`/api/computers/${agent}/gaps`)).toMatchObject({
      gaps: [{ firstSeq: 3, lastSeq: 4, state: 'declared' }],
    })
  })

  it('that nobody declares by the end that hello named is a violation', async () => {
    fillTo(6)
    await using link = await connectRaw(console, identity)
    await link.hello(journal)
    await link.records(journal.frame(1, 2))
    await link.records(journal.frame(5, 5, { gap: { firstSeq: 3, lastSeq: 4 } }))
    expect(await violations('log-gap-or-clock-tamper')).toEqual([])
    await link.records(journal.frame(6, 6))
    const [violation] = await violations('log-gap-or-clock-tamper')
    const detail = await admin.get<ViolationDetail>(`/api/violations/${violation?.id}`)
    expect(detail.evidence).toMatchObject({ cause: 'undeclared-gap', firstSeq: 3, lastSeq: 4 })
  })
})

describe('a receipt', () => {
  const receiptOf = (seq: number, head = journal.position(seq).head) => {
    const receipts = receiptsWith(console.running.keys.receiptKey)
    return { seq, head, mac: receipts.make(agent, { epoch: journal.epoch, seq, head }) }
  }

  it('comes with each acknowledgement and each welcome, for exactly what is stored', async () => {
    fillTo(2)
    {
      await using link = await connectRaw(console, identity)
      expect((await link.hello(journal)).receipt).toBeNull()
      const ack = await link.records(journal.frame(1, 2))
      expect(ack.receipt).toBe(receiptOf(2).mac)
    }
    await using link = await connectRaw(console, identity)
    expect((await link.hello(journal)).receipt).toBe(receiptOf(2).mac)
  })

  it('excuses a gap of numbers that it covers, and none beyond them', async () => {
    fillTo(9)
    await using link = await connectRaw(console, identity)
    await link.hello(journal, { receipt: receiptOf(5) })
    await link.records(journal.frame(6, 6, { gap: { firstSeq: 1, lastSeq: 5 } }))
    await link.records(journal.frame(9, 9, { gap: { firstSeq: 7, lastSeq: 8 } }))
    const [violation, ...more] = await violations('log-gap-or-clock-tamper')
    expect(more).toEqual([])
    const { evidence } = await admin.get<ViolationDetail>(`/api/violations/${violation?.id}`)
    expect(evidence).toMatchObject({ cause: 'undeclared-gap', firstSeq: 7, lastSeq: 8 })
  })

  it.each([
    ['inside the records sent', 1, 4],
    ['right before them', 4, 6],
  ])(
    'holds history fast: what was acknowledged cannot come with another content, %s',
    async (_, from, to) => {
      fillTo(6)
      await using link = await connectRaw(console, identity)
      await link.hello(journal, { receipt: receiptOf(3, 'ab'.repeat(32)) })
      const gap = from === 1 ? null : { firstSeq: 1, lastSeq: from - 1 }
      await expect(link.records(journal.frame(from, to, { gap }))).rejects.toThrow(/replayed-differently/)
      expect(await storedSeqs()).toEqual([])
      expect(await violations('log-gap-or-clock-tamper')).toHaveLength(1)
    },
  )
})

describe('an enrolment token', () => {
  it('is good once, and not after its time', async () => {
    const token = await console.token()
    await enrolRaw(console, token)
    await expect(enrolRaw(console, token)).rejects.toThrow(/token-refused.*used already/)
    await expect(enrolRaw(console, await console.token({ validMinutes: -1 }))).rejects.toThrow(
      /token-refused.*expired/,
    )
    const wrong = `sk1.${'A'.repeat(43)}.${'A'.repeat(43)}`
    await expect(enrolRaw(console, wrong)).rejects.toThrow(/token-refused.*unknown/)
  })
})

it('a newer connection of the same agent takes the place of the older one', async () => {
  const first = await connectRaw(console, identity)
  await first.hello(journal)
  await using second = await connectRaw(console, identity)
  await second.hello(journal)
  expect((await first.closed).reason).toBe('superseded-connection')
  expect((await second.records(journal.frame(1, 1))).stored.seq).toBe(1)
})
