import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ViolationRow } from '../store/ports.ts'
import type { Computer, ViolationItem } from './contract.ts'
import { startTestApi, TEST_PASSWORD, type TestApi } from './test-api.ts'
import { AGENT, addComputer, appendFacts, insertion, mediaViolation } from './test-data.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

interface Page extends Disposable {
  readonly response: IncomingMessage
  /** Events as they came: id, name, data. */
  readonly events: { readonly id: string; readonly name: string; readonly data: unknown }[]
  readonly comments: () => number
  readonly isClosed: () => boolean
}

let test: TestApi
beforeEach(async () => {
  test = await startTestApi({
    pace: { feedSessionCheckMs: 50, feedCommentMs: 30, feedStalledMsMax: 20_000 },
  })
  await addComputer(test)
})
afterEach(() => test[Symbol.asyncDispose]())

describe('the live feed', () => {
  it('is an event stream that no cache keeps, and tells a new page to fetch once it listens', async () => {
    using page = await open(await test.signIn('sec-admin'))
    expect(page.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    })
    await until(() => page.events.length === 1)
    expect(page.events[0]).toMatchObject({ name: 'resync', data: {} })
    await until(() => page.comments() > 2)
  })

  it('tells violations and computers as the lists do, in the order in which they happened', async () => {
    using page = await open(await test.signIn('auditor'))
    await publishViolation('stick "</script>\n\ndata: no')
    await publishComputer()
    await until(() => page.events.length === 3)
    expect(page.events.map(({ name }) => name)).toEqual(['resync', 'violation', 'computer'])
    const item = page.events[1]?.data as ViolationItem
    expect(item.headline.en).toContain('JM-0231')
    const computer = page.events[2]?.data as Computer
    expect(computer.violations).toEqual([{ severity: 'high', count: 1 }])
    expect(computer.watch.state).toBe('unproven')
  })

  it('tells a page that comes back exactly what it missed', async () => {
    const cookie = await test.signIn('sec-admin')
    const first = await open(cookie)
    await publishComputer()
    await until(() => first.events.length === 2)
    const place = first.events[1]?.id ?? ''
    first[Symbol.dispose]()
    await publishComputer()
    await publishViolation('stick')
    using again = await open(cookie, place)
    await publishComputer()
    await until(() => again.events.length === 3)
    expect(again.events.map(({ name }) => name)).toEqual(['computer', 'violation', 'computer'])
  })

  it.each(['earlier-run.7', 'nonsense', '%00'])(
    'tells a page that comes back with the place %s to fetch anew',
    async (place) => {
      using page = await open(await test.signIn('sec-admin'), place)
      await until(() => page.events.length === 1)
      expect(page.events[0]?.name).toBe('resync')
    },
  )

  it('tells no violation to whom may not read them, nor how many there are', async () => {
    using page = await open(await test.signIn('sys-admin'))
    await publishViolation('stick')
    await publishComputer()
    await until(() => page.events.some(({ name }) => name === 'computer'))
    expect(page.events.map(({ name }) => name)).toEqual(['resync', 'computer'])
    expect(page.events[1]?.data).toMatchObject({ number: 'JM-0231', violations: [] })
  })

  it('ends at once when its session signs out or its password changes', async () => {
    const [cookie, other] = [await test.signIn('sec-admin'), await test.signIn('sec-admin')]
    using page = await open(cookie)
    using second = await open(other)
    await test.call('DELETE', '/api/session', { cookie })
    await until(page.isClosed)
    expect(second.isClosed()).toBe(false)
    const body = { current: TEST_PASSWORD, next: 'Another-Gate-99' }
    await test.call('POST', '/api/session/password', { cookie: other, body })
    await until(second.isClosed)
  })

  it('ends with its session, and does not keep it alive', async () => {
    using page = await open(await test.signIn('sec-admin'))
    test.clock.now += 9 * 60_000
    await sleep(150)
    expect(page.isClosed()).toBe(false)
    test.clock.now += 60_000
    await until(page.isClosed)
  })

  it('refuses one page too many of the same session', async () => {
    const cookie = await test.signIn('sec-admin')
    using open8 = new DisposableStack()
    for (let pages = 0; pages < 8; pages += 1) open8.use(await open(cookie))
    const ninth = await test.call('GET', '/api/feed', { cookie })
    expect(ninth.status).toBe(429)
  })

  it('tells a page that was cut off in a storm everything once, wherever it was cut', async () => {
    const cookie = await test.signIn('sec-admin')
    const known = new Map<number, number>()
    const storm = storms(3_000)
    let place: string | undefined
    let page = await open(cookie)
    for (const stop of [40, 700, 1_500]) {
      await storm.until(stop)
      const already = page.events.length
      await until(() => page.events.length > already || page.events.length > 30)
      const seen = page.events.length
      page[Symbol.dispose]()
      for (const { name, data } of page.events.slice(0, seen)) note(known, name, data)
      place = page.events[seen - 1]?.id
      await storm.until(stop + 300)
      page = await open(cookie, place)
    }
    await storm.until(3_000)
    await until(() => page.events.at(-1)?.id.endsWith(`.${test.feed.place().id}`) === true)
    for (const { name, data } of page.events) note(known, name, data)
    page[Symbol.dispose]()
    expect(known.size).toBe(3_000)
    expect(Math.max(...known.values())).toBe(1)
  })

  it('asks a page that does not read to ask again, and keeps nothing for it meanwhile', async () => {
    const cookie = await test.signIn('sec-admin')
    using quick = await open(cookie)
    const slow = await openWithoutReading(cookie)
    const violation = await aViolation()
    const paces: number[] = []
    const before = heapUsed()
    for (let burst = 0; burst < 20; burst += 1) {
      const began = performance.now()
      for (let one = 1; one <= 1_000; one += 1) {
        test.feed.publish({ kind: 'violation', violation: { ...violation, id: burst * 1_000 + one } })
      }
      paces.push(performance.now() - began)
      // The one that reads gets each of them; what is published is not kept back for it either.
      await until(() => quick.events.length === (burst + 1) * 1_000 + 1)
    }
    // A thousand deliveries cost milliseconds, at the end as at the beginning.
    expect(paces.toSorted((a, b) => a - b)[10]).toBeLessThan(250)
    const kept = heapUsed() - before
    // The page that read holds 20,000 in this very test; of the other's there is its queue, and the ring.
    expect(kept).toBeLessThan(150 * 1_048_576)
    expect(test.logged.some((line) => line.includes('told to ask again'))).toBe(true)
    slow.readOn()
    await until(() => slow.text().includes(`id: ${placeNow()}\nevent: resync`))
    const told = slow.text()
    // What it had not taken is not sent after all: it asks, and the store has it.
    expect(told.split('event: violation').length - 1).toBeLessThan(15_000)
    test.feed.publish({ kind: 'violation', violation: { ...violation, id: 20_001 } })
    await until(() => slow.text().includes('"id":20001'))
    slow.socket.destroy()
  }, 60_000)

  it('gives up a page that takes nothing for too long', async () => {
    const cookie = await test.signIn('sec-admin')
    await using other = await startTestApi({ pace: { feedStalledMsMax: 100 } })
    await addComputer(other)
    const slow = await openWithoutReading(await other.signIn('sec-admin'), other)
    expect(cookie).not.toBe('')
    const violation = await aViolation()
    let id = 0
    while (!other.logged.some((line) => line.includes('"stalled"'))) {
      for (let one = 0; one < 500; one += 1) {
        id += 1
        other.feed.publish({ kind: 'violation', violation: { ...violation, id } })
      }
      await sleep(5)
      expect(id).toBeLessThan(2_000_000)
    }
    slow.socket.destroy()
  })

  it('ends in good order when the console stops', async () => {
    using page = await open(await test.signIn('sec-admin'))
    await test.api.close()
    await until(page.isClosed)
  })
})

