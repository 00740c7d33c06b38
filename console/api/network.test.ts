import { type Command, type Fact, openEnvelope } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FeedEvent } from '../feed/ports.ts'
import { networkFactsOf } from '../ingest/network-facts.ts'
import {
  condition,
  connections,
  flow,
  hardware,
  picture,
  told,
  trace,
  traces,
} from '../rules/testing/network-facts.ts'
import type { Computer } from './contract.ts'
import type { ActItem } from './contract-access.ts'
import { type NetworkAnswer, NetworkAnswerSchema } from './contract-network.ts'
import { type Answer, codeOf, startTestApi, type TestApi } from './test-api.ts'
import { AGENT, addComputer, EPOCH, storeFacts } from './test-data.ts'

let api: TestApi
let cookie: string
let second: string
beforeEach(async () => {
  api = await startTestApi()
  await addComputer(api)
  cookie = await api.signIn('sec-admin')
  second = await api.join('chen', 'sec-admin')
})
afterEach(() => api[Symbol.asyncDispose]())

const order = (
  act: 'isolate' | 'release',
  agents: readonly string[] = [AGENT],
  reason = 'seen on the Internet',
) => api.call('POST', '/api/isolations', { cookie, body: { agents, act, reason } })
/** Asks for a release, and has another person agree to it; returns what came of it for each, or why it was refused. */
async function release(reason = 'checked on site'): Promise<string> {
  const asked = await order('release', [AGENT], reason)
  if (asked.status !== 200) return codeOf(asked)
  const { proposal, orders } = asked.json as { proposal: number; orders: unknown[] }
  expect(orders).toEqual([])
  const { json } = await api.call('GET', `/api/acts/${proposal}`, { cookie: second })
  const body = { hash: (json as ActItem).hash, reason: '' }
  const agreed = await api.call('POST', `/api/acts/${proposal}/agree`, { cookie: second, body })
  return (agreed.json as ActItem).outcome?.detail ?? codeOf(agreed)
}
const resultsOf = (answer: Answer) =>
  (answer.json as { orders: { result: string }[] }).orders.map(({ result }) => result)
const computer = async () => (await api.call('GET', `/api/computers/${AGENT}`, { cookie })).json as Computer
const network = async () => {
  const { json } = await api.call('GET', `/api/computers/${AGENT}/network`, { cookie })
  expect([...Compile(NetworkAnswerSchema).Errors(json)]).toEqual([])
  return json as NetworkAnswer
}
/** What was sent last, as the agent reads it. */
function command(): Command {
  const envelope = api.sent.at(-1)?.envelope
  if (envelope === undefined) throw new Error('nothing was sent')
  const payload = openEnvelope('command', envelope, api.signer.publicKey)
  return JSON.parse(String(payload)) as Command
}
/** Stores facts with what ingest makes of them. */
async function tell(...facts: readonly Fact[]): Promise<void> {
  await storeFacts(api.store, facts, api.clock.now, (record) => networkFactsOf(record))
}
const acted = (act: 'isolated' | 'released', id: string | null, isFailed = false): Fact => ({
  kind: 'network.acted',
  act,
  cause: id === null ? 'administrator' : 'command',
  interface: null,
  order: id,
  reason: null,
  steps: [{ step: 'packet-table', result: isFailed ? 'failed' : 'done', detail: isFailed ? 'EPERM' : null }],
})
const done = (id: string, outcome = 'done', name: 'isolate' | 'end-isolation' = 'isolate'): Fact => ({
  kind: 'command.done',
  id,
  name,
  outcome,
})

