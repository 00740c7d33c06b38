import { readFile, writeFile } from 'node:fs/promises'
import { type Command, genesisHead, signEnvelope } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { epochFile, segmentFiles } from '../testing/journal-bench.ts'
import { makeEnrolledFolder, startLinkBench } from '../testing/link-bench.ts'
import { standInReceipt, startStandInConsole } from '../testing/stand-in-console.ts'
import { makeTestAuthority } from '../testing/test-authority.ts'
import { buildFact, numbered, testAgent } from '../testing/test-facts.ts'
import { connectToConsole, troubleOf } from './connect.ts'

const wait = { timeout: 10_000, interval: 10 }
const numbersOf = (records: readonly { fact: object }[]) =>
  records.flatMap(({ fact }) => ('id' in fact ? [Number(fact.id)] : []))

describe('link', { timeout: 30_000 }, () => {
  it('sends all that the journal holds, in order, once, and notes what is acknowledged', async () => {
    const {
      console: peer,
      journal,
      tell,
    } = await startLinkBench((before) => {
      for (let n = 0; n < 300; n += 1) void before.append('command.done', 500, buildFact(numbered(n)))
    })
    await expect.poll(() => peer.records.length, wait).toBe(301)
    await tell(numbered(300))
    await expect.poll(() => journal.acked?.seq, wait).toBe(302)
    expect(numbersOf(peer.records)).toEqual(Array.from({ length: 301 }, (_, n) => n))
    expect(peer.records.map(({ seq }) => seq)).toEqual(Array.from({ length: 302 }, (_, n) => n + 1))
    expect(peer.hellos[0]).toMatchObject({ policyVersion: 1 })
  })

  it('sends a fresh record as soon as it is synced: no timer stands in between', async () => {
    const { console: peer, journal, tell } = await startLinkBench()
    await expect.poll(() => journal.acked?.seq, wait).toBe(1)
    const times: number[] = []
    for (let n = 0; n < 30; n += 1) {
      const before = performance.now()
      await tell(numbered(n))
      while (peer.records.length < n + 2) await new Promise((resolve) => setImmediate(resolve))
      times.push(performance.now() - before)
    }
    const median = times.toSorted((a, b) => a - b)[15] ?? 0
    expect(median).toBeLessThan(500)
  })

  it('never has more under way than the window, and goes on when acknowledged', async () => {
    const { console: peer, tell } = await startLinkBench((_, other) => {
      other.window = { records: 10, bytes: 1_000_000 }
      other.acknowledges = false
    })
    await Promise.all(Array.from({ length: 50 }, (_, n) => tell(numbered(n))))
    await expect.poll(() => peer.records.length, wait).toBe(10)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(peer.records.length).toBe(10)
    peer.acknowledges = true
    peer.acknowledge()
    await expect.poll(() => peer.records.length, wait).toBe(51)
  })

  it('goes on after a broken connection behind what the console has stored', async () => {
    const { console: peer, tell } = await startLinkBench()
    await Promise.all(Array.from({ length: 20 }, (_, n) => tell(numbered(n))))
    await expect.poll(() => peer.records.length, wait).toBe(21)
    peer.drop()
    await Promise.all(Array.from({ length: 20 }, (_, n) => tell(numbered(20 + n))))
    await expect.poll(() => peer.records.length, wait).toBe(41)
    expect(numbersOf(peer.records)).toEqual(Array.from({ length: 40 }, (_, n) => n))
    expect(peer.connections).toBe(2)
  })

  it('sends heartbeats at the pace that the console names', async () => {
    const { console: peer } = await startLinkBench()
    await expect.poll(() => peer.heartbeats, wait).toBeGreaterThan(3)
  })

  it('begins a new epoch where the console is ahead of its journal, and sends again what was not acknowledged', async () => {
    const { console: peer, journal } = await startLinkBench(async (before, other) => {
      await before.append('command.done', 500, buildFact(numbered(5)))
      other.stored.set(before.end.epoch, { epoch: before.end.epoch, seq: 9, head: 'cd'.repeat(32) })
    })
    await expect.poll(() => numbersOf(peer.records), wait).toEqual([5])
    expect(peer.records[0]?.fact).toMatchObject({
      kind: 'journal.opened',
      reason: 'console-ahead',
      previousSeq: 9,
    })
    expect(journal.end.epoch).not.toBe(peer.hellos[0]?.journal.epoch)
    expect(peer.hellos).toHaveLength(2)
  })

  it('begins a new epoch where the console has other content under the same number', async () => {
    const { console: peer } = await startLinkBench((before, other) => {
      const head = genesisHead('other', 'history').toString('hex')
      other.stored.set(before.end.epoch, { epoch: before.end.epoch, seq: 1, head })
    })
    await expect
      .poll(() => peer.records[0]?.fact, wait)
      .toMatchObject({ kind: 'journal.opened', reason: 'console-ahead', previousSeq: 1 })
  })

  it('says hello anew before it sends past a gap found only while reading', async () => {
    const {
      console: peer,
      journal,
      stateDir,
      tell,
    } = await startLinkBench((_, other) => {
      other.window = { records: 1, bytes: 1_000_000 }
      other.acknowledges = false
    })
    await expect.poll(() => peer.records.length, wait).toBe(1)
    await Promise.all(Array.from({ length: 120 }, (_, n) => tell(numbered(n))))
    const file = (await segmentFiles(`${stateDir}/journal`))[1] ?? ''
    const bytes = await readFile(file)
    bytes[200] = (bytes[200] ?? 0) ^ 1
    await writeFile(file, bytes)
    peer.window = { records: 100, bytes: 1_000_000 }
    peer.acknowledges = true
    peer.acknowledge()
    await expect.poll(() => journal.acked?.seq === journal.end.seq && peer.hellos.length, wait).toBe(2)
    const gap = peer.records.find(({ fact }) => fact.kind === 'journal.gap')
    expect(gap?.seq).toBeLessThanOrEqual(peer.hellos[1]?.journal.seq ?? 0)
    expect(peer.frames.filter((frame) => frame.gap !== null)).toHaveLength(1)
  })

  it('takes a newer signed policy and refuses an older, a foreign and an unsigned one', async () => {
    const { authority, console: peer, policy } = await startLinkBench()
    await expect.poll(() => peer.heartbeats, wait).toBeGreaterThan(0)
    peer.send({ v: 1, type: 'policy', envelope: authority.policy(testAgent, 3) })
    await expect.poll(() => policy.current.version, wait).toBe(3)
    peer.send({ v: 1, type: 'policy', envelope: authority.policy(testAgent, 2) })
    peer.send({ v: 1, type: 'policy', envelope: authority.policy('somebody-else', 4) })
    peer.send({
      v: 1,
      type: 'policy',
      envelope: { ...authority.policy(testAgent, 5), signature: `${'A'.repeat(86)}==` },
    })
    const kinds = () =>
      peer.records.map(({ fact }) => ('reason' in fact ? `${fact.kind} ${fact.reason}` : fact.kind))
    await expect
      .poll(() => kinds().slice(1), wait)
      .toEqual([
        'policy.applied',
        'policy.refused older-version',
        'policy.refused foreign-agent',
        'policy.refused bad-signature',
      ])
    expect(policy.current.version).toBe(3)
    expect(peer.errors.map(({ code }) => code)).toEqual(Array(3).fill('policy-refused'))
  })

  it('carries a signed command out once, and refuses it the second time', async () => {
    const { authority, console: peer, carriedOut } = await startLinkBench()
    await expect.poll(() => peer.heartbeats, wait).toBeGreaterThan(0)
    const command: Command = { v: 1, id: 'c1', agent: testAgent, issuedAtMs: 5, name: 'rescan' }
    const envelope = signEnvelope(
      'command',
      Buffer.from(JSON.stringify(command)),
      authority.policyKey.privateKey,
    )
    peer.send({ v: 1, type: 'command', envelope })
    peer.send({ v: 1, type: 'command', envelope })
    await expect.poll(() => peer.errors.map(({ code }) => code), wait).toEqual(['command-refused'])
    expect(carriedOut).toEqual(['c1'])
    expect(peer.records.at(-1)?.fact).toMatchObject({ kind: 'command.done', id: 'c1', outcome: 'done' })
  })

  it.each([
    ['not JSON', '{'],
    ['an unknown type', '{"v":1,"type":"shell"}'],
    ['an unknown field', '{"v":1,"type":"ack","stored":{"epoch":"e","seq":1,"head":"00"},"more":1}'],
    ['a future version', '{"v":2,"type":"ack"}'],
    [
      'an acknowledgement of what was never sent',
      `{"v":1,"type":"ack","stored":{"epoch":"e","seq":999,"head":"${'0'.repeat(64)}"}}`,
    ],
  ])('answers %s with an error, closes, and comes back', async (_, text) => {
    const { console: peer } = await startLinkBench()
    await expect.poll(() => peer.heartbeats, wait).toBeGreaterThan(0)
    peer.send(text)
    await expect.poll(() => peer.errors.length, wait).toBe(1)
    await expect.poll(() => peer.connections, wait).toBe(2)
    await expect.poll(() => peer.hellos.length, wait).toBe(2)
  })

  it('says in its status that somebody must act, and comes back only slowly, where the console does not know it', async () => {
    const { console: peer, link } = await startLinkBench((_, other) => {
      other.refuseWith = 'unknown-agent'
    })
    await expect
      .poll(() => link.status, wait)
      .toMatchObject({ phase: 'waiting', trouble: { code: 'unknown-agent', needsSomebody: true } })
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(peer.connections).toBe(1)
  })

  it('goes on sending over a new connection while an order of the earlier one hangs', async () => {
    const never = Promise.withResolvers<string>()
    const bench = await startLinkBench(undefined, { carryOut: () => never.promise })
    const { authority, console: peer, journal, tell } = bench
    await expect.poll(() => journal.acked?.seq, wait).toBe(1)
    const command: Command = { v: 1, id: 'c1', agent: testAgent, issuedAtMs: 5, name: 'rescan' }
    const payload = Buffer.from(JSON.stringify(command))
    const envelope = signEnvelope('command', payload, authority.policyKey.privateKey)
    peer.send({ v: 1, type: 'command', envelope })
    peer.drop()
    await tell(numbered(1))
    await expect.poll(() => journal.acked?.seq, wait).toBe(2)
    expect(peer.connections).toBe(2)
    never.resolve('done')
  })

  it('bounds the orders that wait, and says so', async () => {
    const never = Promise.withResolvers<string>()
    const { authority, console: peer } = await startLinkBench(undefined, { carryOut: () => never.promise })
    await expect.poll(() => peer.heartbeats, wait).toBeGreaterThan(0)
    for (let n = 0; n < 80; n += 1) {
      const command: Command = { v: 1, id: `c${n}`, agent: testAgent, issuedAtMs: 5, name: 'rescan' }
      const payload = Buffer.from(JSON.stringify(command))
      peer.send({
        v: 1,
        type: 'command',
        envelope: signEnvelope('command', payload, authority.policyKey.privateKey),
      })
    }
    await expect.poll(() => peer.errors[0]?.code, wait).toBe('limit-exceeded')
    never.resolve('done')
  })

  it('shows the newest receipt in hello', async () => {
    const { console: peer, journal, tell } = await startLinkBench()
    await tell(numbered(1))
    await expect.poll(() => journal.acked?.seq, wait).toBe(2)
    peer.drop()
    await expect.poll(() => peer.hellos.length, wait).toBe(2)
    expect(peer.hellos.map(({ receipt }) => receipt?.mac ?? null)).toEqual([null, standInReceipt(2)])
    expect(peer.hellos[1]?.receipt).toMatchObject({ seq: 2, head: journal.end.head })
  })

  it('sends again what a console restored from an older copy no longer has', async () => {
    const { console: peer, journal, tell } = await startLinkBench()
    await tell(numbered(0))
    await expect.poll(() => journal.acked?.seq, wait).toBe(2)
    const copy = new Map(peer.stored)
    for (let n = 1; n < 6; n += 1) await tell(numbered(n))
    await expect.poll(() => journal.acked?.seq, wait).toBe(7)
    peer.records.length = 0
    for (const [epoch, position] of copy) peer.stored.set(epoch, position)
    peer.drop()
    await expect.poll(() => numbersOf(peer.records), wait).toEqual([1, 2, 3, 4, 5])
    expect(peer.hellos[1]?.receipt?.seq).toBe(7)
  })

  it('keeps where it stands across a restart of the agent', async () => {
    const { console: peer, journal, stateDir, tell } = await startLinkBench()
    await tell(numbered(1))
    await expect.poll(() => peer.records.length, wait).toBe(2)
    await expect
      .poll(
        async () =>
          JSON.parse(
            await readFile(await epochFile(`${stateDir}/journal`, 'cursor.json'), 'utf8').catch(() => '{}'),
          ).acked?.seq,
        wait,
      )
      .toBe(journal.end.seq)
  })
})

describe('connecting', () => {
  it('does not trust a console of another authority, nor one of another name', async () => {
    const [ours, theirs] = await Promise.all([makeTestAuthority(), makeTestAuthority()])
    const stranger = await startStandInConsole(theirs)
    const misnamed = await startStandInConsole(ours, 0, ['console.example'])
    for (const peer of [stranger, misnamed]) {
      const { identity } = await makeEnrolledFolder(peer.port, ours)
      const fault = await new Promise<Error>((resolve, reject) => {
        const socket = connectToConsole(identity)
        socket.on('error', resolve)
        socket.on('open', () => reject(new Error('it opened')))
      })
      expect(troubleOf(fault)).toMatchObject({ code: 'authority-mismatch', needsSomebody: true })
      await peer.close()
    }
  })
})