async function publishViolation(product: string): Promise<void> {
  const { now } = test.clock
  const violations = (seq: number) => [mediaViolation(seq, product, now)]
  const [violation] = await appendFacts(test.store, {
    facts: [insertion(product)],
    wallMs: now,
    receivedAt: now,
    violations,
  })
  if (violation === undefined) throw new Error('No violation was made.')
  test.feed.publish({ kind: 'violation', violation })
}

/** A violation as the store has it, for storms that need no store. */
async function aViolation(): Promise<ViolationRow> {
  const [violation] = await appendFacts(test.store, {
    facts: [insertion('stick')],
    wallMs: test.clock.now,
    receivedAt: test.clock.now,
    violations: (seq: number) => [mediaViolation(seq, 'stick', test.clock.now)],
  })
  if (violation === undefined) throw new Error('No violation was made.')
  return violation
}

/** Publishes violations 1 to `total`, as far as is asked, in small bursts. */
function storms(total: number): { until(count: number): Promise<void> } {
  let published = 0
  let violation: ViolationRow | undefined
  return {
    async until(count) {
      violation ??= await aViolation()
      while (published < Math.min(count, total)) {
        published += 1
        test.feed.publish({ kind: 'violation', violation: { ...violation, id: published } })
        if (published % 25 === 0) await sleep(1)
      }
    },
  }
}

