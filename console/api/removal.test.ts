import { makeRemovalChallenge, makeRemovalCode, removalKeyOf } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { startTestApi } from './test-api.ts'
import { AGENT, addComputer } from './test-data.ts'

it('a code for removal is given for a challenge of that computer alone, with a reason, on record first', async () => {
  await using test = await startTestApi()
  const { store, keys } = test
  await addComputer(test)
  const agent = AGENT
  const cookie = await test.signIn('sec-admin')
  const path = `/api/computers/${agent}/removal-code`
  const challenge = makeRemovalChallenge(agent, 7, 1_234)
  const given = await test.call('POST', path, { cookie, body: { challenge, reason: 'disk scrapped' } })
  expect(given.status).toBe(200)
  expect(given.json).toEqual({
    code: makeRemovalCode(removalKeyOf(keys.protectionKey, agent), challenge),
    counter: 7,
  })
  const other = makeRemovalChallenge('another-computer', 7, 1_234)
  const refused = await test.call('POST', path, { cookie, body: { challenge: other, reason: 'x' } })
  expect(refused.json).toMatchObject({ error: { code: 'removal-refused' } })
  const bare = await test.call('POST', path, { cookie, body: { challenge, reason: ' ' } })
  expect(bare.status).toBe(400)
  const acts = (await store.actions({ limit: 10 })).filter(({ action }) => action.startsWith('removal-code'))
  expect(acts.map(({ action }) => action).toSorted()).toEqual([
    'removal-code',
    'removal-code',
    'removal-code-refused',
  ])
  expect(JSON.stringify(acts)).not.toContain((given.json as { code: string }).code)
  const spans = await test.call('GET', `/api/computers/${agent}/unproven-spans`, { cookie })
  expect(spans.json).toEqual({ spans: [] })
}, 60_000)
