import { type Command, signEnvelope } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { makeTestAuthority } from '../testing/test-authority.ts'
import { judgePolicy } from './accept-policy.ts'
import { COMMANDS_REMEMBERED, judgeCommand, rememberCommand } from './judge-command.ts'

const authority = await makeTestAuthority()
const policyKey = authority.policyKey.publicKey
const standing = { agent: 'a', policyKey, versionMax: 5 }

function order(command: Partial<Command>, kind: 'command' | 'policy' = 'command') {
  const whole = { v: 1, id: 'c', agent: 'a', issuedAtMs: 10, name: 'rescan', ...command }
  return signEnvelope(kind, Buffer.from(JSON.stringify(whole)), authority.policyKey.privateKey)
}

describe('judging a policy', () => {
  it('accepts a newer one, knows the same again, refuses an older one', () => {
    expect(judgePolicy(authority.policy('a', 6), standing)).toMatchObject({
      kind: 'accepted',
      policy: { version: 6 },
    })
    expect(judgePolicy(authority.policy('a', 5), standing)).toMatchObject({ kind: 'same' })
    expect(judgePolicy(authority.policy('a', 4), standing)).toMatchObject({
      kind: 'refused',
      reason: 'older-version',
      version: 4,
    })
  })

  it('refuses another agent’s, a changed byte, another key and a payload that is no policy', async () => {
    expect(judgePolicy(authority.policy('b', 6), standing)).toMatchObject({ reason: 'foreign-agent' })
    const changed = authority.policy('a', 6)
    const payload = Buffer.from(changed.payload, 'base64')
    payload[20] = (payload[20] ?? 0) ^ 1
    expect(judgePolicy({ ...changed, payload: payload.toString('base64') }, standing)).toMatchObject({
      reason: 'bad-signature',
    })
    expect(judgePolicy((await makeTestAuthority()).policy('a', 6), standing)).toMatchObject({
      reason: 'bad-signature',
    })
    const nonsense = signEnvelope('policy', Buffer.from('[]'), authority.policyKey.privateKey)
    expect(judgePolicy(nonsense, standing)).toMatchObject({ reason: 'malformed' })
  })
})

describe('judging a command', () => {
  it('accepts it once', () => {
    const verdict = judgeCommand(order({}), { agent: 'a', policyKey, done: [] })
    expect(verdict.kind).toBe('accepted')
    if (verdict.kind !== 'accepted') return
    const done = rememberCommand([], verdict.command)
    expect(judgeCommand(order({}), { agent: 'a', policyKey, done })).toMatchObject({ reason: 'replayed' })
  })

  it('refuses one signed as something else, one for another agent and one that does not exist', () => {
    const known = { agent: 'a', policyKey, done: [] }
    expect(judgeCommand(order({}, 'policy'), known)).toMatchObject({ reason: 'bad-signature' })
    expect(judgeCommand(order({ agent: 'b' }), known)).toMatchObject({ reason: 'foreign-agent' })
    expect(judgeCommand(order({ name: 'shell' as never }), known)).toMatchObject({ reason: 'malformed' })
  })

  it('refuses one older than all that it remembers, because it may have forgotten it', () => {
    const all = Array.from({ length: COMMANDS_REMEMBERED }, (_, n) => ({ id: `d${n}`, issuedAtMs: 100 + n }))
    const done = all.reduce(rememberCommand, [] as ReturnType<typeof rememberCommand>)
    expect(done).toHaveLength(COMMANDS_REMEMBERED)
    expect(judgeCommand(order({ issuedAtMs: 100 }), { agent: 'a', policyKey, done })).toMatchObject({
      reason: 'replayed',
    })
    expect(judgeCommand(order({ issuedAtMs: 101 }), { agent: 'a', policyKey, done })).toMatchObject({
      kind: 'accepted',
    })
    expect(rememberCommand(done, { id: 'new', issuedAtMs: 9_999 })).toHaveLength(COMMANDS_REMEMBERED)
  })
})
