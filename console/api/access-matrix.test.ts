/**
 * Role × route × object × level: who reaches a computer, a violation, a medium of each level in the own department, in
 * another one and in none. What is expected is what the table says, and everything else is refused.
 */
import {
  LEVELS,
  type Level,
  mayReach,
  mayRole,
  PERMISSIONS,
  type Permission,
  ROLES,
  type Role,
  viewScopeOf,
} from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { MediumWrite } from '../store/media-ports.ts'
import type { Computer, ComputerNames, Overview, ViolationsAnswer } from './contract.ts'
import type { MediaAnswer, MediumAnswer } from './contract-media.ts'
import { createMessageWriter } from './feed-text.ts'
import { createComputerReader } from './read-computers.ts'
import type { RegisteredRoute } from './route-list.ts'
import { startTestApi, TEST_ACCOUNTS, TEST_DEPARTMENT, type TestApi } from './test-api.ts'
import { addComputer, mediaViolation } from './test-data.ts'

// Thousands of requests, beside whatever else the machine does.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const OTHER = 'Research'
const departments = [TEST_DEPARTMENT, OTHER, null] as const

/** A computer with a violation, and a medium, of one level in one department. */
interface Thing {
  readonly level: Level
  readonly department: string | null
  readonly agent: string
  readonly violation: number
  readonly medium: string
}

let test: TestApi
let cookies: Readonly<Record<Role, string>>
const things: Thing[] = []

beforeAll(async () => {
  test = await startTestApi()
  for (const level of LEVELS)
    for (const department of departments) things.push(await addThing(level, department))
  const signedIn = await Promise.all(ROLES.map(async (role) => [role, await test.signIn(role)] as const))
  cookies = Object.fromEntries(signedIn) as Record<Role, string>
})
afterAll(() => test[Symbol.asyncDispose]())

async function addThing(level: Level, department: string | null): Promise<Thing> {
  const name = `${level}-${department ?? 'none'}`
  const agent = await addComputer(test, `JM-${name}`, `agent-${name}`, level)
  const by = { at: 1, account: 'li', reason: 'belongs there' }
  if (department !== null) await test.store.setDepartment(agent, department, by)
  const made = { ...mediaViolation(1, 'stick', 1), level, key: name, epoch: null, seq: null }
  const row = await test.store.addViolation(agent, made, test.clock.now)
  // A medium is always somebody's: where the computer has none, one that is nearly the own.
  await test.store.writeMedia([mediumOf(`YM-${name}`, level, department ?? `${TEST_DEPARTMENT} 2`)], null)
  return { level, department, agent, violation: row?.id ?? 0, medium: `YM-${name}` }
}

function mediumOf(number: string, level: Level, department: string): MediumWrite {
  const medium: MediumWrite['medium'] = {
    ...{ number, level, department, kind: 'usb-stick', custodian: 'Zhang', computers: null, users: null },
    ...{ validFromMs: 1, validUntilMs: null, note: '', version: 1 },
    ...({ right: 'read-write', state: 'issued' } as const),
    ...{ registeredAt: 1, registeredBy: 'li', changedAt: 1, passport: null, seal: null },
    ...{ sealsVoidBeforeMs: null, sealWrittenAt: null, dueBackMs: null },
  }
  const event = { at: 1, account: 'li', kind: 'registered', changes: '{}', reason: 'new' } as const
  return { medium, baseVersion: null, keys: null, events: [event] }
}

const scopeOf = (role: Role) =>
  viewScopeOf({ role, department: role === 'custodian' ? TEST_DEPARTMENT : null })
const isReached = (role: Role, { department }: Thing) => mayReach(scopeOf(role), department)
const isPermission = (access: RegisteredRoute['access']): access is Permission =>
  PERMISSIONS.some((one) => one === access)

/** The address of a route for an object; null where it names none of these kinds. */
function addressFor({ url, scope }: RegisteredRoute, thing: Thing): string | null {
  // Entries of the registers are walked in `registers.test.ts`: their numbers are no medium's.
  if (url.startsWith('/api/registers/')) return null
  const id = scope === 'violation' ? String(thing.violation) : null
  const path = url
    .replace(':agent', thing.agent)
    .replace(':number', encodeURIComponent(thing.medium))
    .replace(':epoch', 'epoch-1')
    .replace(':seq', '1')
    .replace(':id', id ?? ':id')
    .replace(':day', '2026-03-01')
  return path === url || path.includes(':') ? null : `${path}${spanFor(path)}`
}

/** Spans that must be asked for. */
function spanFor(path: string): string {
  if (path.endsWith('/coverage')) return '?from=2026-03-01&to=2026-03-02'
  return path.endsWith('/timeline') ? '?from=1772323200000&to=1772326800000' : ''
}