describe('isolation', () => {
  it('is a command signed for one computer, and is in force when the computer says so', async () => {
    api.connected.add(AGENT)
    expect(resultsOf(await order('isolate'))).toEqual(['sent'])
    const sent = command()
    expect(sent).toMatchObject({ name: 'isolate', agent: AGENT, reason: 'seen on the Internet' })
    expect((await computer()).isolation).toMatchObject({ state: 'ordered', orderedBy: 'li', effectAt: null })
    expect((await computer()).watch.reasons).toContainEqual(
      expect.objectContaining({ code: 'isolation-waiting' }),
    )
    await tell(acted('isolated', sent.id), done(sent.id))
    expect((await computer()).isolation).toMatchObject({
      state: 'in-force',
      detail: null,
      effectAt: api.clock.now,
    })
    expect((await network()).isolation?.state).toBe('in-force')
  })

  it('that is ordered or in force is not ordered twice; a release needs an isolation', async () => {
    expect(await release()).toBe('edit-conflict')
    api.connected.add(AGENT)
    await order('isolate')
    expect(resultsOf(await order('isolate'))).toEqual(['not-needed'])
    expect(api.sent).toHaveLength(1)
    expect(await release()).toBe(`${AGENT}: sent`)
    const sent = command()
    expect(sent.name).toBe('end-isolation')
    await tell(acted('released', sent.id), done(sent.id, 'done', 'end-isolation'))
    expect((await computer()).isolation?.state).toBe('released')
    expect(await release()).toBe('edit-conflict')
    expect(resultsOf(await order('isolate'))).toEqual(['sent'])
  })

  it('waits for a computer that is away, and is sent at each connection until it is done, never under one id twice', async () => {
    expect(resultsOf(await order('isolate'))).toEqual(['waiting'])
    api.connected.add(AGENT)
    await api.isolation.welcomed(AGENT)
    const first = command().id
    await api.isolation.welcomed(AGENT)
    const again = command().id
    expect(again).not.toBe(first)
    expect(again.length).toBeLessThanOrEqual(64)
    await tell(acted('isolated', first), done(first))
    await api.isolation.welcomed(AGENT)
    expect(api.sent).toHaveLength(2)
    expect((await computer()).isolation?.state).toBe('in-force')
  })

  it('of many answers each, and an unknown computer keeps none of the others back', async () => {
    await addComputer(api, 'JM-0300', 'agent-2')
    api.connected.add('agent-2')
    expect(resultsOf(await order('isolate', [AGENT, 'nobody', 'agent-2']))).toEqual([
      'waiting',
      'not-found',
      'sent',
    ])
  })

  it('needs a reason, and whoever orders it stands in the trail before it is done', async () => {
    expect(codeOf(await order('isolate', [AGENT], ''))).toBe('invalid-request')
    await order('isolate')
    await release()
    const trail = await api.store.actions({ limit: 10 })
    expect(trail.filter(({ object }) => object === AGENT)).toMatchObject([
      { action: 'isolation-release-ask', reason: 'checked on site', account: 'li' },
      { action: 'isolate', reason: 'seen on the Internet', account: 'li' },
    ])
    expect(trail.filter(({ object }) => object.startsWith('isolation-release #'))).toMatchObject([
      { action: 'act-done', account: 'chen', detail: `${AGENT}: waiting` },
      { action: 'act-agree', account: 'chen' },
    ])
    const history = await api.store.isolationHistory(AGENT, 10)
    expect(history[0]).toMatchObject({ account: 'li, chen', reason: 'checked on site' })
    expect(history.map((one) => one.kind === 'order' && one.act)).toEqual(['release', 'isolate'])
  })

  it('may be ordered by the security administrator alone', async () => {
    for (const role of ['sys-admin', 'auditor'] as const) {
      const other = await api.signIn(role)
      const answer = await api.call('POST', '/api/isolations', {
        cookie: other,
        body: { agents: [AGENT], act: 'isolate', reason: 'x' },
      })
      expect(codeOf(answer)).toBe('not-permitted')
    }
  })

  it('that failed in part says which step, that was refused says why, and both may be ordered again', async () => {
    api.connected.add(AGENT)
    await order('isolate')
    let sent = command()
    await tell(acted('isolated', sent.id, true), done(sent.id, 'partly-failed'))
    expect((await computer()).isolation).toMatchObject({ state: 'partly', detail: 'packet-table: EPERM' })
    expect(resultsOf(await order('isolate'))).toEqual(['sent'])
    sent = command()
    await tell(done(sent.id, 'not-controlled'))
    expect((await computer()).isolation).toMatchObject({ state: 'refused', detail: 'not-controlled' })
    expect((await computer()).watch.reasons).toContainEqual(
      expect.objectContaining({ code: 'isolation-failed', detail: 'not-controlled' }),
    )
  })

  it('that was replaced by another order is not answered by what is said of the first', async () => {
    api.connected.add(AGENT)
    await order('isolate')
    const first = command()
    await release()
    await tell(acted('isolated', first.id), done(first.id))
    expect((await computer()).isolation?.state).toBe('release-ordered')
  })

  it('that was lifted at the computer, or lost its layer, stands as ordered and is sent again', async () => {
    api.connected.add(AGENT)
    await order('isolate')
    const { id } = command()
    await tell(acted('isolated', id), done(id))
    const layer = (state: 'in-force' | 'absent'): Fact => ({
      kind: 'control.state',
      group: 'network',
      state: 'partly',
      cause: 'inspect',
      reason: null,
      layers: [{ layer: 'isolation', state, detail: null }],
    })
    await tell(layer('absent'))
    expect((await computer()).isolation).toMatchObject({ state: 'partly', detail: 'isolation absent' })
    await tell(layer('in-force'))
    expect((await computer()).isolation?.state).toBe('in-force')
    await tell({ ...layer('absent'), state: 'released', layers: [] } as Fact)
    expect((await computer()).isolation?.state).toBe('partly')
    await api.isolation.welcomed(AGENT)
    const again = command()
    expect(again.name).toBe('isolate')
    // Released by hand there: it is remembered, and does not hold.
    await tell(acted('isolated', again.id), done(again.id, 'partly-failed'))
    expect((await computer()).isolation).toMatchObject({ state: 'partly', detail: 'partly-failed' })
  })

  it('that was released before it ever arrived is over', async () => {
    await order('isolate')
    api.connected.add(AGENT)
    await release()
    await tell(done(command().id, 'no-isolation', 'end-isolation'))
    expect((await computer()).isolation?.state).toBe('released')
  })

  it('that the computer chose by itself is shown as its own, ends by itself, and an order stands beside it', async () => {
    const itself = (act: 'isolated' | 'restored' | 'released', isHeld = false): Fact => ({
      kind: 'network.acted',
      act,
      cause: 'public-address',
      interface: null,
      order: null,
      reason: null,
      steps: isHeld ? [{ step: 'still-isolated', result: 'skipped', detail: 'ordered' }] : [],
    })
    await tell(itself('isolated'))
    expect((await computer()).isolation).toMatchObject({
      state: 'in-force',
      orderedBy: '',
      reason: 'public-address',
    })
    expect(await release()).toBe('edit-conflict')
    await tell(itself('restored'))
    expect((await computer()).isolation?.state).toBe('released')
    await tell(itself('isolated'))
    api.connected.add(AGENT)
    expect(resultsOf(await order('isolate'))).toEqual(['sent'])
    const { id } = command()
    await tell(acted('isolated', id), done(id), itself('restored', true))
    expect((await computer()).isolation).toMatchObject({ state: 'in-force', orderedBy: 'li' })
    await release()
    const end = command().id
    await tell({ ...itself('released', true), order: end } as Fact, done(end, 'done', 'end-isolation'))
    expect((await computer()).isolation?.state).toBe('partly')
    await tell(itself('restored'))
    expect((await computer()).isolation?.state).toBe('released')
  })

  it('is told to the pages as it is ordered', async () => {
    const events: FeedEvent[] = []
    const subscriber = {
      deliver: (message: { event: FeedEvent }) => events.push(message.event) > 0,
      resync: () => undefined,
    }
    api.feed.subscribe(subscriber, null)
    await order('isolate')
    expect(events).toMatchObject([{ kind: 'computer', computer: { agent: AGENT } }])
  })
})

