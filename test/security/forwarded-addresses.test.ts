/** Who tries passwords is known by the connection, and by nothing that a request says of itself. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { codeOf, startTestApi, TEST_PASSWORD, type TestApi } from '../../console/api/test-api.ts'

let test: TestApi
beforeAll(async () => {
  test = await startTestApi({ pace: { signInsPerMinute: 1_000 } })
})
afterAll(() => test[Symbol.asyncDispose]())

/** Every header by which some proxy tells who asks. */
const claims = (n: number): Record<string, string> => ({
  'x-forwarded-for': `10.9.${n}.1, 10.9.${n}.2`,
  forwarded: `for=10.9.${n}.3;proto=https;host=console.example`,
  'x-real-ip': `10.9.${n}.4`,
  'x-client-ip': `10.9.${n}.5`,
  'true-client-ip': `10.9.${n}.6`,
  'cf-connecting-ip': `10.9.${n}.7`,
  'x-forwarded-user': 'wang',
  'x-user-id': 'wang',
})

it('an account is locked after five wrong passwords, though each try claims another address', async () => {
  const codes: string[] = []
  for (let n = 0; n < 6; n += 1) {
    const body = { name: 'zhao', password: 'Wrong-Horse-7' }
    codes.push(codeOf(await test.call('POST', '/api/session', { body, headers: claims(n) })))
  }
  expect(codes).toEqual([
    ...Array.from({ length: 4 }, () => 'sign-in-refused'),
    'account-locked',
    'account-locked',
  ])
  const tried = (await test.store.actions({ limit: 20 })).map(({ address }) => address)
  expect(new Set(tried)).toEqual(new Set(['127.0.0.1']))
  expect((await test.store.account('zhao'))?.failures).toBe(5)
})

it('a session is nobody’s but of who signed in, and of no address that a header names', async () => {
  const body = { name: 'li', password: TEST_PASSWORD }
  const answer = await test.call('POST', '/api/session', { body, headers: claims(9) })
  const cookie = answer.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? ''
  expect((await test.store.sessionsOf('li'))[0]?.address).toBe('loopback')
  const own = await test.call('GET', '/api/session', { cookie, headers: claims(10) })
  expect([own.status, own.json]).toMatchObject([200, { name: 'li', role: 'sec-admin' }])
  const none = await test.call('GET', '/api/session', { headers: claims(11) })
  expect(none.status).toBe(401)
})