async function ask(role: Role, method: string, url: string) {
  const headers = { cookie: cookies[role], 'x-shoukou-request': '1', host: 'localhost' }
  const answer = await test.api.inject({ method: method as 'GET', url, headers })
  const body: unknown = answer.headers['content-type']?.includes('json') === true ? answer.json() : null
  const { error } = (body ?? {}) as { error?: { code: string; message: string } }
  return { status: answer.statusCode, code: error?.code ?? null, message: error?.message ?? null, body }
}

describe('a route that names an object', () => {
  const named = (): RegisteredRoute[] =>
    test.api.registeredRoutes.filter(
      (route) => route.method !== 'HEAD' && things[0] !== undefined && addressFor(route, things[0]) !== null,
    )

  it('is walked here, for each kind', () => {
    const kinds = new Set(named().map(({ scope }) => scope))
    for (const kind of ['computer', 'violation', 'medium'] as const) expect(kinds).toContain(kind)
    expect(named().length).toBeGreaterThan(15)
  })

  it('says how it is scoped wherever a role of one department may use it, and is then a read', () => {
    for (const { method, url, access, scope } of named()) {
      if (!isPermission(access) || !mayRole('custodian', access)) continue
      expect(scope, `${method} ${url}`).toBeDefined()
      // Whatever it may ever change needs a body here: an act of no department must not be an act of any.
      expect(method, `${method} ${url}`).toBe('GET')
    }
  })

  it.each(ROLES)('answers %s by the table, for objects of every level and department', async (role) => {
    const faults: string[] = []
    for (const route of named()) {
      const { method, access } = route
      if (!isPermission(access)) continue
      const holds = mayRole(role, access)
      // Who may not at all is refused before anything is looked for: one object of each department is enough.
      const tried = holds ? things : things.slice(0, departments.length)
      for (const thing of tried) {
        const url = addressFor(route, thing) ?? ''
        const { status, code } = await ask(role, method, url)
        const isAllowed = holds && isReached(role, thing)
        const expected = !holds ? [403] : !isAllowed ? [404] : method === 'GET' ? [200] : [200, 400]
        // Of these objects no record is stored.
        if (isAllowed && url.startsWith('/api/records/')) expected.push(404)
        const codes: Readonly<Record<number, string>> = { 403: 'not-permitted', 404: 'not-found' }
        const isRight = expected.includes(status) && (codes[status] ?? code) === code
        if (!isRight)
          faults.push(`${role}: ${method} ${url} → ${status} ${code ?? ''}, not ${expected.join()}`)
      }
    }
    expect(faults).toEqual([])
  })

  it('does not tell an object of another department from none', async () => {
    const other = things.find(({ department }) => department === OTHER)
    if (other === undefined) throw new Error('no thing of another department')
    const none: Thing = { ...other, agent: 'agent-nowhere', violation: 999_999, medium: 'YM-nowhere' }
    for (const route of named()) {
      if (!isPermission(route.access) || !mayRole('custodian', route.access)) continue
      const [hidden, absent] = [
        await ask('custodian', 'GET', addressFor(route, other) ?? ''),
        await ask('custodian', 'GET', addressFor(route, none) ?? ''),
      ]
      expect(hidden, route.url).toEqual(absent)
      expect(hidden.status, route.url).toBe(404)
    }
  })

  it('keeps a look at another department on record', async () => {
    const other = things.find(({ department }) => department === OTHER)
    await ask('custodian', 'GET', `/api/violations/${other?.violation}`)
    const [newest] = await test.store.actions({ limit: 1 })
    expect(newest).toMatchObject({
      account: TEST_ACCOUNTS.custodian,
      action: 'refused',
      object: `GET /api/violations/${other?.violation}`,
      detail: 'not-found: out of scope',
    })
  })
})

