import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { chainHashOf, genesisHead, headAfter } from './chain.ts'
import type { Fact } from './events/facts.ts'
import {
  firstIndexOf,
  firstSealKey,
  generationOf,
  isSealMac,
  nextSealKey,
  RECORDS_PER_SEAL_MAX,
  sealMac,
} from './journal-seal.ts'
import { beginSealCheck, checkSeals, type SealVerdict } from './journal-seal-check.ts'
import { encodeRecord } from './parse-record.ts'

const secret = createHash('sha256').update('the console').digest()
const agent = 'agent-1'
const first = (generation: number) => firstSealKey(secret, agent, generation)

function keyAt(index: number): Buffer {
  let key = first(generationOf(index))
  for (let at = firstIndexOf(generationOf(index)); at < index; at += 1) key = nextSealKey(key)
  return key
}

/** A journal as an honest agent writes it, and whatever a test does to it. */
class Writer {
  check = beginSealCheck(0, first(0))
  readonly verdicts: SealVerdict[] = []
  epoch: string
  bootId = 'boot-1'
  seq = 0
  index = 0
  head: Buffer

  constructor(epoch = '0001-0000000000000000') {
    this.epoch = epoch
    this.head = genesisHead(agent, epoch)
  }

  write(fact: Fact = { kind: 'command.done', id: 'x', name: 'rescan', outcome: 'done' }): this {
    this.seq += 1
    const raw = encodeRecord({
      ...{ v: 1, agent, epoch: this.epoch, seq: this.seq, wallMs: 1, bootMs: 1, bootId: this.bootId },
      ...{ agentVersion: '0.1.0', policyVersion: 1, level: 'secret', networkMode: 'standalone' },
      ...{ sensor: 'agent', fact, decision: null },
    })
    this.head = headAfter(this.head, this.seq, raw, chainHashOf(this.epoch))
    const { epoch, seq, bootId } = this
    const entry = { agent, epoch, seq, raw, head: this.head.toString('hex'), bootId, fact }
    const step = checkSeals(this.check, entry, first)
    this.check = step.check
    if (step.verdict !== null) this.verdicts.push(step.verdict)
    return this
  }

  seal(index = this.index, key = keyAt(index)): this {
    const head = this.head.toString('hex')
    const mac = sealMac(key, { agent, epoch: this.epoch, index, upToSeq: this.seq, head })
    this.write({ kind: 'journal.sealed', index, upToSeq: this.seq, head, mac })
    this.index = index + 1
    return this
  }

  started(previous: 'clean-stop' | 'unclean-stop'): this {
    return this.write({ kind: 'agent.started', previous, pid: 1, uid: 0 })
  }

  get last(): SealVerdict | undefined {
    return this.verdicts.at(-1)
  }
}

describe('the keys and MACs of seals', () => {
  it('are what they were set to be for good', () => {
    const key = Buffer.alloc(32, 7)
    const place = { agent: 'a', epoch: 'e', index: 5, upToSeq: 9, head: 'ab'.repeat(32) }
    expect(nextSealKey(key).toString('hex')).toBe(
      createHash('sha256').update('shoukou.seal-key.v1\0').update(key).digest('hex'),
    )
    expect(sealMac(key, place)).toBe('f91534554e1007115b3ee5fbf797ce12f4b1419902ba52a4a7eb8cfe4b1265dd')
    expect(isSealMac(key, place, sealMac(key, place))).toBe(true)
    expect(isSealMac(key, { ...place, index: 6 }, sealMac(key, place))).toBe(false)
    expect(isSealMac(nextSealKey(key), place, sealMac(key, place))).toBe(false)
    expect(isSealMac(key, place, 'ab')).toBe(false)
  })
})