describe('the network of a computer', () => {
  const counted = (prohibited: number): Fact => ({
    kind: 'network.counted',
    net: 'socket',
    netId: 'n',
    sinceWallMs: 1,
    totals: { counted: 9, approved: 9 - prohibited, prohibited, reported: prohibited, lost: 0, refused: 0 },
  })
  it('is empty where its agent has told none', async () => {
    expect(await network()).toEqual({
      picture: null,
      conditions: [],
      hardware: [],
      totals: [],
      traces: [],
      isolation: null,
    })
  })

  it('is the newest of each, with the record that says so', async () => {
    await tell({ kind: 'network.picture', cause: 'start', picture: picture({ sessionAccount: null }) })
    await tell(
      { kind: 'network.picture', cause: 'changed', picture: picture() },
      told(hardware()),
      told(hardware({ state: 'blocked' }), { change: 'changed', before: hardware() }),
      told(hardware({ kind: 'camera', busPath: '1-7:1.0' })),
      counted(1),
      counted(2),
      traces([trace(), trace({ kind: 'wifi-profile' })], 'enrolment'),
      connections([flow()]),
    )
    const answer = await network()
    expect(answer.picture).toMatchObject({ epoch: EPOCH, seq: 2, picture: { sessionAccount: 'user' } })
    expect(answer.hardware.map((one) => `${one.hardware.kind} ${one.hardware.state}`).toSorted()).toEqual([
      'bluetooth blocked',
      'camera on',
    ])
    expect(answer.totals).toMatchObject([{ net: 'socket', totals: { prohibited: 2 } }])
    expect(answer.traces.map((one) => one.trace.kind)).toEqual(['dhcp-lease', 'wifi-profile'])
    await tell(told(hardware(), { change: 'gone' }))
    expect((await network()).hardware).toHaveLength(1)
  })

  it('has what is open, hostile names as they are', async () => {
    const row = {
      key: 'k',
      condition: 'foreign-network',
      type: null,
      subject: 's',
      bootId: 'b',
      epoch: EPOCH,
      seq: 1,
      wallMs: 7,
      interfaceName: { b64: '/w==' },
      text: '\u202e',
      confidence: 'link-up',
      outcome: 'detected',
    }
    await storeFacts(
      api.store,
      [condition('foreign-network')],
      api.clock.now,
      () => ({
        put: [],
        removed: [],
        isolation: [],
      }),
      [row],
    )
    expect((await network()).conditions).toEqual([
      {
        epoch: EPOCH,
        seq: 1,
        wallMs: 7,
        receivedAt: api.clock.now,
        key: 'k',
        condition: 'foreign-network',
        interfaceName: { b64: '/w==' },
        text: '\u202e',
        confidence: 'link-up',
        outcome: 'detected',
      },
    ])
  })

  it('is read by the security administrator and the auditor, not by who runs the console', async () => {
    const path = `/api/computers/${AGENT}/network`
    const runs = await api.signIn('sys-admin')
    expect(codeOf(await api.call('GET', path, { cookie: runs }))).toBe('not-permitted')
    expect((await api.call('GET', path, { cookie: await api.signIn('auditor') })).status).toBe(200)
    expect(codeOf(await api.call('GET', '/api/computers/nobody/network', { cookie }))).toBe('not-found')
  })

  it('keeps a computer from being proven while a cut that failed is not mended', async () => {
    const cut = (isFailed: boolean): Fact =>
      ({ ...(acted('isolated', null, isFailed) as object), act: 'cut', cause: 'tether-up' }) as Fact
    await tell(cut(true))
    expect((await computer()).watch).toMatchObject({
      state: 'broken',
      reasons: expect.arrayContaining([
        expect.objectContaining({ code: 'cut-failed', detail: 'tether-up: packet-table' }),
      ]),
    })
    const listed = (await api.call('GET', '/api/computers', { cookie })).json as { computers: Computer[] }
    expect(listed.computers[0]?.watch.state).toBe('broken')
    await tell(cut(false))
    expect((await computer()).watch.state).toBe('unproven')
  })
})