function note(known: Map<number, number>, name: string, data: unknown): void {
  if (name !== 'violation') return
  const { id } = data as ViolationItem
  known.set(id, (known.get(id) ?? 0) + 1)
}

function placeNow(): string {
  const { session, id } = test.feed.place()
  return `${session}.${id}`
}

function heapUsed(): number {
  return process.memoryUsage().heapUsed
}

async function publishComputer(): Promise<void> {
  const computer = await test.store.computer(AGENT)
  if (computer === null) throw new Error('There is no computer.')
  test.feed.publish({ kind: 'computer', computer })
}

async function open(cookie: string, place?: string): Promise<Page> {
  const headers = { cookie, ...(place === undefined ? {} : { 'last-event-id': place }) }
  const { port, agent } = test
  const target = { host: '127.0.0.1', servername: 'localhost', port, path: '/api/feed', agent, headers }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(target, resolve).on('error', reject).end()
  })
  expect(response.statusCode).toBe(200)
  const events: Page['events'] = []
  let comments = 0
  let pending = ''
  let isClosed = false
  response.setEncoding('utf8')
  response.on('data', (text: string) => {
    const blocks = (pending + text).split('\n\n')
    pending = blocks.pop() ?? ''
    for (const block of blocks) {
      if (block.startsWith(':')) comments += 1
      else if (block.includes('\nevent: ')) events.push(parseEvent(block))
    }
  })
  response.on('error', () => undefined)
  response.on('close', () => void (isClosed = true))
  return {
    response,
    events,
    comments: () => comments,
    isClosed: () => isClosed,
    [Symbol.dispose]: () => void response.destroy(),
  }
}

function parseEvent(block: string): Page['events'][number] {
  const fields = new Map(
    block
      .split('\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  )
  return {
    id: fields.get('id') ?? '',
    name: fields.get('event') ?? '',
    data: JSON.parse(fields.get('data') ?? ''),
  }
}

interface StandingPage {
  readonly socket: TLSSocket
  /** Reads from now on. */
  readOn(): void
  text(): string
}

/** A page whose reader stands still: the socket is not read after the first byte until it is told to. */
async function openWithoutReading(cookie: string, api = test): Promise<StandingPage> {
  const options = {
    host: '127.0.0.1',
    port: api.port,
    servername: 'localhost',
    ca: api.keys.authority.certificate,
  }
  const socket = connect(options)
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  socket.write(`GET /api/feed HTTP/1.1\r\nhost: localhost\r\ncookie: ${cookie}\r\n\r\n`)
  await new Promise<void>((resolve) => socket.once('readable', resolve))
  socket.on('error', () => undefined)
  let text = ''
  return {
    socket,
    // Chunked transfer breaks the text at lines of its own: they are taken out.
    readOn: () => void socket.on('data', (bytes: Buffer) => (text += bytes.toString('utf8'))),
    text: () => text.replace(/\r\n[0-9a-f]+\r\n/g, ''),
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited too long for: ${String(condition)}`)
    await sleep(5)
  }
}