describe('the check of seals', () => {
  it('holds for an honest journal, over restarts and a second generation of keys', () => {
    const journal = new Writer().write().seal().write().write().seal().started('clean-stop').seal()
    expect(journal.verdicts.map(({ kind }) => kind)).toEqual(['held', 'held', 'held'])
    journal.write().seal(firstIndexOf(1))
    expect(journal.last).toEqual({ kind: 'unproven', why: 'key-lost' })
    expect(journal.write().seal().last).toMatchObject({ kind: 'held' })
  })

  it('holds for a journal chained with SM3, and breaks where a seal’s own head is of the other hash', () => {
    const journal = new Writer('sm3.0001-0000000000000000').write().seal().write().seal()
    expect(journal.verdicts.map(({ kind }) => kind)).toEqual(['held', 'held'])
    const other = new Writer('sm3.0001-0000000000000000').write()
    const place = { agent, epoch: other.epoch, index: 0, upToSeq: 1, head: other.head.toString('hex') }
    const fact: Fact = { kind: 'journal.sealed', ...place, mac: sealMac(first(0), place) }
    const raw = Buffer.from('the seal')
    const head = headAfter(other.head, 2, raw, 'sha-256').toString('hex')
    const entry = { agent, epoch: other.epoch, seq: 2, raw, head, bootId: 'boot-1', fact }
    expect(checkSeals(other.check, entry, first).verdict).toMatchObject({ fault: 'head-wrong' })
    const right = { ...entry, head: headAfter(other.head, 2, raw, 'sm3').toString('hex') }
    expect(checkSeals(other.check, right, first).verdict).toMatchObject({ kind: 'held' })
  })

  it('refuses an old entry sealed with a newer key', () => {
    // Records behind the first seal are cut off, and what is left is sealed with the key that was stolen later.
    const journal = new Writer().write().seal().write()
    expect(journal.seal(7).last).toMatchObject({ kind: 'missing', fault: 'index-skipped', expectedIndex: 1 })
    const posing = new Writer().write().seal().write()
    expect(posing.seal(1, keyAt(7)).last).toMatchObject({ kind: 'broken', fault: 'mac-wrong' })
  })

  it('refuses an index that came before, and a head that is not the journal’s', () => {
    const journal = new Writer().write().seal().write().seal().write()
    expect(journal.seal(0).last).toMatchObject({ kind: 'broken', fault: 'index-reused', expectedIndex: 2 })
    const other = new Writer().write()
    other.write({ kind: 'journal.sealed', index: 0, upToSeq: 1, head: 'cd'.repeat(32), mac: 'ef'.repeat(32) })
    expect(other.last).toMatchObject({ kind: 'broken', fault: 'head-wrong' })
  })

  it('says a break once, not at each seal behind it', () => {
    const journal = new Writer().write().seal().write().seal(1, keyAt(3)).write().seal().write().seal()
    expect(journal.verdicts.map(({ kind }) => kind)).toEqual(['held', 'broken', 'unproven', 'unproven'])
  })

  it('misses seals at the first record too many, and not one earlier', () => {
    const journal = new Writer().write().seal()
    for (let at = 0; at < RECORDS_PER_SEAL_MAX; at += 1) journal.write()
    expect(journal.verdicts).toHaveLength(1)
    expect(journal.write().last).toMatchObject({ kind: 'missing', fault: 'too-many-unsealed', index: null })
    for (let at = 0; at < 50; at += 1) journal.write()
    expect(journal.verdicts).toHaveLength(2)
  })

  it('accuses nobody of seals that went with numbers, with another epoch, or with the power', () => {
    const gap = new Writer().write().seal()
    gap.seq += 40
    expect(gap.write().seal(5).last).toEqual({ kind: 'unproven', why: 'gap' })
    expect(gap.write().seal().last).toMatchObject({ kind: 'held' })

    const fork = new Writer().write().seal().write().seal()
    fork.epoch = '0002-0000000000000000'
    fork.seq = 0
    fork.head = genesisHead(agent, fork.epoch)
    // Even an index that was used: the key went back with the journal.
    expect(fork.write().seal(1).last).toEqual({ kind: 'unproven', why: 'epoch' })

    const cut = new Writer().write().seal().write()
    cut.bootId = 'boot-2'
    expect(cut.started('unclean-stop').seal(3).last).toEqual({ kind: 'unproven', why: 'power-cut' })
    expect(cut.write().seal().last).toMatchObject({ kind: 'held' })
  })

  it('does not take a kill for a power cut: within one boot nothing that was synced is lost', () => {
    const journal = new Writer().write().seal().write().started('unclean-stop').seal(3)
    expect(journal.last).toMatchObject({ kind: 'missing', fault: 'index-skipped' })
  })

  it('does not count on an agent that said it lost its key, nor follow an index that is days away', () => {
    const journal = new Writer().write().seal()
    journal.write({
      ...{ kind: 'agent.altered', thing: 'state', what: 'seal-key-lost', path: null, found: 'at-start' },
      ...{ expectedHash: null, observedHash: null, isRestored: false, serviceState: null, account: null },
    })
    for (let at = 0; at < 2 * RECORDS_PER_SEAL_MAX; at += 1) journal.write()
    expect(journal.verdicts).toHaveLength(1)
    const far = new Writer().write()
    far.write({
      kind: 'journal.sealed',
      index: 5_000_000,
      upToSeq: 1,
      head: far.head.toString('hex'),
      mac: 'ef'.repeat(32),
    })
    expect(far.last).toEqual({ kind: 'unproven', why: 'too-far' })
  })

  it('proves nothing with a key that the console does not know', () => {
    const journal = new Writer()
    journal.check = beginSealCheck(0, null)
    expect(journal.write().seal().last).toEqual({ kind: 'unproven', why: 'key-unknown' })
  })
})