describe('a list', () => {
  const expected = (role: Role, name: (thing: Thing) => string) =>
    things
      .filter((thing) => isReached(role, thing))
      .map(name)
      .toSorted()

  it.each(ROLES)('shows %s what may be reached, and counts nothing else', async (role) => {
    if (mayRole(role, 'computers.read')) {
      const { body } = await ask(role, 'GET', '/api/computers')
      const { computers } = body as { computers: Computer[] }
      expect(computers.map(({ agent }) => agent).toSorted()).toEqual(expected(role, ({ agent }) => agent))
      const names = (await ask(role, 'GET', '/api/computer-names')).body as ComputerNames
      expect(names.computers.map(({ agent }) => agent).toSorted()).toEqual(
        expected(role, ({ agent }) => agent),
      )
    }
    if (mayRole(role, 'violations.read')) {
      const { body } = await ask(role, 'GET', '/api/violations?limit=200')
      const { violations, counts } = body as ViolationsAnswer
      const ids = expected(role, ({ violation }) => String(violation))
      expect(violations.map(({ id }) => String(id)).toSorted()).toEqual(ids)
      expect(counts).toEqual([{ severity: 'high', count: ids.length }])
    }
    if (mayRole(role, 'media.read')) {
      const { body } = await ask(role, 'GET', '/api/media?limit=200')
      const { media, total } = body as MediaAnswer
      const numbers = expected(role, ({ medium }) => medium)
      expect([media.map(({ number }) => number).toSorted(), total]).toEqual([numbers, numbers.length])
    }
    if (mayRole(role, 'overview.read')) {
      const { body } = await ask(role, 'GET', '/api/overview')
      const { watch, behind, counts, newest } = body as Overview
      const agents = expected(role, ({ agent }) => agent)
      expect(watch.listed.map(({ agent }) => agent).toSorted()).toEqual(agents)
      expect(watch.proven + watch.unproven + watch.broken).toBe(agents.length)
      for (const { agent } of behind.listed) expect(agents).toContain(agent)
      expect(counts).toEqual([{ severity: 'high', count: agents.length }])
      for (const { agent } of newest) expect(agents).toContain(agent)
    }
  })

  it('is not opened by a filter that names what may not be reached', async () => {
    const other = things.find(({ department }) => department === OTHER)
    const { body } = await ask('custodian', 'GET', `/api/violations?agent=${other?.agent}`)
    expect(body).toEqual({ violations: [], counts: [], nextBefore: null })
    for (const query of [`search=${other?.medium}`, `search=${OTHER}`]) {
      const found = (await ask('custodian', 'GET', `/api/media?${query}`)).body
      expect(found, query).toMatchObject({ media: [], total: 0 })
    }
  })
})

describe('a medium of one department', () => {
  it('is shown without where it was seen in another', async () => {
    const own = things.find(({ department }) => department === TEST_DEPARTMENT)
    const other = things.find(({ department }) => department === OTHER)
    if (own === undefined || other === undefined) throw new Error('no things')
    const seen = async (role: Role) =>
      (await ask(role, 'GET', `/api/media/${own.medium}`)).body as MediumAnswer
    await storeSighting(own, own.agent, 1)
    await storeSighting(own, other.agent, 2)
    expect((await seen('sec-admin')).sightings.map(({ agent }) => agent)).toEqual([other.agent, own.agent])
    expect((await seen('custodian')).sightings.map(({ agent }) => agent)).toEqual([own.agent])
    const listed = (await ask('custodian', 'GET', '/api/media?limit=200')).body as MediaAnswer
    expect(JSON.stringify(listed)).not.toContain(other.agent.replace('agent-', 'JM-'))
  })
})

/** As ingest would: a stay of the medium at a computer. */
async function storeSighting(medium: Thing, agent: string, seq: number): Promise<void> {
  await test.store.ingest({
    ...{ agent, receivedAt: test.clock.now + seq, epoch: 'epoch-s', expected: null, records: [] },
    position: { epoch: 'epoch-s', seq: 0, head: '00'.repeat(32) },
    ...{ violations: [], gaps: [], settledGaps: [], status: null, coverage: null },
    ...{ appliedPolicyVersion: null, isCaughtUp: true },
    stays: [
      {
        ...{ id: `stay-${seq}`, bootId: 'boot-1', instance: null, by: 'usb', usbPath: '1-1', disk: null },
        ...{ epoch: 'epoch-s', seq, isExamined: true, at: seq, endedAt: null, openedBootMs: 1 },
        ...{ number: medium.medium, level: medium.level, keys: [], passport: null, sealId: null },
        ...{ right: 'none', rule: 'x', isConfirmed: true, dueBootMs: null, pending: null, mounts: [] },
      },
    ],
  })
}

describe('the feed', () => {
  const place = { id: 1, session: 's' }
  const reader = (role: Role) => ({
    mayReadViolations: mayRole(role, 'violations.read'),
    scope: scopeOf(role),
  })

  it('tells who sees one department nothing of another, and a place instead', async () => {
    const write = createMessageWriter(createComputerReader(test.store), test.store)
    for (const thing of things) {
      const computer = await test.store.computer(thing.agent)
      const violation = await test.store.violation(thing.violation)
      if (computer === null || violation === null) throw new Error('no such thing')
      for (const role of ['custodian', 'viewer', 'sec-admin'] as const) {
        for (const event of [
          { kind: 'computer', computer },
          { kind: 'violation', violation },
          { kind: 'violation-ended', violation },
        ] as const) {
          const text = await write({ ...place, event }, reader(role))
          const label = `${role} ${event.kind} ${thing.agent}`
          expect(text.includes(thing.agent), label).toBe(isReached(role, thing))
          expect(text.startsWith('id: s.1\n'), label).toBe(true)
        }
      }
    }
  })

  it('has them fetch anew when a computer comes to another department', async () => {
    const write = createMessageWriter(createComputerReader(test.store), test.store)
    const message = { ...place, event: { kind: 'departments' } as const }
    expect(await write(message, reader('custodian'))).toContain('event: resync')
    expect(await write(message, reader('sec-admin'))).not.toContain('event:')
  })
})
