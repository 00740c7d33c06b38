import { challengeAnswer, type HeartbeatFrame } from '@shoukou/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Challenger } from './challenger.ts'

const journal = { epoch: 'e', seq: 3, head: 'ab'.repeat(32) }

function beat(nonce: string, run = 'run-1'): HeartbeatFrame {
  return {
    ...{ v: 1, type: 'heartbeat', wallMs: 1, journal, coverage: [], policyVersion: 1 },
    answer: { nonce, digest: challengeAnswer(nonce, run, journal) },
  }
}

function start(more: { everyMs?: number; answerMsMax?: number; isBusy?: () => boolean } = {}) {
  const asked: string[] = []
  const said: boolean[] = []
  const challenger = new Challenger({
    run: 'run-1',
    send: (nonce) => asked.push(nonce),
    isBusy: more.isBusy ?? (() => false),
    changed: (isAnswering) => said.push(isAnswering),
    monotonicMs: () => performance.now(),
    everyMs: more.everyMs ?? 20,
    answerMsMax: more.answerMsMax ?? 100,
  })
  challenger.start()
  onTestFinished(() => challenger.stop())
  return { challenger, asked, said }
}

const waiting = { timeout: 10_000, interval: 10 }

describe('a challenger', () => {
  it('asks again after each answer, each time anew, and says nothing while it is answered', async () => {
    const { challenger, asked, said } = start()
    for (let round = 0; round < 5; round += 1) {
      await expect.poll(() => asked.length, waiting).toBe(round + 1)
      expect(challenger.heartbeat(beat(asked.at(-1) ?? ''))).toBe('right')
    }
    expect(new Set(asked).size).toBe(asked.length)
    expect(said).toEqual([])
  })

  it('says once that nobody answers, and once that somebody does again, however late', async () => {
    const { challenger, asked, said } = start()
    await expect.poll(() => said, waiting).toEqual([false])
    expect(challenger.heartbeat(beat(asked.at(-1) ?? ''))).toBe('right')
    expect(said).toEqual([false, true])
  })

  it('takes no answer to another challenge, of another run, or twice', async () => {
    const { challenger, asked, said } = start({ answerMsMax: 400 })
    const nonce = asked[0] ?? ''
    expect(challenger.heartbeat(beat('00'.repeat(16)))).toBe('wrong')
    expect(challenger.heartbeat(beat(nonce, 'run-2'))).toBe('wrong')
    expect(challenger.heartbeat({ ...beat(nonce), journal: { ...journal, seq: 4 } })).toBe('wrong')
    const { answer: _none, ...silent } = beat(nonce)
    expect(challenger.heartbeat(silent)).toBe('none')
    expect(challenger.heartbeat(beat(nonce))).toBe('right')
    expect(challenger.heartbeat(beat(nonce))).toBe('wrong')
    await expect.poll(() => said, waiting).toEqual([false])
  })

  it('waits while frames arrive or wait to be looked at: an answer stands behind them', async () => {
    let busy = true
    const { challenger, said } = start({ isBusy: () => busy })
    const frames = setInterval(() => challenger.heard(), 10)
    onTestFinished(() => clearInterval(frames))
    await new Promise((resolve) => setTimeout(resolve, 800))
    expect(said).toEqual([])
    clearInterval(frames)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(said).toEqual([])
    busy = false
    await expect.poll(() => said, waiting).toEqual([false])
  })
})
