import { describe, expect, it } from 'vitest'
import { challengeAnswer } from './challenge.ts'
import { thrownBy } from './fixtures/thrown-by.ts'
import {
  checkRemovalCode,
  computerDigits,
  makeRemovalChallenge,
  makeRemovalCode,
  parseRemovalChallenge,
  REMOVAL_COUNTER_MAX,
  removalKeyOf,
} from './removal-code.ts'

const key = removalKeyOf(Buffer.alloc(32, 1), 'agent-1')
const challenge = makeRemovalChallenge('agent-1', 12, 3_456)

describe('a code for removal', () => {
  it('answers its own challenge, of its own computer, and nothing else', () => {
    const code = makeRemovalCode(key, challenge)
    expect(code).toMatch(/^\d{4} \d{4} \d{4} \d{4}$/)
    expect(checkRemovalCode(key, challenge, code)).toBe('right')
    expect(checkRemovalCode(key, challenge, code.replaceAll(' ', '-'))).toBe('right')
    expect(checkRemovalCode(key, makeRemovalChallenge('agent-1', 13, 3_456), code)).toBe('wrong')
    expect(checkRemovalCode(removalKeyOf(Buffer.alloc(32, 1), 'agent-2'), challenge, code)).toBe('wrong')
    expect(checkRemovalCode(removalKeyOf(Buffer.alloc(32, 2), 'agent-1'), challenge, code)).toBe('wrong')
  })

  it('finds each slip of one digit by the check digit, so that it is no try', () => {
    const code = makeRemovalCode(key, challenge).replaceAll(' ', '')
    for (let at = 0; at < code.length; at += 1) {
      const other = String((Number(code[at]) + 1) % 10)
      expect(checkRemovalCode(key, challenge, code.slice(0, at) + other + code.slice(at + 1))).toBe(
        'check-digit',
      )
    }
  })

  it('names its computer and its number in the challenge', () => {
    expect(parseRemovalChallenge(challenge)).toMatchObject({
      computer: computerDigits('agent-1'),
      counter: 12,
      nonce: 3_456,
    })
    expect(parseRemovalChallenge(challenge.slice(1))).toBe(null)
    expect(thrownBy(() => makeRemovalChallenge('a', REMOVAL_COUNTER_MAX + 1, 0))).toMatchObject({
      code: 'limit-exceeded',
    })
    expect(makeRemovalChallenge('a', REMOVAL_COUNTER_MAX, 0)).toBeTruthy()
    expect(thrownBy(() => makeRemovalCode(key, '1234'))).toMatchObject({ code: 'removal-refused' })
  })
})

describe('the answer to a challenge', () => {
  it('is bound to the nonce, to the run and to the journal’s end', () => {
    const place = { epoch: 'e', seq: 4, head: 'ab'.repeat(32) }
    const answer = challengeAnswer('n', 'run', place)
    expect(answer).toBe(challengeAnswer('n', 'run', { ...place }))
    const others = [
      challengeAnswer('m', 'run', place),
      challengeAnswer('n', 'other', place),
      challengeAnswer('n', 'run', { ...place, seq: 5 }),
      challengeAnswer('n', 'run', { ...place, head: 'ac'.repeat(32) }),
    ]
    expect(others).not.toContain(answer)
  })
})
