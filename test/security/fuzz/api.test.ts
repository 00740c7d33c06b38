/**
 * Every route of the API, as each role and as nobody, with hostile paths, questions and bodies: never a fault of the console
 * (5xx), never a session that was not there, and nothing of what was sent comes back as markup.
 */
import { randomUUID } from 'node:crypto'
import { DEFAULT_POLICY_SETTINGS, ROLES, type Role } from '@shoukou/protocol'
import { seededRandom } from '@shoukou/protocol/fixtures/seeded-random.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CSRF_HEADER } from '../../../console/api/contract.ts'
import { startTestApi, type TestApi } from '../../../console/api/test-api.ts'
import { addComputer } from '../../../console/api/test-data.ts'
import { mutate } from './mutate.ts'

/** Each one is a whole request, its notes in the log synced: a twentieth of what a parser by itself gets. */
const inputs = Math.ceil(Number(process.env['SHOUKOU_FUZZ_INPUTS'] ?? 100_000) / 20)
const seed = Number(process.env['SHOUKOU_FUZZ_SEED'] ?? 20_261_122)

/** Not asked here: they end the sessions that the others need, keep a connection open, or write where they are told. */
const LEFT_OUT =
  /^\/api\/(?:session|account\/|feed|wall\/(?:feed|session)|backups|forwarding\/:id\/test|enroll)/

/** Bodies that are near to what routes take: what is altered in them gets far. */
const bodies = [
  { name: 'somebody', role: 'viewer', person: 'E-1', department: null, reason: 'why' },
  { agents: [randomUUID()], act: 'release', reason: 'why' },
  { baseVersion: 1, settings: DEFAULT_POLICY_SETTINGS, reason: 'why' },
  { number: 'YM-0001', level: 'secret', kind: 'usb-stick', custodian: 'a', department: 'b', reason: 'why' },
  { number: 'JM-0099', settings: DEFAULT_POLICY_SETTINGS, validMinutes: 5 },
  { act: 'acknowledge', reason: 'seen', comment: 'x' },
  { instance: 'i', right: 'read-only', minutes: 5, reason: 'why', challenge: '1234' },
  { reason: 'why', decision: 'agree', state: 'suspended', version: 1 },
  { kind: 'syslog', name: 'a', host: '127.0.0.1', port: 6_514, isEnabled: true, severities: ['critical'] },
  { code: '123456', password: 'Right-Horse-7-Staple' },
  [],
  null,
].map((body) => Buffer.from(JSON.stringify(body)))
const parameters = [
  '1',
  'no-such',
  randomUUID(),
  'YM-0001',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '__proto__',
  '-1',
  '1e9',
].map((text) => Buffer.from(text))

let test: TestApi
let cookies: readonly (readonly [Role | null, string | null])[]
let routes: readonly { readonly method: string; readonly url: string }[]
beforeAll(async () => {
  test = await startTestApi({ pace: { signInsPerMinute: 100_000, enrolmentsPerMinute: 1_000_000 } })
  await addComputer(test, 'JM-0001')
  cookies = [
    [null, null],
    ...(await Promise.all(ROLES.map(async (role) => [role, await test.signIn(role)] as const))),
  ]
  routes = test.api.registeredRoutes
    .flatMap(({ method, url }) => [method].flat().map((one) => ({ method: one, url })))
    .filter(({ method, url }) => method !== 'HEAD' && url.startsWith('/api/') && !LEFT_OUT.test(url))
})
afterAll(() => test[Symbol.asyncDispose]())

describe(`the API, with ${inputs} requests of seed ${seed}`, {
  timeout: Math.max(10, inputs / 10_000) * 60_000,
}, () => {
  it('answers every one, and none with a fault of its own', async () => {
    expect(routes.length).toBeGreaterThan(40)
    const random = seededRandom(seed)
    const statuses = new Map<number, number>()
    const began = performance.now()
    for (let round = 0; round < inputs; round += 1) {
      const { method, url } = random.pick(routes)
      const [role, cookie] = random.pick(cookies)
      const path = url.replaceAll(/:[a-zA-Z]+/g, () => encodeLoosely(mutate(random, parameters, 300)))
      const query =
        random.int(3) === 0
          ? `?${encodeLoosely(mutate(random, [Buffer.from('limit=5&before=3&type=a')], 300))}`
          : ''
      const body = method === 'GET' ? undefined : mutate(random, bodies, 20_000)
      const answer = await test.api.inject({
        method: method as 'GET',
        url: `${path}${query}`,
        headers: {
          host: 'localhost',
          [CSRF_HEADER]: '1',
          ...(cookie === null ? {} : { cookie }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { payload: body }),
      })
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
      const what = () =>
        `seed ${seed}, request ${round}, ${role ?? 'nobody'}: ${method} ${path}${query} ${body?.toString('base64').slice(0, 2_000) ?? ''} → ${answer.statusCode} ${answer.body.slice(0, 500)}`
      if (answer.statusCode >= 500 && answer.statusCode !== 503) throw new Error(what())
      // Dots lead out of the API, to the pages.
      const isOfApi = new URL(path, 'https://localhost').pathname.startsWith('/api/')
      if (isOfApi && String(answer.headers['content-type']).includes('html')) throw new Error(what())
      if (answer.headers['set-cookie'] !== undefined && role === null) throw new Error(what())
    }
    const seconds = (performance.now() - began) / 1_000
    process.stdout.write(
      `fuzz the API: seed=${seed} inputs=${inputs} per_s=${Math.round(inputs / seconds)} statuses=${JSON.stringify(Object.fromEntries(statuses))}\n`,
    )
    // It got through to what roles may do, and was refused in each of the ways.
    for (const status of [200, 400, 401, 403, 404])
      expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(0)
    expect(test.logged.filter((line) => line.includes('a request failed'))).toEqual([])
  })
})

/** Whatever bytes, as an address may carry them: some as they are, some encoded. */
function encodeLoosely(bytes: Buffer): string {
  return [...bytes]
    .map((byte) => {
      const isPlain = byte > 0x20 && byte < 0x7f && !'#?"<>\\^`{|} '.includes(String.fromCharCode(byte))
      return isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`
    })
    .join('')
}
